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
import { measuring, type Scenario, scenarios } from './scenario.ts';
import { startWorld, type World } from './world.ts';

// The table: every scenario is a whole call on a real Asterisk, in the order of its files; `npm run test:pbx` runs them all,
// `npm run test:pbx -- --only NAME` some. `npm test` takes each third: all of them last as long as everything else together.

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
const run = async ({ steps, legs }: Scenario, meta: object): Promise<number> => {
  const measure = measuring();
  const startedMs = performance.now();
  await world.begin();
  try {
    await steps(world, measure);
    await world.expectIdle();
    return measure.readings.length;
  } catch (error) {
    await world.clear();
    throw error;
  } finally {
    Object.assign(meta, { scenario: { legs, readings: measure.readings, ms: performance.now() - startedMs } });
  }
};

for (const one of [...table.filter(({ isLast }) => !isLast), ...table.filter(({ isLast }) => isLast)])
  test(
    one.name,
    async ({ skip, task }) => {
      if (why !== undefined) skip(why);
      expect(await run(one, task.meta)).toBeGreaterThan(0);
    },
    90_000,
  );
