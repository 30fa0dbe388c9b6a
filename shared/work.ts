import { z } from 'zod';
import { WorkCalendar } from './calendar.ts';
import {
  type EscalationOp,
  escalationLevels,
  escalationOps,
  isEscalationOp,
  nextEscalation,
} from './case-escalation.ts';
import { Case, caseKinds, type CaseOp, caseOps, caseSteps, nextCase } from './case.ts';
import { ContactId, WorkId } from './ids.ts';
import {
  nextObligation,
  Obligation,
  obligationKinds,
  type ObligationOp,
  obligationOps,
  obligationOutcomes,
} from './obligation.ts';
import {
  couriers,
  isOrderOp,
  isOrderOpen,
  nextOrder,
  Order,
  type OrderBy,
  orderFlows,
  type OrderOp,
  orderOps,
} from './order.ts';
import { orderSteps, paymentWays } from './order.ts';
import type { Result } from './result.ts';
import { refusal, refused } from './result.ts';

/** Work that outlives the call it came from: obligations (R24), cases (R29), orders (R30). One id, one row, its own ops in order. */
export const WorkRow = z.discriminatedUnion('record', [Obligation, Case, Order]);
export type WorkRow = z.infer<typeof WorkRow>;
export const workOps = [...obligationOps, ...caseOps, ...escalationOps, ...orderOps] as const;
export type WorkOp = ObligationOp | CaseOp | EscalationOp | OrderOp;

/** The one rule for work, run at the seat and again at central; `calendar` is each one's own. */
export const nextWork = (
  before: WorkRow | undefined,
  op: WorkOp,
  by: OrderBy,
  calendar: WorkCalendar,
): Result<WorkRow> => {
  const { agentId } = by;
  const mixed = refused(refusal('conflict', 'workExists'));
  if (isOrderOp(op))
    return before !== undefined && before.record !== 'order' ? mixed : nextOrder(before, op, by, calendar);
  if (isEscalationOp(op))
    return before !== undefined && before.record !== 'case' ? mixed : nextEscalation(before, op, by, calendar);
  if (op.name === 'case.opened' || op.name === 'case.stepped')
    return before !== undefined && before.record !== 'case' ? mixed : nextCase(before, op, agentId, calendar);
  return before !== undefined && before.record !== 'obligation' ? mixed : nextObligation(before, op, agentId, calendar);
};

export const isOpen = (row: WorkRow): boolean => {
  if (row.record === 'order') return isOrderOpen(row);
  return row.record === 'case' ? row.state !== 'closed' : row.state.kind === 'open';
};

/** What will breach first comes first (R24). */
export const byDue = (one: WorkRow, other: WorkRow): number =>
  one.dueAtMs - other.dueAtMs || (one.id < other.id ? -1 : 1);

/**
 * `mark` is that of the answer the seat has, '' for none: nothing comes back (`rows: null`) while it is still true. A route of its own, not
 * rows of the feed: a seat of before cannot read new kinds of rows, and does not ask for them here.
 */
export const WorkRequest = z.object({
  mark: z.string().max(64),
  /** The seat knows orders: it gets them beside the rows, where a seat of before would stumble over them. */
  orders: z.literal('yes').optional(),
});
export const WorkResponse = z.object({
  mark: z.string().max(64),
  /** The agent's own, open or done in the last days, and the open cases of the customers of their queues. */
  rows: z
    .array(z.discriminatedUnion('record', [Obligation, Case]))
    .max(2_000)
    .nullable(),
  /** With `rows`, of whom asked for them; and, for whoever counts the centre's money, what is to be counted (R30). */
  orders: z.array(Order).max(2_000).optional(),
  calendar: WorkCalendar,
});
export type WorkResponse = z.infer<typeof WorkResponse>;

/** As the desk shows it: whom it is about, masked, as far as this seat knows. */
export const WorkView = z.object({
  rows: z
    .array(
      z.object({
        row: WorkRow,
        customer: z.string().max(40).nullable(),
        /** R29: by when the lead decides about a case once its deadline has passed; null: never. */
        leadDue: z.object({ dueAtMs: z.number(), missingYear: z.number().int().nullable() }).nullable().optional(),
      }),
    )
    .max(3_000),
  /** The first year without a table that a day was counted in; an administrator has to import it. */
  missingYear: z.number().int().nullable(),
  /** When a callback is promised for if nothing else is said: the next working day at ten. */
  nextCallMs: z.number(),
});
export type WorkView = z.infer<typeof WorkView>;
export const noWork: WorkView = { rows: [], missingYear: null, nextCallMs: 0 };

const made = z.object({ workId: WorkId });
const done = z.object({});
const desk = ['desk'] as const;
/** What the desk asks (seat.ts). */
export const workCalls = {
  /** R24. For the customer in hand; `dueAtMs` null: the rule's day. */
  'obligation.open': {
    request: z.object({
      contactId: ContactId,
      kind: z.enum(obligationKinds),
      what: z.string().max(400),
      dueAtMs: z.number().nullable(),
    }),
    response: made,
    by: desk,
  },
  'obligation.move': { request: z.object({ workId: WorkId, dueAtMs: z.number() }), response: done, by: desk },
  /** The result of a case told to the customer closes the case as well (R29). */
  'obligation.finish': {
    request: z.object({ workId: WorkId, outcome: z.enum(obligationOutcomes) }),
    response: done,
    by: desk,
  },
  /** R29. For the customer in hand. */
  'case.open': {
    request: z.object({
      contactId: ContactId,
      kind: z.enum(caseKinds),
      title: z.string().max(120),
      text: z.string().max(2_000),
      department: z.string().max(60),
    }),
    response: made,
    by: desk,
  },
  'case.step': {
    request: z.object({
      workId: WorkId,
      step: z.enum(caseSteps),
      note: z.string().max(2_000),
      department: z.string().max(60).nullable(),
    }),
    response: done,
    by: desk,
  },
  /** R29. To the lead, a second-level department, or as a complaint the regulator passed on. */
  'case.escalate': {
    request: z.object({ workId: WorkId, level: z.enum(escalationLevels), note: z.string().max(2_000) }),
    response: done,
    by: desk,
  },
  /** Leads and managers. */
  'case.take': { request: z.object({ workId: WorkId }), response: done, by: desk },
  'case.handBack': { request: z.object({ workId: WorkId, note: z.string().max(2_000) }), response: done, by: desk },
  /** R30. For the customer in hand; a sale needs the script of its tariff in the same call. */
  'order.open': {
    request: z.object({
      contactId: ContactId,
      flow: z.enum(orderFlows),
      name: z.string().max(120),
      payment: z.object({ way: z.enum(paymentWays), amountFen: z.number().int().min(0).max(100_000_000) }).nullable(),
      delivery: z.object({ by: z.enum(couriers) }).nullable(),
      note: z.string().max(2_000),
    }),
    response: made,
    by: desk,
  },
  'order.step': {
    request: z.object({ workId: WorkId, step: z.enum(orderSteps), note: z.string().max(2_000) }),
    response: done,
    by: desk,
  },
} as const;
