import { createManualClock, type ManualClock } from '../../practice/clock.ts';
import type { Flow } from '../../practice/exchange/flow.ts';
import { createRouter, type Router } from '../../practice/exchange/router.ts';
import {
  headerOf,
  parseSip,
  replyTo,
  serialiseSip,
  sipHeader,
  type SipHeader,
  type SipMessage,
  type SipRequest,
  type SipResponse,
} from '../../practice/exchange/sip-message.ts';

/** A router on a clock that stands still, with hand-driven phones: every message of a scenario is visible and in order. */
export type Bench = {
  readonly clock: ManualClock;
  readonly router: Router;
  readonly phone: (user: string) => Phone;
};

export const passwords: Readonly<Record<string, string>> = { ann: 'a-pw', bob: 'b-pw', cat: 'c-pw', trunk: 't-pw' };

export const createBench = (options: { readonly ringMs?: number } = {}): Bench => {
  const clock = createManualClock();
  let token = 0;
  const router = createRouter({
    clock,
    address: () => '127.0.0.1:5066',
    auth: (user) => passwords[user],
    trunkUser: 'trunk',
    queues: ['service', 'vip'],
    ringMs: options.ringMs ?? 20_000,
    restMs: 5_000,
    digests: ['SHA-256', 'MD5'],
    newToken: () => `t${++token}`,
    onContact: () => {},
    newContactId: () => `contact-${++token}`,
  });
  return { clock, router, phone: (user) => new Phone(user, router) };
};

let serial = 0;

/** One user agent over one socket at a time. `connect` replaces the socket as a reconnecting phone does. */
export class Phone {
  readonly user: string;
  readonly contact: string;
  readonly inbox: SipMessage[] = [];
  flow: Flow;
  readonly #router: Router;
  #isOpen = true;

  constructor(user: string, router: Router) {
    this.user = user;
    this.contact = `sip:${user}-${++serial}@host${serial}.invalid;transport=ws`;
    this.#router = router;
    this.flow = this.#newFlow();
  }

  #newFlow(): Flow {
    let isOpen = true;
    this.#isOpen = true;
    const flow: Flow = {
      id: ++serial,
      user: undefined,
      isOpen: () => isOpen,
      send: (message) => {
        // Through bytes and back: what is not serialisable would show here.
        const parsed = parseSip(serialiseSip(message));
        if (parsed.kind === 'message' && isOpen) this.inbox.push(parsed.message);
      },
      drop: () => {
        if (!isOpen) return;
        isOpen = false;
        this.#isOpen = false;
        this.#router.flowClosed(flow);
      },
    };
    return flow;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  connect(): void {
    this.flow = this.#newFlow();
  }

  send(message: SipMessage | string): void {
    const bytes = typeof message === 'string' ? new TextEncoder().encode(message) : serialiseSip(message);
    this.#router.received(bytes, this.flow);
  }

  request(method: string, target: string, options: RequestOptions = {}): SipRequest {
    const id = ++serial;
    const from = options.from ?? `<sip:${this.user}@127.0.0.1>;tag=f${id}`;
    return {
      kind: 'request',
      method,
      uri: target.startsWith('sip:') ? target : `sip:${target}@127.0.0.1`,
      headers: [
        sipHeader('Via', `SIP/2.0/WS ${this.user}.invalid;branch=${options.branch ?? `z9hG4bK-${id}`}`),
        sipHeader('From', from),
        sipHeader('To', options.to ?? `<sip:${target}@127.0.0.1>`),
        sipHeader('Call-ID', options.callId ?? `call-${id}`),
        sipHeader('CSeq', `${options.cseq ?? 1} ${method}`),
        sipHeader('Max-Forwards', '70'),
        sipHeader('Contact', `<${this.contact}>`),
        ...(options.headers ?? []),
        sipHeader('Content-Length', '0'),
      ],
      body: new Uint8Array(0),
    };
  }

  /** What arrived since the last look. */
  take(): SipMessage[] {
    return this.inbox.splice(0);
  }

  takeRequest(method: string): SipRequest {
    const at = this.inbox.findIndex((m) => m.kind === 'request' && m.method === method);
    const [found] = at === -1 ? [] : this.inbox.splice(at, 1);
    if (found?.kind !== 'request') throw new Error(`${this.user} got no ${method}: ${summary(this.inbox).join(' | ')}`);
    return found;
  }

  statuses(): readonly number[] {
    return this.take().flatMap((m) => (m.kind === 'response' ? [m.status] : []));
  }

  /** The phone's own answer, with its tag and contact. */
  answer(request: SipRequest, status: number, headers: readonly SipHeader[] = []): SipResponse {
    const recorded = request.headers.filter((h) => h.name === 'record-route');
    const own = [...recorded, sipHeader('Contact', `<${this.contact}>`), ...headers];
    const response = replyTo(request, status, `Status ${status}`, { toTag: `tag-${this.user}`, headers: own });
    this.send(response);
    return response;
  }

  /** A request inside the dialog that `final` (a 2xx) made, seen from the caller or the callee. */
  inDialog(method: string, final: SipMessage, side: 'caller' | 'callee', cseq: number): SipRequest {
    const [from, to] = side === 'caller' ? ['from', 'to'] : ['to', 'from'];
    const target = side === 'caller' ? headerOf(final, 'contact') : undefined;
    return this.request(method, target?.replace(/[<>]/g, '') ?? 'sip:peer@peer.invalid', {
      from: headerOf(final, from) ?? '',
      to: headerOf(final, to) ?? '',
      callId: headerOf(final, 'call-id') ?? '',
      cseq,
    });
  }
}

export type RequestOptions = {
  readonly from?: string;
  readonly to?: string;
  readonly callId?: string;
  readonly branch?: string;
  readonly cseq?: number;
  readonly headers?: readonly SipHeader[];
};

export const summary = (messages: readonly SipMessage[]): readonly string[] =>
  messages.map((m) => (m.kind === 'request' ? m.method : `${m.status} ${headerOf(m, 'cseq')?.split(' ')[1]}`));
