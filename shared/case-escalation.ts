import { z } from 'zod';
import type { WorkCalendar } from './calendar.ts';
import { type Due, dueInDays, dueInWorkingDays } from './calendar.ts';
import { AgentId, WorkId } from './ids.ts';
import type { Result } from './result.ts';
import { never, ok, refusal, refused } from './result.ts';

/**
 * Above whoever handles a case (R29): the lead, a second-level department, or the regulator's complaint path. Who is asked, and by when.
 *
 *   none ──escalated──▶ escalated ──taken──▶ taken ──handedBack──▶ handedBack ──taken──▶ taken
 *    │                   ▲  ▲  └─escalated, higher─┘ (nobody holds it then)    │
 *    └─deadline over─────┘  └──────────────────────────────────deadline over───┘   to the lead, by nobody: `escalationAt`
 *
 * It ends when the customer was told the result. The state of the case itself (case.ts) goes its own way beside it.
 */
export const escalationLevels = ['lead', 'second', 'regulator'] as const;
export type EscalationLevel = (typeof escalationLevels)[number];
const rank = (level: EscalationLevel): number => escalationLevels.indexOf(level);

/**
 * By when whoever is asked has to have decided. Defaults: a compliance officer confirms them. The regulator's ten calendar days are an assumption: the
 * MIIT's order no. 35 of 2016 (电信用户申诉处理办法) lets a customer go there after 15 days without an answer (article 10) and has its office answer
 * within 30 days of having all papers; how many of these the operator has is in the letter that passes the complaint on.
 */
const limits = {
  lead: { workingDays: 1 },
  second: { workingDays: 3 },
  regulator: { days: 10 },
  handedBack: { workingDays: 2 },
} as const;
const limitOf = (calendar: WorkCalendar, what: EscalationLevel | 'handedBack', fromMs: number): Due => {
  const limit = limits[what];
  return 'days' in limit ? dueInDays(fromMs, limit.days) : dueInWorkingDays(calendar, fromMs, limit.workingDays);
};

const of = {
  level: z.enum(escalationLevels),
  sinceMs: z.number(),
  dueAtMs: z.number(),
  missingYear: z.number().int().nullable(),
};
const name = z.string().max(40);
const note = z.string().max(2_000);
export const Escalation = z.discriminatedUnion('kind', [
  /** `by` null: nobody asked, the deadline passed. */
  z.object({ kind: z.literal('escalated'), ...of, by: AgentId.nullable(), note }),
  z.object({ kind: z.literal('taken'), ...of, holderId: AgentId, holderName: name }),
  z.object({ kind: z.literal('handedBack'), ...of, by: AgentId, byName: name, note }),
]);
export type Escalation = z.infer<typeof Escalation>;
/** What was done about it, in order. */
const mostOnTrail = 50;
export const EscalationTrail = z
  .array(
    z.object({
      step: z.enum(['escalated', 'taken', 'handedBack']),
      level: z.enum(escalationLevels),
      atMs: z.number(),
      agentId: AgentId,
      name,
      note,
    }),
  )
  .max(mostOnTrail);

const op = { workId: WorkId, atMs: z.number() };
export const escalationOps = [
  z.object({ name: z.literal('case.escalated'), ...op, level: z.enum(escalationLevels), note }),
  z.object({ name: z.literal('case.taken'), ...op }),
  z.object({ name: z.literal('case.handedBack'), ...op, note }),
] as const;
export type EscalationOp = z.infer<(typeof escalationOps)[number]>;
export const isEscalationOp = (body: { readonly name: string }): body is EscalationOp =>
  body.name === 'case.escalated' || body.name === 'case.taken' || body.name === 'case.handedBack';

/** What of a case (case.ts) matters here. */
type Escalating = {
  readonly state: string;
  readonly dueAtMs: number;
  readonly escalation?: Escalation | null | undefined;
  readonly trail?: z.infer<typeof EscalationTrail> | undefined;
};

export type EscalationBy = {
  readonly agentId: AgentId;
  readonly role: 'agent' | 'lead' | 'manager' | 'admin';
  readonly name?: string;
};

const isOver = ({ state }: Escalating): boolean => state === 'fedBack' || state === 'closed';

/** The moment a case goes to the lead by itself, unless somebody does something; null: never. */
export const runsOutMs = (one: Escalating): number | null => {
  if (isOver(one)) return null;
  if (one.escalation == null) return one.dueAtMs;
  return one.escalation.kind === 'handedBack' ? one.escalation.dueAtMs : null;
};
/** By when the lead decides about a case nobody brought to them. */
export const leadDueOf = (one: Escalating, calendar: WorkCalendar): Due | null => {
  const ranOutMs = runsOutMs(one);
  return ranOutMs === null ? null : limitOf(calendar, 'lead', ranOutMs);
};

/**
 * By when whoever has the case now has to have decided, counted by this calendar from what it was asked with (R24). Null: it was asked by the clock
 * alone, from a deadline that is over.
 */
export const escalationDueOf = (one: Escalating, calendar: WorkCalendar): Due | null => {
  const { escalation, trail = [] } = one;
  if (isOver(one) || escalation == null) return null;
  if (escalation.kind === 'escalated')
    return escalation.by === null ? null : limitOf(calendar, escalation.level, escalation.sinceMs);
  if (escalation.kind === 'handedBack') return limitOf(calendar, 'handedBack', escalation.sinceMs);
  // Taking a case over gives no more time: the limit runs from when it was asked.
  const asked = trail.findLast(({ step }) => step !== 'taken');
  return asked?.step === 'escalated' ? limitOf(calendar, asked.level, asked.atMs) : null;
};

/**
 * As it is at this moment: also what nobody wrote down, that its deadline has passed (R29: overdue goes to the lead). Null: not escalated.
 * @param leadDue of `leadDueOf`
 */
export const escalationAt = (one: Escalating, nowMs: number, leadDue: Due | null): Escalation | null => {
  if (isOver(one)) return null;
  const ranOutMs = runsOutMs(one);
  if (ranOutMs === null || leadDue === null || ranOutMs >= nowMs) return one.escalation ?? null;
  return { kind: 'escalated', level: 'lead', sinceMs: ranOutMs, ...leadDue, by: null, note: '' };
};
/** It waits for somebody above the agent. */
export const isEscalated = (escalation: Escalation | null): boolean =>
  escalation !== null && escalation.kind !== 'handedBack';

/** Levels a case can still go to from where it is. */
export const levelsFrom = (one: Escalating, now: Escalation | null): readonly EscalationLevel[] => {
  if (isOver(one)) return [];
  const above = now !== null && isEscalated(now) ? rank(now.level) : -1;
  // Whoever was told by the clock alone may still be asked in words.
  return escalationLevels.filter(
    (level) => rank(level) > above || (now?.kind === 'escalated' && now.by === null && level === 'lead'),
  );
};
export const mayTake = (now: Escalation | null, by: EscalationBy): boolean =>
  now !== null && by.role !== 'agent' && !(now.kind === 'taken' && now.holderId === by.agentId);
export const mayHandBack = (now: Escalation | null, by: EscalationBy): boolean =>
  now?.kind === 'taken' && by.role !== 'agent';

/** The rule, run at the seat and again at central, which knows who is what. */
export const nextEscalation = <C extends Escalating>(
  before: C | undefined,
  body: EscalationOp,
  by: EscalationBy,
  calendar: WorkCalendar,
): Result<C> => {
  if (before === undefined) return refused(refusal('notFound', 'case'));
  if (isOver(before)) return refused(refusal('conflict', 'caseStep'));
  if ((before.trail ?? []).length >= mostOnTrail) return refused(refusal('policy', 'caseTooLong'));
  const now = escalationAt(before, body.atMs, leadDueOf(before, calendar));
  const next = stepped(before, now, body, by, calendar);
  if (!next.ok) return next;
  const { agentId, name: called = '' } = by;
  const said = body.name === 'case.taken' ? '' : body.note;
  const taken = { step: next.value.kind, level: next.value.level, atMs: body.atMs, agentId, name: called, note: said };
  return ok({ ...before, escalation: next.value, trail: [...(before.trail ?? []), taken] });
};

const stepped = (
  before: Escalating,
  now: Escalation | null,
  body: EscalationOp,
  by: EscalationBy,
  calendar: WorkCalendar,
): Result<Escalation> => {
  const { atMs: sinceMs } = body;
  const { agentId, name: called = '' } = by;
  switch (body.name) {
    case 'case.escalated': {
      // Whoever decides has to know what about.
      if (body.note.trim() === '') return refused(refusal('mandatory', 'caseNote'));
      if (!levelsFrom(before, now).includes(body.level)) return refused(refusal('conflict', 'caseLevel'));
      const due = limitOf(calendar, body.level, sinceMs);
      return ok({ kind: 'escalated', level: body.level, sinceMs, ...due, by: agentId, note: body.note });
    }
    case 'case.taken': {
      if (by.role === 'agent') return refused(refusal('forbidden', 'role'));
      if (now === null) return refused(refusal('conflict', 'caseNotEscalated'));
      if (!mayTake(now, by)) return refused(refusal('conflict', 'caseTaken'));
      const { level, dueAtMs, missingYear } = now;
      return ok({ kind: 'taken', level, sinceMs, dueAtMs, missingYear, holderId: agentId, holderName: called });
    }
    case 'case.handedBack': {
      if (by.role === 'agent') return refused(refusal('forbidden', 'role'));
      if (now === null || !mayHandBack(now, by)) return refused(refusal('conflict', 'caseNotTaken'));
      if (body.note.trim() === '') return refused(refusal('mandatory', 'caseNote'));
      const due = limitOf(calendar, 'handedBack', sinceMs);
      return ok({
        kind: 'handedBack',
        level: now.level,
        sinceMs,
        ...due,
        by: agentId,
        byName: called,
        note: body.note,
      });
    }
    default:
      return never(body);
  }
};

/** A case that is reopened begins anew; what the regulator asked about stays with the regulator. */
export const afterReopening = (one: Escalating): { readonly escalation?: null } =>
  one.escalation?.level === 'regulator' ? {} : { escalation: null };
