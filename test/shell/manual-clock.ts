import type { Clock } from '../../main/engine/clock.ts';

/** A clock whose hands the test turns. Timers due on the way run in order. */
export type ManualClock = Clock & { readonly pass: (ms: number) => void };

export const manualClock = (startMs = 1_800_000_000_000): ManualClock => {
  let now = startMs;
  let timers: { dueMs: number; call: () => void }[] = [];
  return {
    nowMs: () => now,
    after: (ms, call) => {
      const timer = { dueMs: now + ms, call };
      timers.push(timer);
      return () => (timers = timers.filter((other) => other !== timer));
    },
    pass: (ms) => {
      const end = now + ms;
      for (;;) {
        const next = timers.filter((timer) => timer.dueMs <= end).sort((a, b) => a.dueMs - b.dueMs)[0];
        if (next === undefined) break;
        timers = timers.filter((other) => other !== next);
        now = next.dueMs;
        next.call();
      }
      now = end;
    },
  };
};
