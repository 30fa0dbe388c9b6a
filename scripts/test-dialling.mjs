/**
 * npm run test:dialling: random histories of seats, tasks and customers, judged by what really happened; the last
 * lines are vitest's. 10,000 histories are played with the other tests, a million here.
 *
 *   --histories N   so many of them
 *   --seed S        from this one on; the seed of a failed one is in its message
 */
import { parseArgs } from 'node:util';
import { superviseNode, toolPath } from './run.mjs';
import { ensureDependencies } from './setup.mjs';

const { values } = parseArgs({
  options: { histories: { type: 'string', default: '1000000' }, seed: { type: 'string' } },
});
await ensureDependencies();
process.env.DIALLING_HISTORIES = values.histories;
if (values.seed !== undefined) process.env.DIALLING_SEED = values.seed;
process.exitCode = await superviseNode(toolPath('vitest', 'vitest'), [
  'run',
  '--project=node',
  'test/shared/dialling/histories.test.ts',
]);
