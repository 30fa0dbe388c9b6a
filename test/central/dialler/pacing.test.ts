import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Floor, Pacing } from '../../../central/dialler/pacing.ts';
import { createPacing, defaultPacing } from '../../../central/dialler/pacing.ts';

const nobody: Floor = { free: 0, waiting: 0, talking: [], wrappingUp: [], ringing: [] };
const times = (count: number, ms: number): number[] => Array.from({ length: count }, () => ms);

/** A task that has run for a while: `answered` calls in the window, of them `abandoned`; a third of the customers answers. */
const experienced = (answered: number, abandoned: number, nowMs = 1_000_000): Pacing => {
  const pacing = createPacing();
  for (let at = 0; at < answered; at += 1) {
    pacing.rang('answered', 8_000, nowMs - 1_000);
    pacing.rang('over', 26_000, nowMs - 1_000);
    pacing.rang('over', 4_000, nowMs - 1_000);
    if (at < abandoned) pacing.abandoned(nowMs - 1_000);
    else {
      pacing.connected(nowMs - 1_000);
      pacing.handled(150_000, 20_000, nowMs - 1_000);
    }
  }
  return pacing;
};
const nowMs = 1_000_000;

describe('pacing (R25)', () => {
  it('calls one customer per free agent until the window can bear a lost call', () => {
    const pacing = createPacing();
    expect(pacing.decide({ ...nobody, free: 20 }, 0)).toEqual({ mode: 'progressive', why: 'learning', dial: 20 });
    expect(pacing.decide({ ...nobody, free: 20, ringing: times(15, 3_000) }, 1_000)).toEqual({
      mode: 'progressive',
      why: 'learning',
      dial: 5,
    });
  });

  it('calls more customers than agents are free once it knows that few answer', () => {
    const decision = experienced(300, 2).decide({ ...nobody, free: 10, talking: times(40, 60_000) }, nowMs);
    expect(decision.mode).toBe('predictive');
    expect(decision.dial).toBeGreaterThan(10);
  });

  it('calls ahead of agents who are about to be free', () => {
    const soon = experienced(300, 2).decide({ ...nobody, free: 5, talking: times(40, 149_000) }, nowMs);
    const late = experienced(300, 2).decide({ ...nobody, free: 5, talking: times(40, 20_000) }, nowMs);
    expect(soon.dial).toBeGreaterThan(late.dial);
  });

  it('is progressive with fewer than five agents in sight, however few answer', () => {
    const floor: Floor = { ...nobody, free: 3, talking: times(3, 10_000) };
    expect(experienced(300, 0).decide(floor, nowMs)).toEqual({ mode: 'progressive', why: 'fewAgents', dial: 3 });
  });

  it('stops calling ahead before the promise is broken: one more lost call must fit into the window', () => {
    const floor: Floor = { ...nobody, free: 20, talking: times(30, 60_000) };
    expect(experienced(400, 11).decide(floor, nowMs).why).toBe('promise');
    expect(experienced(400, 2).decide(floor, nowMs).why).toBe('forecast');
  });

  it('the nearer the window is to its limit, the fewer calls it risks', () => {
    const floor: Floor = { ...nobody, free: 12, talking: times(38, 60_000) };
    const dials = [0, 4, 6, 8].map((abandoned) => experienced(400, abandoned).decide(floor, nowMs).dial);
    expect(dials).toEqual(dials.toSorted((one, other) => other - one));
    expect(dials.at(0)).toBeGreaterThan(dials.at(-1) ?? Number.NaN);
  });

  it('a lost call is forgotten when its window is over', () => {
    const floor: Floor = { ...nobody, free: 20, talking: times(30, 60_000) };
    const pacing = experienced(400, 12);
    expect(pacing.decide(floor, nowMs).why).toBe('promise');
    const laterMs = nowMs + defaultPacing.windowMs + 20_000;
    for (let at = 0; at < 100; at += 1) pacing.connected(laterMs);
    expect(pacing.decide(floor, laterMs).why).toBe('forecast');
  });

  it('answers far beyond what the calls in flight promised make it careful at once', () => {
    const floor: Floor = {
      ...nobody,
      free: 200,
      talking: times(300, 60_000),
      ringing: [...times(100, 3_000), ...times(10, 7_800)],
    };
    const expected = experienced(3_000, 20);
    const surprised = experienced(3_000, 20);
    for (let second = 0; second < 12; second += 1) {
      const atMs = nowMs + second * 1_000;
      for (const [pacing, answers] of [
        [expected, 5],
        [surprised, 40],
      ] as const) {
        pacing.decide(floor, atMs);
        for (let at = 0; at < answers; at += 1) {
          pacing.rang('answered', 8_000, atMs);
          pacing.connected(atMs);
        }
      }
    }
    const atMs = nowMs + 12_000;
    expect(surprised.decide(floor, atMs).dial).toBeLessThan(expected.decide(floor, atMs).dial);
  });

  it('the promise is kept for the windows that begin later too: when answers fade and losses stay', () => {
    const pacing = createPacing();
    // 1,000 answers twenty-nine minutes ago, and all the losses of the window since.
    for (let at = 0; at < 1_000; at += 1) {
      pacing.rang('answered', 8_000, nowMs);
      pacing.rang('over', 26_000, nowMs);
      pacing.connected(nowMs);
    }
    const laterMs = nowMs + 29 * 60_000;
    for (let at = 0; at < 12; at += 1) pacing.abandoned(laterMs);
    const floor: Floor = { ...nobody, free: 20, talking: times(30, 60_000) };
    expect(pacing.decide(floor, laterMs).why).toBe('promise');
  });

  it('never calls for a floor without agents, and asks for whole calls, never less than none', () => {
    const ms = fc.integer({ min: 0, max: 2_000_000 });
    const floors = fc.record({
      free: fc.integer({ min: 0, max: 60 }),
      waiting: fc.integer({ min: 0, max: 5 }),
      talking: fc.array(ms, { maxLength: 60 }),
      wrappingUp: fc.array(ms, { maxLength: 20 }),
      ringing: fc.array(ms, { maxLength: 200 }),
    });
    const pacing = experienced(300, 1);
    expect(pacing.decide(nobody, nowMs).dial).toBe(0);
    fc.assert(
      fc.property(floors, (floor) => {
        const { mode, dial } = pacing.decide(floor, nowMs);
        expect(Number.isInteger(dial) && dial >= 0).toBe(true);
        expect(dial).toBeLessThanOrEqual(floor.free + floor.talking.length + floor.wrappingUp.length);
        if (mode === 'progressive')
          expect(dial + floor.ringing.length).toBeLessThanOrEqual(Math.max(floor.free, floor.ringing.length));
      }),
    );
  });
});
