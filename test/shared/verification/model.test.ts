import { describe, expect, it } from 'vitest';
import { defaultPolicy } from '../../../shared/policy.ts';
import type { Verification, VerificationEvent } from '../../../shared/verification.ts';
import { mayAct, nextVerification, passedFor, unverified } from '../../../shared/verification.ts';
import type { AnyFactor, Preset } from '../../../shared/verification-tables.ts';
import {
  accountActions,
  anyFactors,
  levelOf,
  opensAction,
  presets,
  riskFlags,
  sharesTries,
} from '../../../shared/verification-tables.ts';

/**
 * Security 51, walked at random: a plain model remembers what was said, and the machine must agree with it after every step.
 * 10⁵ steps with the other tests; `npm run test:verification -- --steps 5000000` for long.
 */
const steps = Number(process.env['VERIFICATION_STEPS'] ?? 100_000);
const seed = Number(process.env['VERIFICATION_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

const minutes = { timeout: 60_000 + steps / 2 };

const randomOf = (from: number) => {
  let state = from;
  // Mulberry32: small, and the same everywhere.
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const pick = <T>(of: readonly T[]): T => of[Math.floor(next() * of.length)] as T;
  return { next, pick };
};

type Step = VerificationEvent['kind'];
const often: readonly Step[] = [
  ...['tried', 'tried', 'tried', 'tried', 'tried', 'tried', 'timePassed', 'timePassed', 'consulted', 'carried'],
  ...['flagged', 'locked', 'used', 'lost', 'dropped'],
] as Step[];

const rulesOf = (preset: Preset) => ({ ...defaultPolicy, verificationPreset: preset, strictMinutes: 10 });

/** What was heard in this call about this customer, kept without the machine's rules. */
type Heard = {
  /** Matched and not taken back since: when it was said. */
  readonly matches: Map<AnyFactor, number>;
  readonly failures: Map<AnyFactor, number>;
  strictSinceMs: number | null;
};
const nothing = (): Heard => ({ matches: new Map(), failures: new Map(), strictSinceMs: null });

const isSimple = (factor: AnyFactor, preset: Preset): boolean =>
  presets[preset][2].some((way) => way.factors.includes(factor));

describe('security 51 the level belongs to one call and one customer', () => {
  it.each(['classic', 'strict'] as const)(`no invariant is broken in ${steps} random steps (%s)`, minutes, (preset) => {
    const rules = rulesOf(preset);
    const random = randomOf(seed);
    const told = (why: string, event: VerificationEvent, state: Verification) =>
      `seed ${seed}: ${why} after ${JSON.stringify(event)} in ${JSON.stringify(state)}`;
    let [state, nowMs, heard]: [Verification, number, Heard] = [unverified, 0, nothing()];
    let reached3 = 0;
    for (let n = 0; n < steps; n += 1) {
      nowMs += Math.floor(random.next() * 90_000);
      const event = draw(random, nowMs);
      const before = state;
      state = nextVerification(state, event, rules);
      remember(heard, event, before, preset, nowMs);
      if (event.kind === 'dropped') heard = nothing();
      const why = broken(state, event, before, heard, preset, nowMs);
      if (why !== undefined) throw new Error(told(why, event, before));
      if (state.level === 3) reached3 += 1;
    }
    // A walk that never gets anywhere proves nothing.
    expect(reached3).toBeGreaterThan(steps / 50);
  });
});

const draw = ({ next, pick }: ReturnType<typeof randomOf>, atMs: number): VerificationEvent => {
  const kind = pick(often);
  switch (kind) {
    case 'tried': {
      const purpose = next() < 0.2 ? pick(accountActions) : undefined;
      return { kind, factor: pick(anyFactors), matched: next() < 0.6, atMs, purpose };
    }
    case 'carried':
      return { kind, factors: [pick(anyFactors), pick(anyFactors)], atMs };
    case 'flagged':
      // Rarely: a flag stays for the call.
      return { kind, flags: next() < 0.1 ? [pick(riskFlags)] : [] };
    case 'locked':
      return { kind, untilMs: atMs + Math.floor(next() * 200_000) };
    case 'timePassed':
      return { kind, atMs };
    case 'lost':
      return { kind, why: pick(['switched', 'merged', 'transferred'] as const) };
    case 'used':
    case 'consulted':
    case 'dropped':
      return { kind };
  }
};

const remember = (
  heard: Heard,
  event: VerificationEvent,
  before: Verification,
  preset: Preset,
  nowMs: number,
): void => {
  const isClosed = (factor: AnyFactor) => (heard.failures.get(factor) ?? 0) >= 3;
  const stepDown = () => {
    for (const factor of heard.matches.keys()) if (!isSimple(factor, preset)) heard.matches.delete(factor);
  };
  const isOut = (factor: AnyFactor) =>
    before.lockedUntilMs !== null && nowMs < before.lockedUntilMs && !isSimple(factor, preset);
  if (event.kind === 'tried' && event.matched && !isClosed(event.factor) && !isOut(event.factor))
    heard.matches.set(event.factor, nowMs);
  if (event.kind === 'tried' && !event.matched && !isClosed(event.factor)) {
    const isPassed = heard.matches.has(event.factor);
    const given = before.factors.find((one) => one.factor === event.factor)?.purpose;
    // Passed for the same thing: not asked again.
    if (isPassed && given === event.purpose) return;
    const count = (heard.failures.get(event.factor) ?? 0) + 1;
    for (const one of sharesTries(event.factor)) {
      heard.failures.set(one, count);
      if (count >= 3) heard.matches.delete(one);
    }
  }
  if (event.kind === 'carried')
    for (const factor of event.factors)
      if (!isClosed(factor) && !isOut(factor) && !heard.matches.has(factor)) heard.matches.set(factor, nowMs);
  if (event.kind === 'lost') heard.matches.clear();
  if (event.kind === 'locked') stepDown();
  if (event.kind === 'used' && before.level === 3) stepDown();
  if (event.kind === 'timePassed' && before.strictUntilMs !== null && nowMs >= before.strictUntilMs) stepDown();
};

/** The invariants, each with its name; undefined: all hold. */
const broken = (
  state: Verification,
  event: VerificationEvent,
  before: Verification,
  heard: Heard,
  preset: Preset,
  nowMs: number,
): string | undefined => {
  const passed = passedFor(state, 'disclose');
  const matched = [...heard.matches.keys()];
  // 1. Nothing counts as passed that was not heard to match in this call, about this customer, since the level was last lost.
  if (passed.some((factor) => !heard.matches.has(factor))) return 'passed without a match';
  // 2. The level is never above what the table gives for what was heard (2 remains for a moment when class 3 ran out).
  if (state.level > Math.max(levelOf(matched, preset, state.flags), 2)) return 'level above the table';
  if (state.level === 3 && levelOf(passed, preset, state.flags) !== 3) return 'class 3 without its factors';
  // 3. Class 3 always ends: at most ten minutes ahead, and only class 3 does.
  if ((state.level === 3) !== (state.strictUntilMs !== null)) return 'class 3 without an end';
  if (state.strictUntilMs !== null && state.strictUntilMs > nowMs + 600_000) return 'class 3 beyond ten minutes';
  // 4. A lock keeps class 3 closed.
  if (state.level === 3 && before.level < 3)
    if (state.lockedUntilMs !== null && nowMs < state.lockedUntilMs) return 'class 3 while locked';
  if (event.kind === 'locked' && state.level === 3) return 'locked and still class 3';
  // 5. Three failures close a factor for the call, for every factor of the same secret, and nothing opens it again.
  for (const { factor, failures, status } of state.factors) {
    if (failures > 3) return 'a fourth failure';
    if ((status === 'closed') !== failures >= 3) return 'closed without three failures, or open with them';
    if (failures !== (heard.failures.get(factor) ?? 0)) return 'failures forgotten';
  }
  for (const [factor, count] of heard.failures)
    if (count > 0 && !state.factors.some((one) => one.factor === factor)) return 'a failed factor is forgotten';
  // 6. Lost, dropped: no level; a consultation changes nothing.
  if (event.kind === 'lost' && (state.level !== 1 || passed.length > 0)) return 'a level that was lost';
  if (event.kind === 'dropped' && state !== unverified) return 'something outlives the call';
  if (event.kind === 'consulted' && state !== before) return 'a consultation changed something';
  // 7. Signs against the caller stay for the call and never raise the level.
  if (event.kind !== 'dropped' && before.flags.some((flag) => !state.flags.includes(flag))) return 'a flag is gone';
  if (event.kind === 'flagged' && state.level > before.level) return 'a flag raised the level';
  // 8. Only a match or a pass raises the level.
  const mayRaise = (event.kind === 'tried' && event.matched) || event.kind === 'carried';
  if (!mayRaise && state.level > before.level) return 'raised by something else';
  // 9. An action takes class 3, no lock, time left, and its own row of the table with what was given for it.
  for (const action of accountActions) {
    if (!mayAct(state, action, rulesOf(preset), nowMs)) continue;
    if (state.level !== 3) return 'an action below class 3';
    if (!opensAction(action, matched, preset, state.flags)) return 'an action without its row';
    const code = state.factors.find((one) => one.factor === 'smsCode');
    const others = matched.filter((factor) => factor !== 'smsCode' && factor !== 'override');
    if (code?.purpose !== action && opensAction(action, matched, preset, state.flags))
      if (!opensAction(action, [...others, ...overrideFor(state, action)], preset, state.flags))
        return 'a code given for something else opened an action';
  }
  return undefined;
};

const overrideFor = (state: Verification, action: string): readonly AnyFactor[] =>
  state.factors.some((one) => one.factor === 'override' && one.purpose === action) ? ['override'] : [];
