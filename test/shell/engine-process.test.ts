import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MessageChannel } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { connect } from '../../shared/rpc.ts';
import { seatContract } from '../../shared/seat.ts';
import type { Page } from '../../main/shell/app-scheme.ts';
import { createBroker } from '../../main/shell/broker.ts';
import { createEngineHost } from '../../main/shell/engine-host.ts';
import type { Glance } from '../../main/shell/glance.ts';
import { systemClock } from '../../main/engine/clock.ts';
import { portOver } from '../../main/shell/port.ts';
import { startFakeCentral } from '../main/fake-central.ts';
import { FakePort } from './fake-electron.ts';
import { WorkerProcess } from './worker-process.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'zuoxi-engine-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Host, broker and the real engine in a thread of its own, as main.ts puts them together. */
const running = (centralUrl = 'http://127.0.0.1:9', signInOrigin: string | null = null) => {
  const pages: string[] = [];
  const children: WorkerProcess[] = [];
  const given: { page: Page; to: string; port: MessagePort }[] = [];
  const glances: Glance[] = [];
  const logged: string[] = [];
  const note = (what: string): void => void logged.push(what);
  const host = createEngineHost<MessagePort>({
    fork: () => {
      const child = new WorkerProcess(new URL('../../main/shell/engine-process.ts', import.meta.url).href);
      children.push(child);
      return child;
    },
    start: {
      kind: 'start',
      profileDir: join(folder, 'store'),
      stateDir: folder,
      storeKey: { key: new Uint8Array(32).fill(9), kept: 'keyStore' },
      centralUrl,
      signInOrigin,
    },
    clock: systemClock,
    log: { error: note, warn: note, info: note, debug: note },
    onUp: () => broker.engineUp(),
    onDown: () => broker.engineDown(),
    onGlance: (glance) => glances.push(glance),
    onSignInPage: (url) => pages.push(url),
    onWiped: () => note('wiped'),
  });
  const broker = createBroker<MessagePort>({
    newChannel: () => new MessageChannel(),
    toPage: (page, to, port) => void given.push({ page, to, port }),
    toEngine: (role, port) => host.give(role, port),
  });
  const client = async () => {
    const before = given.length;
    broker.asked('desk');
    await vi.waitFor(() => expect(given.length).toBeGreaterThan(before), 10_000);
    const newest = given.at(-1);
    if (newest === undefined) throw new Error('no port');
    return connect(seatContract, portOver(new FakePort(newest.port)));
  };
  return { host, broker, children, given, glances, logged, pages, client };
};

describe("the engine's own process", () => {
  it('opens an encrypted store with the key it was told, serves the contract, and closes in order', async () => {
    const seat = running();
    seat.host.start();
    const desk = await seat.client();
    const snapshot = await desk.call('seat.snapshot', {});
    expect(snapshot).toMatchObject({ ok: true, value: { session: { kind: 'signedOut' }, store: 'keyStore' } });
    // The snapshot a page begins with is also the first the tray hears.
    await vi.waitFor(() => expect(seat.glances).toEqual([{ agent: 'offline', inCall: false, unsynced: 0 }]));
    await seat.host.stop();
    expect(readdirSync(join(folder, 'store'))).toContain('seat.db');
    expect(readFileSync(join(folder, 'store/seat.db')).subarray(0, 15).toString('latin1')).not.toBe('SQLite format 3');
  });

  it('killed, it comes back with the same store, and the page gets a port that works', async () => {
    const seat = running();
    seat.host.start();
    const before = await seat.client();
    let isLost = false;
    before.onClose(() => (isLost = true));
    expect(await before.call('seat.snapshot', {})).toMatchObject({ ok: true });
    const ports = seat.given.length;
    seat.children[0]?.kill();
    await vi.waitFor(() => expect(isLost).toBe(true), 5_000);
    expect(await before.call('seat.snapshot', {})).toMatchObject({ ok: false, error: { reason: 'connectionLost' } });
    await vi.waitFor(() => expect(seat.given.length).toBe(ports + 1), 10_000);
    const port = seat.given.at(-1)?.port;
    if (port === undefined) throw new Error('no port');
    const after = connect(seatContract, portOver(new FakePort(port)));
    expect(await after.call('seat.snapshot', {})).toMatchObject({ ok: true });
    expect(seat.logged).toContain('engine gone, starting again');
    await seat.host.stop();
  });

  it('has the page of the company’s provider opened, and no page elsewhere', async () => {
    const central = await startFakeCentral([]);
    central.signInWith = ['password', 'company'];
    for (const [origin, outcome] of [
      ['https://id.example', { ok: true, value: { open: null } }],
      ['https://id.elsewhere', { ok: false, error: { reason: 'companyPageElsewhere' } }],
    ] as const) {
      const seat = running(central.url, origin);
      seat.host.start();
      const desk = await seat.client();
      expect(await desk.call('session.company', {})).toMatchObject(outcome);
      await seat.host.stop();
      expect(seat.pages).toEqual(outcome.ok ? [expect.stringContaining('https://id.example/authorize?')] : []);
    }
    await central.close();
  });

  it('a store it cannot open ends it, with a line in the log, and it is tried again later', async () => {
    const seat = running();
    rmSync(folder, { recursive: true });
    writeFileSync(folder, 'a file where the folder should be');
    seat.host.start();
    await vi.waitFor(() => expect(seat.logged.some((what) => what.includes('engine did not open'))).toBe(true), 10_000);
    await vi.waitFor(() => expect(seat.children.length).toBeGreaterThan(1), 10_000);
    await seat.host.stop();
    expect(seat.host.state()).toEqual({ kind: 'stopped' });
  });
});
