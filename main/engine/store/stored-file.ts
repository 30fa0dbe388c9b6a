import { closeSync, openSync, readSync } from 'node:fs';

/**
 * A file of the store as it lies on the disk. It stays open as long as SQLite has it open: closing any handle of a file takes every lock away
 * that this process has on it (POSIX), and a second program could then open the same profile.
 */
export type StoredFile = {
  /** Of what lies on the disk, not of what was asked for. */
  readonly isEncrypted: () => boolean;
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
    close: () => closeSync(opened),
  };
};

/** Every SQLite file that is not encrypted begins so. */
const plainStart = Buffer.from('SQLite format 3');
