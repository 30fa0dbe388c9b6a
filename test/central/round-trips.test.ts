import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { topics } from '../../practice/operator/topics.ts';
import type { OpBody } from '../../shared/op.ts';
import type { OpenedDatabase, Rig, Seat } from './fixture.ts';
import { clean, customerId, newContactId, opened, openTestDatabase, putAgents, putCustomers } from './fixture.ts';
import { signIn, startRig } from './fixture.ts';
import { hasPostgres } from './postgres.ts';

// What an op costs central is how often it goes to the database and back: counted, so that it does not grow unseen.

describe.runIf(hasPostgres)('ways to PostgreSQL and back', () => {
  let database: OpenedDatabase;
  let rig: Rig;
  let seat: Seat;
  beforeAll(async () => {
    database = await openTestDatabase('postgres');
    await putAgents(database.database);
  });
  beforeEach(async () => {
    await clean(database.database);
    await putCustomers(database.database, 5);
    rig = await startRig(database.database);
    seat = await signIn(rig, '1001');
    // The connection and what it stands for are there already, as in a day's work.
    await seat.push(opened(newContactId(), null, 1));
  });
  afterEach(() => rig.close());
  afterAll(() => database.close());

  const counted = async (work: () => Promise<unknown>): Promise<number> => {
    const asked = vi.spyOn(Client.prototype, 'query');
    try {
      await work();
      return asked.mock.calls.length;
    } finally {
      asked.mockRestore();
    }
  };
  const takes = async (...bodies: readonly OpBody[]): Promise<number> => {
    const count = await counted(async () => {
      const results = await seat.push(...bodies);
      expect(results.map(({ outcome }) => outcome)).toEqual(bodies.map(() => 'applied'));
    });
    return count;
  };
  const call = (n: number): readonly OpBody[] => {
    const contactId = newContactId();
    const of = { contactId };
    const [topic] = topics;
    if (topic === undefined) throw new Error('no topic');
    return [
      opened(contactId, customerId(n), 1),
      { name: 'contact.answered', ...of, atMs: 2 },
      { name: 'contact.topicChosen', ...of, topicId: topic.id, script: null, atMs: 3 },
      { name: 'contact.ended', ...of, cause: 'customerHungUp', atMs: 4 },
      { name: 'contact.wrappedUp', ...of, disposition: ['answered'], forced: false, note: '已解释', atMs: 5 },
    ];
  };

  it('one op: session, begin, locks, what is known, the contact, its figures, the op, commit', async () => {
    expect(await takes(opened(newContactId(), null, 1))).toBeLessThanOrEqual(8);
  });
  it('a push of twenty openings costs as many as one', async () => {
    const many = Array.from({ length: 20 }, () => opened(newContactId(), null, 1));
    expect(await takes(...many)).toBeLessThanOrEqual(8);
  });
  it('a whole call, which a seat sends when it comes back, costs about two an op; five calls less than one an op', async () => {
    expect(await takes(...call(1))).toBeLessThanOrEqual(15);
    expect(await takes(...[1, 2, 3, 4, 5].flatMap(call))).toBeLessThanOrEqual(19);
  });
  it('states entered are written together', async () => {
    const states = [1, 2, 3, 4].map((sinceMs): OpBody => ({
      name: 'agent.stateChanged',
      state: { kind: 'ready', sinceMs },
      atMs: sinceMs,
    }));
    // What the exchange is to know of the agent is looked up beside it.
    expect(await takes(...states)).toBeLessThanOrEqual(12);
  });
  it('a poll that finds nothing', async () => {
    const { cursor } = await seat.pull('');
    expect(await counted(() => seat.pull(cursor))).toBeLessThanOrEqual(8);
  });
});
