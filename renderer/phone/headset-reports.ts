import type { Button, ButtonPress, Lights } from './headset-port.ts';

/**
 * Where buttons and lights are in the reports of a headset (HID 1.11 section 6.2.2, HID Usage Tables 1.5 chapters 11 and 14), read from
 * the report descriptor as WebHID gives it. Usages are 32 bits: page, then id.
 */
export type HidItem = {
  readonly usages?: readonly number[];
  readonly isRange?: boolean;
  readonly usageMinimum?: number;
  readonly usageMaximum?: number;
  /** False: the value says how much it changed, for a button: that it was pressed. */
  readonly isAbsolute?: boolean;
  readonly isArray?: boolean;
  readonly isConstant?: boolean;
  readonly reportSize?: number;
  readonly reportCount?: number;
  readonly logicalMinimum?: number;
};
export type HidReport = { readonly reportId?: number; readonly items?: readonly HidItem[] };
export type HidCollection = {
  readonly usagePage?: number;
  readonly usage?: number;
  readonly children?: readonly HidCollection[];
  readonly inputReports?: readonly HidReport[];
  readonly outputReports?: readonly HidReport[];
};

export const telephonyPage = 0x0b;
const buttonUsages: Readonly<Record<Button, number>> = { hook: 0x0b_0020, mute: 0x0b_002f };
const lightUsages: Readonly<Record<keyof Lights, readonly number[]>> = {
  offHook: [0x08_0017],
  // Some makers put the ringer on the telephony page.
  ring: [0x08_0018, 0x0b_009e],
  mute: [0x08_0009],
  hold: [0x08_0020],
};
const lightNames = ['offHook', 'ring', 'mute', 'hold'] as const satisfies readonly (keyof Lights)[];

/** A field of a report: `size` bits from bit `at`. `index`: of an array, the value that stands for this usage. */
type Field = {
  readonly reportId: number;
  readonly at: number;
  readonly size: number;
  readonly isAbsolute: boolean;
  readonly index: number | undefined;
};
type ButtonField = Field & { readonly button: Button };
type LightField = Field & { readonly light: keyof Lights };

export type HeadsetLayout = {
  readonly buttons: readonly ButtonField[];
  readonly lights: readonly LightField[];
  /** Length of each output report in bytes. */
  readonly sizes: ReadonlyMap<number, number>;
};

/** The layout of a device's telephony parts; undefined when it has neither hook nor mute. */
export const layoutOf = (collections: readonly HidCollection[]): HeadsetLayout | undefined => {
  const mine = collections.filter(({ usagePage }) => usagePage === telephonyPage);
  const inputs = mine.flatMap((collection) => reportsIn(collection, 'inputReports'));
  const outputs = mine.flatMap((collection) => reportsIn(collection, 'outputReports'));
  const buttons = inputs.flatMap((report) =>
    fieldsOf(report).flatMap(({ usage, field }): ButtonField[] => {
      if (usage === buttonUsages.hook) return [{ ...field, button: 'hook' }];
      return usage === buttonUsages.mute ? [{ ...field, button: 'mute' }] : [];
    }),
  );
  if (buttons.length === 0) return undefined;
  const lights = outputs.flatMap((report) =>
    fieldsOf(report).flatMap(({ usage, field }): LightField[] => {
      const light = lightNames.find((name) => lightUsages[name].includes(usage));
      return light === undefined ? [] : [{ ...field, light }];
    }),
  );
  const sizes = new Map(
    outputs.map((report) => [
      report.reportId ?? 0,
      Math.ceil((report.items ?? []).reduce((bits, item) => bits + bitsOf(item), 0) / 8),
    ]),
  );
  return { buttons, lights, sizes };
};

/** A report as its outermost collection lists it: there its items are complete, and offsets right. */
const reportsIn = (
  collection: HidCollection,
  which: 'inputReports' | 'outputReports',
): readonly (HidReport & { readonly items?: readonly HidItem[] })[] => {
  const own = collection[which] ?? [];
  const inner = (collection.children ?? []).flatMap((child) => reportsIn(child, which));
  const isOwn = (report: HidReport): boolean => own.some(({ reportId }) => reportId === report.reportId);
  return [...own, ...inner.filter((report) => !isOwn(report))];
};

const bitsOf = ({ reportSize = 0, reportCount = 0 }: HidItem): number => reportSize * reportCount;

type Placed = { readonly usage: number; readonly field: Field };
const fieldsOf = ({ reportId = 0, items = [] }: HidReport): readonly Placed[] => {
  let at = 0;
  return items.flatMap((item): Placed[] => {
    const start = at;
    at += bitsOf(item);
    if (item.isConstant === true) return [];
    const { reportSize: size = 0, reportCount: count = 0, isAbsolute = true, logicalMinimum = 0 } = item;
    if (size === 0 || size > 32) return [];
    const usages = usagesOf(item);
    const base = { reportId, size, isAbsolute };
    if (item.isArray !== true)
      return usages
        .slice(0, count)
        .map((usage, nth) => ({ usage, field: { ...base, at: start + nth * size, index: undefined } }));
    // Each place of an array may hold any of its usages.
    return usages.flatMap((usage, nth) =>
      Array.from({ length: count }, (_, place) => ({
        usage,
        field: { ...base, at: start + place * size, index: logicalMinimum + nth },
      })),
    );
  });
};

/** Ranges are as wide as their report; the rest would be a descriptor gone wrong. */
const widestRange = 256;
const usagesOf = ({ usages = [], isRange, usageMinimum = 0, usageMaximum = -1 }: HidItem): readonly number[] => {
  if (isRange !== true) return usages;
  const length = Math.min(widestRange, Math.max(0, usageMaximum - usageMinimum + 1));
  return Array.from({ length }, (_, nth) => usageMinimum + nth);
};

/** What was heard of a headset so far: what tells a press from a button that is still down. */
export type Heard = {
  readonly pressed: Readonly<Partial<Record<Button, boolean>>>;
  /** Where hook and mute are as far as anybody knows: by its last report or by the light shown since. */
  readonly believed: Readonly<Record<Button, boolean>>;
  /** The last report of each id, as text. */
  readonly last: Readonly<Record<number, string>>;
  /** It says the same again without a press. */
  readonly repeats: boolean;
};
export const heardNothing: Heard = { pressed: {}, believed: { hook: false, mute: false }, last: {}, repeats: false };

/** What the headset was told by its light. */
export const toldByLight = (heard: Heard, button: Button, isOn: boolean): Heard => ({
  ...heard,
  believed: { ...heard.believed, [button]: isOn },
});

/**
 * What a report says. HID Usage Tables 3.4.1.2 (on/off controls): an absolute field is the state; a relative one tells of a press, −1
 * and +1 of a pair "off" and "on".
 *
 * A headset that follows its light does not report that; pressed then, it says what it said last, now as news. Such a report counts as
 * a press, unless the headset is one that repeats itself: opening a microphone by mistake is worse than a press that is lost.
 */
export const readButtons = (
  layout: HeadsetLayout,
  heard: Heard,
  { reportId, data }: { readonly reportId: number; readonly data: DataView },
): { readonly presses: readonly ButtonPress[]; readonly heard: Heard } => {
  const presses: ButtonPress[] = [];
  const unsaid: ButtonPress[] = [];
  const pressed: Partial<Record<Button, boolean>> = { ...heard.pressed };
  const believed = { ...heard.believed };
  for (const button of ['hook', 'mute'] as const) {
    const fields = layout.buttons.filter((field) => field.button === button && field.reportId === reportId);
    const [first] = fields;
    if (first === undefined) continue;
    const values = fields.map((field) => valueOf(field, data));
    const isOn = values.some((value) => value > 0);
    const wasOn = heard.pressed[button] ?? false;
    pressed[button] = isOn;
    if (first.isAbsolute) {
      believed[button] = isOn;
      if (isOn !== wasOn) presses.push({ button, kind: 'state', isOn });
      else if (isOn !== heard.believed[button]) unsaid.push({ button, kind: 'state', isOn });
    } else if (values.some((value) => value < 0)) presses.push({ button, kind: 'state', isOn: false });
    else if (isOn && !wasOn) presses.push({ button, kind: 'toggle' });
  }
  const text = textOf(data);
  const last = heard.last[reportId];
  const isAgain = last === undefined ? /^[0,]*$/.test(text) : last === text;
  const isNews = isAgain && unsaid.length > 0 && !heard.repeats;
  return {
    presses: isNews ? unsaid : presses,
    heard: {
      pressed,
      believed: isNews || presses.length > 0 ? believed : heard.believed,
      last: { ...heard.last, [reportId]: text },
      repeats: heard.repeats || (last !== undefined && isAgain && unsaid.length === 0),
    },
  };
};

const textOf = (data: DataView): string => new Uint8Array(data.buffer, data.byteOffset, data.byteLength).join();

/** 1 or 0; −1 of a signed pair. */
const valueOf = ({ at, size, index, isAbsolute }: Field, bytes: DataView): number => {
  const raw = bitsAt(bytes, at, size);
  if (index !== undefined) return raw === index ? 1 : 0;
  const isNegative = !isAbsolute && size > 1 && raw >= 2 ** (size - 1);
  return isNegative ? -1 : raw === 0 ? 0 : 1;
};

const bitsAt = (bytes: DataView, at: number, size: number): number => {
  let value = 0;
  for (let bit = 0; bit < size; bit += 1) {
    const place = at + bit;
    const byte = place >> 3;
    if (byte < bytes.byteLength && ((bytes.getUint8(byte) >> (place & 7)) & 1) === 1) value += 2 ** bit;
  }
  return value;
};

/** One output report per report id that has lights. */
export const writeLights = (layout: HeadsetLayout, lights: Lights): ReadonlyMap<number, Uint8Array<ArrayBuffer>> => {
  const reports = new Map<number, Uint8Array<ArrayBuffer>>();
  for (const { light, reportId, at, size, index } of layout.lights) {
    const bytes = reports.get(reportId) ?? new Uint8Array(layout.sizes.get(reportId) ?? 0);
    reports.set(reportId, bytes);
    if (!lights[light]) continue;
    const value = index ?? 1;
    for (let bit = 0; bit < size; bit += 1) {
      const byte = (at + bit) >> 3;
      if (byte < bytes.length && Math.floor(value / 2 ** bit) % 2 === 1)
        bytes[byte] = (bytes[byte] ?? 0) | (1 << ((at + bit) & 7));
    }
  }
  return reports;
};
