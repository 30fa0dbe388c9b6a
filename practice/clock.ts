/**
 * Time as the practice services see it. `after` never throws and returns a function that calls the timer off.
 * The manual clock moves only when told to, so that ring times and patience are tested without waiting.
 */
export type Clock = {
  /** Epoch milliseconds. */
  readonly nowMs: () => number;
  readonly after: (delayMs: number, run: () => void) => () => void;
};

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    return () => {
      clearTimeout(timer);
    };
  },
};

export type ManualClock = Clock & {
  /** Moves the clock, running what falls due in order of time. */
  readonly advance: (byMs: number) => void;
};

export const createManualClock = (startMs = 1_700_000_000_000): ManualClock => {
  let nowMs = startMs;
  let nextId = 0;
  const due = new Map<number, { readonly atMs: number; readonly run: () => void }>();
  const earliest = (untilMs: number): number | undefined => {
    let found: number | undefined;
    for (const [id, timer] of due) {
      if (timer.atMs > untilMs) continue;
      const best = found === undefined ? undefined : due.get(found);
      if (best === undefined || timer.atMs < best.atMs) found = id;
    }
    return found;
  };
  return {
    nowMs: () => nowMs,
    after: (delayMs, run) => {
      const id = nextId++;
      due.set(id, { atMs: nowMs + Math.max(0, delayMs), run });
      return () => {
        due.delete(id);
      };
    },
    advance: (byMs) => {
      const untilMs = nowMs + byMs;
      for (let id = earliest(untilMs); id !== undefined; id = earliest(untilMs)) {
        const timer = due.get(id);
        due.delete(id);
        if (timer === undefined) continue;
        nowMs = Math.max(nowMs, timer.atMs);
        timer.run();
      }
      nowMs = untilMs;
    },
  };
};
