import { createHash, randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

/**
 * The smallest far side a telephone can be tried against: a registrar with digest and a relay between two WebSockets (RFC 7118).
 * Like the real PBX it keeps talking to the socket a dialog was made on until an INVITE of that dialog comes from another one.
 * The lab can take lines away in every way they get lost, and see and send raw text.
 */
export type SipRelay = {
  readonly url: string;
  readonly log: Entry[];
  /** Closes this user's sockets; new ones are welcome. */
  readonly drop: (user: string) => void;
  /** Goes silent without closing: what is sent is not read, nothing is sent. Only sockets open now. */
  readonly freeze: (user: string) => void;
  /** Refuses new sockets until told otherwise. */
  readonly refuse: (isRefusing: boolean) => void;
  readonly sendRaw: (user: string, text: string) => void;
  readonly registered: (user: string) => boolean;
  /**
   * `reinviteStatus`: every re-INVITE is refused with it (0: not answered at all), and the far end is not told. `target`: how the target
   * of a transfer takes it, which the relay plays itself: rings on, answers, says nothing, or refuses with a status; `refer` refuses the
   * REFER. Nobody is called.
   */
  readonly options: {
    grantS: number;
    passwords: Map<string, string>;
    registerStatus: number | undefined;
    reinviteStatus: number | undefined;
    target: TransferTarget;
  };
  readonly close: () => Promise<void>;
};
export type TransferTarget = 'ring' | 'answer' | 'silent' | number | { readonly refer: number };
export type Entry = {
  readonly atMs: number;
  /** Users, or `relay`; `?` before a socket has registered. */
  readonly from: string;
  readonly to: string;
  readonly line: string;
  readonly text: string;
};

type Socket = { readonly ws: WebSocket; user: string | undefined; isFrozen: boolean };
type Party = { readonly user: string; socket: Socket };
type Dialled = { readonly caller: Party; readonly callee: Party; isOver: boolean; refusedCseq?: string };
/** Dialled numbers 10486 and the like are refused with that status; all others ring the customer. */
const refusedNumber = /^10([456]\d\d)$/;
const realm = 'lab.invalid';

export const startSipRelay = async (): Promise<SipRelay> => {
  const http: Server = createServer((_, response) => response.writeHead(404).end());
  const server = new WebSocketServer({ noServer: true, handleProtocols: () => 'sip' });
  let isRefusing = false;
  http.on('upgrade', (request, socket, head) => {
    if (isRefusing) return socket.destroy();
    return server.handleUpgrade(request, socket, head, (ws) => server.emit('connection', ws, request));
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const sockets = new Set<Socket>();
  const bindings = new Map<string, { socket: Socket; contact: string }>();
  const calls = new Map<string, Dialled>();
  const log: Entry[] = [];
  const options: SipRelay['options'] = {
    grantS: 120,
    passwords: new Map(),
    registerStatus: undefined,
    reinviteStatus: undefined,
    target: 'answer',
  };

  const write = (socket: Socket, text: string): void => {
    if (socket.isFrozen || socket.ws.readyState !== socket.ws.OPEN) return;
    log.push({
      atMs: Date.now(),
      from: 'relay',
      to: socket.user ?? '?',
      line: text.slice(0, text.indexOf('\r\n')),
      text,
    });
    socket.ws.send(text);
  };
  const reply = (socket: Socket, message: Message, status: number, extra: readonly string[] = []): void => {
    const to =
      message.to.includes('tag=') || status === 100
        ? message.to
        : `${message.to};tag=${randomBytes(4).toString('hex')}`;
    write(
      socket,
      [
        `SIP/2.0 ${status} Lab`,
        ...message.vias.map((via) => `Via: ${via}`),
        `From: ${message.from}`,
        `To: ${to}`,
        `Call-ID: ${message.callId}`,
        `CSeq: ${message.cseq}`,
        ...extra,
        'Content-Length: 0',
        '',
        '',
      ].join('\r\n'),
    );
  };

  const register = (socket: Socket, message: Message): void => {
    const user = userOf(message.from);
    if (options.registerStatus !== undefined) return reply(socket, message, options.registerStatus);
    const authorization = message.header('Authorization');
    if (authorization === '')
      return reply(socket, message, 401, [
        `WWW-Authenticate: Digest realm="${realm}", nonce="${randomBytes(8).toString('hex')}", algorithm=MD5, qop="auth"`,
      ]);
    if (!isRightAnswer(authorization, options.passwords.get(user) ?? '')) return reply(socket, message, 403);
    socket.user = user;
    const contact = message.header('Contact');
    const uri = /<([^>]+)>/.exec(contact)?.[1] ?? '';
    if (/expires=0\b/.test(contact)) bindings.delete(user);
    else bindings.set(user, { socket, contact: uri });
    return reply(socket, message, 200, [`Contact: <${uri}>;expires=${options.grantS}`]);
  };

  const invite = (socket: Socket, message: Message): void => {
    const asked = userOf(message.line);
    const status = refusedNumber.exec(asked)?.[1];
    reply(socket, message, 100);
    if (status !== undefined) return reply(socket, message, Number(status));
    const callee = bindings.has(asked) ? asked : 'customer';
    const binding = bindings.get(callee);
    if (binding === undefined) return reply(socket, message, 480);
    calls.set(message.callId, {
      caller: { user: userOf(message.from), socket },
      callee: { user: callee, socket: binding.socket },
      isOver: false,
    });
    return write(binding.socket, message.text.replace(/^INVITE \S+/, `INVITE ${binding.contact}`));
  };

  let notified = 9_000;
  /** The transferee's word on how it goes (RFC 3515 2.4.4). */
  const transfer = (socket: Socket, message: Message): void => {
    const { target } = options;
    if (typeof target === 'object') return reply(socket, message, target.refer);
    reply(socket, message, 202);
    const news = target === 'ring' ? [100] : target === 'silent' ? [] : [100, target === 'answer' ? 200 : target];
    for (const status of news) write(socket, notification(message, (notified += 1), status));
  };

  const receive = (socket: Socket, text: string): void => {
    if (socket.isFrozen) return;
    log.push({
      atMs: Date.now(),
      from: socket.user ?? '?',
      to: 'relay',
      line: text.slice(0, text.indexOf('\r\n')),
      text,
    });
    const message = read(text);
    const isResponse = message.line.startsWith('SIP/2.0');
    const method = message.line.split(' ')[0] ?? '';
    if (method === 'REGISTER') return register(socket, message);
    if (method === 'OPTIONS') return reply(socket, message, 200);
    // It has no mailboxes.
    if (method === 'SUBSCRIBE') return reply(socket, message, 489);
    const call = calls.get(message.callId);
    if (call === undefined)
      return method === 'INVITE'
        ? invite(socket, message)
        : isResponse || method === 'ACK'
          ? undefined
          : reply(socket, message, 481);
    const isCaller = isResponse ? socket.user === call.caller.user : userOf(message.from) === call.caller.user;
    const [sender, other] = isCaller ? [call.caller, call.callee] : [call.callee, call.caller];
    if (method === 'INVITE' && call.isOver) return reply(socket, message, 481);
    if (method === 'INVITE' && options.reinviteStatus !== undefined) {
      call.refusedCseq = message.cseq;
      return options.reinviteStatus === 0 ? undefined : reply(socket, message, options.reinviteStatus);
    }
    if (method === 'ACK' && message.cseq.split(' ')[0] === call.refusedCseq?.split(' ')[0]) return undefined;
    // As `rewrite_contact` does: an INVITE or the answer to one tells where its sender is now.
    if (method === 'INVITE' || (isResponse && message.cseq.endsWith(' INVITE'))) sender.socket = socket;
    if (method === 'REFER') return transfer(socket, message);
    if (isResponse && message.cseq.endsWith(' NOTIFY')) return undefined;
    if (method === 'BYE') {
      call.isOver = true;
      // The PBX answers for itself: the far end may be out of reach.
      if (other.socket.ws.readyState !== other.socket.ws.OPEN || other.socket.isFrozen) reply(socket, message, 200);
    }
    return write(other.socket, text);
  };

  server.on('connection', (ws: WebSocket) => {
    const socket: Socket = { ws, user: undefined, isFrozen: false };
    sockets.add(socket);
    ws.on('message', (raw: Buffer) => receive(socket, raw.toString('utf8')));
    ws.on('error', () => {});
    ws.on('close', () => sockets.delete(socket));
  });

  const of = (user: string): Socket[] => [...sockets].filter((socket) => socket.user === user);
  return {
    url: `ws://127.0.0.1:${(http.address() as AddressInfo).port}`,
    log,
    drop: (user) => {
      for (const socket of of(user)) socket.ws.terminate();
      bindings.delete(user);
    },
    freeze: (user) => {
      for (const socket of of(user)) socket.isFrozen = true;
    },
    refuse: (next) => {
      isRefusing = next;
    },
    sendRaw: (user, text) => {
      const binding = bindings.get(user);
      if (binding !== undefined) write(binding.socket, text);
    },
    registered: (user) => bindings.get(user)?.socket.ws.readyState === 1,
    options,
    close: async () => {
      for (const socket of sockets) socket.ws.terminate();
      server.close();
      await new Promise((resolve) => http.close(resolve));
    },
  };
};

type Message = {
  readonly text: string;
  readonly line: string;
  readonly from: string;
  readonly to: string;
  readonly callId: string;
  readonly cseq: string;
  readonly vias: readonly string[];
  readonly header: (name: string) => string;
};

const read = (text: string): Message => {
  const [line = '', ...rest] = (text.split('\r\n\r\n')[0] ?? '').split('\r\n');
  const all = (name: string): string[] =>
    rest
      .filter((header) => header.toLowerCase().startsWith(`${name.toLowerCase()}:`))
      .map((header) => header.slice(name.length + 1).trim());
  const header = (name: string): string => all(name)[0] ?? '';
  return {
    text,
    line,
    from: header('From'),
    to: header('To'),
    callId: header('Call-ID'),
    cseq: header('CSeq'),
    vias: all('Via'),
    header,
  };
};

const notification = (refer: Message, serial: number, status: number): string =>
  [
    `NOTIFY ${/<([^>]+)>/.exec(refer.header('Contact'))?.[1] ?? ''} SIP/2.0`,
    `Via: SIP/2.0/WS 127.0.0.1;branch=z9hG4bK${randomBytes(8).toString('hex')}`,
    'Max-Forwards: 70',
    `From: ${refer.to}`,
    `To: ${refer.from}`,
    `Call-ID: ${refer.callId}`,
    `CSeq: ${serial} NOTIFY`,
    'Contact: <sip:lab@127.0.0.1>',
    'Event: refer',
    `Subscription-State: ${status < 200 ? 'active;expires=60' : 'terminated;reason=noresource'}`,
    'Content-Type: message/sipfrag;version=2.0',
    `Content-Length: ${`SIP/2.0 ${status} Lab\r\n`.length}`,
    '',
    `SIP/2.0 ${status} Lab\r\n`,
  ].join('\r\n');

const userOf = (text: string): string => /sips?:([^@;>\s]*)@/.exec(text)?.[1] ?? '';

const isRightAnswer = (authorization: string, password: string): boolean => {
  const field = (name: string): string => new RegExp(`[ ,]${name}="?([^",]*)`).exec(authorization)?.[1] ?? '';
  const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
  const ha1 = md5(`${field('username')}:${realm}:${password}`);
  const ha2 = md5(`REGISTER:${field('uri')}`);
  return md5(`${ha1}:${field('nonce')}:${field('nc')}:${field('cnonce')}:auth:${ha2}`) === field('response');
};
