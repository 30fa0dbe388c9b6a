import type { Clock } from '../clock.ts';
import type { Flow } from './flow.ts';
import { parseCSeq, viaBranch } from './sip-fields.ts';
import {
  headerOf,
  sipHeader,
  topVia,
  withoutFirstValue,
  withoutHeaders,
  type SipRequest,
  type SipResponse,
} from './sip-message.ts';

/**
 * Requests on their way to the next hop (RFC 3261 §16.6–16.10, client transactions over a reliable transport).
 *
 *   calling ──1xx──▶ proceeding ──final──▶ over
 *      └────────────── final / no answer ────▲
 *
 * A refused INVITE is acknowledged here, hop by hop; a CANCEL waits for the first provisional answer (§9.1). Answers are found
 * by the branch of our Via, whatever socket they come back on: a phone that changed its socket while ringing can still answer.
 */
export type Relays = {
  readonly send: (request: SipRequest, flow: Flow, on: RelayEvents) => Relay;
  /** An ACK to a 2xx or anything else that gets no answer. */
  readonly sendOnly: (request: SipRequest, flow: Flow) => void;
  /** Routes an answer; one that belongs to nothing is dropped. */
  readonly answered: (response: SipResponse) => void;
  readonly close: () => void;
};
export type RelayEvents = {
  /** Our own Via is already off. 100 is not reported. Retransmitted 2xx are. */
  readonly onAnswer: (response: SipResponse) => void;
  /** No final answer in time (408), or `giveUp` was called. */
  readonly onSilence: () => void;
};
export type Relay = {
  /** Cancels an INVITE; the final answer still comes through `onAnswer` or `onSilence`. */
  readonly cancel: () => void;
  /** Ends waiting at once, as when the far end is known to be gone. */
  readonly giveUp: () => void;
  readonly isOver: () => boolean;
};

/** RFC 3261 timers B and F; an INVITE that rings may ring for timer C. After CANCEL the far end has two seconds. */
const wait = { answerMs: 32_000, ringMs: 180_000, cancelMs: 2_000, keepMs: 32_000 } as const;

export type RelaysOptions = {
  readonly clock: Clock;
  /** host:port in our Via. */
  readonly sentBy: () => string;
  readonly newBranch: () => string;
};

export const createRelays = (options: RelaysOptions): Relays => {
  const pending = new Map<string, ClientTransaction>();
  const withVia = (request: SipRequest, branch: string): SipRequest => ({
    ...request,
    headers: [sipHeader('Via', `SIP/2.0/WS ${options.sentBy()};branch=${branch}`), ...request.headers],
  });
  return {
    send: (request, flow, on) => {
      const branch = options.newBranch();
      const send = (message: SipRequest): void => flow.send(withVia(message, branch));
      const transaction = new ClientTransaction(request, send, on, options.clock, () => pending.delete(branch));
      pending.set(branch, transaction);
      send(request);
      return transaction;
    },
    sendOnly: (request, flow) => flow.send(withVia(request, options.newBranch())),
    answered: (response) => {
      const branch = viaBranch(topVia(response) ?? '');
      if (branch !== undefined) pending.get(branch)?.answer(response);
    },
    close: () => {
      for (const transaction of pending.values()) transaction.close();
      pending.clear();
    },
  };
};

class ClientTransaction implements Relay {
  readonly #request: SipRequest;
  readonly #send: (request: SipRequest) => void;
  readonly #on: RelayEvents;
  readonly #clock: Clock;
  readonly #forget: () => void;
  #state: 'calling' | 'proceeding' | 'over' = 'calling';
  #isCancelled = false;
  #stopTimer: () => void;

  constructor(
    request: SipRequest,
    send: (request: SipRequest) => void,
    on: RelayEvents,
    clock: Clock,
    forget: () => void,
  ) {
    this.#request = request;
    this.#send = send;
    this.#on = on;
    this.#clock = clock;
    this.#forget = forget;
    this.#stopTimer = clock.after(wait.answerMs, () => this.giveUp());
  }

  isOver(): boolean {
    return this.#state === 'over';
  }

  answer(received: SipResponse): void {
    // The answer to a CANCEL comes back under the branch of its INVITE (RFC 3261 §17.1.3); it says nothing we need.
    if (parseCSeq(headerOf(received, 'cseq') ?? '')?.method !== this.#request.method) return;
    const response: SipResponse = { ...received, headers: withoutFirstValue(received.headers, 'via') };
    const isInvite = this.#request.method === 'INVITE';
    if (response.status < 200) return this.#provisional(response, isInvite);
    if (isInvite && response.status >= 300) this.#send(ackFor(this.#request, response));
    if (this.#state !== 'over') this.#finish();
    else if (!isInvite || response.status >= 300) return;
    this.#on.onAnswer(response);
  }

  cancel(): void {
    if (this.#state === 'over' || this.#isCancelled) return;
    this.#isCancelled = true;
    if (this.#state === 'proceeding') this.#send(hopRequest(this.#request, 'CANCEL'));
    this.#restart(wait.cancelMs);
  }

  giveUp(): void {
    if (this.#state === 'over') return;
    this.#finish();
    this.#on.onSilence();
  }

  close(): void {
    this.#stopTimer();
  }

  #provisional(response: SipResponse, isInvite: boolean): void {
    if (this.#state === 'over') return;
    const isFirst = this.#state === 'calling';
    this.#state = 'proceeding';
    if (isInvite && !this.#isCancelled) this.#restart(wait.ringMs);
    // RFC 3261 §9.1: a CANCEL follows the first provisional answer, never precedes it.
    if (isFirst && this.#isCancelled) this.#send(hopRequest(this.#request, 'CANCEL'));
    if (response.status > 100) this.#on.onAnswer(response);
  }

  /** Over, but kept a while: retransmitted answers still need their ACK. */
  #finish(): void {
    this.#state = 'over';
    this.#restart(wait.keepMs);
  }

  #restart(delayMs: number): void {
    this.#stopTimer();
    this.#stopTimer = this.#clock.after(delayMs, () => (this.#state === 'over' ? this.#forget() : this.giveUp()));
  }
}

/** CANCEL and the ACK to a refusal copy what identifies the INVITE (RFC 3261 §9.1, §17.1.1.3). */
const hopRequest = (invite: SipRequest, method: 'CANCEL' | 'ACK', to?: string): SipRequest => ({
  kind: 'request',
  method,
  uri: invite.uri,
  headers: [
    ...invite.headers.filter((h) => ['route', 'from', 'call-id', 'max-forwards'].includes(h.name)),
    sipHeader('To', to ?? headerOf(invite, 'to') ?? ''),
    sipHeader('CSeq', `${Number.parseInt(headerOf(invite, 'cseq') ?? '1', 10)} ${method}`),
    sipHeader('Content-Length', '0'),
  ],
  body: new Uint8Array(0),
});
const ackFor = (invite: SipRequest, response: SipResponse): SipRequest =>
  hopRequest(invite, 'ACK', headerOf(response, 'to'));

/** One hop less, our Route taken off, the caller's own claims about queue and contact removed. `undefined`: too many hops. */
export const prepared = (
  request: SipRequest,
  uri: string,
  isOwnRoute: (value: string) => boolean,
): SipRequest | undefined => {
  const hops = Number(headerOf(request, 'max-forwards') ?? 70);
  if (!Number.isInteger(hops) || hops <= 0) return undefined;
  let headers = withoutHeaders(
    request.headers,
    'x-queue',
    'x-contact-id',
    'x-colleague',
    'x-dialled',
    'authorization',
    'proxy-authorization',
  );
  for (let route = headers.find((h) => h.name === 'route'); route && isOwnRoute(route.value);) {
    headers = withoutFirstValue(headers, 'route');
    route = headers.find((h) => h.name === 'route');
  }
  const at = headers.findIndex((h) => h.name === 'max-forwards');
  const fewer = sipHeader('Max-Forwards', String(hops - 1));
  return { ...request, uri, headers: at === -1 ? [fewer, ...headers] : headers.toSpliced(at, 1, fewer) };
};
