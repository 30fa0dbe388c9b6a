import type { Customer } from './customer.ts';
import type { Target } from './directory.ts';
import type { Policy, RoleDialPlan } from './policy.ts';
import { parseNumber } from './phone-number.ts';
import type { Result } from './result.ts';
import { ok, refusal, refused } from './result.ts';

/**
 * R21: one policy for every dial path, with a reason for each no (`reason.<key>` in the locales).
 * `service` covers care, callbacks the customer asked for and obligations (R24), which are not telemarketing.
 */
export type DialPurpose = 'service' | 'marketing';
/** Paths that open no contact: to ask somebody about a customer, to hand the customer over, to pass a ringing call on, to hear oneself. */
export const reachPurposes = ['consult', 'transfer', 'divert', 'check'] as const;
export type ReachPurpose = (typeof reachPurposes)[number];
export type Role = 'agent' | 'lead' | 'manager' | 'admin';

export type DialRequest = {
  readonly text: string;
  readonly purpose: DialPurpose;
  readonly customer: Customer | undefined;
  /** Minutes since midnight at the callee's place. */
  readonly localMinute: number;
  /** Of who dials; the narrowest when it is not known. */
  readonly role?: Role;
};
export type DialTarget = { readonly key: string; readonly dial: string; readonly warnings: readonly 'roaming'[] };

const everyTarget: RoleDialPlan['targets'] = ['colleague', 'queue', 'department'];
const agentPlan: RoleDialPlan = {
  targets: everyTarget,
  asksUnlisted: false,
  asksCustomers: false,
  international: false,
  premium: false,
};
const leadPlan: RoleDialPlan = { ...agentPlan, asksUnlisted: true, asksCustomers: true };
const defaultPlans: Readonly<Record<Role, RoleDialPlan>> = {
  agent: agentPlan,
  lead: leadPlan,
  manager: { ...leadPlan, international: true },
  admin: { ...agentPlan, targets: ['colleague'] },
};

/** Security 73. */
export const planOf = (policy: Policy, role: Role): RoleDialPlan => policy.dialPlan?.[role] ?? defaultPlans[role];

/** Security 74. */
export const dialsPerMinute = (policy: Policy): number => policy.dialsPerMinute ?? 20;

/** The number by which one hears oneself; of the operator's own exchange. */
export const echoNumber = '6099';

/** Digits and a leading + only; no host, `?`, `;`, `@` can come through (security 72). Emergency numbers always pass (security 73). */
export const mayDial = (request: DialRequest, policy: Policy): Result<DialTarget> => {
  const parsed = parseNumber(request.text);
  if (parsed.kind === 'withheld') return refused(refusal('policy', 'numberEmpty'));
  if (parsed.kind === 'malformed') return refused(refusal('policy', 'numberMalformed'));
  const target: DialTarget = {
    key: parsed.key,
    dial: parsed.national.replace(/[^\d+]/g, ''),
    warnings: request.customer?.roaming === true ? ['roaming'] : [],
  };
  if (parsed.kind === 'emergency') return ok(target);
  const plan = planOf(policy, request.role ?? 'agent');
  if (parsed.kind === 'international' && !plan.international) return refused(refusal('policy', 'numberInternational'));
  if (parsed.kind === 'short' && /^1(?:60|68)/.test(parsed.national) && !plan.premium)
    return refused(refusal('policy', 'numberPremium'));
  if (request.purpose === 'marketing') {
    if (request.customer === undefined) return refused(refusal('policy', 'notOwnCustomer'));
    if (request.customer.list === 'red') return refused(refusal('policy', 'redList'));
    if (request.customer.refusesMarketing) return refused(refusal('policy', 'refusedMarketing'));
    const open = policy.callingHours.some(
      (hours) => request.localMinute >= hours.fromMinute && request.localMinute < hours.toMinute,
    );
    if (!open) return refused(refusal('policy', 'outsideHours'));
  }
  return ok(target);
};

export type ReachRequest = {
  readonly text: string;
  readonly purpose: ReachPurpose;
  readonly role: Role;
  /** Whose number it is, when it was chosen by customer. */
  readonly customer: Customer | undefined;
  readonly localMinute: number;
  /** The number of who asks: nobody is handed to themselves. */
  readonly own: string;
  /** The line of the directory with exactly this number. */
  readonly listed: (number: string) => Target | undefined;
};
export type ReachTarget = DialTarget & { readonly target: Target | undefined };

/** As typed or as listed: digits with at most a leading +, or undefined. */
export const typedNumber = (text: string): string | undefined => {
  const compact = text
    .normalize('NFKC')
    .trim()
    .replaceAll(/[\s\-–—.()/·]/gu, '');
  return /^\+?\d{3,20}$/.test(compact) ? compact : undefined;
};

/**
 * The same policy for a second party. Security 74: a customer is handed only to lines of the directory, whoever asks and whatever is
 * served; to ask a number outside it takes a role that may.
 */
export const mayReach = (request: ReachRequest, policy: Policy): Result<ReachTarget> => {
  const { text, purpose, role } = request;
  if (text.trim() === '') return refused(refusal('policy', 'numberEmpty'));
  const number = typedNumber(text);
  if (number === undefined) return refused(refusal('policy', 'numberMalformed'));
  const plain = { key: number, dial: number, warnings: [] } as const;
  if (purpose === 'check')
    return number === echoNumber ? ok({ ...plain, target: undefined }) : refused(refusal('policy', 'targetUnlisted'));
  const parsed = parseNumber(text);
  if (parsed.kind === 'emergency') return ok({ ...plain, dial: parsed.national, target: undefined });
  if (number === request.own) return refused(refusal('policy', 'targetSelf'));
  const plan = planOf(policy, role);
  const target = request.listed(number) ?? ('national' in parsed ? request.listed(parsed.national) : undefined);
  if (target !== undefined)
    return plan.targets.includes(target.kind)
      ? ok({ key: target.number, dial: target.number, warnings: [], target })
      : refused(refusal('policy', 'targetNotForRole'));
  if (purpose !== 'consult' || !(request.customer === undefined ? plan.asksUnlisted : plan.asksCustomers))
    return refused(refusal('policy', 'targetUnlisted'));
  const { customer, localMinute } = request;
  const dialled = mayDial({ text, purpose: 'service', customer, localMinute, role }, policy);
  return dialled.ok ? ok({ ...dialled.value, target: undefined }) : dialled;
};
