import { describe, expect, it } from 'vitest';
import type { AgentEvent, AgentState } from '../../shared/agent.ts';
import { isAvailable, isBusy, isFree, nextAgent } from '../../shared/agent.ts';
import { agentStates, callId, contactId, otherCallId, otherContactId } from './make.ts';

const events: readonly AgentEvent[] = [
  { kind: 'signedIn', atMs: 5 },
  { kind: 'signedOut', atMs: 5 },
  { kind: 'readyAsked', atMs: 5 },
  { kind: 'notReadyAsked', reason: 'training', atMs: 5 },
  { kind: 'offered', callId, contactId, atMs: 5 },
  { kind: 'dialled', callId, contactId, atMs: 5 },
  { kind: 'answered', callId, atMs: 5 },
  { kind: 'missed', callId, by: 'agent', atMs: 5 },
  { kind: 'missed', callId, by: 'caller', atMs: 5 },
  { kind: 'callEnded', callId, wrapUpMs: 120_000, atMs: 5 },
  { kind: 'wrappedUp', contactId, atMs: 5 },
  { kind: 'aside', is: true, atMs: 5 },
  { kind: 'aside', is: false, atMs: 5 },
];

const outcome = (state: AgentState, event: AgentEvent): string => {
  const next = nextAgent(state, event);
  if (!next.ok) return `no:${next.error.reason}`;
  if (next.value === state) return '=';
  return next.value.kind === 'notReady' ? `notReady:${next.value.reason}` : next.value.kind;
};

describe('agent state (R38)', () => {
  it('follows the full state × event matrix', () => {
    const busy = 'no:finishCallFirst';
    expect(agentStates.map((state) => events.map((event) => outcome(state, event)))).toEqual([
      [
        'notReady:signedIn',
        'offline',
        'no:signInFirst',
        'no:signInFirst',
        '=',
        'no:signInFirst',
        '=',
        '=',
        '=',
        '=',
        '=',
        '=',
        '=',
      ],
      ['=', 'offline', 'ready', 'notReady:training', 'reserved', 'onCall', '=', '=', '=', '=', '=', '=', '='],
      ['=', 'offline', '=', 'notReady:training', 'reserved', 'onCall', '=', '=', '=', '=', '=', 'ready', '='],
      [
        ...['=', busy, 'no:callWaiting', 'no:callWaiting', '=', busy, 'onCall', 'notReady:missed', 'ready'],
        ...['=', '=', '=', '='],
      ],
      ['=', busy, 'onCall', 'onCall', '=', busy, '=', '=', '=', 'wrapUp', '=', '=', '='],
      ['=', busy, 'wrapUp', 'wrapUp', '=', busy, '=', '=', '=', '=', 'notReady:meal', '=', '='],
    ]);
  });

  it('R28: asking for Ready during wrap-up does not leave it, it is kept for afterwards', () => {
    const wrapUp = agentStates[5] as AgentState;
    const asked = nextAgent(wrapUp, { kind: 'readyAsked', atMs: 6 });
    expect(asked).toMatchObject({ ok: true, value: { kind: 'wrapUp', then: { kind: 'ready' } } });
    const done = asked.ok && nextAgent(asked.value, { kind: 'wrappedUp', contactId, atMs: 7 });
    expect(done).toMatchObject({ ok: true, value: { kind: 'ready', sinceMs: 7 } });
  });

  it('Ready in a colleague’s call is Ready for as long as before, and not free; pressing Ready again changes nothing', () => {
    const ready: AgentState = { kind: 'ready', sinceMs: 1 };
    const beside = nextAgent(ready, { kind: 'aside', is: true, atMs: 5 });
    expect(beside).toEqual({ ok: true, value: { kind: 'ready', sinceMs: 1, aside: true } });
    if (!beside.ok) return;
    expect([isFree(ready), isFree(beside.value), isAvailable(beside.value)]).toEqual([true, false, true]);
    expect(outcome(beside.value, { kind: 'readyAsked', atMs: 6 })).toBe('=');
    expect(outcome(beside.value, { kind: 'aside', is: true, atMs: 6 })).toBe('=');
    expect(nextAgent(beside.value, { kind: 'aside', is: false, atMs: 6 })).toEqual({ ok: true, value: ready });
  });

  it('ignores events of another call or contact', () => {
    for (const state of agentStates.slice(3)) {
      expect(outcome(state, { kind: 'answered', callId: otherCallId, atMs: 5 })).toBe('=');
      expect(outcome(state, { kind: 'callEnded', callId: otherCallId, wrapUpMs: 1, atMs: 5 })).toBe('=');
      expect(outcome(state, { kind: 'wrappedUp', contactId: otherContactId, atMs: 5 })).toBe('=');
    }
  });

  it('only Ready is available; reserved, on call and wrap-up are busy', () => {
    expect(agentStates.map(isAvailable)).toEqual([false, false, true, false, false, false]);
    expect(agentStates.map(isBusy)).toEqual([false, false, false, true, true, true]);
  });
});
