import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { applyPage, takeUpLoad } from '../../../main/engine/apply-page.ts';
import { systemClock } from '../../../main/engine/clock.ts';
import { pageOf as pageOfAnswer } from '../../../main/engine/page.ts';
import { pastOf } from '../../../main/engine/store/contacts.ts';
import { idsByTail } from '../../../main/engine/store/customer-keys.ts';
import type { Db } from '../../../main/engine/store/db.ts';
import { keyTables } from '../../../main/engine/store/loading.ts';
import { readFeed, writeFeed, writeMeta } from '../../../main/engine/store/meta.ts';
import { openStore } from '../../../main/engine/store/open-store.ts';
import { countCustomers, customerById, customersByNumber } from '../../../main/engine/store/working-set.ts';
import type { Change } from '../../../shared/central-api.ts';
import type { Customer } from '../../../shared/customer.ts';
import { ContactId } from '../../../shared/ids.ts';
import { defaultPolicy } from '../../../shared/policy.ts';
import { memoryLog } from '../harness.ts';
import { customer, past } from '../sample.ts';

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

const log = memoryLog();
const openAgain = (dir: string): Db => {
  const db = openStore(dir, { key: new Uint8Array(32).fill(7), kept: 'keyFile' }, systemClock, log);
  ends.push(() => db.close());
  return db;
};
const open = (cap: number): { db: Db; dir: string } => {
  const dir = mkdtempSync(join(tmpdir(), 'zuoxi-page-'));
  ends.push(() => rmSync(dir, { recursive: true, force: true }));
  const db = openAgain(dir);
  db.write('session', (write) =>
    writeMeta(write, 'session', {
      token: 't',
      agent: { id: 'agent-8001', number: '8001', name: 'A', role: 'agent', queues: [] },
      policy: { ...defaultPolicy, cacheCap: cap },
      practice: false,
      sinceMs: 0,
    } as never),
  );
  return { db, dir };
};

const contactId = (n: number): ContactId =>
  ContactId.parse(`018f0000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`);
const customers = (count: number): Change[] =>
  Array.from({ length: count }, (_, n) => ({ entity: 'customer', id: `c-${n}`, row: customer(`c-${n}`) }));
const lines = (count: number): Change[] =>
  Array.from({ length: count }, (_, n) => ({
    entity: 'history',
    id: contactId(n),
    row: { customerId: customer(`c-${n % 100}`).id, past: past(contactId(n), n) },
  }));
const pageOf = (changes: Change[], cursor = 'next') =>
  pageOfAnswer({ changes, cursor, more: false, total: changes.length });

it('SYNC-3 a page of thousands is applied whole, and others have the thread meanwhile', async () => {
  const { db } = open(10_000);
  let turns = 0;
  const timer = setInterval(() => (turns += 1), 0);
  await applyPage({ db, log, isCurrent: () => true }, pageOf([...customers(1_000), ...lines(2_000)]), '');
  clearInterval(timer);
  expect(countCustomers(db.read)).toBe(1_000);
  expect(pastOf(db.read, 'c-7', 50).map(({ startedAtMs }) => startedAtMs)).toEqual(
    Array.from({ length: 20 }, (_, n) => 1_907 - n * 100),
  );
  expect(readFeed(db.read, 'cursor')).toBe('next');
  expect(readFeed(db.read, 'loaded')).toBe(true);
  expect(turns).toBeGreaterThan(0);
});

it('SYNC-3 a page broken off keeps its old cursor, and given again nothing is there twice', async () => {
  const { db } = open(10_000);
  let looks = 0;
  const page = pageOf([...customers(800), ...lines(1_200)]);
  const broken = await applyPage({ db, log, isCurrent: () => (looks += 1) < 3 }, page, '');
  expect(broken).toBeUndefined();
  expect(readFeed(db.read, 'cursor') ?? '').toBe('');
  await applyPage({ db, log, isCurrent: () => true }, page, '');
  expect(countCustomers(db.read)).toBe(800);
  expect(pastOf(db.read, 'c-1', 50)).toHaveLength(12);
});

it('SYNC-3 a working set loaded again: nothing of before is left, also when clearing it was broken off', async () => {
  const { db } = open(10_000);
  const whole = pageOf([...customers(1_500), ...lines(1_500)]);
  const left = (): readonly number[] =>
    ['customer', 'history', 'customer_number', 'customer_tail', 'customer_name', 'history_place'].map(
      (table) => db.read.get<{ n: number }>('left', `SELECT count(*) AS n FROM cache.${table}`)?.n ?? -1,
    );
  await applyPage({ db, log, isCurrent: () => true }, whole, '');
  const all = left();
  expect(Math.min(...all)).toBeGreaterThanOrEqual(1_500);
  db.fill('from the beginning', (write) => writeFeed(write, 'cursor', ''));
  expect(await applyPage({ db, log, isCurrent: () => false }, whole, '')).toBeUndefined();
  expect(readFeed(db.read, 'loaded')).toBe(false);
  await applyPage({ db, log, isCurrent: () => true }, pageOf([customers(2_000)[1_999], ...lines(3)] as Change[]), '');
  expect(left()).toEqual([1, 3, 1, 1, 1, 3]);
  await applyPage({ db, log, isCurrent: () => true }, whole, 'next');
  expect(left()[0]).toBe(1_501);
});

it('security 30 the cap holds over all slices of a page; who leaves makes room', async () => {
  const { db } = open(700);
  await applyPage({ db, log, isCurrent: () => true }, pageOf(customers(700)), '');
  const gone: Change[] = Array.from({ length: 50 }, (_, n) => ({ entity: 'customer', id: `c-${n}`, row: null }));
  const page = pageOf([...customers(900).slice(700), ...lines(600), ...gone]);
  await applyPage({ db, log, isCurrent: () => true }, page, 'next');
  expect(countCustomers(db.read)).toBeLessThanOrEqual(700);
  expect(customerById(db.read, 'c-3')).toBeUndefined();
});

it('security 30 a seat that many came to and left is not full for it, and full when it is', async () => {
  const { db } = open(3);
  const come = (...ids: string[]): Change[] => ids.map((id) => ({ entity: 'customer', id, row: customer(id) }));
  const leave = (...ids: string[]): Change[] => ids.map((id) => ({ entity: 'customer', id, row: null }));
  let cursor = '';
  const told = async (changes: Change[]): Promise<number> => {
    const next = `${cursor}+`;
    await applyPage({ db, log, isCurrent: () => true }, pageOf(changes, next), cursor);
    cursor = next;
    return countCustomers(db.read);
  };
  expect(await told(come('a', 'b', 'c'))).toBe(3);
  expect(await told(leave('a', 'b'))).toBe(1);
  expect(await told(come('d'))).toBe(2);
  expect(await told([...leave('c'), ...come('e', 'f', 'g')])).toBe(3);
  expect(await told(come('d', 'h'))).toBe(3);
  expect(['d', 'e', 'f', 'g', 'h'].filter((id) => customerById(db.read, id) !== undefined)).toEqual(['d', 'e', 'f']);
});

it('a contact that is another customer’s now leaves the timeline it was in', async () => {
  const { db } = open(10);
  const line = (of: string, atMs: number): Change => ({
    entity: 'history',
    id: contactId(1),
    row: { customerId: customer(of).id, past: past(contactId(1), atMs) },
  });
  await applyPage({ db, log, isCurrent: () => true }, pageOf([...customers(2), line('c-0', 5)]), '');
  await applyPage({ db, log, isCurrent: () => true }, pageOf([line('c-1', 6)]), 'next');
  expect(pastOf(db.read, 'c-0', 9)).toHaveLength(0);
  expect(pastOf(db.read, 'c-1', 9)).toHaveLength(1);
});

it('a customer told again has the numbers of now', async () => {
  const { db, dir } = open(10);
  const told = (key: string): Change => ({
    entity: 'customer',
    id: 'c-0',
    row: { ...customer('c-0'), numbers: [{ key, confidence: 'certain' }] },
  });
  await applyPage({ db, log, isCurrent: () => true }, pageOf([told('+8613000000001')]), '');
  await applyPage({ db, log, isCurrent: () => true }, pageOf([told('+8613000000002')]), 'next');
  ends.shift();
  db.close();
  const again = openAgain(dir);
  expect(again.read.all('numbers', 'SELECT key FROM customer_number')).toEqual([{ key: '+8613000000002' }]);
});

const moved = (n: number, to: string, atMs: number): Change => ({
  entity: 'history',
  id: contactId(n),
  row: { customerId: customer(to).id, past: past(contactId(n), atMs) },
});
const gone = (n: number): Change => ({ entity: 'history', id: contactId(n), row: null });

/** Lines without their place, places without their line. */
const astray = (db: Db): unknown =>
  db.read.get(
    'astray',
    `SELECT
       (SELECT count(*) FROM history WHERE NOT EXISTS (SELECT 1 FROM history_place AS place
          WHERE (place.contact_id, place.customer_id, place.started_at) = (history.contact_id, history.customer_id, history.started_at))) AS lines,
       (SELECT count(*) FROM history_place) - (SELECT count(*) FROM history) AS places`,
  );

it('SYNC-3 a load that another process goes on with knows where the lines of before are', async () => {
  const { db, dir } = open(10_000);
  const first = { ...pageOf([...customers(100), ...lines(2_000)]), more: true };
  await applyPage({ db, log, isCurrent: () => true }, first, '');
  expect(readFeed(db.read, 'loaded')).toBe(false);
  ends.pop();
  db.close();
  const again = openAgain(dir);
  await applyPage({ db: again, log, isCurrent: () => true }, pageOf([moved(3, 'c-9', 7), gone(4)], 'end'), 'next');
  expect(pastOf(again.read, 'c-3', 50)).toHaveLength(19);
  expect(pastOf(again.read, 'c-4', 50)).toHaveLength(19);
  expect(pastOf(again.read, 'c-9', 50)).toHaveLength(21);
  expect([readFeed(again.read, 'cursor'), readFeed(again.read, 'loaded')]).toEqual(['end', true]);
  expect(astray(again)).toEqual({ lines: 0, places: 0 });
});

it('SYNC-3 a load broken off anywhere, in its last steps too, ends with every line in its place', async () => {
  for (const after of [1, 3, 5, 7, 30]) {
    const { db } = open(10_000);
    let looks = 0;
    const isCurrent = (): boolean => (looks += 1) < after;
    const done = await applyPage({ db, log, isCurrent }, pageOf([...customers(300), ...lines(700)]), '');
    const cursor = readFeed(db.read, 'cursor') ?? '';
    expect(cursor).toBe(done === undefined ? '' : 'next');
    const rest = [...customers(300), ...lines(700), moved(1_600, 'c-2', 1)];
    await applyPage({ db, log, isCurrent: () => true }, pageOf(rest), cursor);
    await applyPage({ db, log, isCurrent: () => true }, pageOf([gone(5)]), 'next');
    expect(astray(db)).toEqual({ lines: 0, places: 0 });
    expect(pastOf(db.read, 'c-5', 50)).toHaveLength(6);
    expect(pastOf(db.read, 'c-2', 50)).toHaveLength(8);
  }
});

it('a customer who leaves takes the lines along, and their places', async () => {
  const { db } = open(10_000);
  await applyPage({ db, log, isCurrent: () => true }, pageOf([...customers(100), ...lines(600)]), '');
  await applyPage({ db, log, isCurrent: () => true }, pageOf([{ entity: 'customer', id: 'c-8', row: null }]), 'next');
  expect(db.read.get('lines', 'SELECT count(*) AS n FROM history')).toEqual({ n: 594 });
  expect(astray(db)).toEqual({ lines: 0, places: 0 });
});

const numbered = (n: number): Change => ({
  entity: 'customer',
  id: `c-${n}`,
  row: { ...customer(`c-${n}`), numbers: [{ key: `+86138${String(n).padStart(8, '0')}`, confidence: 'certain' }] },
});
const foundBy = (db: Db, n: number): readonly string[] =>
  customersByNumber(db.read, `+86138${String(n).padStart(8, '0')}`).map(({ customer: { id } }) => id);
/** Rows of the tables of keys in the file, and in memory. */
const keysIn = (db: Db, schema: 'cache' | 'temp'): number =>
  db.read.get<{ n: number }>('keys', `SELECT count(*) AS n FROM ${schema}.customer_tail`)?.n ?? 0;

it('SYNC-3 who came in a load is found before its end, after its end, and by the next process', async () => {
  const { db, dir } = open(10_000);
  const some = Array.from({ length: 700 }, (_, n) => numbered(n));
  await applyPage({ db, log, isCurrent: () => true }, { ...pageOf(some), more: true }, '');
  expect([keysIn(db, 'cache'), keysIn(db, 'temp')]).toEqual([0, 700]);
  expect(foundBy(db, 650)).toEqual(['c-650']);
  expect(idsByTail(db.read, '00000650', 9)).toEqual(['c-650']);
  ends.pop();
  db.close();
  const again = openAgain(dir);
  expect(foundBy(again, 650)).toEqual([]);
  await takeUpLoad(again);
  expect(foundBy(again, 650)).toEqual(['c-650']);
  const { row } = numbered(701);
  const changed: Change = {
    entity: 'customer',
    id: 'c-3',
    row: { ...customer('c-3'), numbers: (row as Customer).numbers },
  };
  await applyPage({ db: again, log, isCurrent: () => true }, pageOf([changed, numbered(700)], 'end'), 'next');
  expect(keysIn(again, 'cache')).toBe(701);
  expect([foundBy(again, 650), foundBy(again, 3), foundBy(again, 701), foundBy(again, 700)]).toEqual([
    ['c-650'],
    [],
    ['c-3'],
    ['c-700'],
  ]);
  expect(
    again.read
      .all<{ name: string }>('left in memory', 'SELECT name FROM temp.sqlite_schema')
      .filter(({ name }) => keyTables.some((table) => name.includes(table))),
  ).toEqual([]);
});

it('SYNC-3 a cache begun anew in the middle of a page does not take the rest of it for all', async () => {
  const { db } = open(10_000);
  await applyPage({ db, log, isCurrent: () => true }, { ...pageOf(customers(10)), more: true }, '');
  let looks = 0;
  const isCurrent = (): boolean => {
    looks += 1;
    // What mending leaves: no cursor, nothing loaded.
    if (looks === 2) db.fill('begun anew', (write) => void write.run('empty', 'DELETE FROM feed'));
    return true;
  };
  expect(await applyPage({ db, log, isCurrent }, pageOf(customers(900), 'end'), 'next')).toBe('lost');
  expect(readFeed(db.read, 'cursor')).toBeUndefined();
  expect(readFeed(db.read, 'loaded')).toBeUndefined();
});
