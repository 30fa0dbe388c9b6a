/**
 * npm run test:dialler: central's dialler on a real Asterisk, whose customers answer, ring out, are busy or machines by a seed, with twenty
 * agents; then two instances, of which the one that dials is killed; then callers in a queue, for whom agents are kept. JSON lines; the last line is `N passed, N failed`.
 *
 *   --seed S      other customers
 *   --seconds N   of dialling; 100 by default
 *   --only PART   floor, killed, machines (spoken greetings and people, by espeak-ng, to AMD), or blending (R19, R26)
 */
import { superviseNode } from './run.mjs';
import { ensureDependencies } from './setup.mjs';
import { prepareSuite } from './test-needs.mjs';

await ensureDependencies();
const prepared = [prepareSuite('unit'), prepareSuite('dialler')].find(({ kind }) => kind !== 'ready');
if (prepared === undefined) process.exitCode = await superviseNode('test/dialler/main.ts', process.argv.slice(2));
else {
  process.stdout.write(`${prepared.why}\n0 passed, ${prepared.kind === 'failed' ? 1 : 0} failed, 1 skipped\n`);
  process.exitCode = prepared.kind === 'failed' ? 1 : 0;
}
