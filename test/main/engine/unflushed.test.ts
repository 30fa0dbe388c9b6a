import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { applyPage } from '../../../main/engine/apply-page.ts';
import { systemClock } from '../../../main/engine/clock.ts';
import { pageOf } from '../../../main/engine/page.ts';
import type { Db } from '../../../main/engine/store/db.ts';
import { DamagedStore, openDb } from '../../../main/engine/store/db.ts';
import type { Mended } from '../../../main/engine/store/mending.ts';
import { readFeed, readMeta, writeMeta } from '../../../main/engine/store/meta.ts';
import { newestSchema } from '../../../main/engine/store/migrations.ts';
import { openStore } from '../../../main/engine/store/open-store.ts';
import { flushed, leaveToSystem, mustBeOfThisLife, thisLife } from '../../../main/engine/store/unflushed.ts';
import { countCustomers } from '../../../main/engine/store/working-set.ts';
import { defaultPolicy } from '../../../shared/policy.ts';
import { memoryLog } from '../harness.ts';
import { customer } from '../sample.ts';

const key = new Uint8Array(32).fill(7);
let folder: string;
let told: Mended[];
let db: Db;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'zuoxi-unflushed-'));
  told = [];
});
afterEach(() => {
  db.close();
  rmSync(folder, { recursive: true, force: true });
});

const open = (): Db => openStore(folder, { key, kept: 'keyFile' }, systemClock, memoryLog(), (what) => told.push(what));
const synchronous = (): unknown => db.read.get('synchronous', 'PRAGMA cache.synchronous');
const mark = () => readMeta(db.read, 'unflushed') ?? null;
const page = pageOf({
  changes: Array.from({ length: 300 }, (_, n) => ({ entity: 'customer', id: `c-${n}`, row: customer(`c-${n}`) })),
  ...{ cursor: 'next', more: false, total: 300 },
});
const load = (isCurrent = (): boolean => true) => applyPage({ db, log: memoryLog(), isCurrent }, page, '');
const signedIn = (): void =>
  db.write('session', (write) =>
    writeMeta(write, 'session', {
      ...{ token: 't', practice: false, sinceMs: 0, policy: { ...defaultPolicy, cacheCap: 1_000 } },
      agent: { id: 'agent-8001', number: '8001', name: 'A', role: 'agent', queues: [] },
    } as never),
  );
/** The process is gone, its files are as they were. */
const killed = (): void => {
  const dying = openDb(folder, key, newestSchema, memoryLog());
  leaveToSystem(dying);
  dying.close();
};

const tells = describe.skipIf(thisLife() === null);

tells('a load does not wait for the disk', () => {
  beforeEach(() => {
    db = open();
    signedIn();
  });

  it('marked before the first page that is not flushed; at its end all is on the disk and the mark is gone', async () => {
    const seen: unknown[] = [];
    await load(() => {
      seen.push(mark(), synchronous());
      return true;
    });
    expect(mark()).toBeNull();
    expect(synchronous()).toEqual({ synchronous: 1 });
    expect(seen.slice(0, 2)).toEqual([{ life: thisLife(), file: expect.any(Number) }, { synchronous: 0 }]);
    expect(countCustomers(db.read)).toBe(300);
    expect(readFeed(db.read, 'loaded')).toBe(true);
  });

  it('broken off, and closed in order: nothing is thrown away', async () => {
    await load(() => false);
    expect(mark()).not.toBeNull();
    db.close();
    db = open();
    expect(mark()).toBeNull();
    expect(synchronous()).toEqual({ synchronous: 1 });
    expect(told).toEqual([]);
  });

  it('the process died: what it wrote is there, flushed now', async () => {
    await load();
    db.close();
    killed();
    db = open();
    expect(countCustomers(db.read)).toBe(300);
    expect(mark()).toBeNull();
    expect(told).toEqual([]);
  });

  it('the machine died: the cache is thrown away and loaded again, own work stays', async () => {
    await load();
    db.close();
    db = openDb(folder, key, newestSchema, memoryLog());
    leaveToSystem(db, 'the life before');
    expect(() => mustBeOfThisLife(db)).toThrow(DamagedStore);
    db.close();
    db = open();
    expect(told).toMatchObject([{ part: 'cache' }]);
    expect(countCustomers(db.read)).toBe(0);
    expect(readMeta(db.read, 'session')).toBeDefined();
    expect(mark()).toBeNull();
    expect(readdirSync(folder).filter((name) => name.startsWith('cache.db.damaged-'))).not.toEqual([]);
    await load();
    db.close();
    db = open();
    expect(countCustomers(db.read)).toBe(300);
    expect(told).toHaveLength(1);
  });
});

it('where a machine does not tell its lives apart, and in memory, everything is flushed as ever', async () => {
  db = open();
  leaveToSystem(db, null);
  expect([mark(), synchronous()]).toEqual([null, { synchronous: 1 }]);
  await flushed(db);
  db.close();
  db = openStore(folder, { key, kept: 'memory' }, systemClock, memoryLog());
  leaveToSystem(db);
  expect(mark()).toBeNull();
});
