import type { Reporter, TestCase, TestModule } from 'vitest/node';
import type { Reading } from './scenario.ts';

/**
 * `npm run test:pbx` as a person wants to read it: one line per call (name, legs, what was measured, milliseconds), what failed in full,
 * and the sum as the last line.
 */
declare module 'vitest' {
  interface TaskMeta {
    scenario?: { readonly legs: string; readonly readings: readonly Reading[]; readonly ms: number };
  }
}

export default class ScenarioReporter implements Reporter {
  readonly #sum = { passed: 0, failed: 0, skipped: 0 };

  onTestCaseResult(test: TestCase): void {
    const result = test.result();
    if (result.state === 'pending') return;
    if (result.state === 'skipped') {
      // With a reason it was this machine; without one nobody asked for it.
      if (result.note !== undefined) this.#sum.skipped += 1;
      return;
    }
    const { state, errors = [] } = result;
    this.#sum[state] += 1;
    const { scenario } = test.meta();
    const ms = Math.round(scenario?.ms ?? test.diagnostic()?.duration ?? 0);
    const parts = scenario === undefined ? [] : [scenario.legs, scenario.readings.map(short).join(' ')];
    say([state === 'passed' ? 'ok' : state, test.name, ...parts, `${ms} ms`].join(' | '));
    for (const text of new Set(errors.map(told))) say(indented(text));
  }

  /** What broke outside any test counts as one failure. */
  onTestModuleEnd(module: TestModule): void {
    const errors = module.errors();
    if (errors.length === 0) return;
    this.#sum.failed += 1;
    say(`failed | ${module.relativeModuleId}`);
    for (const text of new Set(errors.map(told))) say(indented(text));
  }

  onTestRunEnd(_: readonly TestModule[], unhandled: readonly { readonly message: string }[]): void {
    for (const error of unhandled) say(indented(error.message));
    this.#sum.failed += unhandled.length;
    const { passed, failed, skipped } = this.#sum;
    say(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
  }
}

const short = ({ at, of, db, overRestDb }: Reading): string =>
  `${at}<${of} ${db.toFixed(0)}${db > -55 ? `/+${overRestDb.toFixed(0)}` : ''} dB`;
/** The frames of our own files alone. */
const told = ({ stack, message }: { readonly stack?: string; readonly message: string }): string =>
  (stack ?? message)
    .split('\n')
    .filter((line) => !/^\s+at .*node(?:_modules|:)/.test(line))
    .join('\n');
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const indented = (text: string): string => text.replace(/^/gm, '    ');
