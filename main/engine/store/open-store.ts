import { mkdirSync } from 'node:fs';
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import type { Db } from './db.ts';
import { openDb } from './db.ts';
import type { Mended } from './mending.ts';
import { mendingStore } from './mending.ts';
import { migrate, newestSchema } from './migrations.ts';
import { salvage } from './salvage.ts';
import { mustBeOfThisLife } from './unflushed.ts';

export type StoreKey = {
  /** 32 random bytes. */
  readonly key: Uint8Array;
  /** Where the key lives; `memory`: nowhere, so the store must not touch the disk either (security 27). */
  readonly kept: 'keyStore' | 'keyFile' | 'memory';
};

/**
 * Opens the seat's store in its profile folder, at the newest schema. A file that does not open with this key, or is found damaged
 * later on, is moved aside, never deleted — it may hold work that was not yet sent — and a new one is begun (`mendingStore`).
 */
export const openStore = (
  profileDir: string,
  storeKey: StoreKey,
  clock: Clock,
  log: Log,
  mended: (what: Mended) => void = () => {},
): Db => {
  const { key } = storeKey;
  if (storeKey.kept === 'memory') return atNewest(':memory:', key, log);
  mkdirSync(profileDir, { recursive: true, mode: 0o700 });
  return mendingStore({
    folder: profileDir,
    open: () => atNewest(profileDir, key, log),
    salvage: (db, file) => salvage(db, file, key),
    clock,
    log,
    mended,
  });
};

const atNewest = (folder: string, key: Uint8Array, log: Log): Db => {
  const db = openDb(folder, key, newestSchema, log);
  try {
    if (db.schema.work > 0) mustBeOfThisLife(db);
    migrate(db);
    // Opening reads one page only; the tables' roots are worth a look before the seat relies on them.
    for (const table of ['meta', 'outbox', 'contact', 'draft', 'own_line', 'feed'])
      db.read.get('first look', `SELECT 1 FROM ${table} LIMIT 1`);
    return db;
  } catch (fault) {
    db.close();
    throw fault;
  }
};
