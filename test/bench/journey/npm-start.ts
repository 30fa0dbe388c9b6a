import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** The real command in a folder of its own, until it said that the seat is ready. */
export type Running = {
  readonly address: string;
  /** Seconds from the command to `seat ready`. */
  readonly readyS: number;
  /** Process with engine and practice services. */
  readonly pid: number;
  readonly stop: () => Promise<void>;
};

/** `npm start -- --no-open --data DIR`, on free ports; customers call only when asked to. @throws with what it printed when it does not get ready */
export const npmStart = async (dir: string, limitMs: number): Promise<Running> => {
  const startMs = performance.now();
  const child = spawn(
    'npm',
    ['start', '--', '--no-open', '--host', 'browser', '--data', dir, '--port', '0', '--calls', 'ask'],
    { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], shell: process.platform === 'win32' },
  );
  const over = Promise.withResolvers<void>();
  const ready = Promise.withResolvers<string>();
  let printed = '';
  const hear = (text: string): void => {
    printed += text;
    const address = /seat ready: (http\S+)/.exec(printed)?.[1];
    if (address !== undefined) ready.resolve(address);
  };
  child.stdout.setEncoding('utf8').on('data', hear);
  child.stderr.setEncoding('utf8').on('data', hear);
  child.on('error', ready.reject);
  child.on('exit', () => {
    over.resolve();
    ready.reject(new Error(`npm start ended:\n${printed}`));
  });
  const pid = (): number => Number(readFileSync(join(dir, 'practice.pid'), 'utf8'));
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    // The program itself: npm passes signals on or not, depending on its version and on the shell between.
    process.kill(pid(), 'SIGTERM');
    await within(over.promise, 15_000, 'npm start did not stop');
  };
  try {
    const address = await within(ready.promise, limitMs, 'npm start did not get ready');
    return { address, readyS: (performance.now() - startMs) / 1_000, pid: pid(), stop };
  } catch (fault) {
    child.kill();
    throw fault;
  }
};

export const within = async <T>(work: Promise<T>, limitMs: number, otherwise: string): Promise<T> => {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`${otherwise} within ${limitMs / 1_000} s`)), limitMs);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
};
