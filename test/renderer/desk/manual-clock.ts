import type { Clock } from '../../../renderer/desk/clock.ts';

/** A clock that stands still until told; timers run in order as it passes them. */
export const manualClock = (startMs = 1_795_000_000_000): Clock & { readonly pass: (ms: number) => Promise<void> } => {
  let nowMs = startMs;
  const waiting = new Set<{ readonly atMs: number; readonly run: () => void }>();
  // Answers travel in microtasks: let them arrive before and after each timer.
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  };
  return {
    now: () => nowMs,
    after: (ms, run) => {
      const timer = { atMs: nowMs + ms, run };
      waiting.add(timer);
      return () => waiting.delete(timer);
    },
    pass: async (ms) => {
      const endMs = nowMs + ms;
      await settle();
      for (;;) {
        const next = [...waiting]
          .filter(({ atMs }) => atMs <= endMs)
          .toSorted((one, other) => one.atMs - other.atMs)[0];
        if (next === undefined) break;
        waiting.delete(next);
        nowMs = Math.max(nowMs, next.atMs);
        next.run();
        await settle();
      }
      nowMs = endMs;
      await settle();
    },
  };
};
