import type { DeviceState } from '../../shared/phone.ts';
import type { Clock } from './clock.ts';

/**
 * The microphone, opened once and kept open while the agent is signed in: the first opening in a browser takes up to 210 ms and
 * a Bluetooth headset needs seconds to change over, both too long after the answer key.
 *
 * - DEVICE-1 No device is remembered by name: what the system calls its default is used, so a headset that is gone never
 *   blocks a call.
 * - DEVICE-2 `devicechange` comes in bursts of two or three; looked at once they are over.
 * - DEVICE-3 A microphone that ended or stopped being the default is replaced, in a running call as well.
 */
export type Microphone = {
  readonly track: () => MediaStreamTrack | undefined;
  /** Opens it unless it is open; tells the state reached. Never rejects. */
  readonly open: () => Promise<DeviceState>;
  /** Opens it when that needs no question to the agent. */
  readonly openIfAllowed: () => Promise<void>;
  readonly close: () => void;
};

type MicrophonePlan = {
  readonly devices: MediaDevices | undefined;
  readonly permissions: Permissions | undefined;
  readonly clock: Clock;
  readonly onState: (state: DeviceState) => void;
  /** Another track than before, if there was one; the old one is silent from now on. */
  readonly onTrack: (track: MediaStreamTrack) => void;
};

/** DEVICE-2 */
const burstMs = 300;
const audio: MediaTrackConstraints = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };

export const createMicrophone = ({ devices, permissions, clock, onState, onTrack }: MicrophonePlan): Microphone => {
  let track: MediaStreamTrack | undefined;
  let opening: Promise<DeviceState> | undefined;
  let isWanted = false;
  let stopBurst = (): void => {};

  const openNow = async (): Promise<DeviceState> => {
    if (devices === undefined) return { kind: 'failed' };
    try {
      const stream = await devices.getUserMedia({ audio });
      const [fresh] = stream.getAudioTracks();
      if (fresh === undefined) return { kind: 'absent' };
      if (!isWanted) {
        fresh.stop();
        return { kind: 'unchecked' };
      }
      const old = track;
      track = fresh;
      fresh.addEventListener('ended', changed);
      old?.removeEventListener('ended', changed);
      // Also when there was none: a call may have outlived its microphone.
      onTrack(fresh);
      old?.stop();
      return { kind: 'ready', microphone: shortened(fresh.label), speaker: await speakerName(devices) };
    } catch (error) {
      return faultState(error);
    }
  };
  const reopen = (): Promise<DeviceState> => {
    opening ??= openNow().then((state) => {
      opening = undefined;
      if (isWanted) onState(state);
      return state;
    });
    return opening;
  };

  /** DEVICE-2, DEVICE-3 */
  const changed = (): void => {
    if (!isWanted) return;
    stopBurst();
    stopBurst = clock.after(burstMs, () => void recheck());
  };
  const recheck = async (): Promise<void> => {
    if (!isWanted || devices === undefined) return;
    if (track?.readyState === 'live' && (await isStillDefault(devices, track))) {
      onState({ kind: 'ready', microphone: shortened(track.label), speaker: await speakerName(devices) });
      return;
    }
    const state = await reopen();
    // Nothing to talk into any more: what ended must not look open.
    if (state.kind !== 'ready' && track?.readyState !== 'live') track = undefined;
  };
  devices?.addEventListener('devicechange', changed);

  return {
    track: () => (track?.readyState === 'live' ? track : undefined),
    open: async () => {
      isWanted = true;
      if (devices !== undefined && track?.readyState === 'live') {
        const state: DeviceState = {
          kind: 'ready',
          microphone: shortened(track.label),
          speaker: await speakerName(devices),
        };
        onState(state);
        return state;
      }
      return reopen();
    },
    openIfAllowed: async () => {
      isWanted = true;
      const status = await permissions?.query({ name: 'microphone' }).catch(() => undefined);
      if (status?.state === 'granted' && isWanted && track === undefined) await reopen();
    },
    close: () => {
      isWanted = false;
      stopBurst();
      track?.removeEventListener('ended', changed);
      track?.stop();
      track = undefined;
    },
  };
};

const shortened = (label: string): string => label.slice(0, 200);

const speakerName = async (devices: MediaDevices): Promise<string> => {
  const all = await devices.enumerateDevices().catch(() => []);
  const speakers = all.filter((device) => device.kind === 'audiooutput');
  return shortened((speakers.find((device) => device.deviceId === 'default') ?? speakers[0])?.label ?? '');
};

/** False when the system's default is another physical device now (browsers keep the id 'default' and change its group). */
const isStillDefault = async (devices: MediaDevices, track: MediaStreamTrack): Promise<boolean> => {
  const all = await devices.enumerateDevices().catch(() => []);
  const microphones = all.filter((device) => device.kind === 'audioinput');
  const standard = microphones.find((device) => device.deviceId === 'default') ?? microphones[0];
  return standard === undefined ? false : standard.groupId === track.getSettings().groupId;
};

/** getUserMedia's error names (Media Capture and Streams, 10.2). */
const faultState = (error: unknown): DeviceState => {
  switch (error instanceof DOMException ? error.name : '') {
    case 'NotAllowedError':
    case 'SecurityError':
      return { kind: 'refused' };
    case 'NotFoundError':
    case 'OverconstrainedError':
      return { kind: 'absent' };
    case 'NotReadableError':
    case 'AbortError':
      return { kind: 'inUse' };
    default:
      return { kind: 'failed' };
  }
};
