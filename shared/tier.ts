import type { Customer, Usage } from './customer.ts';
import type { tiers, lifeStages, warningReasons } from './customer.ts';
import type { Policy } from './policy.ts';

const dayMs = 86_400_000;

/** A reason as data: the desk renders `tierWhy.<key>` / `warning.<key>` with the params. */
export type Why = { readonly key: string; readonly params: Readonly<Record<string, number>> };
export type Tier = { readonly tier: (typeof tiers)[number]; readonly why: readonly Why[] };

/** R1: value from ARPU, tenure and credit. Each dimension gives points; the reasons name those that decided. */
export const tierOf = (usage: Usage, policy: Policy['tier']): Tier => {
  const why: Why[] = [];
  let points = 0;
  if (usage.arpu >= policy.highArpu) {
    points += 2;
    why.push({ key: 'arpuHigh', params: { arpu: usage.arpu, from: policy.highArpu } });
  } else if (usage.arpu >= policy.midArpu) {
    points += 1;
    why.push({ key: 'arpuMid', params: { arpu: usage.arpu, from: policy.midArpu } });
  } else {
    why.push({ key: 'arpuLow', params: { arpu: usage.arpu, from: policy.midArpu } });
  }
  if (usage.tenureMonths >= policy.highTenureMonths) {
    points += 1;
    why.push({ key: 'tenureLong', params: { months: usage.tenureMonths } });
  } else {
    why.push({ key: 'tenure', params: { months: usage.tenureMonths } });
  }
  if (usage.creditScore >= policy.highCredit) {
    points += 1;
    why.push({ key: 'creditHigh', params: { score: usage.creditScore } });
  } else if (usage.creditScore < policy.lowCredit) {
    points -= 1;
    why.push({ key: 'creditLow', params: { score: usage.creditScore } });
  } else {
    why.push({ key: 'credit', params: { score: usage.creditScore } });
  }
  return { tier: points >= 3 ? 'high' : points >= 1 ? 'mid' : 'standard', why };
};

/**
 * What of the usage a seat may hold: enough for tier, life cycle and hints, too coarse to answer a verification question with (R10,
 * R11). Bills become an index (previous month = 100), spend is floored to tens of CNY, on which the policy's limits lie.
 */
export const coarseUsage = (usage: Usage): Usage => ({
  ...usage,
  arpu: Math.floor(usage.arpu / 10) * 10,
  previousBill: usage.previousBill > 0 ? 100 : 0,
  lastBill: usage.previousBill > 0 ? Math.round((usage.lastBill / usage.previousBill) * 100) : 0,
});

export type LifeCycle = {
  readonly stage: (typeof lifeStages)[number];
  readonly reasons: readonly { readonly key: (typeof warningReasons)[number]; readonly params: Why['params'] }[];
};

/** R3: any warning reason makes the stage a warning; else tenure decides. */
export const lifeCycleOf = (usage: Usage, policy: Policy, nowMs: number): LifeCycle => {
  const reasons: { key: (typeof warningReasons)[number]; params: Why['params'] }[] = [];
  if (usage.daysSinceLastRecord >= 15) reasons.push({ key: 'noRecords', params: { days: usage.daysSinceLastRecord } });
  const swing = usage.previousBill > 0 ? Math.round((usage.lastBill / usage.previousBill - 1) * 100) : 0;
  if (Math.abs(swing) >= 50) reasons.push({ key: 'chargeSwing', params: { percent: swing } });
  if (usage.rivalForwarding) reasons.push({ key: 'rivalForwarding', params: {} });
  if (usage.contractEndsAtMs !== null) {
    const days = Math.ceil((usage.contractEndsAtMs - nowMs) / dayMs);
    if (days >= 0 && days <= policy.contractEndWarningDays) reasons.push({ key: 'contractEnd', params: { days } });
  }
  if (usage.arpu < policy.lowArpu)
    reasons.push({ key: 'lowArpu', params: { arpu: usage.arpu, below: policy.lowArpu } });
  if (reasons.length > 0) return { stage: 'warning', reasons };
  return {
    stage: usage.tenureMonths < 3 ? 'identification' : usage.tenureMonths < 24 ? 'growth' : 'stable',
    reasons: [],
  };
};

/** Offers that usage may match, by the ids their hints carry. */
export const hintOffers = ['ip-long-distance', 'data-10g', 'roaming-pass', 'loyalty-24'] as const;

export type Hint = {
  readonly offerId: string;
  readonly key: string;
  readonly params: Readonly<Record<string, number>>;
};

/** R5: offers from usage, each with its reason; none for red list, refusals, or an offer made within the quiet time. */
export const hintsOf = (
  customer: Pick<Customer, 'usage' | 'list' | 'refusesMarketing' | 'lastOffers'>,
  policy: Policy,
  nowMs: number,
): readonly Hint[] => {
  if (customer.list === 'red' || customer.refusesMarketing) return [];
  const { usage } = customer;
  const quietSince = nowMs - policy.offerQuietDays * dayMs;
  const recent = new Set(customer.lastOffers.filter((offer) => offer.atMs >= quietSince).map((offer) => offer.offerId));
  const all: Hint[] = [];
  if (usage.longDistanceShare >= 0.3)
    all.push({
      offerId: 'ip-long-distance',
      key: 'ipLongDistance',
      params: { percent: Math.round(usage.longDistanceShare * 100) },
    });
  if (usage.dataUsedShare >= 0.9)
    all.push({ offerId: 'data-10g', key: 'moreData', params: { percent: Math.round(usage.dataUsedShare * 100) } });
  if (usage.roamingDays >= 5)
    all.push({ offerId: 'roaming-pass', key: 'roamingPass', params: { days: usage.roamingDays } });
  if (usage.tenureMonths >= 24 && usage.arpu >= 80 && usage.contractEndsAtMs === null)
    all.push({ offerId: 'loyalty-24', key: 'loyalty', params: { months: usage.tenureMonths } });
  return all.filter((hint) => !recent.has(hint.offerId));
};
