import { type Baseline, type Metric, metricsOf, type Samples } from '../measure/metric-line.ts';
import type { Statistic } from '../measure/statistics.ts';
import type { StunState } from './stun-states.ts';

/** One line of this bench: whose figure it is, and what it was to reach. */
export type Figure = Metric & {
  /** Absent: a figure without side by side. */
  readonly contender?: string;
  /** What the seat's STUN or TURN server was like. */
  readonly stun?: StunState;
  /** The value is a limit at which the bench stopped waiting. */
  readonly isAtLeast?: true;
  readonly target?: number;
  readonly targetOf?: 'value' | 'ratio';
  readonly met?: boolean;
};

type Target = {
  readonly metric: string;
  readonly stat: Statistic;
  /** The ratio to this baseline; absent: the value. */
  readonly baseline?: string;
  readonly most: number;
  /** For figures that must stay below. */
  readonly isBelow?: true;
};

/** Of our own phone. */
export const targets: readonly Target[] = [
  { metric: 'accept_to_200_ms', stat: 'p50', baseline: 'sipjs-defaults', most: 0.4 },
  { metric: 'answer_to_media_ms', stat: 'p50', baseline: 'floor', most: 1.5 },
  { metric: 'answer_to_media_ms', stat: 'p50', baseline: 'sipjs-defaults', most: 0.7 },
  { metric: 'dead_stun_extra_ms', stat: 'p50', most: 20 },
  { metric: 'silent_calls', stat: 'max', most: 0 },
  { metric: 'stun_silent_calls', stat: 'max', most: 0 },
  { metric: 'reregister_after_drop_ms', stat: 'p95', most: 150 },
  { metric: 'reregister_after_back_ms', stat: 'p95', most: 1_000 },
  { metric: 'half_open_ms', stat: 'p95', most: 3_000 },
  { metric: 'ghost_calls', stat: 'max', most: 0 },
  { metric: 'reload_audio_gap_ms', stat: 'max', most: 0 },
  { metric: 'reattach_s', stat: 'p95', most: 5 },
  { metric: 'storm_failures', stat: 'max', most: 0 },
  { metric: 'heap_growth_pct', stat: 'max', most: 5, isBelow: true },
  { metric: 'connections_growth', stat: 'max', most: 0 },
];
export const own = 'zuoxi';

export type Measured = Samples & {
  readonly contender?: string;
  readonly stun?: StunState;
  readonly isAtLeast?: boolean;
};

/** The figures of one metric of one contender; ours are judged. One line per statistic and baseline. */
export const figuresOf = (
  measured: Measured,
  stats: readonly Statistic[],
  baselines: readonly Baseline[] = [],
): Figure[] => {
  const { contender, stun, isAtLeast } = measured;
  const plain = baselines.length === 0 ? [undefined] : baselines;
  return plain.flatMap((baseline) =>
    metricsOf('phone', measured, stats, baseline).map((metric) => {
      const figure: Figure = {
        ...metric,
        ...(contender === undefined ? {} : { contender }),
        ...(stun === undefined ? {} : { stun }),
        ...(isAtLeast === true ? { isAtLeast } : {}),
      };
      return contender === undefined || contender === own ? judged(figure) : figure;
    }),
  );
};

const judged = (figure: Figure): Figure => {
  const target = targets.find(
    ({ metric, stat, baseline }) =>
      metric === figure.metric && stat === figure.stat && (baseline ?? '') === wantedBaseline(figure),
  );
  if (target === undefined) return figure;
  const reached = target.baseline === undefined ? figure.value : figure.ratio;
  const isMet =
    reached !== undefined &&
    figure.isAtLeast !== true &&
    (target.isBelow ? reached < target.most : reached <= target.most);
  const targetOf = target.baseline === undefined ? 'value' : 'ratio';
  return { ...figure, target: target.most, targetOf, met: isMet };
};

/** A target of a value holds whatever it is compared with. */
const wantedBaseline = ({ metric, baseline }: Figure): string =>
  targets.some((target) => target.metric === metric && target.baseline !== undefined) ? (baseline?.name ?? '') : '';

/** What became of each target; one that was taken several times (in each state of the STUN server) is met when all of them are. */
export type Summary = {
  readonly targets: number;
  readonly met: number;
  readonly missed: readonly string[];
  readonly notMeasured: readonly string[];
};

export const summaryOf = (figures: readonly Figure[]): Summary => {
  const named = targets.map(({ metric, stat, baseline, most }) => {
    const isOf = (figure: Figure): boolean =>
      figure.target === most &&
      figure.metric === metric &&
      figure.stat === stat &&
      (baseline === undefined || figure.baseline?.name === baseline);
    const name = `${metric} ${stat}${baseline === undefined ? '' : ` to ${baseline}`}`;
    return { name, judged: figures.filter((figure) => isOf(figure) && figure.met !== undefined) };
  });
  const measured = named.filter(({ judged: lines }) => lines.length > 0);
  const missed = measured.filter(({ judged: lines }) => lines.some(({ met }) => met === false));
  return {
    targets: targets.length,
    met: measured.length - missed.length,
    missed: missed.map(({ name }) => name),
    notMeasured: named.filter(({ judged: lines }) => lines.length === 0).map(({ name }) => name),
  };
};

/** What a dead STUN server costs: the difference of the medians, never less than nothing. */
export const extraMs = (dead: number, none: number): number => Math.max(0, dead - none);

/** In per cent of the first. */
export const growthPct = (first: number, last: number): number => (100 * (last - first)) / first;

/** A stretch of time, epoch ms. */
export type Stretch = readonly [fromMs: number, toMs: number];

/**
 * What the far end missed: the longest gap between packets beyond the one of a frame, ms; up to `slackMs` is jitter. While the far
 * end's own thread was `deaf` it could not have heard any: that time is no gap of the seat's.
 */
export const audioGapMs = (
  arrivals: readonly number[],
  deaf: readonly Stretch[] = [],
  frameMs = 20,
  slackMs = 20,
): number => {
  let longest = 0;
  for (const [at, atMs] of arrivals.entries()) {
    const before = arrivals[at - 1];
    if (before === undefined) continue;
    const own = deaf.reduce((sum, [from, to]) => sum + Math.max(0, Math.min(to, atMs) - Math.max(from, before)), 0);
    longest = Math.max(longest, atMs - before - own);
  }
  return longest > frameMs + slackMs ? longest - frameMs : 0;
};

/** Sound that was never sent in a stretch of arrivals, ms; what came late came. One frame more or less is jitter. */
export const audioLostMs = (arrivals: readonly number[], frameMs = 20): number => {
  const [first, last] = [arrivals[0], arrivals.at(-1)];
  if (first === undefined || last === undefined) return 0;
  const lost = last - first - (arrivals.length - 1) * frameMs;
  return lost > 1.5 * frameMs ? lost : 0;
};

/** The figures for people: what has a target, and the medians side by side. */
export const figureTable = (figures: readonly Figure[]): string => {
  const shown = figures.filter(
    ({ target, baseline, stat, stun, metric }) =>
      target !== undefined ||
      (baseline === undefined &&
        (stat !== 'p95' ||
          stun !== undefined ||
          !figures.some((one) => one.metric === metric && one.stat === 'p50'))) ||
      (baseline?.name === 'floor' && stat === 'p50'),
  );
  const rows = shown.map((figure) => {
    const { contender, stun, metric, stat, value, unit, n, baseline, ratio, target, targetOf, met, isAtLeast } = figure;
    return [
      stun === undefined ? metric : `${metric} (STUN ${stun})`,
      contender ?? '',
      stat,
      `${isAtLeast === true ? '≥ ' : ''}${value} ${unit}`,
      String(n),
      baseline === undefined ? '' : `${ratio ?? '?'} × ${baseline.name} (${baseline.value})`,
      target === undefined ? '' : `≤ ${target}${targetOf === 'ratio' ? ' ×' : ''}`,
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
