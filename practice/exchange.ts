import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';
import { uuidv7 } from '../shared/ids.ts';
import type { Text } from '../shared/text.ts';
import type { Pbx } from '../central/pbx.ts';
import { systemClock, type Clock } from './clock.ts';
import type { DigestAlgorithm } from './exchange/digest.ts';
import type { Flow } from './exchange/flow.ts';
import { openQueuePort } from './exchange/queue-port.ts';
import { createRouter, type Router } from './exchange/router.ts';
import { parseSip, serialiseSip, sipLimits } from './exchange/sip-message.ts';

/**
 * The exchange of practice mode: SIP over WebSocket (RFC 7118) on loopback — registrar, call routing, queues. Media never
 * passes through it. Agents and the simulated customers are its users; numbers that are nobody's go to the customers.
 */
export type Exchange = {
  /** ws://127.0.0.1:PORT, subprotocol "sip". */
  readonly url: string;
  /** Domain part for SIP URIs of this exchange. */
  readonly domain: string;
  /** The port central steers the queues by; `openPbx` gives another, for a central that starts anew. */
  readonly pbx: Pbx;
  readonly openPbx: () => Pbx;
  readonly queues: readonly ExchangeQueue[];
  /** Members who could take a call now, and callers whom nobody is being rung for. */
  readonly standing: () => { readonly available: number; readonly waiting: number; readonly calls: number };
  /** Whether this user has a reachable registration. */
  readonly isRegistered: (user: string) => boolean;
  /** Whether this queue member is paused; undefined for who is none. */
  readonly isPaused: (user: string) => boolean | undefined;
  readonly onChange: (listener: () => void) => () => void;
  readonly faults: ExchangeFaults;
  readonly close: () => Promise<void>;
};

export type ExchangeQueue = {
  readonly id: string;
  readonly name: Text;
  /** By which it is dialled. */
  readonly number?: string;
};

/** What tests and drills may break. */
export type ExchangeFaults = {
  /** Cuts connections without a closing handshake: one user's or all. */
  readonly dropSockets: (user?: string) => void;
  /** The server goes away: no listening, all connections cut. Registrations and calls are remembered. */
  readonly stopListening: () => Promise<void>;
  /** Comes back on the same port. */
  readonly startListening: () => Promise<void>;
  /** Half-open: the user's present sockets stay, nothing is read or written. Returns what ends it. */
  readonly goSilent: (user: string) => () => void;
};

export type ExchangeOptions = {
  /** 0 for any free port. */
  readonly port: number;
  readonly auth: (username: string) => string | undefined;
  readonly trunkUser: string;
  readonly queues: readonly ExchangeQueue[];
  /** Accounts of seats: with nobody there they are unavailable, not outside. */
  readonly seats?: readonly string[];
  /** Departments and the like: whom a customer may be handed to, and the user behind which they are. */
  readonly inside?: { readonly user: string; readonly numbers: readonly string[] };
  /** Told which contact a call with a seat is, before it rings there. */
  readonly onContact?: (callId: string, contactId: string) => void;
  readonly clock?: Clock;
  readonly ringMs?: number;
  readonly restMs?: number;
  readonly digests?: readonly DigestAlgorithm[];
  /** Life-cycle and faults, ids only. */
  readonly log?: (line: string) => void;
};

const host = '127.0.0.1';
const mostSockets = 1_000;

export const createExchange = async (options: ExchangeOptions): Promise<Exchange> => {
  const clock = options.clock ?? systemClock;
  const log = options.log ?? (() => {});
  let port = options.port;
  const router = createRouter({
    clock,
    address: () => `${host}:${port}`,
    auth: options.auth,
    trunkUser: options.trunkUser,
    queues: options.queues.map((q) => q.id),
    queueNumbers: new Map(options.queues.flatMap(({ id, number }) => (number === undefined ? [] : [[number, id]]))),
    seats: options.seats ?? [],
    ...(options.inside === undefined ? {} : { inside: options.inside }),
    ringMs: options.ringMs ?? 20_000,
    restMs: options.restMs ?? 5_000,
    digests: options.digests ?? ['SHA-256', 'MD5'],
    newToken: () => randomBytes(8).toString('hex'),
    onContact: options.onContact ?? (() => {}),
    newContactId: () => uuidv7(clock.nowMs(), randomBytes(10)),
  });
  const sockets = createSockets(router, log);
  let server = await listen(sockets, port);
  port = (server.address() as AddressInfo).port;

  const stopListening = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => {
      server.close(() => {
        resolve();
      });
    });
    sockets.drop();
    server.closeAllConnections();
    await closed;
  };
  return {
    url: `ws://${host}:${port}`,
    domain: host,
    pbx: openQueuePort(router.queues),
    openPbx: () => openQueuePort(router.queues),
    queues: options.queues,
    standing: () => ({
      available: router.queues.available(),
      waiting: router.queues.waiting(),
      calls: router.calls.count(),
    }),
    isRegistered: (user) => router.locations.current(user) !== undefined,
    isPaused: (user) => router.queues.isPaused(user),
    onChange: (listener) => router.queues.onChange(listener),
    faults: {
      dropSockets: sockets.drop,
      stopListening,
      startListening: async () => {
        server = await listen(sockets, port);
      },
      goSilent: sockets.goSilent,
    },
    close: async () => {
      router.close();
      if (server.listening) await stopListening();
    },
  };
};

type Sockets = {
  readonly accept: (socket: WebSocket) => void;
  readonly drop: (user?: string) => void;
  readonly goSilent: (user: string) => () => void;
};

const createSockets = (router: Router, log: (line: string) => void): Sockets => {
  const open = new Map<Flow, WebSocket>();
  const silent = new Set<Flow>();
  let nextId = 1;
  const of = (user: string | undefined): readonly Flow[] =>
    [...open.keys()].filter((flow) => user === undefined || flow.user === user);

  const accept = (socket: WebSocket): void => {
    if (open.size >= mostSockets) {
      socket.close(1013);
      return;
    }
    const flow: Flow = {
      id: nextId++,
      user: undefined,
      isOpen: () => socket.readyState === socket.OPEN,
      send: (message) => {
        if (silent.has(flow) || socket.readyState !== socket.OPEN) return;
        socket.send(frameOf(serialiseSip(message)), (fault) => {
          if (fault) log(`exchange: socket ${flow.id} could not be written`);
        });
      },
      drop: () => {
        socket.terminate();
      },
    };
    open.set(flow, socket);
    socket.on('message', (data: Buffer) => {
      if (silent.has(flow)) return;
      // RFC 7118 keep-alive is answered in kind (RFC 5626 §3.5.1).
      if (parseSip(data).kind === 'keepAlive' && data.length === 4) socket.send('\r\n');
      else router.received(data, flow);
    });
    // `ws` closes by itself on frames that are too long or broken; the event must have a listener.
    socket.on('error', () => {
      log(`exchange: socket ${flow.id} broke the WebSocket protocol`);
    });
    socket.on('close', () => {
      open.delete(flow);
      silent.delete(flow);
      router.flowClosed(flow);
    });
  };

  return {
    accept,
    drop: (user) => {
      for (const flow of of(user)) flow.drop();
    },
    goSilent: (user) => {
      const flows = of(user);
      for (const flow of flows) silent.add(flow);
      return () => {
        for (const flow of flows) silent.delete(flow);
      };
    },
  };
};

/** Text when it can be (RFC 7118 §5), binary for bodies that are not UTF-8. */
const frameOf = (bytes: Uint8Array): string | Uint8Array => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return bytes;
  }
};

/** Listens on loopback; a port in use rejects with the system's error (`code` EADDRINUSE). */
const listen = async (sockets: Sockets, port: number): Promise<Server> => {
  const server = createServer((_request, response) => {
    response.writeHead(426, { Upgrade: 'websocket' }).end();
  });
  const wss = new WebSocketServer({
    server,
    maxPayload: sipLimits.messageBytes,
    handleProtocols: (offered) => (offered.has('sip') ? 'sip' : false),
    verifyClient: ({ req }: { req: { headers: Record<string, string | string[] | undefined> } }) =>
      String(req.headers['sec-websocket-protocol'] ?? '')
        .split(/\s*,\s*/)
        .includes('sip'),
    perMessageDeflate: false,
  });
  wss.on('connection', sockets.accept);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    // The WebSocket server repeats the HTTP server's errors and would throw them without a listener.
    wss.on('error', () => {});
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  return server;
};
