import { randomUUID } from 'node:crypto';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { silent } from '../../central/ambient.ts';
import type { Database } from '../../central/db.ts';
import { openDatabase } from '../../central/db.ts';
import { makeRateLimit } from '../../central/rate-limit.ts';
import { routeRules } from '../../central/route-rules.ts';
import { routes } from '../../shared/central-api.ts';
import type { OpenedDatabase, Rig } from './fixture.ts';
import { openLive } from './live-socket.ts';
import {
  ask,
  clean,
  databaseKind,
  databaseKinds,
  newPostgresDatabase,
  openTestDatabase,
  passwords,
  putAgents,
  signIn,
  startRig,
} from './fixture.ts';

let opened: OpenedDatabase;
let database: Database;
let rig: Rig;
beforeAll(async () => {
  opened = await openTestDatabase(databaseKind);
  ({ database } = opened);
  await putAgents(database);
});
beforeEach(async () => {
  await clean(database);
  rig = await startRig(database, { trustedProxies: ['127.0.0.1'] });
});
afterEach(() => rig.close());
afterAll(() => opened.close());

const signingIn = (of: object, from = '10.1.1.1') =>
  rig.central.app.inject({
    method: 'POST',
    url: routes.signIn.path,
    headers: { 'x-forwarded-for': from },
    payload: { protocol: 1, agentNumber: '1001', password: 'wrong', seatId: randomUUID(), ...of },
  });
const minute = 60_000;

describe('how often', () => {
  it('a session may ask a route is its rule’s; more is 429 with the seconds to wait, and another route goes on', async () => {
    const seat = await signIn(rig, '1001');
    const lookUp = () =>
      rig.central.app.inject({
        method: 'POST',
        url: routes.lookup.path,
        headers: { authorization: `Bearer ${seat.token}` },
        payload: { key: '+8613800000001' },
      });
    for (let n = 0; n < routeRules.lookup.perMinute; n += 1) expect((await lookUp()).statusCode).toBe(200);
    rig.clock.advance(20_000);
    const refused = await lookUp();
    expect([refused.statusCode, refused.headers['retry-after']]).toEqual([429, '40']);
    expect((await ask(rig, 'colleagues', {}, seat.token)).status).toBe(200);
    rig.clock.advance(40_000);
    expect((await lookUp()).statusCode).toBe(200);
  });

  it('a seat may report for itself is counted by the seat: a centre of thousands behind one address is heard (security 34)', async () => {
    await rig.close();
    // Ten sign-ins a minute and twenty times as many reports from an address.
    rig = await startRig(database, { signInsPerMinute: 10 });
    const report = async (seatId: string) =>
      (await ask(rig, 'seatReport', { seatId, seatSecret: 's'.repeat(43), waiting: 0 })).status;
    const own = randomUUID();
    for (let n = 0; n < routeRules.seatReport.perMinute; n += 1) expect(await report(own)).toBe(403);
    expect(await report(own)).toBe(429);
    for (let n = 0; n < 79; n += 1) expect(await report(randomUUID())).toBe(403);
    expect(await report(randomUUID())).toBe(429);
  });

  it('a session may open the live line is its rule’s too', async () => {
    const seat = await signIn(rig, '1001');
    const address = await rig.central.listen({ port: 0 });
    for (let n = 0; n < routeRules.live.perMinute; n += 1)
      await openLive(address, seat.token).then((socket) => socket.close());
    await expect(openLive(address, seat.token)).rejects.toThrow('429');
  });

  it('is counted anew each minute, by key, whatever the clock does', () => {
    let nowMs = 1_000_000;
    const { take } = makeRateLimit(() => nowMs);
    expect([take('a', 2), take('a', 2), take('a', 2), take('b', 2)]).toEqual([undefined, undefined, 60, undefined]);
    nowMs += 59_999;
    expect(take('a', 2)).toBe(1);
    nowMs += 1;
    expect(take('a', 2)).toBeUndefined();
    nowMs -= 3_600_000;
    expect([take('a', 1), take('a', 1)]).toEqual([undefined, 60]);
  });
});

describe('wrong passwords', () => {
  it('make the number wait longer each time, and are forgotten with the right one', async () => {
    const waits: unknown[] = [];
    for (const pauseMinutes of [5, 15, 60]) {
      for (let n = 0; n < 5; n += 1) expect((await signingIn({})).statusCode).toBe(401);
      const paused = await signingIn({ password: passwords['1001'] });
      waits.push([paused.statusCode, paused.headers['retry-after']]);
      rig.clock.advance(pauseMinutes * minute + 1);
    }
    expect(waits).toEqual([
      [429, '300'],
      [429, '900'],
      [429, '3600'],
    ]);
    expect((await signingIn({ password: passwords['1001'] })).statusCode).toBe(200);
    for (let n = 0; n < 4; n += 1) expect((await signingIn({})).statusCode).toBe(401);
    expect((await signingIn({ password: passwords['1001'] })).statusCode).toBe(200);
  });

  it('of many numbers from one address stop that address, as the proxy names it, and nobody else', async () => {
    for (let n = 0; n < 100; n += 1) await signingIn({ agentNumber: `77${n}` });
    const good = { password: passwords['1001'] };
    expect((await signingIn(good)).statusCode).toBe(429);
    expect((await signingIn(good, '10.1.1.2')).statusCode).toBe(200);
    rig.clock.advance(5 * minute + 1);
    expect((await signingIn({ agentNumber: '1002', password: passwords['1002'] })).statusCode).toBe(200);
  });
});

/** A wire to PostgreSQL that can be cut. */
const startWire = async (path: string) => {
  const sockets = new Set<Socket>();
  let isCut = false;
  const server = createServer((near) => {
    if (isCut) return void near.destroy();
    const far = connect(path);
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        near.destroy();
        far.destroy();
      });
    }
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((listening) => void server.listen(0, '127.0.0.1', listening));
  return {
    port: (server.address() as AddressInfo).port,
    cut: () => {
      isCut = true;
      for (const socket of sockets) socket.destroy();
    },
    mend: () => {
      isCut = false;
    },
    close: () => server.close(),
  };
};

describe.each(databaseKinds.filter((kind) => kind === 'postgres'))('while %s is away', () => {
  it('everything is 503 with a time to come again, and goes on by itself once it is back', async () => {
    const url = new URL(await newPostgresDatabase());
    const wire = await startWire(`${url.searchParams.get('host')}/.s.PGSQL.5432`);
    const far = `postgres://zuoxi@127.0.0.1:${wire.port}${url.pathname}`;
    const cut = await openDatabase({ kind: 'postgres', url: far }, silent);
    await putAgents(cut);
    const other = await startRig(cut);
    const seat = await signIn(other, '1001');
    const changes = () =>
      other.central.app.inject({
        url: `${routes.changes.path}?cursor=&limit=1`,
        headers: { authorization: `Bearer ${seat.token}` },
      });
    expect((await changes()).statusCode).toBe(200);
    wire.cut();
    for (let n = 0; n < 12; n += 1) {
      const answer = await changes();
      expect([answer.statusCode, answer.headers['retry-after']]).toEqual([503, '2']);
      expect(answer.json()).toEqual({ error: { kind: 'offline' } });
    }
    expect((await other.central.app.inject('/v1/ready')).statusCode).toBe(503);
    expect((await other.central.app.inject('/v1/health')).statusCode).toBe(200);
    expect(other.logged.filter(({ level }) => level === 'error')).toEqual([]);
    wire.mend();
    expect((await changes()).statusCode).toBe(200);
    expect((await other.central.app.inject('/v1/ready')).statusCode).toBe(200);
    await other.close();
    await cut.close();
    wire.close();
  });
});
