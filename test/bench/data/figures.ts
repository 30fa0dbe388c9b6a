import { type Baseline, type Metric, metricsOf, type Samples } from '../measure/metric-line.ts';
import type { Statistic } from '../measure/statistics.ts';

/** What a figure was measured on. */
export type Of = {
  /** Customers in the store. */
  readonly size?: number;
  /** Of central. */
  readonly database?: 'pglite' | 'postgres';
  readonly instances?: number;
};

/** One line of this bench, and what it was to reach. */
export type Figure = Metric &
  Of & { readonly target?: string; readonly targetOf?: 'value' | 'ratio'; readonly met?: boolean };

type Target = {
  readonly metric: string;
  readonly stat: Statistic;
  /** The ratio to this baseline; absent: the value. */
  readonly baseline?: string;
  readonly most?: number;
  readonly least?: number;
};

/** Issue 4 and performance.md. */
export const targets: readonly Target[] = [
  { metric: 'lookup_us', stat: 'p99', most: 1_000 },
  { metric: 'lookup_us', stat: 'p50', baseline: 'plain', most: 1.2 },
  { metric: 'lookup_us', stat: 'p99', baseline: 'plain', most: 1.2 },
  { metric: 'lookup_us', stat: 'p50', baseline: 'dexie', most: 0.1 },
  { metric: 'op_durable_ms', stat: 'p50', baseline: 'fsync', most: 1.6 },
  { metric: 'open_ms', stat: 'p95', most: 20 },
  { metric: 'open_6000_waiting_ms', stat: 'p95', most: 20 },
  { metric: 'first_load_rows_s', stat: 'p50', least: 50_000 },
  { metric: 'first_load_rows_s', stat: 'p50', baseline: 'raw', least: 0.6 },
  { metric: 'first_load_rows_s', stat: 'p50', baseline: 'pouchdb', least: 10 },
  { metric: 'writer_block_ms', stat: 'max', most: 16 },
  { metric: 'engine_call_ms', stat: 'max', most: 40 },
  { metric: 'engine_call_cpu_ms', stat: 'max', most: 40 },
  { metric: 'slow_statements', stat: 'max', most: 0 },
  { metric: 'reconnect_2000_s', stat: 'max', most: 30 },
  { metric: 'reconnect_failures', stat: 'max', most: 0 },
];

/** The figures of one metric, a line for each statistic and baseline; the first target of its kind judges. */
export const figuresOf = (
  measured: Samples,
  stats: readonly Statistic[],
  baselines: readonly Baseline[] = [],
  of: Of = {},
): Figure[] =>
  (baselines.length === 0 ? [undefined] : baselines).flatMap((baseline, index) =>
    metricsOf('data', measured, stats, baseline).map((metric) => judged({ ...metric, ...of }, index === 0)),
  );

/** A target of the value is told once, on the line of the first baseline. */
const judged = (figure: Figure, isFirst: boolean): Figure => {
  const target =
    targets.find(
      ({ metric, stat, baseline }) =>
        metric === figure.metric &&
        stat === figure.stat &&
        baseline !== undefined &&
        baseline === figure.baseline?.name,
    ) ??
    (isFirst
      ? targets.find(
          ({ metric, stat, baseline }) => metric === figure.metric && stat === figure.stat && baseline === undefined,
        )
      : undefined);
  if (target === undefined) return figure;
  const reached = target.baseline === undefined ? figure.value : figure.ratio;
  const { most, least } = target;
  const met =
    reached !== undefined && (most === undefined || reached <= most) && (least === undefined || reached >= least);
  return {
    ...figure,
    target: most === undefined ? `≥ ${least ?? ''}` : `≤ ${most}`,
    targetOf: target.baseline === undefined ? 'value' : 'ratio',
    met,
  };
};

/** The figures for people. */
export const figureTable = (figures: readonly Figure[]): string => {
  const rows = figures.map((figure) => {
    const { metric, stat, value, unit, n, baseline, ratio, target, targetOf, met } = figure;
    const of = [figure.size, figure.database, figure.instances].filter((one) => one !== undefined).join(' ');
    return [
      metric,
      of,
      stat,
      `${value} ${unit}`,
      String(n),
      baseline === undefined ? '' : `${ratio ?? '?'} × ${baseline.name} (${baseline.value})`,
      target === undefined ? '' : `${target}${targetOf === 'ratio' ? ' ×' : ''}`,
      met === undefined ? '' : met ? 'reached' : 'MISSED',
    ];
  });
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

/** Ops a seat makes a second: some 12 a call, a call every 150 s. */
const opsPerSeatS = 12 / 150;
export const seatsCarried = (opsS: number): number => Math.floor(opsS / opsPerSeatS);
