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
import { readFeed, writeMeta } from '../../../main/engine/store/meta.ts';
import { lastSeq } from '../../../main/engine/store/op-places.ts';
import { idsBySurname } from '../../../main/engine/store/customer-keys.ts';
import { migrate, newestSchema } from '../../../main/engine/store/migrations.ts';
import { openStore } from '../../../main/engine/store/open-store.ts';
import { waitingOps } from '../../../main/engine/store/outbox.ts';
import { customersByNumber, scriptAt } from '../../../main/engine/store/working-set.ts';
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

const everything = {
  schema: newestSchema,
  waiting: [4, 5],
  seq: 5,
  note: '未送出',
  draft: '草稿',
  byNumber: ['c-old'],
  bySurname: ['c-old'],
  script: 1,
  timeline: [openId, toldId],
  workingSetOf: 'agent-8001',
  cursor: '17',
  leftBehind: [],
};

/** Schema 3 brought the directory, which a loaded working set did not have: it is asked for from the beginning. */
const from = (version: number): typeof everything => (version < 3 ? { ...everything, cursor: '' } : everything);

const found = (): typeof everything => {
  const db = open();
  const { read, schema } = db;
  const holds = {
    schema,
    waiting: waitingOps(read, 10).map((op) => op.seq),
    seq: lastSeq(read),
    note: contactById(read, openId)?.note ?? '',
    draft: draftOf(read, openId).note,
    byNumber: customersByNumber(read, '+8613800138000').map((row) => row.customer.id),
    bySurname: [...idsBySurname(read, '赵', 5)],
    script: scriptAt(read, 'bill-help', 1)?.version ?? 0,
    timeline: pastOf(read, 'c-old', 10).map((past) => past.contactId),
    workingSetOf: readFeed(read, 'workingSetOf') ?? '',
    cursor: readFeed(read, 'cursor') ?? '',
    leftBehind: read.all<never>('tables', "SELECT name FROM main.sqlite_schema WHERE name LIKE 'customer%'"),
  };
  db.close();
  return holds;
};

describe('security 87: schemas', () => {
  it.each([1, 2, 3])(
    'a store of schema %i, one file for everything, loses nothing on its way to two files',
    (version) => {
      oldStore(folder, key, version);
      expect(found()).toEqual(from(version));
      expect(found()).toEqual(from(version));
    },
  );

  it.each([1, 2, 3])('nor when it was left by a crash, its newest rows in the log', (version) => {
    const live = join(folder, 'live');
    const leave = oldStore(live, key, version, 'open');
    cpSync(live, folder, { recursive: true });
    leave();
    rmSync(live, { recursive: true });
    expect(readdirSync(folder)).toContain('seat.db-wal');
    expect(found()).toEqual(from(version));
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
    expect(found()).toEqual(everything);
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
