import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ChangesHead, ChangesResponse, linesType } from '../../shared/central-api.ts';
import type { OpenedDatabase, Rig, Seat } from './fixture.ts';
import { openTestDatabase, putAgents, putCustomers, signIn, startRig } from './fixture.ts';

let opened: OpenedDatabase;
let rig: Rig;
let seat: Seat;
beforeAll(async () => {
  opened = await openTestDatabase('pglite');
  await putAgents(opened.database);
  await putCustomers(opened.database, 30);
  rig = await startRig(opened.database);
  seat = await signIn(rig, '1001');
});
afterAll(async () => {
  await rig.close();
  await opened.close();
});

const changes = (headers: Record<string, string>) =>
  rig.central.app.inject({
    method: 'GET',
    url: '/v1/changes?cursor=&limit=500',
    headers: { authorization: `Bearer ${seat.token}`, ...headers },
  });

it('SYNC-3 a seat that takes lines gets the same rows as one that takes JSON', async () => {
  const asJson = ChangesResponse.parse((await changes({ accept: 'application/json' })).json());
  const got = await changes({ accept: `${linesType}, application/json` });
  expect(got.headers['content-type']).toContain(linesType);
  const [first, ...rest] = got.body.trimEnd().split('\n');
  const { count, more } = ChangesHead.parse(JSON.parse(first ?? ''));
  expect({ count, more }).toEqual({ count: asJson.changes.length, more: asJson.more });
  expect(rest.map((line) => JSON.parse(line) as unknown)).toEqual(asJson.changes);
});

it('a page is packed for whoever can unpack it, and plain for whoever cannot', async () => {
  const plain = await changes({ accept: linesType });
  const packed = await changes({ accept: linesType, 'accept-encoding': 'gzip, deflate' });
  expect(plain.headers['content-encoding']).toBeUndefined();
  expect(packed.headers['content-encoding']).toBe('gzip');
  const rowsOf = (text: string): string => text.slice(text.indexOf('\n'));
  expect(rowsOf(gunzipSync(packed.rawPayload).toString('utf8'))).toBe(rowsOf(plain.body));
  expect(packed.rawPayload.length).toBeLessThan(plain.rawPayload.length / 3);
});
