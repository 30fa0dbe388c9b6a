import type { WorkCalendar } from './calendar.ts';
import { caseDueOf } from './case.ts';
import { limitOf } from './obligation.ts';
import type { WorkRow } from './work.ts';

/**
 * A row whose days were counted with another calendar (R24), counted again: a year that was missing has come, or the government has
 * swapped a weekend. What a customer was promised stays, unless it would be later than the rule allows now. Undefined: the row stays as it is.
 */
export const recounted = (row: WorkRow, calendar: WorkCalendar): WorkRow | undefined => {
  if (row.record === 'obligation') {
    const limit = row.state.kind === 'open' ? limitOf(calendar, row.kind, row.openedAtMs) : null;
    if (limit === null || (limit.dueAtMs === row.limitMs && limit.missingYear === row.missingYear)) return undefined;
    const isByRule = row.dueAtMs === row.limitMs;
    return {
      ...row,
      dueAtMs: isByRule ? limit.dueAtMs : Math.min(row.dueAtMs, limit.dueAtMs),
      ...{ limitMs: limit.dueAtMs, missingYear: limit.missingYear },
    };
  }
  if (row.record !== 'case' || row.state === 'fedBack' || row.state === 'closed') return undefined;
  const due = caseDueOf(calendar, row);
  return due.dueAtMs === row.dueAtMs && due.missingYear === row.missingYear ? undefined : { ...row, ...due };
};
