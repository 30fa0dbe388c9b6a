import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { runProgram, serveOnDemand } from '../house/on-demand.ts';

/**
 * What the suites with a browser would make again and again is made once in a run, when the first file asks for it: `operator/N`, the folder
 * with the sample operator of N customers, of which every world has a copy (world.ts), and `lab`, the two pages of the telephone lab.
 */
export default async (project: TestProject): Promise<() => void> => {
  const dir = mkdtempSync(join(tmpdir(), 'zuoxi-made-'));
  const made = new Map<string, Promise<string>>();
  const make = async (what: string, ...more: readonly string[]): Promise<string> => {
    const folder = join(dir, what, ...more);
    const program = programs[what];
    if (program === undefined) throw new Error(`nobody makes ${what}`);
    await runProgram(program, folder, ...more);
    return folder;
  };
  const { url, close } = await serveOnDemand((what = '', ...more) => {
    const key = [what, ...more].join('/');
    const folder = made.get(key) ?? make(what, ...more);
    made.set(key, folder);
    return folder;
  });
  project.provide('madeOnce', url);
  return () => {
    close();
    rmSync(dir, { recursive: true, force: true });
  };
};

const programs: Readonly<Record<string, URL>> = {
  operator: new URL('make-sample-operator.ts', import.meta.url),
  lab: new URL('../renderer/phone/lab/build-pages.ts', import.meta.url),
};

declare module 'vitest' {
  interface ProvidedContext {
    madeOnce: string;
  }
}
