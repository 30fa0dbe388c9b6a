import {
  type Button,
  type ButtonPress,
  type Headset,
  type HeadsetPort,
  type Lights,
  lightsOff,
} from './headset-port.ts';

/** A headset without wires, in the hands of whoever holds it: keeps every rule of `HeadsetPort`. For tests and for work on the desk. */
export type FakeHeadset = {
  readonly port: HeadsetPort;
  /** Presses a button once; one that has a state changes it. */
  readonly press: (button: Button) => void;
  readonly plug: () => void;
  readonly unplug: () => void;
  /** What it was told of since it was plugged in, in order. */
  readonly told: () => readonly Lights[];
  readonly lights: () => Lights;
};

export type FakeHeadsetKind = {
  readonly name?: string;
  /** How its buttons report; a `state` headset follows its own lights as well. */
  readonly hook?: ButtonPress['kind'];
  readonly mute?: ButtonPress['kind'];
  readonly isPlugged?: boolean;
  /** Permitted before: known without a question. */
  readonly isPermitted?: boolean;
};

export const createFakeHeadset = (kind: FakeHeadsetKind = {}): FakeHeadset => new Fake(kind);

class Fake implements FakeHeadset {
  readonly #kind: Required<FakeHeadsetKind>;
  readonly #plugEars = new Set<(headset: Headset) => void>();
  #isPermitted: boolean;
  #now: Plugged | undefined;

  constructor(kind: FakeHeadsetKind) {
    this.#kind = { name: 'Fake headset', hook: 'state', mute: 'toggle', isPlugged: true, isPermitted: false, ...kind };
    this.#isPermitted = this.#kind.isPermitted;
    if (this.#kind.isPlugged) this.#now = new Plugged(this.#kind);
  }

  readonly port: HeadsetPort = {
    isSupported: true,
    known: async () => (this.#isPermitted && this.#now !== undefined ? [this.#now.headset] : []),
    ask: async () => {
      if (this.#now === undefined) return undefined;
      this.#isPermitted = true;
      return this.#now.headset;
    },
    onPlugged: (listener) => {
      this.#plugEars.add(listener);
      return () => this.#plugEars.delete(listener);
    },
  };

  press = (button: Button): void => this.#now?.press(button);
  told = (): readonly Lights[] => this.#now?.told ?? [];
  lights = (): Lights => this.#now?.told.at(-1) ?? lightsOff;
  plug = (): void => {
    if (this.#now !== undefined) return;
    const now = new Plugged(this.#kind);
    this.#now = now;
    if (this.#isPermitted) for (const listener of this.#plugEars) listener(now.headset);
  };
  unplug = (): void => {
    const now = this.#now;
    this.#now = undefined;
    now?.gone();
  };
}

class Plugged {
  readonly told: Lights[] = [];
  readonly #buttonEars = new Set<(press: ButtonPress) => void>();
  readonly #goneEars = new Set<() => void>();
  readonly #kind: Required<FakeHeadsetKind>;
  readonly #isOn: Record<Button, boolean> = { hook: false, mute: false };
  #isGone = false;

  readonly headset: Headset;

  constructor(kind: Required<FakeHeadsetKind>) {
    this.#kind = kind;
    this.headset = this.#make();
  }

  readonly #make = (): Headset => ({
    name: this.#kind.name,
    has: { hook: true, mute: true, muteLight: true },
    onButton: (listener) => {
      this.#buttonEars.add(listener);
      return () => this.#buttonEars.delete(listener);
    },
    onGone: (listener) => {
      this.#goneEars.add(listener);
      return () => this.#goneEars.delete(listener);
    },
    show: async (lights) => this.#show(lights),
    close: async () => this.#show(lightsOff),
  });

  press = (button: Button): void => {
    if (this.#isGone) return;
    const kind = this.#kind[button];
    this.#isOn[button] = !this.#isOn[button];
    this.#say(kind === 'toggle' ? { button, kind } : { button, kind, isOn: this.#isOn[button] });
  };

  gone(): void {
    this.#isGone = true;
    for (const listener of this.#goneEars) listener();
  }

  #show(lights: Lights): void {
    const before = this.told.at(-1) ?? lightsOff;
    const isSame = Object.entries(lights).every(([light, isOn]) => before[light as keyof Lights] === isOn);
    if (this.#isGone || isSame) return;
    this.told.push(lights);
    this.#isOn.mute = lights.mute;
    if (this.#isOn.hook === lights.offHook) return;
    this.#isOn.hook = lights.offHook;
    // As real ones: going off-hook by its light is reported like its button.
    if (this.#kind.hook === 'state') this.#say({ button: 'hook', kind: 'state', isOn: lights.offHook });
  }

  #say(press: ButtonPress): void {
    for (const listener of this.#buttonEars) listener(press);
  }
}
