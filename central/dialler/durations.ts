/**
 * How long something lasts, learnt from what was seen: counts per bin, fading with time and not with their number, because what ends
 * within a short while is mostly what is short. Answers the one question pacing asks: it has lasted this long, does it end within the next `h`?
 */
export type Durations = {
  /** Takes one in that ended at `atMs` after lasting `ms`. */
  readonly add: (ms: number, atMs: number) => void;
  /**
   * Those that go on, by how long they have. What has ended is what was short, and after a start nothing else has: they say how many there were
   * to end (Kaplan and Meier 1958).
   */
  readonly running: (elapsedMs: readonly number[]) => void;
  /** 0–1: the chance that one which has lasted `elapsedMs` is over within `withinMs` more. */
  readonly endsWithin: (elapsedMs: number, withinMs: number) => number;
  /** The same for several lengths, into `chances`: what it has lasted is looked up once for all of them. */
  readonly endWithin: (elapsedMs: number, withinMs: Float64Array, chances: Float64Array) => void;
  /** Of those that have lasted so long each, how many are over within each of several lengths. On a big floor most of what pacing reckons. */
  readonly ending: (elapsedMs: readonly number[], withinMs: Float64Array) => HowMany;
  /** The shortest time within which `share` (0–1) of them are over, ms. */
  readonly quantileMs: (share: number) => number;
  /** How many are remembered, faded ones counted in part. */
  readonly weight: () => number;
};

/** Sums of independent yes-or-no events, one for each moment that was asked of. */
export type HowMany = { readonly means: Float64Array; readonly variances: Float64Array };

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
  const lasting = createLasting(bins, binMs);
  const goingOn = new Float64Array(bins);
  const binOf = (ms: number): number => Math.min(bins - 1, Math.max(0, Math.floor(ms / binMs)));
  let isStale = true;
  let weight = priorWeight;
  let fadedMs = Number.NEGATIVE_INFINITY;

  const rebuild = (): void => {
    if (isStale) lasting.rebuild(counts, goingOn);
    isStale = false;
  };
  /** Longer than any that was seen: nothing is promised, it may go on as long as it has. */
  const endsUnseen = (elapsedMs: number, withinMs: number): number =>
    Math.min(1, withinMs / Math.max(elapsedMs, binMs));

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
      const bin = binOf(ms);
      counts[bin] = (counts[bin] ?? 0) + 1;
      isStale = true;
    },
    running: (elapsedMs) => {
      goingOn.fill(0);
      for (const ms of elapsedMs) {
        const bin = binOf(ms);
        goingOn[bin] = (goingOn[bin] ?? 0) + 1;
      }
      isStale = true;
    },
    endsWithin: (elapsedMs, withinMs) => {
      rebuild();
      const now = lasting.at(elapsedMs);
      return now < 1e-6 ? endsUnseen(elapsedMs, withinMs) : 1 - lasting.at(elapsedMs + withinMs) / now;
    },
    endWithin: (elapsedMs, withinMs, chances) => {
      rebuild();
      const now = lasting.at(elapsedMs);
      for (let at = 0; at < withinMs.length; at += 1) {
        const ms = withinMs[at] ?? 0;
        chances[at] = now < 1e-6 ? endsUnseen(elapsedMs, ms) : 1 - lasting.at(elapsedMs + ms) / now;
      }
    },
    ending: (elapsedMs, withinMs) => {
      rebuild();
      const means = new Float64Array(withinMs.length);
      const variances = new Float64Array(withinMs.length);
      for (const ms of elapsedMs) {
        const now = lasting.at(ms);
        for (let at = 0; at < withinMs.length; at += 1) {
          const within = withinMs[at] ?? 0;
          const chance = now < 1e-6 ? endsUnseen(ms, within) : 1 - lasting.at(ms + within) / now;
          means[at] = (means[at] ?? 0) + chance;
          variances[at] = (variances[at] ?? 0) + chance * (1 - chance);
        }
      }
      return { means, variances };
    },
    quantileMs: (share) => {
      rebuild();
      return lasting.untilMs((1 - share) * lasting.at(0));
    },
    weight: () => {
      rebuild();
      return lasting.at(0);
    },
  };
};

/** How many last at least so long, from counts of what has ended and of what goes on, by bins. */
const createLasting = (bins: number, binMs: number) => {
  /** At the beginning of each bin; none after the last. */
  const lasting = new Float64Array(bins + 2);
  const ending = new Float64Array(bins);
  const longestMs = bins * binMs;
  return {
    rebuild: (ended: Float64Array, goingOn: Float64Array): void => {
      // From the end: how many were there to end in each bin. One that goes on in it was there for half of it.
      let beyond = 0;
      for (let at = bins - 1; at >= 0; at -= 1) {
        const [over, live] = [ended[at] ?? 0, goingOn[at] ?? 0];
        const there = beyond + over + live / 2;
        beyond += over + live;
        ending[at] = there > 0 ? Math.min(1, over / there) : 0;
      }
      lasting[0] = ended.reduce((sum, count) => sum + count, 0);
      for (let at = 0; at < bins; at += 1) lasting[at + 1] = (lasting[at] ?? 0) * (1 - (ending[at] ?? 0));
    },
    /** Between the edges of a bin they are taken to end evenly. */
    at: (ms: number): number => {
      const at = ms <= 0 ? 0 : ms >= longestMs ? bins : ms / binMs;
      const bin = at | 0;
      const here = lasting[bin] ?? 0;
      return here - (at - bin) * (here - (lasting[bin + 1] ?? 0));
    },
    /** The first edge at which no more than `left` last. */
    untilMs: (left: number): number => {
      for (let at = 1; at <= bins; at += 1) if ((lasting[at] ?? 0) <= left) return at * binMs;
      return longestMs;
    },
  };
};
