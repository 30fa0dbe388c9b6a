import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { hasPostgres } from '../central/postgres.ts';
import { blending, blendingDay } from './blending.ts';
import { openCentre } from './centre.ts';
import type { Check } from './days.ts';
import { killedDay, plainDay } from './days.ts';
import { machinesPart } from './machines.ts';

const usage = `npm run test:dialler -- [options]
  --seed S      what each customer does, and how long everything takes; 1 by default
  --seconds N   of dialling in the first part, 30 to 600; 100 by default
  --only PART   floor, killed, machines, or blending
`;
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const agents = 20;

const number = (text: string, least: number, most: number): number | undefined =>
  /^\d{1,9}$/.test(text) && Number(text) >= least && Number(text) <= most ? Number(text) : undefined;

const days = { floor: plainDay, killed: killedDay } as const;
const parts = ['floor', 'killed', 'machines', 'blending'] as const;
const asked = () => {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: '1' },
      seconds: { type: 'string', default: '100' },
      only: { type: 'string' },
    },
  });
  const seed = number(values.seed, 0, 999_999_999);
  const seconds = number(values.seconds, 30, 600);
  const only = parts.filter((part) => values.only === undefined || values.only === part);
  return seed === undefined || seconds === undefined || only.length === 0 ? undefined : { seed, seconds, only };
};

const run = async (): Promise<number> => {
  const options = asked();
  if (options === undefined) {
    process.stderr.write(usage);
    return 1;
  }
  if (!hasPostgres) {
    say('The dialler’s proof needs PostgreSQL (initdb, postgres) on this machine.\n0 passed, 0 failed, 1 skipped');
    return 0;
  }
  const { seed, seconds, only } = options;
  const checks: Check[] = [];
  const tell = (part: string, report: object, checked: readonly Check[]): void => {
    say(JSON.stringify({ part, seed, ...report }));
    for (const { name, wrong } of checked) {
      checks.push({ name, wrong });
      say(`${wrong.length === 0 ? 'ok    ' : 'FAILED'} ${part}: ${name}`);
      for (const one of wrong.slice(0, 12)) say(`  ${one}`);
      if (wrong.length > 12) say(`  ${wrong.length} in all`);
    }
  };
  for (const part of only) {
    if (part === 'machines') {
      const { report, checked } = await machinesPart();
      tell(part, report, checked);
      continue;
    }
    const centre =
      part === 'blending'
        ? await openCentre({ seed, agents: 3, customers: 40, blending })
        : await openCentre({ seed, agents, customers: 9 * seconds });
    try {
      const { report, checked } =
        part === 'blending' ? await blendingDay(centre) : await days[part](centre, { seconds, agents });
      tell(part, report, checked);
      if (checked.some(({ wrong }) => wrong.length > 0)) {
        say(logOf(centre.logs));
        say(`  again: npm run test:dialler -- --seed ${seed} --seconds ${seconds} --only ${part}`);
      }
    } finally {
      await centre.close();
    }
  }
  const failed = checks.filter(({ wrong }) => wrong.length > 0).length;
  say(`${checks.length - failed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
};

const logOf = (dir: string): string => {
  try {
    return readFileSync(join(dir, 'central.log'), 'utf8').split('\n').slice(-15).join('\n');
  } catch {
    return '';
  }
};

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(1));
try {
  process.exitCode = await run();
} catch (fault) {
  process.stderr.write(`${fault instanceof Error ? (fault.stack ?? fault.message) : String(fault)}\n`);
  say('0 passed, 1 failed');
  process.exitCode = 1;
}
process.exit();
