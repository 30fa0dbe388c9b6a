/** Sends a text message to a customer. */
export type Sms = {
  /**
   * @param message.number E.164 key
   * @throws when the carrier does not take it
   */
  readonly send: (message: {
    readonly customerId: string;
    readonly number: string;
    readonly text: string;
    /** To be known, not to be read out. */
    readonly isNotice?: true;
  }) => Promise<void>;
};

export type SimulatedPhones = Sms & {
  /** The last text each simulated customer got, as they would read it out. */
  readonly lastText: (customerId: string) => string | undefined;
  /** What each was told at their old contact (security 63), in order. */
  readonly noticesTo: (customerId: string) => readonly string[];
};

/** Practice mode: messages stay in memory, on the phone of the simulated customer. */
export const makeSimulatedPhones = (): SimulatedPhones => {
  const last = new Map<string, string>();
  const told = new Map<string, readonly string[]>();
  return {
    send: ({ customerId, text, isNotice }) => {
      if (isNotice === true) told.set(customerId, [...(told.get(customerId) ?? []), text]);
      else last.set(customerId, text);
      return Promise.resolve();
    },
    lastText: (customerId) => last.get(customerId),
    noticesTo: (customerId) => told.get(customerId) ?? [],
  };
};

/**
 * A carrier as carriers are: slow, and now and then it takes nothing. For practising what to do then.
 * @param chance 0 ≤ n < 1
 */
export const troubled = (
  sms: Sms,
  clock: { readonly after: (ms: number, run: () => void) => unknown },
  chance: () => number,
  { slowestMs, failing }: { readonly slowestMs: number; readonly failing: number },
): Sms => ({
  send: async (message) => {
    await new Promise<void>((done) => void clock.after(Math.round(chance() * slowestMs), done));
    if (chance() < failing) throw new Error('the carrier took no message');
    return sms.send(message);
  },
});
