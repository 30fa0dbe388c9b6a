/** Time as the phone page sees it. `after` returns a function that calls the timer off. */
export type Clock = {
  /** Epoch milliseconds, whole ones: they end in integer columns. */
  readonly nowMs: () => number;
  readonly after: (delayMs: number, run: () => void) => () => void;
};

/** How far the two clocks of a page may part before the wall clock wins. */
const driftMs = 50;

/**
 * Wall time with the resolution of `performance.now()`. That counter stands still while the computer sleeps and the wall clock
 * may be set, so the anchor is taken anew when the two disagree.
 */
export const pageClock = (): Clock => {
  let anchorMs = Date.now() - performance.now();
  return {
    nowMs: () => {
      const fineMs = anchorMs + performance.now();
      const wallMs = Date.now();
      if (Math.abs(wallMs - fineMs) < driftMs) return Math.round(fineMs);
      anchorMs = wallMs - performance.now();
      return wallMs;
    },
    after: (delayMs, run) => {
      const timer = setTimeout(run, delayMs);
      return () => clearTimeout(timer);
    },
  };
};
