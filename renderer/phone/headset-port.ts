/**
 * A headset's buttons and lights, whatever stands behind them. Two implementations pass the same contract test: headset-hid.ts
 * (WebHID) and fake-headset.ts.
 *
 * - HEADSET-1 A button says what it is: a state (`state`: off-hook or muted now) or only that it was pressed (`toggle`).
 * - HEADSET-2 Lights are shown whole; what did not change is not sent again, what the headset lacks is left out.
 * - HEADSET-3 A headset that is pulled out, or another program took, is told of once; showing lights on it does nothing and never throws.
 * - HEADSET-4 Plugged in again it is another `Headset`, without a question to the agent.
 */
export type HeadsetPort = {
  /** False where the browser has no way to headsets. */
  readonly isSupported: boolean;
  /** Those permitted earlier that are plugged in now, ready for use. */
  readonly known: () => Promise<readonly Headset[]>;
  /** Lets the agent pick one; undefined when none was picked. Needs a click of a moment ago. */
  readonly ask: () => Promise<Headset | undefined>;
  /** A permitted one was plugged in. Returns what takes the listener away. */
  readonly onPlugged: (listener: (headset: Headset) => void) => () => void;
};

export type Headset = {
  /** As its maker calls it. */
  readonly name: string;
  readonly has: { readonly hook: boolean; readonly mute: boolean; readonly muteLight: boolean };
  readonly onButton: (listener: (press: ButtonPress) => void) => () => void;
  readonly onGone: (listener: () => void) => () => void;
  /** Resolves when the headset was told. */
  readonly show: (lights: Lights) => Promise<void>;
  /** Lights off, and free for other programs. */
  readonly close: () => Promise<void>;
};

export type Button = 'hook' | 'mute';
export type ButtonPress =
  /** `isOn`: off-hook, muted. */
  | { readonly button: Button; readonly kind: 'state'; readonly isOn: boolean }
  | { readonly button: Button; readonly kind: 'toggle' };

export type Lights = {
  readonly offHook: boolean;
  readonly ring: boolean;
  readonly mute: boolean;
  readonly hold: boolean;
};

export const lightsOff: Lights = { offHook: false, ring: false, mute: false, hold: false };
