import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import Fastify from 'fastify';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { auditEntries } from '../../central/audit.ts';
import type { Database } from '../../central/db.ts';
import { rows, statement, transaction } from '../../central/db.ts';
import type { FulfilmentAsked } from '../../central/fulfilment-port.ts';
import { isSigned, makeHttpFulfilment, resultsPath, signatureOf } from '../../central/http-fulfilment.ts';
import { putWork } from '../../central/orders.ts';
import { type CarrierHabit, makePracticeCarrier, type PracticeCarrier } from '../../central/practice-fulfilment.ts';
import { defaultTenant } from '../../central/tenancy.ts';
import { AgentId, ScriptId, WorkId } from '../../shared/ids.ts';
import type { Order } from '../../shared/order.ts';
import type { OpenedDatabase, Rig, Seat } from './fixture.ts';
import { ask, clean, customerId, databaseKinds, newContactId, openTestDatabase, putAgents } from './fixture.ts';
import { putCustomers, signIn, startRig } from './fixture.ts';
import { type FarCarrier, fulfilmentContract, word } from './fulfilment-contract.ts';
import type { ManualClock } from './manual-clock.ts';
import { makeManualClock } from './manual-clock.ts';

const secret = new Uint8Array(32).fill(7);
const silent = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} };

fulfilmentContract('practised', async () => {
  let isRefusing = false;
  const carrier = makePracticeCarrier(makeManualClock(), () => (isRefusing ? 'refuses' : []));
  return {
    ...{ fulfilment: carrier, asked: carrier.asked, bring: carrier.bring },
    refuse: (now) => void (isRefusing = now),
    close: async () => carrier.close(),
  };
});

/** A carrier at the other end of HTTP, and central's side of it. */
const overHttp = async (): Promise<FarCarrier & { post: (body: string, signature: string) => Promise<number> }> => {
  const asked = new Map<string, FulfilmentAsked>();
  let isRefusing = false;
  const answer = async (request: IncomingMessage): Promise<number> => {
    const body = await text(request);
    if (!isSigned(secret, request.headers['zuoxi-signature'], body, Date.now())) return 401;
    if (isRefusing) return 503;
    const one = JSON.parse(body) as FulfilmentAsked;
    if (request.headers['idempotency-key'] === one.key) asked.set(one.key, one);
    return 202;
  };
  const server = createServer(
    (request, response) => void answer(request).then((code) => response.writeHead(code).end()),
  );
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  const clock = { nowMs: () => Date.now() };
  const fulfilment = makeHttpFulfilment({ url: `http://127.0.0.1:${port}/orders`, secret }, { clock, log: silent });
  const app = Fastify();
  fulfilment.attach(app);
  const central = await app.listen({ port: 0, host: '127.0.0.1' });
  const post = async (body: string, signature: string): Promise<number> => {
    const headers = { 'content-type': 'application/json', 'zuoxi-signature': signature };
    return (await fetch(central + resultsPath, { method: 'POST', headers, body })).status;
  };
  return {
    ...{ fulfilment, asked: () => [...asked.values()], post },
    refuse: (now) => void (isRefusing = now),
    bring: async (result) => {
      const body = JSON.stringify(result);
      const status = await post(body, signatureOf(secret, Math.floor(Date.now() / 1_000), body));
      if (status !== 200) throw new Error(String(status));
    },
    close: async () => {
      fulfilment.close();
      await app.close();
      await new Promise((done) => server.close(done));
    },
  };
};
fulfilmentContract('over HTTP', overHttp);

describe('R30 results over HTTP', () => {
  it('are taken with a good signature alone, fresh, over these very bytes', async () => {
    const far = await overHttp();
    const taken: string[] = [];
    far.fulfilment.onResult(async ({ id }) => void taken.push(id));
    const body = JSON.stringify(word());
    const now = Math.floor(Date.now() / 1_000);
    const sign = (over: Uint8Array, seconds = now): string => signatureOf(over, seconds, body);
    try {
      expect(await far.post(body, '')).toBe(401);
      expect(await far.post(body, sign(new Uint8Array(32)))).toBe(401);
      expect(await far.post(body, sign(secret, now - 301))).toBe(401);
      expect(await far.post(body, sign(secret, now + 301))).toBe(401);
      expect(await far.post(body, sign(secret).replace('v1=', 'v2='))).toBe(401);
      expect(await far.post(body.replace('done', 'fail'), sign(secret))).toBe(401);
      for (const wrong of ['{', '[]', '{"id":"x"}'])
        expect(await far.post(wrong, signatureOf(secret, now, wrong))).toBe(400);
      expect(taken).toEqual([]);
      expect(await far.post(body, sign(secret))).toBe(200);
      expect(taken).toEqual(['r1']);
    } finally {
      await far.close();
    }
  });
});

describe.each(databaseKinds)('R30, R41 orders at the carrier on %s', (kind) => {
  let openedDb: OpenedDatabase;
  let database: Database;
  let clock: ManualClock;
  let carrier: PracticeCarrier;
  let habit: CarrierHabit | 'refuses';
  let rig: Rig;
  let seat: Seat;
  beforeAll(async () => {
    openedDb = await openTestDatabase(kind);
    ({ database } = openedDb);
    await putAgents(database);
  });
  beforeEach(async () => {
    await clean(database);
    await putCustomers(database, 1);
    clock = makeManualClock();
    habit = [{ afterMs: 1_000, outcome: 'done', why: '' }];
    carrier = makePracticeCarrier(clock, () => habit);
    rig = await startRig(database, { clock, fulfilment: carrier });
    seat = await signIn(rig, '1001');
  });
  afterEach(() => rig.close());
  afterAll(() => openedDb.close());

  const put = async (over: Partial<Order> = {}): Promise<WorkId> => {
    const id = WorkId.parse(randomUUID());
    const atMs = clock.nowMs();
    const order: Order = {
      ...{
        record: 'order',
        id,
        customerId: customerId(1),
        agentId: AgentId.parse(seat.agentId),
        contactId: newContactId(),
      },
      ...{ openedAtMs: atMs, dueAtMs: atMs + 1e9, missingYear: null, flow: 'onSpot', lead: null, payment: null },
      ...{ offer: { name: '10 GB', tariffId: 'T1' }, script: { id: ScriptId.parse('s'), version: 1 }, delivery: null },
      sale: { kind: 'confirmed', atMs, attempt: 1, untilMs: null },
      ...{ cancelled: null, replies: [], steps: [], ...over },
    };
    await transaction(database.tenant(defaultTenant), (tx) => putWork(tx, order, atMs));
    return id;
  };
  const orderOf = async (id: WorkId): Promise<Order> => {
    const { orders = [] } = (await ask(rig, 'work', { mark: '', orders: 'yes' }, seat.token)).value;
    const found = orders.find((order) => order.id === id);
    if (found === undefined) throw new Error('no such order');
    return found;
  };
  /** Time goes by in steps, as what is waited for needs turns of its own. */
  const pass = async (ms: number): Promise<void> => {
    for (let left = ms; left > 0; left -= 15_000) {
      clock.advance(Math.min(left, 15_000));
      await new Promise((turn) => setTimeout(turn, 30));
      await rig.central.settled();
    }
  };
  /** Within three minutes: before a failure is asked anew. */
  const sold = async (id: WorkId): Promise<Order> => {
    for (let n = 0; n < 12 && (await orderOf(id)).sale?.kind !== 'sold'; n += 1) await pass(15_000);
    return orderOf(id);
  };
  const effects = async (): Promise<readonly string[]> =>
    (
      await rows(
        database.db,
        statement<{ effect: string }>`select effect from fulfilment_result order by arrived_at_ms, id`,
      )
    ).map(({ effect }) => effect);
  const due = { way: 'online', amountFen: 1_990, state: 'due' } as const;

  it('what the customer confirmed is provisioned and paid without anybody’s hand, and told; each is in the audit', async () => {
    const id = await put({ payment: due });
    const order = await sold(id);
    expect(order.sale?.kind).toBe('sold');
    expect(order.payment?.state).toBe('paid');
    expect(order.steps.map(({ step, agentId }) => `${step} ${agentId ?? 'central'}`).toSorted()).toEqual(
      ['paid central', 'provisioned central', 'successSent central'].toSorted(),
    );
    expect(carrier.asked().map(({ kind: what, payment }) => [what, payment?.amountFen])).toEqual([
      ['provisioning', undefined],
      ['payment', 1_990],
    ]);
    const audited: string[] = [];
    for await (const entry of auditEntries(database.db)) if (entry.result.startsWith(id)) audited.push(entry.result);
    expect(audited.toSorted()).toEqual([`${id} payment done applied`, `${id} provisioning done applied`]);
  });

  it('nothing is asked before the customer’s reply, of a bill or what is paid at the door', async () => {
    const sale = { atMs: 1, attempt: 1, untilMs: null } as const;
    for (const before of ['disclosing', 'asking', 'asked', 'lapsed', 'declined'] as const)
      await put({ sale: { ...sale, kind: before }, payment: due });
    await put({ sale: { ...sale, kind: 'provisioned' }, payment: { ...due, way: 'cash' } });
    await put({ cancelled: { atMs: 1, why: '客户取消' }, payment: due });
    await pass(60_000);
    expect(carrier.asked()).toEqual([]);
  });

  it('a word said twice is once; one that comes after a failure still counts', async () => {
    habit = [
      { afterMs: 1_000, outcome: 'failed', why: '资源不足', twice: true },
      { afterMs: 20_000, outcome: 'done', why: '', twice: true },
    ];
    const id = await put();
    expect((await sold(id)).sale?.kind).toBe('sold');
    expect((await orderOf(id)).steps.map(({ step, note }) => step + note)).toEqual([
      'noted资源不足',
      'provisioned',
      'successSent',
    ]);
    expect(await effects()).toEqual(['failed', 'applied']);
  });

  it('a failure is asked anew after a while, three times; then it is for people', async () => {
    habit = [{ afterMs: 1_000, outcome: 'failed', why: '资源不足' }];
    const id = await put();
    await pass(30 * 60_000);
    expect(carrier.asked().map(({ key }) => key)).toEqual([1, 2, 3].map((nth) => `${id}.provisioning.${nth}`));
    const order = await orderOf(id);
    expect(order.sale?.kind).toBe('confirmed');
    expect(order.steps.filter(({ step }) => step === 'noted')).toHaveLength(3);
  });

  it('a carrier that takes nothing is asked again with the same key; one that says nothing as well, and it is one wish', async () => {
    habit = 'refuses';
    const id = await put();
    await pass(60_000);
    expect(carrier.asked()).toEqual([]);
    habit = [];
    await pass(60_000);
    await pass(11 * 60_000);
    expect(carrier.asked().map(({ key }) => key)).toEqual([`${id}.provisioning.1`]);
    expect((await orderOf(id)).sale?.kind).toBe('confirmed');
  });

  it('what comes after the customer has changed their mind changes nothing, and is kept for whoever undoes it', async () => {
    habit = [];
    const id = await put({ payment: due });
    await pass(15_000);
    const cancel = { name: 'order.stepped', workId: id, step: 'cancelled', note: '客户不要了', mark: null } as const;
    expect(await seat.push({ ...cancel, atMs: clock.nowMs() })).toMatchObject([{ outcome: 'applied' }]);
    await carrier.bring(word({ id: 'late1', key: `${id}.provisioning.1` }));
    await carrier.bring(word({ id: 'late2', key: `${id}.payment.1` }));
    await carrier.bring(word({ id: 'whose', key: 'another.provisioning.1' }));
    const [order] = await rows(database.db, statement<{ row: Order }>`select row from work where id = ${id}`);
    expect(order?.row).toMatchObject({ sale: { kind: 'declined' }, payment: { state: 'due' } });
    expect((await effects()).toSorted()).toEqual(['tooLate', 'tooLate', 'unmatched']);
  });

  it('another instance goes on where one stopped: no wish is lost, none is asked twice', async () => {
    habit = [];
    const id = await put();
    await pass(15_000);
    await rig.close();
    const next = makePracticeCarrier(clock, () => [{ afterMs: 500, outcome: 'done', why: '' }]);
    rig = await startRig(database, { clock, fulfilment: next });
    seat = await signIn(rig, '1001');
    await pass(60_000);
    expect(next.asked()).toEqual([]);
    await next.bring(word({ id: 'x', key: `${id}.provisioning.1` }));
    expect((await sold(id)).sale?.kind).toBe('sold');
  });
});
