import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import { faultFields } from '../log.ts';
import type { Db, ReadDb, StorePart } from './db.ts';
import { DamagedStore, fileNames } from './db.ts';
import type { Kept } from './salvage.ts';
import { flushNow } from './unflushed.ts';

/** A store file was damaged and is mended: what the agent is told in one sentence. */
export type Mended = {
  readonly part: StorePart;
  readonly atMs: number;
  /** Of the agent's own work: what could be read of the damaged file. The cache is loaded from central again. */
  readonly kept: Kept | null;
};

export type MendingParts = {
  readonly folder: string;
  /** Opens both files at the newest schema; makes those that are not there. */
  readonly open: () => Db;
  /** Puts into a new seat.db what can be read of a damaged one. */
  readonly salvage: (db: Db, damagedFile: string) => Kept;
  readonly clock: Clock;
  readonly log: Log;
  readonly mended: (what: Mended) => void;
};

/**
 * A store that mends itself, at its start and in use: the damaged file is moved aside, never deleted, a new one is begun, and what
 * failed is done again. The other file stays as it is. A second damage of the same file within a minute is a disk nobody can
 * mend: the fault is thrown.
 */
export const mendingStore = (parts: MendingParts): Db => {
  const { clock, log } = parts;
  const lastMs: Record<StorePart, number> = { work: Number.NEGATIVE_INFINITY, cache: Number.NEGATIVE_INFINITY };
  let depth = 0;

  const mend = (fault: unknown): Db => {
    if (!(fault instanceof DamagedStore) || clock.nowMs() - lastMs[fault.part] < againMs) throw fault;
    const { part } = fault;
    lastMs[part] = clock.nowMs();
    const aside = moveAside(parts.folder, part, clock);
    log.error('a store file is damaged: it was moved aside and a new one begun', { aside, code: fault.message });
    const db = opened(parts.open, mend);
    const kept = part === 'work' ? parts.salvage(db, join(parts.folder, aside)) : null;
    if (kept !== null) log.warn('own work was taken over from the damaged file', kept);
    parts.mended({ part, atMs: clock.nowMs(), kept });
    return db;
  };

  let db = opened(parts.open, mend);
  const trying = <T>(work: () => T): T => {
    depth += 1;
    try {
      // Both files may be damaged, and the second one is met when the first is mended; `mend` ends it.
      for (;;)
        try {
          return work();
        } catch (fault) {
          // Inside a transaction: it is rolled back first, and then begun again as a whole.
          if (depth > 1 || !(fault instanceof DamagedStore)) throw fault;
          db.close();
          db = mend(fault);
        }
    } finally {
      depth -= 1;
    }
  };
  const read = {
    all: (name: string, sql: string, ...values: never[]) => trying(() => db.read.all(name, sql, ...values)),
    get: (name: string, sql: string, ...values: never[]) => trying(() => db.read.get(name, sql, ...values)),
  } as unknown as ReadDb;
  return {
    read,
    write: (name, change) => trying(() => db.write(name, change)),
    fill: (name, change) => trying(() => db.fill(name, change)),
    scrub: () => trying(() => db.scrub()),
    get schema() {
      return db.schema;
    },
    get cacheDisk() {
      return db.cacheDisk;
    },
    close: () => {
      try {
        flushNow(db);
      } catch (fault) {
        log.warn('the cache could not be flushed', faultFields(fault));
      }
      db.close();
    },
  };
};

const againMs = 60_000;

const opened = (open: () => Db, mend: (fault: unknown) => Db): Db => {
  try {
    return open();
  } catch (fault) {
    return mend(fault);
  }
};

const moveAside = (folder: string, part: StorePart, clock: Clock): string => {
  const name = fileNames[part];
  let aside = `${name}.damaged-${clock.nowMs()}`;
  while (existsSync(join(folder, aside))) aside += '+';
  for (const end of ['', '-wal', '-shm']) {
    const file = join(folder, name + end);
    if (existsSync(file)) renameSync(file, join(folder, aside + end));
  }
  return aside;
};
