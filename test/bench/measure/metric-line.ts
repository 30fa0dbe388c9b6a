import type { Statistic } from './statistics.ts';
import { statistics } from './statistics.ts';

/** One measured figure; one line of a bench's output. `ratio` is value / baseline. */
export type Metric = {
  readonly bench: string;
  readonly metric: string;
  readonly stat: Statistic;
  readonly value: number;
  readonly unit: string;
  /** Number of samples. */
  readonly n: number;
  readonly baseline?: { readonly name: string; readonly value: number };
  readonly ratio?: number;
};

export type Samples = { readonly metric: string; readonly unit: string; readonly samples: readonly number[] };
/** What the same run took for the least that could do it, as the machine was at that moment. */
export type Baseline = { readonly name: string; readonly samples: readonly number[] };

/** Figures of one metric. @throws when nothing was measured: a bench without samples has no result */
export const metricsOf = (
  bench: string,
  { metric, unit, samples }: Samples,
  stats: readonly Statistic[],
  baseline?: Baseline,
): Metric[] =>
  stats.map((stat) => {
    const value = statistics[stat](samples);
    const figure = { bench, metric, stat, value: rounded(value), unit, n: samples.length };
    if (baseline === undefined) return figure;
    const least = statistics[stat](baseline.samples);
    return {
      ...figure,
      baseline: { name: baseline.name, value: rounded(least) },
      ...(least > 0 ? { ratio: rounded(value / least) } : {}),
    };
  });

/** The contract's form: one JSON object on one line. */
export const lineOf = (metric: Metric): string => JSON.stringify(metric);

/** The figures for people, with the target of each where there is one. */
export const tableOf = (metrics: readonly Metric[], targets: Readonly<Record<string, number>>): string =>
  columns([
    ['metric', 'stat', 'value', '', 'n', 'target', '', 'baseline', 'ratio'],
    ...metrics.map(({ metric, stat, value, unit, n, baseline, ratio }) => {
      const target = targets[`${metric} ${stat}`];
      return [
        metric,
        stat,
        String(value),
        unit,
        String(n),
        target === undefined ? '' : `≤ ${target}`,
        target === undefined ? '' : value <= target ? 'reached' : 'MISSED',
        baseline === undefined ? '' : `${baseline.name} ${baseline.value}`,
        ratio === undefined ? '' : `${ratio} ×`,
      ];
    }),
  ]);

const columns = (rows: readonly (readonly string[])[]): string => {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
};

const rounded = (value: number): number => Math.round(value * 100) / 100;
