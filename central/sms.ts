/** A text message from somebody. */
export type SmsReply = {
  /** The carrier's own: the same message brought twice has the same. */
  readonly id: string;
  /** As the carrier writes it. */
  readonly number: string;
  readonly text: string;
  /** When the carrier got it. */
  readonly atMs: number;
};

/** Sends text messages to customers, and brings what they answer. */
export type Sms = {
  /**
   * @param message.number E.164 key
   * @throws when the carrier does not take it
   */
  readonly send: (message: {
    readonly customerId: string;
    readonly number: string;
    readonly text: string;
    /** `notice`: to be known, not to be read out. `sale`: asks to be answered (R41). Absent: a code to be read out. */
    readonly about?: 'notice' | 'sale';
    /** The same at every try, whichever instance makes it: a carrier that knows it sends nothing twice. Absent: each is a new one. */
    readonly id?: string;
  }) => Promise<void>;
  /**
   * Brings every message that comes, in the order it came, until stopped. One that was not taken (the promise is rejected) is brought again.
   * Without it the carrier has no way back, and no sale can be confirmed.
   */
  readonly onReply?: (take: (reply: SmsReply) => Promise<void>) => () => void;
};

export type SimulatedPhones = Sms & {
  /** The last text each simulated customer got, as they would read it out. */
  readonly lastText: (customerId: string) => string | undefined;
  /** What each was told at their old contact (security 63), in order. */
  readonly noticesTo: (customerId: string) => readonly string[];
  /** Texts that asked this customer to confirm an order, in order. */
  readonly askedOf: (customerId: string) => readonly string[];
  /** Somebody sends a message; resolves once it was taken. */
  readonly reply: (message: SmsReply) => Promise<void>;
};

/** Practice mode: messages stay in memory, on the phone of the simulated customer. */
export const makeSimulatedPhones = (): SimulatedPhones => {
  const last = new Map<string, string>();
  const told = new Map<string, readonly string[]>();
  const asked = new Map<string, readonly string[]>();
  const listeners = new Set<(reply: SmsReply) => Promise<void>>();
  const add = (to: Map<string, readonly string[]>, customerId: string, text: string): void =>
    void to.set(customerId, [...(to.get(customerId) ?? []), text]);
  return {
    send: ({ customerId, text, about }) => {
      if (about === 'notice') add(told, customerId, text);
      else if (about === 'sale') add(asked, customerId, text);
      else last.set(customerId, text);
      return Promise.resolve();
    },
    onReply: (take) => {
      listeners.add(take);
      return () => void listeners.delete(take);
    },
    reply: async (message) => {
      for (const take of listeners) await take(message);
    },
    lastText: (customerId) => last.get(customerId),
    noticesTo: (customerId) => told.get(customerId) ?? [],
    askedOf: (customerId) => asked.get(customerId) ?? [],
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
  ...sms,
  send: async (message) => {
    await new Promise<void>((done) => void clock.after(Math.round(chance() * slowestMs), done));
    if (chance() < failing) throw new Error('the carrier took no message');
    return sms.send(message);
  },
});

/** What a customer does with a text that asks them to confirm: nothing, or some messages, each a while after it. */
export type ReplyHabit = readonly { readonly afterMs: number; readonly text: string; readonly isElsewhere?: true }[];

/** @param chance 0 ≤ n < 1; @param isTroubled some forget, refuse, ramble, answer twice, or from another telephone */
export const replyHabit = (chance: () => number, isTroubled: boolean, code: string): ReplyHabit => {
  const afterMs = Math.round(2_000 + chance() * 3_000);
  const yes = { afterMs, text: `Y${code}` };
  if (!isTroubled) return [yes];
  const draw = chance();
  if (draw < 0.6) return [yes];
  if (draw < 0.7) return [];
  if (draw < 0.8) return [{ afterMs, text: `N${code}` }];
  if (draw < 0.9)
    return [
      { afterMs, text: '这是什么？' },
      { ...yes, afterMs: afterMs + 8_000 },
    ];
  if (draw < 0.95) return [yes, { ...yes, afterMs: afterMs + 1_000 }];
  return [{ ...yes, isElsewhere: true }];
};

/**
 * Simulated customers answer the texts that ask them to. A message central could not take is brought again, as carriers do.
 * @param sms sends and listens; what reaches its phones is answered there
 */
export const answering = (
  phones: SimulatedPhones,
  clock: { readonly nowMs: () => number; readonly after: (ms: number, run: () => void) => () => void },
  habit: (code: string) => ReplyHabit,
): SimulatedPhones & { readonly hangUp: () => void } => {
  let count = 0;
  const waiting = new Set<() => void>();
  const later = (ms: number, run: () => void): void => {
    const cancel = clock.after(ms, () => {
      waiting.delete(cancel);
      run();
    });
    waiting.add(cancel);
  };
  const bring = (message: SmsReply): void => void phones.reply(message).catch(() => later(5_000, () => bring(message)));
  return {
    ...phones,
    send: async (message) => {
      await phones.send(message);
      if (message.about !== 'sale') return;
      const code = /Y(\d{4})/u.exec(message.text)?.[1] ?? '';
      for (const { afterMs, text, isElsewhere } of habit(code)) {
        count += 1;
        const id = `practice-${message.customerId}-${clock.nowMs()}-${count}`;
        const number = isElsewhere === true ? '+8613900000000' : message.number;
        later(afterMs, () => bring({ id, number, text, atMs: clock.nowMs() }));
      }
    },
    hangUp: () => {
      for (const cancel of waiting) cancel();
      waiting.clear();
    },
  };
};
