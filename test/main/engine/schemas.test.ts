import { spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { contactById, draftOf, pastOf } from '../../../main/engine/store/contacts.ts';
import type { StorePart } from '../../../main/engine/store/db.ts';
import { openDb } from '../../../main/engine/store/db.ts';
import { readFeed, readMeta, writeMeta } from '../../../main/engine/store/meta.ts';
import { migrate, newestSchema } from '../../../main/engine/store/migrations.ts';
import { openStore } from '../../../main/engine/store/open-store.ts';
import { waitingOps } from '../../../main/engine/store/outbox.ts';
import { customersByNumber, customersBySurname, scriptAt, targets } from '../../../main/engine/store/working-set.ts';
import { SeatFault } from '../../../shared/result.ts';
import { memoryLog } from '../harness.ts';
import { manualClock } from '../manual-clock.ts';
import { oldStore, openId, toldId } from './old-store.ts';

const key = randomBytes(32);
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'zuoxi-schema-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = () => openStore(folder, { key, kept: 'keyFile' }, manualClock(), memoryLog());

const hashes = (): Record<string, string> =>
  Object.fromEntries(
    readdirSync(folder).map((name) => [
      name,
      createHash('sha256')
        .update(readFileSync(join(folder, name)))
        .digest('hex'),
    ]),
  );

const holdsEverything = (): void => {
  const db = open();
  expect(db.schema).toEqual(newestSchema);
  expect(waitingOps(db.read, 10).map((op) => op.seq)).toEqual([4, 5]);
  expect(readMeta(db.read, 'seq')).toBe(5);
  expect(contactById(db.read, openId)?.note).toBe('未送出');
  expect(draftOf(db.read, openId).note).toBe('草稿');
  expect(customersByNumber(db.read, '+8613800138000')).toHaveLength(1);
  expect(customersBySurname(db.read, '赵', 5)).toHaveLength(1);
  expect(scriptAt(db.read, 'bill-help', 1)?.version).toBe(1);
  expect(pastOf(db.read, 'c-old', 10).map((past) => past.contactId)).toEqual([openId, toldId]);
  expect(readFeed(db.read, 'workingSetOf')).toBe('agent-8001');
  expect(targets(db.read).length).toBeLessThanOrEqual(1);
  const left = db.read.all('tables', "SELECT name FROM main.sqlite_schema WHERE name LIKE 'customer%'");
  expect(left).toEqual([]);
  db.close();
};

describe('security 87: schemas', () => {
  it.each([1, 2, 3])(
    'a store of schema %i, one file for everything, loses nothing on its way to two files',
    (version) => {
      oldStore(folder, key, version);
      holdsEverything();
      holdsEverything();
    },
  );

  it.each([1, 2, 3])('nor when it was left by a crash, its newest rows in the log', (version) => {
    const live = join(folder, 'live');
    const leave = oldStore(live, key, version, 'open');
    cpSync(live, folder, { recursive: true });
    leave();
    rmSync(live, { recursive: true });
    expect(readdirSync(folder)).toContain('seat.db-wal');
    holdsEverything();
  });

  it('nor when it dies between the two files', () => {
    oldStore(folder, key, 3);
    const half = `
      import { openDb } from './main/engine/store/db.ts';
      import { migrate, newestSchema } from './main/engine/store/migrations.ts';
      const silent = { error() {}, warn() {}, info() {}, debug() {} };
      const db = openDb(process.argv[1], Buffer.from(process.argv[2], 'hex'), newestSchema, silent);
      migrate(db, { ...newestSchema, work: 3 });
      process.kill(process.pid, 'SIGKILL');`;
    const died = spawnSync(
      process.execPath,
      ['--input-type=module-typescript', '-e', half, folder, key.toString('hex')],
      { cwd: fileURLToPath(new URL('../../..', import.meta.url)), encoding: 'utf8' },
    );
    expect([died.signal, died.stderr]).toEqual(['SIGKILL', '']);
    const db = openDb(folder, key, newestSchema, memoryLog());
    expect(db.schema).toEqual({ ...newestSchema, work: 3 });
    db.close();
    holdsEverything();
  });

  it.each<[StorePart, 'closed' | 'crashed']>([
    ['work', 'closed'],
    ['work', 'crashed'],
    ['cache', 'closed'],
    ['cache', 'crashed'],
  ])('an older program refuses a newer %s file, left %s, and changes no byte', (part, left) => {
    const live = join(folder, 'live');
    const db = openStore(live, { key, kept: 'keyFile' }, manualClock(), memoryLog());
    // The other file has something in its log too.
    db.write('row', (write) => writeMeta(write, 'seq', 9));
    const mark = `PRAGMA ${part === 'work' ? 'main' : 'cache'}.user_version = ${newestSchema[part] + 1}`;
    if (part === 'work') db.write('future', (write) => write.script('mark', mark));
    else db.fill('future', (write) => write.script('mark', mark));
    if (left === 'closed') db.close();
    cpSync(live, folder, { recursive: true });
    if (left === 'crashed') db.close();
    rmSync(live, { recursive: true });
    const before = hashes();
    expect(Object.keys(before)).toHaveLength(left === 'closed' ? 2 : 4);
    expect(open).toThrow(SeatFault);
    expect(open).toThrow(/install the newer version again/);
    expect(hashes()).toEqual(before);
  });

  it('the program of before, which knows one file, refuses as well', () => {
    open().close();
    const before = hashes();
    expect(() => openDb(folder, key, { work: 3, cache: 0 }, memoryLog())).toThrow(/install the newer version again/);
    expect(hashes()).toEqual(before);
  });

  it('every step on its own ends at the same tables', () => {
    const tables = (): unknown => {
      const db = open();
      const made = ['main', 'cache'].map((schema) =>
        db.read.all('tables', `SELECT type, name, sql FROM ${schema}.sqlite_schema ORDER BY name`),
      );
      db.close();
      return made;
    };
    for (let work = 1; work <= newestSchema.work; work += 1) {
      const db = openDb(folder, key, newestSchema, memoryLog());
      migrate(db, { work, cache: work <= 3 ? 0 : newestSchema.cache });
      db.close();
    }
    const stepped = tables();
    rmSync(folder, { recursive: true });
    expect(tables()).toEqual(stepped);
  });
});
