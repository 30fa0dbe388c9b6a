import { request as httpRequest } from 'node:http';
import { Validator } from '@seriousme/openapi-schema-validator';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openApi, openApiPath } from '../../central/openapi.ts';
import { run, statement } from '../../central/db.ts';
import { migrations } from '../../central/migrations.ts';
import { routeRules } from '../../central/route-rules.ts';
import { livePath, routes } from '../../shared/central-api.ts';
import type { OpenedDatabase, Rig } from './fixture.ts';
import {
  clean,
  customerId,
  databaseKind,
  openTestDatabase,
  putAgents,
  putCustomers,
  signIn,
  startCall,
  startRig,
} from './fixture.ts';
import { openLive } from './live-socket.ts';

let opened: OpenedDatabase;
let rig: Rig;
beforeAll(async () => {
  opened = await openTestDatabase(databaseKind);
  await putAgents(opened.database);
});
beforeEach(async () => {
  await clean(opened.database);
  rig = await startRig(opened.database, { metricsToken: 'a-token-of-monitoring' });
});
afterEach(() => rig.close());
afterAll(() => opened.close());

const get = (url: string, headers: Record<string, string> = {}, remoteAddress = '127.0.0.1') =>
  rig.central.app.inject({ method: 'GET', url, headers, remoteAddress });

type Description = {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
};
const described = openApi() as unknown as Description;

describe('OpenAPI', () => {
  it('is served to everybody, as made from the routes', async () => {
    const answer = await get(openApiPath);
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual(JSON.parse(JSON.stringify(described)));
  });

  it('has every route with its method, and the live socket, and nothing else', () => {
    const wanted = Object.entries(routes).map(([name, { method, path }]) => `${method.toLowerCase()} ${path} ${name}`);
    const found = Object.entries(described.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { operationId }]) => `${method} ${path} ${String(operationId)}`),
    );
    expect(found.toSorted()).toEqual([...wanted, `get ${livePath} live`].toSorted());
  });

  it('is OpenAPI 3.1 in its structure: every operation answers, every parameter has a schema, every reference leads somewhere', () => {
    expect(described.openapi).toBe('3.1.0');
    for (const methods of Object.values(described.paths))
      for (const [method, operation] of Object.entries(methods)) {
        expect(Object.keys(operation['responses'] as object)).toContain('default');
        expect('requestBody' in operation).toBe(method !== 'get');
        const parameters = (operation['parameters'] ?? []) as readonly Record<string, unknown>[];
        expect(parameters.filter((one) => one['in'] !== 'query' || typeof one['schema'] !== 'object')).toEqual([]);
      }
    const ids = Object.values(described.paths).flatMap((methods) =>
      Object.values(methods).map(({ operationId }) => operationId),
    );
    expect(new Set(ids).size).toBe(ids.length);
    const references = [...JSON.stringify(described).matchAll(/"\$ref":"([^"]+)"/g)].map(([, to]) => to ?? '');
    expect(references.length).toBeGreaterThan(0);
    const known = Object.keys(described.components.schemas).map((name) => `#/components/schemas/${name}`);
    expect(references.filter((to) => !known.includes(to))).toEqual([]);
  });

  const faultsOf = async (document: unknown) => {
    const found = await new Validator().validate(document as Record<string, unknown>);
    return found.valid ? [] : found.errors;
  };

  it('as served, keeps to the schema of OpenAPI 3.1, which refuses what is not', async () => {
    const served: Description = (await get(openApiPath)).json();
    expect(await faultsOf(served)).toEqual([]);
    const [path = ''] = Object.keys(served.paths);
    for (const broken of [
      { ...served, openapi: '3.1' },
      { ...served, info: {} },
      { ...served, paths: { [path]: { get: { responses: { '200': {} } } } } },
      { ...served, paths: { [path]: { get: { parameters: [{ name: 'x', in: 'query' }], responses: {} } } } },
    ])
      expect(await faultsOf(broken)).not.toEqual([]);
  });

  it('has what is asked and what is answered of every route there is a rule for', () => {
    const operations = Object.values(described.paths).flatMap((methods) => Object.entries(methods));
    for (const name of Object.keys(routeRules).filter((one) => one !== 'live')) {
      const [method, operation] = operations.find(([, { operationId }]) => operationId === name) ?? [];
      expect(operation, name).toBeDefined();
      const schemaAt = (part: unknown): unknown =>
        (part as { content?: Record<string, { schema?: unknown }> } | undefined)?.content?.['application/json']?.schema;
      const responses = operation?.['responses'] as Record<string, unknown>;
      // One thing, or one of several.
      const answered = Object.keys(schemaAt(responses['200']) ?? {});
      expect(answered.includes('type') || answered.includes('oneOf'), name).toBe(true);
      expect(schemaAt(responses['default']), name).toEqual({ $ref: '#/components/schemas/ApiError' });
      const asked = method === 'get' ? operation?.['parameters'] : schemaAt(operation?.['requestBody']);
      expect(asked, name).toBeDefined();
    }
    expect(operations.length).toBe(Object.keys(routeRules).length);
  });

  it('only what the table of routes leaves open is open', () => {
    const openIds = Object.values(described.paths)
      .flatMap((methods) => Object.values(methods))
      .filter(({ security }) => Array.isArray(security) && security.length === 0)
      .map(({ operationId }) => String(operationId));
    expect(openIds.toSorted()).toEqual(['companyBegin', 'companyFinish', 'health', 'seatReport', 'signIn']);
  });
});

describe('readiness', () => {
  it('ready with a database of this schema, not with an older one', async () => {
    const ready = await get('/v1/ready');
    expect([ready.statusCode, ready.json()]).toEqual([200, { status: 'ready' }]);
    const newest = migrations.length;
    await run(opened.database.db, statement`delete from migration where number = ${newest}`);
    const old = await get('/v1/ready');
    await run(opened.database.db, statement`insert into migration (number, name) values (${newest}, 'again')`);
    expect([old.statusCode, old.json()]).toEqual([503, { status: 'notReady', why: 'schemaOld' }]);
  });

  it('not while the database does not answer', async () => {
    await run(opened.database.db, statement`alter table migration rename to migration_away`);
    const answer = await get('/v1/ready');
    await run(opened.database.db, statement`alter table migration_away rename to migration`);
    expect([answer.statusCode, answer.json()]).toEqual([503, { status: 'notReady', why: 'databaseAway' }]);
    expect((await get('/v1/health')).statusCode).toBe(200);
  });
});

describe('metrics', () => {
  const valueOf = (text: string, name: string): number =>
    Number(
      text
        .split('\n')
        .find((line) => line.startsWith(`${name} `))
        ?.split(' ')
        .at(-1),
    );

  it('requests by route and status, ops by outcome, live seats, feed lag; nobody’s data', async () => {
    await putCustomers(opened.database, 1);
    const seat = await signIn(rig, '1001');
    await startCall(rig, seat, customerId(1));
    await get('/v1/13800138000/secret');
    const url = await rig.central.listen({ port: 0 });
    const socket = await openLive(url, seat.token);
    await socket.next();
    const answer = await get('/metrics');
    expect(answer.headers['content-type']).toContain('text/plain; version=0.0.4');
    const text = answer.body;
    expect(text).toContain('zuoxi_requests_total{route="/v1/session",method="POST",status="200"} 1');
    expect(text).toContain('zuoxi_requests_total{route="none",method="GET",status="404"} 1');
    expect(valueOf(text, 'zuoxi_ops_total{outcome="applied"}')).toBeGreaterThan(0);
    expect(valueOf(text, 'zuoxi_ops_total{outcome="refused"}')).toBe(0);
    expect(valueOf(text, 'zuoxi_live_seats')).toBe(1);
    expect(valueOf(text, 'zuoxi_feed_lag_transactions')).toBe(0);
    expect(valueOf(text, 'zuoxi_ready')).toBe(1);
    for (const word of ['1001', '138', seat.token, 'A1001', '欧阳', 'C1']) expect(text).not.toContain(`"${word}`);
    expect(text).not.toContain('13800138000');
    // What Prometheus takes: a comment, or a name with labels and a number.
    const line = /^(?:# (?:HELP|TYPE) \w+ .+|\w+(?:\{\w+="[^"]*"(?:,\w+="[^"]*")*\})? (?:[\d.e+-]+|NaN)|)$/;
    expect(text.split('\n').filter((one) => !line.test(one))).toEqual([]);
    socket.close();
  });

  it.each([
    ['this machine', {}, '127.0.0.1', 200],
    ['another machine', {}, '10.0.0.7', 404],
    ['another machine with the token', { authorization: 'Bearer a-token-of-monitoring' }, '10.0.0.7', 200],
    ['a wrong token', { authorization: 'Bearer another-token-of-it' }, '127.0.0.1', 404],
    ['through a proxy on this machine', { 'x-forwarded-for': '10.0.0.7' }, '127.0.0.1', 404],
  ])('%s', async (_who, headers, from, status) => {
    expect((await get('/metrics', headers, from)).statusCode).toBe(status);
  });
});

describe('drain', () => {
  it('not ready, live seats sent elsewhere, what is under way is finished', async () => {
    const seat = await signIn(rig, '1001');
    const url = await rig.central.listen({ port: 0 });
    const socket = await openLive(url, seat.token);
    expect(await socket.next()).toEqual({ t: 'poke' });
    // A request whose body is still on its way.
    const { port } = new URL(url);
    const slow = httpRequest({
      ...{ host: '127.0.0.1', port, method: 'POST', path: routes.lookup.path },
      headers: { 'content-type': 'application/json', authorization: `Bearer ${seat.token}`, 'content-length': 16 },
    });
    const answered = new Promise<number | undefined>((done, failed) => {
      slow.on('response', (response) => {
        response.resume();
        done(response.statusCode);
      });
      slow.on('error', failed);
    });
    slow.write('{"key":');
    await expect
      .poll(async () => (await get('/metrics')).body, { timeout: 10_000 })
      .toContain('zuoxi_requests_under_way 2');

    let isDrained = false;
    const drained = rig.central.drain(0).then(() => {
      isDrained = true;
    });
    expect(await socket.next()).toEqual({ t: 'bye', kind: 'offline' });
    expect(await socket.closed).toBe(1_012);
    const ready = await fetch(`${url}/v1/ready`);
    expect([ready.status, await ready.json()]).toEqual([503, { status: 'notReady', why: 'draining' }]);
    expect(ready.headers.get('connection')).toBe('close');
    const late = await openLive(url, seat.token);
    expect(await late.closed).toBe(1_012);
    expect(isDrained).toBe(false);

    slow.end('"123456"}');
    expect(await answered).toBe(200);
    await expect
      .poll(
        () => {
          rig.clock.advance(50);
          return isDrained;
        },
        { timeout: 10_000 },
      )
      .toBe(true);
    await drained;
  });
});
