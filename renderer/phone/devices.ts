import {
  type ChosenDevices,
  ChosenDevices as ChosenSchema,
  type Device,
  type DeviceList,
  devicesFor,
  type DevicesView,
  DeviceUse,
  noDevices,
  nothingChosen,
  resolveDevice,
  viewOf,
} from '../../shared/devices.ts';
import type { Result } from '../../shared/result.ts';
import type { Clock } from './clock.ts';

/**
 * The devices of this computer and the agent's choice among them.
 *
 * - DEVICE-1 A choice is found again by id, else by name; one that is gone never blocks a call: the system's default serves, the desk
 *   says so, and the chosen one serves again once it is back.
 * - DEVICE-2 `devicechange` comes in bursts of two or three; looked at once they are over.
 */
export type Devices = {
  readonly view: () => DevicesView;
  readonly onView: (listener: (view: DevicesView) => void) => () => void;
  /** Devices came or went, or another one was chosen; the view is new already. */
  readonly onChange: (listener: () => void) => () => void;
  /** Looks at what is there now. */
  readonly look: () => Promise<DevicesView>;
  /** Null: the system's default. False for an id that is not there. */
  readonly choose: (use: DeviceUse, id: string | null) => boolean;
  /** The microphone to open; undefined: the system's default. */
  readonly microphoneId: () => string | undefined;
  /** The chosen one could not be opened and this one was instead; null: as chosen. */
  readonly setInstead: (label: string | null) => void;
  readonly setSystem: (system: DevicesView['system']) => void;
};

/** What a telephone lets its agent do about devices. */
export type PhoneDevices = {
  readonly devices: () => DevicesView;
  readonly onDevices: (listener: (view: DevicesView) => void) => () => void;
  /** Null: the system's default. In a running call the sound goes on with the other device. Refused for one that is not there. */
  readonly chooseDevice: (use: DeviceUse, id: string | null) => Result<Record<string, never>>;
  /** Speaker and ring: one tone there, resolves when it is over. Microphone: its meter runs for a minute, until a call or 'none'. */
  readonly testDevice: (what: DeviceUse | 'none') => Promise<Result<Record<string, never>>>;
};

/** The part of `MediaDevices` that lists them. */
export type DeviceSource = {
  enumerateDevices(): Promise<readonly DeviceInfo[]>;
  addEventListener(type: 'devicechange', listener: () => void): void;
};
export type DeviceInfo = Pick<MediaDeviceInfo, 'deviceId' | 'label' | 'groupId' | 'kind'>;

export type DevicesPlan = {
  readonly devices: DeviceSource | undefined;
  /** Undefined: choices last as long as the page. */
  readonly storage: Pick<Storage, 'getItem' | 'setItem'> | undefined;
  readonly clock: Clock;
  readonly canRoute: boolean;
};

/** DEVICE-2 */
export const burstMs = 300;
const storageKey = 'zuoxi.devices';

export const createDevices = ({ devices, storage, clock, canRoute }: DevicesPlan): Devices => {
  let chosen = readChosen(storage);
  let list = noDevices;
  let system: DevicesView['system'] = 'open';
  let instead: string | null = null;
  let view = viewOf(list, chosen, { canRoute, system });
  let stopBurst = (): void => {};
  /** A slow answer must not undo a newer one. */
  let round = 0;
  const viewEars = new Set<(view: DevicesView) => void>();
  const changeEars = new Set<() => void>();

  const publish = (): void => {
    const found = viewOf(list, chosen, { canRoute, system });
    const next = instead === null ? found : withHeld(found, instead);
    // Bursts bring the same list again and again.
    if (JSON.stringify(next) === JSON.stringify(view)) return;
    view = next;
    for (const listener of viewEars) listener(view);
  };
  const look = async (): Promise<DevicesView> => {
    round += 1;
    const mine = round;
    const found = await devices?.enumerateDevices().catch(() => undefined);
    if (found === undefined || mine !== round) return view;
    list = listOf(found);
    const named = withPresentIds(list, chosen);
    if (named !== chosen) keep(named);
    publish();
    return view;
  };
  const keep = (next: ChosenDevices): void => {
    chosen = next;
    try {
      storage?.setItem(storageKey, JSON.stringify(next));
    } catch {
      // A full or forbidden storage costs the memory of the choice, not the choice.
    }
  };
  devices?.addEventListener('devicechange', () => {
    stopBurst();
    stopBurst = clock.after(burstMs, () => {
      void look().then(() => {
        for (const listener of changeEars) listener();
      });
    });
  });

  return {
    view: () => view,
    onView: (listener) => {
      viewEars.add(listener);
      return () => viewEars.delete(listener);
    },
    onChange: (listener) => {
      changeEars.add(listener);
      return () => changeEars.delete(listener);
    },
    look,
    choose: (use, id) => {
      const device = id === null ? null : devicesFor(list, use).find((one) => one.id === id);
      if (device === undefined) return false;
      keep({ ...chosen, [use]: device });
      // Not known of this one yet.
      if (use === 'microphone') instead = null;
      publish();
      for (const listener of changeEars) listener();
      return true;
    },
    microphoneId: () => {
      const wanted = resolveDevice(list, 'microphone', chosen.microphone);
      return wanted.kind === 'chosen' ? wanted.id : undefined;
    },
    setInstead: (label) => {
      instead = label;
      publish();
    },
    setSystem: (next) => {
      system = next;
      publish();
    },
  };
};

/** What was found again under another id is remembered by that one from now on. */
const withPresentIds = (list: DeviceList, chosen: ChosenDevices): ChosenDevices => {
  let next = chosen;
  for (const use of DeviceUse.options) {
    const kept = chosen[use];
    const now = resolveDevice(list, use, kept);
    if (kept === null || now.kind !== 'chosen' || now.id === kept.id) continue;
    const found = devicesFor(list, use).find(({ id }) => id === now.id);
    if (found !== undefined) next = { ...next, [use]: found };
  }
  return next;
};

const withHeld = (view: DevicesView, label: string): DevicesView => {
  const { microphone } = view.uses;
  if (microphone.kind !== 'chosen') return view;
  const held = { kind: 'held', id: microphone.id, chosen: microphone.label, label } as const;
  return { ...view, uses: { ...view.uses, microphone: held } };
};

const readChosen = (storage: DevicesPlan['storage']): ChosenDevices => {
  try {
    const kept = ChosenSchema.safeParse(JSON.parse(storage?.getItem(storageKey) ?? 'null'));
    return kept.success ? kept.data : nothingChosen;
  } catch {
    return nothingChosen;
  }
};

/** Stand-ins of Chromium for the system's choice; listed beside the devices they stand for. */
const standIns = new Set(['default', 'communications', '']);

/** Browsers list the system's default first or as a device of its own named 'default'. */
const listOf = (found: readonly DeviceInfo[]): DeviceList => {
  const of = (kind: MediaDeviceKind): { all: Device[]; standard: Device | null } => {
    const mine = found.filter((device) => device.kind === kind);
    const all = mine.filter(({ deviceId }) => !standIns.has(deviceId)).map(deviceOf);
    const standIn = mine.find(({ deviceId }) => deviceId === 'default');
    const same = all.find(({ groupId, label }) => standIn?.groupId === groupId && standIn.label.endsWith(label));
    const standard = same ?? (standIn === undefined ? (all[0] ?? null) : deviceOf(standIn));
    return { all: all.slice(0, 50), standard };
  };
  const [microphones, speakers] = [of('audioinput'), of('audiooutput')];
  return {
    microphones: microphones.all,
    speakers: speakers.all,
    standard: { microphone: microphones.standard, speaker: speakers.standard },
  };
};

const deviceOf = ({ deviceId, label, groupId }: DeviceInfo): Device => ({
  id: deviceId.slice(0, 300),
  label: label.slice(0, 200),
  groupId: groupId.slice(0, 300),
});
