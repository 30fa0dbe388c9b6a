import { parseArgs } from 'node:util';
import { makeRig } from './rig.ts';
import type { Amount } from './suites.ts';
import { crashes, damaged, interrupted } from './suites.ts';

/**
 * `npm run test:crash -- --seed 1 --cuts 1000 --damages 1000 --kills 100 --steps 40 --every 1`: what failed, and the sum last. In parts, for
 * machines that others use too: `--only crashes`, `interrupted`, `damaged`; nothing of a kind with 0.
 */
const suites = { crashes, interrupted, damaged };
const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    cuts: { type: 'string', default: '1000' },
    damages: { type: 'string', default: '1000' },
    kills: { type: 'string', default: '100' },
    steps: { type: 'string', default: '40' },
    every: { type: 'string', default: '1' },
    only: { type: 'string', default: Object.keys(suites).join(',') },
  },
});
const { only, ...amounts } = values;
const wanted = only.split(',').map((name) => {
  const suite = suites[name as keyof typeof suites];
  if (suite === undefined) throw new Error(`--only takes ${Object.keys(suites).join(', ')}`);
  return suite;
});
const amount = Object.fromEntries(Object.entries(amounts).map(([name, text]) => [name, Number(text)])) as Amount;
const say = (line: string): void => void process.stdout.write(`${line}\n`);

const rig = makeRig();
if (typeof rig === 'string') {
  say(`SKIPPED  ${rig}`);
  say('0 passed, 0 failed, 1 skipped');
} else {
  let passed = 0;
  let failed = 0;
  try {
    for (const suite of wanted) {
      const beganMs = performance.now();
      const verdicts = suite(rig, amount);
      const wrong = verdicts.filter((one) => one.wrong.length > 0);
      for (const one of wrong)
        say(`✗ ${one.name} (--seed ${amount.seed})\n    ${one.wrong.slice(0, 5).join('\n    ')}`);
      passed += verdicts.length - wrong.length;
      failed += wrong.length;
      for (const one of verdicts) if (one.name.includes('NORMAL')) say(one.name);
      say(
        `${suite.name}: ${verdicts.length - wrong.length} of ${verdicts.length} in ${((performance.now() - beganMs) / 1_000).toFixed(1)} s`,
      );
    }
  } finally {
    rig.close();
  }
  say(`${passed} passed, ${failed} failed`);
  process.exitCode = failed > 0 ? 1 : 0;
}
