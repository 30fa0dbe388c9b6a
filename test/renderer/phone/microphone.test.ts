import { beforeEach, describe, expect, it } from 'vitest';
import { createDevices, type DeviceInfo, type Devices } from '../../../renderer/phone/devices.ts';
import { createFakeDevices, type FakeDevices, twoHeadsets } from '../../../renderer/phone/fake-devices.ts';
import { createMicrophone, type Microphone } from '../../../renderer/phone/microphone.ts';
import type { DeviceState } from '../../../shared/phone.ts';
import { createManualClock, type ManualClock } from './lab/manual-clock.ts';

/** What a track is to the microphone. */
class FakeTrack extends EventTarget {
  readonly kind = 'audio';
  readyState = 'live';
  muted = false;
  readonly label: string;
  readonly #settings: { readonly deviceId: string; readonly groupId: string };

  constructor(device: DeviceInfo) {
    super();
    this.label = device.label;
    this.#settings = { deviceId: device.deviceId, groupId: device.groupId };
  }

  getSettings = () => this.#settings;
  stop(): void {
    this.readyState = 'ended';
  }
  pullOut(): void {
    this.readyState = 'ended';
    this.dispatchEvent(new Event('ended'));
  }
  systemMutes(isMuted: boolean): void {
    this.muted = isMuted;
    this.dispatchEvent(new Event(isMuted ? 'mute' : 'unmute'));
  }
}

let clock: ManualClock;
let fake: FakeDevices;
let devices: Devices;
let microphone: Microphone;
let there: readonly DeviceInfo[];
let opened: FakeTrack[];
let asked: (string | undefined)[];
let states: DeviceState[];
/** Order of what happened to the calls: a new track, and whether the old one was still live then. */
let given: { readonly label: string; readonly isOldLive: boolean }[];
let busy: Set<string>;
let fault: string | undefined;

const plug = (next: readonly DeviceInfo[]): void => {
  there = next;
  fake.plug(next, 3);
};

/** As Chromium does: only `exact` is followed. */
const getUserMedia = async (constraints: MediaStreamConstraints): Promise<MediaStream> => {
  const { audio } = constraints;
  const wish = typeof audio === 'object' ? audio.deviceId : undefined;
  const exact = typeof wish === 'object' && 'exact' in wish ? String(wish.exact) : undefined;
  asked.push(exact);
  await Promise.resolve();
  if (fault !== undefined) throw new DOMException('test', fault);
  const inputs = there.filter(({ kind }) => kind === 'audioinput');
  const found = exact === undefined ? inputs[0] : inputs.find(({ deviceId }) => deviceId === exact);
  if (found === undefined && exact !== undefined) throw new DOMException('test', 'OverconstrainedError');
  if (found === undefined) throw new DOMException('test', 'NotFoundError');
  if (busy.has(found.deviceId)) throw new DOMException('test', 'NotReadableError');
  const track = new FakeTrack(found);
  opened.push(track);
  return { getAudioTracks: () => [track] } as unknown as MediaStream;
};

beforeEach(() => {
  clock = createManualClock();
  there = twoHeadsets;
  fake = createFakeDevices();
  devices = createDevices({ devices: fake.source, storage: undefined, clock, canRoute: true });
  [opened, asked, states, given, busy, fault] = [[], [], [], [], new Set(), undefined];
  let last: MediaStreamTrack | undefined;
  microphone = createMicrophone({
    media: { getUserMedia } as unknown as MediaDevices,
    devices,
    permissions: undefined,
    onState: (state) => states.push(state),
    onTrack: (track) => {
      given.push({ label: track.label, isOldLive: last?.readyState === 'live' });
      last = track;
    },
  });
});

const choose = async (id: string | null): Promise<void> => {
  devices.choose('microphone', id);
  await clock.advance(10);
};

describe('the microphone', () => {
  it('MIC-1 the chosen one is opened', async () => {
    await devices.look();
    devices.choose('microphone', 'mic-b');
    expect(await microphone.open()).toEqual({ kind: 'ready', microphone: 'Headset B', speaker: 'Headset A' });
    expect(asked).toEqual(['mic-b']);
  });

  it('MIC-1 one that another program holds is answered with the default', async () => {
    await devices.look();
    devices.choose('microphone', 'mic-b');
    busy.add('mic-b');
    expect(await microphone.open()).toMatchObject({ kind: 'ready', microphone: 'Default - Headset A' });
    expect(asked).toEqual(['mic-b', undefined]);
    expect(devices.view().uses.microphone).toEqual({
      kind: 'held',
      id: 'mic-b',
      chosen: 'Headset B',
      label: 'Default - Headset A',
    });
    // Tried again whenever devices change.
    busy.clear();
    plug(twoHeadsets);
    await clock.advance(1_000);
    expect(microphone.track()?.label).toBe('Headset B');
    expect(devices.view().uses.microphone.kind).toBe('chosen');
  });

  it('MIC-1 one that is gone while nobody looked is answered with the default', async () => {
    await devices.look();
    devices.choose('microphone', 'mic-b');
    there = twoHeadsets.filter(({ groupId }) => groupId !== 'b');
    expect(await microphone.open()).toMatchObject({ kind: 'ready', microphone: 'Default - Headset A' });
    expect(asked).toEqual(['mic-b', undefined]);
  });

  it('MIC-1 a refusal of the agent is not asked twice', async () => {
    await devices.look();
    devices.choose('microphone', 'mic-b');
    fault = 'NotAllowedError';
    expect(await microphone.open()).toEqual({ kind: 'refused' });
    expect(asked).toEqual(['mic-b']);
  });

  it('MIC-2 another choice in a call: the new one is open before the old one is let go', async () => {
    await microphone.open();
    await choose('mic-b');
    expect(given).toEqual([
      { label: 'Default - Headset A', isOldLive: false },
      { label: 'Headset B', isOldLive: true },
    ]);
    expect(opened.map(({ readyState }) => readyState)).toEqual(['ended', 'live']);
    await choose(null);
    expect(given.at(-1)).toEqual({ label: 'Default - Headset A', isOldLive: true });
  });

  it('MIC-2 one that is pulled out is replaced at once, not after the burst', async () => {
    await devices.look();
    devices.choose('microphone', 'mic-b');
    await microphone.open();
    there = twoHeadsets.filter(({ groupId }) => groupId !== 'b');
    opened[0]?.pullOut();
    await clock.advance(0);
    expect(microphone.track()?.label).toBe('Default - Headset A');
    plug(there);
    await clock.advance(1_000);
    expect(given).toHaveLength(2);
    expect(devices.view().uses.microphone).toMatchObject({ kind: 'missing', chosen: 'Headset B' });
    plug(twoHeadsets);
    await clock.advance(1_000);
    expect(microphone.track()?.label).toBe('Headset B');
  });

  it('MIC-2 bursts that change nothing leave it alone; a new default replaces it', async () => {
    await microphone.open();
    plug(twoHeadsets);
    await clock.advance(1_000);
    expect(given).toHaveLength(1);
    const other = twoHeadsets.map((device) =>
      device.deviceId === 'default' ? { ...device, groupId: 'b', label: 'Default - Headset B' } : device,
    );
    plug(other);
    await clock.advance(1_000);
    expect(given.at(-1)).toEqual({ label: 'Default - Headset B', isOldLive: true });
  });

  it('MIC-3 a change while it is being opened is looked at afterwards', async () => {
    await devices.look();
    const opening = microphone.open();
    devices.choose('microphone', 'mic-b');
    await opening;
    await clock.advance(10);
    expect(microphone.track()?.label).toBe('Headset B');
    expect(opened.filter(({ readyState }) => readyState === 'live')).toHaveLength(1);
  });

  it('pulled out with nothing else there: said as absent, and taken again once something is', async () => {
    await microphone.open();
    there = [];
    opened[0]?.pullOut();
    await clock.advance(10);
    expect(states.at(-1)).toEqual({ kind: 'absent' });
    expect(microphone.track()).toBeUndefined();
    plug(twoHeadsets);
    await clock.advance(1_000);
    expect(microphone.track()?.readyState).toBe('live');
    expect(states.at(-1)?.kind).toBe('ready');
  });

  it('MUTE-5 tells when the system keeps it silent, of the open one only', async () => {
    await microphone.open();
    opened[0]?.systemMutes(true);
    expect(devices.view().system).toBe('muted');
    await choose('mic-b');
    expect(devices.view().system).toBe('open');
    opened[0]?.systemMutes(true);
    expect(devices.view().system).toBe('open');
    opened[1]?.systemMutes(true);
    microphone.close();
    expect(devices.view().system).toBe('open');
  });

  it('closed while it opens: let go of at once', async () => {
    const opening = microphone.open();
    microphone.close();
    expect(await opening).toEqual({ kind: 'unchecked' });
    expect(opened.every(({ readyState }) => readyState === 'ended')).toBe(true);
    plug(twoHeadsets);
    await clock.advance(1_000);
    expect(microphone.track()).toBeUndefined();
  });
});
