import type { Log } from './log.ts';
import { faultFields } from './log.ts';

/** Wall time and timers, so that everything with time can be run on a clock of a test. */
export interface Clock {
  /** Epoch milliseconds. */
  nowMs(): number;
  /** Calls `then` once, `ms` from now; the returned function cancels. */
  after(ms: number, then: () => void): () => void;
}

/** A timer that throws (a full disk) must not end the process and with it the call: it is logged, and work goes on. */
export const guarded = (clock: Clock, log: Log): Clock => ({
  nowMs: () => clock.nowMs(),
  after: (ms, then) =>
    clock.after(ms, () => {
      try {
        then();
      } catch (fault) {
        log.error('timer failed', faultFields(fault));
      }
    }),
});

/** The machine's clock. Timers never keep the process alive by themselves. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  after: (ms, then) => {
    // Node fires a longer timer at once; nothing here waits that long on purpose.
    const timer = setTimeout(then, Math.min(Math.max(0, ms), 2_147_483_647));
    timer.unref();
    return () => clearTimeout(timer);
  },
};
