import { refusal, SeatFault } from '../../../shared/result.ts';
import type { FlushedLog } from './flushed-log.ts';

/** The logs beside the two files, as SQLite tells of them. */
export type TendedLogs<Part> = {
  /** Open, and between two transactions. */
  readonly isFree: () => boolean;
  /** Pages in a log that are not in its file yet. */
  readonly pagesBehind: (part: Part) => number;
  /** Into the file. @returns whether all of them went */
  readonly move: (part: Part, how: 'PASSIVE' | 'TRUNCATE') => boolean;
};

/**
 * A log that the disk did not flush may have a hole where its last pages were, whatever the next flush says: then all of it moves into the file
 * and it begins anew, on the disk, before anything else is written. The change itself was not said to be done, but may be kept.
 */
export const madeDurable = (logs: Pick<TendedLogs<'work'>, 'move'>, workLog: FlushedLog) => {
  let isSure = true;
  const beginAnew = (): void => {
    try {
      isSure = logs.move('work', 'TRUNCATE');
      workLog.flush();
    } catch {
      isSure = false;
    }
    if (!isSure) throw new SeatFault('the disk does not work', refusal('internal', 'diskFails'));
  };
  return {
    /** Before a transaction. */
    mustBe: (): void => {
      if (!isSure) beginAnew();
    },
    /** After one that changed something. */
    make: (): void => {
      try {
        workLog.flush();
      } catch {
        beginAnew();
      }
    },
  };
};

/**
 * What is in the logs moves into the files in a turn of its own, after whoever committed has gone on: no op waits for pages of before. A
 * failure is nobody's: the log holds what it held, and the next statement that meets the disk says what is wrong.
 */
export const emptyingLogs = <Part>(
  logs: TendedLogs<Part>,
  few: readonly { readonly part: Part; readonly most: number }[],
  workLog: FlushedLog,
) => {
  let isDue = false;
  let hasRoom = false;
  const quietly = (work: () => void): void => {
    try {
      work();
    } catch {
      return;
    }
  };
  const tend = (): void => {
    isDue = false;
    if (!logs.isFree()) return;
    // Not there before the first commit; nor is there room on a full disk: whoever writes next is told.
    if (!hasRoom)
      quietly(() => {
        workLog.makeRoom();
        hasRoom = true;
      });
    for (const { part, most } of few)
      quietly(() => {
        if (logs.pagesBehind(part) >= most) logs.move(part, 'PASSIVE');
      });
  };
  return {
    /** A transaction is over. */
    written: (): void => {
      if (isDue) return;
      isDue = true;
      setImmediate(tend);
    },
    /** The log was cut to nothing. */
    cut: (): void => void (hasRoom = false),
  };
};
