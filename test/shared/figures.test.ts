import { describe, expect, it } from 'vitest';
import {
  costItems,
  costOfDays,
  countedIn,
  daysBetween,
  figureKeys,
  figureOf,
  noCounts,
  type Rate,
  rateOn,
  revenueOf,
} from '../../shared/figures.ts';

const call = (direction: 'inbound' | 'outbound', answeredAfterMs: number | null) => ({
  direction,
  openedAtMs: 1_000_000,
  answeredAtMs: answeredAfterMs === null ? null : 1_000_000 + answeredAfterMs,
});
const trueOf = (counted: ReturnType<typeof countedIn>): readonly string[] =>
  Object.entries(counted).flatMap(([key, is]) => (is ? [key] : []));

describe('R36 what a contact counts for', () => {
  it.each([
    ['outbound', null, undefined, ['dialled']],
    ['outbound', 5_000, 'done', ['dialled', 'reached']],
    ['outbound', 5_000, 'sold', ['dialled', 'reached', 'succeeded']],
    ['outbound', 5_000, 'order', ['dialled', 'reached', 'succeeded']],
    ['outbound', 5_000, 'accepted', ['dialled', 'reached', 'succeeded', 'accepted']],
    ['outbound', 5_000, 'refusal', ['dialled', 'reached', 'refused']],
    // Whatever somebody wrote about a call that nobody answered.
    ['outbound', null, 'sold', ['dialled']],
    ['inbound', null, undefined, ['offered']],
    ['inbound', 20_000, 'accepted', ['accepted', 'offered', 'answered', 'inTime']],
    ['inbound', 20_001, 'done', ['offered', 'answered']],
  ] as const)('%s, answered after %s ms, %s', (direction, answered, outcome, expected) => {
    expect(trueOf(countedIn(call(direction, answered), outcome))).toEqual(expected);
  });
});

describe('R36 figures from counts', () => {
  const sums = {
    counts: { ...noCounts, dialled: 200, reached: 80, succeeded: 20, offered: 50, answered: 40, inTime: 30, orders: 5 },
    ...{ handledMs: 1, revenueFen: 900_000, costFen: 300_000, reach: { reached: 70, total: 100 } },
  };
  it.each([
    ['dialled', 200],
    ['contactRate', 0.4],
    ['successRate', 0.25],
    ['connectRate', 0.8],
    ['serviceLevel', 0.6],
    ['retentionRate', null],
    ['share', 0.5],
    ['costPerSuccess', 15_000],
    ['returnOnCost', 3],
    ['reach', 0.7],
  ] as const)('%s', (key, expected) => expect(figureOf(key, sums, 10)).toBe(expected));

  it('nothing is divided by nothing', () => {
    const empty = { counts: noCounts, handledMs: 0, revenueFen: 0, costFen: 0, reach: { reached: 0, total: 0 } };
    expect(figureKeys.map((key) => figureOf(key, empty, 0)).every((value) => value === null || value === 0)).toBe(true);
  });
});

describe('R36 costs and prices hold from a day on', () => {
  const pay = (fromDay: string, value: number): Rate => ({ item: 'pay', tariff: '', fromDay, value });
  const rates = [pay('2026-11-16', 600), pay('2026-10-01', 300), pay('2026-12-01', 0)];
  it.each([
    ['2026-09-30', null],
    ['2026-11-15', 300],
    ['2026-11-16', 600],
    ['2026-12-24', 0],
  ] as const)('on %s', (day, value) => expect(rateOn(rates, 'pay', '', day)).toBe(value));

  it('a month of thirty days costs what it costs, whatever the order they were entered in', () => {
    const days = daysBetween('2026-11-01', '2026-11-30');
    expect(days).toHaveLength(30);
    expect(costOfDays(rates, days)).toBeCloseTo(300 / 2 + 600 / 2);
    expect(
      costOfDays(
        costItems.map((item) => ({ item, tariff: '', fromDay: '2026-01-01', value: 30 })),
        days,
      ),
    ).toBeCloseTo(300);
  });

  it('days out of order, days that are none and more than a year are no days', () => {
    expect(daysBetween('2026-11-02', '2026-11-01')).toEqual([]);
    expect(daysBetween('2026-02-30', '2026-03-01')).toEqual([]);
    expect(daysBetween('2020-01-01', '2026-01-01').at(-1)).not.toBe('2026-01-01');
  });

  it('revenue is orders × price × mean life, and unknown without both', () => {
    const sold = { tariff: 'T1', day: '2026-11-20', orders: 3 };
    const price: Rate = { item: 'price', tariff: 'T1', fromDay: '2026-11-01', value: 12_900 };
    const life: Rate = { item: 'lifeMonths', tariff: '', fromDay: '2026-01-01', value: 24 };
    expect(revenueOf([price, life], sold)).toBe(3 * 12_900 * 24);
    expect(revenueOf([price], sold)).toBeNull();
    expect(revenueOf([life], sold)).toBeNull();
    expect(revenueOf([price, life], { ...sold, tariff: 'T2' })).toBeNull();
  });
});
