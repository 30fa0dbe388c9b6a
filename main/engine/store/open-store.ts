import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import type { Db } from './db.ts';
import { DamagedStore, openDb } from './db.ts';
import { migrate, newestSchema } from './migrations.ts';

export type StoreKey = {
  /** 32 random bytes. */
  readonly key: Uint8Array;
  /** Where the key lives; `memory`: nowhere, so the store must not touch the disk either (security 27). */
  readonly kept: 'keyStore' | 'keyFile' | 'memory';
};

/**
 * Opens the seat's store in its profile folder, at the newest schema. A file that does not open with this key is moved aside,
 * never deleted — it may hold work that was not yet sent — and a new one is begun.
 */
export const openStore = (profileDir: string, storeKey: StoreKey, clock: Clock, log: Log): Db => {
  if (storeKey.kept === 'memory') {
    const db = openDb(':memory:', storeKey.key, newestSchema, log);
    migrate(db);
    return db;
  }
  mkdirSync(profileDir, { recursive: true, mode: 0o700 });
  const file = join(profileDir, 'seat.db');
  try {
    return atNewest(file, storeKey.key, log);
  } catch (fault) {
    if (!(fault instanceof DamagedStore)) throw fault;
    const aside = `seat.db.damaged-${clock.nowMs()}`;
    for (const end of ['', '-wal', '-shm'])
      if (existsSync(file + end)) renameSync(file + end, join(profileDir, aside + end));
    log.error('the store could not be opened: it was moved aside and a new one begun', { aside, code: fault.message });
    return atNewest(file, storeKey.key, log);
  }
};

const atNewest = (file: string, key: Uint8Array, log: Log): Db => {
  const db = openDb(file, key, newestSchema, log);
  try {
    migrate(db);
    // Opening reads one page only; the tables' roots are worth a look before the seat relies on them.
    db.read.get('first look', 'SELECT count(*) AS n FROM meta');
  } catch (fault) {
    db.close();
    if (fault instanceof Error && 'code' in fault && /^SQLITE_(CORRUPT|NOTADB)/.test(String(fault.code)))
      throw new DamagedStore(String(fault.code));
    throw fault;
  }
  return db;
};
