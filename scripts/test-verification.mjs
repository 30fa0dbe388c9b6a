/**
 * npm run test:verification: random verification steps against a plain model that remembers what was said, for each preset; the last
 * lines are vitest's. 10⁵ steps are walked with the other tests, a million here.
 *
 *   --steps N   so many for each preset
 *   --seed S    one walk again; the seed of a failed one is in its message
 */
import { parseArgs } from 'node:util';
import { superviseNode, toolPath } from './run.mjs';
import { ensureDependencies } from './setup.mjs';

const { values } = parseArgs({
  options: { steps: { type: 'string', default: '1000000' }, seed: { type: 'string' } },
});
await ensureDependencies();
process.env.VERIFICATION_STEPS = values.steps;
if (values.seed !== undefined) process.env.VERIFICATION_SEED = values.seed;
process.exitCode = await superviseNode(toolPath('vitest', 'vitest'), [
  'run',
  '--project=node',
  'test/shared/verification/model.test.ts',
]);
