import { closeSync, fdatasync, fdatasyncSync, fstatSync, openSync, readSync } from 'node:fs';
import { promisify } from 'node:util';
import type { FlushedLog } from './flushed-log.ts';

/**
 * A file of the store as it lies on the disk. It stays open as long as SQLite has it open: closing any handle of a file takes every lock away
 * that this process has on it (POSIX), and a second program could then open the same profile.
 */
export type StoredFile = {
  /** Of what lies on the disk, not of what was asked for. */
  readonly isEncrypted: () => boolean;
  readonly inode: number;
  readonly flush: () => void;
  readonly flushAside: () => Promise<void>;
  /** After SQLite has closed it. */
  readonly close: () => void;
};

export const storedFile = (file: string): StoredFile => {
  const opened = openSync(file, 'r');
  return {
    isEncrypted: () => {
      const start = Buffer.alloc(plainStart.length);
      readSync(opened, start, 0, start.length, 0);
      return !start.equals(plainStart);
    },
    inode: fstatSync(opened).ino,
    flush: () => fdatasyncSync(opened),
    flushAside: () => promisify(fdatasync)(opened),
    close: () => closeSync(opened),
  };
};

/** Every SQLite file that is not encrypted begins so. */
const plainStart = Buffer.from('SQLite format 3');

/** The cache's file and its log, for a load that does not wait for the disk (unflushed.ts). */
export type CacheDisk = {
  /** Which file it is. */
  readonly file: number;
  readonly setFlushing: (isOn: boolean) => void;
  /** All there is. @throws when the disk does not say so */
  readonly flush: () => void;
  /** The same beside the engine's thread. */
  readonly flushAside: () => Promise<void>;
};

export const cacheDiskOf = (file: StoredFile, log: FlushedLog, setFlushing: CacheDisk['setFlushing']): CacheDisk => ({
  ...{ file: file.inode, setFlushing },
  flush: () => {
    log.flush();
    file.flush();
  },
  flushAside: async () => {
    await log.flushAside();
    await file.flushAside();
  },
});
