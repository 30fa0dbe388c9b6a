import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { cpSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inject } from 'vitest';
import { silent } from '../../central/ambient.ts';
import { openDatabase } from '../../central/db.ts';
import { openSecrets } from '../../central/secrets.ts';
import type { SampleOperator } from '../../practice/operator/operator.ts';
import { operatorKey, seedOperator } from '../../practice/operator/seed.ts';
import { setpriv } from '../../scripts/pbx-install.mjs';
import { askFor } from '../house/on-demand.ts';

/** Central as an operator runs it: a program of its own, on a database that outlives it, with the sample operator's records. */
export type OwnCentral = {
  readonly url: string;
  readonly operator: SampleOperator;
  /** Ends it as a crash does: nothing is said, nothing tidied up. */
  readonly kill: () => Promise<void>;
  /** Again, on the same database and port. */
  readonly startAgain: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

const program = fileURLToPath(new URL('../../central/main.ts', import.meta.url));
const readyMs = 30_000;

export const startOwnCentral = async (options: {
  readonly dir: string;
  /** As `npm run pbx` writes it. */
  readonly pbxDescriptor: string;
  readonly customers: number;
}): Promise<OwnCentral> => {
  const dataDir = join(options.dir, 'central');
  const operator = await seeded(dataDir, options.customers);
  const start = (port: string) =>
    launch(['--port', port, '--data', dataDir, '--pbx', 'asterisk', '--pbx-descriptor', options.pbxDescriptor]);
  const first = await start('0');
  let { child } = first;
  return {
    url: first.url,
    operator,
    kill: () => ended(child, 'SIGKILL'),
    startAgain: async () => {
      ({ child } = await start(new URL(first.url).port));
    },
    stop: () => ended(child, 'SIGTERM'),
  };
};

const seeded = async (dir: string, customers: number): Promise<SampleOperator> => {
  const made = await askFor(inject('madeOnce'), 'operator', String(customers));
  cpSync(join(made, operatorKey({ seed: 1, customers })), dir, { recursive: true });
  const database = await openDatabase({ kind: 'pglite', dir }, silent);
  try {
    const secrets = await openSecrets(database.db);
    return await seedOperator({ database, secrets, log: silent }, { seed: 1, customers, nowMs: Date.now() });
  } finally {
    await database.close();
  }
};

const launch = async (args: readonly string[]): Promise<{ readonly child: ChildProcess; readonly url: string }> => {
  const command = [process.execPath, program, ...args];
  // If the tests are killed outright the kernel ends central too.
  const [file = '', ...rest] = existsSync(setpriv) ? [setpriv, '--pdeathsig', 'KILL', ...command] : command;
  const child = spawn(file, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const timer = setTimeout(() => reject(new Error('central was not ready in time')), readyMs);
  let said = '';
  const hear = (text: Buffer): void => {
    said += String(text);
    const url = /central ready: (\S+)\n/.exec(said)?.[1];
    if (url !== undefined) resolve(url);
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  child.once('exit', () => reject(new Error(`central ended while starting: ${said}`)));
  try {
    return { child, url: await promise };
  } catch (fault) {
    await ended(child, 'SIGKILL');
    throw fault;
  } finally {
    clearTimeout(timer);
  }
};

const ended = async (child: ChildProcess, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill(signal);
  const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await gone;
  clearTimeout(timer);
};
