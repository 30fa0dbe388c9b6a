import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import type { OperatorThread } from '../../practice/operator-side.ts';
import { startOperatorThread } from '../../practice/operator-side.ts';

/** Threads that do one thing each, in place of a whole operator (which test/e2e/start.test.ts starts). */
const dir = mkdtempSync(join(tmpdir(), 'zuoxi-operator-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const asked = { dataDir: dir, customers: 1_000, centralPort: 0, isAutomatic: false };
const side = { centralUrl: 'http://127.0.0.1:1', sipOrigin: 'ws://127.0.0.1:2', operatorKey: 'lanqiao' };
const ready = `parentPort.postMessage({ ready: ${JSON.stringify(side)} });`;

const threadThat = (name: string, does: string): OperatorThread => {
  const file = join(dir, `${name}.mjs`);
  writeFileSync(file, `import { parentPort, workerData } from 'node:worker_threads';\n${does}\n`);
  return startOperatorThread(asked, pathToFileURL(file));
};

/** What a promise says now: its value, or that it says nothing. */
const now = <T>(promise: Promise<T>): Promise<T | 'nothing'> =>
  Promise.race([promise, new Promise<'nothing'>((done) => setImmediate(() => done('nothing')))]);

describe('the thread of the operator side', () => {
  it('tells where central and the exchange are, and is over once it was asked to end', async () => {
    const thread = threadThat('good', `parentPort.once('message', () => process.exit(0)); ${ready}`);
    expect(await thread.ready).toEqual(side);
    await thread.close();
    expect(await now(thread.broke)).toBe('nothing');
  });

  it('a start that fails is told in its own words', async () => {
    const thread = threadThat(
      'bad',
      `parentPort.postMessage({ failed: 'port ' + workerData.centralPort + ' is taken' });`,
    );
    await expect(thread.ready).rejects.toThrow('port 0 is taken');
    await thread.close();
  });

  it('a thread that throws or ends while it starts is a failed start', async () => {
    await expect(threadThat('throws', `throw new Error('no such folder');`).ready).rejects.toThrow('no such folder');
    await expect(threadThat('ends', '').ready).rejects.toThrow('ended');
  });

  it('a fault later on is told: practice mode without an operator is over', async () => {
    const thread = threadThat('breaks', `${ready} setTimeout(() => { throw new Error('the database is gone'); }, 5);`);
    await thread.ready;
    expect((await thread.broke).message).toBe('the database is gone');
    await thread.close();
  });

  it('asked to end while it starts, it neither hangs nor counts as a failed start', async () => {
    const thread = threadThat('slow', `parentPort.once('message', () => process.exit(0));`);
    await thread.close();
    expect(await now(thread.ready.then(() => 'ready'))).toBe('nothing');
  });

  it('what goes wrong while it ends is told to whoever ends it', async () => {
    const thread = threadThat(
      'stuck',
      `parentPort.once('message', () => { throw new Error('not closed'); }); ${ready}`,
    );
    await thread.ready;
    await expect(thread.close()).rejects.toThrow('not closed');
  });
});
