import { asksToHold, type Call, foreground, liveCalls } from '../../shared/call.ts';
import type { CallId } from '../../shared/ids.ts';
import type { ButtonPress, Lights } from './headset-port.ts';
import type { ShownMute } from '../../shared/mute.ts';

/**
 * What the hook of a headset asks for, by what its calls are at.
 *
 *   rings ──off-hook, toggle──▶ answer          talks, is being made ──on-hook, toggle──▶ hang up
 *   rings beside a call ──toggle──▶ answer      only held ──off-hook, toggle──▶ resume;  on-hook: stays held
 *
 * - HOOK-1 A call that waits on hold is never ended by putting the headset away.
 * - HOOK-2 A headset that was told by its light reports the same back, late sometimes: an echo, not a wish.
 */
export type HookWish =
  | { readonly kind: 'none' }
  | { readonly kind: 'answer' | 'hangUp' | 'resume'; readonly callId: CallId };

export type HookPress = ButtonPress & { readonly button: 'hook' };

export const hookWish = (press: HookPress, calls: readonly Call[]): HookWish => {
  const front = foreground(calls);
  if (front === undefined) return nothing;
  const ringing = liveCalls(calls).find(({ state }) => state.kind === 'ringing');
  const isOff = press.kind === 'state' && !press.isOn;
  switch (front.state.kind) {
    case 'ringing':
      return isOff ? nothing : { kind: 'answer', callId: front.id };
    case 'answering':
    case 'dialling':
    case 'ringingOut':
      return press.kind === 'state' && press.isOn ? nothing : { kind: 'hangUp', callId: front.id };
    case 'talking': {
      if (asksToHold(front.state.hold)) return isOff ? nothing : { kind: 'resume', callId: front.id };
      if (press.kind === 'toggle' && ringing !== undefined) return { kind: 'answer', callId: ringing.id };
      return press.kind === 'state' && press.isOn ? nothing : { kind: 'hangUp', callId: front.id };
    }
    case 'ended':
      return nothing;
  }
};

const nothing: HookWish = { kind: 'none' };

/** HOOK-2: what the headset was told, where its hook is as far as anybody knows, and until when an echo of either kind may come. */
export type Hook = {
  readonly lit: boolean;
  readonly isOff: boolean;
  readonly echoUntilMs: { readonly off: number; readonly on: number };
};
export const echoMs = 1_500;
export const hookAtRest: Hook = { lit: false, isOff: false, echoUntilMs: { off: 0, on: 0 } };

/** The light says off-hook, or no longer. */
export const hookLit = (hook: Hook, offHook: boolean, nowMs: number): Hook => {
  if (hook.lit === offHook) return hook;
  // A headset that is there already has nothing to report.
  if (hook.isOff === offHook) return { ...hook, lit: offHook };
  const echoUntilMs = { ...hook.echoUntilMs, [offHook ? 'off' : 'on']: nowMs + echoMs };
  return { lit: offHook, isOff: offHook, echoUntilMs };
};

export const hookPressed = (
  hook: Hook,
  press: HookPress,
  nowMs: number,
): { readonly hook: Hook; readonly isEcho: boolean } => {
  if (press.kind === 'toggle') return { hook, isEcho: false };
  const side = press.isOn ? 'off' : 'on';
  const isEcho = nowMs <= hook.echoUntilMs[side];
  if (isEcho) return { hook: { ...hook, echoUntilMs: { ...hook.echoUntilMs, [side]: 0 } }, isEcho };
  return { hook: { ...hook, isOff: press.isOn }, isEcho };
};

/** The lights follow the calls, whoever changed them. The system's mute is no light's business: the headset could not undo it. */
export const lightsFor = (calls: readonly Call[], mute: ShownMute): Lights => {
  const live = liveCalls(calls);
  const talking = live.filter(({ state }) => state.kind === 'talking');
  const front = foreground(calls)?.state;
  const isFrontTalking = front?.kind === 'talking' && !asksToHold(front.hold);
  return {
    offHook: live.some(({ state }) => state.kind !== 'ringing'),
    ring: talking.length === 0 && live.some(({ state }) => state.kind === 'ringing'),
    mute: isFrontTalking && mute.kind === 'muted' && mute.by !== 'system',
    hold: talking.length > 0 && talking.every(({ state }) => state.kind === 'talking' && asksToHold(state.hold)),
  };
};
