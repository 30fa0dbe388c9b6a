import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { hasPostgres } from '../central/postgres.ts';
import { lasting } from './plan.ts';
import { planted } from './planted.ts';
import type { RunResult } from './run.ts';
import { runSeed } from './run.ts';
import { madeUp, underWay } from './wire-faults.ts';
import { makeWorld } from './world.ts';

const usage = `npm run test:faults -- [options]
  --seed S     where to begin; drawn from the time without it
  --seeds K    how many seeds, one after the other; 1 by default. A-B: from A to B
  --ops N      ops to be done at the seats per seed; 1000 by default
  --seats N    3 to 8; 4 by default
  --minutes M  begins no further seed after so many
  --out FILE   a JSON line per seed; seeds that passed there with as many ops are counted and not run again
  --plant LIST faults of the product itself, that must be found: ${planted.join(',')}
The long form: --seeds 1-100 --ops 10000 --out FILE
`;
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const note = (line: string): void => void process.stderr.write(`${line}\n`);

const number = (text: string, least: number, most: number): number | undefined =>
  /^\d{1,9}$/.test(text) && Number(text) >= least && Number(text) <= most ? Number(text) : undefined;

const seedsOf = (first: string, count: string): readonly number[] | undefined => {
  const [from, to] = count.includes('-') ? count.split('-') : [first, undefined];
  const begin = number(from ?? '', 0, 999_999_999);
  if (begin === undefined) return undefined;
  const many = to === undefined ? number(count, 1, 100_000) : (number(to, begin, 999_999_999) ?? 0) - begin + 1;
  return many === undefined || many < 1 ? undefined : Array.from({ length: many }, (_, index) => begin + index);
};

const options = () => {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      ops: { type: 'string', default: '1000' },
      seeds: { type: 'string', default: '1' },
      seats: { type: 'string', default: '4' },
      minutes: { type: 'string', default: '600' },
      out: { type: 'string' },
      plant: { type: 'string' },
    },
  });
  const seeds = seedsOf(values.seed, values.seeds);
  const ops = number(values.ops, 1, 1_000_000);
  const seats = number(values.seats, 3, 8);
  const minutes = number(values.minutes, 1, 10_000);
  const wanted = values.plant?.split(',') ?? [];
  const plant = planted.filter((one) => wanted.includes(one));
  if (plant.length !== wanted.length) return undefined;
  if (seeds === undefined || ops === undefined || seats === undefined || minutes === undefined) return undefined;
  return { seeds, ops, seats, minutes, plant, out: values.out };
};

const told = ({ seed, ops, refused, seconds, cost, requests, faults, kinds, violations }: RunResult): string => {
  const listed = (counts: Readonly<Record<string, number>>): string =>
    Object.entries(counts)
      .map(([kind, count]) => `${kind} ${count}`)
      .join(', ');
  const verdict = violations.length === 0 ? 'ok    ' : 'FAILED';
  const rate = Math.round(ops / seconds);
  const spent = (of: Readonly<Record<string, number>>): string =>
    Object.entries(of)
      .map(([what, s]) => `${what} ${s.toFixed(1)}`)
      .join(', ');
  const many = lasting.reduce((sum, kind) => sum + (faults[kind] ?? 0), 0);
  const wire = [...underWay, ...madeUp].reduce((sum, kind) => sum + (faults[kind] ?? 0), 0);
  const met = `${requests} requests, ${wire} of them ill-treated, ${many} faults that last`;
  const where = `${spent(cost.wall)} s; processor: ${spent(cost.processor)} s`;
  return `${verdict} seed ${seed}: ${ops} ops, ${refused} refused and shown, ${seconds.toFixed(1)} s, ${rate} ops/s (${where}); ${met}: ${listed(faults)}; ${listed(kinds)}`;
};

type Passed = { readonly seed: number; readonly ops: number };

/** Seeds of an earlier part of the same long run. */
const passedBefore = (file: string | undefined, asked: { readonly ops: number; readonly seats: number }): Passed[] => {
  if (file === undefined || !existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  return lines
    .map((line) => JSON.parse(line) as Passed & { asked: number; seats: number; violations: unknown[] })
    .filter((one) => one.asked === asked.ops && one.seats === asked.seats && one.violations.length === 0);
};

const run = async (): Promise<number> => {
  const asked = options();
  if (asked === undefined) {
    note(usage);
    return 1;
  }
  if (!hasPostgres) {
    note('The fault runs need PostgreSQL (initdb, postgres) on this machine.');
    return 1;
  }
  const untilMs = Date.now() + asked.minutes * 60_000;
  const before = new Map(passedBefore(asked.out, asked).map(({ seed, ops }) => [seed, ops]));
  const sum = { passed: 0, failed: 0, ops: 0, seconds: 0 };
  say(`${asked.seeds.length} seeds, ${asked.ops} ops each, ${asked.seats} seats, 2 instances of central`);
  const world = await makeWorld();
  try {
    for (const seed of asked.seeds) {
      if (before.has(seed)) {
        sum.passed += 1;
        continue;
      }
      if (Date.now() > untilMs) break;
      const result = await runSeed(world, { ...asked, seed, keepIn: join('.cache', 'faults') });
      say(told(result));
      if (asked.out !== undefined)
        appendFileSync(asked.out, `${JSON.stringify({ ...result, asked: asked.ops, seats: asked.seats })}\n`);
      sum.ops += result.ops;
      sum.seconds += result.seconds;
      if (result.violations.length === 0) sum.passed += 1;
      else {
        sum.failed += 1;
        for (const { kind, what } of result.violations.slice(0, 12)) say(`  ${kind}: ${what}`);
        say(`  ${result.violations.length} in all; ${result.kept ?? ''}`);
        say(`  again: npm run test:faults -- --seed ${seed} --ops ${asked.ops} --seats ${asked.seats}`);
      }
    }
  } finally {
    await world.close();
  }
  say(`${sum.ops} ops now, ${Math.round(sum.ops / Math.max(1, sum.seconds))} ops/s`);
  say(`${sum.passed} passed, ${sum.failed} failed`);
  return sum.failed === 0 ? 0 : 1;
};

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(1));
try {
  process.exitCode = await run();
} catch (fault) {
  note(fault instanceof Error ? (fault.stack ?? fault.message) : String(fault));
  process.exitCode = 1;
}
process.exit();
