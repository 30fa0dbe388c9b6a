import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { importCustomers } from '../../central/customers.ts';
import type { Database, Tx } from '../../central/db.ts';
import { rows, statement, transaction } from '../../central/db.ts';
import { assignQueues, publish, publishHistory } from '../../central/feed.ts';
import { heldBy } from '../../central/holdings.ts';
import { openSecrets } from '../../central/secrets.ts';
import type { Secrets } from '../../central/secrets.ts';
import type { Reader, Scope } from '../../central/working-set.ts';
import type { Change } from '../../shared/central-api.ts';
import { AgentId, ContactId } from '../../shared/ids.ts';
import type { OpenedDatabase } from './fixture.ts';
import { clean, customerId, databaseKinds, makeCustomer, openTestDatabase, pageOf, putCustomers } from './fixture.ts';

/** A seat as central knows it: what it was sent and applied, and nothing else. Answers may be lost on the way to it. */
class ModelSeat {
  readonly seatId: string;
  readonly customers = new Map<string, unknown>();
  readonly lines = new Map<string, string>();
  agent = 0;
  cursor = '';
  constructor(seatId: string) {
    this.seatId = seatId;
  }

  apply(cursor: string, changes: readonly Change[]): void {
    if (this.cursor === '') {
      this.customers.clear();
      this.lines.clear();
    }
    for (const change of changes)
      if (change.entity === 'history') {
        if (change.row === null) this.lines.delete(change.id);
        else this.lines.set(change.id, change.row.customerId);
      } else if (change.entity === 'customer') {
        if (change.row !== null) this.customers.set(change.id, change.row);
        else {
          this.customers.delete(change.id);
          for (const [line, customer] of this.lines) if (customer === change.id) this.lines.delete(line);
        }
      }
    this.cursor = cursor;
  }
}

const agents: readonly (readonly string[])[] = [['service'], ['vip', 'service'], ['vip']];

// On PostgreSQL where there is one: only there do transactions run beside each other.
describe.each(databaseKinds.slice(-1))('SYNC-20 what seats hold, on %s', (kind) => {
  let opened: OpenedDatabase;
  let database: Database;
  let mark: Secrets['mark'];
  beforeAll(async () => {
    opened = await openTestDatabase(kind);
    ({ database } = opened);
    ({ mark } = await openSecrets(database.db));
  }, 240_000);
  beforeEach(() => clean(database));
  afterAll(() => opened.close());

  let cap = 6;
  const scopeNow = (): Scope => ({ kind: 'queues', cap, epoch: 'epoch', cursorKey: new Uint8Array(32) });
  const readerOf = (seat: ModelSeat): Reader => ({
    id: AgentId.parse(`A${seat.agent}`),
    queues: agents[seat.agent] ?? [],
    seatId: seat.seatId,
  });
  const pull = async (seat: ModelSeat, limit: number, isLost = false): Promise<boolean> => {
    const page = await pageOf(database, scopeNow(), readerOf(seat), { cursor: seat.cursor, limit });
    if (!isLost) seat.apply(page.cursor, page.changes);
    return page.more;
  };
  /** To the end, and once more: the last page is confirmed by coming with its cursor. */
  const settle = async (seat: ModelSeat): Promise<void> => {
    while (await pull(seat, 4)) expect(seat.customers.size).toBeLessThan(200);
    await pull(seat, 4);
  };
  const wished = async (seat: ModelSeat): Promise<readonly string[]> =>
    (
      await rows(
        database.db,
        statement<{ id: string }>`
          select id from feed where entity = 'customer' and row is not null and queues && ${readerOf(seat).queues}::text[]
          order by place limit ${cap}`,
      )
    )
      .map((row) => row.id)
      .sort();
  const listed = async (seat: ModelSeat): Promise<readonly string[]> =>
    (await heldBy(database.db, seat.seatId)).map((row) => row.customerId).sort();

  /** Transactions under way: each ends some steps later, so that others begin and end beside it. */
  const slow: { left: number; open: () => void; over: Promise<void> }[] = [];
  const slowly = (left: number, work: (tx: Tx) => Promise<void>): void => {
    const gate = Promise.withResolvers<void>();
    const over = transaction(database.db, async (tx) => {
      await work(tx);
      await gate.promise;
    });
    slow.push({ left, open: gate.resolve, over });
  };
  const finish = async (all: boolean): Promise<void> => {
    for (const one of slow.splice(0)) {
      one.left -= 1;
      if (!all && one.left > 0) slow.push(one);
      else {
        one.open();
        await one.over;
      }
    }
  };

  it('SYNC-20 after 1,000 random steps a seat holds what central wants it to, and central knows of everything it holds', async () => {
    const seed = Number(process.env['ZUOXI_SEED'] ?? 7);
    const random = mulberry(seed);
    const below = (n: number): number => Math.floor(random() * n);
    const queuesOf = (): readonly string[] => [[], ['service'], ['vip'], ['vip', 'service']][below(4)] ?? [];
    const seats = [new ModelSeat('seat-a'), new ModelSeat('seat-b')];
    const known = new Set<number>();
    // Every fifth is changed by slow transactions alone: two writers of one customer would wait for each other.
    const anyOf = (isSlow: boolean): string | undefined => {
      const fitting = [...known].filter((n) => (n % 5 === 0) === isSlow);
      const n = fitting[below(fitting.length)];
      return n === undefined ? undefined : customerId(n);
    };
    const lineOf = (contactId: string, customer: string) => ({
      customerId: customer,
      past: {
        ...{
          contactId: ContactId.parse(contactId),
          direction: 'inbound' as const,
          startedAtMs: 1,
          talkMs: 0,
          topic: null,
        },
        ...{ disposition: [], agentName: 'a', note: '' },
      },
    });
    const contacts = Array.from({ length: 6 }, () => randomUUID());

    const step = async (n: number): Promise<void> => {
      const seat = seats[below(2)];
      if (seat === undefined) return;
      const customer = anyOf(false);
      const kindOfStep = below(20);
      if (kindOfStep < 3) {
        const fresh = known.size + 1;
        known.add(fresh);
        await transaction(database.db, (tx) => importCustomers(tx, [makeCustomer(fresh, queuesOf(), mark)]));
      } else if (kindOfStep < 7 && customer !== undefined)
        await transaction(database.db, (tx) => assignQueues(tx, customer, queuesOf()));
      else if (kindOfStep === 7 && customer !== undefined)
        await transaction(database.db, (tx) =>
          publish(tx, [
            { entity: 'customer', id: customer, customerId: customer, place: n, queues: [], atMs: null, row: null },
          ]),
        );
      else if (kindOfStep === 8) cap = 1 + below(9);
      else if (kindOfStep === 9) {
        seat.agent = below(3);
        seat.cursor = '';
      } else if (kindOfStep === 10 && customer !== undefined) {
        const contactId = contacts[below(6)] ?? '';
        await transaction(database.db, (tx) => publishHistory(tx, contactId, lineOf(contactId, customer)));
      } else if (kindOfStep === 11 && kind === 'postgres') {
        const other = anyOf(true);
        const queues = queuesOf();
        if (other !== undefined && slow.length < 1) slowly(1 + below(6), (tx) => assignQueues(tx, other, queues));
      } else await pull(seat, 1 + below(5), below(4) === 0);
      await finish(false);
      for (const { seatId, customers } of seats) {
        const list = new Set((await heldBy(database.db, seatId)).map((row) => row.customerId));
        expect(
          [...customers.keys()].filter((id) => !list.has(id)),
          `seed ${seed} step ${n} ${seatId}`,
        ).toEqual([]);
      }
    };

    for (let n = 1; n <= 1_000; n += 1) {
      await step(n);
      if (n % 50 !== 0) continue;
      await finish(true);
      for (const seat of seats) {
        await settle(seat);
        const held = [...seat.customers.keys()].sort();
        expect(held, `seed ${seed} step ${n} ${seat.seatId}: rows`).toEqual(await wished(seat));
        expect(await listed(seat), `seed ${seed} step ${n} ${seat.seatId}: list`).toEqual(held);
        for (const customer of seat.lines.values()) expect(held, `seed ${seed} step ${n}: line`).toContain(customer);
      }
    }
  }, 300_000);

  it('SYNC-21 whoever leaves makes room for the next, and a lower cap sends the last ones away first', async () => {
    cap = 3;
    await putCustomers(database, 6);
    const seat = new ModelSeat('seat-a');
    await settle(seat);
    expect([...seat.customers.keys()].sort()).toEqual(['C1', 'C2', 'C3']);
    await transaction(database.db, (tx) => assignQueues(tx, 'C2', ['vip']));
    await settle(seat);
    expect([...seat.customers.keys()].sort()).toEqual(['C1', 'C3', 'C4']);
    cap = 1;
    const page = await pageOf(database, scopeNow(), readerOf(seat), { cursor: seat.cursor, limit: 100 });
    expect(page.changes.map((change) => [change.id, change.row])).toEqual([
      ['C3', null],
      ['C4', null],
    ]);
    await settle(seat);
    expect([...seat.customers.keys()]).toEqual(['C1']);
    cap = 100;
    await settle(seat);
    expect([...seat.customers.keys()].sort()).toEqual(['C1', 'C3', 'C4', 'C5', 'C6']);
  });

  it('SYNC-22 reference data comes before the first customer, whenever it was written', async () => {
    cap = 100;
    await putCustomers(database, 5);
    const notice = { area: null, packageId: null, severity: 'change', text: { zh: 'n', en: 'n' }, fromMs: 0, toMs: 1 };
    const put = (id: string) =>
      transaction(database.db, (tx) =>
        publish(tx, [
          { entity: 'notice', id, customerId: null, place: null, queues: null, atMs: null, row: { ...notice, id } },
        ]),
      );
    await put('before');
    const seat = new ModelSeat('seat-a');
    const seen: string[] = [];
    let cursor = '';
    for (;;) {
      const page = await pageOf(database, scopeNow(), readerOf(seat), { cursor, limit: 2 });
      seen.push(...page.changes.map((change) => change.id));
      // Written while the customers are on their way: it comes with them, once.
      if (seen.includes('C2') && !seen.includes('during')) await put('during');
      ({ cursor } = page);
      if (!page.more && seen.includes('during')) break;
    }
    expect(seen.indexOf('before')).toBeLessThan(seen.indexOf('C1'));
    expect(seen.filter((id) => id === 'during')).toHaveLength(1);
    expect(seen.filter((id) => id.startsWith('C')).sort()).toEqual(['C1', 'C2', 'C3', 'C4', 'C5']);
  });
});

/** A small generator that a printed seed repeats. */
const mulberry = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
};
