import { z } from 'zod';
import type { WorkCalendar } from './calendar.ts';
import { dueInWorkingDays } from './calendar.ts';
import { afterReopening, Escalation, EscalationTrail } from './case-escalation.ts';
import type { CaseSummary, Customer } from './customer.ts';
import { AgentId, ContactId, CustomerId, WorkId } from './ids.ts';
import type { Result } from './result.ts';
import { ok, refusal, refused } from './result.ts';

/**
 * A case (工单, R29): complaint, report or request, closed only once its result was told to the customer.
 *
 *   open ──started──▶ inProgress ──resolved──▶ resolved ──fedBack──▶ fedBack ──closed──▶ closed
 *     └───────────────resolved────────────────────▲ │                  │                   │
 *     ▲                                             └───────────reopened┴───────────────────┘
 *   "noted" and "assigned" leave the state as it is, closed cases excepted.
 */
export const caseKinds = ['complaint', 'report', 'request'] as const;
export const caseStates = ['open', 'inProgress', 'resolved', 'fedBack', 'closed'] as const;
export type CaseState = (typeof caseStates)[number];
export const caseSteps = ['noted', 'assigned', 'started', 'resolved', 'fedBack', 'closed', 'reopened'] as const;
export type CaseStep = (typeof caseSteps)[number];

/** Working days until the customer has the result (R24): a complaint seven, anything else as a question left open. */
const days = { complaint: 7, report: 3, request: 3 } as const satisfies Record<(typeof caseKinds)[number], number>;

const mostSteps = 200;
const title = z.string().trim().min(1).max(120);
const department = z.string().trim().min(1).max(60);
export const Case = z.object({
  record: z.literal('case'),
  id: WorkId,
  customerId: CustomerId,
  /** Who opened it. */
  agentId: AgentId,
  kind: z.enum(caseKinds),
  title: z.string().max(120),
  text: z.string().max(2_000),
  department: z.string().max(60),
  contactId: ContactId,
  openedAtMs: z.number(),
  dueAtMs: z.number(),
  missingYear: z.number().int().nullable(),
  state: z.enum(caseStates),
  steps: z
    .array(
      z.object({
        step: z.enum(['opened', ...caseSteps]),
        atMs: z.number(),
        agentId: AgentId,
        note: z.string().max(2_000),
        department: z.string().max(60).nullable(),
      }),
    )
    .max(mostSteps),
  /** Absent, from a central of before, as null: whoever handles it does so alone. What holds now is `escalationAt`. */
  escalation: Escalation.nullable().optional(),
  trail: EscalationTrail.optional(),
});
export type Case = z.infer<typeof Case>;

const of = { workId: WorkId, atMs: z.number() };
export const caseOps = [
  z.object({
    name: z.literal('case.opened'),
    ...of,
    customerId: CustomerId,
    /** The call it was heard in. */
    contactId: ContactId,
    kind: z.enum(caseKinds),
    title,
    text: z.string().max(2_000),
    department,
  }),
  z.object({
    name: z.literal('case.stepped'),
    ...of,
    step: z.enum(caseSteps),
    note: z.string().max(2_000),
    /** Where it goes, with `assigned`. */
    department: department.nullable(),
  }),
] as const;
export type CaseOp = z.infer<(typeof caseOps)[number]>;

const after: Readonly<Record<CaseState, Partial<Record<CaseStep, CaseState>>>> = {
  open: { noted: 'open', assigned: 'open', started: 'inProgress', resolved: 'resolved' },
  inProgress: { noted: 'inProgress', assigned: 'open', resolved: 'resolved' },
  resolved: { noted: 'resolved', fedBack: 'fedBack', reopened: 'open' },
  fedBack: { noted: 'fedBack', closed: 'closed', reopened: 'open' },
  closed: { reopened: 'open' },
};

/** Steps that mean something now, in the order they are offered. */
export const stepsFrom = (state: CaseState): readonly CaseStep[] =>
  caseSteps.filter((step) => after[state][step] !== undefined);

/** By when, counted from its opening, or from when it was last opened again. */
export const caseDueOf = (calendar: WorkCalendar, { kind, openedAtMs, steps }: Case) =>
  dueInWorkingDays(calendar, steps.findLast(({ step }) => step === 'reopened')?.atMs ?? openedAtMs, days[kind]);

/** Every agent may add a step; the row keeps who did. */
export const nextCase = (
  before: Case | undefined,
  op: CaseOp,
  agentId: AgentId,
  calendar: WorkCalendar,
): Result<Case> => {
  if (op.name === 'case.opened') {
    if (before !== undefined) return refused(refusal('conflict', 'workExists'));
    const { workId, customerId, contactId, kind, text, atMs } = op;
    const { dueAtMs, missingYear } = dueInWorkingDays(calendar, atMs, days[kind]);
    const first = { step: 'opened' as const, atMs, agentId, note: '', department: op.department };
    return ok({
      ...{ record: 'case', id: workId, customerId, agentId, kind, title: op.title, text, department: op.department },
      ...{ contactId, openedAtMs: atMs, dueAtMs, missingYear, state: 'open', steps: [first] },
    });
  }
  if (before === undefined) return refused(refusal('notFound', 'case'));
  const state = after[before.state][op.step];
  if (state === undefined) return refused(refusal('conflict', 'caseStep'));
  if (before.steps.length >= mostSteps) return refused(refusal('policy', 'caseTooLong'));
  if (op.step === 'assigned' && op.department === null) return refused(refusal('mandatory', 'department'));
  // What was done, and why it is done again, is what the next agent reads to the customer.
  if ((op.step === 'resolved' || op.step === 'reopened' || op.step === 'noted') && op.note.trim() === '')
    return refused(refusal('mandatory', 'caseNote'));
  const { step, atMs, note } = op;
  const taken = { step, atMs, agentId, note, department: op.department };
  return ok({
    ...before,
    ...{ state, steps: [...before.steps, taken] },
    ...(op.step === 'assigned' && op.department !== null ? { department: op.department } : {}),
    // A new chance has its own time.
    ...(op.step === 'reopened'
      ? { ...dueInWorkingDays(calendar, atMs, days[before.kind]), ...afterReopening(before) }
      : {}),
  });
};

export const isOverdue = (one: Case, nowMs: number): boolean =>
  one.dueAtMs < nowMs && one.state !== 'fedBack' && one.state !== 'closed';

/** As the customer's row carries it, to every seat that holds the customer. */
const summaryOf = ({ id, kind, title: named, department: where, openedAtMs, dueAtMs, state }: Case): CaseSummary => ({
  ...{ id, kind, openedAtMs, deadlineMs: dueAtMs, status: state === 'fedBack' ? 'resolved' : state },
  title: { zh: named, en: '' },
  department: { zh: where, en: '' },
});

const mostOnCustomer = 20;
/** The newest word on each case; what is closed makes room first. */
export const withCases = (customer: Customer, cases: readonly Case[]): Customer => {
  if (cases.length === 0) return customer;
  const all = [...new Map([...customer.cases, ...cases.map(summaryOf)].map((one) => [one.id, one])).values()];
  const isClosed = (one: CaseSummary): number => (one.status === 'closed' ? 1 : 0);
  const kept = all.toSorted((one, other) => isClosed(one) - isClosed(other) || other.openedAtMs - one.openedAtMs);
  return { ...customer, cases: kept.slice(0, mostOnCustomer) };
};
