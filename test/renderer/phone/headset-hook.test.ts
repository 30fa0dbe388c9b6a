import { describe, expect, it } from 'vitest';
import {
  echoMs,
  hookAtRest,
  hookLit,
  type HookPress,
  hookPressed,
  hookWish,
  lightsFor,
} from '../../../renderer/phone/headset-hook.ts';
import { type Call, type CallState, type Hold } from '../../../shared/call.ts';
import { CallId, ContactId } from '../../../shared/ids.ts';

const idOf = (last: string): string => `0190a0b0-c0d0-7000-8000-00000000000${last}`;
const call = (last: string, state: CallState): Call => ({
  id: CallId.parse(idOf(last)),
  direction: 'inbound',
  number: '13800138000',
  display: '',
  contactId: ContactId.parse(idOf('9')),
  state,
  trace: { inviteMs: 0 },
});
const talking = (hold: Hold['kind'] = 'none'): CallState => ({
  kind: 'talking',
  sinceMs: 1,
  microphone: 'open',
  hold: hold === 'none' ? { kind: 'none' } : { kind: hold, sinceMs: 1 },
  media: 'flowing',
});
const at = (kind: 'dialling' | 'ringingOut' | 'ringing' | 'answering'): CallState => ({ kind, sinceMs: 1 });
const ended: CallState = { kind: 'ended', atMs: 2, cause: 'agentHungUp', talkMs: 1 };

const off: HookPress = { button: 'hook', kind: 'state', isOn: true };
const on: HookPress = { button: 'hook', kind: 'state', isOn: false };
const toggle: HookPress = { button: 'hook', kind: 'toggle' };
/** Calls, then what taking off, putting on and a toggle ask for: `answer 2` is answering call 2. */
const matrix: readonly (readonly [string, readonly Call[], string, string, string])[] = [
  ['nothing', [], 'none', 'none', 'none'],
  ['an ended call', [call('1', ended)], 'none', 'none', 'none'],
  ['one rings', [call('1', at('ringing'))], 'answer 1', 'none', 'answer 1'],
  ['one is being answered', [call('1', at('answering'))], 'none', 'hangUp 1', 'hangUp 1'],
  ['one is dialled', [call('1', at('dialling'))], 'none', 'hangUp 1', 'hangUp 1'],
  ['one rings there', [call('1', at('ringingOut'))], 'none', 'hangUp 1', 'hangUp 1'],
  ['one talks', [call('1', talking())], 'none', 'hangUp 1', 'hangUp 1'],
  ['one resumes', [call('1', talking('resuming'))], 'none', 'hangUp 1', 'hangUp 1'],
  ['hold failed', [call('1', talking('holdFailed'))], 'none', 'hangUp 1', 'hangUp 1'],
  ['one is being held', [call('1', talking('holding'))], 'resume 1', 'none', 'resume 1'],
  ['one is held', [call('1', talking('held'))], 'resume 1', 'none', 'resume 1'],
  ['resume failed', [call('1', talking('resumeFailed'))], 'resume 1', 'none', 'resume 1'],
  ['one waits beside one that talks', [call('2', at('ringing')), call('1', talking())], 'none', 'hangUp 1', 'answer 2'],
  ['one held, one talks', [call('2', talking()), call('1', talking('held'))], 'none', 'hangUp 2', 'hangUp 2'],
  ['one held, one is dialled', [call('2', at('dialling')), call('1', talking('held'))], 'none', 'hangUp 2', 'hangUp 2'],
  ['one held, one rings', [call('2', at('ringing')), call('1', talking('held'))], 'answer 2', 'none', 'answer 2'],
  ['both held', [call('2', talking('held')), call('1', talking('held'))], 'resume 2', 'none', 'resume 2'],
];

describe('what the hook asks for: every state × every press', () => {
  const words = (press: HookPress, calls: readonly Call[]): string => {
    const wish = hookWish(press, calls);
    return wish.kind === 'none' ? 'none' : `${wish.kind} ${wish.callId.at(-1) ?? ''}`;
  };
  it.each(matrix)('%s', (_name, calls, whenOff, whenOn, whenToggled) => {
    expect([words(off, calls), words(on, calls), words(toggle, calls)]).toEqual([whenOff, whenOn, whenToggled]);
  });
});

describe('HOOK-2 echoes', () => {
  it('what the light said comes back once and means nothing; the next is a wish', () => {
    const lit = hookLit(hookAtRest, true, 1_000);
    const first = hookPressed(lit, off, 1_300);
    expect(first.isEcho).toBe(true);
    expect(hookPressed(first.hook, off, 1_400).isEcho).toBe(false);
    expect(hookPressed(lit, on, 1_300).isEcho).toBe(false);
    expect(hookPressed(lit, off, 1_001 + echoMs).isEcho).toBe(false);
    expect(hookPressed(lit, toggle, 1_300).isEcho).toBe(false);
  });

  it('a late echo of the last call’s end does not end the next one', () => {
    const inCall = hookPressed(hookLit(hookAtRest, true, 0), off, 100).hook;
    const over = hookLit(inCall, false, 5_000);
    const next = hookLit(over, true, 5_200);
    expect(hookPressed(next, on, 5_400).isEcho).toBe(true);
  });

  it('a headset that is there already owes no echo', () => {
    const taken = hookPressed(hookAtRest, off, 0).hook;
    const lit = hookLit(taken, true, 50);
    expect(hookPressed(lit, on, 100).isEcho).toBe(false);
  });
});

describe('the lights', () => {
  const open = { kind: 'open' } as const;
  it.each([
    ['nothing', [], 'dark'],
    ['one rings', [call('1', at('ringing'))], 'ring'],
    ['one is dialled', [call('1', at('dialling'))], 'offHook'],
    ['one talks', [call('1', talking())], 'offHook'],
    ['one waits beside one that talks', [call('2', at('ringing')), call('1', talking())], 'offHook'],
    ['one is held', [call('1', talking('held'))], 'offHook hold'],
    ['one held, one talks', [call('2', talking()), call('1', talking('held'))], 'offHook'],
    ['one is over', [call('1', ended)], 'dark'],
  ] as const)('%s', (_name, calls, expected) => {
    const lit = Object.entries(lightsFor(calls, open)).filter(([, isOn]) => isOn);
    expect(lit.map(([name]) => name).join(' ') || 'dark').toBe(expected);
  });

  it('mute shows what agent or headset did, in the call in front; the system’s mute is not the headset’s', () => {
    const calls = [call('1', talking())];
    expect(lightsFor(calls, { kind: 'muted', by: 'agent' }).mute).toBe(true);
    expect(lightsFor(calls, { kind: 'muted', by: 'headset' }).mute).toBe(true);
    expect(lightsFor(calls, { kind: 'muted', by: 'system' }).mute).toBe(false);
    expect(lightsFor([call('1', talking('held'))], { kind: 'muted', by: 'agent' }).mute).toBe(false);
    expect(lightsFor([], { kind: 'muted', by: 'agent' }).mute).toBe(false);
  });
});
