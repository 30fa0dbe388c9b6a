import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultPolicy } from '../../shared/policy.ts';
import type { Factor, VerificationEvent } from '../../shared/verification.ts';
import { factorState, nextVerification, opens, unverified } from '../../shared/verification.ts';
import { factors, levelOf } from '../../shared/verification-tables.ts';

const classic = { ...defaultPolicy, verificationPreset: 'classic' as const };
const strict = { ...defaultPolicy, verificationPreset: 'strict' as const };
const tried = (factor: Factor, matched: boolean, atMs = 1): VerificationEvent => ({
  kind: 'tried',
  factor,
  matched,
  atMs,
});
const after = (events: readonly VerificationEvent[], rules = classic) =>
  events.reduce((state, event) => nextVerification(state, event, rules), unverified);

describe('R12: limits and life of a level', () => {
  it('closes a factor after three failures, and a later match changes nothing', () => {
    const closed = after([
      tried('servicePassword', false),
      tried('servicePassword', false),
      tried('servicePassword', false),
    ]);
    expect(factorState(closed, 'servicePassword')).toEqual({
      factor: 'servicePassword',
      status: 'closed',
      failures: 3,
    });
    expect(nextVerification(closed, tried('servicePassword', true), classic)).toBe(closed);
    expect(closed.level).toBe(1);
  });
  it('is dropped as a whole at hang-up', () => {
    expect(after([tried('smsCode', true), { kind: 'dropped' }])).toEqual(unverified);
  });
  it('security 52: strict lasts ten minutes, then possession must be proven again while the simple check stays', () => {
    const up = after([tried('fullName', true), tried('smsCode', true, 1_000)]);
    expect(up).toMatchObject({ level: 3, strictUntilMs: 601_000 });
    const over = nextVerification(up, { kind: 'timePassed', atMs: 601_000 }, classic);
    expect(over).toMatchObject({ level: 2, strictUntilMs: null });
    expect(factorState(over, 'smsCode').status).toBe('open');
    expect(factorState(over, 'fullName').status).toBe('passed');
    expect(nextVerification(over, { kind: 'timePassed', atMs: 700_000 }, classic)).toBe(over);
  });
  it('a lock by central takes class 3 away and keeps it away', () => {
    const locked = after([tried('smsCode', true), { kind: 'locked', untilMs: 1e9 }]);
    expect(locked.level).toBe(2);
    expect(nextVerification(locked, tried('servicePassword', true, 5), classic).level).toBe(2);
  });
  it('invariants hold over random histories', () => {
    const event = fc.oneof(
      fc.record({
        kind: fc.constant('tried' as const),
        factor: fc.constantFrom(...factors),
        matched: fc.boolean(),
        atMs: fc.nat(2_000_000),
      }),
      fc.record({ kind: fc.constant('locked' as const), untilMs: fc.nat(2_000_000) }),
      fc.record({ kind: fc.constant('timePassed' as const), atMs: fc.nat(2_000_000) }),
      fc.constant({ kind: 'dropped' as const }),
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), fc.constantFrom(classic, strict), (events, rules) => {
        let state = unverified;
        for (const each of events) {
          state = nextVerification(state, each, rules);
          const passed = state.factors.filter((factor) => factor.status === 'passed').map((factor) => factor.factor);
          expect(state.level).toBeLessThanOrEqual(Math.max(levelOf(passed, rules.verificationPreset), 2));
          if (state.level === 3) expect(state.strictUntilMs).not.toBeNull();
          for (const factor of state.factors) {
            expect(factor.failures).toBeLessThanOrEqual(rules.triesPerFactorPerCall);
            expect(factor.status === 'closed').toBe(factor.failures >= rules.triesPerFactorPerCall);
          }
        }
      }),
    );
  });
});

it('R11: a field above the level stays masked', () => {
  expect([opens(1, 1), opens(1, 2), opens(2, 2), opens(2, 3), opens(3, 3)]).toEqual([true, false, true, false, true]);
});
