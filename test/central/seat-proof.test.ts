import { execFile } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../central/pbx.ts';
import { verifyAudit } from '../../central/audit.ts';
import type { Database } from '../../central/db.ts';
import { rows, statement } from '../../central/db.ts';
import { openSecrets } from '../../central/secrets.ts';
import { openProofs } from '../../central/seat-proof.ts';
import type { CentralClient } from '../../main/engine/central-client.ts';
import { createCentralClient } from '../../main/engine/central-client.ts';
import type { SeatKey } from '../../main/engine/seat-key.ts';
import { openSeatKeys } from '../../main/engine/seat-key.ts';
import { openStore } from '../../main/engine/store/open-store.ts';
import { livePath, liveProtocol, protocolHeader } from '../../shared/central-api.ts';
import { SeatId } from '../../shared/ids.ts';
import { proofHeader, proofProtocolPrefix, proofWindowMs } from '../../shared/seat-proof.ts';
import { memoryLog } from '../main/harness.ts';
import { openLive } from './live-socket.ts';
import { makeManualClock } from './manual-clock.ts';
import type { OpenedDatabase, Rig } from './fixture.ts';
import { clean, databaseKinds, openTestDatabase, passwords, putAgents, putCustomers, startRig } from './fixture.ts';

// Security 47: a token opens nothing but in the hands of the seat it was given to. Real HTTP and WebSocket, the seat's own client.

const random = (count: number): Uint8Array => new Uint8Array(randomBytes(count));
/** As a seat makes it, in a store in memory. */
const newKey = (): SeatKey => {
  const db = openStore('', { key: random(32), kept: 'memory' }, systemClock, memoryLog());
  const key = openSeatKeys(db, random).own();
  db.close();
  return key;
};

describe.each(databaseKinds.slice(-1))('security 47 a token and the key of its seat, on %s', (kind) => {
  let opened: OpenedDatabase;
  let database: Database;
  let rig: Rig;
  let address: string;
  const clients: CentralClient[] = [];
  beforeAll(async () => {
    opened = await openTestDatabase(kind);
    ({ database } = opened);
    await putAgents(database);
  }, 240_000);
  const begin = async (more: object = {}): Promise<void> => {
    rig = await startRig(database, { clock: makeManualClock(Date.now()), ...more });
    address = await rig.central.listen({ port: 0 });
  };
  beforeEach(async () => {
    await clean(database);
    await putCustomers(database, 2);
    await begin();
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) client.close();
    await rig.close();
  });
  afterAll(() => opened.close());

  /** A seat whose clock is wrong by so much. */
  const seatWith = (key: SeatKey | undefined, wrongByMs = 0, seatId = SeatId.parse(randomUUID())) => {
    const clock = { ...systemClock, nowMs: () => systemClock.nowMs() + wrongByMs };
    const client = createCentralClient(
      address,
      clock,
      memoryLog(),
      () => {},
      () => key,
    );
    clients.push(client);
    const seatSecret = 's'.repeat(43);
    const asked = { protocol: 2, agentNumber: '1001', password: passwords['1001'], seatId, seatSecret };
    const seatKey = key === undefined ? {} : { seatKey: key.publicKey };
    return { client, seatId, signIn: () => client.call('signIn', { ...asked, ...seatKey }, null) };
  };
  const signedIn = async (key: SeatKey, wrongByMs = 0) => {
    const seat = seatWith(key, wrongByMs);
    const answer = await seat.signIn();
    if (!answer.ok) throw new Error(JSON.stringify(answer.error));
    return { ...seat, token: answer.value.token };
  };
  const page = { cursor: '', limit: 10 };
  const path = '/v1/changes?cursor=&limit=10';
  const fetched = async (headers: Record<string, string>, body?: string): Promise<number> => {
    const at = body === undefined ? path : '/v1/lookup';
    const method = body === undefined ? 'GET' : 'POST';
    const answer = await fetch(address + at, {
      ...{ method, headers: { [protocolHeader]: '2', 'content-type': 'application/json', ...headers } },
      ...(body === undefined ? {} : { body }),
    });
    return answer.status;
  };
  const trail = async () =>
    (
      await rows(
        database.db,
        statement<{ result: string; agent: string; seat: string }>`
          select result, agent_id as agent, seat_id as seat from audit where kind = 'seat' order by seq`,
      )
    ).map(({ result, agent, seat }) => `${result} ${agent} ${seat}`);

  it('is refused to another process that stole it, by HTTP and on the live line, and written down', async () => {
    const { client, token, seatId } = await signedIn(newKey());
    expect((await client.call('changes', page, token)).ok).toBe(true);
    const thief = `const answer = await fetch(${JSON.stringify(address + path)}, { headers: { authorization: 'Bearer ${token}' } });
      process.stdout.write(answer.status + ' ' + (await answer.text()));`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', thief]);
    expect(stdout).toBe('401 {"error":{"kind":"unauthorised","reason":"seatProof"}}');
    await expect(openLive(address, token)).rejects.toThrow('401');
    // With a key of the thief's own.
    const own = newKey().prove({ method: 'GET', path, token, body: '', atMs: Date.now() });
    expect(await fetched({ authorization: `Bearer ${token}`, [proofHeader]: own })).toBe(401);
    // Once a minute for one session, however often it is tried.
    expect(await trail()).toEqual([`tokenRefused proofMissing A1001 ${seatId}`]);
    expect((await verifyAudit(database.db, (await openSecrets(database.db)).auditKey)).kind).toBe('intact');
    expect(rig.logged.filter(({ level }) => level === 'warn')).toHaveLength(1);
    const metrics = await (await fetch(`${address}/metrics`)).text();
    expect(metrics).toContain('zuoxi_seat_proofs_refused_total{why="proofMissing"} 2');
    expect(metrics).toContain('zuoxi_seat_proofs_refused_total{why="proofWrong"} 1');
    // The seat itself goes on.
    expect((await client.call('changes', page, token)).ok).toBe(true);
  });

  it('a request that was listened to opens nothing again, nor another one', async () => {
    const key = newKey();
    const { token } = await signedIn(key);
    const proof = key.prove({ method: 'GET', path, token, body: '', atMs: Date.now() });
    const headers = { authorization: `Bearer ${token}`, [proofHeader]: proof };
    expect([await fetched(headers), await fetched(headers)]).toEqual([200, 401]);
    const body = JSON.stringify({ key: '+8613800000001' });
    const asked = { method: 'POST', path: '/v1/lookup', token, body, atMs: Date.now() };
    const lookup = { authorization: `Bearer ${token}`, [proofHeader]: key.prove(asked) };
    expect(await fetched(lookup, body.replace('0001', '0002'))).toBe(401);
    expect(await fetched(lookup, body)).toBe(200);
    const live = [liveProtocol, `bearer.${token}`];
    const line = key.prove({ method: 'GET', path: livePath, token, body: '', atMs: Date.now() });
    const socket = await openLive(address, token, [...live, proofProtocolPrefix + line]);
    expect(await socket.next()).toEqual({ t: 'poke' });
    await expect(openLive(address, token, [...live, proofProtocolPrefix + line])).rejects.toThrow('401');
    socket.close();
  });

  it.each([24, -24])('a seat whose clock is wrong by %i h signs by central’s time', async (hours) => {
    const { client, token } = await signedIn(newKey(), hours * 3_600_000);
    expect((await client.call('changes', page, token)).ok).toBe(true);
    const opens = new Promise<boolean>((done) => {
      const ignored = {
        heard: () => {},
        shutOut: () => {},
        ousted: () => {},
        supervised: () => {},
        dialled: () => {},
        calledIn: () => {},
        forced: () => {},
        poked: () => {},
      };
      client.live(token, { ...ignored, opened: () => done(true), closed: () => done(false) });
    });
    expect(await opens).toBe(true);
    expect(await trail()).toEqual([]);
  });

  it('a seat that has told its key is known by it at every sign-in and report; the first one counts', async () => {
    const key = newKey();
    const { client, seatId } = await signedIn(key);
    const report = { seatId, seatSecret: 's'.repeat(43), waiting: 0 };
    expect(await client.call('seatReport', report, null)).toMatchObject({ ok: true, value: { status: 'open' } });
    const other = seatWith(newKey(), 0, seatId);
    expect(await other.signIn()).toMatchObject({ ok: false, error: { kind: 'forbidden', reason: 'seatUnknown' } });
    expect(await seatWith(undefined, 0, seatId).signIn()).toMatchObject({
      ok: false,
      error: { reason: 'seatUnknown' },
    });
    expect(await other.client.call('seatReport', report, null)).toMatchObject({ error: { reason: 'seatProof' } });
    // A key that is only named is not had.
    const named = { ...newKey(), publicKey: newKey().publicKey };
    expect(await seatWith(named).signIn()).toMatchObject({ ok: false, error: { reason: 'seatProof' } });
    expect(await seatWith(key, 0, seatId).signIn()).toMatchObject({ ok: true });
  });

  it('seats of before have no key and are served; where it is asked for they are too old, on purpose', async () => {
    const old = seatWith(undefined);
    const answer = await old.signIn();
    expect(answer).toMatchObject({ ok: true });
    expect(await old.client.call('changes', page, answer.ok ? answer.value.token : '')).toMatchObject({ ok: true });
    // The same seat after its update.
    expect(await seatWith(newKey(), 0, old.seatId).signIn()).toMatchObject({ ok: true });
    await rig.close();
    await begin({ lowestProtocol: 2 });
    expect(await seatWith(undefined).signIn()).toMatchObject({ ok: false, error: { kind: 'tooOld' } });
    expect(await seatWith(newKey()).signIn()).toMatchObject({ ok: true });
  });
});

describe('security 47 what central remembers of proofs', () => {
  it('each is good once, as long as its time is near; forgotten is none that could be used again', () => {
    let nowMs = 1_000_000;
    const proofs = openProofs(() => nowMs);
    const key = newKey();
    const asked = { method: 'GET', path: '/', token: 't', body: '' };
    const made = (atMs: number) => ({ ...asked, proof: key.prove({ ...asked, atMs }) });
    const late = made(nowMs - proofWindowMs - 1);
    expect(proofs.whyNot(key.publicKey, late)).toBe('proofTime');
    const early = made(nowMs + proofWindowMs);
    expect(proofs.whyNot(key.publicKey, early)).toBeUndefined();
    for (let step = 0; step <= 2 * proofWindowMs; step += 1_000) {
      expect(['proofUsed', 'proofTime']).toContain(proofs.whyNot(key.publicKey, early));
      nowMs += 1_000;
    }
    expect(proofs.whyNot(key.publicKey, early)).toBe('proofTime');
    for (const proof of [undefined, '', 'x', `${nowMs}.aaaaaaaaaaa.${'a'.repeat(86)}`, '9'.repeat(400)])
      expect(proofs.whyNot(key.publicKey, { ...asked, proof })).toMatch(/^proof(?:Missing|Wrong)$/);
  });
});
