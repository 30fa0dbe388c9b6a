/** Faults that nobody caught, while it listens. */
export type Uncaught = {
  /** Lets what is due now happen: promises, and faults that an event target reports a moment later. */
  readonly settle: () => Promise<void>;
  /** What was heard since it was last asked. */
  readonly take: () => readonly string[];
  /** Stops listening; what was heard. */
  readonly stop: () => readonly string[];
};

export const listenForUncaught = (): Uncaught => {
  const heard: string[] = [];
  const note = (fault: unknown): void => void heard.push(fault instanceof Error ? fault.message : String(fault));
  process.on('uncaughtException', note).on('unhandledRejection', note);
  return {
    settle: async () => {
      for (let turn = 0; turn < 2; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    },
    take: () => heard.splice(0),
    stop: () => {
      process.off('uncaughtException', note).off('unhandledRejection', note);
      return heard;
    },
  };
};
