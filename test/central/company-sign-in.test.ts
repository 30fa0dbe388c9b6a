import { randomBytes, randomUUID } from 'node:crypto';
import { UnsecuredJWT, SignJWT } from 'jose';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ClaimsMap } from '../../central/claims-map.ts';
import { defaultClaimsMap, writeClaimsMap } from '../../central/claims-map.ts';
import type { CentralOptions } from '../../central/central.ts';
import type { Database } from '../../central/db.ts';
import { firstRow, rows, run, statement } from '../../central/db.ts';
import { accountsOfAgents } from '../../central/identity-accounts.ts';
import type { IdentityProvider } from '../../central/identity-provider.ts';
import { startIdentityProvider } from '../../central/identity-provider.ts';
import { challengeOf } from '../../central/provider.ts';
import { silent } from '../../central/ambient.ts';
import { atProvider } from './at-provider.ts';
import type { FakeProvider, Right } from './fake-provider.ts';
import { clientId, makeKey, signedBy, startFakeProvider } from './fake-provider.ts';
import type { OpenedDatabase, Rig } from './fixture.ts';
import {
  ask,
  bytes,
  clean,
  databaseKind,
  openTestDatabase,
  passwords,
  putAgents,
  signIn,
  startRig,
} from './fixture.ts';
import { makeManualClock } from './manual-clock.ts';

// Issue 4, 5: agents sign in with their company's account; central believes nothing the provider has not signed for this very attempt.

let opened: OpenedDatabase;
let database: Database;
let provider: FakeProvider;
let rig: Rig;
const recheckMs = 300_000;
const clock = makeManualClock(Date.now());
const company = (issuer: string): NonNullable<CentralOptions['company']> => ({
  ...{ issuer, clientId, scopes: ['openid', 'profile'], prompt: 'login', recheckMs, passwordsToo: true },
});

beforeAll(async () => {
  opened = await openTestDatabase(databaseKind);
  ({ database } = opened);
  await putAgents(database);
});
beforeEach(async () => {
  await clean(database);
  await writeClaimsMap(database.db, defaultClaimsMap);
  provider = await startFakeProvider(clock.nowMs);
  rig = await startRig(database, { clock, company: company(provider.issuer) });
});
afterEach(async () => {
  await rig.close();
  await provider.close();
});
afterAll(() => opened.close());

type Attempt = { readonly seatId: string; readonly verifier: string; readonly url: string; readonly state: string };
const begin = async (at: Rig = rig, seatId: string = randomUUID()): Promise<Attempt> => {
  const verifier = randomBytes(32).toString('base64url');
  const asked = {
    ...{ protocol: 1, seatId, redirectUri: 'http://127.0.0.1:49152/callback', challenge: challengeOf(verifier) },
  };
  const { value, error } = await ask(at, 'companyBegin', asked);
  expect(error).toBeUndefined();
  return { seatId, verifier, url: value.url, state: value.state };
};
const finish = (attempt: Attempt, code: string, more: object = {}, at: Rig = rig) =>
  ask(at, 'companyFinish', {
    ...{ protocol: 1, seatId: attempt.seatId, state: attempt.state, code, verifier: attempt.verifier },
    ...more,
  });
const signedIn = async (at: Rig = rig, seatId?: string) => {
  const attempt = await begin(at, seatId);
  const answer = await finish(attempt, provider.authorize(attempt.url).code, {}, at);
  expect(answer.error).toBeUndefined();
  return { ...attempt, token: answer.value.token, answer };
};
const isIn = async (token: string) => (await ask(rig, 'changes', { cursor: '', limit: '1' }, token)).status === 200;

describe('signing in with the company’s account', () => {
  it('is told by health, and gives what a password gives', async () => {
    expect((await ask(rig, 'health', {})).value.signInWith).toEqual(['password', 'company']);
    const { token, answer } = await signedIn();
    expect(answer.value.agent).toMatchObject({
      id: 'A1001',
      role: 'agent',
      queues: [{ id: 'service' }, { id: 'vip' }],
    });
    expect(await isIn(token)).toBe(true);
    const asked = provider.forms[0];
    expect(asked?.get('grant_type')).toBe('authorization_code');
    expect(asked?.get('code_verifier')).toMatch(/^[\w-]{43}$/);
  });

  it('sends the agent to the provider with state, nonce, PKCE and the password asked for', async () => {
    const { url, state, verifier } = await begin();
    expect(Object.fromEntries(new URL(url).searchParams)).toEqual({
      ...{ response_type: 'code', client_id: clientId, redirect_uri: 'http://127.0.0.1:49152/callback' },
      ...{ scope: 'openid profile', state, nonce: expect.stringMatching(/^[\w-]{43}$/) as string, prompt: 'login' },
      ...{ code_challenge: challengeOf(verifier), code_challenge_method: 'S256' },
    });
    const kept = await rows(database.db, statement`select * from sign_in_attempt`);
    expect(JSON.stringify(kept)).not.toContain(state);
  });

  it('keeps no address but the seat’s own machine', async () => {
    for (const redirectUri of [
      'https://evil.example/callback',
      'http://127.0.0.1.evil.example:1/x',
      'http://10.0.0.5:80/',
    ])
      expect(
        await ask(rig, 'companyBegin', {
          ...{ protocol: 1, seatId: randomUUID(), redirectUri, challenge: 'x'.repeat(43) },
        }),
      ).toMatchObject({ status: 400 });
  });

  it('passwords can be turned off; central without a provider has neither routes nor word of it', async () => {
    await rig.close();
    rig = await startRig(database, { clock, company: { ...company(provider.issuer), passwordsToo: false } });
    expect((await ask(rig, 'health', {})).value.signInWith).toEqual(['company']);
    const asked = { protocol: 1, agentNumber: '1001', password: passwords['1001'], seatId: randomUUID() };
    expect(await ask(rig, 'signIn', asked)).toMatchObject({ status: 403, error: { reason: 'passwordsOff' } });
    await rig.close();
    rig = await startRig(database, { clock });
    expect((await ask(rig, 'health', {})).value.signInWith).toEqual(['password']);
    expect(await ask(rig, 'companyBegin', {})).toMatchObject({ status: 404 });
  });

  it('in use at another seat: refused once, then done with the same proof, and the provider is asked once', async () => {
    const other = await signIn(rig, '1001');
    await run(
      database.db,
      statement`update presence set live = true, live_seen_at_ms = ${clock.nowMs()} where agent_id = 'A1001'`,
    );
    const attempt = await begin();
    const { code } = provider.authorize(attempt.url);
    expect(await finish(attempt, code)).toMatchObject({ status: 409, error: { reason: 'signedInElsewhere' } });
    // Nobody else finishes it: the verifier is the seat's.
    const stranger = { ...attempt, verifier: randomBytes(32).toString('base64url') };
    expect(await finish(stranger, code, { takeOver: true })).toMatchObject({ error: { reason: 'companySignInOver' } });
    const taken = await finish(attempt, code, { takeOver: true });
    expect(taken.status).toBe(200);
    expect(provider.forms.length).toBe(1);
    expect(await isIn(other.token)).toBe(false);
    expect(await isIn(taken.value.token)).toBe(true);
    expect(await finish(attempt, code, { takeOver: true })).toMatchObject({ error: { reason: 'companySignInOver' } });
  });
});

describe('an attempt', () => {
  const over = { status: 409, error: { kind: 'conflict', reason: 'companySignInOver' } };

  it('is good once: the same code and state again open nothing', async () => {
    const attempt = await begin();
    const { code } = provider.authorize(attempt.url);
    expect((await finish(attempt, code)).status).toBe(200);
    expect(await finish(attempt, code)).toMatchObject(over);
    expect(provider.forms.length).toBe(1);
  });

  it('of two that come at once, one gets in', async () => {
    const attempt = await begin();
    const { code } = provider.authorize(attempt.url);
    const answers = await Promise.all([finish(attempt, code), finish(attempt, code)]);
    expect(answers.map(({ status }) => status).toSorted((one, other) => one - other)).toEqual([200, 409]);
    expect(provider.forms.length).toBe(1);
  });

  it('is over after ten minutes, and unknown with another state, seat or verifier', async () => {
    const attempt = await begin();
    const { code } = provider.authorize(attempt.url);
    expect(await finish({ ...attempt, state: 'x' }, code)).toMatchObject(over);
    expect(await finish({ ...attempt, seatId: randomUUID() }, code)).toMatchObject(over);
    clock.advance(10 * 60_000);
    expect(await finish(attempt, code)).toMatchObject(over);
    const second = await begin();
    const stolen = provider.authorize(second.url).code;
    expect(await finish({ ...second, verifier: 'v'.repeat(43) }, stolen)).toMatchObject(over);
    expect(provider.forms.length).toBe(0);
  });

  it('a code the provider does not know is refused, and the provider being away is told as that', async () => {
    const attempt = await begin();
    expect(await finish(attempt, 'nonsense')).toMatchObject({ status: 403, error: { reason: 'providerRefused' } });
    provider.status = 503;
    const later = await begin();
    const { code } = provider.authorize(later.url);
    expect(await finish(later, code)).toMatchObject({ status: 503, error: { reason: 'providerUnavailable' } });
    await rig.close();
    rig = await startRig(database, { clock, company: company(provider.issuer) });
    expect(
      await ask(rig, 'companyBegin', {
        ...{ protocol: 1, seatId: randomUUID(), redirectUri: 'http://127.0.0.1:1/callback', challenge: 'x'.repeat(43) },
      }),
    ).toMatchObject({ status: 503, error: { kind: 'offline', reason: 'providerUnavailable' } });
  });
});

describe('an ID token', () => {
  const hmac = ({ claims }: Right) =>
    new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).sign(new TextEncoder().encode(clientId.padEnd(32)));
  const later = (seconds: number) => Math.floor(clock.nowMs() / 1_000) + seconds;
  const changed = (change: Record<string, unknown>) => (right: Right) =>
    signedBy({ ...right, claims: { ...right.claims, ...change } });

  it.each<[string, (right: Right) => Promise<string>, string]>([
    ['without a signature (alg none)', async ({ claims }) => new UnsecuredJWT(claims).encode(), 'providerNotBelieved'],
    ['signed with a shared secret', hmac, 'providerNotBelieved'],
    ['for another client', changed({ aud: 'another' }), 'providerNotBelieved'],
    ['for two clients, ours not named', changed({ aud: [clientId, 'another'] }), 'providerNotBelieved'],
    ['given to another client', changed({ azp: 'another' }), 'providerNotBelieved'],
    ['of another issuer', changed({ iss: 'https://evil.example' }), 'providerNotBelieved'],
    ['with another nonce', changed({ nonce: 'other' }), 'providerNotBelieved'],
    ['without a nonce', changed({ nonce: undefined }), 'providerNotBelieved'],
    ['about nobody', changed({ sub: '' }), 'providerNotBelieved'],
    ['without an end', changed({ exp: undefined }), 'providerNotBelieved'],
    ['that is over', (right) => changed({ exp: later(-120), iat: later(-400) })(right), 'providerClock'],
    [
      'from the future',
      (right) => changed({ iat: later(400), nbf: later(400), exp: later(900) })(right),
      'providerClock',
    ],
    [
      'signed by an unknown key',
      async (right) => signedBy({ ...right, key: await makeKey('stranger') }),
      'providerNotBelieved',
    ],
    [
      'signed by another key of the same name',
      async (right) => signedBy({ ...right, key: await makeKey('k1') }),
      'providerNotBelieved',
    ],
    ['that is no token', async () => 'x.y', 'providerNotBelieved'],
  ])('%s is not believed', async (_what, forge, reason) => {
    provider.forge = forge;
    const attempt = await begin();
    const { code } = provider.authorize(attempt.url);
    expect(await finish(attempt, code)).toMatchObject({ status: 403, error: { kind: 'forbidden', reason } });
    expect(await firstRow(database.db, statement`select 1 as one from session`)).toBeUndefined();
    // The attempt is spent with it.
    provider.forge = (right) => signedBy(right);
    expect(await finish(attempt, provider.authorize(attempt.url).code)).toMatchObject({ status: 409 });
  });

  it('half a minute off is borne: clocks differ', async () => {
    provider.forge = changed({ iat: later(30), nbf: later(30) });
    expect(await isIn((await signedIn()).token)).toBe(true);
  });

  it('the provider’s keys may change: the new ones are asked for', async () => {
    await signedIn();
    await provider.rotate();
    await new Promise((later) => void setTimeout(later, 1_100));
    await signedIn();
    expect(provider.keysAsked()).toBe(2);
  });
});

describe('who the account is', () => {
  const map: ClaimsMap = {
    agentNumber: { claim: 'employee.number' },
    name: { claim: 'name' },
    role: { claim: 'groups', values: { leads: 'lead', agents: 'agent', admins: 'admin' }, otherwise: null },
    tenant: { claim: 'org', values: { 'Firm A': 'firm-a' }, otherwise: 'default' },
    queues: { claim: 'groups', values: { agents: ['service'], vips: ['vip', 'service', 'unknown'] } },
    adds: true,
  };
  const as = (claims: Record<string, unknown>) => {
    provider.claims = claims;
    return begin().then((attempt) => finish(attempt, provider.authorize(attempt.url).code));
  };
  afterEach(async () => {
    await clean(database);
    await run(database.db, statement`delete from agent where number in ('7001', '7002')`);
    await putAgents(database);
  });

  it('nobody central knows: told as that', async () => {
    for (const claims of [
      { preferred_username: '4711' },
      { preferred_username: 'lin.xiaohe' },
      {},
      { preferred_username: {} },
    ])
      expect(await as(claims)).toMatchObject({ status: 403, error: { reason: 'companyAccountUnknown' } });
  });

  it('a mapped account is added with role, tenant and queues, and follows the provider afterwards', async () => {
    await writeClaimsMap(database.db, map);
    const first = await as({ employee: { number: 7001 }, name: '柳新', groups: ['agents', 'vips'], org: 'Firm A' });
    expect(first.value.agent).toMatchObject({ id: 'A7001', number: '7001', name: '柳新', role: 'agent' });
    const kept = () => firstRow(database.db, statement`select role, tenant, queues from agent where number = '7001'`);
    // Queues are the tenant's own: firm-a has none of these names.
    expect(await kept()).toEqual({ role: 'agent', tenant: 'firm-a', queues: [] });
    const second = await as({ employee: { number: 7001 }, name: '柳新', groups: ['agents', 'leads'], org: 'Firm A' });
    expect(second.value.agent.role).toBe('lead');
    const home = await as({ employee: { number: 7002 }, name: '何', groups: ['vips', 'agents'], org: 'elsewhere' });
    expect(home.value.agent.queues.map(({ id }) => id)).toEqual(['vip', 'service']);
    // A password for it there is none.
    const asked = { protocol: 1, agentNumber: '7002', password: '', seatId: randomUUID() };
    expect((await ask(rig, 'signIn', asked)).status).toBe(401);
  });

  it.each([
    ['no role', { groups: ['constructor', 'visitors'] }, 'companyNoRole'],
    ['an administrator, who has no seat', { groups: ['agents', 'admins'] }, 'role'],
    ['an agent of another tenant now', { groups: ['agents'], org: 'Firm A' }, 'companyOtherTenant'],
  ])('%s: refused and told', async (_what, claims, reason) => {
    await writeClaimsMap(database.db, map);
    expect(await as({ employee: { number: '1001' }, ...claims })).toMatchObject({ status: 403, error: { reason } });
  });
});

describe('while the session lasts', () => {
  const passes = async (ms: number) => {
    for (let left = ms; left > 0; left -= 60_000) {
      clock.advance(60_000);
      await rig.central.settled();
    }
  };

  it('the provider is asked every five minutes, with the newest refresh token; asking changes nothing', async () => {
    const { token } = await signedIn();
    await passes(2 * recheckMs + 60_000);
    expect(provider.refreshed()).toBe(2);
    expect(provider.forms.slice(1).map((form) => form.get('refresh_token'))).toEqual(['r1', 'r2']);
    expect(await isIn(token)).toBe(true);
    const kept = await rows(database.db, statement<{ refresh: string }>`select refresh from company_session`);
    expect(JSON.stringify(kept)).not.toMatch(/"r\d/);
  });

  it('an account disabled there ends the session within six minutes', async () => {
    const { token } = await signedIn();
    provider.disabled = true;
    await passes(6 * 60_000);
    expect(await isIn(token)).toBe(false);
    expect(await firstRow(database.db, statement`select 1 as one from company_session`)).toBeUndefined();
  });

  it.each([
    ['another agent', { preferred_username: '1002' }],
    ['nobody here', { preferred_username: 'gone' }],
  ])('an account that is %s now ends it as well', async (_what, claims) => {
    const { token } = await signedIn();
    provider.claims = claims;
    await passes(6 * 60_000);
    expect(await isIn(token)).toBe(false);
  });

  it('a provider that is away ends nothing, and is asked again a minute later', async () => {
    const { token } = await signedIn();
    provider.status = 502;
    await passes(20 * 60_000);
    expect(await isIn(token)).toBe(true);
    provider.status = 0;
    provider.disabled = true;
    await passes(120_000);
    expect(await isIn(token)).toBe(false);
  });

  it('without refresh tokens a session is an hour at most', async () => {
    provider.refreshes = false;
    const { token, answer } = await signedIn();
    expect(answer.value.expiresAtMs - clock.nowMs()).toBe(3_600_000);
    clock.advance(3_601_000);
    expect(await isIn(token)).toBe(false);
  });
});

describe('the embedded provider', () => {
  let embedded: IdentityProvider;
  let clock: ReturnType<typeof makeManualClock>;
  beforeEach(async () => {
    clock = makeManualClock(Date.now());
    embedded = await startIdentityProvider({
      ...{ port: 0, clientId, accounts: accountsOfAgents(database.db, clock), random: bytes, log: silent },
    });
    await rig.close();
    rig = await startRig(database, {
      clock,
      company: { ...company(embedded.issuer), scopes: ['openid', 'profile', 'offline_access'] },
    });
  });
  afterEach(() => embedded.close());
  const right = { name: '1001', password: passwords['1001'] };
  const arrived = async (url: string, fill: Parameters<typeof atProvider>[1] = right): Promise<URLSearchParams> => {
    const came = await atProvider(url, fill);
    if (!('callback' in came)) throw new Error(came.page);
    return came.callback.searchParams;
  };

  it('keeps the same contract: agents of central with their passwords, on another port each time', async () => {
    const attempt = await begin();
    const answer = await arrived(attempt.url);
    expect(answer.get('state')).toBe(attempt.state);
    const done = await finish(attempt, answer.get('code') ?? '');
    expect(done.error).toBeUndefined();
    expect(done.value.agent.id).toBe('A1001');
    clock.advance(recheckMs + 15_000);
    await rig.central.settled();
    const kept = await firstRow(
      database.db,
      statement<{ at: number }>`select checked_at_ms as at from company_session`,
    );
    expect(kept?.at).toBe(clock.nowMs());
    expect(await isIn(done.value.token)).toBe(true);
  });

  it('refuses a wrong password on its page, pauses after five, and brings a cancelled sign-in back as one', async () => {
    const wrong = { name: '1001', password: '<b>no</b>' };
    for (let n = 0; n < 5; n += 1) {
      const answer = await atProvider((await begin()).url, wrong);
      expect('page' in answer && answer.page).toContain('账号或密码不正确');
    }
    const paused = await atProvider((await begin()).url, right);
    expect('page' in paused && paused.page).toContain('错误次数过多');
    expect((await arrived((await begin()).url, 'cancel')).get('error')).toBe('access_denied');
  });

  it('refuses another client’s address and a code without its verifier', async () => {
    const attempt = await begin();
    const elsewhere = new URL(attempt.url);
    elsewhere.searchParams.set('redirect_uri', 'http://127.0.0.1:1/other');
    expect((await fetch(elsewhere, { redirect: 'manual' })).status).toBe(400);
    const bare = new URL(attempt.url);
    bare.searchParams.delete('code_challenge');
    const refusedThere = await fetch(bare, { redirect: 'manual' });
    expect(new URL(refusedThere.headers.get('location') ?? '').searchParams.get('error')).toBe('invalid_request');
  });
});
