import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { hasPostgres } from '../central/postgres.ts';
import { planted } from './proxy.ts';
import type { RunResult } from './run.ts';
import { runSeed } from './run.ts';
import { makeWorld } from './world.ts';

const usage = `npm run test:faults -- [options]
  --seed S    where to begin; drawn from the time without it
  --ops N     ops to be done at the seats per seed; 1000 by default
  --seeds K   how many seeds, one after the other; 1 by default
  --seats N   3 to 8; 4 by default
  --minutes M begins no further seed after so many
  --plant swallow|alter   a fault of the product itself, that must be found
`;
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const note = (line: string): void => void process.stderr.write(`${line}\n`);

const number = (text: string, least: number, most: number): number | undefined =>
  /^\d{1,9}$/.test(text) && Number(text) >= least && Number(text) <= most ? Number(text) : undefined;

const options = () => {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      ops: { type: 'string', default: '1000' },
      seeds: { type: 'string', default: '1' },
      seats: { type: 'string', default: '4' },
      minutes: { type: 'string', default: '600' },
      plant: { type: 'string' },
    },
  });
  const seed = number(values.seed, 0, 999_999_999);
  const ops = number(values.ops, 1, 1_000_000);
  const seeds = number(values.seeds, 1, 100_000);
  const seats = number(values.seats, 3, 8);
  const minutes = number(values.minutes, 1, 10_000);
  const plant = planted.find((one) => one === values.plant);
  if (values.plant !== undefined && plant === undefined) return undefined;
  if (seed === undefined || ops === undefined || seeds === undefined || seats === undefined || minutes === undefined)
    return undefined;
  return { seed, ops, seeds, seats, minutes, plant };
};

const told = ({ seed, ops, refused, seconds, faults, violations }: RunResult): string => {
  const counted = Object.entries(faults).map(([kind, count]) => `${kind} ${count}`);
  const verdict = violations.length === 0 ? 'ok    ' : 'FAILED';
  const rate = Math.round(ops / seconds);
  return `${verdict} seed ${seed}: ${ops} ops, ${refused} refused and shown, ${seconds.toFixed(1)} s, ${rate} ops/s; ${counted.join(', ')}`;
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
  const sum = { passed: 0, failed: 0, ops: 0, seconds: 0 };
  say(`seed ${asked.seed}, ${asked.seeds} seeds, ${asked.ops} ops each, ${asked.seats} seats, 2 instances of central`);
  const world = await makeWorld(Date.now());
  try {
    for (let index = 0; index < asked.seeds && Date.now() < untilMs; index += 1) {
      const seed = asked.seed + index;
      const result = await runSeed(world, { ...asked, seed, keepIn: join('.cache', 'faults') });
      say(told(result));
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
  say(`${sum.ops} ops, ${Math.round(sum.ops / Math.max(1, sum.seconds))} ops/s`);
  say(`${sum.passed} passed, ${sum.failed} failed`);
  return sum.failed === 0 ? 0 : 1;
};

try {
  process.exitCode = await run();
} catch (fault) {
  note(fault instanceof Error ? (fault.stack ?? fault.message) : String(fault));
  process.exitCode = 1;
}
process.exit();
