import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import type { Db, StorePart } from './db.ts';
import { DamagedStore, fileNames, openDb } from './db.ts';
import { migrate, newestSchema } from './migrations.ts';

export type StoreKey = {
  /** 32 random bytes. */
  readonly key: Uint8Array;
  /** Where the key lives; `memory`: nowhere, so the store must not touch the disk either (security 27). */
  readonly kept: 'keyStore' | 'keyFile' | 'memory';
};

/**
 * Opens the seat's store in its profile folder, at the newest schema. A file that does not open with this key is moved aside,
 * never deleted — it may hold work that was not yet sent — and a new one is begun; the other file stays as it is.
 */
export const openStore = (profileDir: string, storeKey: StoreKey, clock: Clock, log: Log): Db => {
  if (storeKey.kept === 'memory') {
    const db = openDb(':memory:', storeKey.key, newestSchema, log);
    migrate(db);
    return db;
  }
  mkdirSync(profileDir, { recursive: true, mode: 0o700 });
  const moved = new Set<StorePart>();
  for (;;) {
    try {
      return atNewest(profileDir, storeKey.key, log);
    } catch (fault) {
      // Moved aside once, and the new file is damaged as well: that is not for us to mend.
      if (!(fault instanceof DamagedStore) || moved.has(fault.part)) throw fault;
      moved.add(fault.part);
      const aside = moveAside(profileDir, fault.part, clock);
      log.error('a store file could not be opened: it was moved aside and a new one begun', {
        aside,
        code: fault.message,
      });
    }
  }
};

const moveAside = (profileDir: string, part: StorePart, clock: Clock): string => {
  const name = fileNames[part];
  const aside = `${name}.damaged-${clock.nowMs()}`;
  for (const end of ['', '-wal', '-shm']) {
    const file = join(profileDir, name + end);
    if (existsSync(file)) renameSync(file, join(profileDir, aside + end));
  }
  return aside;
};

const atNewest = (folder: string, key: Uint8Array, log: Log): Db => {
  const db = openDb(folder, key, newestSchema, log);
  let part: StorePart = 'work';
  try {
    migrate(db);
    // Opening reads one page only; the tables' roots are worth a look before the seat relies on them.
    db.read.get('first look', 'SELECT count(*) AS n FROM meta');
    part = 'cache';
    db.read.get('first look', 'SELECT count(*) AS n FROM feed');
  } catch (fault) {
    db.close();
    if (fault instanceof Error && 'code' in fault && /^SQLITE_(CORRUPT|NOTADB)/.test(String(fault.code)))
      throw new DamagedStore(part, String(fault.code));
    throw fault;
  }
  return db;
};
