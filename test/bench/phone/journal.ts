/** What was seen, in order, with waits for what is to come. `atMs` is epoch time with a fraction, the same scale as the pages'. */
export type Journal<T> = {
  readonly add: (record: T) => void;
  /** Now; later `next` looks only at what came after. */
  readonly mark: () => number;
  /** The first record since the mark that `pick` makes something of. Undefined when there was none within the limit. */
  readonly next: <P>(from: number, pick: (record: T) => P | undefined, limitMs: number) => Promise<P | undefined>;
};

export const nowMs = (): number => performance.timeOrigin + performance.now();

export const createJournal = <T>(): Journal<T> => {
  const records: T[] = [];
  const lookers = new Set<() => void>();
  return {
    add: (record) => {
      records.push(record);
      for (const look of lookers) look();
    },
    mark: () => records.length,
    next: (from, pick, limitMs) =>
      new Promise((resolve) => {
        let at = from;
        const finish = (found: ReturnType<typeof pick>): void => {
          clearTimeout(timer);
          lookers.delete(look);
          resolve(found);
        };
        const look = (): void => {
          for (; at < records.length; at += 1) {
            const record = records[at];
            const found = record === undefined ? undefined : pick(record);
            if (found !== undefined) return finish(found);
          }
        };
        const timer = setTimeout(() => finish(undefined), limitMs);
        lookers.add(look);
        look();
      }),
  };
};

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
