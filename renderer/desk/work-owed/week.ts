import type { OwedRow } from './due.ts';

/** Days from Monday; hours of the day at the seat's place. */
export type Cell = { readonly day: number; readonly hour: number };

/** Monday, midnight at the seat's place, of the week this moment is in. */
export const weekOf = (atMs: number): number => {
  const at = new Date(atMs);
  at.setHours(0, 0, 0, 0);
  at.setDate(at.getDate() - dayOfWeek(at));
  return at.getTime();
};
const dayOfWeek = (at: Date): number => (at.getDay() + 6) % 7;

/** By the calendar, not by hours: a day may have 23 of them. */
export const dayOfWeekStart = (weekMs: number, day: number): number => {
  const at = new Date(weekMs);
  at.setDate(at.getDate() + day);
  return at.getTime();
};
export const weekAfter = (weekMs: number, weeks: number): number => dayOfWeekStart(weekMs, 7 * weeks);

export const cellOf = (atMs: number): Cell => {
  const at = new Date(atMs);
  return { day: dayOfWeek(at), hour: at.getHours() };
};

/** The hours customers may be called in, and what is owed outside them. */
const usualHours = [9, 20] as const;
export const hoursOf = (owed: readonly OwedRow[], weekMs: number): readonly number[] => {
  const own = inWeek(owed, weekMs).map(({ row }) => cellOf(row.dueAtMs).hour);
  const first = Math.min(usualHours[0], ...own);
  const last = Math.max(usualHours[1] - 1, ...own);
  return Array.from({ length: last - first + 1 }, (_, n) => first + n);
};

export const inWeek = (owed: readonly OwedRow[], weekMs: number): readonly OwedRow[] =>
  owed.filter(({ row }) => row.dueAtMs >= weekMs && row.dueAtMs < weekAfter(weekMs, 1));
export const inCell = (owed: readonly OwedRow[], weekMs: number, { day, hour }: Cell): readonly OwedRow[] =>
  inWeek(owed, weekMs).filter(({ row }) => {
    const own = cellOf(row.dueAtMs);
    return own.day === day && own.hour === hour;
  });

/** Another day and hour, the minutes as promised. */
export const movedTo = (dueAtMs: number, weekMs: number, { day, hour }: Cell): number => {
  const at = new Date(dayOfWeekStart(weekMs, day));
  at.setHours(hour, new Date(dueAtMs).getMinutes(), 0, 0);
  return at.getTime();
};

export const steps: Readonly<
  Record<string, (cell: Cell, hours: readonly number[]) => Cell & { readonly weeks: number }>
> = {
  ArrowLeft: ({ day, hour }) => (day === 0 ? { day: 6, hour, weeks: -1 } : { day: day - 1, hour, weeks: 0 }),
  ArrowRight: ({ day, hour }) => (day === 6 ? { day: 0, hour, weeks: 1 } : { day: day + 1, hour, weeks: 0 }),
  ArrowUp: ({ day, hour }, hours) => ({ day, hour: Math.max(hours[0] ?? hour, hour - 1), weeks: 0 }),
  ArrowDown: ({ day, hour }, hours) => ({ day, hour: Math.min(hours.at(-1) ?? hour, hour + 1), weeks: 0 }),
  Home: ({ hour }) => ({ day: 0, hour, weeks: 0 }),
  End: ({ hour }) => ({ day: 6, hour, weeks: 0 }),
  PageUp: (cell) => ({ ...cell, weeks: -1 }),
  PageDown: (cell) => ({ ...cell, weeks: 1 }),
};
