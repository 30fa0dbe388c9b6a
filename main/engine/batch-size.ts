/**
 * How much is sent or asked for at once. What takes central, or the line, longer than the deadline would take as long the next time and
 * never get through: half of it is tried then. It doubles again with each answer, and creeps once it nears what was too much.
 */
export type BatchSize = {
  readonly most: number;
  /** An answer came in time to a request of so many. */
  readonly answered: (asked: number) => void;
  /** None came. */
  readonly unanswered: (asked: number) => void;
};

export const createBatchSize = (largest: number, least = 1): BatchSize => {
  let most = largest;
  let tooMany = Number.POSITIVE_INFINITY;
  return {
    get most() {
      return most;
    },
    answered: (asked) => {
      if (asked >= tooMany) tooMany = Number.POSITIVE_INFINITY;
      if (asked < most) return;
      most = Math.min(largest, most * 2 < tooMany ? most * 2 : most + Math.ceil(most / 8));
    },
    unanswered: (asked) => {
      if (asked === 0) return;
      tooMany = asked;
      most = Math.max(least, Math.min(most, Math.floor(asked / 2)));
    },
  };
};
