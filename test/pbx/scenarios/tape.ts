/** What passed a point of the wire, in order, and waiting for something to pass. */
export type Tape<T extends { readonly from: string; readonly line: string }> = {
  readonly passed: readonly T[];
  readonly add: (item: T) => void;
  readonly onAdd: (listener: (item: T) => void) => () => void;
  /** From here on is looked when nothing else is said: a scenario begins. */
  readonly mark: () => void;
  readonly sinceMark: () => readonly T[];
  /** The first that fits and passed since the mark, or since `from`; rejects with everything seen after the time. */
  readonly until: (what: string, fits: (item: T) => boolean, from?: number, withinMs?: number) => Promise<T>;
};

export const tapeOf = <T extends { readonly from: string; readonly line: string }>(where: string): Tape<T> => {
  const passed: T[] = [];
  const listeners = new Set<(item: T) => void>();
  let marked = 0;
  return {
    passed,
    add: (item) => {
      passed.push(item);
      for (const listener of listeners) listener(item);
    },
    onAdd: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    mark: () => {
      marked = passed.length;
    },
    sinceMark: () => passed.slice(marked),
    until: (what, fits, from = marked, withinMs = 10_000) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = passed.slice(from).find(fits);
          if (found === undefined) return;
          clearTimeout(timer);
          listeners.delete(look);
          resolve(found);
        };
        const timer = setTimeout(() => {
          listeners.delete(look);
          const seen = passed.slice(from).map((item) => `  ${item.from}: ${item.line}`);
          reject(new Error(`${where}: not within ${withinMs} ms: ${what}; seen:\n${seen.join('\n')}`));
        }, withinMs);
        listeners.add(look);
        look();
      }),
  };
};

export const headerIn = (message: string, name: string): string =>
  new RegExp(`^${name}:[ \\t]*(.*)$`, 'im').exec(message)?.[1]?.trim() ?? '';
