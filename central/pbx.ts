/**
 * What central asks of a telephone exchange: who may be offered calls, and how many callers wait. Adapters: Asterisk
 * (asterisk-pbx.ts), practice mode's exchange, and fake-pbx.ts; all pass the same contract test.
 *
 * Calls themselves (ring, answer, talk) are between seat and exchange; central is not in their path.
 */
export interface Pbx {
  /**
   * Signs an agent's telephone in to exactly these queues; queues it was in before and that are not named are left. Idempotent.
   * A new member starts paused, so that nobody is offered a call between signing in and Ready (R38): `setPaused(…, false)` makes
   * it Ready. A member that is signed in already keeps its pause.
   * @param m.sipUser name of the SIP account, as "1001"
   * @param m.name shown by the exchange's own tools; inert text
   * @throws PbxFault `unknownQueue` when the exchange has no such queue (the member is then in none of the new ones),
   *   `unreachable` when the exchange does not answer: the wish is kept and applied once it does
   */
  addMember(m: { sipUser: string; name: string; queues: readonly string[] }): Promise<void>;

  /** Signs an agent's telephone out of every queue. Nothing happens when it is in none. A call in progress goes on. */
  removeMember(sipUser: string): Promise<void>;

  /**
   * Stops or resumes offering calls in all queues of the member. Nothing happens when it is in none (it may just have signed out).
   * @param reason key of the reason (R38), as "break"; for the exchange's own tools
   */
  setPaused(sipUser: string, paused: boolean, reason: string): Promise<void>;

  /**
   * Every queue of the exchange as it is now, by name. `waiting` callers not yet connected to an agent; `longestWaitMs` of the first
   * of them, 0 without any (an exchange may count in whole seconds); `members` signed in, paused ones included.
   */
  queues(): Promise<readonly QueueState[]>;

  /**
   * Calls the listener after something `queues()` shows, or a pause, has changed; may be called without a change. A burst may come as one call.
   * @returns stops listening
   */
  onChange(listener: () => void): () => void;

  /** Lets go of the exchange. Members stay as they are: central may restart while agents talk. */
  close(): Promise<void>;
}

export type QueueState = {
  readonly queue: string;
  readonly waiting: number;
  readonly longestWaitMs: number;
  readonly members: number;
};

/** `unreachable`: no connection or no answer in time. `garbled`: it answered something that is not its protocol. */
export type PbxFaultKind = 'unreachable' | 'refusedLogin' | 'garbled' | 'unknownQueue' | 'refused' | 'closed';

/** A fault of the exchange; the message is a sentence for the log and holds no personal data. */
export class PbxFault extends Error {
  readonly kind: PbxFaultKind;
  constructor(kind: PbxFaultKind, message: string) {
    super(message);
    this.name = 'PbxFault';
    this.kind = kind;
  }
}

/** Time as adapters take it; a test gives its own. */
export type PbxClock = {
  readonly nowMs: () => number;
  /** Runs once after so many milliseconds, unless the returned function is called first. */
  readonly after: (ms: number, run: () => void) => () => void;
};

export const systemClock: PbxClock = {
  nowMs: () => Date.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    // Nothing here is worth keeping a process alive for.
    timer.unref();
    return () => clearTimeout(timer);
  },
};
