/**
 * How long something lasts, learnt from what was seen: counts per bin, fading with time and not with their number, because what ends
 * within a short while is mostly what is short. Answers the one question pacing asks: it has lasted this long, does it end within the next `h`?
 */
export type Durations = {
  /** Takes one in that ended at `atMs` after lasting `ms`. */
  readonly add: (ms: number, atMs: number) => void;
  /** 0–1: the chance that one which has lasted `elapsedMs` is over within `withinMs` more. */
  readonly endsWithin: (elapsedMs: number, withinMs: number) => number;
  /** The shortest time within which `share` (0–1) of them are over, ms. */
  readonly quantileMs: (share: number) => number;
  /** How many are remembered, faded ones counted in part. */
  readonly weight: () => number;
};

export type DurationsOptions = {
  readonly binMs: number;
  readonly bins: number;
  /** What is believed before anything was seen: an exponential of this mean, weighing as much as `priorWeight` observations. */
  readonly priorMeanMs: number;
  readonly priorWeight: number;
  /** Time after which an observation counts for 1/e; the last `priorWeight` of them are kept longer. */
  readonly memoryMs: number;
};

export const createDurations = ({ binMs, bins, priorMeanMs, priorWeight, memoryMs }: DurationsOptions): Durations => {
  const counts = Float64Array.from({ length: bins }, (_, at) => {
    const from = Math.exp((-at * binMs) / priorMeanMs);
    const to = at === bins - 1 ? 0 : Math.exp((-(at + 1) * binMs) / priorMeanMs);
    return priorWeight * (from - to);
  });
  /** `lasting[b]`: how many lasted at least until the beginning of bin b. Rebuilt when asked after a change. */
  const lasting = new Float64Array(bins + 1);
  let isStale = true;
  let weight = priorWeight;
  let fadedMs = Number.NEGATIVE_INFINITY;

  const rebuild = (): void => {
    if (!isStale) return;
    isStale = false;
    lasting[bins] = 0;
    for (let at = bins - 1; at >= 0; at -= 1) lasting[at] = (lasting[at + 1] ?? 0) + (counts[at] ?? 0);
  };
  /** Between the edges of a bin they are taken to end evenly. */
  const lastingAt = (ms: number): number => {
    const at = Math.min(Math.max(ms / binMs, 0), bins);
    const bin = Math.floor(at);
    const here = lasting[bin] ?? 0;
    return here - (at - bin) * (here - (lasting[bin + 1] ?? 0));
  };

  return {
    add: (ms, atMs) => {
      // In steps of a hundredth of the memory: fading all bins at every observation would cost more than it tells.
      if (atMs - fadedMs > memoryMs / 100) {
        const fade = fadedMs < 0 ? 1 : Math.exp((fadedMs - atMs) / memoryMs);
        fadedMs = atMs;
        if (weight * fade >= priorWeight) {
          weight *= fade;
          for (let at = 0; at < bins; at += 1) counts[at] = (counts[at] ?? 0) * fade;
        }
      }
      weight += 1;
      const bin = Math.min(bins - 1, Math.max(0, Math.floor(ms / binMs)));
      counts[bin] = (counts[bin] ?? 0) + 1;
      isStale = true;
    },
    endsWithin: (elapsedMs, withinMs) => {
      rebuild();
      const now = lastingAt(elapsedMs);
      // Longer than any that was seen: nothing is promised, it may go on as long as it has.
      if (now < 1e-6) return Math.min(1, withinMs / Math.max(elapsedMs, binMs));
      return 1 - lastingAt(elapsedMs + withinMs) / now;
    },
    quantileMs: (share) => {
      rebuild();
      const left = (1 - share) * (lasting[0] ?? 0);
      for (let at = 1; at <= bins; at += 1) if ((lasting[at] ?? 0) <= left) return at * binMs;
      return bins * binMs;
    },
    weight: () => {
      rebuild();
      return lasting[0] ?? 0;
    },
  };
};
