import { z } from 'zod';
import { VoiceSummary } from './voice-figures.ts';

/**
 * How well a call sounds, from what the network did to it: the E-model of ITU-T G.107 with its default parameters,
 * R = Ro − Is − Id − Ie,eff (93.2 for a clear line), and the mean opinion score of its Annex B.
 */
export const Rating = z.enum(['good', 'fair', 'poor']);
export type Rating = z.infer<typeof Rating>;

/** What costs most, when the call is not good. */
export const QualityReason = z.enum(['loss', 'delay', 'jitter']);
export type QualityReason = z.infer<typeof QualityReason>;

/** `other` is judged as G.711 with concealment: what the seat offers is never worse. */
export const Codec = z.enum(['pcma', 'pcmu', 'g722', 'opus', 'opusFec', 'other']);
export type Codec = z.infer<typeof Codec>;

/** One look at the network; `null` is not known yet. Loss in per cent, 0–100, packets that came too late included. */
export type NetworkFigures = {
  readonly rttMs: number | null;
  readonly jitterMs: number;
  readonly lossPct: number;
  readonly jitterBufferMs: number | null;
  readonly codec: Codec;
};

/**
 * Ie and Bpl per codec. G.711: G.113 Appendix I with packet loss concealment (browsers conceal) and random loss. Opus is not
 * tabled there; on the narrow-band scale it starts where G.711 does, its robustness is the usual estimate with and without
 * in-band FEC. G.722 has G.711's figures: the scale ends below what wide band adds.
 */
const impairments: Readonly<Record<Codec, { readonly ie: number; readonly bpl: number }>> = {
  pcma: { ie: 0, bpl: 25.1 },
  pcmu: { ie: 0, bpl: 25.1 },
  g722: { ie: 0, bpl: 25.1 },
  opus: { ie: 0, bpl: 10 },
  opusFec: { ie: 0, bpl: 20 },
  other: { ie: 0, bpl: 25.1 },
};

/** Ro and Is of G.107 with the default parameters of its table 2. */
const basicRatio = 94.769;
const simultaneous = 1.4136;
/** One packet is collected before it is sent, and the sound card holds some more. */
const packetMs = 20;

/** Mouth to ear, one way. The buffer is at least what the jitter needs (twice its mean deviation). */
export const delayMs = ({ rttMs, jitterMs, jitterBufferMs }: NetworkFigures): number =>
  (rttMs ?? 0) / 2 + Math.max(jitterBufferMs ?? 0, 2 * jitterMs) + packetMs;

/** Id = Idte + Idle + Idd: talker echo, listener echo, pure delay (G.107, 7.4, with TELR 65 dB and WEPL 110 dB). */
export const delayImpairment = (ms: number): number => talkerEcho(ms) + listenerEcho(2 * ms) + pureDelay(ms);

const talkerEcho = (ms: number): number => {
  if (ms < 1) return 0;
  const noiseDb = -61.18;
  const receiveDb = 2;
  const terv = 65 - 40 * Math.log10((1 + ms / 10) / (1 + ms / 150)) + 6 * Math.exp(-0.3 * ms ** 2);
  const gap = -1.5 * (noiseDb - receiveDb) - (80 + 2.5 * (terv - 14));
  return (gap / 2 + Math.sqrt(gap ** 2 / 4 + 100) - 1) * (1 - Math.exp(-ms));
};

const listenerEcho = (roundMs: number): number => {
  const gap = basicRatio - 10.5 * (110 + 7) * (roundMs + 1) ** -0.25;
  return gap / 2 + Math.sqrt(gap ** 2 / 4 + 169);
};

const pureDelay = (ms: number): number => {
  if (ms <= 100) return 0;
  const x = Math.log2(ms / 100);
  return 25 * ((1 + x ** 6) ** (1 / 6) - 3 * (1 + (x / 3) ** 6) ** (1 / 6) + 2);
};

/** Ie,eff (G.107, 7.5) for random loss. */
export const lossImpairment = (codec: Codec, lossPct: number): number => {
  const { ie, bpl } = impairments[codec];
  const loss = Math.min(100, Math.max(0, lossPct));
  return ie + (95 - ie) * (loss / (loss + bpl));
};

/** The transmission rating, 0–93.2. */
export const ratingOf = (figures: NetworkFigures): number =>
  Math.min(
    93.2,
    Math.max(
      0,
      basicRatio - simultaneous - delayImpairment(delayMs(figures)) - lossImpairment(figures.codec, figures.lossPct),
    ),
  );

/** Mean opinion score, 1–4.5 (G.107, Annex B). */
export const mosOf = (rating: number): number => {
  if (rating <= 0) return 1;
  if (rating >= 100) return 4.5;
  // The cubic dips below 1 for the worst ratings.
  return Math.max(1, 1 + 0.035 * rating + rating * (rating - 60) * (100 - rating) * 7e-6);
};

/** G.109: from 80 "high", from 70 "some users dissatisfied", below that many are. */
export const ratingFrom = { good: 80, fair: 70 } as const;
/** A rating is left only this far beyond its border, so that it does not flutter. */
const borderWidth = 2;
/** Share of the newest look: a bad one counts at once, a good one has to last (looks come once a second). */
const weight = { worse: 0.5, better: 0.2 } as const;

export type CallQuality = { readonly r: number; readonly rating: Rating; readonly why: QualityReason | null };

/** The next smoothed judgement. Without an earlier one the first look counts whole. */
export const nextQuality = (before: CallQuality | undefined, figures: NetworkFigures): CallQuality => {
  const now = ratingOf(figures);
  const r = before === undefined ? now : before.r + (now < before.r ? weight.worse : weight.better) * (now - before.r);
  const rating = before === undefined ? plainRating(r) : steadyRating(before.rating, r);
  return { r, rating, why: rating === 'good' ? null : costliest(figures, before?.why ?? null) };
};

const plainRating = (r: number): Rating => (r >= ratingFrom.good ? 'good' : r >= ratingFrom.fair ? 'fair' : 'poor');

/** Of a whole call, by its mean score. */
export const ratingOfMos = (score: number): Rating =>
  score >= mosOf(ratingFrom.good) ? 'good' : score >= mosOf(ratingFrom.fair) ? 'fair' : 'poor';

const order: readonly Rating[] = ['poor', 'fair', 'good'];
const steadyRating = (before: Rating, r: number): Rating => {
  const low = plainRating(r - borderWidth);
  const high = plainRating(r + borderWidth);
  if (order.indexOf(before) > order.indexOf(high)) return high;
  return order.indexOf(before) < order.indexOf(low) ? low : before;
};

/** A clear look amid bad ones leaves the reason standing. */
const costliest = (figures: NetworkFigures, before: QualityReason | null): QualityReason => {
  const loss = lossImpairment(figures.codec, figures.lossPct);
  const all = delayImpairment(delayMs(figures));
  const withoutJitter = delayImpairment(delayMs({ ...figures, jitterMs: 0, jitterBufferMs: 0 }));
  const byJitter = all - withoutJitter;
  const worst = Math.max(loss, withoutJitter, byJitter);
  if (worst < 2 && before !== null) return before;
  return worst === loss ? 'loss' : worst === byJitter ? 'jitter' : 'delay';
};

/** A mean opinion score, 1–4.5. */
export const mos = z.number().min(1).max(4.5);
/** A call as it was on the whole (R40); stored with the contact. Means over its looks, one a second. */
export const CallSummary = z.object({
  /** How many looks: about the seconds of talk. */
  looks: z.number().int().min(1),
  poorLooks: z.number().int().min(0),
  mosMean: mos,
  mosWorst: mos,
  lossPct: z.number().min(0).max(100),
  jitterMs: z.number().min(0),
  rttMs: z.number().min(0).nullable(),
  codec: Codec,
  voice: VoiceSummary,
});
export type CallSummary = z.infer<typeof CallSummary>;

/** Sums over the looks so far. */
export type QualityTally = {
  readonly looks: number;
  readonly poorLooks: number;
  readonly mosSum: number;
  readonly mosWorst: number;
  readonly lossSum: number;
  readonly jitterSum: number;
  readonly rttSum: number;
  readonly rttLooks: number;
  readonly codec: Codec;
};
export const noLooks: QualityTally = {
  looks: 0,
  poorLooks: 0,
  mosSum: 0,
  mosWorst: 4.5,
  lossSum: 0,
  jitterSum: 0,
  rttSum: 0,
  rttLooks: 0,
  codec: 'other',
};

export const tallied = (tally: QualityTally, figures: NetworkFigures, quality: CallQuality): QualityTally => {
  const score = mosOf(ratingOf(figures));
  return {
    looks: tally.looks + 1,
    poorLooks: tally.poorLooks + Number(quality.rating === 'poor'),
    mosSum: tally.mosSum + score,
    // Of the smoothed one: a single packet more or less is not the worst of a call.
    mosWorst: Math.min(tally.mosWorst, mosOf(quality.r)),
    lossSum: tally.lossSum + figures.lossPct,
    jitterSum: tally.jitterSum + figures.jitterMs,
    rttSum: tally.rttSum + (figures.rttMs ?? 0),
    rttLooks: tally.rttLooks + Number(figures.rttMs !== null),
    codec: figures.codec,
  };
};

/** Undefined for a call that was never looked at. */
export const callSummary = (tally: QualityTally, voice: VoiceSummary): CallSummary | undefined =>
  tally.looks === 0
    ? undefined
    : {
        looks: tally.looks,
        poorLooks: tally.poorLooks,
        mosMean: rounded(tally.mosSum / tally.looks, 100),
        mosWorst: rounded(tally.mosWorst, 100),
        lossPct: rounded(tally.lossSum / tally.looks, 100),
        jitterMs: rounded(tally.jitterSum / tally.looks, 10),
        rttMs: tally.rttLooks === 0 ? null : rounded(tally.rttSum / tally.rttLooks, 10),
        codec: tally.codec,
        voice,
      };

/** To whole parts of one: 100 keeps two decimals. */
export const rounded = (value: number, parts: number): number => Math.round(value * parts) / parts;
