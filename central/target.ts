import type { Customer } from '../shared/customer.ts';
import type { Policy } from '../shared/policy.ts';
import { tierOf } from '../shared/tier.ts';

/** One person a task would call. `tier` as a rank: high and mid come first under equal conditions (R20). */
export type Target = {
  readonly number: string;
  readonly customer: Customer | undefined;
  readonly name: string;
  readonly note: string;
  readonly tier: 0 | 1 | 2;
};

export const rankOf = ({ usage }: Customer, policy: Policy): Target['tier'] => {
  const { tier } = tierOf(usage, policy.tier);
  return tier === 'high' ? 0 : tier === 'mid' ? 1 : 2;
};
