import type { Clock } from './clock.ts';

/**
 * What moves by itself steps aside while somebody types. A browser that has just begun a frame shows a key with the next one: meters that
 * step ten times a second would hold up every sixth key by that much. Meanwhile they step with the keys, in frames that are drawn anyway,
 * and at the latest when the agent pauses.
 */
export type Typing = {
  /** A key went down, whatever it means. */
  readonly pressed: () => void;
  /** Does it now, or beside the next key. Of the same name the newest counts. */
  readonly beside: (name: string, run: () => void) => void;
  readonly stop: () => void;
};

/** Nobody who types waits longer between two keys. */
const pauseMs = 250;

export const keepTyping = (clock: Clock): Typing => {
  const due = new Map<string, () => void>();
  let lastMs = Number.NEGATIVE_INFINITY;
  let cancel = (): void => {};
  const runDue = (): void => {
    cancel();
    const runs = [...due.values()];
    due.clear();
    for (const run of runs) run();
  };
  return {
    pressed: () => {
      lastMs = clock.now();
      runDue();
    },
    beside: (name, run) => {
      const sinceMs = clock.now() - lastMs;
      // Set back, a clock tells of no key.
      if (sinceMs < 0 || sinceMs >= pauseMs) {
        // What waited under this name is older.
        due.delete(name);
        return run();
      }
      if (due.size === 0) cancel = clock.after(pauseMs, runDue);
      due.set(name, run);
    },
    stop: () => {
      cancel();
      due.clear();
    },
  };
};
