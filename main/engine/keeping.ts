import { isDeepStrictEqual } from 'node:util';
import type { Policy } from '../../shared/policy.ts';
import type { Keeping } from '../../shared/keeping.ts';
import { keepingOf, passed } from '../../shared/keeping.ts';
import type { Clock } from './clock.ts';
import type { Log } from './log.ts';
import { forgetContacts } from './store/contacts.ts';
import type { Db } from './store/db.ts';
import { readFeed, readMeta, writeFeed, writeMeta } from './store/meta.ts';
import { dropOwnWork, settledWork } from './store/work.ts';
import { clearWorkingSet } from './store/working-set.ts';

/**
 * How long a seat keeps what it holds and shows it, by its own time (shared/keeping.ts; security 32, 33, R39, R45): looked at when the
 * program starts, before anything is shown, then every minute.
 */
export interface KeepingWatch {
  /** No word of central for too long: nothing is shown until central is reached. */
  readonly isLocked: boolean;
  readonly lockHours: number;
  /** Finished contacts are forgotten after so long. */
  readonly keepContactsMs: number;
  /** Counts the time this program did not run, before anything is shown: nobody has asked central meanwhile. */
  start(): void;
  /** Central answered. */
  heard(): void;
  /** Somebody signed in or out, or the policy is another. */
  sessionChanged(): void;
  close(): void;
}

export type KeepingNeeds = {
  readonly db: Db;
  readonly clock: Clock;
  readonly log: Log;
  readonly policy: () => Policy | undefined;
  /** A contact in hand is never taken away; it is brought to its end first. */
  readonly isBusy: () => boolean;
  readonly lockChanged: () => void;
  /** Nothing of central's is here any more. */
  readonly purged: () => void;
  /** After a sleep, or a clock put forward: a word of central decides which. */
  readonly ask: () => void;
};

const everyMs = 60_000;
/** What central has to say must come within this time after a gap, or the gap counts. */
const answerMs = 15_000;
/** So much more than the timer's time is a gap. */
const gapMs = 5 * 60_000;

export const createKeepingWatch = (needs: KeepingNeeds): KeepingWatch => {
  const { db, clock, log, isBusy, policy } = needs;
  const stored = readMeta(db.read, 'keeping');
  let now: Keeping = stored ?? begun(clock.nowMs(), policy());
  let gapOwedMs = 0;
  let isLocked = false;
  let isClosed = false;
  let cancel = (): void => {};

  const put = (next: Keeping): void => {
    now = next;
    db.write('keeping', (write) => writeMeta(write, 'keeping', next));
  };

  const review = (): void => {
    const locks = now.awayMs >= now.limits.lockMs && (isLocked || !isBusy());
    const isDue = now.awayMs >= now.limits.wipeMs || (policy() === undefined && now.idleMs >= now.limits.retentionMs);
    if (isDue && !now.isPurged && !isBusy()) {
      purge(db);
      put({ ...now, isPurged: true });
      log.info('what the seat held was purged', { awayMs: now.awayMs, idleMs: now.idleMs });
      needs.purged();
    }
    if (locks === isLocked) return;
    isLocked = locks;
    log.warn(locks ? 'no word of central for too long: locked' : 'central is back: unlocked', { awayMs: now.awayMs });
    needs.lockChanged();
  };

  const count = (ms: number): void => {
    const isSignedIn = policy() !== undefined;
    put({ ...now, awayMs: now.awayMs + ms, idleMs: isSignedIn ? 0 : now.idleMs + ms, wallMs: clock.nowMs() });
    review();
  };

  const tick = (waitedMs: number): void => {
    if (isClosed) return;
    const elapsed = passed(now.wallMs, clock.nowMs(), waitedMs);
    const owed = gapOwedMs;
    gapOwedMs = elapsed - waitedMs > gapMs ? elapsed : 0;
    wait(gapOwedMs > 0 ? answerMs : everyMs);
    if (gapOwedMs === 0) return count(elapsed + owed);
    now = { ...now, wallMs: clock.nowMs() };
    needs.ask();
  };
  const wait = (ms: number): void => {
    cancel = clock.after(ms, () => tick(ms));
  };

  return {
    get isLocked() {
      return isLocked;
    },
    get lockHours() {
      return now.limits.lockMs / 3_600_000;
    },
    get keepContactsMs() {
      return now.limits.retentionMs;
    },
    start: () => {
      wait(everyMs);
      if (stored !== undefined) count(passed(now.wallMs, clock.nowMs(), 0));
    },
    heard: () => {
      gapOwedMs = 0;
      now = { ...now, awayMs: 0, wallMs: clock.nowMs(), isPurged: now.isPurged && policy() === undefined };
      if (isLocked) count(0);
    },
    sessionChanged: () => {
      const served = policy();
      if (served === undefined) return review();
      const next = { ...now, idleMs: 0, isPurged: false, limits: keepingOf(served) };
      if (!isDeepStrictEqual(next, now)) put(next);
    },
    close: () => {
      isClosed = true;
      cancel();
    },
  };
};

const begun = (wallMs: number, policy: Policy | undefined): Keeping => ({
  ...{ awayMs: 0, idleMs: 0, wallMs, limits: keepingOf(policy), isPurged: false },
});

/** Own work that central does not have stays, sealed by the store's key, and is delivered when it can be. */
const purge = (db: Db): void => {
  // Own contacts first: scripts are kept for those that are open.
  db.write('purge contacts', (write) => {
    forgetContacts(write, Number.MAX_SAFE_INTEGER);
    dropOwnWork(write, settledWork(write));
    writeMeta(write, 'keptCalls', []);
  });
  db.fill('purge', (write) => {
    clearWorkingSet(write);
    if (readFeed(write, 'cursor') !== undefined) writeFeed(write, 'cursor', '');
    writeFeed(write, 'loaded', false);
  });
  db.scrub();
};
