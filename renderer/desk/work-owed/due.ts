import type { Obligation } from '../../../shared/obligation.ts';
import type { WorkView } from '../../../shared/work.ts';

export type OwedRow = { readonly row: Obligation; readonly customer: string | null };

/** What this agent still owes, what breaches first in front (the engine's order). */
export const owedOf = ({ rows }: WorkView): readonly OwedRow[] =>
  rows.flatMap(({ row, customer }) =>
    row.record === 'obligation' && row.state.kind === 'open' ? [{ row, customer }] : [],
  );

export type Standing = 'overdue' | 'today' | 'later';
/** `nowMs` at the seat; today is the seat's day. */
export const standingOf = (dueAtMs: number, nowMs: number): Standing => {
  if (dueAtMs < nowMs) return 'overdue';
  return new Date(dueAtMs).toDateString() === new Date(nowMs).toDateString() ? 'today' : 'later';
};

const two = (value: number): string => String(value).padStart(2, '0');
/** As `datetime-local` has it, at the seat's place. */
export const fieldTime = (atMs: number): string => {
  const at = new Date(atMs);
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}`;
};
/** Undefined: nothing, or no time. */
export const timeOfField = (text: string): number | undefined => {
  const atMs = text === '' ? Number.NaN : new Date(text).getTime();
  return Number.isNaN(atMs) ? undefined : atMs;
};
