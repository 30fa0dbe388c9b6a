import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { silent } from '../../central/ambient.ts';
import type { Database } from '../../central/db.ts';
import { firstRow, openDatabase, rows, statement } from '../../central/db.ts';
import { presenceOf } from '../../central/presence.ts';
import { routes } from '../../shared/central-api.ts';
import type { Routes } from '../../shared/central-api.ts';
import {
  customerId,
  databaseKinds,
  newContactId,
  newPostgresDatabase,
  opened,
  passwords,
  putAgents,
  putCustomers,
} from './fixture.ts';
import type { Number } from './fixture.ts';
import type { LiveSocket } from './live-socket.ts';
import { openLive } from './live-socket.ts';
import { inPath } from './postgres.ts';

// Central as it is run: two processes on one PostgreSQL, behind the nginx of README, one drained and one killed while a seat works.

const nginx = inPath('nginx');
if (nginx === undefined)
  process.stderr.write(
    '\n*** NOT TESTED: there is no nginx on this machine; two instances behind a proxy are not. ***\n\n',
  );
const canRun = databaseKinds.includes('postgres') && nginx !== undefined;
const program = fileURLToPath(new URL('../../central/main.ts', import.meta.url));
const patience = { timeout: 60_000, interval: 100 };

type Instance = { readonly url: string; readonly process: ChildProcess; readonly ended: Promise<number | null> };

const freePort = (): Promise<number> =>
  new Promise((done) => {
    const probe = createServer();
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => done(port));
    });
  });

describe.each(canRun ? ['nginx'] : [])('two instances of central behind %s', () => {
  let dir: string;
  let databaseUrl: string;
  let database: Database;
  let proxy: ChildProcess;
  let at: string;
  let ports: readonly [number, number];
  const running = new Set<ChildProcess>();

  const startCentral = async (port: number): Promise<Instance> => {
    const child = spawn(
      process.execPath,
      [
        program,
        '--database-url',
        databaseUrl,
        '--port',
        String(port),
        '--drain-seconds',
        '1',
        '--trust-proxy',
        '127.0.0.1',
      ],
      { cwd: dir, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    running.add(child);
    const ended = new Promise<number | null>((over) => child.once('exit', over));
    let said = '';
    const url = await new Promise<string>((ready, failed) => {
      child.stderr.on('data', (text: Buffer) => void (said += String(text)));
      child.stdout.on('data', (text: Buffer) => {
        said += String(text);
        const address = /central ready: (\S+)/.exec(said)?.[1];
        if (address !== undefined) ready(address);
      });
      void ended.then(() => failed(new Error(`central ended: ${said.slice(-800)}`)));
    });
    return { url, process: child, ended };
  };

  /** README's configuration, with the ports of this test. */
  const startProxy = async (): Promise<void> => {
    const port = await freePort();
    const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
    const block = /```nginx\n([\s\S]*?)```/.exec(readme)?.[1] ?? '';
    const conf = block
      .replace('10.0.0.11:8470', `127.0.0.1:${ports[0]}`)
      .replace('10.0.0.12:8470', `127.0.0.1:${ports[1]}`)
      .replace(/listen 443 ssl;/, `listen 127.0.0.1:${port};`)
      .replace(/^ *ssl_certificate.*$/gm, '');
    writeFileSync(
      join(dir, 'nginx.conf'),
      `daemon off; pid ${dir}/nginx.pid; error_log ${dir}/error.log; worker_processes 1;\n` +
        (process.getuid?.() === 0 ? 'user root;\n' : '') +
        `events { worker_connections 256; }\nhttp { access_log off; client_body_temp_path ${dir}/b; proxy_temp_path ${dir}/p;
         fastcgi_temp_path ${dir}/f; uwsgi_temp_path ${dir}/u; scgi_temp_path ${dir}/s;\n${conf}\n}\n`,
    );
    proxy = spawn(nginx ?? '', ['-p', dir, '-c', join(dir, 'nginx.conf')], { stdio: 'ignore' });
    at = `http://127.0.0.1:${port}`;
    await expect.poll(async () => (await fetch(`${at}/v1/ready`).catch(() => undefined))?.status, patience).toBe(200);
  };

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'zuoxi-two-'));
    databaseUrl = await newPostgresDatabase();
    database = await openDatabase({ kind: 'postgres', url: databaseUrl }, silent);
    await putAgents(database);
    await putCustomers(database, 3);
    ports = [await freePort(), await freePort()];
  }, 300_000);
  afterAll(async () => {
    for (const child of running) child.kill('SIGKILL');
    if (proxy !== undefined) {
      const ended = new Promise((over) => void proxy.once('exit', over));
      proxy.kill('SIGTERM');
      await ended;
    }
    await database.close();
    rmSync(dir, { recursive: true, force: true });
  });

  const asked = async <Name extends keyof Routes>(base: string, name: Name, body: object, token?: string) => {
    const { method, path } = routes[name];
    const query = method === 'GET' ? `?${new URLSearchParams(body as Record<string, string>)}` : '';
    const response = await fetch(`${base}${path}${query}`, {
      method,
      headers: {
        'content-type': 'application/json',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      ...(method === 'GET' ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  const signedIn = async (base: string, number: Number, more: object = {}) => {
    const seatId = randomUUID();
    const answer = await asked(base, 'signIn', {
      ...{ protocol: 1, agentNumber: number, password: passwords[number], seatId },
      ...more,
    });
    expect(answer.status, JSON.stringify(answer.body)).toBe(200);
    return { token: String(answer.body['token']), seatId, agentId: `A${number}` };
  };
  type Seat = Awaited<ReturnType<typeof signedIn>>;
  const opOf = (seat: Seat, seq: number, body: object) => ({
    ...{ id: randomUUID(), seatId: seat.seatId, seq, agentId: seat.agentId, body },
  });
  /** As a seat does: again and again until it is answered, the same op with the same id. */
  const pushed = async (base: string, seat: Seat, op: object): Promise<string> => {
    for (let tries = 0; tries < 200; tries += 1) {
      const answer = await asked(base, 'push', { seatId: seat.seatId, ops: [op] }, seat.token).catch(() => undefined);
      const results = answer?.status === 200 ? (answer.body['results'] as { outcome: string }[]) : undefined;
      if (results?.[0] !== undefined) return results[0].outcome;
      await new Promise((later) => void setTimeout(later, 100));
    }
    throw new Error('never answered');
  };
  const messagesUntil = async (socket: LiveSocket, wanted: string): Promise<unknown> => {
    for (;;) {
      const message = await socket.next();
      if (message.t === wanted) return message;
    }
  };

  it('hold sessions, limits and take-overs together; a drained one and a killed one lose nothing', async () => {
    const [one, two] = await Promise.all([startCentral(ports[0]), startCentral(ports[1])]);
    await startProxy();

    // A session of the one is a session of the other, and ends at both.
    const seat = await signedIn(one.url, '1001');
    expect((await asked(two.url, 'changes', { cursor: '', limit: '1' }, seat.token)).status).toBe(200);

    // A change made at one is told to a seat at the other.
    const socket = await openLive(one.url, seat.token);
    expect(await socket.next()).toEqual({ t: 'poke' });
    const colleague = await signedIn(two.url, '1002');
    const contactId = newContactId();
    await pushed(two.url, colleague, opOf(colleague, 1, opened(contactId, customerId(1), Date.now())));
    expect(await socket.next()).toEqual({ t: 'poke' });

    // R12: tries are counted whichever instance compares them; the third closes the factor at both.
    const left: unknown[] = [];
    for (const base of [one.url, two.url, one.url, two.url]) {
      const tried = { contactId, customerId: customerId(1), factor: 'fullName', value: '不是' };
      left.push((await asked(base, 'check', tried, colleague.token)).body['triesLeft']);
    }
    expect(left).toEqual([2, 1, 0, 0]);

    // Wrong passwords are counted over both.
    for (let n = 0; n < 5; n += 1)
      await asked(n % 2 === 0 ? one.url : two.url, 'signIn', {
        ...{ protocol: 1, agentNumber: '9999', password: 'x', seatId: randomUUID() },
      });
    for (const base of [one.url, two.url])
      expect(
        (await asked(base, 'signIn', { protocol: 1, agentNumber: '9999', password: 'x', seatId: randomUUID() })).status,
      ).toBe(429);

    // Signed in elsewhere, asked at the other instance; taken over there, and the first seat hears it here.
    await expect.poll(async () => (await presenceOf(database.db, 'A1001'))?.live, patience).toBe(true);
    const refusedThere = await asked(two.url, 'signIn', {
      ...{ protocol: 1, agentNumber: '1001', password: passwords['1001'], seatId: randomUUID() },
    });
    expect(refusedThere).toMatchObject({ status: 409, body: { error: { reason: 'signedInElsewhere' } } });
    const taken = await signedIn(two.url, '1001', { takeOver: true });
    expect(await messagesUntil(socket, 'bye')).toEqual({ t: 'bye', kind: 'conflict' });
    expect((await asked(one.url, 'changes', { cursor: '', limit: '1' }, seat.token)).status).toBe(401);

    // A seat works through the proxy while the one is drained, comes back, and the other is killed.
    const contacts: string[] = [];
    let isOver = false;
    const working = (async () => {
      for (let seq = 1; !isOver; seq += 1) {
        const id = newContactId();
        expect(['applied', 'duplicate']).toContain(
          await pushed(at, taken, opOf(taken, seq, opened(id, customerId(2), Date.now()))),
        );
        contacts.push(id);
      }
    })();
    const live = await openLive(at, taken.token);
    await expect.poll(() => contacts.length, patience).toBeGreaterThan(5);
    one.process.kill('SIGTERM');
    expect(await one.ended).toBe(0);
    // Whichever it was at, the seat comes again and is served by the one that is left.
    live.close();
    const afterDrain = contacts.length;
    const again = await openLive(at, taken.token);
    expect(await again.next()).toEqual({ t: 'poke' });
    await expect.poll(() => contacts.length, patience).toBeGreaterThan(afterDrain + 5);

    const back = await startCentral(ports[0]);
    two.process.kill('SIGKILL');
    await two.ended;
    const afterKill = contacts.length;
    await expect.poll(() => contacts.length, patience).toBeGreaterThan(afterKill + 5);
    isOver = true;
    await working;
    const last = await openLive(at, taken.token);
    expect(await last.next()).toEqual({ t: 'poke' });
    await expect.poll(async () => (await presenceOf(database.db, 'A1001'))?.live, patience).toBe(true);

    // Everything acknowledged is there, once; nothing else is.
    const kept = await rows(
      database.db,
      statement<{ id: string }>`select id from contact where customer_id = 'C2' order by opened_at_ms, id`,
    );
    expect(kept.map(({ id }) => id).toSorted()).toEqual(contacts.toSorted());
    const ops = await firstRow(
      database.db,
      statement<{ count: number; apart: number }>`
        select count(*)::int as count, count(distinct seq)::int as apart from op where seat_id = ${taken.seatId}`,
    );
    expect(ops).toEqual({ count: contacts.length, apart: contacts.length });
    last.close();
    again.close();
    back.process.kill('SIGTERM');
    expect(await back.ended).toBe(0);
  }, 400_000);
});
