/**
 * npm run test:pbx: everything that runs on a real Asterisk, one line per test; the last line is `N passed, N failed`.
 *
 *   --only NAME   the whole-call scenarios whose names contain NAME (others are not looked at)
 *   --times N     each of them N times in a row, none tried again; what is known of a failed call is written to .cache/test/calls
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildPages, superviseNode, toolPath } from './run.mjs';
import { ensureDependencies, root } from './setup.mjs';
import { prepareSuite } from './test-needs.mjs';

const reporter = fileURLToPath(new URL('../test/pbx/scenarios/reporter.ts', import.meta.url));
const { values } = parseArgs({ options: { only: { type: 'string' }, times: { type: 'string' } } });
await ensureDependencies();
const prepared = prepareSuite('pbx');
if (prepared.kind === 'ready') {
  Object.assign(process.env, prepared.env);
  if (values.times !== undefined)
    Object.assign(process.env, {
      ZUOXI_SCENARIOS_TIMES: values.times,
      ZUOXI_SCENARIOS_EVIDENCE: join(root, '.cache/test/calls'),
    });
  if (values.only === undefined) await buildPages();
  process.exitCode = await superviseNode(toolPath('vitest', 'vitest'), [
    'run',
    '--project=pbx*',
    '--silent',
    `--reporter=${reporter}`,
    ...(values.times === undefined ? [] : ['--retry=0']),
    ...(values.only === undefined ? [] : ['--testNamePattern', literally(values.only), 'test/pbx/scenarios']),
  ]);
} else {
  process.stdout.write(`${prepared.why}\n0 passed, ${prepared.kind === 'failed' ? 1 : 0} failed, 1 skipped\n`);
  process.exitCode = prepared.kind === 'failed' ? 1 : 0;
}

/** @param {string} text */
function literally(text) {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
