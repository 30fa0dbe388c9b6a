import type { Clock } from '../../../../renderer/phone/clock.ts';

/** Moves only when told to; promises that are ready run between two timers, as they would between two moments. */
export type ManualClock = Clock & { readonly advance: (byMs: number) => Promise<void>; readonly pending: () => number };

export const createManualClock = (startMs = 1_795_000_000_000): ManualClock => {
  let nowMs = startMs;
  let nextId = 0;
  const timers = new Map<number, { readonly atMs: number; readonly run: () => void }>();
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  };
  const due = (untilMs: number): [number, { readonly atMs: number; readonly run: () => void }] | undefined =>
    [...timers]
      .filter(([, timer]) => timer.atMs <= untilMs)
      .toSorted((a, b) => a[1].atMs - b[1].atMs || a[0] - b[0])[0];
  return {
    nowMs: () => nowMs,
    after: (delayMs, run) => {
      const id = nextId++;
      timers.set(id, { atMs: nowMs + delayMs, run });
      return () => timers.delete(id);
    },
    advance: async (byMs) => {
      const untilMs = nowMs + byMs;
      await settle();
      for (let next = due(untilMs); next !== undefined; next = due(untilMs)) {
        timers.delete(next[0]);
        nowMs = Math.max(nowMs, next[1].atMs);
        next[1].run();
        await settle();
      }
      nowMs = untilMs;
    },
    pending: () => timers.size,
  };
};
