import type { DeviceState } from '../../shared/phone.ts';
import type { Devices } from './devices.ts';

/**
 * The microphone, opened once and kept open while the agent is signed in: the first opening in a browser takes up to 210 ms and
 * a Bluetooth headset needs seconds to change over, both too long after the answer key.
 *
 * - MIC-1 When the chosen device cannot be opened (it is gone, or another program holds it) the system's default serves (DEVICE-1).
 * - MIC-2 A microphone that ended is replaced at once; one that is no longer the right one (chosen, come back, or the system's default
 *   changed) when the burst of `devicechange` is over. In a running call as well: the new one is open before the old one is let go.
 * - MIC-3 One opening at a time; a change meanwhile is looked at after it.
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
  readonly media: MediaDevices | undefined;
  readonly devices: Devices;
  readonly permissions: Permissions | undefined;
  readonly onState: (state: DeviceState) => void;
  /** Another track than before, if there was one; the old one is silent from now on. */
  readonly onTrack: (track: MediaStreamTrack) => void;
};

const audio: MediaTrackConstraints = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };

export const createMicrophone = (plan: MicrophonePlan): Microphone => new KeptMicrophone(plan);

class KeptMicrophone implements Microphone {
  readonly #plan: MicrophonePlan;
  #track: MediaStreamTrack | undefined;
  #opening: Promise<DeviceState> | undefined;
  #isWanted = false;
  /** MIC-3 */
  #isDoubted = false;

  constructor(plan: MicrophonePlan) {
    this.#plan = plan;
    plan.devices.onChange(() => void this.#recheck());
  }

  track = (): MediaStreamTrack | undefined => (this.#track?.readyState === 'live' ? this.#track : undefined);

  open = async (): Promise<DeviceState> => {
    this.#isWanted = true;
    if (this.track() === undefined) return this.#reopen();
    await this.#plan.devices.look();
    const state = this.#readyState();
    this.#plan.onState(state);
    return state;
  };

  openIfAllowed = async (): Promise<void> => {
    this.#isWanted = true;
    const status = await this.#plan.permissions?.query({ name: 'microphone' }).catch(() => undefined);
    if (status?.state === 'granted' && this.#isWanted && this.#track === undefined) await this.#reopen();
  };

  close = (): void => {
    this.#isWanted = false;
    this.#letGo(this.#track);
    this.#track = undefined;
    this.#plan.devices.setInstead(null);
    this.#plan.devices.setSystem('open');
  };

  /** MIC-2 */
  async #recheck(): Promise<void> {
    if (!this.#isWanted) return;
    if (this.#opening !== undefined) {
      this.#isDoubted = true;
      return;
    }
    if (this.track() !== undefined && this.#isRight()) return this.#plan.onState(this.#readyState());
    await this.#reopen();
  }

  #reopen(): Promise<DeviceState> {
    this.#opening ??= this.#openNow().then((state) => {
      this.#opening = undefined;
      // Nothing to talk into any more: what ended must not look open.
      if (this.track() === undefined) this.#track = undefined;
      if (this.#isWanted) this.#plan.onState(state);
      if (this.#isDoubted) {
        this.#isDoubted = false;
        void this.#recheck();
      }
      return state;
    });
    return this.#opening;
  }

  async #openNow(): Promise<DeviceState> {
    const { media, devices, onTrack } = this.#plan;
    if (media === undefined) return { kind: 'failed' };
    try {
      await devices.look();
      const wanted = devices.microphoneId();
      const stream = await openStream(media, wanted);
      const [fresh] = stream.getAudioTracks();
      if (fresh === undefined) return { kind: 'absent' };
      if (!this.#isWanted) {
        fresh.stop();
        return { kind: 'unchecked' };
      }
      const old = this.#track;
      this.#track = fresh;
      fresh.addEventListener('ended', this.#ended);
      fresh.addEventListener('mute', this.#heardSystem);
      fresh.addEventListener('unmute', this.#heardSystem);
      this.#heardSystem();
      const isWanted = wanted === undefined || fresh.getSettings().deviceId === wanted;
      devices.setInstead(isWanted ? null : fresh.label.slice(0, 200));
      // Also when there was none: a call may have outlived its microphone.
      onTrack(fresh);
      this.#letGo(old);
      // Names are known only once a microphone is open.
      await devices.look();
      return this.#readyState();
    } catch (error) {
      return faultState(error);
    }
  }

  readonly #ended = (): void => void this.#recheck();

  readonly #heardSystem = (): void => this.#plan.devices.setSystem(this.#track?.muted === true ? 'muted' : 'open');

  #letGo(track: MediaStreamTrack | undefined): void {
    track?.removeEventListener('ended', this.#ended);
    track?.removeEventListener('mute', this.#heardSystem);
    track?.removeEventListener('unmute', this.#heardSystem);
    track?.stop();
  }

  /** Whether the open one is the one that should serve (browsers keep the id 'default' and change its group). */
  #isRight(): boolean {
    const { devices } = this.#plan;
    const { list } = devices.view();
    const wanted = devices.microphoneId();
    const settings = this.#track?.getSettings();
    if (wanted !== undefined) return settings?.deviceId === wanted;
    const { microphone } = list.standard;
    return microphone !== null && settings?.groupId === microphone.groupId;
  }

  #readyState(): DeviceState {
    const { uses } = this.#plan.devices.view();
    return {
      kind: 'ready',
      microphone: (this.#track?.label ?? '').slice(0, 200),
      speaker: uses.speaker.label,
    };
  }
}

/** MIC-1. `exact`, because Chromium opens its default when the id is only `ideal`; any failure but a refusal is tried without it. */
const openStream = async (media: MediaDevices, id: string | undefined): Promise<MediaStream> => {
  if (id === undefined) return media.getUserMedia({ audio });
  try {
    return await media.getUserMedia({ audio: { ...audio, deviceId: { exact: id } } });
  } catch (error) {
    if (faultState(error).kind === 'refused') throw error;
    return media.getUserMedia({ audio });
  }
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
