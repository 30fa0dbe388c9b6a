import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/**
 * What `npm start` promises: arguments and exit code pass through, Ctrl-C arrives once, and nothing the program started
 * outlives the script, however the script ends.
 */
const runner = fileURLToPath(new URL('../../scripts/node.mjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'supervise-'));
const program = join(folder, 'program.mjs');

beforeAll(() => {
  // Leaves a process behind, which holds the output open; takes a moment to stop, as a real program does.
  writeFileSync(
    program,
    `import { spawn } from 'node:child_process';
     spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60_000)'], { stdio: ['ignore', 'inherit', 'ignore'] });
     const stop = (signal) => { console.log(signal); setTimeout(() => process.exit(7), 150); };
     process.on('SIGINT', stop);
     process.on('SIGTERM', stop);
     console.log(JSON.stringify({ arguments: process.argv.slice(2), node: process.version }));
     if (process.argv.includes('--end')) process.exit(5);`,
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Run {
  readonly child: ChildProcess;
  /** Resolves with the first line the program prints. */
  readonly said: Promise<{ readonly arguments: readonly string[]; readonly node: string }>;
  /** Exit code, once the script and all that share its output are gone: nothing is left behind. */
  readonly ended: Promise<number | null>;
  output(): string;
}

function run(...args: readonly string[]): Run {
  const child = spawn(process.execPath, [runner, program, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  return {
    child,
    said: new Promise((done) => {
      child.stdout.on('data', (text) => {
        output += String(text);
        if (output.includes('\n')) done(JSON.parse(output.split('\n')[0] ?? ''));
      });
    }),
    ended: new Promise((done) => child.on('close', done)),
    output: () => output,
  };
}

describe('START-1 a program under the npm scripts', () => {
  it('runs on Node 24, gets the arguments, and gives its exit code', async () => {
    const started = run('--port', '5', '--end');
    const said = await started.said;
    expect(said.arguments).toEqual(['--port', '5', '--end']);
    expect(said.node).toMatch(/^v24\./);
    expect(await started.ended).toBe(5);
  });
});

describe.runIf(process.platform !== 'win32')('START-2 ending it', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('%s arrives once, and nothing is left behind', async (signal) => {
    const started = run();
    await started.said;
    started.child.kill(signal);
    expect(await started.ended).toBe(7);
    expect(started.output().split('\n').slice(1)).toEqual([signal, '']);
  });

  it('killing the script outright ends the program and what it started', async () => {
    const started = run();
    await started.said;
    started.child.kill('SIGKILL');
    expect(await started.ended).toBeNull();
    expect(started.output()).toContain('SIGTERM');
  });
});
