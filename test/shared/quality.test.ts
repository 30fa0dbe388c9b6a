import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type CallQuality,
  Codec,
  delayImpairment,
  delayMs,
  lossImpairment,
  mosOf,
  type NetworkFigures,
  nextQuality,
  Rating,
  ratingFrom,
  ratingOf,
} from '../../shared/quality.ts';

const clear: NetworkFigures = { rttMs: 20, jitterMs: 1, lossPct: 0, jitterBufferMs: 20, codec: 'pcma' };

const networks = fc.record({
  rttMs: fc.option(fc.double({ min: 0, max: 5_000, noNaN: true })),
  jitterMs: fc.double({ min: 0, max: 2_000, noNaN: true }),
  lossPct: fc.double({ min: 0, max: 100, noNaN: true }),
  jitterBufferMs: fc.option(fc.double({ min: 0, max: 2_000, noNaN: true })),
  codec: fc.constantFrom(...Codec.options),
});
const more = fc.double({ min: 0, max: 1_000, noNaN: true });

describe('E-model (ITU-T G.107)', () => {
  // Annex B, table B.1.
  it.each([
    [90, 4.34],
    [80, 4.03],
    [70, 3.6],
    [60, 3.1],
    [50, 2.58],
  ])('R %d is MOS %d', (r, mos) => expect(Math.abs(mosOf(r) - mos)).toBeLessThanOrEqual(0.0101));
  it.each([-5, 0, 1, 6.5])('the worst, R %d, is MOS 1', (r) => expect(mosOf(r)).toBe(1));
  it('R 100 is MOS 4.5 and so is more', () => expect([mosOf(100), mosOf(130)]).toEqual([4.5, 4.5]));

  it('a clear line without delay has the default rating 93.2', () => {
    expect(94.769 - 1.4136 - delayImpairment(0)).toBeCloseTo(93.2, 1);
  });
  // Ie,eff = Ie + (95 − Ie) · Ppl / (Ppl + Bpl), G.107 7.5 with G.113 Appendix I.
  it.each([
    ['pcma', 0, 0],
    ['pcmu', 1, 95 / 26.1],
    ['pcma', 5, (95 * 5) / 30.1],
    ['opus', 2, (95 * 2) / 12],
    ['opusFec', 2, (95 * 2) / 22],
    ['other', 10, (95 * 10) / 35.1],
  ] as const)('%s with %d %% loss costs %d', (codec, loss, cost) =>
    expect(lossImpairment(codec, loss)).toBeCloseTo(cost, 6),
  );
  it.each([100, 150, 200, 250, 300])('delay %d ms lies by the well-known linear fit', (ms) => {
    const fit = 0.024 * ms + 0.11 * Math.max(0, ms - 177.3);
    expect(Math.abs(delayImpairment(ms) - fit)).toBeLessThan(1);
  });
  it('G.114: 150 ms one way is still good, 400 ms is not even fair', () => {
    const at = (oneWayMs: number): number => ratingOf({ ...clear, jitterBufferMs: oneWayMs - 20, rttMs: 0 });
    expect(at(150)).toBeGreaterThan(ratingFrom.good);
    expect(at(400)).toBeLessThan(ratingFrom.fair);
  });
  it('delay is half the round trip, the buffer and a packet; a buffer smaller than the jitter needs does not count', () => {
    expect(delayMs({ ...clear, rttMs: 100, jitterMs: 5, jitterBufferMs: 60 })).toBe(130);
    expect(delayMs({ ...clear, rttMs: null, jitterMs: 40, jitterBufferMs: 10 })).toBe(100);
  });

  it('never leaves 0–93.2, MOS never 1–4.5', () =>
    fc.assert(
      fc.property(networks, (network) => {
        const r = ratingOf(network);
        expect(r).toBeGreaterThanOrEqual(0);
        expect(r).toBeLessThanOrEqual(93.2);
        expect(mosOf(r)).toBeGreaterThanOrEqual(1);
        expect(mosOf(r)).toBeLessThan(4.5);
      }),
    ));
  it('more loss, jitter, buffer or round trip never sounds better', () =>
    fc.assert(
      fc.property(networks, more, (network, extra) => {
        const r = ratingOf(network) + 1e-9;
        expect(ratingOf({ ...network, lossPct: network.lossPct + extra })).toBeLessThanOrEqual(r);
        expect(ratingOf({ ...network, jitterMs: network.jitterMs + extra })).toBeLessThanOrEqual(r);
        expect(ratingOf({ ...network, rttMs: (network.rttMs ?? 0) + extra })).toBeLessThanOrEqual(r);
        expect(ratingOf({ ...network, jitterBufferMs: (network.jitterBufferMs ?? 0) + extra })).toBeLessThanOrEqual(r);
      }),
    ));
  it('a better rating is never a worse score', () =>
    fc.assert(
      fc.property(fc.double({ min: 0, max: 100, noNaN: true }), more, (r, extra) => {
        expect(mosOf(r + extra)).toBeGreaterThanOrEqual(mosOf(r) - 1e-9);
      }),
    ));
});

describe('the judgement of a call (R40)', () => {
  const after = (before: CallQuality | undefined, ...looks: readonly NetworkFigures[]): CallQuality =>
    looks.reduce<CallQuality | undefined>(nextQuality, before) ?? nextQuality(undefined, clear);

  it.each([
    ['clear', clear, 'good', null],
    ['3 % lost', { ...clear, lossPct: 3 }, 'good', null],
    ['5 % lost', { ...clear, lossPct: 5 }, 'fair', 'loss'],
    ['15 % lost', { ...clear, lossPct: 15 }, 'poor', 'loss'],
    ['Opus, 4 % lost', { ...clear, codec: 'opus', lossPct: 4 }, 'poor', 'loss'],
    ['half a second round', { ...clear, rttMs: 500 }, 'fair', 'delay'],
    ['a satellite hop', { ...clear, rttMs: 700 }, 'poor', 'delay'],
    ['150 ms of jitter', { ...clear, jitterMs: 150 }, 'poor', 'jitter'],
    ['a buffer of 300 ms', { ...clear, jitterBufferMs: 300 }, 'poor', 'jitter'],
  ] as const)('%s is %s', (_, figures, rating, why) =>
    expect(nextQuality(undefined, figures)).toMatchObject({ rating, why }),
  );

  it('one bad second takes a good call down at once, recovery has to last', () => {
    const bad = after(undefined, clear, { ...clear, lossPct: 40 });
    expect(bad.rating).not.toBe('good');
    expect(after(bad, clear).rating).not.toBe('good');
    expect(after(bad, ...Array.from({ length: 12 }, () => clear))).toMatchObject({ rating: 'good', why: null });
  });
  it('keeps the reason while a clear second passes by', () => {
    const bad = after(undefined, { ...clear, lossPct: 20 });
    expect(after(bad, clear)).toMatchObject({ rating: 'poor', why: 'loss' });
  });
  it('does not flutter at a border: within it the rating stays as it was', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...Rating.options),
        fc.array(fc.double({ min: -1.9, max: 1.9, noNaN: true })),
        (rating, steps) => {
          if (rating === 'poor') return;
          let quality: CallQuality = { r: ratingFrom[rating], rating, why: null };
          for (const step of steps) {
            // A delay that gives just this rating, found by halving.
            const figures = figuresFor(ratingFrom[rating] + step);
            quality = nextQuality(quality, figures);
            expect(quality.rating).toBe(rating);
          }
        },
      ),
      { numRuns: 30 },
    );
  });
  it('the same network for long ends at its own rating, whatever was before', () =>
    fc.assert(
      fc.property(networks, networks, (first, then) => {
        const end = Array.from({ length: 60 }).reduce<CallQuality>(
          (quality) => nextQuality(quality, then),
          nextQuality(undefined, first),
        );
        expect(end.r).toBeCloseTo(ratingOf(then), 2);
      }),
    ));
});

const figuresFor = (r: number): NetworkFigures => {
  let low = 0;
  let high = 100;
  for (let turn = 0; turn < 40; turn += 1) {
    const lossPct = (low + high) / 2;
    if (ratingOf({ ...clear, lossPct }) > r) low = lossPct;
    else high = lossPct;
  }
  return { ...clear, lossPct: low };
};
