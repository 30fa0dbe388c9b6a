import { parseArgs } from 'node:util';
import type { Day, DayOptions } from './dialler/day.ts';
import { playDay } from './dialler/day.ts';
import type { Method } from './dialler/methods.ts';
import { fixedRatio, predictive, progressive } from './dialler/methods.ts';
import type { Metric } from './measure/metric-line.ts';
import { lineOf, metricsOf, tableOf } from './measure/metric-line.ts';

/**
 * `npm run bench -- dialler`: simulated days of one outbound task. The same customers (answer rate by hour 30–50 %, talk 130–160 s by
 * hour, wrap-up 20 s, one agent in fifty away for five minutes after a call) are called by our pacing, by progressive dialling, and by
 * a fixed ratio (VICIdial's RATIO) whose level is set, with hindsight, so that it loses as many customers over the day as ours.
 *
 *   --agents a,b   sizes of the floor (50,200; the long form is 50,200,1000)
 *   --hours N      of each day (24)
 *   --seeds a,b    days of ours and of progressive (1,2,3); the ratio plays the first
 */
const { values } = parseArgs({
  options: {
    agents: { type: 'string', default: '50,200' },
    hours: { type: 'string', default: '24' },
    seeds: { type: 'string', default: '1,2,3' },
  },
});
const wholeNumbers = (text: string): number[] =>
  text.split(',').map((part) => {
    if (!/^[1-9]\d{0,5}$/.test(part)) throw new Error(`not a whole number from 1 to 999999: ${part}`);
    return Number(part);
  });
const sizes = wholeNumbers(values.agents);
const seeds = wholeNumbers(values.seeds);
const [hours = 24] = wholeNumbers(values.hours);

const answerRates = [0.42, 0.3, 0.38, 0.5, 0.33, 0.45, 0.31, 0.4];
const talksMs = [130_000, 150_000, 140_000, 160_000];
const silenceMs = 2_000;
const dayOf = (agents: number, seed: number): DayOptions => ({
  agents,
  hours,
  seed,
  answerRate: (hour) => answerRates[hour % answerRates.length] ?? 0.4,
  talkMs: (hour) => talksMs[hour % talksMs.length] ?? 140_000,
  wrapUpMs: 20_000,
  silenceMs,
  breakShare: 0.02,
  breakMs: 300_000,
});

/** performance.md; the talk time is asked of the floor of 50. */
const targets = { 'worst_window_pct max': 3, 'abandoned_pct max': 3, 'silence_ms p99': 2_000 } as const;
const leastTalk = 45;

type Line = Metric & { readonly agents: number; readonly contender: string };
const printed: Line[] = [];
const print = (agents: number, contender: string, metrics: readonly Metric[]): void => {
  for (const metric of metrics) {
    const line: Line = { ...metric, agents, contender };
    printed.push(line);
    process.stdout.write(`${lineOf(line)}\n`);
  }
};
const say = (what: string): void => void process.stderr.write(`${(performance.now() / 1_000).toFixed(0)} s: ${what}\n`);

const abandonedPct = ({ abandoned, answered }: Day): number => (100 * abandoned) / Math.max(1, answered);
const play = (method: Method, agents: number, seed: number): Day => {
  const day = playDay(method, dayOf(agents, seed));
  say(
    `${agents} agents, day ${seed}, ${method.name}: ${day.talkMinPerHour.toFixed(1)} min, ${abandonedPct(day).toFixed(2)} %`,
  );
  return day;
};
const quality = (agents: number, contender: string, days: readonly Day[]): void => {
  const samples = (metric: string, unit: string, of: (day: Day) => readonly number[]) => ({
    metric,
    unit,
    samples: days.flatMap((day) => of(day)),
  });
  print(agents, contender, [
    ...metricsOf(
      'dialler',
      samples('abandoned_pct', '%', (day) => [abandonedPct(day)]),
      ['max'],
    ),
    ...metricsOf(
      'dialler',
      samples('worst_window_pct', '%', ({ worstWindowPct }) => [worstWindowPct]),
      ['max'],
    ),
    ...metricsOf(
      'dialler',
      samples('silence_ms', 'ms', ({ silencesMs }) => silencesMs),
      ['p50', 'p95', 'p99'],
    ),
    ...metricsOf(
      'dialler',
      samples('dialled', 'calls', ({ dialled }) => [dialled]),
      ['p50'],
    ),
  ]);
};

/** The level that loses as many as `ours`, found by halving: more lines, more talk, more lost. */
const ratioAsLossy = (ours: Day, agents: number, seed: number): Day => {
  let [low, high] = [1, 2];
  let closest = play(fixedRatio(low), agents, seed);
  for (let step = 0; step < 7; step += 1) {
    const level = (low + high) / 2;
    const day = play(fixedRatio(level), agents, seed);
    const isTooLossy = abandonedPct(day) > abandonedPct(ours);
    if (isTooLossy) high = level;
    else low = level;
    if (Math.abs(abandonedPct(day) - abandonedPct(ours)) < Math.abs(abandonedPct(closest) - abandonedPct(ours)))
      closest = day;
  }
  return closest;
};

let isMissed = false;
for (const agents of sizes) {
  const ours = seeds.map((seed) => play(predictive(), agents, seed));
  const plain = seeds.map((seed) => play(progressive(), agents, seed));
  const [first] = ours;
  const [firstSeed] = seeds;
  if (first === undefined || firstSeed === undefined) throw new Error('no day was played');
  const ratio = ratioAsLossy(first, agents, firstSeed);
  const talk = (days: readonly Day[]): number[] => days.map(({ talkMinPerHour }) => talkMinPerHour);
  const talkLine = { metric: 'talk_min_per_hour', unit: 'min', samples: talk(ours) };
  print(agents, 'zuoxi', [
    ...metricsOf('dialler', talkLine, ['p50'], { name: 'progressive', samples: talk(plain) }),
    ...metricsOf('dialler', { ...talkLine, samples: talk([first]) }, ['p50'], {
      name: 'ratio',
      samples: talk([ratio]),
    }),
  ]);
  quality(agents, 'zuoxi', ours);
  quality(agents, 'ratio', [ratio]);
  isMissed ||= agents >= 50 && talk(ours).some((minutes) => minutes < leastTalk);
  isMissed ||= first.talkMinPerHour <= ratio.talkMinPerHour;
}
for (const agents of sizes) {
  const own = printed.filter((line) => line.agents === agents && line.contender === 'zuoxi');
  process.stderr.write(`\n${agents} agents\n${tableOf(own, targets)}\n`);
}
process.stderr.write(
  `\ntalk of ${leastTalk} min an hour with 50 agents and more, ahead of the ratio: ${isMissed ? 'MISSED' : 'reached'}\n`,
);
