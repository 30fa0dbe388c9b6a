/**
 * A transaction of a load is to take so long, ms: the engine's thread is never held up longer than a frame (16 ms). By the clock of the wall:
 * the processor's time of a thread is counted in ticks of 4 ms on many machines.
 */
const sliceMs = 7;

/**
 * Transactions that end in time. What a transaction wrote is encrypted and written to the log when it is over: so it may work only as long as
 * leaves the time for that, by what the ones before it took.
 */
export type Slices = {
  /** `isOver`: this one should come to its end. */
  readonly timed: <T>(transaction: (isOver: () => boolean) => T) => T;
};

export const createSlices = (nowMs: () => number = () => performance.now()): Slices => {
  /** Of a transaction's time what it works before its end. A first one is short: nothing is known of the disk yet. */
  let share = leastShare;
  return {
    timed: (transaction) => {
      const startMs = nowMs();
      const workMs = sliceMs * share;
      let workedMs = 0;
      const result = transaction(() => {
        workedMs = nowMs() - startMs;
        return workedMs >= workMs;
      });
      const tookMs = nowMs() - startMs;
      // One quick end proves little: half way towards what was seen.
      if (workedMs > 0 && tookMs > 0) share = Math.max(leastShare, (share + workedMs / tookMs) / 2);
      return result;
    },
  };
};
const leastShare = 0.25;
