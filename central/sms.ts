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
  }) => Promise<void>;
};

export type SimulatedPhones = Sms & {
  /** The last text each simulated customer got, as they would read it out. */
  readonly lastText: (customerId: string) => string | undefined;
};

/** Practice mode: messages stay in memory, on the phone of the simulated customer. */
export const makeSimulatedPhones = (): SimulatedPhones => {
  const last = new Map<string, string>();
  return {
    send: ({ customerId, text }) => {
      last.set(customerId, text);
      return Promise.resolve();
    },
    lastText: (customerId) => last.get(customerId),
  };
};
