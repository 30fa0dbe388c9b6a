import type { Policy } from './policy.ts';

/** A value is open for so long, then masked again, and in any case when the call ends (security 37). */
export const revealMs = 30_000;

/** What an agent may open within a day, below what counts as a breach (25 sensitive, 250 customers, 2,500 others; R44, security 45). */
type RevealBudget = { readonly sensitive: number; readonly records: number; readonly other: number };
/** The most a policy may allow. */
const mostReveals: RevealBudget = { sensitive: 24, records: 249, other: 2_499 };
const usual: RevealBudget = { sensitive: 24, records: 200, other: 2_000 };
/** From this share of the budget on somebody is told. */
const alarmShare = 0.75;

export const budgetOf = ({ revealBudget }: Pick<Policy, 'revealBudget'>): RevealBudget => {
  const wanted = revealBudget ?? usual;
  return {
    sensitive: Math.min(wanted.sensitive, mostReveals.sensitive),
    records: Math.min(wanted.records, mostReveals.records),
    other: Math.min(wanted.other, mostReveals.other),
  };
};

export type Revealed = RevealBudget;
type Verdict = { readonly kind: 'within' | 'alarm' } | { readonly kind: 'over'; readonly which: keyof RevealBudget };

/** @param soFar today, with what is asked for now */
export const judgeReveals = (soFar: Revealed, budget: RevealBudget): Verdict => {
  for (const which of ['sensitive', 'records', 'other'] as const)
    if (soFar[which] > budget[which]) return { kind: 'over', which };
  const isNear = (['sensitive', 'records', 'other'] as const).some(
    (which) => soFar[which] >= Math.ceil(budget[which] * alarmShare),
  );
  return { kind: isNear ? 'alarm' : 'within' };
};
