/**
 * npm test: every check and suite in order, one line each; a failing one names what failed, then shows its whole output, and the
 * others still run. Tests that passed only when tried again are named as well: they are no failures, and nobody should get used to them. The last line is the sum: `N passed, N failed`, with `, N skipped` when this machine could not run something.
 *
 * `--only format,lint` runs these steps alone.
 */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { captureNode, toolPath } from './run.mjs';
import { ensureDependencies, root } from './setup.mjs';
import { prepareSuite } from './test-needs.mjs';

const minutes = (count) => count * 60_000;
const FOLDERS = ['shared', 'main', 'preload', 'renderer', 'central', 'practice', 'scripts', 'test'];

const tool = (packageName, command, ...args) => ({ args: () => [toolPath(packageName, command), ...args] });
const suite = (...projects) => ({
  report: true,
  args: (report) => [
    toolPath('vitest', 'vitest'),
    'run',
    // By itself vitest leaves one core alone; of two that is half. Suites that measure sound run file by file anyway.
    '--maxWorkers=2',
    ...projects.map((name) => `--project=${name}`),
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ],
});

/** In this order. `after`: not run when that step failed, for then it would only fail the same way again. */
const STEPS = [
  { name: 'format', ...tool('oxfmt', 'oxfmt', '--check') },
  { name: 'lint', ...tool('oxlint', 'oxlint'), limitMs: minutes(8) },
  { name: 'types', ...tool('typescript', 'tsc', '-b'), limitMs: minutes(8) },
  {
    name: 'boundaries',
    ...tool('dependency-cruiser', 'depcruise', '--config', '.dependency-cruiser.mjs', '-T', 'err-long', ...FOLDERS),
  },
  { name: 'unused', ...tool('knip', 'knip') },
  { name: 'build', args: () => ['scripts/build.mjs'] },
  { name: 'unit', ...suite('node', 'jsdom', 'postgres'), needs: 'unit', limitMs: minutes(40) },
  { name: 'e2e', ...suite('e2e', 'e2e-paired'), needs: 'e2e', after: 'build', limitMs: minutes(40) },
  // Each third of the whole-call scenarios; `npm run test:pbx` runs them all.
  {
    name: 'pbx',
    ...suite('pbx'),
    needs: 'pbx',
    after: 'build',
    limitMs: minutes(20),
    env: { ZUOXI_SCENARIOS_EACH: '3' },
  },
];

const sum = { passed: 0, failed: 0, skipped: 0 };
const failedSteps = new Set();
const steps = chosenSteps(process.argv.slice(2));

await ensureDependencies();
mkdirSync(join(root, '.cache/test'), { recursive: true });
for (const step of steps) await runStep(step);

const skipped = sum.skipped > 0 ? `, ${sum.skipped} skipped` : '';
process.stdout.write(`${sum.passed} passed, ${sum.failed} failed${skipped}\n`);
process.exitCode = sum.failed > 0 ? 1 : 0;

async function runStep(step) {
  if (failedSteps.has(step.after)) return skip(step, `${step.after} failed`);
  const started = Date.now();
  const prepared = step.needs ? prepareSuite(step.needs) : { kind: 'ready', env: {} };
  if (prepared.kind === 'skip') return skip(step, prepared.why);

  const report = join(root, `.cache/test/${step.name}.json`);
  rmSync(report, { force: true });
  const { code, output } =
    prepared.kind === 'failed'
      ? { code: 1, output: prepared.why }
      : await captureNode(step.args(report), {
          // Seconds on a free machine; linting with types has taken more than three minutes on one that was not.
          limitMs: step.limitMs ?? minutes(10),
          // Hundreds of processes read the same sources: compiled once, and kept from one run to the next.
          env: { NODE_COMPILE_CACHE: join(root, '.cache/compiled'), ...step.env, ...prepared.env },
        });

  const counts = step.report
    ? countTests(report, code)
    : { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 };
  for (const key of Object.keys(sum)) sum[key] += counts[key];
  if (counts.failed > 0) failedSteps.add(step.name);
  const tests = step.report ? `${counts.passed} of ${counts.passed + counts.failed + counts.skipped} tests` : '';
  say(counts.failed > 0 ? 'FAILED' : 'ok', step.name, `${((Date.now() - started) / 1000).toFixed(1)} s`, tests);
  if (step.report) process.stdout.write(toldTests(report));
  if (counts.failed > 0) process.stdout.write(`${output.trimEnd()}\n\n`);
}

/** Tests that failed, or passed only when tried again, with the beginning of why: who sees only the start of it must see these. */
function toldTests(report) {
  if (!existsSync(report)) return '';
  const told = (word, name, why) =>
    `${word.padEnd(8)} ${name}\n${why.replaceAll(root, '').trim().slice(0, 600).replace(/^/gm, '         ')}\n`;
  const { testResults } = JSON.parse(readFileSync(report, 'utf8'));
  return testResults
    .flatMap(({ name, message, assertionResults }) => {
      const file = relative(root, name);
      const tests = assertionResults
        .filter(({ failureMessages }) => failureMessages.length > 0)
        .map(({ status, fullName, failureMessages }) =>
          told(status === 'failed' ? '✗' : 'AGAIN', `${file}: ${fullName}`, failureMessages[0]),
        );
      return tests.length === 0 && message ? [told('✗', file, message)] : tests;
    })
    .join('');
}

/** From vitest's own report. A run that broke outside any test (or wrote no report) counts as one failure. */
function countTests(report, code) {
  if (!existsSync(report)) return { passed: 0, failed: 1, skipped: 0 };
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = JSON.parse(readFileSync(report, 'utf8'));
  return {
    passed: numPassedTests,
    failed: numFailedTests === 0 && code !== 0 ? 1 : numFailedTests,
    skipped: numPendingTests + numTodoTests,
  };
}

function skip(step, why) {
  sum.skipped += 1;
  say('SKIPPED', step.name, '', why);
}

function say(verdict, name, time, rest) {
  process.stdout.write(`${verdict.padEnd(8)} ${name.padEnd(11)} ${time.padStart(8)}  ${rest}`.trimEnd() + '\n');
}

function chosenSteps(args) {
  const at = args.indexOf('--only');
  if (at < 0) return STEPS;
  const names = (args[at + 1] ?? '').split(',').filter(Boolean);
  const unknown = names.filter((name) => !STEPS.some((step) => step.name === name));
  if (names.length === 0 || unknown.length > 0) {
    process.stderr.write(`--only takes one or more of ${STEPS.map((step) => step.name).join(',')}\n`);
    process.exit(1);
  }
  return STEPS.filter((step) => names.includes(step.name));
}
