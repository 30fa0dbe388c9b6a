import { isHoliday, minuteOf, type WorkCalendar } from './calendar.ts';
import type { Customer } from './customer.ts';
import type { DialCounters } from './dial-counters.ts';
import type { Target } from './directory.ts';
import { outboundLimits, type Policy, type RoleDialPlan } from './policy.ts';
import { parseNumber } from './phone-number.ts';
import type { Refusal, Result } from './result.ts';
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
  /** Of who dials; the narrowest when it is not known. */
  readonly role?: Role;
  /** By what a call of a task, or any telemarketing, is judged; without it there is none. */
  readonly outbound?: Outbound;
};
export type Hours = readonly { readonly fromMinute: number; readonly toMinute: number }[];
/** What is known of a customer who would be called because we want to, not because they asked. */
export type Outbound = {
  readonly nowMs: number;
  /** When refusals and counters were last all that central knew; null: never. At central: now. */
  readonly refusalsAsOfMs: number | null;
  readonly countersAsOfMs: number | null;
  readonly counters: DialCounters;
  readonly calendar: WorkCalendar;
  /** `takesProspects`: its list names people who are no customers yet (R20). */
  readonly task: { readonly hours: Hours; readonly endsAtMs: number; readonly takesProspects: boolean } | null;
  /** The customer asked to be called then. */
  readonly promisedAtMs: number | null;
  /** R22: a second person has agreed that this one call is necessary, and it is written down why. */
  readonly isNecessary: boolean;
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
  const why =
    request.purpose === 'marketing' || request.outbound !== undefined ? whyNotCalled(request, policy) : undefined;
  if (why !== undefined) return refused(why);
  return ok(target);
};

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
/** A call that was asked for is in time from so long before until so long after. */
export const promiseMs = 30 * minuteMs;

/** R21, R22: the first reason why this customer is not called now, those first that will not pass by themselves. */
const whyNotCalled = (request: DialRequest, policy: Policy): Refusal | undefined => {
  const no = (reason: string, params?: Refusal['params']): Refusal => refusal('policy', reason, params);
  const { purpose, customer, outbound } = request;
  const isMarketing = purpose === 'marketing';
  if (isMarketing && customer === undefined && outbound?.task?.takesProspects !== true) return no('notOwnCustomer');
  if (isMarketing && customer?.list === 'red') return no('redList');
  if (isMarketing && outbound?.isNecessary !== true) {
    if (customer?.refusesMarketing === true || (outbound?.counters.refusedAtMs ?? null) !== null)
      return no('refusedMarketing');
  }
  const limits = outboundLimits(policy);
  if (outbound === undefined) return no('dialCopyOld', { minutes: limits.copyMinutes });
  const { nowMs, counters, task } = outbound;
  const oldestMs = nowMs - limits.copyMinutes * minuteMs;
  if ((outbound.refusalsAsOfMs ?? 0) < oldestMs || (outbound.countersAsOfMs ?? 0) < oldestMs)
    return no('dialCopyOld', { minutes: limits.copyMinutes });
  if (task !== null && nowMs >= task.endsAtMs) return no('taskOver');
  const isAskedFor = outbound.promisedAtMs !== null && Math.abs(nowMs - outbound.promisedAtMs) <= promiseMs;
  const untimely = isAskedFor ? undefined : whyNotNow(outbound, policy);
  if (untimely !== undefined) return untimely;
  if ((counters.heldUntilMs ?? 0) > nowMs) return no('dialHeld');
  if (outbound.isNecessary) return undefined;
  if (isMarketing && !isAskedFor) {
    const quiet = quietDaysLeft(counters, limits, nowMs);
    if (quiet > 0) return no('quietTime', { days: quiet });
  }
  return whyTooOften(counters, limits, nowMs, isAskedFor);
};

/** Hours at the callee's place, the task's within them, and public holidays. */
export const whyNotNow = (
  { nowMs, calendar, task }: Pick<Outbound, 'nowMs' | 'calendar' | 'task'>,
  policy: Policy,
): Refusal | undefined => {
  const minute = minuteOf(nowMs);
  if (!isWithin(policy.callingHours, minute)) return refusal('policy', 'outsideHours');
  if (task !== null && !isWithin(task.hours, minute)) return refusal('policy', 'outsideTaskHours');
  const holiday = isHoliday(calendar, nowMs);
  if (holiday === undefined)
    return refusal('policy', 'calendarMissing', { year: String(new Date(nowMs + dayMs / 3).getUTCFullYear()) });
  return holiday ? refusal('policy', 'publicHoliday') : undefined;
};

const isWithin = (hours: Hours, minute: number): boolean =>
  hours.some(({ fromMinute, toMinute }) => minute >= fromMinute && minute < toMinute);

const quietDaysLeft = (
  { contactedAtMs, surveyedAtMs }: DialCounters,
  limits: ReturnType<typeof outboundLimits>,
  nowMs: number,
): number => {
  const left = (atMs: number | null, days: number): number =>
    atMs === null ? 0 : Math.ceil((atMs + days * dayMs - nowMs) / dayMs);
  return Math.max(left(contactedAtMs, limits.quietDays), left(surveyedAtMs, limits.surveyQuietDays));
};

const whyTooOften = (
  { attemptsAtMs }: DialCounters,
  { attemptsPerDay, attemptGapMinutes }: ReturnType<typeof outboundLimits>,
  nowMs: number,
  isAskedFor: boolean,
): Refusal | undefined => {
  const today = attemptsAtMs.filter((atMs) => sameDay(atMs, nowMs)).length;
  if (today >= attemptsPerDay) return refusal('policy', 'attemptsToday', { count: attemptsPerDay });
  const waitMs = Math.max(0, ...attemptsAtMs.map((atMs) => atMs + attemptGapMinutes * minuteMs - nowMs));
  return waitMs > 0 && !isAskedFor
    ? refusal('policy', 'attemptGap', { minutes: Math.ceil(waitMs / minuteMs) })
    : undefined;
};
/** China keeps one time, UTC+8, all year. */
const sameDay = (one: number, other: number): boolean =>
  Math.floor((one + dayMs / 3) / dayMs) === Math.floor((other + dayMs / 3) / dayMs);

export type ReachRequest = {
  readonly text: string;
  readonly purpose: ReachPurpose;
  readonly role: Role;
  /** Whose number it is, when it was chosen by customer. */
  readonly customer: Customer | undefined;
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
  const { customer } = request;
  const dialled = mayDial({ text, purpose: 'service', customer, role }, policy);
  return dialled.ok ? ok({ ...dialled.value, target: undefined }) : dialled;
};
