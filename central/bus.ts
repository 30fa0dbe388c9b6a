/**
 * Between the instances of central: what one tells, all hear, itself included. Short texts, ids only. Nothing is kept: whoever is cut off
 * misses what was told meanwhile, is called back once it hears again, and looks for itself (live.ts). LISTEN/NOTIFY (db.ts) or NATS
 * (nats-bus.ts); both pass the same contract test.
 */
export type Bus = {
  /** At most 8,000 bytes. Told on later when the connection is away for a moment. */
  readonly publish: (channel: string, payload: string) => Promise<void>;
  /** @returns stops listening */
  readonly listen: (
    channel: string,
    heard: (payload: string) => void,
    resumed?: () => void,
  ) => Promise<() => Promise<void>>;
  readonly close: () => Promise<void>;
};
