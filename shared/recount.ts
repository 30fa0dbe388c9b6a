import type { WorkCalendar } from './calendar.ts';
import { type Case, caseDueOf } from './case.ts';
import { escalationDueOf } from './case-escalation.ts';
import { limitOf, type Obligation } from './obligation.ts';
import { orderDueOf } from './order.ts';
import type { WorkRow } from './work.ts';

/**
 * A row whose days were counted with another calendar (R24), counted again: a year that was missing has come, or the government has
 * swapped a weekend. What a customer was promised stays, unless it would be later than the rule allows now. What is late already stays late on the
 * day it was: breaches are counted, and have gone to the lead (R29). Undefined: the row stays as it is.
 */
export const recounted = (row: WorkRow, calendar: WorkCalendar, nowMs: number): WorkRow | undefined => {
  switch (row.record) {
    case 'obligation':
      return obligationAgain(row, calendar, nowMs);
    case 'case':
      return caseAgain(row, calendar, nowMs);
    case 'order': {
      const due = dueAgain(row, orderDueOf(calendar, row), nowMs);
      return due === undefined ? undefined : { ...row, ...due };
    }
  }
};

type Dated = { readonly dueAtMs: number; readonly missingYear: number | null };

/** The day stays where it is over; that its year is known now is true all the same. */
const dueAgain = (was: Dated, is: Dated, nowMs: number): Dated | undefined => {
  const dueAtMs = was.dueAtMs < nowMs ? was.dueAtMs : is.dueAtMs;
  return dueAtMs === was.dueAtMs && is.missingYear === was.missingYear
    ? undefined
    : { dueAtMs, missingYear: is.missingYear };
};

const obligationAgain = (row: Obligation, calendar: WorkCalendar, nowMs: number): Obligation | undefined => {
  const limit = row.state.kind === 'open' ? limitOf(calendar, row.kind, row.openedAtMs) : null;
  if (limit === null || (limit.dueAtMs === row.limitMs && limit.missingYear === row.missingYear)) return undefined;
  if (row.dueAtMs < nowMs)
    return limit.missingYear === row.missingYear ? undefined : { ...row, missingYear: limit.missingYear };
  const isByRule = row.dueAtMs === row.limitMs;
  return {
    ...row,
    dueAtMs: isByRule ? limit.dueAtMs : Math.min(row.dueAtMs, limit.dueAtMs),
    ...{ limitMs: limit.dueAtMs, missingYear: limit.missingYear },
  };
};

/** The case by its own day, and whoever it was escalated to by theirs. */
const caseAgain = (row: Case, calendar: WorkCalendar, nowMs: number): Case | undefined => {
  if (row.state === 'fedBack' || row.state === 'closed') return undefined;
  const due = dueAgain(row, caseDueOf(calendar, row), nowMs);
  const { escalation } = row;
  const limit = escalation == null ? null : escalationDueOf(row, calendar);
  const above = escalation == null || limit === null ? undefined : dueAgain(escalation, limit, nowMs);
  if (due === undefined && above === undefined) return undefined;
  return {
    ...row,
    ...due,
    ...(escalation == null || above === undefined ? {} : { escalation: { ...escalation, ...above } }),
  };
};
