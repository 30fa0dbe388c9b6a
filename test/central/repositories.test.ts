import { randomUUID } from 'node:crypto';
import * as fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { silent } from '../../central/ambient.ts';
import { audit, verifyAudit } from '../../central/audit.ts';
import type { AuditEvent } from '../../central/audit.ts';
import { customersByNumber, historyOf, importCustomers } from '../../central/customers.ts';
import type { Database } from '../../central/db.ts';
import { asJson, firstRow, migrate, run, statement, transaction } from '../../central/db.ts';
import { assignQueues, openFeed, publishCustomer, publishReference } from '../../central/feed.ts';
import { migrations } from '../../central/migrations.ts';
import { openSecrets } from '../../central/secrets.ts';
import { readChanges } from '../../central/working-set.ts';
import type { Scope } from '../../central/working-set.ts';
import type { Change } from '../../shared/central-api.ts';
import { AgentId } from '../../shared/ids.ts';
import { refusal, refused } from '../../shared/result.ts';
import type { OpenedDatabase } from './fixture.ts';
import {
  bytes,
  clean,
  customerId,
  databaseKinds,
  makeCustomer,
  openTestDatabase,
  pageOf,
  putCustomers,
} from './fixture.ts';

const reader = { id: AgentId.parse('A1001'), queues: ['service'], seatId: 'seat-1' };

describe.each(databaseKinds)('the same repositories on %s', (kind) => {
  let opened: OpenedDatabase;
  let database: Database;
  beforeAll(async () => {
    opened = await openTestDatabase(kind);
    ({ database } = opened);
  });
  beforeEach(() => clean(database));
  afterAll(() => opened.close());

  const scopeOf = (changes: Partial<Scope> = {}): Scope => ({
    kind: 'all',
    cap: 1_000,
    epoch: 'epoch',
    cursorKey: new Uint8Array(32),
    ...changes,
  });
  /** Reads to the end and returns what a seat would hold. */
  const follow = async (
    scope: Scope,
    from: string,
    held: Map<string, unknown>,
    as = reader,
    limit = 7,
  ): Promise<string> => {
    let cursor = from;
    for (;;) {
      const page = await pageOf(database, scope, as, { cursor, limit });
      apply(held, page.changes);
      cursor = page.cursor;
      if (!page.more) return cursor;
    }
  };
  const apply = (held: Map<string, unknown>, changes: readonly Change[]): void => {
    for (const { entity, id, row } of changes)
      if (row === null) held.delete(`${entity} ${id}`);
      else held.set(`${entity} ${id}`, row);
  };
  const customersIn = (held: Map<string, unknown>): readonly string[] =>
    [...held.keys()].filter((key) => key.startsWith('customer ')).sort();

  it('has every migration once, whoever starts', async () => {
    await Promise.all([migrate(database.db, silent), migrate(database.db, silent)]);
    const row = await firstRow(database.db, statement<{ count: number }>`select count(*)::int as count from migration`);
    expect(row?.count).toBe(migrations.length);
  });

  it('writes nothing into the database of a newer version', async () => {
    await run(database.db, statement`insert into migration (number, name) values (999, 'from the future')`);
    await expect(migrate(database.db, silent)).rejects.toThrow('newer version');
    await run(database.db, statement`delete from migration where number = 999`);
  });

  it('gives bigint as a number and json as written, on both databases', async () => {
    const value = { list: [1, 'zwölf', null], text: 'a"b\\c', nested: { 坐席: true }, lone: '\ud800' };
    const row = await firstRow(
      database.db,
      statement<{ big: number; value: unknown; texts: string[]; none: null }>`
        select ${9_007_199_254_740_991}::bigint as big, ${asJson(value)}::json as value, ${['a', 'ü"']}::text[] as texts,
          ${null}::text as none`,
    );
    expect(row).toEqual({ big: 9_007_199_254_740_991, value, texts: ['a', 'ü"'], none: null });
  });

  it('rolls a transaction back as a whole', async () => {
    const failing = transaction(database.db, async (tx) => {
      await publishReference(tx, 'notice', [{ id: 'lost', row: {} }]);
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    const row = await firstRow(database.db, statement`select 1 as one from feed where id = 'lost'`);
    expect(row).toBeUndefined();
  });

  it('finds customers by any of their numbers, the main one first', async () => {
    const { mark } = await openSecrets(database.db);
    const one = makeCustomer(1, ['service'], mark);
    const two = makeCustomer(2, ['service'], mark);
    const key = one.customer.numbers[0]?.key ?? '';
    two.customer.numbers.push({ key, confidence: 'certain' });
    await transaction(database.db, (tx) => importCustomers(tx, [two, one]));
    const found = await customersByNumber(database.db, key);
    expect(found.map((customer) => customer.id)).toEqual(['C1', 'C2']);
    expect(found[0]).toMatchObject(one.customer);
    expect(await customersByNumber(database.db, '+8600')).toEqual([]);
    expect(await historyOf(database.db, ['C1', 'C2'], 20)).toEqual([]);
  });

  it('SYNC a full load comes in pages of the asked size, with an estimate of what is to come', async () => {
    await putCustomers(database, 25);
    const scope = scopeOf();
    const first = await pageOf(database, scope, reader, { cursor: '', limit: 10 });
    const second = await pageOf(database, scope, reader, { cursor: first.cursor, limit: 10 });
    expect(first.changes).toHaveLength(10);
    expect(first.more).toBe(true);
    expect(first.total - second.total).toBe(10);
    expect(first.cursor.length).toBeLessThanOrEqual(200);
    const held = new Map<string, unknown>();
    const end = await follow(scope, '', held);
    expect(customersIn(held)).toHaveLength(25);
    expect(await pageOf(database, scope, reader, { cursor: end, limit: 10 })).toMatchObject({
      changes: [],
      more: false,
    });
  });

  it('SYNC holds no more customers than the policy allows, and always the same ones', async () => {
    await putCustomers(database, 20);
    const held = new Map<string, unknown>();
    await follow(scopeOf({ cap: 8 }), '', held);
    const again = new Map<string, unknown>();
    await follow(scopeOf({ cap: 8 }), '', again, reader, 3);
    expect(customersIn(held)).toHaveLength(8);
    expect(customersIn(again)).toEqual(customersIn(held));
    const none = new Map<string, unknown>();
    await follow(scopeOf({ cap: 0 }), '', none);
    expect(customersIn(none)).toEqual([]);
  });

  it('SYNC a forged, foreign or damaged cursor is refused, so that the seat begins anew', async () => {
    await putCustomers(database, 10);
    const scope = scopeOf({ cap: 3 });
    const { cursor } = await pageOf(database, scope, reader, { cursor: '', limit: 2 });
    const parts = cursor.split('~');
    parts[4] = '999999';
    const unknown = refused(refusal('conflict', 'cursorUnknown'));
    for (const bad of ['x', '~~~', parts.join('~'), cursor.slice(0, -1), `${cursor}x`])
      expect(await readChanges(database.db, scope, reader, { cursor: bad, limit: 2 }), bad).toEqual(unknown);
    const others = [
      { ...reader, id: AgentId.parse('A1002') },
      { ...reader, seatId: 'seat-2' },
    ];
    for (const other of others)
      expect(await readChanges(database.db, scope, other, { cursor, limit: 2 })).toEqual(unknown);
    const held = new Map<string, unknown>();
    await follow(scope, cursor, held);
    expect(customersIn(held).length).toBeLessThanOrEqual(3);
  });

  it('SYNC a seat holds the customers of its queues, and loses those that move away', async () => {
    await putCustomers(database, 6, (n) => (n % 2 === 0 ? ['vip'] : ['service']));
    const scope = scopeOf({ kind: 'queues' });
    const held = new Map<string, unknown>();
    const cursor = await follow(scope, '', held);
    expect(customersIn(held)).toEqual(['customer C1', 'customer C3', 'customer C5']);
    await transaction(database.db, (tx) => assignQueues(tx, 'C1', ['vip']));
    await transaction(database.db, (tx) => assignQueues(tx, 'C2', ['service', 'vip']));
    const next = await follow(scope, cursor, held);
    expect(customersIn(held)).toEqual(['customer C2', 'customer C3', 'customer C5']);
    // The agent's own queues change: everything that fell out goes, everything new comes.
    await follow(scope, next, held, { ...reader, queues: ['vip'] });
    expect(customersIn(held)).toEqual(['customer C1', 'customer C2', 'customer C4', 'customer C6']);
  });

  it('SYNC any interleaving of changes and pulls ends in what central holds', async () => {
    const { mark } = await openSecrets(database.db);
    const scope = scopeOf({ cap: 100_000 });
    const step = fc.oneof(
      fc.record({
        do: fc.constant('change' as const),
        customer: fc.integer({ min: 1, max: 6 }),
        area: fc.integer({ min: 0, max: 99 }),
      }),
      fc.record({ do: fc.constant('import' as const), customer: fc.integer({ min: 1, max: 6 }) }),
      fc.record({ do: fc.constant('pull' as const), limit: fc.integer({ min: 1, max: 4 }) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        await clean(database);
        const held = new Map<string, unknown>();
        const known = new Map<string, unknown>();
        let cursor = '';
        for (const now of steps)
          if (now.do === 'pull') {
            const page = await pageOf(database, scope, reader, { cursor, limit: now.limit });
            apply(held, page.changes);
            ({ cursor } = page);
          } else {
            const made = makeCustomer(now.customer, ['service'], mark);
            const key = `customer ${made.customer.id}`;
            const customer =
              now.do === 'change' ? { ...made.customer, area: { zh: `${now.area}`, en: '' } } : made.customer;
            if (now.do === 'change' && !known.has(key)) continue;
            known.set(key, customer);
            await transaction(database.db, (tx) =>
              now.do === 'change' ? publishCustomer(tx, customer) : importCustomers(tx, [made]),
            );
          }
        await follow(scope, cursor, held);
        // What the import works out from the full name comes on top.
        const asMade = (row: unknown): unknown => ({ ...(row as object), nameMarks: undefined });
        const customers = [...held].filter(([key]) => key.startsWith('customer '));
        expect(new Map(customers.map(([key, row]) => [key, asMade(row)]))).toEqual(known);
      }),
      { numRuns: 25 },
    );
  });

  it('SYNC a database restored into another cluster shows every row again', async () => {
    await putCustomers(database, 3);
    const before = await transaction(database.db, (tx) => openFeed(tx, () => 'first'));
    await run(database.db, statement`update feed set tx = tx + 1000000000`);
    const after = await transaction(database.db, (tx) => openFeed(tx, () => randomUUID().slice(0, 8)));
    expect(after).not.toBe(before);
    const held = new Map<string, unknown>();
    await follow(scopeOf({ epoch: after }), '', held);
    expect(customersIn(held)).toHaveLength(3);
    expect(await transaction(database.db, (tx) => openFeed(tx, () => 'unused'))).toBe(after);
  });

  describe('R13 audit', () => {
    const key = bytes(32);
    const event = (result: string): AuditEvent => ({
      atMs: 1,
      agentId: 'A1001',
      seatId: 'seat',
      contactId: null,
      customerId: 'C1',
      kind: 'check',
      factor: 'fullName',
      result,
    });
    const write = async (count: number): Promise<void> => {
      for (let n = 0; n < count; n += 1) await transaction(database.db, (tx) => audit(tx, key, [event(`r${n}`)]));
    };
    const tamper = (change: ReturnType<typeof statement>): Promise<void> =>
      transaction(database.db, async (tx) => {
        await run(tx, statement`alter table audit disable trigger audit_append_only`);
        await run(tx, change);
        await run(tx, statement`alter table audit enable trigger audit_append_only`);
      });

    it('is a chain that stands', async () => {
      await write(5);
      expect(await verifyAudit(database.db, key)).toMatchObject({ kind: 'intact', rows: 5 });
    });

    it('is append-only: the database itself refuses changes', async () => {
      await write(1);
      await expect(run(database.db, statement`update audit set result = 'x'`)).rejects.toThrow('never changed');
      await expect(run(database.db, statement`delete from audit`)).rejects.toThrow('never changed');
    });

    it.each([
      ['a changed row', statement`update audit set result = 'forged' where seq = 3`, 3],
      ['a row taken out', statement`delete from audit where seq = 2`, 2],
      ['rows cut off at the end', statement`delete from audit where seq >= 4`, 4],
      ['a changed first row', statement`update audit set agent_id = 'A9' where seq = 1`, 1],
    ])('shows %s', async (_what, change, atSeq) => {
      await write(5);
      await tamper(change);
      expect(await verifyAudit(database.db, key)).toMatchObject({ kind: 'broken', atSeq });
    });

    it('cannot be rewritten without the key', async () => {
      await write(2);
      expect(await verifyAudit(database.db, bytes(32))).toEqual({ kind: 'broken', atSeq: 1, why: 'changed' });
    });

    it('stands under many writers at once', async () => {
      await Promise.all(
        Array.from({ length: 12 }, (_, n) => transaction(database.db, (tx) => audit(tx, key, [event(`w${n}`)]))),
      );
      expect(await verifyAudit(database.db, key)).toMatchObject({ kind: 'intact', rows: 12 });
    });
  });

  it('customers of one import keep their order of arrival', async () => {
    await putCustomers(database, 3);
    const row = await firstRow(
      database.db,
      statement<{ ids: string[] }>`select array_agg(id order by place) as ids from feed where entity = 'customer'`,
    );
    expect(row?.ids).toEqual([customerId(1), customerId(2), customerId(3)]);
  });
});
