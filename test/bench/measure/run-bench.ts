import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Metric } from './metric-line.ts';
import { lineOf, tableOf } from './metric-line.ts';

/** What a bench works with. */
export type Bench = {
  /** A folder of its own, gone afterwards. */
  readonly dir: string;
  /** Ended when the bench ends, however it does; the last begun first. */
  readonly ends: (() => unknown)[];
  /** One line each on stdout, at once. */
  readonly print: (metrics: readonly Metric[]) => void;
};

/**
 * Runs a bench to its end, to a signal or to its limit, ends what it began, shows the figures beside their targets, and ends the process:
 * 0 when it came to its end, 1 when it failed or took too long, 130 when it was stopped.
 * @param wholeMs longest time it may take
 */
export const runBench = (
  { targets, wholeMs }: { readonly targets: Readonly<Record<string, number>>; readonly wholeMs: number },
  run: (bench: Bench) => Promise<void>,
): void => {
  const printed: Metric[] = [];
  const print = (metrics: readonly Metric[]): void => {
    for (const metric of metrics) {
      printed.push(metric);
      process.stdout.write(`${lineOf(metric)}\n`);
    }
  };
  const dir = mkdtempSync(join(tmpdir(), 'zuoxi-bench-'));
  const ends: (() => unknown)[] = [() => rmSync(dir, { recursive: true, force: true })];
  let isOver = false;
  const end = async (code: number, why?: string): Promise<void> => {
    if (isOver) return;
    isOver = true;
    if (why !== undefined) process.stderr.write(`${why}\n`);
    for (const stop of ends.toReversed())
      try {
        await stop();
      } catch (fault) {
        process.stderr.write(`${String(fault)}\n`);
      }
    process.stderr.write(`${tableOf(printed, targets)}\n`);
    process.exit(code);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void end(130, 'stopped'));
  setTimeout(() => void end(1, `not finished after ${wholeMs / 1_000} s`), wholeMs);
  run({ dir, ends, print }).then(
    () => end(0),
    (fault: unknown) => end(1, fault instanceof Error ? fault.stack : String(fault)),
  );
};
