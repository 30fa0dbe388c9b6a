import { describe, expect, it } from 'vitest';
import { defaultPolicy } from '../../../shared/policy.ts';
import type { Verification, VerificationEvent } from '../../../shared/verification.ts';
import { nextVerification, unverified } from '../../../shared/verification.ts';

/** Every state that differs in kind × every event: what the level is afterwards, and `=` where nothing at all changes. */
const rules = { ...defaultPolicy, verificationPreset: 'classic' as const };
const say = (factor: 'fullName' | 'servicePassword', matched: boolean, atMs = 0): VerificationEvent => ({
  ...{ kind: 'tried', factor, matched, atMs },
});
const after = (...events: readonly VerificationEvent[]): Verification =>
  events.reduce((state, event) => nextVerification(state, event, rules), unverified);

const no = say('servicePassword', false);
const states = {
  nothing: unverified,
  'one failed': after(no),
  'password closed': after(no, no, no),
  'class 2': after(say('fullName', true)),
  'class 3': after(say('fullName', true), say('servicePassword', true)),
  'class 3 alone': after(say('servicePassword', true)),
  locked: after(say('fullName', true), { kind: 'locked', untilMs: 1e9 }),
  flagged: after({ kind: 'flagged', flags: ['simChanged'] }),
} as const satisfies Record<string, Verification>;

const events = {
  'name fits': say('fullName', true, 1),
  'name does not': say('fullName', false, 1),
  'password fits': say('servicePassword', true, 1),
  'password does not': say('servicePassword', false, 1),
  'a code fits': { kind: 'tried', factor: 'smsCode', matched: true, atMs: 1 },
  carried: { kind: 'carried', factors: ['callBack'], atMs: 1 },
  flagged: { kind: 'flagged', flags: ['simChanged'] },
  locked: { kind: 'locked', untilMs: 1e9 },
  'too early': { kind: 'timePassed', atMs: 599_999 },
  'ten minutes': { kind: 'timePassed', atMs: 600_000 },
  used: { kind: 'used' },
  consulted: { kind: 'consulted' },
  lost: { kind: 'lost', why: 'switched' },
  dropped: { kind: 'dropped' },
} as const satisfies Record<string, VerificationEvent>;

type Name = keyof typeof states;
/** In the order of `events`. `=`: the same object. */
const matrix: Readonly<Record<Name, string>> = {
  //                 fits no   pass no   code carr flag lock erly ten  used cons lost drop
  nothing: /*       */ '2    1    3    1    3    3    1    1    =    =    =    =    1    =',
  'one failed': /*  */ '2    1    3    1    3    3    1    1    =    =    =    =    1    1',
  'password closed': ' 2    1    =    =    3    3    1    1    =    =    =    =    1    1',
  'class 2': /*     */ '=    =    3    2    3    3    2    2    =    =    =    =    1    1',
  'class 3': /*     */ '=    =    =    =    3    3    3    2    =    2    2    =    1    1',
  'class 3 alone': ' 3    3    =    =    3    3    3    2    =    2    2    =    1    1',
  locked: /*        */ '=    =    =    2    =    =    2    =    =    =    =    =    1    1',
  flagged: /*       */ '2    1    3    1    1    1    =    1    =    =    =    =    1    1',
};

describe('security 51 state × event', () => {
  it.each(Object.keys(states) as Name[])('%s', (name) => {
    const state = states[name];
    const got = Object.values(events).map((event) => {
      const next = nextVerification(state, event, rules);
      return next === state ? '=' : String(next.level);
    });
    expect(got.join(' ')).toBe(matrix[name].trim().split(/\s+/).join(' '));
  });

  it('is written for every event', () => {
    for (const row of Object.values(matrix)) expect(row.trim().split(/\s+/)).toHaveLength(Object.keys(events).length);
  });
});
