import { closeSync, fdatasyncSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const pageBytes = 4_096;
const pages = 256;

/** The least a durable write can cost on this disk: one page of a file that is there already, and its fdatasync. */
export type RawDisk = {
  /** One overwrite, in ms. */
  readonly writeMs: () => number;
  /** The same with fsync, which the driver's SQLite calls: on Linux the file's new time goes to the disk's journal as well. */
  readonly writeWithTimesMs: () => number;
  /** So many pages of 1 KiB with their heads of 24 bytes, one call each as SQLite writes its log, and fsync: the floor of a commit. */
  readonly writePagesMs: (count: number) => number;
  readonly close: () => void;
};

export const openRawDisk = (dir: string): RawDisk => {
  const path = join(dir, 'raw-disk');
  const file = openSync(path, 'w');
  const page = Buffer.alloc(pageBytes, 1);
  for (let at = 0; at < pages; at += 1) writeSync(file, page, 0, pageBytes, at * pageBytes);
  fsyncSync(file);
  let next = 0;
  const timed = (flush: (file: number) => void): number => {
    const startMs = performance.now();
    writeSync(file, page, 0, pageBytes, (next % pages) * pageBytes);
    flush(file);
    next += 1;
    return performance.now() - startMs;
  };
  return {
    writeMs: () => timed(fdatasyncSync),
    writeWithTimesMs: () => timed(fsyncSync),
    writePagesMs: (count) => {
      const startMs = performance.now();
      for (let at = 0; at < count; at += 1) {
        const place = ((next + at) % (pages * 3)) * 1_048;
        writeSync(file, page, 0, 24, place);
        writeSync(file, page, 0, 1_024, place + 24);
      }
      fsyncSync(file);
      next += count;
      return performance.now() - startMs;
    },
    close: () => {
      closeSync(file);
      rmSync(path, { force: true });
    },
  };
};
