/**
 * Share of the calls that are answered. Whoever answers does so in seconds and whoever does not rings for half a minute, so the ended ones alone
 * tell anything after a start or a pause: each call counts by when it was dialled, and one that still rings as much of a trial as whoever answers
 * would have answered by now.
 */
export type AnswerRate = {
  readonly add: (isAnswered: boolean, ringMs: number, atMs: number) => void;
  /** @param answeredBy of those who answer, the share that has after so long */
  readonly look: (ringing: readonly number[], answeredBy: (ms: number) => number, nowMs: number) => Rate;
};
/** `weight`: of so many calls it is the share. */
export type Rate = { readonly rate: number; readonly weight: number };

/** A call weighs 1/e after so long; on a big floor as soon as so many newer ones are there. */
const longestMs = 5 * 60_000;
const shortestMs = 60_000;
const remembered = 150;
const paceMs = 60_000;

export const createAnswerRate = (prior: Rate): AnswerRate => {
  let answered = 0;
  let ended = 0;
  /** Calls ended of late, fading over `paceMs`. */
  let pace = 0;
  let fadedMs = Number.NaN;
  const memoryMs = (): number => Math.min(longestMs, Math.max(shortestMs, (remembered * paceMs) / Math.max(1, pace)));
  const fade = (nowMs: number): void => {
    const sinceMs = Math.max(0, nowMs - (Number.isNaN(fadedMs) ? nowMs : fadedMs));
    fadedMs = nowMs;
    const kept = Math.exp(-sinceMs / memoryMs());
    answered *= kept;
    ended *= kept;
    pace *= Math.exp(-sinceMs / paceMs);
  };
  return {
    add: (isAnswered, ringMs, atMs) => {
      fade(atMs);
      const weight = Math.exp(-ringMs / memoryMs());
      answered += isAnswered ? weight : 0;
      ended += weight;
      pace += 1;
    },
    look: (ringing, answeredBy, nowMs) => {
      fade(nowMs);
      const forgetMs = memoryMs();
      let tried = ended;
      let [beforeMs, trial] = [Number.NaN, 0];
      for (const ms of ringing) {
        // Those begun in one round are alike, and stand side by side.
        if (ms !== beforeMs) trial = Math.exp(-ms / forgetMs) * answeredBy(ms);
        beforeMs = ms;
        tried += trial;
      }
      const weight = tried + prior.weight;
      return { rate: (answered + prior.rate * prior.weight) / weight, weight };
    },
  };
};

export type Counted = { readonly answered: number; readonly abandoned: number };
/** Answered and abandoned within the last `windowMs`, as a ring of slices. */
export type Window = {
  readonly add: (atMs: number, isAbandoned: boolean) => void;
  readonly sum: (nowMs: number) => Counted;
  /**
   * This window, and those to come as far as they are known: each has lost another minute of this one, and got for it as many answers as
   * `pace` (0–1) times the answers of a minute now, none of them lost.
   */
  readonly ahead: (nowMs: number, pace: number) => readonly Counted[];
};

const slices = 180;
/** Of slices: a minute of a window of half an hour. */
const step = 6;

export const createWindow = (windowMs: number): Window => {
  const sliceMs = windowMs / slices;
  const answered = new Float64Array(slices);
  const abandoned = new Float64Array(slices);
  let newest = 0;
  let oldest = Number.POSITIVE_INFINITY;
  let sums = { answered: 0, abandoned: 0 };
  const forward = (atMs: number): void => {
    const slice = Math.floor(atMs / sliceMs);
    if (slice <= newest) return;
    for (let at = Math.max(newest + 1, slice - slices + 1); at <= slice; at += 1) {
      const place = at % slices;
      sums = {
        answered: sums.answered - (answered[place] ?? 0),
        abandoned: sums.abandoned - (abandoned[place] ?? 0),
      };
      answered[place] = 0;
      abandoned[place] = 0;
    }
    newest = slice;
  };
  return {
    add: (atMs, isAbandoned) => {
      forward(atMs);
      oldest = Math.min(oldest, newest);
      const place = newest % slices;
      answered[place] = (answered[place] ?? 0) + 1;
      if (isAbandoned) abandoned[place] = (abandoned[place] ?? 0) + 1;
      sums = { answered: sums.answered + 1, abandoned: sums.abandoned + (isAbandoned ? 1 : 0) };
    },
    sum: (nowMs) => {
      forward(nowMs);
      return sums;
    },
    ahead: (nowMs, pace) => {
      forward(nowMs);
      const filled = Math.max(1, Math.min(slices, newest - oldest + 1));
      const perSlice = (pace * sums.answered) / filled;
      const windows: Counted[] = [sums];
      let kept = sums;
      for (let gone = 0; gone < slices - step; gone += 1) {
        const place = (newest + 1 + gone) % slices;
        kept = {
          answered: kept.answered - (answered[place] ?? 0) + perSlice,
          abandoned: kept.abandoned - (abandoned[place] ?? 0),
        };
        if (gone % step === step - 1) windows.push(kept);
      }
      return windows;
    },
  };
};
