import { randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../../central/db.ts';
import { run, statement } from '../../central/db.ts';
import { routeRules } from '../../central/route-rules.ts';
import { openSecrets } from '../../central/secrets.ts';
import { ApiError, routes } from '../../shared/central-api.ts';
import { SeatId } from '../../shared/ids.ts';
import { SeatFault, refusal } from '../../shared/result.ts';
import type { OpenedDatabase, Rig, Seat } from './fixture.ts';
import {
  ask,
  clean,
  customerId,
  databaseKind,
  openTestDatabase,
  passwords,
  putAgents,
  putCustomers,
  signIn,
  startCall,
  startRig,
} from './fixture.ts';

let opened: OpenedDatabase;
let database: Database;
let rig: Rig;
beforeAll(async () => {
  opened = await openTestDatabase(databaseKind);
  ({ database } = opened);
  await putAgents(database);
});
beforeEach(async () => {
  await clean(database);
  rig = await startRig(database);
});
afterEach(() => rig.close());
afterAll(() => opened.close());

const seatId = SeatId.parse(randomUUID());
const good = { protocol: 1, agentNumber: '1001', password: passwords['1001'], seatId };

describe('signing in', () => {
  it('gives token, policy, queues and a SIP account', async () => {
    const { status, value } = await ask(rig, 'signIn', good);
    expect(status).toBe(200);
    expect(value.agent).toMatchObject({ id: 'A1001', role: 'agent', queues: [{ id: 'service' }, { id: 'vip' }] });
    expect(value.sip).toMatchObject({ user: '1001', expiresAtMs: value.expiresAtMs });
    expect(value.practice).toBe(false);
  });

  it.each([
    ['a wrong password', { password: 'x' }, 401, 'unauthorised'],
    ['an unknown number', { agentNumber: '9999' }, 401, 'unauthorised'],
    ['a seat that is too old', { protocol: 0 }, 426, 'tooOld'],
    ['no seat id', { seatId: 'x' }, 400, 'invalid'],
    ['an administrator', { agentNumber: '2001', password: passwords['2001'] }, 403, 'forbidden'],
  ])('refuses %s', async (_what, change, status, kind) => {
    expect(await ask(rig, 'signIn', { ...good, ...change })).toMatchObject({ status, error: { kind } });
  });

  it('pauses a number after five wrong passwords, for five minutes, the right one included', async () => {
    for (let n = 0; n < 5; n += 1) await ask(rig, 'signIn', { ...good, password: `wrong ${n}` });
    expect(await ask(rig, 'signIn', good)).toMatchObject({
      status: 429,
      error: { kind: 'locked', reason: 'signInPaused' },
    });
    expect((await ask(rig, 'signIn', { ...good, agentNumber: '1002', password: passwords['1002'] })).status).toBe(200);
    rig.clock.advance(5 * 60_000 + 1);
    expect((await ask(rig, 'signIn', good)).status).toBe(200);
  });

  it('ends the agent’s session elsewhere', async () => {
    const first = await signIn(rig, '1001');
    await signIn(rig, '1001');
    expect(await ask(rig, 'changes', { cursor: '', limit: '1' }, first.token)).toMatchObject({ status: 401 });
  });

  it('limits sign-ins from one address', async () => {
    await rig.close();
    rig = await startRig(database, { signInsPerMinute: 2 });
    await ask(rig, 'signIn', good);
    await ask(rig, 'signIn', good);
    expect(await ask(rig, 'signIn', good)).toMatchObject({ status: 429, error: { kind: 'locked' } });
  });

  it('says so when the exchange has no account', async () => {
    await rig.close();
    rig = await startRig(database, { sip: () => Promise.reject(new Error('none')) });
    expect(await ask(rig, 'signIn', good)).toMatchObject({
      status: 503,
      error: { kind: 'offline', reason: 'pbxUnavailable' },
    });
  });

  it('keeps passwords as scrypt hashes only', async () => {
    const { rows } = await statement<{ password: string }>`select password from agent`.execute(database.db);
    for (const row of rows) expect(row.password).toMatch(/^scrypt\$16384\$8\$1\$/);
    expect(JSON.stringify(rows)).not.toContain(passwords['1001']);
  });
});

describe('tokens', () => {
  const guarded = (Object.keys(routes) as (keyof typeof routes)[]).filter(
    (name) => routeRules[name].roles !== 'open' && !name.startsWith('practice'),
  );
  const otherKey = new Uint8Array(32).fill(7);

  it.each(guarded)('%s needs one', async (name) => {
    expect(await ask(rig, name, {})).toMatchObject({ status: 401, error: { kind: 'unauthorised' } });
    expect(await ask(rig, name, {}, 'x.y.z')).toMatchObject({ status: 401 });
  });

  it.each([
    ['signed by someone else', 'HS256', () => Promise.resolve(otherKey)],
    ['with another algorithm', 'HS512', async () => (await openSecrets(database.db)).tokenKey],
  ])('refuses one %s', async (_what, alg, keyOf) => {
    const seat = await signIn(rig, '1001');
    const [, claims = ''] = seat.token.split('.');
    const payload = JSON.parse(Buffer.from(claims, 'base64url').toString()) as Record<string, unknown>;
    const forged = await new SignJWT(payload).setProtectedHeader({ alg }).sign(await keyOf());
    expect((await ask(rig, 'changes', { cursor: '', limit: '1' }, forged)).status).toBe(401);
    const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${claims}.`;
    expect((await ask(rig, 'changes', { cursor: '', limit: '1' }, none)).status).toBe(401);
  });

  it('is over after signing out, and after twelve hours', async () => {
    const one = await signIn(rig, '1001');
    expect((await ask(rig, 'signOut', {}, one.token)).status).toBe(200);
    expect((await ask(rig, 'changes', { cursor: '', limit: '1' }, one.token)).status).toBe(401);
    const two = await signIn(rig, '1001');
    rig.clock.advance(12 * 3_600_000 + 1_000);
    expect((await ask(rig, 'changes', { cursor: '', limit: '1' }, two.token)).status).toBe(401);
  });

  it('of an agent who became an administrator opens nothing', async () => {
    const seat = await signIn(rig, '1002');
    await run(database.db, statement`update agent set role = 'admin' where number = '1002'`);
    expect(await ask(rig, 'changes', { cursor: '', limit: '1' }, seat.token)).toMatchObject({
      status: 403,
      error: { kind: 'forbidden' },
    });
    await run(database.db, statement`update agent set role = 'agent' where number = '1002'`);
  });
});

describe('garbage', () => {
  const bodies: readonly [string, string, string][] = [
    ['nothing', 'application/json', ''],
    ['broken JSON', 'application/json', '{"a":'],
    ['an array', 'application/json', '[]'],
    ['null', 'application/json', 'null'],
    ['a number', 'application/json', '1e999'],
    ['HTML', 'text/html', '<html></html>'],
    ['plain text', 'text/plain', 'x'],
    ['deep nesting', 'application/json', `${'['.repeat(20_000)}${']'.repeat(20_000)}`],
    ['prototype keys', 'application/json', '{"__proto__":{"admin":true},"constructor":{"prototype":{}}}'],
    ['too much', 'application/json', `{"a":"${'x'.repeat(9_000_000)}"}`],
    ['wrong types', 'application/json', '{"protocol":"1","agentNumber":1,"seatId":[],"ops":{},"contactId":5}'],
    ['NUL', 'application/json', '{"contactId":"\\u0000","key":"\\u0000","seatId":"\\u0000","ops":[{"id":"\\u0000"}]}'],
  ];
  const posts = (Object.keys(routes) as (keyof typeof routes)[]).filter(
    (name) => routes[name].method === 'POST' && !name.startsWith('practice'),
  );
  const fingerprint = async () => {
    const { rows } =
      await statement`select (select count(*) from op) as ops, (select count(*) from contact) as contacts,
      (select count(*) from audit) as audits, (select max(tx) from feed) as feed`.execute(database.db);
    return rows;
  };

  it.each(posts)('%s answers with an ApiError and changes nothing', async (name) => {
    const seat = await signIn(rig, '1001');
    const before = await fingerprint();
    for (const [what, type, payload] of bodies) {
      const got = await rig.central.app.inject({
        method: 'POST',
        url: routes[name].path,
        headers: { 'content-type': type, authorization: `Bearer ${seat.token}` },
        payload,
      });
      if (name === 'lookup' && what === 'NUL') {
        expect(got.statusCode, what).toBe(200);
        continue;
      }
      // Without a filter all that is one's own is asked for, and what is nobody's filter is none.
      if (name === 'history' && got.statusCode === 200) continue;
      expect(got.statusCode, what).toBeGreaterThanOrEqual(400);
      expect(got.statusCode, what).toBeLessThan(500);
      expect(ApiError.safeParse(JSON.parse(got.body)).success, what).toBe(true);
    }
    // Who looked is written down (R34).
    const after = await fingerprint();
    const looked = name === 'history' ? /"audits":"?\d+"?/u : /(?!)/u;
    expect(JSON.stringify(after).replace(looked, '')).toBe(JSON.stringify(before).replace(looked, ''));
  });

  it('unknown routes and practice routes outside practice mode are not there', async () => {
    const seat = await signIn(rig, '1001');
    for (const name of ['practiceCallers', 'practiceCall', 'practiceCue'] as const)
      expect(await ask(rig, name, { callerId: null, customerId: 'C1' }, seat.token)).toMatchObject({
        status: 404,
        error: { kind: 'notFound' },
      });
    expect((await rig.central.app.inject('/etc/passwd')).statusCode).toBe(404);
  });

  it('answers carry the headers of a server that is no page, and are not kept', async () => {
    const got = await rig.central.app.inject(routes.health.path);
    expect(got.headers['x-content-type-options']).toBe('nosniff');
    expect(got.headers['content-security-policy']).toContain("default-src 'none'");
    expect(got.headers['cache-control']).toBe('no-store');
  });

  it('a fault inside says nothing about it to the seat', async () => {
    await rig.close();
    rig = await startRig(database, {
      practice: {
        samples: [],
        callers: () => [],
        cue: () => undefined,
        call: () => Promise.reject(new Error('secret detail')),
      },
    });
    const seat = await signIn(rig, '1001');
    const got = await ask(rig, 'practiceCall', { callerId: null }, seat.token);
    expect(got).toMatchObject({ status: 500, error: { kind: 'internal' } });
    expect(JSON.stringify(got)).not.toContain('secret');
    expect(rig.logged.filter((line) => line.level === 'error')).toHaveLength(1);
    expect(JSON.stringify(rig.logged)).not.toContain('secret');
  });
});

describe('practice routes', () => {
  const caller = { id: 'one', label: { zh: '甲', en: 'A' }, queue: 'service' };
  let seat: Seat;
  const called: unknown[] = [];
  beforeEach(async () => {
    await rig.close();
    called.length = 0;
    rig = await startRig(database, {
      practice: {
        samples: [{ agentNumber: '1001', name: '林小禾', password: 'shown' }],
        callers: () => [caller],
        call: (asked) => {
          if (asked.callerId === 'nobody') throw new SeatFault('unknown', refusal('notFound', 'caller'));
          called.push(asked);
        },
        cue: (id) =>
          id === 'C1'
            ? {
                fullName: '甲',
                lastBillRange: '1',
                package: 'p',
                servicePassword: '1',
                smsCode: '',
                idNumber: '1',
                address: 'a',
                contactPhone: '1',
              }
            : undefined,
      },
    });
    seat = await signIn(rig, '1001');
  });

  it('show samples, callers and cues, and place calls for the agent who asks', async () => {
    expect((await ask(rig, 'health', {})).value.samples).toHaveLength(1);
    expect((await ask(rig, 'practiceCallers', {}, seat.token)).value.callers).toEqual([caller]);
    expect((await ask(rig, 'practiceCue', { customerId: 'C1' }, seat.token)).value.answers).toMatchObject({
      fullName: '甲',
    });
    expect(await ask(rig, 'practiceCue', { customerId: 'C9' }, seat.token)).toMatchObject({ status: 404 });
    expect((await ask(rig, 'practiceCall', { callerId: 'one' }, seat.token)).status).toBe(200);
    expect(called).toEqual([{ callerId: 'one', agentId: 'A1001' }]);
    expect(await ask(rig, 'practiceCall', { callerId: 'nobody' }, seat.token)).toMatchObject({
      status: 404,
      error: { reason: 'caller' },
    });
  });
});

describe('looking up', () => {
  it('finds a customer outside the working set by number, and its contacts', async () => {
    await putCustomers(database, 2);
    const seat = await signIn(rig, '1001');
    const contactId = await startCall(rig, seat, customerId(1));
    const { value } = await ask(rig, 'lookup', { key: '+8613800000001' }, seat.token);
    expect(value.customers.map((customer) => customer.id)).toEqual(['C1']);
    expect(value.history).toMatchObject([{ customerId: 'C1', past: { contactId, agentName: '林小禾' } }]);
    const contacts = await ask(rig, 'contacts', { customerId: 'C1' }, seat.token);
    expect(contacts.value.contacts).toMatchObject([{ id: contactId, agentId: 'A1001' }]);
    expect((await ask(rig, 'lookup', { key: '+860000' }, seat.token)).value).toEqual({ customers: [], history: [] });
  });
});
