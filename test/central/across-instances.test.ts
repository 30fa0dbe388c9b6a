import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { agentById, putAgent } from '../../central/agents.ts';
import { silent } from '../../central/ambient.ts';
import { verifyAudit } from '../../central/audit.ts';
import { defaultClaimsMap, writeClaimsMap } from '../../central/claims-map.ts';
import type { Database } from '../../central/db.ts';
import { openDatabase, rows, run, statement } from '../../central/db.ts';
import type { FakeSupervision } from '../../central/fake-supervision.ts';
import { makeFakeSupervision } from '../../central/fake-supervision.ts';
import { openNatsBus } from '../../central/nats-bus.ts';
import { challengeOf } from '../../central/provider.ts';
import { hashPassword, openSecrets } from '../../central/secrets.ts';
import type { SimulatedPhones } from '../../central/sms.ts';
import { makeSimulatedPhones } from '../../central/sms.ts';
import type { ContactId } from '../../shared/ids.ts';
import { defaultPolicy } from '../../shared/policy.ts';
import type { FakeProvider } from './fake-provider.ts';
import { clientId, startFakeProvider } from './fake-provider.ts';
import type { Rig, Seat } from './fixture.ts';
import {
  ask,
  clean,
  customerId,
  databaseKinds,
  newPostgresDatabase,
  passwords,
  putAgents,
  putCustomers,
  signIn,
  startCall,
  startRig,
} from './fixture.ts';
import type { LiveSocket } from './live-socket.ts';
import { openLive } from './live-socket.ts';
import type { ManualClock } from './manual-clock.ts';
import { makeManualClock } from './manual-clock.ts';
import type { NatsServer } from './nats.ts';
import { freePort, hasNats, startNats } from './nats.ts';

// Issue 4, 5: instances keep nothing to themselves. What one begins another one finishes, on a real PostgreSQL, by either carrier of news.

const carriers = databaseKinds.includes('postgres') ? ['LISTEN/NOTIFY', ...(hasNats ? ['NATS'] : [])] : [];
const soon = { timeout: 20_000 };

describe.each(carriers)('two instances of central by %s', (carrier) => {
  let url: string;
  let nats: NatsServer | undefined;
  let [one, two]: [Database | undefined, Database | undefined] = [undefined, undefined];
  let here: Rig;
  let there: Rig;
  let clock: ManualClock;
  let phones: SimulatedPhones;
  let exchange: FakeSupervision;
  let provider: FakeProvider;
  let seat: Seat;
  let lead: Seat;
  let contactId: ContactId;
  const sockets: LiveSocket[] = [];

  const open = (): Promise<Database> =>
    openDatabase(
      { kind: 'postgres', url },
      silent,
      nats === undefined ? undefined : (name) => openNatsBus(nats?.url ?? '', name, silent),
    );
  const db = (): Database => {
    if (one === undefined) throw new Error('not opened');
    return one;
  };
  /** Both look at the same exchange, carrier of texts and provider, as two instances do. */
  const start = (database: Database): Promise<Rig> =>
    startRig(database, {
      ...{ clock, sms: phones, supervision: exchange, policy: { ...defaultPolicy, showSupervision: true } },
      company: {
        ...{ issuer: provider.issuer, clientId, scopes: ['openid'], prompt: 'login' },
        ...{ recheckMs: 300_000, passwordsToo: true },
      },
    });

  beforeAll(async () => {
    url = await newPostgresDatabase();
    if (carrier === 'NATS') nats = await startNats(await freePort());
    [one, two] = [await open(), await open()];
    await putAgents(one);
    const admin = await agentById(one.db, 'A2001');
    if (admin === undefined) throw new Error('no 2001');
    await putAgent(one.db, {
      ...{ ...admin, role: 'lead', queues: ['service'] },
      password: await hashPassword(passwords['2001']),
    });
  }, 240_000);
  beforeEach(async () => {
    await clean(db());
    await run(db().db, statement`delete from supervision`);
    await putCustomers(db(), 2);
    await writeClaimsMap(db().db, defaultClaimsMap);
    clock = makeManualClock(Date.now());
    phones = makeSimulatedPhones();
    exchange = makeFakeSupervision();
    exchange.telephone('2001');
    provider = await startFakeProvider(clock.nowMs);
    here = await start(db());
    there = await start(two ?? db());
    seat = await signIn(here, '1001');
    lead = await signIn(there, '2001');
    contactId = await startCall(here, seat, customerId(1));
  });
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.close();
    await Promise.all([here.close(), there.close()]);
    await provider.close();
    // Whatever was done, by whichever instance: one chain.
    const { auditKey } = await openSecrets(db().db);
    expect(await verifyAudit(db().db, auditKey)).toMatchObject({ kind: 'intact' });
  });
  afterAll(async () => {
    await Promise.all([one?.close(), two?.close()]);
    await nats?.stop();
  });

  const about = () => ({ contactId, customerId: customerId(1) });
  const code = (): string => /\d{6}/.exec(phones.lastText('C1') ?? '')?.[0] ?? '';
  const check = (at: Rig, factor: string, value: string) => ask(at, 'check', { ...about(), factor, value }, seat.token);
  const level = async (at: Rig) =>
    (await ask(at, 'reveal', { ...about(), reason: 'test', fields: [] }, seat.token)).value.level;
  const liveAt = async (at: Rig, token: string): Promise<LiveSocket> => {
    const address = at.central.address();
    const socket = await openLive(address === '' ? await at.central.listen({ port: 0 }) : address, token);
    sockets.push(socket);
    return socket;
  };
  const until = async (socket: LiveSocket, wanted: string) => {
    for (;;) {
      const message = await clock.runUntil(socket.next());
      if (message.t === wanted) return message;
    }
  };
  const attempt = async (at: Rig) => {
    const [verifier, seatId] = [randomBytes(32).toString('base64url'), randomUUID()];
    const seatOf = { protocol: 1, seatId };
    const asked = { ...seatOf, redirectUri: 'http://127.0.0.1:49152/callback', challenge: challengeOf(verifier) };
    const { url: page, state } = (await ask(at, 'companyBegin', asked)).value;
    const proof = { ...seatOf, state, verifier, code: provider.authorize(page).code };
    return (to: Rig, more: object = {}) => ask(to, 'companyFinish', { ...proof, ...more });
  };

  it('a sign-in with the company’s account begun at one is finished at the other, once, also after the first was drained', async () => {
    await liveAt(here, seat.token);
    await expect.poll(async () => (await (await attempt(there))(there)).error?.reason, soon).toBe('signedInElsewhere');
    // Turned away at one; the same proof takes over at the other, and the provider is asked once for it.
    const finish = await attempt(here);
    expect((await finish(there)).error?.reason).toBe('signedInElsewhere');
    const asked = provider.forms.length;
    const taken = await finish(here, { takeOver: true });
    expect(taken.value.agent.id).toBe('A1001');
    expect(provider.forms.length).toBe(asked);
    expect((await finish(there, { takeOver: true })).error?.reason).toBe('companySignInOver');
    expect((await ask(there, 'work', { mark: '' }, taken.value.token)).status).toBe(200);

    const begun = await attempt(here);
    await here.central.drain(0);
    await here.close();
    const done = await begun(there, { takeOver: true });
    expect(done.status).toBe(200);
    here = await start(db());
    expect((await ask(here, 'work', { mark: '' }, done.value.token)).status).toBe(200);

    // What the provider says of the account later on ends the session at both, whichever asked.
    provider.refreshes = true;
    const kept = await (await attempt(there))(here, { takeOver: true });
    provider.disabled = true;
    clock.advance(300_001);
    await expect
      .poll(async () => {
        clock.advance(30_000);
        return (await ask(there, 'work', { mark: '' }, kept.value.token)).status;
      }, soon)
      .toBe(401);
    expect((await ask(here, 'work', { mark: '' }, kept.value.token)).status).toBe(401);
  }, 60_000);

  it('security 57 a code sent by one is checked at the other, once; sends and tries are counted together (R12)', async () => {
    expect((await ask(here, 'sendCode', about(), seat.token)).status).toBe(200);
    const sent = code();
    const answers = await Promise.all([check(there, 'smsCode', sent), check(here, 'smsCode', sent)]);
    expect(answers.filter(({ value }) => value.matched)).toHaveLength(1);
    expect([await level(here), await level(there)]).toEqual([3, 3]);
    for (const at of [there, here]) expect((await ask(at, 'sendCode', about(), seat.token)).status).toBe(200);
    for (const at of [there, here])
      expect((await ask(at, 'sendCode', about(), seat.token)).error).toMatchObject({ reason: 'codesUsedUp' });
    const left: number[] = [];
    for (const at of [here, there, here, there]) left.push((await check(at, 'fullName', '不是')).value.triesLeft);
    expect(left).toEqual([2, 1, 0, 0]);
  });

  it('security 61 an override asked at one is seen and decided at the other; of two decisions at once one counts', async () => {
    const wish = { ...about(), reason: 'phoneLost', action: 'simChange' };
    const { overrideId: id } = (await ask(here, 'askOverride', wish, seat.token)).value;
    expect((await ask(there, 'overrides', {}, lead.token)).value.overrides).toMatchObject([
      { id, agentNumber: '1001' },
    ]);
    expect((await ask(there, 'decideOverride', { id, granted: true }, seat.token)).status).toBe(403);
    const decided = await Promise.all(
      [there, here].map((at) => ask(at, 'decideOverride', { id, granted: true }, lead.token)),
    );
    expect(decided.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(decided.find(({ status }) => status !== 200)?.error).toMatchObject({ reason: 'overrideOver' });
    expect((await ask(here, 'standing', about(), seat.token)).value.override).toBe('granted');
  });

  it('R35 a lead at one joins the call of an agent at the other: told, changed, ended, and written down once', async () => {
    const socket = await liveAt(here, seat.token);
    const hangUp = exchange.callBegins('1001', contactId);
    const id = randomUUID();
    const joined = await ask(there, 'supervise', { id, agentId: 'A1001', mode: 'listen' }, lead.token);
    expect(joined).toMatchObject({ status: 200, value: { contactId } });
    expect(await until(socket, 'supervised')).toEqual({ t: 'supervised', contactId, mode: 'listen' });
    // The lead's next request comes to the other instance.
    expect((await ask(here, 'superviseMode', { id, mode: 'whisper' }, lead.token)).value.mode).toBe('whisper');
    expect(await until(socket, 'supervised')).toMatchObject({ mode: 'whisper' });
    // The one it was begun at goes, in the middle of it; the call ends afterwards.
    await there.central.drain(0);
    await there.close();
    hangUp();
    expect(await until(socket, 'supervised')).toEqual({ t: 'supervised', contactId: null, mode: null });
    await here.central.settled();
    there = await start(two ?? db());
    const trail = await rows(
      db().db,
      statement<{ result: string }>`select result from audit where kind = 'supervision' order by seq`,
    );
    expect(trail.filter(({ result }) => result.startsWith('ended'))).toHaveLength(1);
    expect((await ask(there, 'superviseMode', { id, mode: 'listen' }, lead.token)).status).toBe(404);
  });

  it('a seat at one hears of what is done at the other, and of its session’s end', async () => {
    const socket = await liveAt(here, seat.token);
    expect(await until(socket, 'poke')).toEqual({ t: 'poke' });
    const colleague = await signIn(there, '1002');
    await startCall(there, colleague, customerId(2));
    expect(await until(socket, 'poke')).toEqual({ t: 'poke' });
    expect((await ask(there, 'signOut', {}, seat.token)).status).toBe(200);
    expect(await until(socket, 'bye')).toEqual({ t: 'bye', kind: 'unauthorised' });
  });

  it('what a session may ask in a minute is counted by each instance for itself, as README says', async () => {
    const asked = (at: Rig) => ask(at, 'contacts', { customerId: 'C1' }, seat.token);
    for (let n = 0; n < 120; n += 1) expect((await asked(here)).status).toBe(200);
    expect((await asked(here)).status).toBe(429);
    expect((await asked(there)).status).toBe(200);
  });
});
