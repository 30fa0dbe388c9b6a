import { beforeEach, describe, expect, it } from 'vitest';
import { createDevices, type DeviceInfo, type Devices } from '../../../renderer/phone/devices.ts';
import { createFakeDevices, type FakeDevices, twoHeadsets } from '../../../renderer/phone/fake-devices.ts';
import { createManualClock, type ManualClock } from './lab/manual-clock.ts';

const without = (label: string): DeviceInfo[] => twoHeadsets.filter((device) => !device.label.endsWith(label));
const nextIds = (): DeviceInfo[] => twoHeadsets.map((device) => ({ ...device, deviceId: `${device.deviceId}-2` }));

let clock: ManualClock;
let fake: FakeDevices;
let kept: Map<string, string>;
let storage: Pick<Storage, 'getItem' | 'setItem'>;
const open = (of: FakeDevices = fake): Devices => createDevices({ devices: of.source, storage, clock, canRoute: true });

beforeEach(() => {
  clock = createManualClock();
  fake = createFakeDevices();
  kept = new Map();
  storage = { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => void kept.set(key, value) };
});

describe('the devices of this computer', () => {
  it('stand-ins for the system’s choice are no devices of their own', async () => {
    const { list } = await open().look();
    expect(list.microphones.map(({ id }) => id)).toEqual(['mic-a', 'mic-b']);
    expect(list.speakers.map(({ id }) => id)).toEqual(['out-a', 'out-b', 'out-c']);
    expect(list.standard.microphone?.label).toBe('Headset A');
  });

  it('DEVICE-1 a choice outlives the page, by id', async () => {
    const first = open();
    await first.look();
    expect(first.choose('microphone', 'mic-b')).toBe(true);
    expect(first.choose('ring', 'out-c')).toBe(true);
    expect((await open().look()).uses).toEqual({
      microphone: { kind: 'chosen', id: 'mic-b', label: 'Headset B' },
      speaker: { kind: 'standard', label: 'Headset A' },
      ring: { kind: 'chosen', id: 'out-c', label: 'Loudspeaker' },
    });
  });

  it('DEVICE-1 and when ids change, by name; from then on by the new id', async () => {
    const first = open();
    await first.look();
    first.choose('speaker', 'out-b');
    fake.plug(nextIds());
    expect((await open().look()).uses.speaker).toMatchObject({ kind: 'chosen', id: 'out-b-2' });
    expect(kept.get('zuoxi.devices')).toContain('out-b-2');
  });

  it('DEVICE-1 gone: the default serves and it is said; back: it serves again', async () => {
    const devices = open();
    await devices.look();
    devices.choose('microphone', 'mic-b');
    fake.plug(without('Headset B'));
    await clock.advance(1_000);
    expect(devices.view().uses.microphone).toEqual({ kind: 'missing', chosen: 'Headset B', label: 'Headset A' });
    fake.plug(twoHeadsets);
    await clock.advance(1_000);
    expect(devices.view().uses.microphone).toMatchObject({ kind: 'chosen', id: 'mic-b' });
  });

  it('DEVICE-2 a burst is looked at once, and what stays the same is not told again', async () => {
    const devices = open();
    await devices.look();
    const [views, changes] = [[], []] as [unknown[], unknown[]];
    devices.onView((view) => views.push(view));
    devices.onChange(() => changes.push(0));
    fake.plug(without('Headset B'), 3);
    await clock.advance(1_000);
    expect([views.length, changes.length]).toEqual([1, 1]);
    fake.plug(without('Headset B'), 3);
    await clock.advance(1_000);
    expect([views.length, changes.length]).toEqual([1, 2]);
  });

  it('an id that is not there is not chosen; null is the default again', async () => {
    const devices = open();
    await devices.look();
    expect(devices.choose('microphone', 'out-a')).toBe(false);
    expect(devices.choose('microphone', 'mic-b')).toBe(true);
    expect(devices.choose('microphone', null)).toBe(true);
    expect(devices.view().uses.microphone).toEqual({ kind: 'standard', label: 'Headset A' });
  });

  it.each(['', 'not json', '{"microphone":7}', 'null', '[]', '{"microphone":null}'])(
    'a memory that reads %s is no memory',
    async (text) => {
      kept.set('zuoxi.devices', text);
      expect((await open().look()).uses.microphone.kind).toBe('standard');
    },
  );

  it('a storage that throws costs the memory, not the choice', async () => {
    const broken = (): never => {
      throw new Error('forbidden');
    };
    storage = { getItem: broken, setItem: broken };
    const devices = open();
    await devices.look();
    expect(devices.choose('speaker', 'out-b')).toBe(true);
    expect(devices.view().uses.speaker).toMatchObject({ id: 'out-b' });
  });

  it('without a way to list devices there is the default', async () => {
    const devices = createDevices({ devices: undefined, storage, clock, canRoute: false });
    expect((await devices.look()).uses.speaker).toEqual({ kind: 'standard', label: '' });
    const failing = createDevices({
      devices: { enumerateDevices: () => Promise.reject(new Error('no')), addEventListener: () => {} },
      storage,
      clock,
      canRoute: false,
    });
    expect((await failing.look()).list.microphones).toEqual([]);
  });
});
