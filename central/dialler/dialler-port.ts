/**
 * What central asks of a telephone exchange to call customers by itself (R25). Adapters: Asterisk (asterisk-dialler.ts) and
 * fake-dialler.ts; both pass the same contract test. Whom to call, and that it is permitted, is decided before (pacer.ts).
 *
 * A call goes by central's id, a UUID, which is also the contact's: it comes to the agent as `X-Contact-Id`.
 */
export type Dialler = {
  /**
   * Calls a customer; resolves when the exchange has taken the order, and everything else is told by events.
   * @throws PbxFault `unreachable`: it may be on its way nevertheless, `calls()` tells once the exchange is back; `refused`; `closed`
   */
  dial(order: DialOrder): Promise<void>;

  /**
   * Rings an agent's telephone, which answers by itself, for a customer who waits, and brings the two together.
   * `notTaken`: the telephone is not there, in a call, or did not answer in time, and another agent may be asked; `over`: the customer is
   * gone, or hears the message already.
   */
  connect(id: string, agentSipUser: string, withinMs: number): Promise<'connected' | 'notTaken' | 'over'>;

  /** Plays the abandonment message to a customer who waits, and hangs up. Nothing happens to any other. */
  abandon(id: string): Promise<void>;

  /** Hangs up a call that rings, or waits. Nothing happens to one that is connected or over. */
  stop(id: string): Promise<void>;

  /** The calls as the exchange has them now, also those begun before central was restarted. */
  calls(): Promise<readonly RunningCall[]>;

  /** `synced`: events may have been missed until now, `calls()` tells what is. @returns stops listening */
  onEvent(listener: (event: DiallerEvent) => void): () => void;

  close(): Promise<void>;
};

export type DialOrder = {
  readonly id: string;
  /** Digits and at most a leading +. */
  readonly number: string;
  /** Presented to the customer; empty: the exchange's marketing number (R41). */
  readonly callerNumber: string;
  readonly ringMs: number;
  /** How long an answered customer may wait before the exchange plays the message by itself, whatever becomes of central. */
  readonly silenceMs: number;
  readonly detectsMachines: boolean;
};

export type RunningCall = { readonly id: string; readonly state: 'ringing' | 'waiting' | 'connected' };

export type DiallerEvent =
  /** A person answered and waits; or, without detection, somebody or something. */
  | { readonly kind: 'answered'; readonly id: string }
  /** An answering machine; the exchange hangs up. */
  | { readonly kind: 'machine'; readonly id: string }
  /** The customer hears the message. */
  | { readonly kind: 'abandoned'; readonly id: string }
  /** `cause`: ITU-T Q.850. `hasRungOut`: nobody answered within the ring time. */
  | { readonly kind: 'ended'; readonly id: string; readonly cause: number; readonly hasRungOut: boolean }
  | { readonly kind: 'synced' };
