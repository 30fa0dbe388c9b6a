import type { z } from 'zod';
import type { Routes } from '../../shared/central-api.ts';
import {
  ApiError,
  linesType,
  LiveMessage,
  livePath,
  liveProtocol,
  protocolHeader,
  protocolVersion,
  routes,
} from '../../shared/central-api.ts';
import type { Refusal, Result } from '../../shared/result.ts';
import { ok, refusal, refused, SeatFault } from '../../shared/result.ts';
import { proofHeader, proofProtocolPrefix } from '../../shared/seat-proof.ts';
import type { Clock } from './clock.ts';
import type { Answer, Asked } from './exchange.ts';
import { exchange } from './exchange.ts';
import type { Log } from './log.ts';
import { faultFields } from './log.ts';
import type { Page } from './page.ts';
import { pageOf } from './page.ts';
import type { PageReader } from './page-reader.ts';
import { createPageReader } from './page-reader.ts';
import type { SeatKey } from './seat-key.ts';

type RouteName = keyof Routes;
type Request<K extends RouteName> = z.input<Routes[K]['request']>;
/** A page of the feed comes with its rows as they are stored, whichever way it was sent. */
type Response<K extends RouteName> = K extends 'changes' ? Page : z.output<Routes[K]['response']>;

export interface Live {
  close(): void;
}
export type LiveListener = {
  readonly opened: () => void;
  /** Anything was said; `isBeat`: by a central that says something every few seconds, so that silence means something. */
  readonly heard: (isBeat: boolean) => void;
  /** Central ended this session. */
  readonly shutOut: () => void;
  /** Something is there to pull. */
  readonly poked: () => void;
  /** This session was ended by a sign-in at another seat. */
  /** A lead wants this agent in another state (R38). */
  readonly forced: () => void;
  readonly ousted: () => void;
  readonly supervised: (message: Extract<LiveMessage, { t: 'supervised' }>) => void;
  /** A customer whom central called is about to come (R25). */
  readonly dialled: (message: Extract<LiveMessage, { t: 'dialled' }>) => void;
  /** The customer on view here has called in themselves (R26). */
  readonly calledIn: (message: Extract<LiveMessage, { t: 'calledIn' }>) => void;
  /** Once, also when it never opened. */
  readonly closed: () => void;
};

/** The seat's network: with exchange.ts the only file that talks to central. Every answer is a value; nothing is thrown at callers. */
export interface CentralClient {
  call<K extends RouteName>(
    route: K,
    request: Request<K>,
    token: string | null,
    deadlineMs?: number,
  ): Promise<Result<Response<K>>>;
  live(token: string, listener: LiveListener): Live;
  /** Ends what is under way; every answer from now on is "offline", so that nothing touches a closed store. */
  close(): void;
}

const defaultDeadlineMs = 8_000;
/** Only a load asks for more. */
const manyRows = 1_000;

/**
 * @param heard called with every answer of central's own
 * @param key what requests are signed with, once there is one
 * @param address base address of central: https, or http on this machine only (practice mode)
 * @throws SeatFault when the address is not usable
 */
export const createCentralClient = (
  address: string,
  clock: Clock,
  log: Log,
  heard: () => void = () => {},
  key: () => SeatKey | undefined = () => undefined,
): CentralClient => {
  const base = usable(address);
  /** Central's clock against this machine's, as far as it mattered so far. */
  let aheadMs = 0;
  const prove: Prove = (request) => key()?.prove({ ...request, atMs: Math.round(clock.nowMs() + aheadMs) });
  const underWay = new Set<AbortController>();
  const pages = createPageReader(log);
  let closed = false;
  return {
    call: async (route, request, token, deadlineMs = defaultDeadlineMs) => {
      if (closed) return refused(refusal('offline'));
      const stop = new AbortController();
      underWay.add(stop);
      const cancel = clock.after(deadlineMs, () => stop.abort());
      try {
        const once = () => ask(base, route, request, { token, prove, signal: stop.signal, pages });
        let answer = await once();
        const nowMs = centralsTime(answer);
        if (nowMs !== undefined && !closed) {
          // This machine's clock is wrong, or was set since: signed again by central's.
          aheadMs = nowMs - clock.nowMs();
          answer = await once();
        }
        if (closed) return refused(refusal('offline'));
        if (answer.ok) heard();
        else log.debug('central refused', { route, kind: answer.error.kind });
        return answer;
      } catch (fault) {
        log.debug('central not reached', { route, ...faultFields(fault) });
        return refused(refusal('offline'));
      } finally {
        cancel();
        underWay.delete(stop);
      }
    },
    live: (token, listener) => openLive(base, token, { prove, listener, log }),
    close: () => {
      closed = true;
      pages.close();
      for (const stop of underWay) stop.abort();
    },
  };
};

const loopback = /^(localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

const usable = (address: string): URL => {
  const url = URL.parse(address);
  const safe = url !== null && (url.protocol === 'https:' || (url.protocol === 'http:' && loopback.test(url.hostname)));
  if (!safe)
    throw new SeatFault(
      "central's address must be https:// (http:// only on this machine)",
      refusal('invalid', 'centralAddress'),
    );
  return url;
};

/** Central's time, when it could not take our proof for its time. */
const centralsTime = (answer: Result<unknown>): number | undefined => {
  if (answer.ok || answer.error.reason !== 'proofTime') return undefined;
  const nowMs = answer.error.params?.['nowMs'];
  return typeof nowMs === 'number' ? nowMs : undefined;
};

/** @returns undefined as long as the seat has no key */
type Prove = (request: {
  readonly method: string;
  readonly path: string;
  readonly token: string;
  readonly body: string;
}) => string | undefined;
type With = {
  readonly token: string | null;
  readonly prove: Prove;
  readonly signal: AbortSignal;
  readonly pages: PageReader;
};

const ask = async <K extends RouteName>(
  base: URL,
  name: K,
  request: Request<K>,
  { token, prove, signal, pages }: With,
): Promise<Result<Response<K>>> => {
  const route = routes[name];
  const url = new URL(route.path, base);
  const inQuery = route.method === 'GET';
  if (inQuery) for (const [key, value] of Object.entries(request)) url.searchParams.set(key, String(value));
  const sent = inQuery ? '' : JSON.stringify(request);
  const proof = prove({ method: route.method, path: url.pathname + url.search, token: token ?? '', body: sent });
  const asked: Asked = {
    url: url.href,
    method: route.method,
    headers: {
      accept: name === 'changes' ? `${linesType}, application/json` : 'application/json',
      [protocolHeader]: String(protocolVersion),
      ...(inQuery ? {} : { 'content-type': 'application/json' }),
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(proof === undefined ? {} : { [proofHeader]: proof }),
    },
    ...(inQuery ? {} : { body: sent }),
  };
  if (name !== 'changes') return said(name, await exchange(asked, ['application/json'], signal));
  const { limit, cursor } = request as Request<'changes'>;
  if (cursor === '') pages.prepare();
  const answered = await pages.ask(asked, Number(limit) > manyRows, signal);
  if (!('page' in answered)) return said(name, answered.answer);
  const { page } = answered;
  return page === undefined ? refused(refusal('garbled')) : ok(page as Response<K>);
};

const said = <K extends RouteName>(name: K, answer: Answer): Result<Response<K>> => {
  const route = routes[name];
  const body = answer.type === 'application/json' ? json(answer.bytes) : undefined;
  if (answer.status === 401) return refused(saidBy(body) ?? refusal('unauthorised'));
  // Central or a proxy before it, whatever it says in the body: come again later.
  const waitMs = retryAfterMs(answer.retryAfter, answer.date);
  if (waitMs !== undefined && (answer.status === 429 || answer.status === 503)) {
    const why = saidBy(body) ?? refusal('offline');
    return refused(refusal(why.kind, why.reason, { ...why.params, retryAfterMs: waitMs }));
  }
  if (body === undefined) return refused(refusal('garbled'));
  if (answer.status >= 400) return refused(saidBy(body) ?? refusal('garbled'));
  // "200 OK" around an error is somebody's who does not speak the contract, and would pass where nothing is said beyond "done".
  if (answer.status !== 200 || isError(body)) return refused(refusal('garbled'));
  if (name === 'changes') {
    const page = routes.changes.response.safeParse(body);
    return page.success ? ok(pageOf(page.data) as Response<K>) : refused(refusal('garbled'));
  }
  const parsed = route.response.safeParse(body);
  return parsed.success ? ok(parsed.data as Response<K>) : refused(refusal('garbled'));
};

/** Seconds, or a date that is told against the answer's own: this machine's clock may be wrong (RFC 9110 section 10.2.3). */
const retryAfterMs = (told: string | null, sentAt: string | null): number | undefined => {
  if (told === null) return undefined;
  if (/^\d{1,9}$/.test(told)) return Number(told) * 1_000;
  const ms = Date.parse(told) - Date.parse(sentAt ?? '');
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
};

const isError = (body: unknown): boolean => typeof body === 'object' && body !== null && Object.hasOwn(body, 'error');

/** A reason is a key of the locales: anything that could be a sentence is dropped. */
const saidBy = (body: unknown): Refusal | undefined => {
  const parsed = ApiError.safeParse(body);
  if (!parsed.success) return undefined;
  const { kind, reason, params } = parsed.data.error;
  return refusal(kind, reason !== undefined && /^[A-Za-z0-9.]+$/.test(reason) ? reason : undefined, params);
};

type Heard = { readonly prove: Prove; readonly listener: LiveListener; readonly log: Log };

const openLive = (base: URL, token: string, { prove, listener, log }: Heard): Live => {
  const url = new URL(livePath, base);
  url.protocol = base.protocol === 'https:' ? 'wss:' : 'ws:';
  // Refused for its time as anything else is; the pull that follows a lost line sets the time right for the next one.
  const proof = prove({ method: 'GET', path: url.pathname, token, body: '' });
  const proofs = proof === undefined ? [] : [proofProtocolPrefix + proof];
  const socket = new WebSocket(url, [liveProtocol, `bearer.${token}`, ...proofs]);
  let over = false;
  const end = (): void => {
    if (over) return;
    over = true;
    listener.closed();
  };
  socket.addEventListener('open', () => listener.opened());
  socket.addEventListener('message', (event: { readonly data: unknown }) => {
    const message = LiveMessage.safeParse(json(event.data));
    listener.heard(message.success && message.data.t === 'beat');
    if (!message.success) return log.debug('live message not understood');
    if (message.data.t === 'beat') return;
    if (message.data.t === 'poke') listener.poked();
    else if (message.data.t === 'forced') listener.forced();
    else if (message.data.t === 'supervised') listener.supervised(message.data);
    else if (message.data.t === 'dialled') listener.dialled(message.data);
    else if (message.data.t === 'calledIn') listener.calledIn(message.data);
    else {
      // Said before the line closes, and said once: `conflict` is a sign-in at another seat.
      if (message.data.kind === 'conflict') listener.ousted();
      if (message.data.kind === 'unauthorised') listener.shutOut();
      socket.close();
    }
  });
  // A peer that went silent fires `close` minutes later: the caller polls meanwhile and never waits for it.
  socket.addEventListener('close', end);
  socket.addEventListener('error', end);
  return {
    close: () => {
      over = true;
      socket.close();
    },
  };
};

/** Bytes of an answer, or a message of the live line, which is short. */
const json = (text: unknown): unknown => {
  const read = text instanceof Uint8Array ? Buffer.from(text.buffer, text.byteOffset, text.byteLength) : text;
  const isShort = text instanceof Uint8Array || (typeof text === 'string' && text.length < 10_000);
  try {
    return isShort ? JSON.parse(String(read)) : undefined;
  } catch {
    return undefined;
  }
};
