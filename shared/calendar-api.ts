import { z } from 'zod';
import { CalendarYear } from './calendar.ts';
import { escalationLevels } from './case-escalation.ts';
import { WorkId } from './ids.ts';
import { obligationKinds } from './obligation.ts';
import { orderFlows } from './order.ts';

/** The working calendar on both wires (R24): leads and managers of the operator read and write it; it is every tenant's. */
const CalendarResponse = z.object({
  years: z.array(CalendarYear).max(100),
  /** What was read; whoever writes says so, so that nobody writes over somebody else's years. */
  mark: z.string().max(64),
  mayEdit: z.boolean(),
});
export type CalendarResponse = z.infer<typeof CalendarResponse>;

/** Days as they were typed: what is wrong with them is answered in words (`faultIn`), not as a request nobody can read. */
const typed = z.string().max(40);
export const CalendarDraft = z.object({
  year: z.number().int(),
  source: z.string().max(400),
  off: z.array(typed).max(400),
  work: z.array(typed).max(400),
});
export type CalendarDraft = z.infer<typeof CalendarDraft>;

/** What is due on another day by the new table; `fromMs` equals `toMs` where only the missing year has gone. */
export const mostDueShown = 100;
export const DueChange = z.object({
  workId: WorkId,
  record: z.enum(['obligation', 'case']),
  kind: z.enum([...obligationKinds, 'report', 'request']),
  agentName: z.string().max(40),
  fromMs: z.number(),
  toMs: z.number(),
});
export type DueChange = z.infer<typeof DueChange>;
/** Orders (R30), and by when whoever a case was escalated to decides (R29). Beside the others, where a seat of before reads on without them. */
export const OtherDueChange = DueChange.omit({ record: true, kind: true }).extend({
  record: z.enum(['order', 'escalation']),
  /** The flow of the order, or the level of the escalation. */
  kind: z.enum([...orderFlows, ...escalationLevels, 'handedBack']),
});
export type OtherDueChange = z.infer<typeof OtherDueChange>;
const DueChanges = z.object({
  /** Of both kinds, shown or not. */
  total: z.number().int(),
  shown: z.array(DueChange).max(mostDueShown),
  others: z.array(OtherDueChange).max(mostDueShown).optional(),
  /** Open and late before the change: late they stay. */
  late: z.number().int().optional(),
});
export type DueChanges = z.infer<typeof DueChanges>;

const CalendarSetRequest = z.object({ draft: CalendarDraft, mark: z.string().max(64) });
const CalendarTryRequest = z.object({ draft: CalendarDraft });

export const calendarRoutes = {
  calendar: { method: 'GET', path: '/v1/calendar', request: z.object({}), response: CalendarResponse },
  /** What would be due on another day; nothing is written. */
  calendarTry: { method: 'POST', path: '/v1/calendar/try', request: CalendarTryRequest, response: DueChanges },
  calendarSet: { method: 'POST', path: '/v1/calendar', request: CalendarSetRequest, response: DueChanges },
} as const;

const desk = ['desk'] as const;
const passedOn = <Q, A>({ request, response }: { request: Q; response: A }) => ({ request, response, by: desk });
export const calendarCalls = {
  'calendar.read': passedOn(calendarRoutes.calendar),
  'calendar.try': passedOn(calendarRoutes.calendarTry),
  'calendar.set': passedOn(calendarRoutes.calendarSet),
} as const;
