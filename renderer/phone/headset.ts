import { asksToHold, type Call, foreground } from '../../shared/call.ts';
import type { HeadsetView } from '../../shared/devices.ts';
import type { CallId } from '../../shared/ids.ts';
import { type MuteEvent, nextMute, type ShownMute, shownMute, unmuted } from '../../shared/mute.ts';
import { refusal, refused, type Result } from '../../shared/result.ts';
import type { Clock } from './clock.ts';
import { hookAtRest, hookLit, hookPressed, hookWish, lightsFor } from './headset-hook.ts';
import type { ButtonPress, Headset, HeadsetPort } from './headset-port.ts';
import { type Done, done, type Phone } from './phone.ts';

/**
 * The headset's buttons and lights beside the telephone: one headset at a time, found again by itself after it was connected once.
 * Unplugged in a call nothing is lost but its buttons; plugged in again its lights show what is.
 */
export type HeadsetLink = {
  readonly view: () => HeadsetView;
  readonly onView: (listener: (view: HeadsetView) => void) => () => void;
  /** MUTE-1 for the call in front; `open` without one. */
  readonly mute: () => ShownMute;
  readonly onMute: (listener: (mute: ShownMute) => void) => () => void;
  /** Lets the agent pick a headset; needs a click of a moment ago. */
  readonly connect: () => Promise<Result<Done>>;
  readonly close: () => void;
};

type HeadsetPlan = {
  readonly port: HeadsetPort;
  readonly clock: Clock;
  readonly phone: Pick<Phone, 'state' | 'onState' | 'answer' | 'hangUp' | 'mute' | 'hold' | 'devices' | 'onDevices'>;
};

export const linkHeadset = (plan: HeadsetPlan): HeadsetLink => new Link(plan);

class Link implements HeadsetLink {
  readonly #plan: HeadsetPlan;
  readonly #viewEars = new Set<(view: HeadsetView) => void>();
  readonly #muteEars = new Set<(mute: ShownMute) => void>();
  readonly #stops: (() => void)[];
  #view: HeadsetView;
  #mute = unmuted;
  #shown: ShownMute = { kind: 'open' };
  #talking: CallId | undefined;
  #headset: Headset | undefined;
  #forget = (): void => {};
  #hook = hookAtRest;

  constructor(plan: HeadsetPlan) {
    this.#plan = plan;
    const { port, phone } = plan;
    this.#view = { kind: port.isSupported ? 'none' : 'unsupported' };
    this.#stops = [
      port.onPlugged((headset) => {
        if (this.#headset === undefined) this.#use(headset);
      }),
      phone.onState(() => this.#followCalls()),
      phone.onDevices(({ system }) => this.#muted({ kind: 'system', to: system })),
    ];
    this.#muted({ kind: 'system', to: phone.devices().system });
    this.#followCalls();
    void this.#useKnown();
  }

  view = (): HeadsetView => this.#view;
  onView = (listener: (view: HeadsetView) => void): (() => void) => heardBy(this.#viewEars, listener);
  mute = (): ShownMute => this.#shown;
  onMute = (listener: (mute: ShownMute) => void): (() => void) => heardBy(this.#muteEars, listener);

  connect = async (): Promise<Result<Done>> => {
    const { port } = this.#plan;
    if (!port.isSupported) return refused(refusal('phone', 'headsetUnsupported'));
    const picked = await port.ask();
    if (picked === undefined) {
      // Where permission comes without a question (the app), a headset plugged in before is only looked for.
      await this.#useKnown();
      return this.#headset === undefined ? refused(refusal('phone', 'headsetNone')) : done;
    }
    if (picked !== this.#headset) {
      void this.#headset?.close();
      this.#use(picked);
    }
    return done;
  };

  close = (): void => {
    for (const stop of this.#stops) stop();
    this.#forget();
    void this.#headset?.close();
    this.#headset = undefined;
  };

  async #useKnown(): Promise<void> {
    const [first] = await this.#plan.port.known();
    if (first !== undefined && this.#headset === undefined) this.#use(first);
  }

  #use(headset: Headset): void {
    this.#forget();
    this.#headset = headset;
    const stopButtons = headset.onButton((press) => this.#pressed(press));
    const stopGone = headset.onGone(() => {
      this.#forget();
      this.#headset = undefined;
      // MUTE-4
      this.#muted({ kind: 'headsetGone' });
      this.#show({ kind: 'away', name: headset.name });
    });
    this.#forget = () => {
      stopButtons();
      stopGone();
      this.#hook = hookAtRest;
    };
    this.#show({ kind: 'connected', name: headset.name, hook: headset.has.hook, mute: headset.has.mute });
    this.#light();
  }

  #pressed(press: ButtonPress): void {
    if (press.button === 'mute') return this.#mutePressed(press);
    const hook = { ...press, button: press.button };
    const { clock, phone } = this.#plan;
    const heard = hookPressed(this.#hook, hook, clock.nowMs());
    this.#hook = heard.hook;
    if (heard.isEcho) return;
    const wish = hookWish(hook, phone.state().calls);
    if (wish.kind === 'answer') void phone.answer(wish.callId);
    if (wish.kind === 'hangUp') phone.hangUp(wish.callId);
    if (wish.kind === 'resume') phone.hold(wish.callId, false);
    // What the headset now believes may not be so.
    this.#light();
  }

  #mutePressed(press: ButtonPress): void {
    // Without a call a press that only says "pressed" changes nothing that lasts.
    if (press.kind === 'toggle' && this.#talking === undefined) return;
    this.#muted(
      press.kind === 'toggle' ? { kind: 'headsetToggled' } : { kind: 'headsetSaid', to: press.isOn ? 'muted' : 'open' },
    );
  }

  #followCalls(): void {
    const front = frontTalk(this.#plan.phone.state().calls);
    const isTold = this.#headset?.has.muteLight === true;
    const before = this.#talking;
    this.#talking = front?.id;
    if (front === undefined) {
      if (before !== undefined) this.#muted({ kind: 'callOver', isTold });
    } else if (before === undefined && front.microphone === 'open') this.#muted({ kind: 'callBegan' });
    else if (front.microphone !== this.#mute.wanted) this.#muted({ kind: 'desk', to: front.microphone, isTold });
    this.#light();
  }

  #muted(event: MuteEvent): void {
    this.#mute = nextMute(this.#mute, event);
    const front = frontTalk(this.#plan.phone.state().calls);
    // The telephone does what agent and headset want; its new state comes back here and changes nothing.
    if (front !== undefined && front.id === this.#talking && front.microphone !== this.#mute.wanted)
      this.#plan.phone.mute(front.id, this.#mute.wanted === 'muted');
    const shown: ShownMute = this.#talking === undefined ? { kind: 'open' } : shownMute(this.#mute);
    const isSame =
      shown.kind === this.#shown.kind &&
      (shown.kind === 'open' || (this.#shown.kind === 'muted' && shown.by === this.#shown.by));
    this.#shown = shown;
    if (!isSame) for (const listener of this.#muteEars) listener(shown);
    this.#light();
  }

  #light(): void {
    const { phone, clock } = this.#plan;
    const lights = lightsFor(phone.state().calls, this.#shown);
    if (this.#headset === undefined) return;
    this.#hook = hookLit(this.#hook, lights.offHook, clock.nowMs());
    void this.#headset.show(lights);
  }

  #show(view: HeadsetView): void {
    this.#view = view;
    for (const listener of this.#viewEars) listener(view);
  }
}

/** The call the agent speaks into, with its microphone as the telephone has it. */
const frontTalk = (
  calls: readonly Call[],
): { readonly id: CallId; readonly microphone: 'open' | 'muted' } | undefined => {
  const front = foreground(calls);
  return front?.state.kind === 'talking' && !asksToHold(front.state.hold)
    ? { id: front.id, microphone: front.state.microphone }
    : undefined;
};

const heardBy = <T>(ears: Set<(value: T) => void>, listener: (value: T) => void): (() => void) => {
  ears.add(listener);
  return () => ears.delete(listener);
};
