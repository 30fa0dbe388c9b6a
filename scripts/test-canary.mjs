/**
 * npm run test:canary: the long day of test/canary. `-- --calls N` handles N calls, 500 by default.
 */
import { parseArgs } from 'node:util';
import { superviseNode, toolPath } from './run.mjs';
import { ensureDependencies } from './setup.mjs';

const { values } = parseArgs({ options: { calls: { type: 'string', default: '500' } } });
await ensureDependencies();
process.env.ZUOXI_CANARY_CALLS = values.calls;
process.exitCode = await superviseNode(toolPath('vitest', 'vitest'), ['run', '--project=node', 'test/canary']);
