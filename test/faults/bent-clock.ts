/** Wall time that runs faster than the machine's, from a common beginning, and can be put forward and back. Timers keep to durations. */
export type BentClock = {
  readonly nowMs: () => number;
  readonly after: (ms: number, then: () => void) => () => void;
  /** How far this clock is off. */
  readonly jump: (offsetMs: number) => void;
};

export type ClockStart = { readonly epochMs: number; readonly speed: number; readonly offsetMs: number };

export const bentClock = ({ epochMs, speed, offsetMs }: ClockStart): BentClock => {
  let off = offsetMs;
  return {
    nowMs: () => Math.round(epochMs + (Date.now() - epochMs) * speed + off),
    after: (ms, then) => {
      const timer = setTimeout(then, Math.min(Math.max(0, ms) / speed, 2_147_483_647));
      timer.unref();
      return () => clearTimeout(timer);
    },
    jump: (offset) => {
      off = offset;
    },
  };
};
