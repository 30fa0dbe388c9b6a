import { z } from 'zod';
import type { QueryClass } from './customer.ts';
import { QueryClass as QueryClassSchema } from './customer.ts';
import type { Policy } from './policy.ts';

/** Factors a caller can be checked by (R10). The agent types what the caller says; only central compares (R11). */
export const factors = [
  'fullName',
  'lastBillRange',
  'package',
  'servicePassword',
  'smsCode',
  'idNumber',
  'address',
  'contactPhone',
] as const;
export const Factor = z.enum(factors);
export type Factor = z.infer<typeof Factor>;

/** A way to reach a level: all of `factors` taken together, `count` of them. */
type Way = { readonly factors: readonly Factor[]; readonly count: number };

const simple: readonly Way[] = [{ factors: ['fullName', 'lastBillRange', 'package'], count: 1 }];
const possession: readonly Factor[] = ['servicePassword', 'smsCode'];

/** R10 / R46 as data: the presets differ only in how class 3 is reached. */
export const presets: Readonly<Record<Policy['verificationPreset'], Readonly<Record<2 | 3, readonly Way[]>>>> = {
  classic: {
    2: simple,
    3: [
      { factors: ['servicePassword'], count: 1 },
      { factors: ['smsCode'], count: 1 },
      { factors: ['idNumber', 'address', 'contactPhone'], count: 2 },
    ],
  },
  strict: { 2: simple, 3: [{ factors: possession, count: 1 }] },
};

/** Highest class the passed factors open. Class 1 needs nothing; whoever reached 3 has 2 as well. */
export const levelOf = (passed: readonly Factor[], preset: Policy['verificationPreset']): QueryClass => {
  const has = new Set(passed);
  const reached = (ways: readonly Way[]): boolean =>
    ways.some((way) => way.factors.filter((factor) => has.has(factor)).length >= way.count);
  if (reached(presets[preset][3])) return 3;
  return reached(presets[preset][2]) ? 2 : 1;
};

/** Factors worth asking for a class, in the order the desk offers them. */
export const factorsFor = (wanted: QueryClass, preset: Policy['verificationPreset']): readonly Factor[] =>
  wanted === 1 ? [] : [...new Set(presets[preset][wanted].flatMap((way) => way.factors))];

export const FactorState = z.object({
  factor: Factor,
  status: z.enum(['open', 'passed', 'closed']),
  failures: z.number().int(),
});

/**
 * One call, one customer (R12, security 51): dropped at hang-up, customer switch or sign-out.
 *
 *   level 1 ──matched──▶ 2 ──matched──▶ 3 ──expires (strictMinutes)──▶ 2
 *   any ──locked by central──▶ locked (class 3 closed, level stays)
 */
export const Verification = z.object({
  level: QueryClassSchema,
  factors: z.array(FactorState),
  /** Class 3 is locked until then (R12, central's word). */
  lockedUntilMs: z.number().nullable(),
  strictUntilMs: z.number().nullable(),
});
export type Verification = z.infer<typeof Verification>;

export const unverified: Verification = { level: 1, factors: [], lockedUntilMs: null, strictUntilMs: null };

export type VerificationEvent =
  | { readonly kind: 'tried'; readonly factor: Factor; readonly matched: boolean; readonly atMs: number }
  | { readonly kind: 'locked'; readonly untilMs: number }
  | { readonly kind: 'timePassed'; readonly atMs: number }
  | { readonly kind: 'dropped' };

type Rules = Pick<Policy, 'verificationPreset' | 'triesPerFactorPerCall' | 'strictMinutes'>;

export const nextVerification = (state: Verification, event: VerificationEvent, rules: Rules): Verification => {
  switch (event.kind) {
    case 'tried': {
      const before = factorState(state, event.factor);
      // A closed or passed factor takes no further answer in this call.
      if (before.status !== 'open') return state;
      const failures = before.failures + (event.matched ? 0 : 1);
      const status = event.matched ? 'passed' : failures >= rules.triesPerFactorPerCall ? 'closed' : 'open';
      return relevel(
        {
          ...state,
          factors: [
            ...state.factors.filter((other) => other.factor !== event.factor),
            { factor: event.factor, status, failures },
          ],
        },
        event.atMs,
        rules,
      );
    }
    case 'locked':
      return {
        ...state,
        lockedUntilMs: event.untilMs,
        level: state.level === 3 ? 2 : state.level,
        strictUntilMs: null,
      };
    case 'timePassed': {
      if (state.strictUntilMs === null || event.atMs < state.strictUntilMs) return state;
      // Step-up is over: possession and knowledge factors must be proven anew, simple ones stay.
      const kept = state.factors.filter(
        (other) =>
          presets[rules.verificationPreset][2].some((way) => way.factors.includes(other.factor)) ||
          other.status !== 'passed',
      );
      return { ...state, factors: kept, level: 2, strictUntilMs: null };
    }
    case 'dropped':
      return unverified;
  }
};

const relevel = (state: Verification, atMs: number, rules: Rules): Verification => {
  const passed = state.factors.filter((other) => other.status === 'passed').map((other) => other.factor);
  const reached = levelOf(passed, rules.verificationPreset);
  const level: QueryClass = reached === 3 && state.lockedUntilMs !== null && atMs < state.lockedUntilMs ? 2 : reached;
  const strictUntilMs = level === 3 ? (state.strictUntilMs ?? atMs + rules.strictMinutes * 60_000) : null;
  return { ...state, level, strictUntilMs };
};

export const factorState = (state: Verification, factor: Factor): z.infer<typeof FactorState> =>
  state.factors.find((other) => other.factor === factor) ?? { factor, status: 'open', failures: 0 };

/** Which fields a level opens: a field above the level stays masked (R11). */
export const opens = (level: QueryClass, fieldClass: QueryClass): boolean => fieldClass <= level;
