import type { Clock } from './ambient.ts';

/**
 * Who comes in when everybody comes back at once: a centre's seats after an outage. Served all at the same time each of them would be
 * done at the very end, and many would give up before, and begin anew. So those who are in are served, and whoever comes new while this
 * instance is busy is told when there will be room: the next free moment, one after the other.
 */
export type Admission = {
  /** @returns undefined: come in; or in how many seconds there is room. Costs nothing but memory. */
  readonly secondsToWait: (who: string) => number | undefined;
  /** A request of somebody who is in has begun. @returns to be called when it is over */
  readonly began: () => () => void;
};

/** Requests under way: more than the database has connections, so that it never waits for us. */
const mostUnderWay = 40;
/** Whoever asked within so long is in; with its line open a seat asks every two minutes. */
const inMs = 180_000;
const mostKnown = 50_000;
/** What coming back takes: a pull, a live line, a push. */
const requestsEach = 3;
const [leastSpacingMs, mostSpacingMs] = [2, 50];

export const openAdmission = ({ nowMs }: Pick<Clock, 'nowMs'>): Admission => {
  let [young, old] = [new Set<string>(), new Set<string>()];
  let sinceMs = nowMs();
  let underWay = 0;
  let freeAtMs = 0;
  /** From one answer to the next, while busy. */
  let betweenMs = 10;
  let answeredMs = performance.now();
  const isIn = (who: string): boolean => {
    const now = nowMs();
    if (now - sinceMs >= inMs || now < sinceMs || young.size > mostKnown) {
      old = now - sinceMs >= 2 * inMs ? new Set() : young;
      [young, sinceMs] = [new Set(), now];
    }
    if (young.has(who)) return true;
    if (!old.has(who)) return false;
    young.add(who);
    return true;
  };
  return {
    secondsToWait: (who) => {
      if (isIn(who)) return undefined;
      if (underWay < mostUnderWay) {
        young.add(who);
        return undefined;
      }
      const now = performance.now();
      const spacingMs = Math.max(leastSpacingMs, Math.min(mostSpacingMs, requestsEach * betweenMs));
      freeAtMs = Math.max(now, freeAtMs) + spacingMs;
      return Math.max(1, Math.round((freeAtMs - now) / 1_000));
    },
    began: () => {
      underWay += 1;
      let isOver = false;
      return () => {
        if (isOver) return;
        isOver = true;
        const now = performance.now();
        if (underWay >= mostUnderWay / 2) betweenMs += (Math.min(now - answeredMs, 200) - betweenMs) / 32;
        answeredMs = now;
        underWay -= 1;
      };
    },
  };
};
