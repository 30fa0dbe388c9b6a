import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** `npm start` as a process: ready, stopped, and refused in a sentence when something is in its way. */
const root = fileURLToPath(new URL('../..', import.meta.url));
const dir = mkdtempSync(join(tmpdir(), 'zuoxi-start-'));
const few = ['--customers', '1000', '--host', 'browser', '--no-open', '--calls', 'ask'];
const started: ChildProcess[] = [];
afterAll(() => {
  for (const child of started) if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
  rmSync(dir, { recursive: true, force: true });
});

type Run = {
  readonly child: ChildProcess;
  readonly said: () => string;
  readonly complained: () => string;
  readonly exit: Promise<number | null>;
};

const start = (args: readonly string[]): Run => {
  const child = spawn(process.execPath, ['practice/main.ts', ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.push(child);
  let said = '';
  let complained = '';
  child.stdout.on('data', (piece: Buffer) => (said += piece.toString()));
  child.stderr.on('data', (piece: Buffer) => (complained += piece.toString()));
  const exit = new Promise<number | null>((resolve) => {
    child.once('exit', resolve);
  });
  return { child, said: () => said, complained: () => complained, exit };
};

const exitOf = async (run: Run, withinMs: number): Promise<number | null | 'still running'> => {
  const late = new Promise<'still running'>((resolve) => {
    setTimeout(() => resolve('still running'), withinMs).unref();
  });
  return Promise.race([run.exit, late]);
};

const ready = async (run: Run): Promise<string> => {
  for (let waitedMs = 0; waitedMs < 90_000; waitedMs += 50) {
    const address = /^seat ready: (\S+)$/m.exec(run.said())?.[1];
    if (address !== undefined) return address;
    if (run.child.exitCode !== null) break;
    await new Promise((resolve) => {
      setTimeout(resolve, 50);
    });
  }
  throw new Error(`not ready: ${run.said()} ${run.complained()}`);
};

const isTaken = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(true));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(false)));
  });

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const probe = createServer();
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });

/** Processes whose parent is this one; Linux tells. */
const childrenOf = (pid: number): readonly number[] =>
  existsSync('/proc')
    ? readdirSync('/proc')
        .filter((name) => /^\d+$/.test(name))
        .flatMap((name) => {
          try {
            const [, parent] = readFileSync(`/proc/${name}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
            return Number(parent) === pid ? [Number(name)] : [];
          } catch {
            return [];
          }
        })
    : [];

/** One sentence for people: no stack, no code alone. */
const isSentence = (text: string): void => {
  expect(text.trim()).not.toBe('');
  expect(text).not.toMatch(/\n\s+at |Error:|EADDRINUSE|node:internal/);
};

describe('npm start', () => {
  let running: Run;
  let port: number;
  beforeAll(async () => {
    port = await freePort();
    running = start([...few, '--data', dir, '--port', String(port)]);
    await ready(running);
  });

  it('says where the seat is, and that page is there', async () => {
    const address = await ready(running);
    expect(new URL(address).port).toBe(String(port));
    expect(running.said()).toMatch(/^host: browser, as asked$/m);
    const door = await fetch(address, { redirect: 'manual' });
    expect(door.status).toBe(303);
    const page = await fetch(new URL('/', address), {
      headers: { cookie: door.headers.getSetCookie()[0]?.split(';')[0] ?? '' },
    });
    expect(page.status).toBe(200);
    expect(page.headers.get('content-type')).toContain('text/html');
  });

  it('a second one on the same folder: a sentence, exit 1, and the first goes on', async () => {
    const second = start([...few, '--data', dir, '--port', '0']);
    expect(await exitOf(second, 30_000)).toBe(1);
    isSentence(second.complained());
    expect(second.complained()).toContain('Practice mode is already running');
    expect(second.complained()).toContain('--data');
    expect(running.child.exitCode).toBeNull();
    expect(await isTaken(port)).toBe(true);
  });

  it('a port already in use: a sentence that names it, exit 1, nothing left behind', async () => {
    const other = mkdtempSync(join(tmpdir(), 'zuoxi-start-'));
    const second = start([...few, '--data', other, '--port', String(port)]);
    expect(await exitOf(second, 90_000)).toBe(1);
    isSentence(second.complained());
    expect(second.complained()).toContain(`port ${port}`);
    expect(second.complained()).toContain('--port');
    expect(existsSync(join(other, 'practice.pid'))).toBe(false);
    expect(second.said()).not.toContain('seat ready');
    rmSync(other, { recursive: true, force: true });
  });

  it('a port that central is to have and that is taken: a sentence, exit 1, nothing left behind', async () => {
    const other = mkdtempSync(join(tmpdir(), 'zuoxi-start-'));
    const second = start([...few, '--data', other, '--port', '0', '--central-port', String(port)]);
    expect(await exitOf(second, 90_000)).toBe(1);
    isSentence(second.complained());
    expect(second.complained()).toContain(`port ${port}`);
    expect(second.complained()).toContain('--central-port');
    expect(existsSync(join(other, 'practice.pid'))).toBe(false);
    expect(second.said()).not.toContain('starting practice mode');
    rmSync(other, { recursive: true, force: true });
  });

  it('Ctrl-C stops everything it started: exit 0, port free, no child, no lock; and it starts again', async () => {
    const pid = running.child.pid ?? 0;
    const children = childrenOf(pid);
    running.child.kill('SIGINT');
    expect(await exitOf(running, 20_000)).toBe(0);
    expect(running.said()).toContain('stopping');
    expect(running.complained()).toBe('');
    expect(await isTaken(port)).toBe(false);
    expect(existsSync(join(dir, 'practice.pid'))).toBe(false);
    for (const child of children) expect(existsSync(`/proc/${child}`)).toBe(false);
    const again = start([...few, '--data', dir, '--port', String(port)]);
    await ready(again);
    again.child.kill('SIGTERM');
    expect(await exitOf(again, 20_000)).toBe(0);
  });

  it('Ctrl-C while it is still starting: nothing is left behind', async () => {
    const early = start([...few, '--data', dir, '--port', String(port)]);
    await expect.poll(() => early.said(), { timeout: 30_000, interval: 20 }).toContain('starting practice mode');
    early.child.kill('SIGINT');
    expect(await exitOf(early, 30_000)).toBe(0);
    expect(existsSync(join(dir, 'practice.pid'))).toBe(false);
    expect(await isTaken(port)).toBe(false);
  });
});

describe('a command line that does not fit', () => {
  it.each([
    [['--port', '70000'], 'A port is a number'],
    [['--port', 'abc'], 'A port is a number'],
    [['--host', 'safari'], '--host is electron or browser'],
    [['--customers', '12'], '--customers is a number'],
    [['--calls', 'never'], '--calls is auto or ask'],
    [['--nonsense'], '--nonsense'],
    [['--port'], '--port'],
  ])('%j: a sentence, the usage, exit 2', async (args, says) => {
    const run = start(args);
    expect(await exitOf(run, 20_000)).toBe(2);
    isSentence(run.complained());
    expect(run.complained()).toContain(says);
    expect(run.complained()).toContain('npm start -- [--host');
    expect(run.said()).toBe('');
  });
});
