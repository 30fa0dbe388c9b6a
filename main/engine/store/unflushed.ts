import { readFileSync } from 'node:fs';
import type { Db } from './db.ts';
import { DamagedStore } from './db.ts';
import { readMeta, writeMeta } from './meta.ts';

/**
 * A load writes the cache over and over, and waiting for the disk at each of its checkpoints held the engine up longer than all else. So during one
 * the system writes it down when it likes. A process that dies loses nothing by that; a machine that dies may leave pages of
 * different moments, each sound by itself. Hence seat.db says, on the disk before the first such page, in which life of the machine which
 * file is written so: found in another life, the cache is thrown away like a damaged one and loaded again. Where a machine does not tell
 * its lives apart (all but Linux) everything is flushed as ever.
 */
/** Null: this machine does not tell. */
export const thisLife = (): string | null => {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return null;
  }
};

/** A load begins, or goes on. */
export const leaveToSystem = (db: Db, life: string | null = thisLife()): void => {
  const { cacheDisk } = db;
  if (cacheDisk === undefined || life === null) return;
  const { file } = cacheDisk;
  if (readMeta(db.read, 'unflushed')?.file !== file)
    db.write('not flushed from now on', (write) => writeMeta(write, 'unflushed', { life, file }));
  cacheDisk.setFlushing(false);
};

/** A load is over. What could not be flushed stays marked. */
export const flushed = async (db: Db): Promise<void> => {
  if (!isMarked(db)) return;
  try {
    // Nearly all of it goes here, and the rest in no time.
    await db.cacheDisk?.flushAside();
    flushNow(db);
  } catch {
    return;
  }
};

/** @throws when the disk did not take it: the mark stays */
export const flushNow = (db: Db): void => {
  if (!isMarked(db)) return;
  db.cacheDisk?.setFlushing(true);
  db.cacheDisk?.flush();
  unmark(db);
};
const unmark = (db: Db): void => db.write('flushed', (write) => writeMeta(write, 'unflushed', null));

/** At a start. @throws DamagedStore when the machine died in a load */
export const mustBeOfThisLife = (db: Db, life: string | null = thisLife()): void => {
  const left = readMeta(db.read, 'unflushed') ?? undefined;
  if (left === undefined) return;
  const isThatFile = left.file === db.cacheDisk?.file;
  if (isThatFile && left.life !== life) throw new DamagedStore('cache', 'CUT_SHORT');
  if (isThatFile) flushNow(db);
  else unmark(db);
};

const isMarked = (db: Db): boolean => (readMeta(db.read, 'unflushed') ?? null) !== null;
