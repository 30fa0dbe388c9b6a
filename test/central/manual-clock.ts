import type { Clock } from '../../central/ambient.ts';

export type ManualClock = Clock & {
  /** Moves time and runs what is due on the way, in order. */
  readonly advance: (ms: number) => void;
  /** Lets time pass while something is awaited. */
  readonly runUntil: <T>(work: Promise<T>) => Promise<T>;
};

export const makeManualClock = (startMs = Date.UTC(2026, 10, 20, 2, 0)): ManualClock => {
  let now = startMs;
  let timers: { readonly atMs: number; readonly run: () => void }[] = [];
  const advance = (ms: number): void => {
    const until = now + ms;
    for (;;) {
      const next = timers.filter((timer) => timer.atMs <= until).sort((one, other) => one.atMs - other.atMs)[0];
      if (next === undefined) break;
      timers = timers.filter((timer) => timer !== next);
      now = Math.max(now, next.atMs);
      next.run();
    }
    now = until;
  };
  return {
    nowMs: () => now,
    after: (ms, run) => {
      const timer = { atMs: now + ms, run };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    advance,
    runUntil: async (work) => {
      const timer = setInterval(() => advance(100), 5);
      try {
        return await work;
      } finally {
        clearInterval(timer);
      }
    },
  };
};
