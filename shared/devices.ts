import { z } from 'zod';

/**
 * Which device the agent speaks into, hears from and is rung on.
 *
 * A choice is kept by more than its id: ids change with the browser's profile, its permissions and the origin, so a device is found
 * again by id, else by its name. One that is not there never blocks anything: the system's default serves until it comes back.
 */
export const DeviceUse = z.enum(['microphone', 'speaker', 'ring']);
export type DeviceUse = z.infer<typeof DeviceUse>;

/** As the browser names it; `groupId` is the same for the parts of one headset. */
export const Device = z.object({
  id: z.string().min(1).max(300),
  label: z.string().max(200),
  groupId: z.string().max(300),
});
export type Device = z.infer<typeof Device>;

/** What is plugged in. `standard` is the system's default, null when there is none or nobody may know. */
export const DeviceList = z.object({
  microphones: z.array(Device).max(50),
  speakers: z.array(Device).max(50),
  standard: z.object({ microphone: Device.nullable(), speaker: Device.nullable() }),
});
export type DeviceList = z.infer<typeof DeviceList>;

export const noDevices: DeviceList = {
  microphones: [],
  speakers: [],
  standard: { microphone: null, speaker: null },
};

/** What serves a use now. `label` is empty when the browser does not say. */
export const DeviceInUse = z.discriminatedUnion('kind', [
  /** Nothing was chosen: the system's default. */
  z.object({ kind: z.literal('standard'), label: z.string().max(200) }),
  z.object({ kind: z.literal('chosen'), id: z.string().max(300), label: z.string().max(200) }),
  /** It is there and cannot be opened, mostly because another program holds it: another one until then. */
  z.object({
    kind: z.literal('held'),
    id: z.string().max(300),
    chosen: z.string().max(200),
    label: z.string().max(200),
  }),
  /** What was chosen is not there: the system's default until it is. */
  z.object({ kind: z.literal('missing'), chosen: z.string().max(200), label: z.string().max(200) }),
]);
export type DeviceInUse = z.infer<typeof DeviceInUse>;

export const DevicesInUse = z.record(DeviceUse, DeviceInUse);
export type DevicesInUse = z.infer<typeof DevicesInUse>;

/** The agent's choices as kept on this machine; null: the system's default. */
export const ChosenDevices = z.record(DeviceUse, Device.nullable());
export type ChosenDevices = z.infer<typeof ChosenDevices>;
export const nothingChosen: ChosenDevices = { microphone: null, speaker: null, ring: null };

export const devicesFor = (list: DeviceList, use: DeviceUse): readonly Device[] =>
  use === 'microphone' ? list.microphones : list.speakers;

/**
 * The device that serves a use, of those plugged in.
 * @param chosen null: the system's default
 */
export const resolveDevice = (list: DeviceList, use: DeviceUse, chosen: Device | null): DeviceInUse => {
  const label = list.standard[use === 'microphone' ? 'microphone' : 'speaker']?.label ?? '';
  if (chosen === null) return { kind: 'standard', label };
  const all = devicesFor(list, use);
  const found = foundAgain(all, chosen);
  if (found !== undefined) return { kind: 'chosen', id: found.id, label: found.label };
  // Before the microphone is allowed nothing has a name: what nobody can see is not called missing.
  if ([...list.microphones, ...list.speakers].every((device) => device.label === ''))
    return { kind: 'chosen', id: chosen.id, label: chosen.label };
  return { kind: 'missing', chosen: chosen.label, label };
};

const foundAgain = (all: readonly Device[], chosen: Device): Device | undefined => {
  const same = all.find(({ id }) => id === chosen.id);
  if (same !== undefined) return same;
  if (chosen.label === '') return undefined;
  // Two headsets of one make have one name: the one of the same group, else the first of them.
  const alike = all.filter(({ label }) => label === chosen.label);
  return alike.find(({ groupId }) => groupId !== '' && groupId === chosen.groupId) ?? alike[0];
};

/**
 * What the desk shows. `canRoute`: this browser can send sound elsewhere than to the system's default. `system`: whether the system,
 * or a switch at the device it knows of, keeps the microphone silent.
 */
export const DevicesView = z.object({
  list: DeviceList,
  uses: DevicesInUse,
  canRoute: z.boolean(),
  system: z.enum(['open', 'muted']),
});
export type DevicesView = z.infer<typeof DevicesView>;

export const viewOf = (
  list: DeviceList,
  chosen: ChosenDevices,
  rest: Pick<DevicesView, 'canRoute' | 'system'>,
): DevicesView => ({
  list,
  uses: {
    microphone: resolveDevice(list, 'microphone', chosen.microphone),
    speaker: resolveDevice(list, 'speaker', chosen.speaker),
    ring: resolveDevice(list, 'ring', chosen.ring),
  },
  ...rest,
});

export const noDevicesView: DevicesView = viewOf(noDevices, nothingChosen, { canRoute: false, system: 'open' });

/**
 * The exchange's echo test: a number that gives back what it hears (`6099` of the reference configuration in central/asterisk; an
 * operator's own exchange is set up with the same), how long it may take to answer, and how long the agent listens.
 */
export const echoTest = { number: '6099', answerMs: 8_000, lastsMs: 10_000 } as const;

/** The headset's buttons and lights. */
export const HeadsetView = z.discriminatedUnion('kind', [
  /** This browser has no way to them. */
  z.object({ kind: z.literal('unsupported') }),
  z.object({ kind: z.literal('none') }),
  z.object({ kind: z.literal('connected'), name: z.string().max(200), hook: z.boolean(), mute: z.boolean() }),
  /** Pulled out; connects by itself when it comes back. */
  z.object({ kind: z.literal('away'), name: z.string().max(200) }),
]);
export type HeadsetView = z.infer<typeof HeadsetView>;
