import { EmitterImpl, type Transport, TransportState } from 'sip.js';
import type { Clock } from './clock.ts';
import { allowedMethods, type DropCause, type Head, judge } from './sip-guard.ts';

/**
 * SIP over one WebSocket at a time (RFC 7118), in the shape SIP.js wants. Unlike SIP.js's own it never waits for a socket that
 * went silent (closing one can take a minute), judges every message before the parser sees it, lets no exception of the parser
 * out, and ends transactions whose socket is gone at once instead of after 32 s.
 */
export type SipTransport = Transport & {
  /** Forgets the socket now. Pending requests get a local 503 (RFC 3261 8.1.3.1), initial INVITEs stay for a later CANCEL. */
  readonly drop: () => void;
  /** Epoch ms of the last whole SIP message or keep-alive from the peer; 0 before any. */
  readonly heardAtMs: () => number;
};

export type WireEvent =
  | { readonly kind: 'dropped'; readonly why: DropCause | 'binary' }
  | { readonly kind: 'refusedRequest'; readonly method: string }
  | { readonly kind: 'parserThrew' };

export type TransportHooks = {
  readonly clock: Clock;
  /** The socket closed without our doing. */
  readonly onDown: () => void;
  /** A request or response left. */
  readonly onSent: (head: Head, atMs: number) => void;
  /** A request or response is about to be handed to SIP.js. */
  readonly onHeard: (head: Head, atMs: number) => void;
  readonly onWire: (event: WireEvent) => void;
  readonly openSocket: (url: string) => WebSocket;
};

/** Bytes waiting to leave; more than this and the peer is not reading. */
const mostBuffered = 256 * 1024;

export const createSipTransport = (server: string, hooks: TransportHooks): SipTransport => {
  const { clock } = hooks;
  const stateChange = new EmitterImpl<TransportState>();
  const decoder = new TextDecoder('utf-8', { fatal: true });
  /** Requests without a final response, by branch and method. */
  const pending = new Map<string, string>();
  let socket: WebSocket | undefined;
  let opening: { readonly resolve: () => void; readonly reject: (why: Error) => void } | undefined;
  let state = TransportState.Disconnected;
  let heardAtMs = 0;

  const enter = (next: TransportState): void => {
    if (state === next) return;
    state = next;
    stateChange.emit(next);
  };

  /** SIP.js may throw on anything it did not expect: the message is lost then, never the page. */
  const deliver = (text: string): void => {
    try {
      transport.onMessage?.(text);
    } catch {
      hooks.onWire({ kind: 'parserThrew' });
    }
  };

  const receive = (raw: unknown): void => {
    const text = typeof raw === 'string' ? raw : decodedFrame(raw, decoder);
    if (text === undefined) return hooks.onWire({ kind: 'dropped', why: 'binary' });
    heardAtMs = clock.nowMs();
    if (/^(?:\r\n){1,2}$/.test(text)) return; // keep-alive, RFC 5626
    const verdict = judge(text);
    switch (verdict.kind) {
      case 'drop':
        return hooks.onWire({ kind: 'dropped', why: verdict.why });
      case 'refuse':
        socket?.send(verdict.reply);
        return hooks.onWire({ kind: 'refusedRequest', method: verdict.method });
      case 'pass':
        if ((verdict.head.status ?? 0) >= 200) pending.delete(keyOf(verdict.head));
        hooks.onHeard(verdict.head, heardAtMs);
        return deliver(text);
    }
  };

  /** Takes the socket away and leaves nothing of it that could still speak to us. */
  const forget = (): WebSocket | undefined => {
    const old = socket;
    socket = undefined;
    const waiting = opening;
    opening = undefined;
    enter(TransportState.Disconnected);
    waiting?.reject(new Error('no connection'));
    for (const request of [...pending.values()]) {
      const response = unavailable(request);
      if (response !== undefined) deliver(response);
    }
    pending.clear();
    return old;
  };

  const drop = (): void => {
    const old = forget();
    try {
      old?.close(1000);
    } catch {
      // A socket in a state that cannot be closed is gone already.
    }
  };

  const connect = (): Promise<void> => {
    if (socket !== undefined) drop();
    return new Promise((resolve, reject) => {
      opening = { resolve, reject };
      enter(TransportState.Connecting);
      let mine: WebSocket;
      try {
        mine = hooks.openSocket(server);
      } catch (error) {
        opening = undefined;
        enter(TransportState.Disconnected);
        return reject(error instanceof Error ? error : new Error('no socket'));
      }
      socket = mine;
      mine.binaryType = 'arraybuffer';
      mine.addEventListener('open', () => {
        if (mine !== socket) return;
        opening = undefined;
        enter(TransportState.Connected);
        transport.onConnect?.();
        resolve();
      });
      mine.addEventListener('message', (event) => {
        if (mine === socket) receive(event.data);
      });
      mine.addEventListener('close', () => {
        if (mine !== socket) return;
        forget();
        hooks.onDown();
      });
    });
  };

  const transport: SipTransport = {
    protocol: server.startsWith('wss:') ? 'WSS' : 'WS',
    get state() {
      return state;
    },
    stateChange,
    onConnect: undefined,
    onDisconnect: undefined,
    onMessage: undefined,
    connect,
    disconnect: () => {
      drop();
      return Promise.resolve();
    },
    dispose: () => {
      drop();
      return Promise.resolve();
    },
    isConnected: () => state === TransportState.Connected,
    send: (message) => {
      if (socket === undefined || state !== TransportState.Connected || socket.bufferedAmount > mostBuffered)
        return Promise.reject(new Error('not connected'));
      // SIP.js claims to take more methods than get through the guard.
      const text = message.replace(/^Allow: [^\r\n]*/m, `Allow: ${allowedMethods}`);
      socket.send(text);
      const verdict = judge(text);
      if (verdict.kind === 'drop') return Promise.resolve();
      const head = verdict.kind === 'pass' ? verdict.head : undefined;
      if (head !== undefined) {
        if (head.status === undefined && head.method !== 'ACK') pending.set(keyOf(head), text);
        hooks.onSent(head, clock.nowMs());
      } else {
        // REGISTER: refused from others, ours to send.
        const own = ownRequest(text);
        if (own !== undefined) pending.set(keyOf(own), text);
      }
      return Promise.resolve();
    },
    drop,
    heardAtMs: () => heardAtMs,
  };
  return transport;
};

const keyOf = (head: Head): string => `${head.branch} ${head.method}`;

const decodedFrame = (raw: unknown, decoder: TextDecoder): string | undefined => {
  if (!(raw instanceof ArrayBuffer)) return undefined;
  try {
    return decoder.decode(raw);
  } catch {
    return undefined;
  }
};

const ownRequest = (text: string): Head | undefined => {
  const branch = /;branch=(z9hG4bK[^;\s]+)/.exec(text)?.[1];
  const method = /^([A-Z]+) /.exec(text)?.[1];
  return branch === undefined || method === undefined ? undefined : { method, status: undefined, callId: '', branch };
};

/** The 503 a request gets whose socket is gone; none for an initial INVITE (no To tag): it may be cancelled later. */
const unavailable = (request: string): string | undefined => {
  const head = request.slice(0, request.indexOf('\r\n\r\n'));
  const line = (name: string): string => new RegExp(`^${name}: .*$`, 'm').exec(head)?.[0] ?? '';
  const to = line('To');
  if (head.startsWith('INVITE ') && !/;tag=/.test(to)) return undefined;
  return ['SIP/2.0 503 Service Unavailable', line('Via'), line('From'), to, line('Call-ID'), line('CSeq')]
    .map((text) => text.trimEnd())
    .concat('Content-Length: 0', '', '')
    .join('\r\n');
};
