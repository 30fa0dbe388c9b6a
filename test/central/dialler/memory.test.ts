import { describe, expect, it } from 'vitest';
import { createAnswerRate, createWindow } from '../../../central/dialler/memory.ts';

const half = (ms: number): number => Math.min(1, ms / 10_000);
const prior = { rate: 0.3, weight: 20 };

describe('the answer rate (R25)', () => {
  it('is what was believed before anything was seen', () => {
    expect(createAnswerRate(prior).look([], half, 0).rate).toBeCloseTo(0.3, 6);
  });

  it('of a whole floor dialled at once: those who answer are heard first, and those who ring on count as well', () => {
    const rate = createAnswerRate(prior);
    for (let at = 0; at < 333; at += 1) rate.add(true, 5_000 + (at % 50) * 100, 10_000);
    const early = rate.look(
      Array.from({ length: 667 }, () => 10_000),
      half,
      10_000,
    ).rate;
    expect(early).toBeGreaterThan(0.28);
    expect(early).toBeLessThan(0.42);
    // And when the others have rung out it is the same still.
    for (let at = 0; at < 667; at += 1) rate.add(false, 26_000, 26_000);
    expect(rate.look([], half, 26_000).rate).toBeGreaterThan(0.25);
    expect(rate.look([], half, 26_000).rate).toBeLessThan(0.5);
  });

  it('follows a better part of the list', () => {
    const rate = createAnswerRate(prior);
    for (let at = 0; at < 3_000; at += 1) rate.add(at % 4 === 0, 10_000, at * 100);
    expect(rate.look([], half, 300_000).rate).toBeCloseTo(0.25, 1);
    for (let at = 0; at < 1_200; at += 1) rate.add(at % 2 === 0, 10_000, 300_000 + at * 100);
    expect(rate.look([], half, 420_000).rate).toBeGreaterThan(0.42);
  });
});

describe('the window of half an hour (R25)', () => {
  it('counts what is in it, and looks ahead to what will be', () => {
    const window = createWindow(1_800_000);
    for (let minute = 0; minute < 30; minute += 1)
      for (let at = 0; at < 10; at += 1) window.add(minute * 60_000, minute === 29 && at < 3);
    const nowMs = 29 * 60_000;
    expect(window.sum(nowMs)).toEqual({ answered: 300, abandoned: 3 });
    const ahead = window.ahead(nowMs, 0.5);
    expect(ahead[0]).toEqual({ answered: 300, abandoned: 3 });
    // The losses stay to the last, the answers before them go at full pace and come back at half of it.
    expect(ahead.every(({ abandoned }) => abandoned === 3)).toBe(true);
    expect(ahead.at(-1)?.answered).toBeLessThan(180);
    expect(window.sum(nowMs + 1_800_000)).toEqual({ answered: 0, abandoned: 0 });
  });
});
