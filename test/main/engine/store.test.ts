import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DamagedStore, openDb } from '../../../main/engine/store/db.ts';
import { flushesItself } from '../../../main/engine/store/flushed-log.ts';
import { newestSchema } from '../../../main/engine/store/migrations.ts';
import { readMeta, writeMeta } from '../../../main/engine/store/meta.ts';
import { openStore } from '../../../main/engine/store/open-store.ts';
import { putCustomer } from '../../../main/engine/store/working-set.ts';
import { SeatFault } from '../../../shared/result.ts';
import { startFakeCentral } from '../fake-central.ts';
import { ended, endSeats, inbound, memoryLog, startSeat, talking, value } from '../harness.ts';
import { manualClock } from '../manual-clock.ts';
import { customer, feedOf } from '../sample.ts';

const key = randomBytes(32);
let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'zuoxi-store-'));
  file = join(folder, 'seat.db');
});
afterEach(async () => {
  await endSeats();
  rmSync(folder, { recursive: true, force: true });
});

const open = (withKey: Uint8Array = key, log = memoryLog()) =>
  openStore(folder, { key: withKey, kept: 'keyFile' }, manualClock(), log);

const engine = (name: string): string => JSON.stringify(new URL(`../../../main/engine/store/${name}`, import.meta.url));
const second = `
  import { openStore } from ${engine('open-store.ts')};
  import { readMeta } from ${engine('meta.ts')};
  const silent = { error() {}, warn() {}, info() {}, debug() {} };
  try {
    const storeKey = { key: Buffer.from(process.env.ZUOXI_KEY, 'hex'), kept: 'keyFile' };
    const db = openStore(process.argv[1], storeKey, { nowMs: () => 1 }, silent);
    console.log('opened', readMeta(db.read, 'seq'));
    db.close();
  } catch (fault) {
    console.log(fault.refusal?.reason ?? String(fault));
  }`;

describe('the store on disk', () => {
  it('a first transaction that a power cut left half written is taken back, and is no disk that cannot be written to', () => {
    open().close();
    const aside = mkdtempSync(join(tmpdir(), 'zuoxi-store-'));
    const sqlite = new Database(file);
    sqlite.pragma("cipher='chacha20'");
    sqlite.pragma(`key="x'${key.toString('hex')}'"`);
    sqlite.pragma('journal_mode=DELETE');
    // So few that pages of an open transaction are in the file already.
    sqlite.pragma('cache_size=2');
    sqlite.exec(
      'BEGIN; CREATE TABLE half (n); WITH RECURSIVE c (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM c LIMIT 9000) INSERT INTO half SELECT n FROM c',
    );
    cpSync(folder, aside, { recursive: true });
    sqlite.exec('ROLLBACK');
    sqlite.close();
    expect(readdirSync(aside)).toContain('seat.db-journal');
    writeFileSync(join(aside, 'cache.db-wal'), '');
    const db = openStore(aside, { key, kept: 'keyFile' }, manualClock(), memoryLog());
    expect(db.read.all('half', "SELECT name FROM main.sqlite_schema WHERE name = 'half'")).toEqual([]);
    db.close();
    expect(readdirSync(aside).filter((name) => name.includes('damaged'))).toEqual([]);
    rmSync(aside, { recursive: true, force: true });
  });

  it('is encrypted: nothing of a day’s work can be read in its files, and nothing of it is logged', async () => {
    const canary = '金丝雀甲乙丙';
    const central = await startFakeCentral(feedOf([customer('c-li', { surname: canary })]));
    const seat = startSeat(central.url, { profileDir: folder });
    await seat.signIn();
    await seat.synced();
    const call = inbound('13800138000');
    const { contactId } = call;
    await seat.report(call);
    await seat.report(talking(call));
    value(await seat.desk.call('draft.save', { contactId, note: canary, disposition: [] }));
    value(await seat.desk.call('verification.try', { contactId, factor: 'servicePassword', value: '135790' }));
    await seat.report(ended(call));
    value(await seat.desk.call('contact.wrapUp', { contactId, note: canary, disposition: ['other'] }));
    await seat.synced();
    const bytes = readdirSync(folder).map((name) => readFileSync(join(folder, name)));
    expect(bytes.length).toBeGreaterThan(0);
    for (const secret of [canary, '13800138000', 'SQLite format', '135790', 'sip-secret', 'token-8001'])
      for (const one of bytes) expect(one.includes(secret)).toBe(false);
    const said = JSON.stringify(seat.log.lines);
    for (const secret of [canary, '13800138000', '135790', '128.50', 'sip-secret', 'token-8001'])
      expect(said).not.toContain(secret);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    await central.close();
  });

  it.each(['main', 'cache'])(
    'writes through: WAL, synchronous, secure_delete and foreign keys are what the connection really has for %s',
    (schema) => {
      const db = open();
      const pragma = (name: string) => db.read.get<Record<string, unknown>>(name, `PRAGMA ${schema}.${name}`);
      // FULL for work, which is nowhere else, unless the door flushes it (test/crash proves it); NORMAL for what central gives again: a
      // power cut takes pages back with their cursor.
      expect(pragma('synchronous')).toEqual({ synchronous: schema === 'main' && !flushesItself ? 2 : 1 });
      expect(pragma('journal_mode')).toEqual({ journal_mode: 'wal' });
      expect(pragma('secure_delete')).toEqual({ secure_delete: 1 });
      expect(pragma('foreign_keys')).toEqual({ foreign_keys: 1 });
      expect(pragma('locking_mode')).toEqual({ locking_mode: 'exclusive' });
      expect(pragma('cache_size')).toEqual({ cache_size: schema === 'main' ? -8_192 : -65_536 });
      const loose = db.read.all(
        'loose tables',
        `SELECT name FROM pragma_table_list WHERE schema = '${schema}' AND type = 'table' AND strict = 0 AND name NOT LIKE 'sqlite_%'`,
      );
      expect(loose).toEqual([]);
      db.close();
    },
  );

  it('every table is in its file: the agent’s work in one, what central can give again in the other', () => {
    const db = open();
    const tables = (schema: string) =>
      db.read
        .all<{ name: string }>('tables', `SELECT name FROM ${schema}.sqlite_schema WHERE type = 'table' ORDER BY name`)
        .map((row) => row.name);
    expect(tables('main')).toEqual([
      'contact',
      'day_contact',
      'day_span',
      'draft',
      'meta',
      'outbox',
      'own_line',
      'own_work',
    ]);
    for (const name of tables('main')) expect(tables('cache')).not.toContain(name);
    expect(tables('cache')).toEqual(
      expect.arrayContaining(['customer', 'customer_number', 'feed', 'history', 'script']),
    );
    db.close();
  });

  it('a transaction writes one of the two files, or nothing', () => {
    const db = open();
    const message = /would write/;
    expect(() => db.write('wrong', (write) => putCustomer(write as never, customer('c1')))).toThrow(message);
    expect(() => db.fill('wrong', (write) => writeMeta(write as never, 'seq', 1))).toThrow(message);
    expect(() => db.fill('wrong', (write) => write.run('x', 'DELETE FROM main.meta'))).toThrow(message);
    expect(() => db.write('wrong', (write) => write.run('x', 'WITH a AS (SELECT 1) SELECT * FROM a'))).toThrow(message);
    expect(readMeta(db.read, 'seq')).toBeUndefined();
    db.close();
  });

  it('rolls back as a whole, and does not take a promise for a transaction', () => {
    const db = open();
    const count = () => db.read.get<{ n: number }>('n', 'SELECT count(*) AS n FROM customer')?.n;
    expect(() =>
      db.fill('half', (write) => {
        putCustomer(write, customer('c1'));
        throw new Error('power');
      }),
    ).toThrow('power');
    expect(count()).toBe(0);
    expect(() =>
      db.fill('async', (write) => {
        putCustomer(write, customer('c1'));
        return Promise.resolve();
      }),
    ).toThrow(SeatFault);
    expect(count()).toBe(0);
    db.close();
  });

  it('is held by one program at a time', () => {
    const db = open();
    expect(() => open()).toThrow(SeatFault);
    db.close();
    open().close();
  });

  it('a second process cannot open it either, and can once the first one is gone', () => {
    const other = (): string => {
      const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', second, folder], {
        encoding: 'utf8',
        env: { ...process.env, ZUOXI_KEY: key.toString('hex') },
      });
      return `${stdout}${stderr}`.trim();
    };
    const db = open();
    db.write('row', (write) => writeMeta(write, 'seq', 7));
    expect(other()).toBe('profileInUse');
    db.write('row', (write) => writeMeta(write, 'seq', 8));
    db.close();
    expect(other()).toBe('opened 8');
  });

  it('logs a slow statement by its name', () => {
    const log = memoryLog();
    const db = open(key, log);
    db.read.get(
      'counting sheep',
      'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000000) SELECT count(*) FROM n',
    );
    expect(log.lines).toContainEqual(
      expect.objectContaining({ level: 'warn', fields: expect.objectContaining({ name: 'counting sheep' }) }),
    );
    db.close();
  });
});

describe('damage', () => {
  it.each<[string, () => Uint8Array]>([
    ['another key', () => randomBytes(32)],
    [
      'a damaged first page',
      () => {
        const bytes = readFileSync(file);
        randomBytes(2_000).copy(bytes, 0);
        writeFileSync(file, bytes);
        return key;
      },
    ],
    [
      'a file that is something else',
      () => {
        writeFileSync(file, 'not a store at all'.repeat(1_000));
        return key;
      },
    ],
  ])('%s: the file is moved aside, not deleted, and the seat works', (_, damage) => {
    const db = open();
    db.fill('row', (write) => putCustomer(write, customer('c1')));
    db.write('row', (write) => writeMeta(write, 'seq', 7));
    db.close();
    const newKey = damage();
    const damaged = readFileSync(file);
    const log = memoryLog();
    const fresh = open(newKey, log);
    expect(readMeta(fresh.read, 'seq')).toBeUndefined();
    fresh.close();
    const aside = readdirSync(folder).find((name) => name.startsWith('seat.db.damaged') && !/-(wal|shm)$/.test(name));
    expect(aside).toBeDefined();
    expect(readFileSync(join(folder, aside ?? '')).equals(damaged)).toBe(true);
    expect(log.lines.filter((line) => line.level === 'error')).toHaveLength(newKey === key ? 1 : 2);
  });

  it('a key of the wrong length is a fault, not a lost store', () => {
    open().close();
    expect(() => open(randomBytes(16))).toThrow(SeatFault);
    expect(() => openDb(folder, randomBytes(32), newestSchema, memoryLog())).toThrow(DamagedStore);
    open().close();
  });

  it('with a key in memory only nothing is written to the disk', () => {
    const db = openStore(folder, { key, kept: 'memory' }, manualClock(), memoryLog());
    db.fill('row', (write) => putCustomer(write, customer('c1')));
    expect(readdirSync(folder)).toEqual([]);
    db.close();
  });
});
