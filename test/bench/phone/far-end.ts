import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { warmUp } from '../../../practice/customers/media.ts';
import { systemClock } from '../../../practice/clock.ts';
import { createDigest } from '../../../practice/exchange/digest.ts';
import {
  headerOf,
  parseSip,
  replyTo,
  serialiseSip,
  sipHeader,
  type SipMessage,
  type SipRequest,
  tagOf,
} from '../../../practice/exchange/sip-message.ts';
import { answerSeat, type FarCall, type FarRecord, ringSeat, type Wire } from './far-call.ts';
import { floorWire } from './floor-far.ts';
import { createJournal, type Journal, nowMs } from './journal.ts';

/**
 * The one far end of all contenders: registrar, caller and callee in one program without a proxy in between, so that what is
 * measured is the seat and a network of no length. Digest MD5, which all of them know.
 */
export type FarEnd = {
  readonly url: string;
  readonly journal: Journal<FarRecord>;
  /** Rings this user's last registered contact. @throws when there is none */
  readonly ring: (user: string) => Promise<FarCall>;
  readonly calls: ReadonlyMap<string, FarCall>;
  /** Cuts the sockets without a word. */
  readonly drop: (user: string) => void;
  /** From now on nothing is read from or written to the user's present sockets. */
  readonly goSilent: (user: string) => void;
  readonly stopListening: () => Promise<void>;
  readonly startListening: () => Promise<void>;
  readonly close: () => Promise<void>;
};

export const password = 'bench-only';
export const domain = 'bench.invalid';
const host = '127.0.0.1';

type Seat = { wire: Wire; target: string };
type Socket = { user: string; isSilent: boolean; readonly raw: WebSocket };

export const startFarEnd = async (): Promise<FarEnd> => {
  await warmUp();
  const journal = createJournal<FarRecord>();
  const seats = new Map<string, Seat>();
  const calls = new Map<string, FarCall>();
  const sockets = new Set<Socket>();
  const digest = createDigest({ realm: domain, clock: systemClock, algorithms: ['MD5'] });

  const register = (request: SipRequest, socket: Socket, wire: Wire): void => {
    const verdict = digest.judge(request, () => password);
    const toTag = randomBytes(4).toString('hex');
    if (verdict.kind === 'challenge')
      return wire.send(replyTo(request, 401, 'Unauthorized', { toTag, headers: verdict.headers }));
    if (verdict.kind === 'wrong') return wire.send(replyTo(request, 403, 'Forbidden', { toTag }));
    const target = /<([^>]+)>/.exec(headerOf(request, 'contact') ?? '')?.[1] ?? '';
    seats.set(verdict.user, { wire, target });
    const headers = [sipHeader('Contact', `<${target}>;expires=300`)];
    wire.send(replyTo(request, 200, 'OK', { toTag, headers }));
    journal.add({ kind: 'registered', user: socket.user, atMs: nowMs() });
  };

  const received = (message: SipMessage, socket: Socket, wire: Wire): void => {
    const sipCallId = headerOf(message, 'call-id') ?? '';
    const call = calls.get(sipCallId);
    const { user } = socket;
    if (message.kind === 'response') return call?.answered(message, wire);
    const note = (kind: 'called' | 'bye' | 'renewed'): void => journal.add({ kind, user, sipCallId, atMs: nowMs() });
    if (message.method === 'REGISTER') return register(message, socket, wire);
    if (call === undefined && message.method === 'INVITE' && tagOf(message, 'to') === undefined) {
      // RFC 3891: in place of a call of the same seat, which is over then.
      const replaced = headerOf(message, 'replaces');
      const old = calls.get(replaced?.split(';')[0] ?? '');
      if (replaced !== undefined && old?.isOver !== false)
        return wire.send(replyTo(message, 481, 'No Such Call', { toTag: 'r' }));
      calls.set(sipCallId, answerSeat(message, wire));
      old?.hangUp();
      return note('called');
    }
    if (message.method === 'OPTIONS') return wire.send(replyTo(message, 200, 'OK', { toTag: 'o' }));
    if (message.method === 'INVITE') note('renewed');
    if (message.method === 'BYE') note('bye');
    if (call !== undefined) call.inDialog(message, wire);
    else if (message.method !== 'ACK') wire.send(replyTo(message, 481, 'No Such Call', { toTag: 'n' }));
  };

  const accept = (raw: WebSocket, path: string): void => {
    const user = decodeURIComponent(path.replace(/^\//, ''));
    const socket: Socket = { user, isSilent: false, raw };
    sockets.add(socket);
    journal.add({ kind: 'connected', user, atMs: nowMs() });
    raw.on('error', () => {});
    raw.on('close', () => sockets.delete(socket));
    if (raw.protocol === 'floor') {
      const floor = floorWire(raw, user, journal, calls);
      floors.set(user, floor);
      return;
    }
    const wire: Wire = {
      send: (message) => {
        if (!socket.isSilent && raw.readyState === raw.OPEN) raw.send(new TextDecoder().decode(serialiseSip(message)));
      },
    };
    raw.on('message', (data: Buffer) => {
      if (socket.isSilent) return;
      const parsed = parseSip(data);
      if (parsed.kind === 'keepAlive') raw.send('\r\n');
      if (parsed.kind === 'refused') throw new Error(`${user} sent what the far end cannot read: ${parsed.why}`);
      if (parsed.kind === 'message') received(parsed.message, socket, wire);
    });
  };
  const floors = new Map<string, ReturnType<typeof floorWire>>();

  let server = await listen(accept, 0);
  const { port } = server.address() as AddressInfo;
  const cut = (which: (socket: Socket) => boolean): void => {
    for (const socket of sockets) if (which(socket)) socket.raw.terminate();
  };
  const stopListening = async (): Promise<void> => {
    const closed = new Promise((resolve) => server.close(resolve));
    cut(() => true);
    server.closeAllConnections();
    await closed;
  };
  return {
    url: `ws://${host}:${port}`,
    journal,
    calls,
    ring: async (user) => {
      const floor = floors.get(user);
      if (floor !== undefined) return floor.ring();
      const seat = seats.get(user);
      if (seat === undefined) throw new Error(`${user} is not registered`);
      const call = await ringSeat(seat.wire, seat.target, ({ sipCallId }, status, atMs) =>
        journal.add({ kind: 'final', user, sipCallId, status, atMs }),
      );
      calls.set(call.sipCallId, call);
      return call;
    },
    drop: (user) => cut((socket) => socket.user === user),
    goSilent: (user) => {
      for (const socket of sockets) if (socket.user === user) socket.isSilent = true;
    },
    stopListening,
    startListening: async () => {
      server = await listen(accept, port);
    },
    close: async () => {
      for (const call of calls.values()) call.media.close();
      if (server.listening) await stopListening();
    },
  };
};

const listen = async (accept: (socket: WebSocket, path: string) => void, port: number): Promise<Server> => {
  const server = createServer((_request, response) => void response.writeHead(426).end());
  const sockets = new WebSocketServer({
    server,
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has('sip') ? 'sip' : offered.has('floor') ? 'floor' : false),
  });
  sockets.on('connection', (socket, request) => accept(socket, request.url ?? '/'));
  sockets.on('error', () => {});
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return server;
};
