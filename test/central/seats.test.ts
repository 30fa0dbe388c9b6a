import { createCipheriv, createPublicKey, diffieHellman, generateKeyPairSync, hkdfSync } from 'node:crypto';
import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { verifyAudit } from '../../central/audit.ts';
import type { Database } from '../../central/db.ts';
import { rows, statement } from '../../central/db.ts';
import { seatsCommand } from '../../central/seats-cli.ts';
import { putAgent } from '../../central/agents.ts';
import { hashPassword, openSecrets } from '../../central/secrets.ts';
import { AgentId, OpId } from '../../shared/ids.ts';
import type { OpBody } from '../../shared/op.ts';
import type { OpenedDatabase, Rig, Seat } from './fixture.ts';
import {
  ask,
  clean,
  customerId,
  databaseKinds,
  opened as openedOp,
  newContactId,
  openTestDatabase,
  passwords,
  putAgents,
  putCustomers,
  signIn,
  startCall,
  startRig,
} from './fixture.ts';

describe.each(databaseKinds.slice(-1))('seats on %s', (kind) => {
  let opened: OpenedDatabase;
  let database: Database;
  let rig: Rig;
  beforeAll(async () => {
    opened = await openTestDatabase(kind);
    ({ database } = opened);
    await putAgents(database);
    const manager = { id: AgentId.parse('A3001'), number: '3001', name: '经理', role: 'manager' as const, queues: [] };
    await putAgent(database.db, { ...manager, password: await hashPassword('manager-secret') });
  }, 240_000);
  beforeEach(async () => {
    await clean(database);
    await putCustomers(database, 3);
    rig = await startRig(database);
  });
  afterEach(() => rig.close());
  afterAll(() => opened.close());

  const seatSecret = 's'.repeat(43);
  const signInWith = (seatId: string, secret?: string) =>
    ask(rig, 'signIn', {
      ...{ protocol: 1, agentNumber: '1001', password: passwords['1001'], seatId },
      ...(secret === undefined ? {} : { seatSecret: secret }),
    });
  const report = (seatId: string, more: object = {}) =>
    ask(rig, 'seatReport', { seatId, seatSecret, waiting: 0, ...more });
  const manager = async (): Promise<string> =>
    (await ask(rig, 'signIn', { protocol: 1, agentNumber: '3001', password: 'manager-secret', seatId: randomUUID() }))
      .value.token;
  const opOf = (seatId: string, seq: number, body: OpBody, agentId = 'A1001') => ({
    ...{ id: OpId.parse(randomUUID()), seatId, seq, agentId, body },
  });
  const trail = async () =>
    (
      await rows(database.db, statement<{ result: string }>`select result from audit where kind = 'seat' order by seq`)
    ).map((row) => row.result.split(' ')[0]);

  it('security 47 a seat is known by its secret: another profile with its id gets nowhere', async () => {
    const seatId = randomUUID();
    expect((await signInWith(seatId, seatSecret)).status).toBe(200);
    expect((await signInWith(seatId, 'x'.repeat(43))).error).toMatchObject({
      kind: 'forbidden',
      reason: 'seatUnknown',
    });
    expect((await signInWith(seatId)).error).toMatchObject({ reason: 'seatUnknown' });
    expect((await signInWith(seatId, seatSecret)).status).toBe(200);
    const wrong = { seatId, seatSecret: 'x'.repeat(43), waiting: 0 };
    expect((await ask(rig, 'seatReport', wrong)).error).toMatchObject({ kind: 'forbidden', reason: 'seatUnknown' });
    expect((await report(randomUUID())).error).toMatchObject({ kind: 'forbidden', reason: 'seatUnknown' });
  });

  it('security 44 central lists what a seat holds, looked-up callers too until the seat has none in memory', async () => {
    const seat = await signIn(rig, '1001');
    await ask(rig, 'changes', { cursor: '', limit: '100', waiting: '7', met: '1' }, seat.token);
    await ask(rig, 'lookup', { key: '+8613800000002' }, seat.token);
    const token = await manager();
    const list = async () => (await ask(rig, 'seats', {}, token)).value.seats.find((row) => row.seatId === seat.seatId);
    expect(await list()).toMatchObject({
      agentNumber: '1001',
      waiting: 7,
      held: 3,
      lookedUp: 1,
      status: 'open',
      protocol: 1,
    });
    const { customers } = (await ask(rig, 'seatHoldings', { seatId: seat.seatId }, token)).value;
    expect(customers.map((row) => row.customerId)).toEqual(['C1', 'C2', 'C3']);
    const { cursor } = await seat.pull('');
    rig.clock.advance(61_000);
    await ask(rig, 'changes', { cursor, limit: '100', waiting: '0', met: '0' }, seat.token);
    expect(await list()).toMatchObject({ waiting: 0, lookedUp: 0 });
    expect((await ask(rig, 'seats', {}, seat.token)).error).toMatchObject({ kind: 'forbidden', reason: 'role' });
    expect((await ask(rig, 'seatHoldings', { seatId: seat.seatId }, seat.token)).status).toBe(403);
    const order = { seatId: seat.seatId, kind: 'wipe', reason: 'test' };
    expect((await ask(rig, 'seatOrder', order, seat.token)).status).toBe(403);
  });

  it('security 34 a locked seat is shut at central at once, told when it reports, and opened again', async () => {
    const seatId = randomUUID();
    const { token } = (await signInWith(seatId, seatSecret)).value;
    const boss = await manager();
    const order = (kindOfOrder: string) =>
      ask(rig, 'seatOrder', { seatId, kind: kindOfOrder, reason: 'laptop not found' }, boss);
    expect((await order('lock')).value).toEqual({ status: 'locked' });
    expect((await ask(rig, 'changes', { cursor: '', limit: '1' }, token)).status).toBe(401);
    expect((await signInWith(seatId, seatSecret)).error).toMatchObject({ kind: 'locked', reason: 'seatLocked' });
    const told = (await report(seatId)).value;
    expect(told).toMatchObject({ status: 'locked', order: { kind: 'lock' } });
    const receipt = { orderId: told.order?.id, outcome: 'locked', atMs: 1, sealedOps: 0 };
    expect((await report(seatId, { receipt })).value).toMatchObject({ status: 'locked', order: null });
    expect((await order('unlock')).value).toEqual({ status: 'open' });
    expect((await signInWith(seatId, seatSecret)).status).toBe(200);
    expect(await trail()).toEqual(['lock', 'locked', 'unlock']);
    const { auditKey } = await openSecrets(database.db);
    expect(await verifyAudit(database.db, auditKey)).toMatchObject({ kind: 'intact' });
  });

  it('security 34 a wiped seat delivers first, is struck off the list by its receipt, and stays shut', async () => {
    const seatId = randomUUID();
    const { token } = (await signInWith(seatId, seatSecret)).value;
    await ask(rig, 'changes', { cursor: '', limit: '100' }, token);
    const secrets = await openSecrets(database.db);
    const cli = (asked: object) => seatsCommand(database, secrets, { nowMs: 1_000, ...asked });
    expect(await cli({})).toContain(seatId);
    expect(await cli({ seat: seatId })).toBe('C1\tworkingSet\nC2\tworkingSet\nC3\tworkingSet\n');
    await expect(cli({ seat: seatId, order: 'burn' })).rejects.toThrow('lock, wipe or unlock');
    await expect(cli({ order: 'wipe', reason: 'stolen' })).rejects.toThrow('--seat');
    await expect(cli({ seat: seatId, order: 'wipe' })).rejects.toThrow('--reason');
    await expect(cli({ seat: 'nobody', order: 'wipe', reason: 'stolen' })).rejects.toThrow('no seat');
    expect(await cli({ seat: seatId, order: 'wipe', reason: 'stolen' })).toContain('wiping');
    const contactId = newContactId();
    const op = opOf(seatId, 1, openedOp(contactId, customerId(1), 5));
    const told = (await report(seatId, { waiting: 1, ops: [op] })).value;
    expect(told.results).toEqual([{ opId: op.id, outcome: 'applied' }]);
    const late = opOf(seatId, 2, { name: 'contact.answered', contactId, atMs: 6 });
    const sealed = seal(JSON.stringify({ seatId, ops: [late] }), told.order?.sealTo ?? '');
    expect((await report(seatId, { sealed: sealed.slice(0, -8) })).error).toMatchObject({ reason: 'sealBroken' });
    const receipt = { orderId: told.order?.id, outcome: 'wiped', atMs: 1, sealedOps: 1 };
    // The secret went with everything else: the order's id stands for it.
    const lateWord = { receipt, sealed, seatSecret: receipt.orderId };
    expect((await report(seatId, { ...lateWord, ops: [late] })).status).toBe(403);
    for (let twice = 0; twice < 2; twice += 1)
      expect((await report(seatId, lateWord)).value).toMatchObject({ status: 'wiped', order: null });
    const kept = await rows(
      database.db,
      statement<{ id: string; by: string; outcome: string }>`
        select id, delivered_by as by, outcome from op where seat_id = ${seatId} order by seq`,
    );
    expect(kept).toEqual([op, late].map(({ id }) => ({ id, by: 'seat', outcome: 'applied' })));
    expect(await cli({ seat: seatId })).toBe('');
    await expect(cli({ seat: seatId, order: 'unlock', reason: 'found' })).rejects.toThrow('wiped already');
    expect((await signInWith(seatId, seatSecret)).error).toMatchObject({ reason: 'seatLocked' });
    expect(await trail()).toEqual(['wipe', 'wiped']);
  });

  const inCall = async (seat: Seat) => ({ seat, contactId: await startCall(rig, seat, customerId(1)) });
  const rowOf = async (seat: Seat) => {
    const found = (await seat.pull('')).changes.find((change) => change.entity === 'customer' && change.id === 'C1');
    return found?.entity === 'customer' ? found.row : undefined;
  };

  it('R7 a field set at two seats is the one that arrived last, whatever their clocks say, and every word is kept', async () => {
    const one = await inCall(await signIn(rig, '1001'));
    const other = await inCall(await signIn(rig, '1002'));
    const set = (at: typeof one, value: string, atMs: number, key = 'otherNumber') =>
      at.seat.push({ name: 'customer.fieldSet', customerId: customerId(1), contactId: at.contactId, key, value, atMs });
    // The first seat's clock is a day ahead.
    await set(one, '13900000001', rig.clock.nowMs() + 86_400_000);
    rig.clock.advance(1_000);
    await set(other, '13900000002', rig.clock.nowMs() - 262_000);
    await set(other, '上午', 5, 'preferredTime');
    const row = await rowOf(one.seat);
    expect(row?.fields.find(({ key }) => key === 'otherNumber')).toEqual({
      ...{ key: 'otherNumber', class: 3, shown: '********02' },
      from: { agentName: '周南乔', atMs: rig.clock.nowMs(), contactId: other.contactId },
    });
    expect(row?.fields.find(({ key }) => key === 'preferredTime')?.shown).toBe('上午');
    const said = await rows(
      database.db,
      statement<{
        value: string;
      }>`select value from customer_field_set where key = 'otherNumber' order by arrived_at_ms`,
    );
    expect(said.map((one_) => one_.value)).toEqual(['13900000001', '13900000002']);
    expect(await set(one, 'x', 1, 'idNumber')).toMatchObject([{ outcome: 'refused', reason: 'fieldNotEditable' }]);
    const foreign = { ...one, contactId: other.contactId };
    expect(await set(foreign, 'x', 1)).toMatchObject([{ outcome: 'refused', reason: 'notInThisCall' }]);
  });

  it('R22 a refusal always wins, and is taken before what was written before it', async () => {
    const { seat, contactId } = await inCall(await signIn(rig, '1001'));
    const at = { customerId: customerId(1), contactId };
    await seat.push(
      { name: 'customer.fieldSet', ...at, key: 'remark', value: 'likes offers', atMs: 1 },
      { name: 'customer.refused', ...at, atMs: 2 },
    );
    const order = await rows(
      database.db,
      statement<{ name: string }>`
      select body ->> 'name' as name from op where body ->> 'name' like 'customer.%' order by ctid`,
    );
    expect(order.map((row) => row.name)).toEqual(['customer.refused', 'customer.fieldSet']);
    expect(await rowOf(seat)).toMatchObject({ refusesMarketing: true });
    await seat.push({ name: 'customer.fieldSet', ...at, key: 'remark', value: 'again', atMs: 3 });
    expect(await rowOf(seat)).toMatchObject({ refusesMarketing: true });
  });

  it('security 86 an op given up is kept beside the refusal and in the audit chain; one that stands cannot be given up', async () => {
    const { seat, contactId } = await inCall(await signIn(rig, '1001'));
    const bad = opOf(seat.seatId, 50, {
      name: 'contact.wrappedUp',
      contactId,
      disposition: ['x'],
      forced: false,
      note: '',
      atMs: 2,
    });
    const push = (op: object) => ask(rig, 'push', { seatId: seat.seatId, ops: [op] }, seat.token);
    expect((await push(bad)).value.results).toMatchObject([{ outcome: 'refused', reason: 'callRunning' }]);
    const discard = (opId: OpId): OpBody => ({
      ...{
        name: 'op.discarded',
        opId,
        of: 'contact.wrappedUp',
        contactId,
        refused: 'conflict.callRunning',
        reason: 'by mistake',
        atMs: 3,
      },
    });
    expect((await push(opOf(seat.seatId, 51, discard(bad.id)))).value.results).toMatchObject([{ outcome: 'applied' }]);
    const [entry] = await rows(
      database.db,
      statement<{ result: string }>`select result from audit where kind = 'opDiscarded'`,
    );
    expect(entry?.result).toContain('by mistake');
    const standing = await rows(
      database.db,
      statement<{ id: OpId }>`select id from op where outcome = 'applied' limit 1`,
    );
    const wrong = opOf(seat.seatId, 52, discard(standing[0]?.id ?? bad.id));
    expect((await push(wrong)).value.results).toMatchObject([{ outcome: 'refused', reason: 'opNotRefused' }]);
  });
});

/** As a seat does it. */
const seal = (text: string, to: string): string => {
  const theirs = createPublicKey({ key: Buffer.from(to, 'base64'), format: 'der', type: 'spki' });
  const { publicKey, privateKey } = generateKeyPairSync('x25519');
  const own = publicKey.export({ format: 'der', type: 'spki' });
  const shared = diffieHellman({ privateKey, publicKey: theirs });
  const nonce = randomBytes(12);
  const key = Buffer.from(hkdfSync('sha256', shared, own, 'zuoxi unsent 1', 32));
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([own, nonce, cipher.getAuthTag(), body]).toString('base64');
};
