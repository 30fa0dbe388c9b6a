import { z } from 'zod';

/**
 * The national working calendar (工作日历, R24): public holidays and the weekends worked in exchange for them, year by year as the government
 * publishes them each autumn. Central's table is written by leads at the desk (calendar-api.ts), or from a file (`npm run central -- calendar`); what ships here is the start.
 */
const day = z.string().regex(/^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/, 'a day as 2026-02-17');
export const CalendarYear = z.object({
  year: z.number().int().min(2000).max(2199),
  /** Where the table comes from: who decided it, and the number of the notice. */
  source: z.string().min(1).max(200),
  /** Free days besides Saturdays and Sundays; a weekend day may be named as well. */
  off: z.array(day).max(150),
  /** Saturdays and Sundays that are worked (调休上班). */
  work: z.array(day).max(60),
});
export type CalendarYear = z.infer<typeof CalendarYear>;
export const WorkCalendar = z.object({ years: z.array(CalendarYear).max(100) });
export type WorkCalendar = z.infer<typeof WorkCalendar>;

const from = (month: string, first: number, last: number): string[] =>
  Array.from({ length: last - first + 1 }, (_, n) => `${month}-${String(first + n).padStart(2, '0')}`);

/** As the State Council's office announced it for 2026. Later years come from an administrator's file. */
export const shippedCalendar: WorkCalendar = {
  years: [
    {
      year: 2026,
      source: '国务院办公厅关于2026年部分节假日安排的通知',
      off: [
        ...from('2026-01', 1, 3),
        ...from('2026-02', 15, 23),
        ...from('2026-04', 4, 6),
        ...from('2026-05', 1, 5),
        ...from('2026-06', 19, 21),
        ...from('2026-09', 25, 27),
        ...from('2026-10', 1, 7),
      ],
      work: ['2026-01-04', '2026-02-14', '2026-02-28', '2026-05-09', '2026-09-20', '2026-10-10'],
    },
  ],
};

/** One time in the whole country and no summer time: days are counted in it wherever seat and central stand. */
const placeMs = 8 * 3_600_000;
const dayMs = 24 * 3_600_000;
const dayNumber = (atMs: number): number => Math.floor((atMs + placeMs) / dayMs);
const nameOf = (number: number): string => new Date(number * dayMs).toISOString().slice(0, 10);
/** 1970-01-01 was a Thursday. */
const isWeekend = (number: number): boolean => (number + 4) % 7 === 0 || (number + 4) % 7 === 6;

/** The day as 2026-02-17, at the customers' place. */
export const dayOf = (atMs: number): string => nameOf(dayNumber(atMs));
/** The moment of that day at the customers' place; undefined when there is no such day. */
export const momentOf = (name: string, minutes: number): number | undefined => {
  if (!day.safeParse(name).success) return undefined;
  const atMs = Date.parse(`${name}T00:00:00Z`);
  return Number.isNaN(atMs) || nameOf(atMs / dayMs) !== name ? undefined : atMs - placeMs + minutes * 60_000;
};

type Judged = { readonly isWorking: boolean; readonly isKnown: boolean };
const judge = (calendar: WorkCalendar, number: number): Judged => {
  const name = nameOf(number);
  const year = calendar.years.find((one) => one.year === Number(name.slice(0, 4)));
  if (year === undefined) return { isWorking: !isWeekend(number), isKnown: false };
  if (year.work.includes(name)) return { isWorking: true, isKnown: true };
  return { isWorking: !isWeekend(number) && !year.off.includes(name), isKnown: true };
};

export const isWorkingDay = (calendar: WorkCalendar, atMs: number): boolean =>
  judge(calendar, dayNumber(atMs)).isWorking;

/** R21: free for the whole country, so nobody is called. Undefined: no table of that year, so nobody knows. */
export const isHoliday = (calendar: WorkCalendar, atMs: number): boolean | undefined => {
  const name = dayOf(atMs);
  return calendar.years.find((one) => one.year === Number(name.slice(0, 4)))?.off.includes(name);
};
/** Minutes since midnight at the customers' place. */
export const minuteOf = (atMs: number): number => Math.floor((atMs + placeMs) / 60_000) % (24 * 60);

/** `missingYear`: the table has no such year, so its public holidays are not known and Monday to Friday were counted. */
export type Due = { readonly dueAtMs: number; readonly missingYear: number | null };

/** The last second of the n-th working day after the day of `fromMs`; that day itself does not count. */
export const dueInWorkingDays = (calendar: WorkCalendar, fromMs: number, days: number): Due => {
  let number = dayNumber(fromMs);
  let missingYear: number | null = null;
  for (let left = days; left > 0;) {
    number += 1;
    const { isWorking, isKnown } = judge(calendar, number);
    if (!isKnown) missingYear ??= Number(nameOf(number).slice(0, 4));
    if (isWorking) left -= 1;
  }
  return { dueAtMs: (number + 1) * dayMs - placeMs - 1_000, missingYear };
};

/** That minute of the next working day: when a promise without a word about the time is kept. */
export const nextWorkingDay = (calendar: WorkCalendar, fromMs: number, minutes: number): number => {
  let number = dayNumber(fromMs) + 1;
  while (!judge(calendar, number).isWorking) number += 1;
  return number * dayMs - placeMs + minutes * 60_000;
};

/** The last second of the day so many calendar days later. */
export const dueInDays = (fromMs: number, days: number): Due => ({
  dueAtMs: (dayNumber(fromMs) + days + 1) * dayMs - placeMs - 1_000,
  missingYear: null,
});

/** Later tables win, year by year. */
export const merged = (...calendars: readonly WorkCalendar[]): WorkCalendar => ({
  years: [...new Map(calendars.flatMap(({ years }) => years.map((one) => [one.year, one] as const))).values()].toSorted(
    (one, other) => one.year - other.year,
  ),
});

/** What is wrong with a year's table; undefined: nothing. `day` is as it was written. */
export type CalendarFault = {
  readonly kind: 'noDay' | 'otherYear' | 'twice' | 'both' | 'weekday';
  readonly day: string;
  readonly year: number;
};
type Named = Pick<CalendarYear, 'year' | 'off' | 'work'>;
export const faultIn = ({ year, off, work }: Named): CalendarFault | undefined => {
  const fault = (kind: CalendarFault['kind'], name: string): CalendarFault => ({ kind, day: name, year });
  for (const name of [...off, ...work]) {
    if (momentOf(name, 0) === undefined) return fault('noDay', name);
    if (Number(name.slice(0, 4)) !== year) return fault('otherYear', name);
  }
  const twice = [off, work].flatMap((names) => names.filter((name, index) => names.indexOf(name) !== index))[0];
  if (twice !== undefined) return fault('twice', twice);
  const both = work.find((name) => off.includes(name));
  if (both !== undefined) return fault('both', both);
  const weekday = work.find((name) => !isWeekend(Date.parse(`${name}T00:00:00Z`) / dayMs));
  return weekday === undefined ? undefined : fault('weekday', weekday);
};

/** The same in a sentence, for who wrote a file. */
export const faultOf = (given: CalendarYear): string | undefined => {
  const fault = faultIn(given);
  if (fault === undefined) return undefined;
  const { kind, day: name, year } = fault;
  switch (kind) {
    case 'noDay':
      return `${name} is no day.`;
    case 'otherYear':
      return `${name} is not in ${year}.`;
    case 'twice':
      return `${name} is there twice.`;
    case 'both':
      return `${name} cannot be both free and worked.`;
    case 'weekday':
      return `${name} is worked anyway: only Saturdays and Sundays go under "work".`;
  }
};
