import { z } from 'zod';
import type { QueryClass } from './customer.ts';
import { QueryClass as QueryClassSchema } from './customer.ts';
import type { Policy } from './policy.ts';
import type { AccountAction, Purpose, RiskFlag } from './verification-tables.ts';
import {
  accountActions,
  anyFactors,
  factors,
  isVoid,
  levelOf,
  opensAction,
  presets,
  riskFlags,
  sharesTries,
} from './verification-tables.ts';

/** Factors a caller says and an agent types. The agent types what the caller says; only central compares (R11). */
export const Factor = z.enum(factors);
export type Factor = z.infer<typeof Factor>;
export const AnyFactor = z.enum(anyFactors);
export type AnyFactor = z.infer<typeof AnyFactor>;
export const AccountActionName = z.enum(accountActions);

export const FactorState = z.object({
  factor: AnyFactor,
  status: z.enum(['open', 'passed', 'closed']),
  failures: z.number().int(),
  /** A code and an override are good for what they were given for (security 57). Absent: to tell the customer something. */
  purpose: AccountActionName.optional(),
});
export type FactorState = z.infer<typeof FactorState>;

/**
 * One call, one customer (R12, security 51): dropped at hang-up, customer switch, merge, transfer or sign-out; kept on a consult.
 *
 *   level 1 ──matched──▶ 2 ──matched──▶ 3 ──expires (strictMinutes) or used once──▶ 2
 *   any ──locked by central──▶ locked (class 3 closed, level stays at most 2)
 *   any ──lost (switched, merged, transferred)──▶ 1, failed tries and a lock stay
 *   1 ──carried (a signed pass of central: after a call back, or with a transfer)──▶ what it proves
 */
export const Verification = z.object({
  level: QueryClassSchema,
  factors: z.array(FactorState),
  /** Class 3 is locked until then (R12, central's word). */
  lockedUntilMs: z.number().nullable(),
  strictUntilMs: z.number().nullable(),
  /** Central's, as far as known. They only ever take away. */
  flags: z.array(z.enum(riskFlags)),
});
export type Verification = z.infer<typeof Verification>;

export const unverified: Verification = {
  level: 1,
  factors: [],
  lockedUntilMs: null,
  strictUntilMs: null,
  flags: [],
};

export type VerificationEvent =
  | {
      readonly kind: 'tried';
      readonly factor: AnyFactor;
      readonly matched: boolean;
      readonly atMs: number;
      readonly purpose?: AccountAction | undefined;
    }
  /** Proven in another call and signed by central. */
  | { readonly kind: 'carried'; readonly factors: readonly AnyFactor[]; readonly atMs: number }
  | { readonly kind: 'flagged'; readonly flags: readonly RiskFlag[] }
  | { readonly kind: 'locked'; readonly untilMs: number }
  | { readonly kind: 'timePassed'; readonly atMs: number }
  /** A strict transaction was done: the next one is checked anew (security 52). */
  | { readonly kind: 'used' }
  /** Somebody is asked while the customer waits. */
  | { readonly kind: 'consulted' }
  | { readonly kind: 'lost'; readonly why: 'switched' | 'merged' | 'transferred' }
  | { readonly kind: 'dropped' };

type Rules = Pick<Policy, 'verificationPreset' | 'triesPerFactorPerCall' | 'strictMinutes'>;

/** Returns the same object when the event means nothing here. */
export const nextVerification = (state: Verification, event: VerificationEvent, rules: Rules): Verification => {
  switch (event.kind) {
    case 'tried':
      return tried(state, event, rules);
    case 'carried': {
      const brought = event.factors.filter(
        (factor) => factorState(state, factor).status === 'open' && !isLockedOut(state, factor, event.atMs, rules),
      );
      if (brought.length === 0) return state;
      const passed = brought.map((factor): FactorState => ({ ...factorState(state, factor), status: 'passed' }));
      return relevel({ ...state, factors: replaced(state.factors, passed) }, event.atMs, rules);
    }
    case 'flagged': {
      const added = event.flags.filter((flag) => !state.flags.includes(flag));
      if (added.length === 0) return state;
      const flags = riskFlags.filter((flag) => state.flags.includes(flag) || added.includes(flag));
      const level = Math.min(state.level, levelOf(passedOf(state), rules.verificationPreset, flags)) as QueryClass;
      return { ...state, flags, level, strictUntilMs: level === 3 ? state.strictUntilMs : null };
    }
    case 'locked':
      if (state.lockedUntilMs === event.untilMs) return state;
      return {
        ...stepDown(state, rules),
        lockedUntilMs: event.untilMs,
        level: state.level === 3 ? 2 : state.level,
      };
    case 'timePassed':
      return state.strictUntilMs === null || event.atMs < state.strictUntilMs ? state : stepDown(state, rules);
    case 'used':
      return state.level === 3 ? stepDown(state, rules) : state;
    case 'consulted':
      return state;
    case 'lost':
      return withoutLevel(state);
    case 'dropped':
      return state === unverified ? state : unverified;
  }
};

const tried = (state: Verification, event: Extract<VerificationEvent, { kind: 'tried' }>, rules: Rules) => {
  const before = factorState(state, event.factor);
  // A closed or passed factor takes no further answer in this call; but for one asked for again, for something else.
  const isAnew = before.status === 'passed' && before.purpose !== event.purpose;
  if (before.status !== 'open' && !isAnew) return state;
  // Not kept for the time after the lock either: then it is asked anew.
  if (event.matched && isLockedOut(state, event.factor, event.atMs, rules)) return state;
  if (!event.matched) return relevel(failed(state, event.factor, rules), event.atMs, rules);
  const { purpose: _, ...kept } = before;
  const passed: FactorState = {
    ...kept,
    status: 'passed',
    ...(event.purpose === undefined ? {} : { purpose: event.purpose }),
  };
  return relevel({ ...state, factors: replaced(state.factors, [passed]) }, event.atMs, rules);
};

/** A wrong answer counts for every factor that asks for the same secret. */
const failed = (state: Verification, factor: AnyFactor, rules: Rules): Verification => {
  const failures = factorState(state, factor).failures + 1;
  const isClosed = failures >= rules.triesPerFactorPerCall;
  const counted = sharesTries(factor).map((one): FactorState => {
    const before = factorState(state, one);
    return { ...before, failures, status: isClosed ? 'closed' : before.status };
  });
  return { ...state, factors: replaced(state.factors, counted) };
};

const replaced = (states: readonly FactorState[], by: readonly FactorState[]): FactorState[] => [
  ...states.filter((one) => !by.some((other) => other.factor === one.factor)),
  ...by,
];

const isSimple = (factor: AnyFactor, rules: Rules): boolean =>
  presets[rules.verificationPreset][2].some((way) => way.factors.includes(factor));

const isLockedOut = ({ lockedUntilMs }: Verification, factor: AnyFactor, atMs: number, rules: Rules): boolean =>
  lockedUntilMs !== null && atMs < lockedUntilMs && !isSimple(factor, rules);

/** Step-up is over: possession and knowledge factors must be proven anew, simple ones stay. */
const stepDown = (state: Verification, rules: Rules): Verification => {
  const kept = state.factors.flatMap((one) => {
    if (one.status !== 'passed' || isSimple(one.factor, rules)) return [one];
    return one.failures > 0 ? [reopened(one)] : [];
  });
  return { ...state, factors: kept, level: 2, strictUntilMs: null };
};

/** What remains of a level when it is lost in the middle of a call: the failed tries, a lock (R12), and what speaks against it. */
export const withoutLevel = (state: Verification): Verification => ({
  ...unverified,
  lockedUntilMs: state.lockedUntilMs,
  flags: state.flags,
  factors: state.factors
    .filter((factor) => factor.failures > 0)
    .map((factor) => (factor.status === 'passed' ? reopened(factor) : factor)),
});

const reopened = ({ factor, failures }: FactorState): FactorState => ({ factor, failures, status: 'open' });

const relevel = (state: Verification, atMs: number, rules: Rules): Verification => {
  const reached = levelOf(passedOf(state), rules.verificationPreset, state.flags);
  const level: QueryClass = reached === 3 && state.lockedUntilMs !== null && atMs < state.lockedUntilMs ? 2 : reached;
  const strictUntilMs = level === 3 ? (state.strictUntilMs ?? atMs + rules.strictMinutes * 60_000) : null;
  return { ...state, level, strictUntilMs };
};

const passedOf = (state: Verification): readonly AnyFactor[] =>
  state.factors.filter((other) => other.status === 'passed').map((other) => other.factor);

/** Passed for this: what was given for another action does not count. */
export const passedFor = (state: Verification, purpose: Purpose): readonly AnyFactor[] =>
  state.factors
    .filter(
      ({ status, factor, purpose: given }) =>
        status === 'passed' && (!isBound(factor) || purpose === 'disclose' || given === purpose),
    )
    .map(({ factor }) => factor);

const isBound = (factor: AnyFactor): boolean => factor === 'smsCode' || factor === 'override';

/** Whether the account may be changed now: class 3 reached and not run out, no lock, and proven for this very thing. */
export const mayAct = (state: Verification, action: AccountAction, rules: Rules, atMs: number): boolean => {
  if (state.lockedUntilMs !== null && atMs < state.lockedUntilMs) return false;
  // A way to an action is one to class 3 as well, in every table: so there is a time until which it counts.
  if (state.level !== 3 || state.strictUntilMs === null || atMs >= state.strictUntilMs) return false;
  return opensAction(action, passedFor(state, action), rules.verificationPreset, state.flags);
};

export const factorState = (state: Verification, factor: AnyFactor): FactorState =>
  state.factors.find((other) => other.factor === factor) ?? { factor, status: 'open', failures: 0 };

/** Whether it can be tried now: neither closed nor already counted, and not void for what it would be for. */
export const mayTry = (state: Verification, factor: AnyFactor, purpose: Purpose = 'disclose'): boolean => {
  const { status, purpose: given } = factorState(state, factor);
  if (status === 'closed' || isVoid(factor, state.flags, purpose)) return false;
  return status === 'open' || (isBound(factor) && purpose !== 'disclose' && given !== purpose);
};

/** Which fields a level opens: a field above the level stays masked (R11). */
export const opens = (level: QueryClass, fieldClass: QueryClass): boolean => fieldClass <= level;
