import { createHmac, randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { iceFault, iceFor, type IceSettings, noIce } from '../../central/ice.ts';
import type { OpenedDatabase, Rig } from './fixture.ts';
import { ask, databaseKind, openTestDatabase, passwords, putAgents, startRig } from './fixture.ts';

const secret = 'shared-with-the-relay';
const settings: IceSettings = {
  stun: ['stun:stun.example:3478'],
  turn: ['turn:a.example:3478?transport=udp', 'turns:b.example:443?transport=tcp'],
  secret,
  ttlSeconds: 600,
  relayOnly: [],
};
const seatId = randomUUID();
const whom = { number: '1001', role: 'agent', seatId } as const;

describe('STUN and TURN servers of a seat', () => {
  it('the name is expiry and agent, the password its HMAC: what a TURN server computes from the same secret', () => {
    const nowMs = 1_800_000_000_500;
    const { iceServers, ...rest } = iceFor(settings, whom, nowMs);
    const username = '1800000600:1001';
    const credential = createHmac('sha1', secret).update(username).digest('base64');
    expect(iceServers).toEqual([
      { urls: 'stun:stun.example:3478' },
      { urls: settings.turn[0], username, credential },
      { urls: settings.turn[1], username, credential },
    ]);
    expect(rest).toEqual({ icePolicy: 'all', iceExpiresAtMs: 1_800_000_600_000, iceTtlMs: 600_000 });
    expect(JSON.stringify(iceServers)).not.toContain(secret);
  });

  it('security 66: they live an hour at most', () => {
    const { iceTtlMs, iceExpiresAtMs } = iceFor({ ...settings, ttlSeconds: 86_400 }, whom, 0);
    expect({ iceTtlMs, iceExpiresAtMs }).toEqual({ iceTtlMs: 3_600_000, iceExpiresAtMs: 3_600_000 });
  });

  it.each([
    [[], 'all'],
    [['all'], 'relay'],
    [['agent'], 'relay'],
    [['lead'], 'all'],
    [['1001'], 'relay'],
    [['1002'], 'all'],
    [[seatId], 'relay'],
  ])('relay-only for %j: %s', (relayOnly, policy) => {
    expect(iceFor({ ...settings, relayOnly }, whom, 0).icePolicy).toBe(policy);
  });

  it('without servers nothing ends', () => {
    expect(iceFor(noIce, whom, 0)).toEqual({ iceServers: [], icePolicy: 'all' });
  });

  it.each([
    [{ stun: ['stun.example'] }, '--stun takes'],
    [{ turn: ['turn:a.example?transport=sctp'] }, '--turn takes'],
    [{ secret: 'short' }, '--turn needs --turn-secret-file'],
    [{ ttlSeconds: 30 }, '--turn-ttl'],
    [{ ttlSeconds: 7_200 }, '--turn-ttl'],
    [{ ttlSeconds: Number.NaN }, '--turn-ttl'],
    [{ turn: [], relayOnly: ['all'] }, '--relay-only needs --turn'],
    [{ relayOnly: ['everybody'] }, '--relay-only takes'],
  ])('%j is refused in words', (change, words) => {
    const fault = iceFault({ ...settings, ...change }) ?? '';
    expect(fault).toContain(words);
    expect(fault).not.toContain('short');
  });

  it('is fine as it should be', () => {
    expect([iceFault(settings), iceFault(noIce)]).toEqual([undefined, undefined]);
  });
});

describe('the account of a session', () => {
  let opened: OpenedDatabase;
  let rig: Rig;
  beforeAll(async () => {
    opened = await openTestDatabase(databaseKind);
    await putAgents(opened.database);
  });
  afterEach(() => rig.close());
  afterAll(() => opened.close());

  const signIn = () => ask(rig, 'signIn', { protocol: 1, agentNumber: '1001', password: passwords['1001'], seatId });

  it('comes with credentials at sign-in, and with fresh ones whenever it is asked for', async () => {
    rig = await startRig(opened.database, { ice: { ...settings, relayOnly: ['1001'] } });
    const { value } = await signIn();
    expect(value.sip).toMatchObject({ user: '1001', icePolicy: 'relay', iceTtlMs: 600_000 });
    rig.clock.advance(450_000);
    const again = await ask(rig, 'sipAccount', {}, value.token);
    expect(again.status).toBe(200);
    expect(again.value.iceServers).toHaveLength(3);
    expect((again.value.iceExpiresAtMs ?? 0) - (value.sip.iceExpiresAtMs ?? 0)).toBe(450_000);
    expect(again.value).toMatchObject({ user: '1001', expiresAtMs: value.sip.expiresAtMs, icePolicy: 'relay' });
    const words = JSON.stringify(rig.logged);
    for (const hidden of [secret, ...value.sip.iceServers.map((server) => server.credential ?? secret)])
      expect(words).not.toContain(hidden);
  });

  it('is nobody else’s: no session, no account', async () => {
    rig = await startRig(opened.database, { ice: settings });
    expect(await ask(rig, 'sipAccount', {})).toMatchObject({ status: 401 });
  });

  it('an exchange that gives none is said', async () => {
    let isThere = true;
    rig = await startRig(opened.database, {
      ice: settings,
      sip: ({ number }, expiresAtMs) => {
        if (!isThere) throw new Error('no account');
        return {
          server: 'wss://x.invalid',
          domain: 'x.invalid',
          user: number,
          password: 'p',
          expiresAtMs,
          iceServers: [],
        };
      },
    });
    const { value } = await signIn();
    isThere = false;
    const refused = { status: 503, error: { kind: 'offline', reason: 'pbxUnavailable' } };
    expect(await ask(rig, 'sipAccount', {}, value.token)).toMatchObject(refused);
  });
});
