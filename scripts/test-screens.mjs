/**
 * npm run test:screens: every screen of the desk in Chromium, in both languages, light and dark, at 1366×768 and 1920×1080: nothing cut off,
 * nothing over anything else, contrast; pictures in screenshots/desk.
 *
 *   en dark 1920   only those
 *   hostile        in its place, 500 hostile texts, each in every place of every screen; `hostile 2/8`: the second eighth
 */
import { prepareSuite } from './test-needs.mjs';
import { superviseNode, toolPath } from './run.mjs';
import { ensureDependencies } from './setup.mjs';

const [first, part = 'all', ...rest] = process.argv.slice(2);
const words = process.argv.slice(2);
await ensureDependencies();
const suite = prepareSuite('e2e');
if (suite.kind === 'ready') {
  const isHostile = first === 'hostile' && rest.length === 0;
  Object.assign(process.env, suite.env, isHostile ? { ZUOXI_HOSTILE: part } : { ZUOXI_SCREENS: words.join(' ') });
  const file = isHostile ? 'test/e2e/hostile-text.test.ts' : 'test/e2e/desk-screens.test.ts';
  process.exitCode = await superviseNode(toolPath('vitest', 'vitest'), ['run', '--project=e2e*', file]);
} else {
  process.stdout.write(`*** NOT TESTED: ${suite.why}. ***\n`);
  process.exitCode = 1;
}
