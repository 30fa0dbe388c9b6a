import type { Clock } from './ambient.ts';

/**
 * Work that is looked for when somebody says so and every so often: one round after the other, none once it is closed. A round that fails
 * is told and does not stop the next.
 */
export interface Rounds {
  readonly look: () => void;
  /** The first round, and from then on one every `everyMs`. */
  readonly begin: () => void;
  readonly settled: () => Promise<void>;
  /** Resolves when the round under way is over. */
  readonly close: () => Promise<void>;
}

export const makeRounds = (
  clock: Pick<Clock, 'after'>,
  everyMs: number,
  go: () => Promise<void>,
  failed: (fault: unknown) => void,
): Rounds => {
  let isClosed = false;
  let round: Promise<void> = Promise.resolve();
  let cancel = (): void => {};
  let isWaiting = false;
  const look = (): void => {
    // One that waits for the round under way will see what this one would: after an hour's sleep of the machine too there is one, not hundreds.
    if (isWaiting) return;
    isWaiting = true;
    round = round
      .then(() => {
        isWaiting = false;
        return isClosed ? undefined : go();
      })
      .catch(failed);
  };
  const begin = (): void => {
    look();
    cancel = clock.after(everyMs, () => {
      if (!isClosed) begin();
    });
  };
  return {
    look,
    begin,
    settled: () => round,
    close: () => {
      isClosed = true;
      cancel();
      return round;
    },
  };
};
