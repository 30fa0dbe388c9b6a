import type { Result } from '../shared/result.ts';
import type { SupervisionMode } from '../shared/supervision.ts';

/**
 * A lead's leg in an agent's call (R35), mixed by the exchange: who hears whom is its word, not that of anyone's telephone.
 * Adapters: Asterisk (asterisk-supervision.ts) and fake-supervision.ts; both pass the same contract test. Who may ask is central's rule
 * (supervision.ts); the exchange itself offers no way in to a telephone.
 */
export type Supervision = {
  /**
   * Calls the lead's telephone and, once it has answered, puts it into the agent's call. Resolves when the mode is on, or with why
   * it is not; the INVITE to the lead carries the header `X-Supervision: <id>`.
   * @param asked.id a UUID, new for each session
   * @throws PbxFault `unreachable`, `refused` (a name that is none), `closed`
   */
  start(asked: SupervisionStart): Promise<Result<SupervisionSession, SupervisionRefusal>>;

  /** Changes what the lead does in a running session; resolves when the exchange has done it. The same mode again does nothing. */
  setMode(id: string, mode: SupervisionMode): Promise<Result<SupervisionSession, SupervisionRefusal>>;

  /** Hangs the lead's leg up; after a take-over that ends the customer's call. Nothing happens when the session is over. */
  stop(id: string): Promise<void>;

  /** Sessions as the exchange has them now, also those begun before central was restarted. */
  sessions(): Promise<readonly SupervisionSession[]>;

  /** `synced`: events may have been missed until now, `sessions()` tells what is. @returns stops listening */
  onEvent(listener: (event: SupervisionEvent) => void): () => void;

  close(): Promise<void>;
};

export type SupervisionStart = {
  readonly id: string;
  readonly leadSipUser: string;
  readonly agentSipUser: string;
  readonly mode: SupervisionMode;
};

export type SupervisionSession = {
  readonly id: string;
  readonly agentSipUser: string;
  /** Of the call supervised; null when the exchange gave it none. */
  readonly contactId: string | null;
  readonly mode: SupervisionMode;
};

export type SupervisionRefusal =
  /** The agent talks to nobody. */
  | 'notInCall'
  /** The lead's telephone is in a call already. */
  | 'leadBusy'
  /** The lead's telephone is not there, or was not answered. */
  | 'leadUnreachable'
  /** The session is over, or was never there. */
  | 'noSession'
  /** After a take-over there is no agent in the call to go back to. */
  | 'takenOver';

export type SupervisionEvent =
  | { readonly kind: 'began'; readonly session: SupervisionSession }
  | { readonly kind: 'changed'; readonly session: SupervisionSession }
  | { readonly kind: 'ended'; readonly id: string }
  | { readonly kind: 'synced' };
