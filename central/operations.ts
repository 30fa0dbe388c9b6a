import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { PushResponse } from '../shared/central-api.ts';
import type { Clock, Log } from './ambient.ts';
import { faultFields } from './ambient.ts';
import type { Db } from './db.ts';
import { firstRow, statement } from './db.ts';
import { horizonOf } from './feed.ts';
import { makeMetrics } from './metrics.ts';
import { migrations } from './migrations.ts';
import { openApi, openApiPath } from './openapi.ts';
import { sameText } from './secrets.ts';

/**
 * What whoever runs central needs, beside what seats need: `/v1/ready` (for the proxy: may requests be sent here?), `/metrics` (for
 * Prometheus, on this machine or with a token) and `/v1/openapi.json`.
 */
export type Operations = {
  /** Before the routes. */
  readonly attach: (app: FastifyInstance) => void;
  readonly countOps: (results: PushResponse['results']) => void;
  /** Requests that were not signed with their seat's key. */
  readonly countProof: (fault: string) => void;
  readonly isDraining: () => boolean;
  /** Not ready from now on; connections end with their answers. Nobody is refused. */
  readonly drain: () => void;
  /** Resolves when no request is under way, or after `limitMs`. */
  readonly idle: (limitMs: number) => Promise<void>;
};

type Ports = {
  readonly db: Db;
  readonly clock: Clock;
  readonly log: Log;
  readonly liveSeats: () => number;
  readonly metricsToken: string | undefined;
};

const databaseMs = 2_000;
const lookMs = 20;

export const openOperations = (ports: Ports): Operations => {
  const { db, clock, log, liveSeats, metricsToken } = ports;
  const metrics = makeMetrics();
  let isDraining = false;
  let underWay = 0;

  const whyNotReady = async (): Promise<'draining' | 'databaseAway' | 'schemaOld' | undefined> => {
    if (isDraining) return 'draining';
    const newest = await within(clock, databaseMs, newestMigration(db)).catch((fault: unknown) => {
      log.warn(faultFields(fault), 'not ready: the database does not answer');
      return undefined;
    });
    if (newest === undefined) return 'databaseAway';
    return newest >= migrations.length ? undefined : 'schemaOld';
  };

  const attach = (app: FastifyInstance): void => {
    app.addHook('onRequest', async (request, reply) => {
      // A live socket is no request under way; it is told to go by itself.
      if (request.headers.upgrade !== undefined) return;
      underWay += 1;
      reply.raw.once('close', () => {
        underWay -= 1;
      });
    });
    app.addHook('onSend', async (_request, reply) => {
      if (isDraining) reply.header('connection', 'close');
    });
    app.addHook('onResponse', async (request, reply) => {
      // The route's pattern, never what was asked for: a path may hold anything.
      const route = request.is404 ? 'none' : (request.routeOptions.url ?? 'none');
      metrics.request(route, request.method, reply.statusCode, reply.elapsedTime);
    });
    // Made when somebody asks: it takes half a second, which a start would last longer.
    let description: string | undefined;
    app.get(openApiPath, (_request, reply) =>
      reply.type('application/json').send((description ??= JSON.stringify(openApi()))),
    );
    app.get('/v1/ready', async (_request, reply) => {
      const why = await whyNotReady();
      const body = why === undefined ? { status: 'ready' } : { status: 'notReady', why };
      return reply.status(why === undefined ? 200 : 503).send(body);
    });
    app.get('/metrics', async (request, reply) => {
      // As if it were not there: nobody outside needs to know.
      if (!mayRead(request, metricsToken)) return reply.callNotFound();
      const why = await whyNotReady();
      const lag = why === undefined ? await feedLag(db) : Number.NaN;
      const text = metrics.text({
        zuoxi_live_seats: { help: 'Live sockets of this instance', value: liveSeats() },
        zuoxi_requests_under_way: { help: 'Requests not answered yet, this one included', value: underWay },
        zuoxi_feed_lag_transactions: { help: 'Transactions with changes that seats cannot read yet', value: lag },
        zuoxi_ready: { help: '1 when requests may be sent here', value: why === undefined ? 1 : 0 },
        process_resident_memory_bytes: { help: 'Resident memory', value: process.memoryUsage.rss() },
        process_uptime_seconds: { help: 'Since the start', value: Math.round(process.uptime()) },
      });
      return reply.type('text/plain; version=0.0.4; charset=utf-8').send(text);
    });
  };

  return {
    attach,
    countOps: metrics.ops,
    countProof: metrics.proofRefused,
    isDraining: () => isDraining,
    drain: () => {
      isDraining = true;
    },
    idle: async (limitMs) => {
      const untilMs = clock.nowMs() + limitMs;
      while (underWay > 0 && clock.nowMs() < untilMs) await new Promise<void>((done) => void clock.after(lookMs, done));
      if (underWay > 0) log.warn({ underWay }, 'requests under way were ended');
    },
  };
};

const newestMigration = async (db: Db): Promise<number> =>
  (await firstRow(db, statement<{ number: number | null }>`select max(number) as number from migration`))?.number ?? 0;

/** Changes of transactions beside a longer one are held back until that one is over. */
const feedLag = async (db: Db): Promise<number> => {
  const horizon = await horizonOf(db);
  const row = await firstRow(
    db,
    statement<{ count: number }>`select count(distinct tx) as count from feed where tx >= ${horizon}`,
  );
  return row?.count ?? 0;
};

const loopback = /^(?:::ffff:)?127\.|^::1$/;

/** From this machine, and not through a proxy on it; or with the token. */
const mayRead = (request: FastifyRequest, token: string | undefined): boolean => {
  const given = /^Bearer (.{1,400})$/.exec(request.headers.authorization ?? '')?.[1];
  if (given !== undefined) return token !== undefined && sameText(given, token);
  const { forwarded, 'x-forwarded-for': through } = request.headers;
  return forwarded === undefined && through === undefined && loopback.test(request.ip);
};

const within = <T>(clock: Clock, ms: number, work: Promise<T>): Promise<T> =>
  new Promise((done, failed) => {
    const cancel = clock.after(ms, () => failed(new Error('too slow')));
    work.then(done, failed).finally(cancel);
  });
