import { gunzipSync } from 'node:zlib';
import { PGliteDialect } from 'kysely';
import { afterAll, expect, it } from 'vitest';
import { openAdmission } from '../../central/admission.ts';
import { silent } from '../../central/ambient.ts';
import { createHttp } from '../../central/http.ts';
import { systemClock } from '../../central/pbx.ts';
import { openTenants } from '../../central/tenancy.ts';
import { ChangesHead, ChangesResponse, linesType } from '../../shared/central-api.ts';
import { AgentId, SeatId } from '../../shared/ids.ts';
import { ok } from '../../shared/result.ts';

const notices = Array.from({ length: 30 }, (_, index) => ({
  ...{ entity: 'notice' as const, id: `n${index}` },
  row: {
    ...{ id: `n${index}`, area: null, packageId: null, severity: 'outage' as const, fromMs: 1, toMs: 2 },
    text: { zh: '云栖区夜间检修，通话可能短时中断。', en: 'Work at night in Yunqi: calls may break for a moment.' },
  },
}));
const page = { changes: notices, cursor: 'c1', more: false, total: 30 };
// The wire alone: no database is opened.
const db = openTenants(new PGliteDialect({ pglite: () => Promise.reject(new Error('not asked')) }), true).all;
const app = await createHttp({
  log: silent,
  clock: systemClock,
  trustedProxies: [],
  handlers: { changes: async () => ok(page) },
  sessionOf: async () => ({
    id: 's1',
    seatId: SeatId.parse('019ab639-3229-75cb-897b-000000a40003'),
    expiresAtMs: Number.MAX_SAFE_INTEGER,
    seatKey: null,
    agent: { id: AgentId.parse('A1001'), number: '1001', name: '林小禾', role: 'agent', queues: [] },
    tenant: 'default',
    db,
  }),
  admission: openAdmission(systemClock),
  lowestProtocol: 1,
  proven: { whyNot: () => undefined, whyNotOf: () => Promise.resolve(undefined) },
  prepare: () => {},
  signInsPerMinute: 10,
});
afterAll(() => app.close());

const changes = (headers: Record<string, string>) =>
  app.inject({
    method: 'GET',
    url: '/v1/changes?cursor=&limit=500',
    headers: { authorization: 'Bearer t', ...headers },
  });

it('SYNC-3 a seat that takes lines gets the same rows as one that takes JSON', async () => {
  const asJson = ChangesResponse.parse((await changes({ accept: 'application/json' })).json());
  expect(asJson).toEqual(page);
  const got = await changes({ accept: `${linesType}, application/json` });
  expect(got.headers['content-type']).toContain(linesType);
  const [first, ...rest] = got.body.trimEnd().split('\n');
  expect(ChangesHead.parse(JSON.parse(first ?? ''))).toEqual({ cursor: 'c1', more: false, total: 30, count: 30 });
  expect(rest.map((line) => JSON.parse(line) as unknown)).toEqual(asJson.changes);
});

it('a page is packed for whoever can unpack it, and plain for whoever cannot', async () => {
  const plain = await changes({ accept: linesType });
  const packed = await changes({ accept: linesType, 'accept-encoding': 'gzip, deflate' });
  expect(plain.headers['content-encoding']).toBeUndefined();
  expect(packed.headers['content-encoding']).toBe('gzip');
  expect(gunzipSync(packed.rawPayload).toString('utf8')).toBe(plain.body);
  expect(packed.rawPayload.length).toBeLessThan(plain.rawPayload.length / 3);
});
