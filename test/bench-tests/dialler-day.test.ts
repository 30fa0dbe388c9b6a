import { describe, expect, it } from 'vitest';
import { playDay } from '../bench/dialler/day.ts';
import { createQueue } from '../bench/dialler/event-queue.ts';
import { fixedRatio, predictive, progressive } from '../bench/dialler/methods.ts';

const hour = {
  agents: 20,
  hours: 1,
  seed: 7,
  answerRate: () => 0.4,
  talkMs: () => 120_000,
  wrapUpMs: 20_000,
  silenceMs: 2_000,
  breakShare: 0.02,
  breakMs: 300_000,
};

describe('the simulated day of the dialler bench', () => {
  it('events come by time, and those of one time in their order', () => {
    const queue = createQueue<string>();
    for (const [atMs, what] of [
      [5, 'c'],
      [1, 'a'],
      [5, 'd'],
      [3, 'b'],
      [9, 'e'],
    ] as const)
      queue.add(atMs, what);
    expect(Array.from({ length: 6 }, () => queue.next()?.what)).toEqual(['a', 'b', 'c', 'd', 'e', undefined]);
  });

  it('the same seed plays the same day', () => {
    expect(playDay(predictive(), hour)).toEqual(playDay(predictive(), hour));
  });

  it('progressive dialling loses nobody, and everyone who answers is met at once', () => {
    const day = playDay(progressive(), hour);
    expect(day.answered).toBeGreaterThan(100);
    expect(day.abandoned).toBe(0);
    expect(Math.max(...day.silencesMs)).toBe(0);
  });

  it('a ratio of one is progressive dialling; a high one loses customers, and the day shows it', () => {
    expect(playDay(fixedRatio(1), hour).abandoned).toBe(0);
    const greedy = playDay(fixedRatio(2), hour);
    expect(greedy.abandoned / greedy.answered).toBeGreaterThan(0.2);
    expect(greedy.worstWindowPct).toBeGreaterThan(20);
    expect(Math.max(...greedy.silencesMs)).toBe(hour.silenceMs);
  });

  it('nobody is counted twice: who answered was met or was lost', () => {
    const { answered, silencesMs } = playDay(fixedRatio(1.3), hour);
    expect(answered - silencesMs.length).toBeLessThanOrEqual(2);
    expect(answered).toBeGreaterThanOrEqual(silencesMs.length);
  });
});
