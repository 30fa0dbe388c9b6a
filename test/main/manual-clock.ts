import type { Clock } from '../../main/engine/clock.ts';

/** Time that passes only when a test says so. Timers fire in order, and may set further ones. */
export type ManualClock = Clock & { advance(ms: number): void; readonly waiting: number };

export const manualClock = (startMs = Date.UTC(2026, 10, 21, 2, 0, 0)): ManualClock => {
  let now = startMs;
  let lastId = 0;
  const timers = new Map<number, { readonly atMs: number; readonly then: () => void }>();
  return {
    nowMs: () => now,
    after: (ms, then) => {
      lastId += 1;
      const id = lastId;
      timers.set(id, { atMs: now + Math.max(0, ms), then });
      return () => void timers.delete(id);
    },
    advance: (ms) => {
      const untilMs = now + ms;
      for (;;) {
        const due = [...timers].filter(([, timer]) => timer.atMs <= untilMs).sort(([, a], [, b]) => a.atMs - b.atMs)[0];
        if (due === undefined) break;
        timers.delete(due[0]);
        now = Math.max(now, due[1].atMs);
        due[1].then();
      }
      now = untilMs;
    },
    get waiting() {
      return timers.size;
    },
  };
};
