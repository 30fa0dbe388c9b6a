import type { Hid, HidDevice } from '../../../../renderer/phone/headset-hid.ts';
import type { HidCollection, HidItem, HidReport } from '../../../../renderer/phone/headset-reports.ts';

/** A computer with one USB headset, seen through WebHID: reports in bytes, as its descriptor lays them out. */
export type SimulatedHid = {
  readonly hid: Hid;
  readonly plug: () => void;
  readonly unplug: () => void;
  /** The agent picks it in the browser's dialog. */
  readonly permit: () => void;
  /** Another program takes it: it cannot be opened. */
  readonly hold: (isHeld: boolean) => void;
  readonly press: (button: 'hook' | 'mute') => void;
  /** Bytes of a report, as they are. */
  readonly say: (reportId: number, bytes: readonly number[]) => void;
  /** Output reports since it was plugged in: id, then bytes. */
  readonly received: () => readonly (readonly number[])[];
};

const bit = (usages: readonly number[], more: Partial<HidItem> = {}): HidItem => ({
  usages,
  reportSize: 1,
  reportCount: usages.length,
  isAbsolute: true,
  isArray: false,
  isConstant: false,
  logicalMinimum: 0,
  ...more,
});
const padding = (bits: number): HidItem => ({ ...bit([]), reportSize: bits, reportCount: 1, isConstant: true });

const hook = 0x0b_0020;
const mute = 0x0b_002f;
const lights = { mute: 0x08_0009, offHook: 0x08_0017, ring: 0x08_0018, hold: 0x08_0020 };

type Model = {
  readonly collections: readonly HidCollection[];
  /** Bytes of a press and of the release after it, if there is one. */
  readonly press: Readonly<Record<'hook' | 'mute', (is: Is) => readonly (readonly number[])[]>>;
  /** Reads lights from an output report. */
  readonly lit: (reportId: number, bytes: readonly number[]) => { readonly hook?: boolean; readonly mute?: boolean };
};
type Is = { hook: boolean; mute: boolean };
const one = (is: boolean, value = 1): number => (is ? value : 0);

const telephony = (inputReports: readonly HidReport[], outputReports: readonly HidReport[]): HidCollection => ({
  usagePage: 0x0b,
  usage: 5,
  inputReports,
  outputReports,
});

/** Report 8: hook as a state, mute as a press (relative), after a volume page of no concern; all lights in report 9. */
export const relativeMute: Model = {
  collections: [
    { usagePage: 0x0c, usage: 1, inputReports: [{ reportId: 1, items: [bit([0x0c_00e9, 0x0c_00ea]), padding(6)] }] },
    telephony(
      [{ reportId: 8, items: [padding(1), bit([hook]), bit([mute], { isAbsolute: false }), padding(5)] }],
      [{ reportId: 9, items: [bit([lights.offHook, lights.mute, lights.ring, lights.hold]), padding(4)] }],
    ),
  ],
  press: {
    hook: (is) => [[8, one(is.hook, 2)]],
    mute: (is) => [
      [8, one(is.hook, 2) + 4],
      [8, one(is.hook, 2)],
    ],
  },
  lit: (reportId, bytes) =>
    reportId === 9 ? { hook: ((bytes[0] ?? 0) & 1) !== 0, mute: ((bytes[0] ?? 0) & 2) !== 0 } : {},
};

/** Both as states in an unnumbered report, inside a nested collection; one output report per light, in whole bytes. */
export const absoluteMute: Model = {
  collections: [
    {
      ...telephony([], []),
      children: [
        telephony(
          [{ reportId: 0, items: [bit([hook, mute]), padding(6)] }],
          [
            { reportId: 2, items: [bit([lights.offHook], { reportSize: 8 })] },
            { reportId: 3, items: [bit([lights.mute], { reportSize: 8 })] },
            { reportId: 4, items: [bit([lights.ring], { reportSize: 8 })] },
          ],
        ),
      ],
    },
  ],
  press: {
    hook: (is) => [[0, one(is.hook) + one(is.mute, 2)]],
    mute: (is) => [[0, one(is.hook) + one(is.mute, 2)]],
  },
  lit: (reportId, bytes) => {
    const isOn = (bytes[0] ?? 0) !== 0;
    if (reportId === 2) return { hook: isOn };
    return reportId === 3 ? { mute: isOn } : {};
  },
};

/** An array of button codes, as keypads have them: the report names what is down. Its lights are a range of usages. */
export const arrayButtons: Model = {
  collections: [
    telephony(
      [
        {
          reportId: 5,
          items: [
            {
              ...bit([]),
              usages: [hook, 0x0b_0021, mute],
              isArray: true,
              isAbsolute: false,
              reportSize: 4,
              reportCount: 2,
              logicalMinimum: 1,
            },
          ],
        },
      ],
      [
        {
          reportId: 6,
          items: [
            { ...bit([]), usages: [], isRange: true, usageMinimum: 0x08_0017, usageMaximum: 0x08_0018, reportCount: 2 },
            bit([lights.mute]),
            padding(5),
          ],
        },
      ],
    ),
  ],
  press: {
    hook: () => [
      [5, 0x01],
      [5, 0x00],
    ],
    mute: () => [
      [5, 0x30],
      [5, 0x00],
    ],
  },
  lit: (reportId, bytes) =>
    reportId === 6 ? { hook: ((bytes[0] ?? 0) & 1) !== 0, mute: ((bytes[0] ?? 0) & 4) !== 0 } : {},
};

export const createSimulatedHid = (model: Model, name = 'Simulated headset'): SimulatedHid => {
  const ears = {
    connect: new Set<(event: { device: HidDevice }) => void>(),
    disconnect: new Set<(event: { device: HidDevice }) => void>(),
  };
  let isPermitted = false;
  let isHeld = false;
  let device: SimulatedDevice | undefined;
  return {
    hid: {
      getDevices: async () => (isPermitted && device !== undefined ? [device] : []),
      requestDevice: async ({ filters }) => {
        if (!filters.every(({ usagePage }) => usagePage === 0x0b)) throw new TypeError('asked for too much');
        return isPermitted && device !== undefined ? [device] : [];
      },
      addEventListener: (type, listener) => void ears[type].add(listener),
      removeEventListener: (type, listener) => void ears[type].delete(listener),
    },
    plug: () => {
      const plugged = new SimulatedDevice(model, name, () => isHeld);
      device = plugged;
      if (isPermitted) for (const ear of ears.connect) ear({ device: plugged });
    },
    unplug: () => {
      const gone = device;
      device = undefined;
      if (gone === undefined) return;
      gone.opened = false;
      for (const ear of ears.disconnect) ear({ device: gone });
    },
    permit: () => {
      isPermitted = true;
    },
    hold: (next) => {
      isHeld = next;
    },
    press: (button) => device?.press(button),
    say: (reportId, bytes) => device?.say([reportId, ...bytes]),
    received: () => device?.received ?? [],
  };
};

class SimulatedDevice implements HidDevice {
  opened = false;
  readonly productName: string;
  readonly collections: readonly HidCollection[];
  readonly received: number[][] = [];
  readonly #model: Model;
  readonly #isHeld: () => boolean;
  readonly #ears = new Set<(event: { reportId: number; data: DataView }) => void>();
  readonly #is: Is = { hook: false, mute: false };

  constructor(model: Model, name: string, isHeld: () => boolean) {
    this.#model = model;
    this.#isHeld = isHeld;
    this.productName = name;
    this.collections = model.collections;
  }

  open = async (): Promise<void> => {
    if (this.#isHeld()) throw new DOMException('held', 'NotAllowedError');
    this.opened = true;
  };
  close = async (): Promise<void> => {
    this.opened = false;
  };
  sendReport = async (reportId: number, bytes: BufferSource): Promise<void> => {
    await Promise.resolve();
    if (!this.opened || this.#isHeld()) throw new DOMException('not open', 'InvalidStateError');
    const view = ArrayBuffer.isView(bytes)
      ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      : new Uint8Array(bytes);
    this.received.push([reportId, ...view]);
    const lit = this.#model.lit(reportId, [...view]);
    if (lit.mute !== undefined) this.#is.mute = lit.mute;
    if (lit.hook === undefined || lit.hook === this.#is.hook) return;
    this.#is.hook = lit.hook;
    // Off-hook by its light is reported like its button, a moment later.
    queueMicrotask(() => {
      for (const report of this.#model.press.hook(this.#is).slice(0, 1))
        if (this.#model !== arrayButtons) this.say(report);
    });
  };
  addEventListener = (_type: 'inputreport', listener: (event: { reportId: number; data: DataView }) => void): void =>
    void this.#ears.add(listener);
  removeEventListener = (_type: 'inputreport', listener: (event: { reportId: number; data: DataView }) => void): void =>
    void this.#ears.delete(listener);

  press(button: 'hook' | 'mute'): void {
    this.#is[button] = !this.#is[button];
    for (const report of this.#model.press[button](this.#is)) this.say(report);
  }

  say([reportId = 0, ...bytes]: readonly number[]): void {
    if (!this.opened) return;
    for (const ear of this.#ears) ear({ reportId, data: new DataView(Uint8Array.from(bytes).buffer) });
  }
}
