/** Nearest rank: the smallest sample that at least `share` (0–1) of the samples do not exceed. @throws when there is none */
export const percentile = (samples: readonly number[], share: number): number => {
  const sorted = samples.toSorted((one, other) => one - other);
  const found = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  if (found === undefined) throw new Error('nothing was measured');
  return found;
};

export const statistics = {
  p50: (samples: readonly number[]): number => percentile(samples, 0.5),
  p95: (samples: readonly number[]): number => percentile(samples, 0.95),
  p99: (samples: readonly number[]): number => percentile(samples, 0.99),
  max: (samples: readonly number[]): number => percentile(samples, 1),
} as const;
export type Statistic = keyof typeof statistics;
