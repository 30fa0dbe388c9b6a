import { describe, expect, it } from 'vitest';
import type { DialledCall, DialledEvent } from '../../shared/dialler.ts';
import { attemptOf, nextDialled, unansweredBy } from '../../shared/dialler.ts';

const states: Readonly<Record<string, DialledCall>> = {
  reserved: { kind: 'reserved', sinceMs: 1 },
  ringing: { kind: 'ringing', sinceMs: 1 },
  waiting: { kind: 'waiting', dialledMs: 1, answeredMs: 5 },
  connected: { kind: 'connected', answeredMs: 5, metMs: 6, agentId: 'A1001' },
  over: { kind: 'over', outcome: 'busy', atMs: 7 },
};
const events: Readonly<Record<string, DialledEvent>> = {
  dialled: { kind: 'dialled', atMs: 9 },
  answered: { kind: 'answered', atMs: 9 },
  machine: { kind: 'machine', atMs: 9 },
  lost: { kind: 'lost', atMs: 9 },
  met: { kind: 'met', agentId: 'A1002', atMs: 9 },
  ended: { kind: 'ended', why: 'noAnswer', atMs: 9 },
};
/** State, then what each event makes of it; `-`: nothing. */
const matrix: Readonly<Record<string, readonly string[]>> = {
  //          dialled    answered   machine         lost              met          ended
  reserved: ['ringing', 'waiting', 'over machine', '-', '-', 'over noAnswer'],
  ringing: ['-', 'waiting', 'over machine', '-', '-', 'over noAnswer'],
  waiting: ['-', '-', 'over machine', 'over abandoned', 'connected', 'over leftEarly'],
  connected: ['-', '-', '-', '-', '-', 'over connected'],
  over: ['-', '-', '-', '-', '-', '-'],
};

describe('a customer called by central (R25)', () => {
  const cells = Object.entries(matrix).flatMap(([from, row]) =>
    Object.keys(events).map((event, at) => [from, event, row[at] ?? ''] as const),
  );
  it.each(cells)('%s, %s: %s', (from, name, to) => {
    const [state, event] = [states[from], events[name]];
    if (state === undefined || event === undefined) throw new Error('not in the matrix');
    const next = nextDialled(state, event);
    if (to === '-') expect(next).toBe(state);
    else expect(next.kind === 'over' ? `over ${next.outcome}` : next.kind).toBe(to);
  });

  it.each([
    [17, 'busy', 'busy'],
    [21, 'rejected', 'busy'],
    [1, 'invalid', 'invalid'],
    [28, 'invalid', 'invalid'],
    [19, 'noAnswer', 'noAnswer'],
    [20, 'noAnswer', 'noAnswer'],
    [34, 'congestion', 'failed'],
    [42, 'congestion', 'failed'],
    [127, 'failed', 'failed'],
    [0, 'failed', 'failed'],
  ] as const)('Q.850 cause %i is %s, for the task %s', (cause, outcome, attempt) => {
    expect(unansweredBy(cause, false)).toBe(outcome);
    expect(attemptOf(outcome)).toBe(attempt);
  });

  it('a ring time that was over is nobody, unless the network knows better', () => {
    expect(unansweredBy(0, true)).toBe('noAnswer');
    expect(unansweredBy(16, true)).toBe('noAnswer');
    expect(unansweredBy(17, true)).toBe('busy');
  });
});
