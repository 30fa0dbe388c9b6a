import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { customerById, importCustomers } from '../../central/customers.ts';
import type { Database } from '../../central/db.ts';
import { rows, run, statement, transaction } from '../../central/db.ts';
import { openSecrets } from '../../central/secrets.ts';
import { defaultPolicy, type Policy } from '../../shared/policy.ts';
import { makePlan } from '../shared/make-plan.ts';
import type { OpenedDatabase, Rig, Seat } from './fixture.ts';
import { ask, clean, customerId, databaseKind, makeCustomer, openTestDatabase, putAgents } from './fixture.ts';
import { numberOf, putLead, putTaskScript, signIn, startRig } from './fixture.ts';

const day = 24 * 3_600_000;
const stranger = '+8613977778888';

describe('R22 a text asks to be left alone', () => {
  let openedDb: OpenedDatabase;
  let database: Database;
  let rig: Rig;
  let seat: Seat;
  beforeAll(async () => {
    openedDb = await openTestDatabase(databaseKind);
    ({ database } = openedDb);
    await putAgents(database);
    await putLead(database);
  });
  const begin = async (policy: Policy = defaultPolicy): Promise<void> => {
    rig = await startRig(database, { policy });
    seat = await signIn(rig, '1001');
  };
  beforeEach(async () => {
    await clean(database);
    await run(database.db, statement`delete from sms_reply`);
    await putTaskScript(database);
    const { mark } = await openSecrets(database.db);
    const [first, second, third] = [1, 2, 3].map((n) => makeCustomer(n, ['service'], mark));
    if (first === undefined || second === undefined || third === undefined) throw new Error('nobody');
    // The third has the second's telephone too.
    const shared = { key: numberOf(2), confidence: 'certain' } as const;
    const both = { ...third, customer: { ...third.customer, numbers: [...third.customer.numbers, shared] } };
    const own = { key: '+8613800009999', confidence: 'certain' } as const;
    const two = { ...first, customer: { ...first.customer, numbers: [...first.customer.numbers, own] } };
    await transaction(database.db, (tx) => importCustomers(tx, [two, second, both]));
    await begin();
  });
  afterEach(() => rig.close());
  afterAll(() => openedDb.close());

  let count = 0;
  const texts = async (from: string, text: string, over: { id?: string; atMs?: number } = {}): Promise<void> => {
    const { id = `o${String((count += 1)).padStart(3, '0')}`, atMs = rig.clock.nowMs() } = over;
    await rig.phones.reply({ id, number: from, text, atMs });
    await rig.central.settled();
    await rig.central.settled();
  };
  const outcomes = async (): Promise<readonly string[]> =>
    (
      await rows(database.db, statement<{ outcome: string }>`select outcome from sms_reply order by arrived_at_ms, id`)
    ).map(({ outcome }) => outcome);
  const mayCall = async (n: number, numberIndex = 0): Promise<string> => {
    const asked = { customerId: customerId(n), numberIndex };
    return (await ask(rig, 'dialGrant', asked, seat.token)).error?.reason ?? 'may';
  };
  const confirmed = (n: number): readonly string[] => rig.phones.noticesTo(customerId(n));

  it('at once, with all numbers of that customer, and says so once by text', async () => {
    expect(await mayCall(1)).toBe('may');
    rig.clock.advance(11 * 60_000);
    await texts(numberOf(1), '退订');
    expect([await mayCall(1), await mayCall(1, 1)]).toEqual(['refusedMarketing', 'refusedMarketing']);
    expect(await customerById(database.db, customerId(1))).toMatchObject({
      refusesMarketing: true,
      optOuts: [{ number: numberOf(1), said: '退订', atMs: rig.clock.nowMs() }],
    });
    expect(await outcomes()).toEqual(['optedOut']);
    expect(confirmed(1)).toHaveLength(1);
    expect(confirmed(1)[0]).toContain('不再接收');
    const audited = await rows(
      database.db,
      statement<{ result: string }>`select result from audit where kind = 'refusal' and customer_id = ${customerId(1)}`,
    );
    expect(audited).toEqual([{ result: expect.stringMatching(/optedOut$/) }]);
  });

  it('whom a running task was to call next is passed by', async () => {
    const lead = await signIn(rig, '1003');
    const plan = makePlan({ hours: [{ fromMinute: 0, toMinute: 24 * 60 }] });
    const { taskId, revision } = (await ask(rig, 'taskSave', { taskId: null, revision: 0, plan }, lead.token)).value;
    await ask(rig, 'taskMove', { taskId, revision, move: 'start' }, lead.token);
    await texts(numberOf(1), 'TD');
    const { item } = (await ask(rig, 'taskNext', { unused: [], used: [], wanted: true }, seat.token)).value;
    expect(item?.customer?.id).toBe(customerId(2));
    const out = await rows(
      database.db,
      statement<{ why: string }>`select out_why as why from task_entry where state = 'out'`,
    );
    expect(out).toEqual([{ why: 'refusedMarketing' }]);
  });

  it('twice: the same message once more is nothing, another one says what is known; one text in all', async () => {
    await texts(numberOf(1), 'T', { id: 'o-same' });
    await texts(numberOf(1), 'T', { id: 'o-same' });
    await texts(numberOf(1), 'STOP');
    expect(await outcomes()).toEqual(['optedOut', 'optedOutAgain']);
    expect((await customerById(database.db, customerId(1)))?.optOuts?.map(({ said }) => said)).toEqual(['T', 'STOP']);
    rig.clock.advance(6_000);
    await rig.central.settled();
    expect(confirmed(1)).toHaveLength(1);
  });

  it('late, long after anything was written to them: it counts all the same, from when they sent it', async () => {
    const saidAtMs = rig.clock.nowMs();
    rig.clock.advance(3 * day);
    seat = await signIn(rig, '1001', seat.seatId);
    await texts(numberOf(1), '退订回T', { atMs: saidAtMs });
    expect((await customerById(database.db, customerId(1)))?.optOuts?.[0]?.atMs).toBe(saidAtMs);
    expect(await mayCall(1)).toBe('refusedMarketing');
    // A clock of the carrier's that is wrong makes it no promise of the future.
    await texts(numberOf(2), '退订', { atMs: rig.clock.nowMs() + day });
    const [kept] = await rows(
      database.db,
      statement<{ at: number }>`select said_at_ms as at from opt_out where number = ${numberOf(2)}`,
    );
    expect(kept?.at).toBe(rig.clock.nowMs());
  });

  it('from a telephone that several have: whoever has it is left alone, and of none it is said who wrote', async () => {
    await texts(numberOf(2), '退订');
    expect([await mayCall(2), await mayCall(3, 1), await mayCall(3)]).toEqual([
      'refusedMarketing',
      'refusedMarketing',
      'refusedMarketing',
    ]);
    for (const n of [2, 3])
      expect(await customerById(database.db, customerId(n))).toMatchObject({
        refusesMarketing: false,
        optOuts: [{ said: '退订' }],
      });
  });

  it('from another number, which nobody has: that number is left alone, and no customer’s', async () => {
    await texts(stranger, '退订');
    await texts('short code 12', '退订');
    expect(await outcomes()).toEqual(['optedOut', 'unmatched']);
    expect(await mayCall(1)).toBe('may');
    const refused = await rows(database.db, statement<{ key: string }>`select number_key as key from dial_refusal`);
    expect(refused).toEqual([{ key: stranger }]);
  });

  it('a bare N is one where nothing else was asked; what says neither is kept and changes nothing', async () => {
    await texts(numberOf(1), '你好');
    expect(await mayCall(1)).toBe('may');
    rig.clock.advance(11 * 60_000);
    await texts(numberOf(1), 'N');
    expect(await mayCall(1)).toBe('refusedMarketing');
    expect(await outcomes()).toEqual(['unmatched', 'optedOut']);
  });

  it('the carrier does not take the confirming text: tried three times under one name, and never an hour later', async () => {
    const { send } = rig.phones;
    const ids: (string | undefined)[] = [];
    Object.assign(rig.phones, {
      send: async (message: { id?: string }) => {
        ids.push(message.id);
        throw new Error('the carrier took no message');
      },
    });
    await texts(numberOf(1), '退订');
    for (let n = 0; n < 5; n += 1) {
      rig.clock.advance(61_000);
      await rig.central.settled();
    }
    Object.assign(rig.phones, { send });
    expect(ids).toEqual(Array.from({ length: 3 }, () => `optout ${numberOf(1)}`));
    expect(await mayCall(1)).toBe('refusedMarketing');
  });

  it('no text at all where the policy allows none', async () => {
    await rig.close();
    await begin({ ...defaultPolicy, optOutText: false });
    await texts(numberOf(1), '退订');
    expect(await mayCall(1)).toBe('refusedMarketing');
    expect(confirmed(1)).toEqual([]);
  });
});
