import { EmitterImpl, type Transport, TransportState } from 'sip.js';
import type { Clock } from './clock.ts';
import {
  allowedMethods,
  type DropCause,
  type Head,
  type IsReferring,
  type IsSubscribed,
  judge,
  unfolded,
} from './sip-guard.ts';
import type { SessionTimers } from './sip-session-timer.ts';

/**
 * SIP over one WebSocket at a time (RFC 7118), in the shape SIP.js wants. Unlike SIP.js's own it never waits for a socket that
 * went silent (closing one can take a minute), judges every message before the parser sees it, lets no exception of the parser
 * out, and ends transactions whose socket is gone at once instead of after 32 s.
 */
export type SipTransport = Transport & {
  /** Forgets the socket now. Pending requests get a local 503 (RFC 3261 8.1.3.1), initial INVITEs stay for a later CANCEL. */
  readonly drop: () => void;
  /**
   * Sends an ACK for every INVITE whose socket was lost before its answer came, or before we had said the ACK. If the peer had accepted
   * it, it waits for that ACK, refuses further INVITEs meanwhile and hangs up after 32 s (RFC 3261 13.3.1.4); if not, it ignores the
   * ACK. A call that had only begun is over here, so a BYE follows: a CANCEL comes too late for one that was answered meanwhile, and
   * whoever answered would sit there hearing nobody.
   */
  readonly acknowledgeLost: () => void;
};

export type WireEvent =
  | { readonly kind: 'dropped'; readonly why: DropCause | 'binary' }
  | { readonly kind: 'refusedRequest'; readonly method: string }
  | { readonly kind: 'parserThrew' }
  /** Someone asked for an MD5 answer: given on a private way, else refused (security 67). */
  | { readonly kind: 'weakDigest'; readonly isAnswered: boolean };

export type TransportHooks = {
  readonly clock: Clock;
  /** The socket closed without our doing. */
  readonly onDown: () => void;
  /** A request or response left. */
  readonly onSent: (head: Head, atMs: number) => void;
  /** A request or response is about to be handed to SIP.js. */
  readonly onHeard: (head: Head, atMs: number) => void;
  readonly onWire: (event: WireEvent) => void;
  /** Without these no NOTIFY gets in. */
  readonly isReferring?: IsReferring;
  readonly isSubscribed?: IsSubscribed;
  /** Session timers live in the messages' headers; see there. */
  readonly timers?: Pick<SessionTimers, 'leaving' | 'heard' | 'refreshed'>;
  readonly openSocket: (url: string) => WebSocket;
};

/** Bytes waiting to leave; more than this and the peer is not reading. */
const mostBuffered = 256 * 1024;

export const createSipTransport = (server: string, hooks: TransportHooks): SipTransport =>
  new WebSocketTransport(server, hooks);

class WebSocketTransport implements SipTransport {
  readonly #server: string;
  readonly #hooks: TransportHooks;
  readonly #decoder = new TextDecoder('utf-8', { fatal: true });
  /** Requests without a final response, by branch and method. */
  readonly #pending = new Map<string, Asked>();
  /** INVITEs that were accepted and not acknowledged, by call and CSeq. */
  readonly #unacknowledged = new Map<string, Asked>();
  #lostInvites: Asked[] = [];
  #socket: WebSocket | undefined;
  #opening: { readonly resolve: () => void; readonly reject: (why: Error) => void } | undefined;
  #state = TransportState.Disconnected;

  readonly stateChange = new EmitterImpl<TransportState>();
  onConnect: (() => void) | undefined = undefined;
  onDisconnect: ((error?: Error) => void) | undefined = undefined;
  onMessage: ((message: string) => void) | undefined = undefined;

  constructor(server: string, hooks: TransportHooks) {
    this.#server = server;
    this.#hooks = hooks;
  }

  get protocol(): string {
    return this.#server.startsWith('wss:') ? 'WSS' : 'WS';
  }
  get state(): TransportState {
    return this.#state;
  }
  isConnected = (): boolean => this.#state === TransportState.Connected;
  disconnect = async (): Promise<void> => this.drop();
  dispose = async (): Promise<void> => this.drop();

  connect = (): Promise<void> => {
    if (this.#socket !== undefined) this.drop();
    return new Promise((resolve, reject) => {
      this.#opening = { resolve, reject };
      this.#enter(TransportState.Connecting);
      try {
        this.#listen(this.#hooks.openSocket(this.#server));
      } catch {
        this.#forget();
      }
    });
  };

  drop = (): void => {
    const old = this.#forget();
    try {
      old?.close(1000);
    } catch {
      // A socket in a state that cannot be closed is gone already.
    }
  };

  acknowledgeLost = (): void => {
    if (!this.isConnected()) return;
    const [lost, socket] = [this.#lostInvites, this.#socket];
    this.#lostInvites = [];
    for (const asked of lost) for (const text of settling(asked)) socket?.send(text);
  };

  send = (message: string): Promise<void> => {
    const socket = this.#socket;
    if (socket === undefined || !this.isConnected() || socket.bufferedAmount > mostBuffered)
      return Promise.reject(new Error('not connected'));
    // SIP.js claims to take more methods than get through the guard.
    const allowed = message.replace(/^Allow: [^\r\n]*/m, `Allow: ${allowedMethods}`);
    const text = this.#hooks.timers?.leaving(allowed) ?? allowed;
    const head = headOf(text);
    if (head?.method === 'ACK') this.#unacknowledged.delete(callKeyOf(text));
    else if (head !== undefined && head.status === undefined)
      this.#pending.set(keyOf(head), { request: text, answer: undefined });
    socket.send(text);
    if (head !== undefined) this.#hooks.onSent(head, this.#hooks.clock.nowMs());
    return Promise.resolve();
  };

  #listen(socket: WebSocket): void {
    this.#socket = socket;
    socket.binaryType = 'arraybuffer';
    socket.addEventListener('open', () => {
      if (socket !== this.#socket) return;
      const opening = this.#opening;
      this.#opening = undefined;
      this.#enter(TransportState.Connected);
      this.onConnect?.();
      opening?.resolve();
    });
    socket.addEventListener('message', (event: MessageEvent<unknown>) => {
      if (socket === this.#socket) this.#receive(event.data);
    });
    socket.addEventListener('close', () => {
      if (socket !== this.#socket) return;
      this.#forget();
      this.#hooks.onDown();
    });
  }

  #receive(raw: unknown): void {
    const { clock, onWire, onHeard } = this.#hooks;
    const text = typeof raw === 'string' ? raw : decodedFrame(raw, this.#decoder);
    if (text === undefined) return onWire({ kind: 'dropped', why: 'binary' });
    if (/^(?:\r\n){1,2}$/.test(text)) return; // keep-alive, RFC 5626
    const verdict = judge(text, this.#hooks.isReferring, this.#hooks.isSubscribed);
    switch (verdict.kind) {
      case 'drop':
        return onWire({ kind: 'dropped', why: verdict.why });
      case 'refuse': {
        // TIMER-3: SIP.js knows no UPDATE and need not.
        const granted = verdict.method === 'UPDATE' ? this.#hooks.timers?.refreshed(unfolded(text)) : undefined;
        this.#socket?.send(granted ?? verdict.reply);
        if (granted !== undefined) return;
        return onWire({ kind: 'refusedRequest', method: verdict.method });
      }
      case 'pass':
        this.#follow(verdict.head, text);
        onHeard(verdict.head, clock.nowMs());
        this.#hooks.timers?.heard(text);
        return this.#deliver(unfolded(text));
    }
  }

  /** What an answer says of a request of ours. */
  #follow(head: Head, text: string): void {
    const asked = this.#pending.get(keyOf(head));
    if (head.status === undefined || asked === undefined) return;
    const heard = { ...asked, answer: head.status > 100 && head.method === 'INVITE' ? unfolded(text) : asked.answer };
    if (head.status < 200) {
      this.#pending.set(keyOf(head), heard);
      return;
    }
    this.#pending.delete(keyOf(head));
    // SIP.js says the ACK only when the browser has taken the description.
    if (head.status < 300 && head.method === 'INVITE') this.#unacknowledged.set(callKeyOf(text), heard);
  }

  /** SIP.js may throw on anything it did not expect: the message is lost then, never the page. */
  #deliver(text: string): void {
    try {
      this.onMessage?.(text);
    } catch {
      this.#hooks.onWire({ kind: 'parserThrew' });
    }
  }

  /** Takes the socket away and leaves nothing of it that could still speak to us. */
  #forget(): WebSocket | undefined {
    const old = this.#socket;
    const opening = this.#opening;
    const unanswered = [...this.#pending.values()];
    this.#lostInvites.push(...this.#unacknowledged.values());
    this.#socket = undefined;
    this.#opening = undefined;
    this.#pending.clear();
    this.#unacknowledged.clear();
    this.#enter(TransportState.Disconnected);
    opening?.reject(new Error('no connection'));
    for (const asked of unanswered) {
      const { request } = asked;
      if (request.startsWith('INVITE ')) this.#lostInvites.push(asked);
      // An initial INVITE is left alone: it may be cancelled later.
      if (!isInitialInvite(request)) this.#deliver(unavailable(request));
    }
    return old;
  }

  #enter(next: TransportState): void {
    if (this.#state === next) return;
    this.#state = next;
    this.stateChange.emit(next);
  }
}

const keyOf = (head: Head): string => `${head.branch} ${head.method}`;

const decodedFrame = (raw: unknown, decoder: TextDecoder): string | undefined => {
  if (!(raw instanceof ArrayBuffer)) return undefined;
  try {
    return decoder.decode(raw);
  } catch {
    return undefined;
  }
};

/** What we are about to send. REGISTER would be refused from others, and is ours to send. */
const headOf = (text: string): Head | undefined => {
  const verdict = judge(text);
  if (verdict.kind === 'pass') return verdict.head;
  if (verdict.kind === 'drop') return undefined;
  const branch = /;branch=(z9hG4bK[^;\s]+)/.exec(text)?.[1] ?? '';
  return { method: verdict.method, status: undefined, callId: '', branch };
};

const headerLine = (request: string, name: string): string =>
  new RegExp(`^${name}: .*$`, 'm').exec(request.slice(0, request.indexOf('\r\n\r\n')))?.[0].trimEnd() ?? '';

const isInitialInvite = (request: string): boolean =>
  request.startsWith('INVITE ') && !/;tag=/.test(headerLine(request, 'To'));

/** The 503 a request gets whose socket is gone. */
const unavailable = (request: string): string =>
  ['SIP/2.0 503 Service Unavailable']
    .concat(['Via', 'From', 'To', 'Call-ID', 'CSeq'].map((name) => headerLine(request, name)))
    .concat('Content-Length: 0', '', '')
    .join('\r\n');

/** A request of ours, and the latest answer to an INVITE that may tell of a dialog. */
type Asked = { readonly request: string; readonly answer: string | undefined };

const callKeyOf = (text: string): string =>
  `${/^(?:Call-ID|i)\s*:\s*(\S+)/im.exec(text)?.[1]} ${/^CSeq\s*:\s*(\d+)/im.exec(text)?.[1]}`;

/** What is said of an INVITE whose socket is gone: each a transaction of its own in its dialog (RFC 3261 12.2.1.1, 13.2.2.4). */
const settling = ({ request, answer }: Asked): readonly string[] => {
  if (!isInitialInvite(request)) return [inDialog(request, undefined, 'ACK')];
  if (answer === undefined || !/^(?:To|t)\s*:[^\r\n]*;\s*tag=/im.test(answer)) return [];
  const ack = inDialog(request, answer, 'ACK');
  // One that takes a live call over (RFC 3891) is no new call: it goes on.
  return headerLine(request, 'Replaces') === '' ? [ack, inDialog(request, answer, 'BYE')] : [ack];
};

/** @param answer tells the dialog of an initial INVITE; a renewing one has it in itself */
const inDialog = (invite: string, answer: string | undefined, method: 'ACK' | 'BYE'): string => {
  const [number = ''] = /\d+/.exec(headerLine(invite, 'CSeq')) ?? [];
  const target = /^(?:Contact|m)\s*:[^\r\n<]*<([^>\r\n]+)>/im.exec(answer ?? '')?.[1] ?? invite.split(' ')[1] ?? '';
  const routes = [...(answer ?? '').matchAll(/^Record-Route\s*:\s*(.*)$/gim)].map(
    ([, route = '']) => `Route: ${route.trim()}`,
  );
  const to = /^(?:To|t)\s*:\s*(.*)$/im.exec(answer ?? '')?.[1]?.trim();
  return [`${method} ${target} SIP/2.0`]
    .concat(
      headerLine(invite, 'Via').replace(/;branch=[^;\s]+/, (branch) => `${branch}${method === 'ACK' ? 'a' : 'b'}`),
    )
    .concat(answer === undefined ? headerLine(invite, 'Route') : routes.toReversed())
    .concat(['Max-Forwards', 'From'].map((name) => headerLine(invite, name)))
    .concat(to === undefined ? headerLine(invite, 'To') : `To: ${to}`)
    .concat(headerLine(invite, 'Call-ID'))
    .concat(`CSeq: ${method === 'ACK' ? number : Number(number) + 1} ${method}`, 'Content-Length: 0')
    .filter((line) => line !== '')
    .concat('', '')
    .join('\r\n');
};
