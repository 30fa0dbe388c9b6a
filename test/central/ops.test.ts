import { randomUUID } from 'node:crypto';
import * as fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../../central/db.ts';
import { nextContact } from '../../shared/contact.ts';
import type { Contact } from '../../shared/contact.ts';
import { CallId, OpId, TopicId } from '../../shared/ids.ts';
import type { ContactOp, OpBody } from '../../shared/op.ts';
import type { OpenedDatabase, Rig, Seat } from './fixture.ts';
import {
  ask,
  clean,
  customerId,
  databaseKinds,
  newContactId,
  opened as openedOp,
  openTestDatabase,
  putAgents,
  putCustomers,
  secretsOf,
  signIn,
  startCall,
  startRig,
} from './fixture.ts';

describe.each(databaseKinds)('ops on %s', (kind) => {
  let opened: OpenedDatabase;
  let database: Database;
  let rig: Rig;
  let seat: Seat;
  beforeAll(async () => {
    opened = await openTestDatabase(kind);
    ({ database } = opened);
    await putAgents(database);
  });
  beforeEach(async () => {
    await clean(database);
    await putCustomers(database, 2);
    rig = await startRig(database);
    seat = await signIn(rig, '1001');
  });
  afterEach(() => rig.close());
  afterAll(() => opened.close());

  const contactsOf = async (customer = customerId(1)): Promise<readonly Contact[]> =>
    (await ask(rig, 'contacts', { customerId: customer }, seat.token)).value.contacts;
  const push = async (...ops: readonly object[]) =>
    (await ask(rig, 'push', { seatId: seat.seatId, ops }, seat.token)).value.results;
  const opOf = (body: object, changes: object = {}) => ({
    id: OpId.parse(randomUUID()),
    seatId: seat.seatId,
    seq: 1,
    agentId: seat.agentId,
    body,
    ...changes,
  });

  it('a whole call arrives with everything done in it', async () => {
    const contactId = newContactId();
    const of = { contactId };
    const results = await seat.push(
      openedOp(contactId, null, 1_000),
      { name: 'contact.identified', ...of, customerId: customerId(1), atMs: 1_100 },
      { name: 'contact.answered', ...of, atMs: 2_000 },
      { name: 'contact.topicChosen', ...of, topicId: TopicId.parse('bill'), script: null, atMs: 2_500 },
      { name: 'contact.ended', ...of, cause: 'customerHungUp', atMs: 62_000 },
      {
        name: 'contact.wrappedUp',
        ...of,
        disposition: ['answered', 'bill', 'explained'],
        forced: false,
        note: '已解释',
        atMs: 70_000,
      },
    );
    expect(results.map((result) => result.outcome)).toEqual(Array.from({ length: 6 }, () => 'applied'));
    const [contact] = await contactsOf();
    expect(contact).toMatchObject({ id: contactId, answeredAtMs: 2_000, endedAtMs: 62_000, note: '已解释' });
    const other = await signIn(rig, '1002');
    const { changes } = await other.pull('');
    const line = changes.find((change) => change.entity === 'history' && change.id === contactId);
    expect(line?.row).toMatchObject({
      customerId: 'C1',
      past: {
        talkMs: 60_000,
        topic: { zh: '话费查询' },
        disposition: [{ zh: '已解答' }, { zh: '话费' }, { zh: '已解释' }],
        agentName: '林小禾',
        note: '已解释',
      },
    });
  });

  it('an open call is in the timeline too, and moves when it turns out to be someone else’s', async () => {
    const contactId = await startCall(rig, seat, customerId(1));
    const first = await seat.pull('');
    expect(first.changes.find((change) => change.id === contactId)?.row).toMatchObject({ customerId: 'C1' });
    await seat.push({ name: 'contact.identified', contactId, customerId: customerId(2), atMs: 2 });
    const second = await seat.pull(first.cursor);
    expect(second.changes.find((change) => change.id === contactId)?.row).toMatchObject({ customerId: 'C2' });
    await seat.push({ name: 'contact.identified', contactId, customerId: null, atMs: 3 });
    const third = await seat.pull(second.cursor);
    expect(third.changes.find((change) => change.id === contactId)).toMatchObject({ row: null });
  });

  it('the same op again changes nothing; the same id with another body is refused', async () => {
    const op = opOf(openedOp(newContactId(), customerId(1), 1));
    expect(await push(op)).toMatchObject([{ outcome: 'applied' }]);
    expect(await push(op)).toMatchObject([{ outcome: 'duplicate' }]);
    const { cursor } = await seat.pull('');
    expect(await push({ ...op, body: { ...op.body, atMs: 2 } })).toMatchObject([
      { outcome: 'refused', kind: 'conflict', reason: 'opIdReused' },
    ]);
    expect((await seat.pull(cursor)).changes).toEqual([]);
    // The order of keys on the wire is not part of the body.
    expect(await push({ ...op, body: Object.fromEntries(Object.entries(op.body).reverse()) })).toMatchObject([
      { outcome: 'duplicate' },
    ]);
  });

  it('a refused op is refused again, the same way', async () => {
    const op = opOf({ name: 'contact.answered', contactId: newContactId(), atMs: 1 });
    const refusedOnce = await push(op);
    expect(refusedOnce).toMatchObject([{ outcome: 'refused', kind: 'notFound', reason: 'contact' }]);
    expect(await push(op)).toEqual(refusedOnce);
  });

  it('order is by sequence number, whatever the order of arrival', async () => {
    const contactId = newContactId();
    const later = opOf({ name: 'contact.answered', contactId, atMs: 5 }, { seq: 2 });
    const earlier = opOf(openedOp(contactId, customerId(1), 1), { seq: 1 });
    expect((await push(later, earlier)).map((result) => [result.opId, result.outcome])).toEqual([
      [later.id, 'applied'],
      [earlier.id, 'applied'],
    ]);
  });

  it('a poison op blocks nothing else', async () => {
    const before = opOf(openedOp(newContactId(), customerId(1), 1), { seq: 1 });
    const after = opOf(openedOp(newContactId(), customerId(1), 1), { seq: 3 });
    for (const poison of [
      opOf({ name: 'contact.exploded' }, { seq: 2 }),
      opOf({ ...openedOp(newContactId(), customerId(1), 1), callId: 'x' }, { seq: 2 }),
      opOf({}, { seq: 'two' }),
      { id: OpId.parse(randomUUID()) },
    ]) {
      const results = await push({ ...before, id: randomUUID(), body: openedOp(newContactId(), null, 1) }, poison, {
        ...after,
        id: randomUUID(),
        body: openedOp(newContactId(), null, 1),
      });
      expect(results.map((result) => result.outcome)).toEqual(['applied', 'refused', 'applied']);
      expect(results[1]).toMatchObject({ kind: 'invalid', reason: 'opMalformed' });
    }
    // Characters a database does not take are data like any other.
    const note = 'a\0b\ud800c';
    const contactId = await startCall(rig, seat, customerId(1));
    const results = await seat.push(
      { name: 'contact.ended', contactId, cause: 'agentHungUp', atMs: 2 },
      { name: 'contact.wrappedUp', contactId, disposition: ['x'], forced: false, note, atMs: 3 },
    );
    expect(results.map((result) => result.outcome)).toEqual(['applied', 'applied']);
    expect((await contactsOf()).find((contact) => contact.id === contactId)?.note).toMatch(/^ab.+c$/);
  });

  it('refuses ops of another seat, of agents who never worked there, and contacts of another agent', async () => {
    const body = openedOp(newContactId(), customerId(1), 1);
    expect(await push(opOf(body, { seatId: randomUUID() }))).toMatchObject([
      { outcome: 'refused', reason: 'opOfAnotherSeat' },
    ]);
    expect(await push(opOf(body, { agentId: 'A1002' }))).toMatchObject([
      { outcome: 'refused', reason: 'opOfAnotherAgent' },
    ]);
    expect(await ask(rig, 'push', { seatId: randomUUID(), ops: [opOf(body)] }, seat.token)).toMatchObject({
      status: 403,
    });
    const contactId = await startCall(rig, seat, customerId(1));
    const other = await signIn(rig, '1002');
    expect(await other.push({ name: 'contact.answered', contactId, atMs: 2 })).toMatchObject([
      { outcome: 'refused', kind: 'forbidden', reason: 'contactOfAnother' },
    ]);
  });

  it('work left at a seat keeps its author when another agent signs in there', async () => {
    const contactId = newContactId();
    const left = opOf(openedOp(contactId, customerId(1), 1));
    const next = await signIn(rig, '1002', seat.seatId);
    const pushed = await ask(rig, 'push', { seatId: seat.seatId, ops: [left] }, next.token);
    expect(pushed.value.results).toMatchObject([{ outcome: 'applied' }]);
    const { value } = await ask(rig, 'contacts', { customerId: 'C1' }, next.token);
    expect(value.contacts).toMatchObject([{ id: contactId, agentId: 'A1001' }]);
  });

  it('R12 a claimed match counts only when central saw it, and no higher than central says', async () => {
    const contactId = await startCall(rig, seat, customerId(1));
    const claim: OpBody = { name: 'contact.verified', contactId, factor: 'fullName', matched: true, level: 3, atMs: 2 };
    expect(await seat.push(claim)).toMatchObject([{ outcome: 'refused', kind: 'policy', reason: 'notVerified' }]);
    const about = { contactId, customerId: customerId(1), factor: 'fullName', value: secretsOf(1).fullName };
    expect((await ask(rig, 'check', about, seat.token)).value.matched).toBe(true);
    expect(await seat.push(claim)).toMatchObject([{ outcome: 'applied' }]);
    expect((await contactsOf())[0]?.verifications).toMatchObject([{ factor: 'fullName', matched: true, level: 2 }]);
  });

  it('any sequence of ops leaves exactly what the shared rule says', async () => {
    const body = fc.constantFrom('opened', 'identified', 'answered', 'topic', 'ended', 'wrapped', 'wrappedEmpty');
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.integer({ min: 0, max: 1 }), body), { maxLength: 14 }), async (steps) => {
        const ids = [newContactId(), newContactId()] as const;
        const expected = new Map<string, Contact>();
        const bodies = steps.map(([which, what], index): ContactOp => {
          const contactId = ids[which === 0 ? 0 : 1];
          const of = { contactId, atMs: index + 1 };
          switch (what) {
            case 'opened':
              return {
                name: 'contact.opened',
                ...of,
                callId: CallId.parse(contactId),
                direction: 'inbound',
                number: '1',
                queue: 'service',
                customerId: customerId(1),
              };
            case 'identified':
              return { name: 'contact.identified', ...of, customerId: customerId(2) };
            case 'answered':
              return { name: 'contact.answered', ...of };
            case 'topic':
              return { name: 'contact.topicChosen', ...of, topicId: TopicId.parse('bill'), script: null };
            case 'ended':
              return { name: 'contact.ended', ...of, cause: 'customerHungUp' };
            case 'wrapped':
              return { name: 'contact.wrappedUp', ...of, disposition: ['answered'], forced: false, note: 'n' };
            default:
              return { name: 'contact.wrappedUp', ...of, disposition: [], forced: false, note: '' };
          }
        });
        const outcomes = bodies.map((op) => {
          const next = nextContact(expected.get(op.contactId), op, seat.agentId);
          if (next.ok) expected.set(op.contactId, next.value);
          return next.ok ? 'applied' : 'refused';
        });
        const results = bodies.length === 0 ? [] : await seat.push(...bodies);
        expect(results.map((result) => result.outcome)).toEqual(outcomes);
        const stored = [...(await contactsOf(customerId(1))), ...(await contactsOf(customerId(2)))];
        for (const id of ids) expect(stored.find((contact) => contact.id === id)).toEqual(expected.get(id));
      }),
      { numRuns: 15 },
    );
  });
});
