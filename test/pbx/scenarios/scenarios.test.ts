import { afterAll, beforeAll, expect, test } from 'vitest';
import { whyNotHere } from '../here.ts';
import './inbound.ts';
import './ring.ts';
import './outbound.ts';
import './digits.ts';
import './hold.ts';
import './session.ts';
import './faults.ts';
import './names.ts';
import './transfer.ts';
import './succession.ts';
import './guardian.ts';
import { evidenceOf, keepEvidence } from './evidence.ts';
import { measuring, type Scenario, scenarios } from './scenario.ts';
import { startWorld, type World } from './world.ts';

// The table: every scenario is a whole call on a real Asterisk, in the order of its files; `npm run test:pbx` runs them all,
// `npm run test:pbx -- --only NAME` some. `npm test` takes each third: all of them last as long as everything else together.

/** `--times N`: as often in a row, for a failure that is seldom seen. */
const times = Number(process.env['ZUOXI_SCENARIOS_TIMES'] ?? 1);
/** Where what is known of a failed call is written. */
const evidence = process.env['ZUOXI_SCENARIOS_EVIDENCE'];
const each = Number(process.env['ZUOXI_SCENARIOS_EACH'] ?? 1);
const table = scenarios.filter((_, index) => index % each === 0);

const why = whyNotHere('calls');
let world: World;

beforeAll(async () => {
  if (why === undefined) world = await startWorld();
});
afterAll(async () => {
  if (why === undefined) await world.stop();
});

/** How many legs were measured. */
const run = async ({ name, steps, legs }: Scenario, meta: object): Promise<number> => {
  const measure = measuring();
  const startedMs = performance.now();
  await world.begin();
  try {
    await steps(world, measure);
    await world.expectIdle();
    return measure.readings.length;
  } catch (error) {
    if (evidence !== undefined) await keepEvidence(evidence, name, await evidenceOf(world, String(error)));
    await world.clear();
    throw error;
  } finally {
    Object.assign(meta, { scenario: { legs, readings: measure.readings, ms: performance.now() - startedMs } });
  }
};

const inOrder = [...table.filter(({ isLast }) => !isLast), ...table.filter(({ isLast }) => isLast)];
const rounds = Array.from({ length: times }, (_, index) =>
  inOrder.map((one) => ({ one, title: times === 1 ? one.name : `${one.name}, ${index + 1}` })),
);
for (const { one, title } of rounds.flat())
  test(
    title,
    async ({ skip, task }) => {
      if (why !== undefined) skip(why);
      expect(await run(one, task.meta)).toBeGreaterThan(0);
    },
    90_000,
  );
