import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../../central/db.ts';
import { transaction } from '../../central/db.ts';
import { publishReference } from '../../central/feed.ts';
import { openSecrets } from '../../central/secrets.ts';
import type { Scope } from '../../central/working-set.ts';
import { AgentId, OpId } from '../../shared/ids.ts';
import { verifyAudit } from '../../central/audit.ts';
import type { OpenedDatabase } from './fixture.ts';
import { openLive } from './live-socket.ts';
import {
  ask,
  clean,
  customerId,
  databaseKinds,
  newContactId,
  opened as openedOp,
  openTestDatabase,
  pageOf,
  putAgents,
  putCustomers,
  signIn,
  startCall,
  startRig,
} from './fixture.ts';

const scope: Scope = { kind: 'all', cap: 100, epoch: 'epoch', cursorKey: new Uint8Array(32) };
const reader = { id: AgentId.parse('A1001'), queues: [], seatId: 'seat-1' };
const notice = (id: string) => ({
  id,
  row: { id, area: null, packageId: null, severity: 'change', text: { zh: id, en: id }, fromMs: 0, toMs: 1 },
});
/** A promise and what settles it. */
const gate = () => {
  let open = () => {};
  const opened = new Promise<void>((done) => {
    open = done;
  });
  return { opened, open };
};
const noticesAfter = async (database: Database, cursor: string) => {
  const page = await pageOf(database, scope, reader, { cursor, limit: 1_000 });
  return {
    ids: page.changes.filter((change) => change.entity === 'notice').map((change) => change.id),
    cursor: page.cursor,
  };
};

describe.each(databaseKinds)('many at once on %s', (kind) => {
  let opened: OpenedDatabase;
  let database: Database;
  beforeAll(async () => {
    opened = await openTestDatabase(kind);
    ({ database } = opened);
    await putAgents(database);
  });
  beforeEach(() => clean(database));
  afterAll(() => opened.close());

  it('SYNC a reader between many writers misses nothing and ends with everything', async () => {
    const prefix = randomUUID().slice(0, 8);
    const seen = new Set<string>();
    let cursor = '';
    const writing = { isOver: false };
    const reading = (async () => {
      do {
        const next = await noticesAfter(database, cursor);
        for (const id of next.ids) seen.add(id);
        ({ cursor } = next);
        await new Promise((later) => void setTimeout(later, 1));
      } while (!writing.isOver);
    })();
    await Promise.all(
      Array.from({ length: 8 }, async (_, writer) => {
        for (let n = 0; n < 12; n += 1)
          await transaction(database.db, async (tx) => {
            await publishReference(tx, 'notice', [notice(`${prefix}-${writer}-${n}`)]);
            await new Promise((later) => void setTimeout(later, (writer * 7 + n * 5) % 11));
          });
      }),
    );
    writing.isOver = true;
    await reading;
    for (const id of (await noticesAfter(database, cursor)).ids) seen.add(id);
    expect([...seen].filter((id) => id.startsWith(prefix))).toHaveLength(96);
  });

  it('R12 tries from many seats at once are counted one by one', async () => {
    await putCustomers(database, 1);
    const rig = await startRig(database);
    const seat = await signIn(rig, '1001');
    const calls = await Promise.all(Array.from({ length: 4 }, () => startCall(rig, seat, customerId(1))));
    const answers = await Promise.all(
      calls.flatMap((contactId) =>
        (['fullName', 'package', 'lastBillRange'] as const).map((factor) =>
          ask(rig, 'check', { contactId, customerId: customerId(1), factor, value: '999999' }, seat.token),
        ),
      ),
    );
    expect(answers.every((answer) => answer.status === 200 && !answer.value.matched)).toBe(true);
    // The sixth and later failures come after the lock; exactly one case was opened.
    const changes = await seat.pull('');
    const customer = changes.changes.find((change) => change.entity === 'customer')?.row;
    expect(customer).toMatchObject({ cases: [{ kind: 'report' }] });
    const { auditKey } = await openSecrets(database.db);
    expect(await verifyAudit(database.db, auditKey)).toMatchObject({ kind: 'intact' });
    await rig.close();
  });

  it('ops that race with the same id, or for the same contact, take effect once', async () => {
    await putCustomers(database, 1);
    const rig = await startRig(database);
    const seat = await signIn(rig, '1001');
    const contactId = newContactId();
    const body = openedOp(contactId, customerId(1), 1);
    const op = { id: OpId.parse(randomUUID()), seatId: seat.seatId, seq: 1, agentId: seat.agentId, body };
    const push = () => ask(rig, 'push', { seatId: seat.seatId, ops: [op] }, seat.token);
    const answers = await Promise.all([push(), push(), push(), push()]);
    const outcomes = answers.map((answer) => answer.value.results[0]?.outcome);
    expect(outcomes.filter((outcome) => outcome === 'applied')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'duplicate')).toHaveLength(3);
    const others = await Promise.all([1, 2, 3].map(() => seat.push(openedOp(contactId, customerId(1), 1))));
    expect(others.map(([result]) => result)).toEqual(
      [1, 2, 3].map(() => expect.objectContaining({ outcome: 'refused', kind: 'conflict', reason: 'contactExists' })),
    );
    await rig.close();
  });
});

const realOnly = databaseKinds.filter((kind) => kind === 'postgres');
describe.each(realOnly)('two connections on %s', (kind) => {
  let opened: OpenedDatabase;
  let database: Database;
  beforeAll(async () => {
    opened = await openTestDatabase(kind);
    ({ database } = opened);
    await putAgents(database);
  });
  afterAll(() => opened.close());

  it('SYNC a transaction that began earlier and commits later is not skipped', async () => {
    const { cursor: start } = await noticesAfter(database, '');
    const early = gate();
    const wrote = gate();
    const slow = transaction(database.db, async (tx) => {
      await publishReference(tx, 'notice', [notice('early')]);
      wrote.open();
      await early.opened;
    });
    await wrote.opened;
    await transaction(database.db, (tx) => publishReference(tx, 'notice', [notice('late')]));
    const between = await noticesAfter(database, start);
    // "late" has committed, but a cursor behind it would step over "early".
    expect(between.ids).toEqual([]);
    early.open();
    await slow;
    expect((await noticesAfter(database, between.cursor)).ids).toEqual(['early', 'late']);
  });

  it('a seat at one instance is poked for a change made at another, once it can be read', async () => {
    await putCustomers(database, 1);
    const here = await startRig(database);
    const there = await startRig(await opened.again());
    const seat = await signIn(here, '1001');
    await here.central.listen({ port: 0 });
    const socket = await openLive(here.central.address(), seat.token);
    expect(await here.clock.runUntil(socket.next())).toEqual({ t: 'poke' });
    const { cursor } = await seat.pull('');

    const blocker = gate();
    const begun = gate();
    const long = transaction(database.db, async (tx) => {
      await publishReference(tx, 'notice', [notice('blocker')]);
      begun.open();
      await blocker.opened;
    });
    await begun.opened;
    const other = await signIn(there, '1002');
    await startCall(there, other, customerId(1));
    for (let n = 0; n < 20; n += 1) {
      here.clock.advance(200);
      await new Promise((later) => void setTimeout(later, 5));
    }
    expect(socket.received()).toBe(0);
    blocker.open();
    await long;
    expect(await here.clock.runUntil(socket.next())).toEqual({ t: 'poke' });
    const page = await seat.pull(cursor);
    expect(page.changes.map((change) => change.entity)).toContain('history');
    socket.close();
    await Promise.all([here.close(), there.close()]);
  });

  it('signing in at another instance says good-bye to the first seat', async () => {
    const here = await startRig(database);
    const there = await startRig(await opened.again());
    const seat = await signIn(here, '1001');
    await here.central.listen({ port: 0 });
    const socket = await openLive(here.central.address(), seat.token);
    await socket.next();
    await signIn(there, '1001', randomUUID(), { takeOver: true });
    expect(await socket.next()).toEqual({ t: 'bye', kind: 'conflict' });
    expect((await ask(here, 'changes', { cursor: '', limit: '1' }, seat.token)).status).toBe(401);
    await Promise.all([here.close(), there.close()]);
  });
});
