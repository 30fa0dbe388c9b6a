import { describe, expect, it } from 'vitest';
import type { AgentState } from '../../shared/agent.ts';
import {
  backAtMs,
  type DoneContact,
  nextBreak,
  recordOf,
  shiftBegan,
  sumsOf,
  type TimeSpan,
} from '../../shared/day.ts';

const hour = 3_600_000;
const minute = 60_000;
const span = (kind: TimeSpan['kind'], fromMs: number, toMs: number, reason: string | null = null): TimeSpan => ({
  ...{ kind, reason, fromMs, toMs },
});
const ready = (sinceMs: number): AgentState => ({ kind: 'ready', sinceMs });
const away = (reason: string, sinceMs: number): AgentState => ({ kind: 'notReady', reason, sinceMs });
const done = (atMs: number, outcome: string, forced = false): DoneContact => ({
  ...{ atMs, talkMs: minute, topic: null, outcome: { zh: outcome, en: outcome }, forced },
});

describe('R38 what a shift went to', () => {
  it('is summed by state and reason, the longest first; a clock put back takes nothing away', () => {
    const sums = sumsOf([
      ...[span('ready', 0, 10), span('onCall', 10, 40), span('ready', 40, 45)],
      ...[span('notReady', 45, 60, 'break'), span('notReady', 60, 61, 'meal'), span('ready', 100, 90)],
    ]);
    expect(sums.map(({ kind, reason, ms, times }) => [kind, reason, ms, times])).toEqual([
      ['onCall', null, 30, 1],
      ['ready', null, 15, 3],
      ['notReady', 'break', 15, 1],
      ['notReady', 'meal', 1, 1],
    ]);
  });

  it('begins after the last long absence, also before midnight; a short one belongs to it', () => {
    const spans = [
      span('ready', 0, 2 * hour),
      span('ready', 14 * hour, 16 * hour),
      // Signed out for half an hour.
      span('ready', 16.5 * hour, 25 * hour),
    ];
    expect(shiftBegan(spans, ready(25 * hour))).toBe(14 * hour);
    expect(shiftBegan(spans, { kind: 'offline', sinceMs: 25 * hour })).toBe(14 * hour);
    expect(shiftBegan(spans, ready(30 * hour))).toBe(30 * hour);
    expect(shiftBegan([], { kind: 'offline', sinceMs: 0 })).toBeNull();
  });

  it('counts the contacts of the shift alone, by outcome, and leaves out breaks that were taken', () => {
    const planned = (reason: string, fromMs: number) => ({ reason, fromMs, toMs: fromMs + 15 * minute });
    const breaks = [planned('break', 20 * hour + 10 * minute), planned('break', 22 * hour), planned('meal', 21 * hour)];
    const record = recordOf(
      // Fifteen minutes early is still the planned one.
      [span('ready', 0, hour), span('ready', 19 * hour, 20 * hour), span('notReady', 20 * hour, 20.2 * hour, 'break')],
      [done(hour, 'old'), done(19.1 * hour, 'solved'), done(19.2 * hour, 'case'), done(19.3 * hour, 'solved', true)],
      ready(20.2 * hour),
      breaks,
    );
    expect(record).toMatchObject({ beganAtMs: 19 * hour, contacts: 3, talkMs: 3 * minute, unfinished: 1 });
    expect(record.outcomes.map(({ outcome, count }) => [outcome?.zh, count])).toEqual([
      ['solved', 2],
      ['case', 1],
    ]);
    expect(record.breaks).toEqual(breaks.slice(1));
    expect(nextBreak(record.breaks, 20.5 * hour)?.reason).toBe('meal');
  });

  it('an agent is expected back as the roster says, else as the policy does', () => {
    const caps = { break: { minutes: 15 }, meeting: { atOnce: 3 } };
    const breaks = [{ reason: 'break', fromMs: hour, toMs: hour + 10 * minute }];
    expect(backAtMs(away('break', hour - minute), breaks, caps)).toBe(hour + 9 * minute);
    expect(backAtMs(away('break', 3 * hour), breaks, caps)).toBe(3 * hour + 15 * minute);
    expect(backAtMs(away('meeting', hour), breaks, caps)).toBeNull();
    expect(backAtMs(ready(hour), breaks, caps)).toBeNull();
  });
});
