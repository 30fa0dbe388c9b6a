import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDurations } from '../../../central/dialler/durations.ts';

const seconds = { binMs: 1_000, bins: 120, priorMeanMs: 20_000, priorWeight: 5, memoryMs: 60_000 };

describe('how long things last (R25)', () => {
  it('believes the prior before anything was seen', () => {
    const durations = createDurations(seconds);
    expect(durations.endsWithin(0, 20_000)).toBeCloseTo(1 - Math.exp(-1), 2);
    expect(durations.weight()).toBeCloseTo(5, 6);
  });

  it('believes what was seen: all last 30 s, so one of 29 s is nearly over and one of 5 s is not', () => {
    const durations = createDurations(seconds);
    for (let at = 0; at < 1_000; at += 1) durations.add(30_500, at * 100);
    expect(durations.endsWithin(29_000, 3_000)).toBeGreaterThan(0.95);
    expect(durations.endsWithin(5_000, 3_000)).toBeLessThan(0.05);
    expect(durations.quantileMs(0.5)).toBe(31_000);
  });

  it('forgets the morning: after three times its memory the new ones decide', () => {
    const durations = createDurations(seconds);
    for (let at = 0; at < 600; at += 1) durations.add(80_500, at * 100);
    for (let at = 0; at < 600; at += 1) durations.add(10_500, 60_000 + at * 300);
    expect(durations.endsWithin(0, 12_000)).toBeGreaterThan(0.9);
  });

  it('one that lasts longer than any ever seen is given a chance, never a certainty of nothing', () => {
    const durations = createDurations({ ...seconds, priorWeight: 0 });
    durations.add(10_000, 0);
    expect(durations.endsWithin(400_000, 40_000)).toBeCloseTo(0.1, 6);
  });

  it('after a start only what is short has ended: those that go on tell that the rest is longer', () => {
    const [naive, durations] = [createDurations(seconds), createDurations(seconds)];
    // A hundred begun at once, of which a tenth has ended, all within 20 s.
    for (let at = 0; at < 10; at += 1) for (const one of [naive, durations]) one.add(10_500 + at * 1_000, 20_000);
    durations.running(Array.from({ length: 90 }, () => 20_500));
    expect(naive.endsWithin(15_000, 5_000)).toBeGreaterThan(0.3);
    expect(durations.endsWithin(15_000, 5_000)).toBeLessThan(0.1);
    // Whoever has long ended is not forgotten, and without any that go on it is as before.
    durations.running([]);
    expect(durations.endsWithin(15_000, 5_000)).toBeCloseTo(naive.endsWithin(15_000, 5_000), 12);
  });

  it('of many at once it says what it says of each', () => {
    const durations = createDurations(seconds);
    for (let at = 0; at < 200; at += 1) durations.add((at * 7_919) % 90_000, at * 100);
    const elapsed = [0, 500, 29_000, 29_000, 119_999, 400_000];
    const within = Float64Array.of(0, 3_000, 40_000, 500_000);
    const { means, variances } = durations.ending(elapsed, within);
    const chances = new Float64Array(within.length);
    for (const [at, ms] of within.entries()) {
      const each = elapsed.map((one) => durations.endsWithin(one, ms));
      expect(means[at]).toBeCloseTo(
        each.reduce((sum, one) => sum + one, 0),
        9,
      );
      expect(variances[at]).toBeCloseTo(
        each.reduce((sum, one) => sum + one * (1 - one), 0),
        9,
      );
      for (const [n, one] of elapsed.entries()) {
        durations.endWithin(one, within, chances);
        expect(chances[at]).toBeCloseTo(each[n] ?? Number.NaN, 12);
      }
    }
  });

  it('chances are between 0 and 1 and grow with the time allowed, whatever was seen', () => {
    const ms = fc.integer({ min: 0, max: 400_000 });
    fc.assert(
      fc.property(fc.array(ms, { maxLength: 60 }), ms, ms, ms, (seen, elapsed, one, other) => {
        const durations = createDurations(seconds);
        for (const [at, each] of seen.entries()) durations.add(each, at * 1_000);
        const [short, long] = one < other ? [one, other] : [other, one];
        const sooner = durations.endsWithin(elapsed, short);
        const later = durations.endsWithin(elapsed, long);
        expect(sooner).toBeGreaterThanOrEqual(-1e-9);
        expect(later).toBeLessThanOrEqual(1 + 1e-9);
        expect(later).toBeGreaterThanOrEqual(sooner - 1e-9);
      }),
    );
  });
});
