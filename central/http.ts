import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import websocket from '@fastify/websocket';
import Fastify from 'fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { ApiError, ChangesResponse, Routes } from '../shared/central-api.ts';
import {
  linesType,
  liveProtocol,
  protocolHeader,
  PushRequest,
  routes,
  SeatReportRequest,
} from '../shared/central-api.ts';
import { OpId } from '../shared/ids.ts';
import type { Refusal, RefusalKind, Result } from '../shared/result.ts';
import { refusal, SeatFault } from '../shared/result.ts';
import { proofHeader, proofProtocolPrefix } from '../shared/seat-proof.ts';
import { storable } from '../shared/text.ts';
import type { Clock, Log } from './ambient.ts';
import { faultFields } from './ambient.ts';
import type { Admission } from './admission.ts';
import type { Role } from './agents.ts';
import { isDatabaseAway } from './database-faults.ts';
import { makeRateLimit } from './rate-limit.ts';
import type { RateLimit } from './rate-limit.ts';
import { routeRules } from './route-rules.ts';
import type { Proven, Signed } from './seat-proof.ts';
import type { Session } from './sessions.ts';

/**
 * The contract on the wire: requests are checked on the way in, answers on the way out, and whatever goes wrong is an `ApiError`.
 * Handlers are plain functions that know nothing of HTTP.
 */

/** A push is opened envelope only: each op is checked by itself, so that one bad op does not block the others (ops.ts). */
const LoosePush = PushRequest.extend({
  ops: z
    .array(z.looseObject({ id: OpId }))
    .min(1)
    .max(500),
});
const LooseReport = SeatReportRequest.extend({ ops: LoosePush.shape.ops.optional() });
const served = {
  ...routes,
  push: { ...routes.push, request: LoosePush },
  seatReport: { ...routes.seatReport, request: LooseReport },
};
type Served = typeof served;
export type RouteName = keyof Routes;

type Asked<Name extends RouteName> = z.output<Served[Name]['request']>;
type Answered<Name extends RouteName> = z.input<Served[Name]['response']>;
type Open = 'health' | 'signIn' | 'companyBegin' | 'companyFinish' | 'seatReport';

/** Whoever asks. */
export type From = {
  /** Behind the proxies that are trusted. */
  readonly address: string;
  /** Why this request cannot be of the seat whose public key this is (seat-proof.ts); asked once at most. */
  readonly whyNotSignedWith: (key: string) => Refusal | undefined;
};

/** One per route; those of `Open` come without a session. */
export type Handlers = {
  readonly [Name in RouteName]: (
    asked: Asked<Name>,
    session: Name extends Open ? undefined : Session,
    from: From,
  ) => Promise<Result<Answered<Name>>>;
};

export type HttpOptions = {
  readonly log: Log;
  readonly clock: Clock;
  /** Proxies whose word about addresses is believed; none by default. */
  readonly trustedProxies: readonly string[];
  readonly handlers: Partial<Handlers>;
  readonly sessionOf: (token: string) => Promise<Session | undefined>;
  readonly proven: Proven;
  readonly lowestProtocol: number;
  readonly admission: Admission;
  /** Before the routes are added: hooks, and routes that are none of the contract's. */
  readonly prepare: (app: FastifyInstance) => void;
  /** Sign-ins a minute from one address; many seats share one behind a firewall. */
  readonly signInsPerMinute: number;
};

/** Of a centre where nobody is signed in every seat reports twice a minute, from one address: an order to wipe must not wait for that. */
const reportsPerSignIn = 20;

const smallBody = 64 * 1024;
/** 500 ops with long notes. */
const largeBody = 8 * 1024 * 1024;

/** From the first byte of a request to its last; answers may take longer. */
const requestMs = 20_000;

export const createHttp = async (options: HttpOptions): Promise<FastifyInstance> => {
  const app = Fastify({
    logger: false,
    bodyLimit: smallBody,
    forceCloseConnections: true,
    requestTimeout: requestMs,
    trustProxy: options.trustedProxies.length === 0 ? false : [...options.trustedProxies],
  });
  const limit = makeRateLimit(options.clock.nowMs);
  await app.register(helmet, { contentSecurityPolicy: { directives: { defaultSrc: ["'none'"] } } });
  await app.register(rateLimit, { global: false });
  await app.register(websocket, {
    options: { maxPayload: 1024, handleProtocols: (offered) => offered.has(liveProtocol) && liveProtocol },
  });
  app.removeContentTypeParser('text/plain');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    bodies.set(request, String(body));
    try {
      done(null, readJson(String(body)));
    } catch {
      done(new SeatFault('not JSON', refusal('invalid', 'notJson')));
    }
  });
  app.setNotFoundHandler((_request, reply) => sendRefusal(reply, refusal('notFound', 'route')));
  app.setErrorHandler((fault, request, reply) => sendRefusal(reply, refusalOf(fault, request, options.log)));
  app.addHook('onSend', async (_request, reply) => void reply.header('cache-control', 'no-store'));
  options.prepare(app);
  app.addHook('onRequest', async (request, reply) => {
    const token = bearerOf(request);
    if (token === undefined) return undefined;
    // The end of it, its signature, tells tokens apart.
    const seconds = options.admission.secondsToWait(token.slice(-43));
    if (seconds !== undefined) return sendRefusal(reply, refusal('offline', undefined, { seconds }));
    // A live line is no request under way.
    if (request.headers.upgrade === undefined) reply.raw.once('close', options.admission.began());
    return undefined;
  });
  for (const name of Object.keys(served) as RouteName[]) addRoute(app, name, options, limit);
  return app;
};

const addRoute = (app: FastifyInstance, name: RouteName, options: HttpOptions, limit: RateLimit): void => {
  // One shape for all of them: the loop above cannot know which route it holds.
  const handler = options.handlers[name] as
    | ((asked: unknown, session: Session | undefined, from: From) => Promise<Result<unknown>>)
    | undefined;
  if (handler === undefined) return;
  const { method, path, request: asked, response } = served[name];
  const rule = routeRules[name];
  app.route({
    method,
    url: path,
    bodyLimit:
      name === 'push' || name === 'seatReport' || name === 'scriptSave' || name === 'listPaste' ? largeBody : smallBody,
    ...(rule.roles === 'open' && name !== 'health'
      ? { config: { rateLimit: { max: mostFromAddress(name, options), timeWindow: '1 minute' } } }
      : {}),
    handler: async (request, reply) => {
      if (name !== 'health' && protocolOf(request) < options.lowestProtocol)
        return sendRefusal(reply, refusal('tooOld', 'updateNeeded'));
      const session = rule.roles === 'open' ? undefined : await requireSession(request, options.sessionOf, rule.roles);
      const unproven = session && (await options.proven.whyNotOf(session, signedOf(request)));
      if (unproven !== undefined) return sendRefusal(reply, unproven);
      const parsed = asked.safeParse((method === 'GET' ? request.query : request.body) ?? {});
      const whose = session?.id ?? reportingSeat(name, parsed.data);
      const seconds = whose && limit.take(`${name} ${whose}`, rule.perMinute);
      if (typeof seconds === 'number') return sendRefusal(reply, refusal('locked', 'tooManyRequests', { seconds }));
      if (!parsed.success) return sendRefusal(reply, refusal('invalid', 'requestMalformed'));
      const result = await handler(parsed.data, session, {
        address: request.ip,
        whyNotSignedWith: (key) => options.proven.whyNot(key, signedOf(request)),
      });
      if (!result.ok) return sendRefusal(reply, result.error);
      const answer = response.parse(result.value);
      if (name === 'changes' && String(request.headers.accept).includes(linesType))
        return sendText(request, reply.type(linesType), linesOf(answer as ChangesResponse));
      return sendText(request, reply.type('application/json'), JSON.stringify(answer));
    },
  });
};

/** A seat that speaks for itself is counted as itself: a whole centre may share one address. */
const reportingSeat = (name: RouteName, asked: unknown): string | undefined =>
  name === 'seatReport' ? (asked as Asked<'seatReport'> | undefined)?.seatId : undefined;

const mostFromAddress = (name: RouteName, { signInsPerMinute }: HttpOptions): number =>
  name === 'seatReport' ? signInsPerMinute * reportsPerSignIn : signInsPerMinute;

const linesOf = ({ changes, ...page }: ChangesResponse): string =>
  [{ ...page, count: changes.length }, ...changes].map((line) => `${JSON.stringify(line)}\n`).join('');

/** Below this a text is sent as fast as it is packed, in bytes. */
const worthPacking = 4_096;
const pack = promisify(gzip);

/** Rows shrink to an eighth: a first load over a branch office's line is shorter by that. The fastest level, off the main thread. */
const sendText = async (request: FastifyRequest, reply: FastifyReply, text: string): Promise<FastifyReply> => {
  if (text.length < worthPacking || !/\bgzip\b/.test(String(request.headers['accept-encoding'])))
    return reply.send(text);
  return reply
    .header('content-encoding', 'gzip')
    .header('vary', 'accept-encoding')
    .send(await pack(text, { level: 1 }));
};

/** Seats of the first version did not say it. */
const protocolOf = (request: FastifyRequest): number => {
  const told = Number(request.headers[protocolHeader] ?? 1);
  return Number.isInteger(told) ? told : 0;
};

/** What was sent, for whoever has to know it letter by letter. */
const bodies = new WeakMap<FastifyRequest, string>();

/** What a seat signs of this request, and its signature. */
export const signedOf = (request: FastifyRequest): Signed => ({
  method: request.method,
  path: request.raw.url ?? '',
  token: bearerOf(request) ?? '',
  body: bodies.get(request) ?? '',
  proof: headerOf(request, proofHeader) ?? protocolOffered(request, proofProtocolPrefix),
});

const headerOf = ({ headers }: FastifyRequest, name: string): string | undefined => {
  const value = headers[name];
  return typeof value === 'string' ? value : undefined;
};

/** @throws SeatFault unauthorised or forbidden */
export const requireSession = async (
  request: FastifyRequest,
  sessionOf: HttpOptions['sessionOf'],
  allowed: readonly Role[],
): Promise<Session> => {
  const token = bearerOf(request);
  const session = token === undefined ? undefined : await sessionOf(token);
  if (session === undefined) throw new SeatFault('no session', refusal('unauthorised', 'signInAgain'));
  if (!allowed.includes(session.agent.role)) throw new SeatFault('role', refusal('forbidden', 'role'));
  return session;
};

/** From the header or, for the WebSocket, from a subprotocol: not every client can set headers there. */
const bearerOf = (request: FastifyRequest): string | undefined => {
  const header = /^Bearer ([\w.-]{1,4000})$/i.exec(request.headers.authorization ?? '')?.[1];
  return header ?? protocolOffered(request, 'bearer.');
};

const protocolOffered = (request: FastifyRequest, prefix: string): string | undefined => {
  if (request.headers.upgrade === undefined) return undefined;
  const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((one) => one.trim());
  return offered.find((one) => one.startsWith(prefix))?.slice(prefix.length);
};

/** PostgreSQL's text holds neither NUL nor half a character; nobody types them, so they go and nothing is refused for them. */
const readJson = (body: string): unknown => {
  if (body === '') return {};
  return /\\u(?:0000|d[89a-f])/i.test(body)
    ? JSON.parse(body, (_key, value: unknown) => (typeof value === 'string' ? storable(value) : value))
    : JSON.parse(body);
};

const refusalOf = (fault: unknown, request: FastifyRequest, log: Log): Refusal => {
  if (fault instanceof SeatFault) return fault.refusal;
  const status = fault instanceof Error && 'statusCode' in fault ? Number(fault.statusCode) : 500;
  if (status === 413) return refusal('invalid', 'tooLarge');
  if (status === 429) return refusal('locked', 'tooManyRequests');
  if (status >= 400 && status < 500) return refusal('invalid', 'requestMalformed');
  if (isDatabaseAway(fault)) {
    log.warn({ route: request.routeOptions.url, ...faultFields(fault) }, 'not answered: the database is away');
    return refusal('offline');
  }
  log.error({ route: request.routeOptions.url, ...faultFields(fault) }, 'request failed');
  return refusal('internal');
};

const statuses: Readonly<Record<RefusalKind, number>> = {
  offline: 503,
  unauthorised: 401,
  forbidden: 403,
  invalid: 400,
  notFound: 404,
  conflict: 409,
  policy: 422,
  locked: 423,
  mandatory: 422,
  garbled: 502,
  tooOld: 426,
  phone: 409,
  internal: 500,
};

const sendRefusal = (reply: FastifyReply, why: Refusal): FastifyReply => {
  const { kind, reason, params } = why;
  const tooMany = reason === 'tooManyRequests' || reason === 'signInPaused';
  const status = tooMany ? 429 : reason === 'tooLarge' ? 413 : statuses[kind];
  const wait = waitSeconds(params) ?? (status === 429 ? (reply.getHeader('retry-after') ?? 60) : 2);
  if (status === 429 || status === 503) void reply.header('retry-after', wait);
  const body: ApiError = {
    error: {
      kind,
      ...(reason === undefined ? {} : { reason: reason.slice(0, 64) }),
      ...(params === undefined ? {} : { params: { ...params } }),
    },
  };
  return reply.status(status).type('application/json').send(JSON.stringify(body));
};

const waitSeconds = (params: Refusal['params']): number | undefined => {
  const { seconds, minutes } = params ?? {};
  if (typeof seconds === 'number') return seconds;
  return typeof minutes === 'number' ? minutes * 60 : undefined;
};
