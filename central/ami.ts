import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import type { PbxClock } from './pbx.ts';
import { PbxFault } from './pbx.ts';

/** Headers of one message by name, in lower case (AMI's capitals vary); of a repeated header the last value. */
export type AmiMessage = ReadonlyMap<string, string>;

/** One logged-in AMI session. It does not reconnect: `closed` says that it is over, and a new one is opened. */
export type AmiSession = {
  /**
   * Sends one action and resolves with its response, also when that is an error (`response: Error`).
   * @throws PbxFault `unreachable` without an answer in time: the session is then closed, for what follows could be its late answer
   */
  readonly action: (name: string, fields?: AmiFields) => Promise<AmiMessage>;
  /** Sends an action that answers by a list and resolves with its items, without the closing `…Complete`. */
  readonly list: (name: string, fields?: AmiFields) => Promise<readonly AmiMessage[]>;
  /** Events that belong to no list; returns a function that stops listening. */
  readonly onEvent: (listener: (event: AmiMessage) => void) => () => void;
  /** Resolves once Asterisk has loaded its modules; it lets AMI users log in before. Never rejects. */
  readonly booted: Promise<void>;
  /** Resolves, never rejects, when the session has ended, with the reason. */
  readonly closed: Promise<PbxFault>;
  readonly close: () => void;
};

export type AmiFields = Readonly<Record<string, string>>;

export type AmiOptions = {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly secret: string;
  /** For connecting and for each answer; milliseconds. */
  readonly deadlineMs: number;
  readonly clock: PbxClock;
  /** Classes of events wanted; `agent,system` by default. What nobody asked for is not sent. */
  readonly events?: string;
};

type Pending = {
  readonly items: AmiMessage[];
  readonly wantsList: boolean;
  readonly settle: (outcome: readonly AmiMessage[] | PbxFault) => void;
};

// Bounds: a peer that is not Asterisk, or one gone mad, must not fill our memory.
const maxMessageBytes = 64 * 1024;
const maxListItems = 20_000;
const maxPending = 1_000;
const separator = Buffer.from('\r\n\r\n');

/**
 * Connects and logs in. The secret does not cross the wire: MD5 challenge, the strongest AMI knows.
 * @throws PbxFault `unreachable`, `garbled` (that port does not speak AMI) or `refusedLogin`
 */
export const openAmi = async (options: AmiOptions): Promise<AmiSession> => {
  const session = await greeted(options);
  try {
    const challenge = (await session.action('Challenge', { AuthType: 'MD5' })).get('challenge') ?? '';
    const key = createHash('md5').update(challenge).update(options.secret).digest('hex');
    const login = await session.action('Login', {
      AuthType: 'MD5',
      Username: options.user,
      Key: key,
      Events: options.events ?? 'agent,system',
    });
    if (login.get('response') !== 'Success')
      throw new PbxFault(
        'refusedLogin',
        `The exchange refused the AMI user "${options.user}": name, secret or address is not permitted.`,
      );
    return session;
  } catch (error) {
    session.close();
    throw error;
  }
};

const greeted = async (options: AmiOptions): Promise<AmiSession> => {
  const socket = connect({ host: options.host, port: options.port, noDelay: true, keepAlive: true });
  const session = speak(socket, options);
  const cancel = options.clock.after(options.deadlineMs, () =>
    session.end(new PbxFault('unreachable', 'The exchange did not greet in time.')),
  );
  const fault = await Promise.race([session.greeted, session.closed]);
  cancel();
  if (fault instanceof PbxFault) throw fault;
  return session;
};

/**
 * The line protocol: one greeting line, then messages of `Name: value` lines ended by an empty line. An answer carries the ActionID of
 * its action; a list is an answer with `EventList: start`, events with the same ActionID, and one with `EventList: Complete`.
 */
const speak = (socket: Socket, options: AmiOptions) => {
  const pending = new Map<string, Pending>();
  const listeners = new Set<(event: AmiMessage) => void>();
  const { promise: closed, resolve: sayClosed } = Promise.withResolvers<PbxFault>();
  const { promise: greeted, resolve: sayGreeted } = Promise.withResolvers<void>();
  // Kept here, not left to a listener: the event can arrive in the same packet as the answer to Login.
  const { promise: booted, resolve: sayBooted } = Promise.withResolvers<void>();
  let over: PbxFault | undefined;
  let lastId = 0;

  const end = (fault: PbxFault) => {
    if (over !== undefined) return;
    over = fault;
    // Destroyed, not ended: a silent peer would keep us waiting for its FIN.
    socket.destroy();
    for (const waiting of pending.values()) waiting.settle(fault);
    pending.clear();
    listeners.clear();
    sayClosed(fault);
  };

  const take = (message: AmiMessage) => {
    if (message.get('event') === 'FullyBooted') sayBooted();
    const waiting = pending.get(message.get('actionid') ?? '');
    if (waiting === undefined) {
      if (message.has('event')) for (const listener of listeners) listener(message);
      return; // a late answer of nobody: ignored
    }
    const list = message.get('eventlist')?.toLowerCase();
    if (message.has('response')) {
      if (!waiting.wantsList || list !== 'start') waiting.settle([message]);
    } else if (list === 'complete') waiting.settle(waiting.items);
    else if (waiting.items.length < maxListItems) waiting.items.push(message);
    else end(new PbxFault('garbled', 'The exchange sent a list without end.'));
  };

  receive(socket, { onGreeting: sayGreeted, onMessage: take, onGarbage: (why) => end(new PbxFault('garbled', why)) });
  socket.on('error', (error) => end(new PbxFault('unreachable', `The exchange cannot be reached: ${codeOf(error)}.`)));
  socket.on('close', () => end(new PbxFault('unreachable', 'The exchange closed the connection.')));

  const send = (name: string, fields: AmiFields, wantsList: boolean): Promise<readonly AmiMessage[]> =>
    new Promise((resolve, reject) => {
      if (over !== undefined) return reject(over);
      if (pending.size >= maxPending)
        return reject(new PbxFault('unreachable', 'Too many requests wait for the exchange.'));
      lastId += 1;
      const id = `z${lastId}`;
      const cancel = options.clock.after(options.deadlineMs, () =>
        end(new PbxFault('unreachable', `The exchange did not answer ${name} within ${options.deadlineMs} ms.`)),
      );
      const settle = (outcome: readonly AmiMessage[] | PbxFault) => {
        cancel();
        pending.delete(id);
        if (outcome instanceof PbxFault) reject(outcome);
        else resolve(outcome);
      };
      pending.set(id, { items: [], wantsList, settle });
      socket.write(encode({ Action: name, ActionID: id, ...fields }));
    });

  return {
    action: async (name: string, fields: AmiFields = {}) => only(await send(name, fields, false)),
    list: async (name: string, fields: AmiFields = {}) => {
      const items = await send(name, fields, true);
      if (items[0]?.has('response') === true) throw new PbxFault('refused', `The exchange refused ${name}.`);
      return items;
    },
    onEvent: (listener: (event: AmiMessage) => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    greeted,
    booted,
    closed,
    close: () => end(new PbxFault('closed', 'The connection to the exchange was closed.')),
    end,
  };
};

type Receiver = {
  readonly onGreeting: () => void;
  readonly onMessage: (message: AmiMessage) => void;
  readonly onGarbage: (why: string) => void;
};

/** Cuts the byte stream into messages, wherever TCP cut it; bytes, so that a split UTF-8 character stays whole. */
const receive = (socket: Socket, to: Receiver) => {
  let buffered: Buffer = Buffer.alloc(0);
  let isGreeted = false;
  socket.on('data', (chunk: Buffer) => {
    buffered = buffered.length === 0 ? chunk : Buffer.concat([buffered, chunk]);
    if (!isGreeted) {
      const end = buffered.indexOf('\r\n');
      if (end < 0 && buffered.length < 256) return;
      if (end < 0 || !buffered.subarray(0, end).toString('latin1').startsWith('Asterisk Call Manager/'))
        return to.onGarbage('That port does not speak the Asterisk Manager Interface.');
      buffered = buffered.subarray(end + 2);
      isGreeted = true;
      to.onGreeting();
    }
    for (let end = buffered.indexOf(separator); end >= 0; end = buffered.indexOf(separator)) {
      if (end > maxMessageBytes) return to.onGarbage('The exchange sent a message that is too long.');
      const message = decode(buffered.subarray(0, end).toString('utf8'));
      buffered = buffered.subarray(end + separator.length);
      if (socket.destroyed) return;
      if (message.size > 0) to.onMessage(message);
    }
    if (buffered.length > maxMessageBytes) to.onGarbage('The exchange sent a message that is too long.');
  });
};

const decode = (text: string): AmiMessage => {
  const message = new Map<string, string>();
  for (const line of text.split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) message.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  return message;
};

/** Line breaks (and other controls) in a value would start a header, or an action, of its own: they are taken out. */
const encode = (fields: AmiFields): string =>
  `${Object.entries(fields)
    .map(([name, value]) => `${inert(name)}: ${inert(value)}\r\n`)
    .join('')}\r\n`;

const inert = (text: string): string => text.replace(/[\u0000-\u001f\u007f\u0085\u2028\u2029]/g, '').slice(0, 1_000);

const only = (messages: readonly AmiMessage[]): AmiMessage => messages[0] ?? new Map();

const codeOf = (error: Error): string => ('code' in error && typeof error.code === 'string' ? error.code : error.name);
