import { z } from 'zod';
import type { WorkCalendar } from './calendar.ts';
import { type Due, dueInDays, dueInWorkingDays } from './calendar.ts';
import { AgentId, ContactId, CustomerId, WorkId } from './ids.ts';
import type { Result } from './result.ts';
import { never, ok, refusal, refused } from './result.ts';

/**
 * What the centre owes a customer by a day (回访, R24): a promised call, an answer, the result of a complaint.
 *
 *   open ──moved──▶ open ──done──▶ done
 */
export const obligationKinds = [
  'callback', // promised for a time
  'answer', // a question not answered on the spot
  'complaint',
  'caseResult', // what became of a case (R29)
  'left', // left the network
  'newSubscriber',
  'newService',
  'trialEnd',
  'vipCare',
] as const;
export type ObligationKind = (typeof obligationKinds)[number];

/** R24. Null: a time is promised, or follows from the matter; it has to be given. */
const limits: Readonly<Record<ObligationKind, { readonly workingDays: number } | { readonly days: number } | null>> = {
  callback: null,
  answer: { workingDays: 3 },
  complaint: { workingDays: 7 },
  caseResult: { workingDays: 7 },
  left: { workingDays: 10 },
  newSubscriber: { days: 60 },
  newService: { days: 60 },
  trialEnd: null,
  vipCare: { days: 365 },
};

/** By when, at the latest; null: only a given time counts. */
export const limitOf = (calendar: WorkCalendar, kind: ObligationKind, fromMs: number): Due | null => {
  const limit = limits[kind];
  if (limit === null) return null;
  return 'days' in limit ? dueInDays(fromMs, limit.days) : dueInWorkingDays(calendar, fromMs, limit.workingDays);
};

export const obligationOutcomes = ['reached', 'notReached', 'notNeeded'] as const;
export const Obligation = z.object({
  record: z.literal('obligation'),
  id: WorkId,
  customerId: CustomerId,
  /** Who owes it. */
  agentId: AgentId,
  kind: z.enum(obligationKinds),
  what: z.string().max(400),
  contactId: ContactId.nullable(),
  caseId: WorkId.nullable(),
  openedAtMs: z.number(),
  dueAtMs: z.number(),
  /** The latest day by rule; a promise may be earlier, never later. Null: none. */
  limitMs: z.number().nullable(),
  /** The calendar had no table for this year when the time was counted. */
  missingYear: z.number().int().nullable(),
  state: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('open') }),
    z.object({
      kind: z.literal('done'),
      atMs: z.number(),
      agentId: AgentId,
      outcome: z.enum(obligationOutcomes),
      /** R24: breaches are counted. */
      wasLate: z.boolean(),
    }),
  ]),
});
export type Obligation = z.infer<typeof Obligation>;

const of = { workId: WorkId, atMs: z.number() };
export const obligationOps = [
  z.object({
    name: z.literal('obligation.opened'),
    ...of,
    customerId: CustomerId,
    contactId: ContactId.nullable(),
    caseId: WorkId.nullable(),
    kind: z.enum(obligationKinds),
    what: z.string().max(400),
    /** As promised; null: the rule's day. */
    dueAtMs: z.number().nullable(),
  }),
  z.object({ name: z.literal('obligation.moved'), ...of, dueAtMs: z.number() }),
  z.object({ name: z.literal('obligation.done'), ...of, outcome: z.enum(obligationOutcomes) }),
] as const;
export type ObligationOp = z.infer<(typeof obligationOps)[number]>;

/** The one rule, at the seat and again at central. */
export const nextObligation = (
  before: Obligation | undefined,
  op: ObligationOp,
  agentId: AgentId,
  calendar: WorkCalendar,
): Result<Obligation> => {
  if (op.name === 'obligation.opened') {
    if (before !== undefined) return refused(refusal('conflict', 'workExists'));
    return opened(op, agentId, calendar);
  }
  if (before === undefined) return refused(refusal('notFound', 'obligation'));
  if (before.agentId !== agentId) return refused(refusal('forbidden', 'obligationOfAnother'));
  if (before.state.kind === 'done') return refused(refusal('conflict', 'obligationDone'));
  switch (op.name) {
    case 'obligation.moved':
      return before.limitMs !== null && op.dueAtMs > before.limitMs
        ? refused(refusal('policy', 'afterLimit'))
        : ok({ ...before, dueAtMs: op.dueAtMs });
    case 'obligation.done': {
      const { outcome, atMs } = op;
      return ok({ ...before, state: { kind: 'done', atMs, agentId, outcome, wasLate: atMs > before.dueAtMs } });
    }
    default:
      return never(op);
  }
};

const opened = (
  op: Extract<ObligationOp, { name: 'obligation.opened' }>,
  agentId: AgentId,
  calendar: WorkCalendar,
): Result<Obligation> => {
  const { workId, customerId, contactId, caseId, kind, what, atMs } = op;
  const limit = limitOf(calendar, kind, atMs);
  const dueAtMs = op.dueAtMs ?? limit?.dueAtMs;
  if (dueAtMs === undefined) return refused(refusal('mandatory', 'dueTime'));
  if (op.dueAtMs !== null && op.dueAtMs <= atMs) return refused(refusal('invalid', 'dueInPast'));
  if (limit !== null && dueAtMs > limit.dueAtMs) return refused(refusal('policy', 'afterLimit'));
  const times = { openedAtMs: atMs, dueAtMs, limitMs: limit?.dueAtMs ?? null, missingYear: limit?.missingYear ?? null };
  return ok({
    ...{ record: 'obligation', id: workId, customerId, agentId, kind, what, contactId, caseId },
    ...times,
    state: { kind: 'open' },
  });
};
