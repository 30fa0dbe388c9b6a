import { closeSync, fdatasync, fdatasyncSync, fstatSync, openSync, writeSync } from 'node:fs';
import { promisify } from 'node:util';

/**
 * SQLite's FULL flushes the log at each commit. The driver's SQLite is built without fdatasync, so that on Linux it also writes the file's new
 * time, and with it the file system's journal: twice the time of an op. There the door flushes the log itself, before it says that a
 * commit is done; all else SQLite flushes as ever, for NORMAL leaves out nothing but this. A log that grows is written to that journal too:
 * so it is given its room beforehand.
 */
export const flushesItself = process.platform === 'linux';

/** The log of seat.db. */
export type FlushedLog = {
  /** What was committed is on the disk when this returns. @throws when the disk did not say so */
  readonly flush: () => void;
  /** The same beside the engine's thread. */
  readonly flushAside: () => Promise<void>;
  /** Between two transactions: the log has room for what it holds at most in a quiet time. */
  readonly makeRoom: () => void;
  readonly close: () => void;
};

/** In memory, or where SQLite does it. */
export const notFlushed: FlushedLog = {
  flush: () => {},
  flushAside: async () => {},
  makeRoom: () => {},
  close: () => {},
};

/** As far as it comes before what is in it moves into its file (256 pages, db.ts), and the ops of a moment more. */
const roomBytes = 320 * 1024;

/** @param file SQLite makes it for its first commit, and it stays the same one as long as the store is open */
export const openFlushedLog = (file: string): FlushedLog => {
  let known: number | undefined;
  const opened = (): number => (known ??= openSync(file, 'r+'));
  return {
    flush: () => fdatasyncSync(opened()),
    flushAside: () => promisify(fdatasync)(opened()),
    makeRoom: () => {
      const { size } = fstatSync(opened());
      // Behind the last of its pages: SQLite reads up to the first one that is none of this log's.
      if (size < roomBytes) writeSync(opened(), Buffer.alloc(roomBytes - size), 0, roomBytes - size, size);
    },
    close: () => {
      if (known !== undefined) closeSync(known);
    },
  };
};
