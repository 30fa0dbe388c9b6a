import type { Clock } from './ambient.ts';

/**
 * Who comes in when everybody comes back at once: a centre's seats after an outage. Served all at the same time each of them would be
 * done at the very end, and many would give up before, and begin anew. So those who are in are served, and whoever comes new while this
 * instance is busy is told when there will be room, one after the other. Told too late this instance would stand idle; told too early
 * they come again and are told once more, which costs next to nothing.
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
/** Shorter promises are kept as they are. Of a longer one half is told: by then it is known better how fast it goes. */
const sureMs = 4_000;
const longestMs = 60_000;

export const openAdmission = ({ nowMs }: Pick<Clock, 'nowMs'>): Admission => {
  const known = makeGenerations(nowMs);
  const line = makeLine(nowMs);
  const pace = makePace();
  let underWay = 0;
  const isBusy = (): boolean => underWay >= mostUnderWay / 2;
  return {
    secondsToWait: (who) => {
      if (known.has(who)) return undefined;
      if (underWay < mostUnderWay) {
        known.add(who);
        line.leave(who);
        pace.admitted(isBusy());
        return undefined;
      }
      const dueMs = Math.min(longestMs, line.before(who) * pace.eachMs());
      return Math.max(1, Math.round((dueMs <= sureMs ? dueMs : (sureMs + dueMs) / 2) / 1_000));
    },
    began: () => {
      underWay += 1;
      let isOver = false;
      return () => {
        if (isOver) return;
        isOver = true;
        pace.answered(isBusy());
        underWay -= 1;
      };
    },
  };
};

/** Who was heard of lately: at least so long, at most twice. */
const makeGenerations = (nowMs: () => number) => {
  let [young, old] = [new Set<string>(), new Set<string>()];
  let sinceMs = nowMs();
  return {
    add: (who: string): void => void young.add(who),
    has: (who: string): boolean => {
      const now = nowMs();
      if (now - sinceMs >= inMs || now < sinceMs || young.size > mostKnown) {
        old = now - sinceMs >= 2 * inMs ? new Set() : young;
        [young, sinceMs] = [new Set(), now];
      }
      if (young.has(who)) return true;
      if (!old.has(who)) return false;
      young.add(who);
      return true;
    },
  };
};

/** Who waits, in the order in which they came first: whoever comes again too early keeps their place. */
const makeLine = (nowMs: () => number) => {
  const places = new Map<string, number>();
  let [next, gone, beganMs] = [0, 0, nowMs()];
  const forget = (): void => {
    places.clear();
    [next, gone, beganMs] = [0, 0, nowMs()];
  };
  return {
    leave: (who: string): void => {
      if (!places.delete(who)) return;
      gone += 1;
      if (places.size === 0) forget();
    },
    /** How many are in front of them. Those that were told to come and did not are not counted for ever. */
    before: (who: string): number => {
      if (places.size > mostKnown || Math.abs(nowMs() - beganMs) > inMs) forget();
      const place = places.get(who) ?? next;
      if (place === next) {
        places.set(who, place);
        next += 1;
      }
      return Math.max(0, place - gone);
    },
  };
};

/** Before anything was measured. */
const firstBetweenMs = 3;
const firstRequestsEach = 2;
const [fewestEach, mostEach] = [1, 10];
const countedMost = 1_000;

/** How fast they come through: by what is measured while this instance is busy, for otherwise it waits for them. */
const makePace = () => {
  /** From one answer to the next. */
  let betweenMs = firstBetweenMs;
  let answeredMs = performance.now();
  /** What is answered, to those who are in as well, for each that comes in. */
  let [answers, admissions] = [firstRequestsEach, 1];
  return {
    admitted: (isBusy: boolean): void => void (admissions += isBusy ? 1 : 0),
    answered: (isBusy: boolean): void => {
      const now = performance.now();
      if (isBusy) {
        betweenMs += (Math.min(now - answeredMs, 200) - betweenMs) / 32;
        answers += 1;
      }
      answeredMs = now;
      if (answers < countedMost) return;
      answers /= 2;
      admissions /= 2;
    },
    eachMs: (): number => betweenMs * Math.max(fewestEach, Math.min(mostEach, answers / admissions)),
  };
};
