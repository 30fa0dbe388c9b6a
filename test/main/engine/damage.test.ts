import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { contactById, putContact } from '../../../main/engine/store/contacts.ts';
import type { Db } from '../../../main/engine/store/db.ts';
import type { Mended } from '../../../main/engine/store/mending.ts';
import { readFeed, readMeta, writeFeed, writeMeta } from '../../../main/engine/store/meta.ts';
import { openStore } from '../../../main/engine/store/open-store.ts';
import { appendOp, waitingOps } from '../../../main/engine/store/outbox.ts';
import { countCustomers, customerById, putCustomer } from '../../../main/engine/store/working-set.ts';
import type { Contact } from '../../../shared/contact.ts';
import { Op } from '../../../shared/op.ts';
import { memoryLog, uuid } from '../harness.ts';
import { manualClock } from '../manual-clock.ts';
import { customer } from '../sample.ts';

const key = randomBytes(32);
const seatId = uuid();
const page = 4_096;
let folder: string;
let told: Mended[];
const opened: Db[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'zuoxi-damage-'));
  told = [];
});
afterEach(() => {
  for (const db of opened.splice(0)) db.close();
  rmSync(folder, { recursive: true, force: true });
});

const open = (): Db => {
  const db = openStore(folder, { key, kept: 'keyFile' }, manualClock(), memoryLog(), (what) => told.push(what));
  opened.push(db);
  return db;
};

const opOf = (seq: number): Op =>
  Op.parse({
    id: uuid(),
    seatId,
    seq,
    agentId: 'agent-1',
    body: {
      name: 'contact.wrappedUp',
      contactId: uuid(),
      note: '备注'.repeat(100),
      disposition: ['other'],
      forced: false,
      atMs: seq,
    },
  });

/** 400 customers and 300 ops: many pages of each. */
const filled = (): void => {
  const db = open();
  db.fill('customers', (write) => {
    for (let index = 0; index < 400; index += 1) putCustomer(write, customer(`c-${index}`));
    writeFeed(write, 'cursor', '400');
  });
  db.write('work', (write) => {
    writeMeta(write, 'seatId', seatId as never);
    for (let seq = 1; seq <= 300; seq += 1) appendOp(write, opOf(seq));
    writeMeta(write, 'seq', 300);
    for (let index = 0; index < 100; index += 1)
      putContact(write, { id: `k-${index}`, endedAtMs: null, note: 'x'.repeat(500) } as unknown as Contact);
  });
  db.close();
};

const spoil = (name: string, pages: (count: number) => readonly number[]): void => {
  const file = join(folder, name);
  const bytes = readFileSync(file);
  for (const index of pages(Math.floor(statSync(file).size / page))) randomBytes(page).copy(bytes, index * page);
  writeFileSync(file, bytes);
};
const from = (first: number) => (count: number) => Array.from({ length: count - first }, (_, index) => first + index);

describe('security 87: a damaged cache', () => {
  it.each<[string, (count: number) => readonly number[]]>([
    ['at its first page', () => [0]],
    ['everywhere but the first page', from(1)],
  ])('found at start, %s: begun anew, the outbox untouched, the agent is told', (_, pages) => {
    filled();
    const before = readFileSync(join(folder, 'seat.db'));
    spoil('cache.db', pages);
    const db = open();
    expect(countCustomers(db.read)).toBe(0);
    expect(readFeed(db.read, 'cursor')).toBeUndefined();
    expect(waitingOps(db.read, 1_000)).toHaveLength(300);
    expect(told).toEqual([{ part: 'cache', atMs: expect.any(Number), kept: null }]);
    expect(readFileSync(join(folder, 'seat.db')).equals(before)).toBe(true);
    expect(readdirSync(folder).some((name) => name.startsWith('cache.db.damaged-'))).toBe(true);
  });

  it('found in use, by a read and by a write: the same, without a restart', () => {
    filled();
    spoil('cache.db', (count) => from(Math.floor(count / 2))(count));
    const db = open();
    expect(told).toEqual([]);
    // Somewhere in the second half of the file.
    for (let index = 0; index < 400; index += 1) customerById(db.read, `c-${index}`);
    expect(told.map((what) => what.part)).toEqual(['cache']);
    expect(countCustomers(db.read)).toBe(0);
    db.fill('page', (write) => putCustomer(write, customer('c-new')));
    expect(countCustomers(db.read)).toBe(1);
    expect(waitingOps(db.read, 1_000)).toHaveLength(300);
  });

  it('a page that meets the damage half-way is applied as a whole to the new cache', () => {
    filled();
    spoil('cache.db', (count) => from(Math.floor(count / 2))(count));
    const db = open();
    db.fill('page', (write) => {
      for (let index = 0; index < 400; index += 1) putCustomer(write, customer(`c-${index}`));
      writeFeed(write, 'cursor', '401');
    });
    expect(countCustomers(db.read)).toBe(400);
    expect(readFeed(db.read, 'cursor')).toBe('401');
  });
});

describe('security 87: damaged own work', () => {
  it('pages in the middle: what can be read is taken over, the numbers go on, the file is kept', () => {
    filled();
    spoil('seat.db', (count) => [Math.floor(count / 2), Math.floor(count / 2) + 1]);
    const db = open();
    for (let index = 0; index < 100; index += 1) contactById(db.read, `k-${index}`);
    waitingOps(db.read, 1_000);
    const [mended] = told;
    expect(mended).toMatchObject({ part: 'work' });
    const ops = waitingOps(db.read, 1_000);
    expect(ops.length).toBe(mended?.kept?.ops);
    expect(ops.length).toBeGreaterThan(200);
    expect(readMeta(db.read, 'seatId')).toBe(seatId);
    expect(readMeta(db.read, 'seq')).toBeGreaterThanOrEqual(300);
    expect(countCustomers(db.read)).toBe(400);
    expect(readdirSync(folder).filter((name) => name.startsWith('seat.db.damaged-'))).toHaveLength(1);
    expect(readdirSync(folder).filter((name) => name.includes('.reading'))).toEqual([]);
  });

  it('the first page: nothing can be read, the cache stays, the seat works', () => {
    filled();
    spoil('seat.db', () => [0]);
    const db = open();
    expect(told).toEqual([{ part: 'work', atMs: expect.any(Number), kept: { ops: 0, contacts: 0, drafts: 0 } }]);
    expect(countCustomers(db.read)).toBe(400);
    db.write('op', (write) => appendOp(write, opOf(1)));
    expect(waitingOps(db.read, 10)).toHaveLength(1);
  });

  it('whichever page is damaged that opening reads, the cache is not blamed', () => {
    open().close();
    const file = join(folder, 'seat.db');
    const whole = readFileSync(file);
    for (let at = 0; at < Math.min(whole.length, 24 * 1_024); at += 1_024) {
      const spoilt = Buffer.from(whole);
      for (let index = at; index < at + 1_024; index += 1) spoilt[index] = (spoilt[index] ?? 0) ^ 0x5a;
      writeFileSync(file, spoilt);
      open().close();
      for (const name of readdirSync(folder)) if (name.startsWith('seat.db')) rmSync(join(folder, name));
    }
    expect(told.length).toBeGreaterThan(2);
    expect(new Set(told.map((what) => what.part))).toEqual(new Set(['work']));
  });

  it('security 29: another key finds nothing, loses nothing, and the old key would still open the files', () => {
    filled();
    const other = openStore(folder, { key: randomBytes(32), kept: 'keyFile' }, manualClock(), memoryLog(), (what) =>
      told.push(what),
    );
    expect(countCustomers(other.read)).toBe(0);
    other.close();
    expect(told.map((what) => what.part).toSorted()).toEqual(['cache', 'work']);
    const names = readdirSync(folder);
    for (const name of names.filter((one) => one.includes('.damaged-')))
      writeFileSync(join(folder, name.replace(/\.damaged-.*$/, '')), readFileSync(join(folder, name)));
    expect(waitingOps(open().read, 1_000)).toHaveLength(300);
  });
});
