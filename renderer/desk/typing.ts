import type { Clock } from './clock.ts';

/**
 * What moves by itself steps aside while somebody types. A browser that has just begun a frame shows a key with the next one: meters that
 * step ten times a second would hold up every sixth key by that much. Meanwhile they step behind the keys: in the frame after the one that
 * shows a key and has nothing else to draw, long before the next key; and at the latest when the agent pauses.
 */
export type Typing = {
  /** A key went down, whatever it means. */
  readonly pressed: () => void;
  /** Does it now, or behind the next key. Of the same name the newest counts. */
  readonly beside: (name: string, run: () => void) => void;
  readonly stop: () => void;
};

/** Nobody who types waits longer between two keys. */
const pauseMs = 250;

/** @param afterFrame runs it when the next frame is on the screen; a page nobody sees has none */
export const keepTyping = (clock: Clock, afterFrame: (run: () => void) => void): Typing => {
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
      if (due.size > 0) afterFrame(runDue);
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
