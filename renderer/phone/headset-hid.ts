import { type ButtonPress, type Headset, type HeadsetPort, type Lights, lightsOff } from './headset-port.ts';
import {
  type Heard,
  heardNothing,
  type HeadsetLayout,
  type HidCollection,
  layoutOf,
  readButtons,
  telephonyPage,
  toldByLight,
  writeLights,
} from './headset-reports.ts';

/** The part of WebHID that is used here (https://wicg.github.io/webhid); TypeScript's DOM does not know it. */
export type Hid = {
  getDevices(): Promise<HidDevice[]>;
  requestDevice(options: { filters: { usagePage: number }[] }): Promise<HidDevice[]>;
  addEventListener(type: 'connect' | 'disconnect', listener: (event: { readonly device: HidDevice }) => void): void;
  removeEventListener(type: 'connect' | 'disconnect', listener: (event: { readonly device: HidDevice }) => void): void;
};
export type HidDevice = {
  readonly opened: boolean;
  readonly productName: string;
  readonly collections: readonly HidCollection[];
  open(): Promise<void>;
  close(): Promise<void>;
  sendReport(reportId: number, bytes: BufferSource): Promise<void>;
  addEventListener(type: 'inputreport', listener: (event: HidInput) => void): void;
  removeEventListener(type: 'inputreport', listener: (event: HidInput) => void): void;
};
type HidInput = { readonly reportId: number; readonly data: DataView };

/** This browser's WebHID, or undefined: Firefox, Safari, or a policy that keeps it from the page. */
export const hidOf = (navigator: object): Hid | undefined => (navigator as { readonly hid?: Hid }).hid;

/** Headsets over WebHID: usage page 0x0B, whoever made them. */
export const createHidPort = (hid: Hid | undefined): HeadsetPort => {
  if (hid === undefined)
    return { isSupported: false, known: async () => [], ask: async () => undefined, onPlugged: () => () => {} };
  const taken = new Map<HidDevice, Headset>();
  const take = async (device: HidDevice): Promise<Headset | undefined> => {
    const old = taken.get(device);
    if (old !== undefined) return old;
    const layout = layoutOf(device.collections);
    if (layout === undefined) return undefined;
    // Refused when another program of this machine has taken it for itself.
    const isOpen = await openDevice(device);
    if (!isOpen) return undefined;
    const known = taken.get(device);
    if (known !== undefined) return known;
    const headset = hidHeadset(hid, device, layout, () => taken.delete(device));
    taken.set(device, headset);
    return headset;
  };
  const takeAll = async (devices: readonly HidDevice[]): Promise<Headset[]> => {
    const found = await Promise.all(devices.map(take));
    return found.filter((headset) => headset !== undefined);
  };
  return {
    isSupported: true,
    known: async () => takeAll(await hid.getDevices().catch(() => [])),
    ask: async () => {
      // Rejects without a click before it, and when the page may not.
      const devices = await hid.requestDevice({ filters: [{ usagePage: telephonyPage }] }).catch(() => []);
      return (await takeAll(devices))[0];
    },
    onPlugged: (listener) => {
      const plugged = ({ device }: { readonly device: HidDevice }): void =>
        void take(device).then((headset) => {
          if (headset !== undefined) listener(headset);
        });
      hid.addEventListener('connect', plugged);
      return () => hid.removeEventListener('connect', plugged);
    },
  };
};

const openDevice = async (device: HidDevice): Promise<boolean> => {
  if (!device.opened) await device.open().catch(() => undefined);
  return device.opened;
};

const hidHeadset = (hid: Hid, device: HidDevice, layout: HeadsetLayout, onClosed: () => void): Headset => {
  const buttonEars = new Set<(press: ButtonPress) => void>();
  const goneEars = new Set<() => void>();
  const sent = new Map<number, string>();
  let heardSoFar: Heard = heardNothing;
  let lit = lightsOff;
  let isGone = false;
  /** Reports leave one after the other: the last state shown is the last one sent. */
  let sending: Promise<void> = Promise.resolve();

  const heard = (report: HidInput): void => {
    const read = readButtons(layout, heardSoFar, report);
    heardSoFar = read.heard;
    for (const press of read.presses) for (const listener of buttonEars) listener(press);
  };
  const forget = (): void => {
    isGone = true;
    device.removeEventListener('inputreport', heard);
    hid.removeEventListener('disconnect', gone);
    onClosed();
  };
  const gone = (event: { readonly device: HidDevice }): void => {
    if (event.device !== device || isGone) return;
    forget();
    for (const listener of goneEars) listener();
  };
  const sendNow = async (lights: Lights): Promise<void> => {
    for (const [reportId, bytes] of writeLights(layout, lights)) {
      const words = bytes.join();
      if (isGone || sent.get(reportId) === words) continue;
      // Not told: another program holds it, or it is being pulled out. The next change is tried again.
      const isSent = await device.sendReport(reportId, bytes).then(
        () => true,
        () => false,
      );
      if (isSent) sent.set(reportId, words);
    }
    // A light the headset lacks tells it nothing.
    for (const { light } of layout.lights) {
      if (lit[light] === lights[light]) continue;
      if (light === 'offHook') heardSoFar = toldByLight(heardSoFar, 'hook', lights.offHook);
      if (light === 'mute') heardSoFar = toldByLight(heardSoFar, 'mute', lights.mute);
    }
    lit = lights;
  };
  device.addEventListener('inputreport', heard);
  hid.addEventListener('disconnect', gone);

  const show = (lights: Lights): Promise<void> => {
    sending = sending.then(() => sendNow(lights));
    return sending;
  };
  const has = (button: 'hook' | 'mute'): boolean => layout.buttons.some((field) => field.button === button);
  return {
    name: device.productName.slice(0, 200),
    has: { hook: has('hook'), mute: has('mute'), muteLight: layout.lights.some(({ light }) => light === 'mute') },
    onButton: (listener) => {
      buttonEars.add(listener);
      return () => buttonEars.delete(listener);
    },
    onGone: (listener) => {
      goneEars.add(listener);
      return () => goneEars.delete(listener);
    },
    show,
    close: async () => {
      if (isGone) return;
      await show(lightsOff);
      if (isGone) return;
      forget();
      await device.close().catch(() => undefined);
    },
  };
};
