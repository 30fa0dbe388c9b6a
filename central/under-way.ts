/**
 * Work that nobody waits for while it is done. Whoever closes waits for all of it: no statement of one who has closed comes afterwards, to hold
 * up or to contradict whoever comes next.
 */
export type UnderWay = {
  /** @returns the work itself: a fault of it is for whoever asked for it */
  readonly track: <T>(work: Promise<T>) => Promise<T>;
  /** Resolves when nothing is under way, what was set off meanwhile included. */
  readonly settled: () => Promise<void>;
};

export const makeUnderWay = (): UnderWay => {
  const running = new Set<Promise<unknown>>();
  return {
    track: (work) => {
      running.add(work);
      const over = (): void => void running.delete(work);
      work.then(over, over);
      return work;
    },
    settled: async () => {
      while (running.size > 0) await Promise.allSettled(running);
    },
  };
};
