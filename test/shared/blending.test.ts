import { describe, expect, it } from 'vitest';
import {
  type Blending,
  blendingOf,
  nextBlend,
  type QueueBlend,
  type QueueLoad,
  shiftOf,
} from '../../shared/blending.ts';

// R19: when a queue is loaded and when no longer.
const limits = blendingOf({});
const second = 1_000;
const quiet: QueueLoad = { waiting: 0, longestWaitMs: 0, free: 3, ringing: 0 };
const load = (over: Partial<QueueLoad>): QueueLoad => ({ ...quiet, ...over });
const callers = load({ waiting: 2, longestWaitMs: 3 * second, free: 1 });

/** The same load, looked at every two seconds. */
const after = (seconds: number, of: QueueLoad, before: QueueBlend | undefined, fromMs: number): QueueBlend => {
  let blend = nextBlend(before, of, limits, fromMs);
  for (let ms = 2 * second; ms <= seconds * second; ms += 2 * second) blend = nextBlend(blend, of, limits, fromMs + ms);
  return blend;
};

describe('R19 load of a queue', () => {
  it('is loaded once callers for whom nobody is free have waited for a while, not at the first of them', () => {
    expect(after(4, callers, undefined, 0)).toMatchObject({ kind: 'open', strain: { why: 'waiting', sinceMs: 0 } });
    expect(after(6, callers, undefined, 0)).toMatchObject({ kind: 'loaded', why: 'waiting', sinceMs: 6 * second });
  });

  it.each<[string, QueueLoad]>([
    ['a caller whose agent’s telephone is ringing', load({ waiting: 1, free: 0, ringing: 1 })],
    ['callers for whom agents are free', load({ waiting: 3, longestWaitMs: second, free: 3 })],
    ['nobody waiting and nobody free', load({ free: 0 })],
  ])('is no load: %s', (_, of) => {
    expect(after(60, of, undefined, 0)).toMatchObject({ kind: 'open', strain: null });
  });

  it('is loaded by one who waits too long, whoever is free, and by fewer free agents than are to be kept', () => {
    const long = load({ waiting: 1, longestWaitMs: 16 * second });
    expect(after(6, long, undefined, 0)).toMatchObject({ kind: 'loaded', why: 'longWait' });
    let blend: QueueBlend | undefined;
    for (let ms = 0; ms < 10 * second; ms += second)
      blend = nextBlend(blend, load({ free: 1 }), { ...limits, keepFree: 2 }, ms);
    expect(blend).toMatchObject({ kind: 'loaded', why: 'fewFree' });
  });

  it('is over after a whole stretch of calm; one more caller begins it anew', () => {
    const loaded = after(6, callers, undefined, 0);
    const calm = after(28, quiet, loaded, 10 * second);
    expect(calm).toMatchObject({ kind: 'loaded', sinceMs: 6 * second, calmSinceMs: 10 * second });
    expect(nextBlend(calm, load({ waiting: 1 }), limits, 39 * second)).toMatchObject({ calmSinceMs: null });
    expect(nextBlend(calm, quiet, limits, 40 * second)).toMatchObject({ kind: 'open', strain: null });
    expect(after(28, load({ free: 0 }), calm, 39 * second)).toMatchObject({ kind: 'loaded', calmSinceMs: null });
  });

  it('nobody has looked for a while: what was then means nothing now, to seats either', () => {
    const loaded = after(6, callers, undefined, 0);
    expect(nextBlend(loaded, quiet, limits, 22 * second)).toMatchObject({ kind: 'open' });
    expect(shiftOf({ vip: loaded }, ['service', 'vip'], 12 * second)).toEqual({
      ...{ queue: 'vip', why: 'waiting', forMs: 6 * second },
    });
    expect(shiftOf({ vip: loaded }, ['vip'], 22 * second)).toBeUndefined();
    expect(shiftOf({ vip: loaded }, ['service'], 12 * second)).toBeUndefined();
  });

  it('never flaps: whatever callers and agents do, it changes at most once in each stretch of strain and calm', () => {
    for (let seed = 1; seed <= 200; seed += 1) {
      const draw = chance(seed);
      const own: Blending = {
        ...{ waiting: 1 + Math.floor(draw() * 3), waitSeconds: 1 + Math.floor(draw() * 30) },
        ...{ keepFree: Math.floor(draw() * 3), strainSeconds: Math.floor(draw() * 10) },
        calmSeconds: 10 + Math.floor(draw() * 60),
      };
      let blend: QueueBlend | undefined;
      let changedMs = Number.NEGATIVE_INFINITY;
      for (let ms = 0; ms < 1_800 * second; ms += Math.ceil(draw() * 4 * second)) {
        const waiting = Math.floor(draw() * 3);
        const next = nextBlend(
          blend,
          {
            ...{ waiting, longestWaitMs: waiting === 0 ? 0 : draw() * 60 * second },
            ...{ free: Math.floor(draw() * 4), ringing: Math.floor(draw() * 2) },
          },
          own,
          ms,
        );
        if (blend !== undefined && next.kind !== blend.kind) {
          const leastMs = (next.kind === 'open' ? own.calmSeconds : own.strainSeconds) * second;
          expect(ms - changedMs, `seed ${seed} at ${ms}`).toBeGreaterThanOrEqual(leastMs);
          changedMs = ms;
        }
        blend = next;
      }
    }
  });
});

/** mulberry32 */
const chance = (seed: number) => {
  let state = seed;
  return (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};
