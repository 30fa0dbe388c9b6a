import { z } from 'zod';
import type { Customer } from './customer.ts';
import type { Policy } from './policy.ts';
import { never } from './result.ts';
import { lifeCycleOf, tierOf } from './tier.ts';

/**
 * What a care task may draw from by itself, for as long as it runs: obligations (R24), and customers whose own state asks for a call: a
 * retention warning (R3), or an account manager to hand them to (R4). Care, no telemarketing (R21).
 */
export const dueKinds = ['trialEnd', 'newService', 'newSubscriber', 'vipCare', 'retention', 'handOver'] as const;
export type DueKind = (typeof dueKinds)[number];
/** Part of a task's plan. `standing`: set up once; it has no end, and takes up what becomes due every day until a lead ends it. */
export const Due = z.object({
  kinds: z.array(z.enum(dueKinds)).min(1).max(dueKinds.length),
  standing: z.literal(true).optional(),
});
export type Due = z.infer<typeof Due>;

/** A standing task's end is kept so far ahead, and moved when it comes nearer than half of that: what is given out today has an end all the same. */
export const standingMs = 14 * 24 * 3_600_000;
export const isStanding = ({ due }: { readonly due?: Due | undefined }): boolean => due?.standing === true;

/** What a task that draws took up on one day, and what has become of it until now. */
export const DueDay = z.object({
  day: z.string().max(10),
  kinds: z.array(z.object({ kind: z.enum(dueKinds), count: z.number().int() })).max(dueKinds.length),
  reached: z.number().int(),
  /** Done by other means, or owed no more. */
  elsewhere: z.number().int(),
  open: z.number().int(),
  /** Open, and past its day. */
  overdue: z.number().int(),
});
export type DueDay = z.infer<typeof DueDay>;
export const dueDays = 7;

/** So long before an obligation breaches it becomes a task's. */
export const dueSoonMs = 7 * 24 * 3_600_000;

/** Those found in the customers themselves, the first that fits counts: a manager's customer is handed over before anybody else calls. */
export const dueCustomerKinds = ['handOver', 'retention', 'newSubscriber', 'vipCare'] as const;
const careMs = 335 * 24 * 3_600_000;

/** @param facts.spokenAtMs when somebody of the centre last talked to them; null: never */
export const isDueCustomer = (
  kind: (typeof dueCustomerKinds)[number],
  { usage, card, manager, list }: Pick<Customer, 'usage' | 'card' | 'manager' | 'list'>,
  {
    policy,
    nowMs,
    spokenAtMs,
  }: { readonly policy: Policy; readonly nowMs: number; readonly spokenAtMs: number | null },
): boolean => {
  if (list === 'black') return false;
  const warns = (): boolean => lifeCycleOf(usage, policy, nowMs).stage === 'warning';
  const isManaged = manager !== null && (card === 'gold' || card === 'diamond');
  switch (kind) {
    case 'handOver':
      return isManaged && warns();
    case 'retention':
      return !isManaged && warns();
    case 'newSubscriber':
      return usage.tenureMonths >= 1 && usage.tenureMonths < 3;
    case 'vipCare':
      return tierOf(usage, policy.tier).tier === 'high' && (spokenAtMs === null || nowMs - spokenAtMs > careMs);
    default:
      return never(kind);
  }
};

/** What is noted of an entry that was drawn: which thing it is, and in what words it was promised. A seat of before shows it as it is. */
export const dueNote = (kind: DueKind, what: string): string => `due:${kind}:${what.replaceAll('\n', ' ')}`;
/** Null: a note somebody wrote. */
export const readDueNote = (note: string): readonly { readonly kind: DueKind; readonly what: string }[] | null => {
  const found = note.split('\n').flatMap((line) => {
    const [head, name, ...rest] = line.split(':');
    const kind = head === 'due' ? dueKinds.find((one) => one === name) : undefined;
    return kind === undefined ? [] : [{ kind, what: rest.join(':') }];
  });
  return found.length === 0 ? null : found;
};
