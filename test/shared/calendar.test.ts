import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  dayOf,
  dueInWorkingDays,
  faultOf,
  isWorkingDay,
  merged,
  momentOf,
  shippedCalendar,
} from '../../shared/calendar.ts';

const at = (day: string, minutes = 10 * 60): number => momentOf(day, minutes) ?? Number.NaN;
const due = (from: string, days: number) => {
  const found = dueInWorkingDays(shippedCalendar, at(from), days);
  return [dayOf(found.dueAtMs), found.missingYear];
};

describe('R24 working days by the national calendar', () => {
  it.each([
    ['2026-11-27', 3, '2026-12-02', 'over an ordinary weekend'],
    ['2026-02-13', 1, '2026-02-14', 'a Saturday worked in exchange counts'],
    ['2026-02-13', 2, '2026-02-24', 'the nine days of Spring Festival do not'],
    ['2026-02-13', 7, '2026-03-02', 'and the Saturday after it counts again'],
    ['2026-09-18', 1, '2026-09-20', 'a Sunday worked for the National Day'],
    ['2026-09-30', 3, '2026-10-10', 'seven days off and the Saturday after'],
    ['2026-04-03', 1, '2026-04-07', 'a holiday on a Monday'],
    ['2026-12-25', 4, '2026-12-31', 'to the last day of the table'],
  ])('from %s, %d days: %s (%s)', (from, days, until) => {
    expect(due(from, days)).toEqual([until, null]);
  });

  it('a year without a table is named, and Monday to Friday are counted', () => {
    expect(due('2026-12-30', 2)).toEqual(['2027-01-01', 2027]);
  });

  it('a day begins at midnight of the customers’ place, wherever the program runs', () => {
    expect(dayOf(Date.parse('2026-02-13T15:59:59Z'))).toBe('2026-02-13');
    expect(dayOf(Date.parse('2026-02-13T16:00:00Z'))).toBe('2026-02-14');
    const { dueAtMs } = dueInWorkingDays(shippedCalendar, Date.parse('2026-11-24T16:30:00Z'), 1);
    expect(new Date(dueAtMs).toISOString()).toBe('2026-11-26T15:59:59.000Z');
  });

  it('any number of days holds exactly that many working days', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 330 }), fc.integer({ min: 1, max: 20 }), (start, days) => {
        const fromMs = at('2026-01-01') + start * 86_400_000;
        const { dueAtMs } = dueInWorkingDays(shippedCalendar, fromMs, days);
        let counted = 0;
        for (let ms = fromMs + 86_400_000; ms <= dueAtMs; ms += 86_400_000)
          if (isWorkingDay(shippedCalendar, ms)) counted += 1;
        expect(counted).toBe(days);
        expect(isWorkingDay(shippedCalendar, dueAtMs)).toBe(true);
      }),
    );
  });
});

describe('the table', () => {
  it('as shipped has no fault; later tables win, year by year', () => {
    expect(shippedCalendar.years.map(faultOf)).toEqual([undefined]);
    const other = { year: 2026, source: 'x', off: [], work: [] };
    const next = { ...other, year: 2027 };
    expect(merged(shippedCalendar, { years: [next, other] }).years).toEqual([other, next]);
  });

  it.each([
    [{ off: ['2027-02-30'] }, '2027-02-30 is no day.'],
    [{ off: ['2026-12-31'] }, '2026-12-31 is not in 2027.'],
    [{ off: ['2027-02-06'], work: ['2027-02-06'] }, '2027-02-06 cannot be both free and worked.'],
    [{ off: ['2027-01-01', '2027-01-01'] }, '2027-01-01 is there twice.'],
    [{ work: ['2027-02-05'] }, '2027-02-05 is worked anyway: only Saturdays and Sundays go under "work".'],
  ])('says what is wrong with one: %o', (change, sentence) => {
    expect(faultOf({ year: 2027, source: 'x', off: [], work: [], ...change })).toBe(sentence);
  });
});
