import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { importCustomers } from '../../central/customers.ts';
import type { Database } from '../../central/db.ts';
import { rows, statement, transaction } from '../../central/db.ts';
import { openSecrets } from '../../central/secrets.ts';
import type { Contact } from '../../shared/contact.ts';
import { type ContactId, type TaskId } from '../../shared/ids.ts';
import type { OpBody } from '../../shared/op.ts';
import type { TaskPlan } from '../../shared/task.ts';
import { makePlan } from '../shared/make-plan.ts';
import type { OpenedDatabase, Rig, Seat } from './fixture.ts';
import {
  ask,
  clean,
  customerId,
  databaseKind,
  makeCustomer,
  newContactId,
  opened,
  openTestDatabase,
} from './fixture.ts';
import { numberOf, putAgents, putLead, putTaskScript, signIn, startRig } from './fixture.ts';

const hour = 3_600_000;
const text = '畅享套餐 5 折，来电 10000 办理。';

describe('R26 hot calls', () => {
  let openedDb: OpenedDatabase;
  let database: Database;
  let rig: Rig;
  let seat: Seat;
  let other: Seat;
  let lead: Seat;
  beforeAll(async () => {
    openedDb = await openTestDatabase(databaseKind);
    ({ database } = openedDb);
    await putAgents(database);
    await putLead(database);
  });
  beforeEach(async () => {
    await clean(database);
    await putTaskScript(database);
    const { mark } = await openSecrets(database.db);
    const make = (n: number, over: object = {}) => {
      const one = makeCustomer(n, ['service'], mark);
      return { ...one, customer: { ...one.customer, ...over } };
    };
    await transaction(database.db, (tx) =>
      importCustomers(tx, [make(1), make(2), make(3, { refusesMarketing: true }), make(4, { list: 'red' })]),
    );
    rig = await startRig(database);
    [seat, other, lead] = [await signIn(rig, '1001'), await signIn(rig, '1002'), await signIn(rig, '1003')];
  });
  afterEach(() => rig.close());
  afterAll(() => openedDb.close());

  const start = async (over: Partial<TaskPlan> = {}): Promise<{ taskId: TaskId; revision: number }> => {
    const plan = makePlan({ hot: { text, waitHours: 24 }, ...over });
    const { taskId, revision } = (await ask(rig, 'taskSave', { taskId: null, revision: 0, plan }, lead.token)).value;
    await ask(rig, 'taskMove', { taskId, revision, move: 'start' }, lead.token);
    return { taskId, revision: revision + 1 };
  };
  /** Until the texts that are due have gone out. */
  const pass = async (ms = 6_000): Promise<void> => {
    rig.clock.advance(ms);
    await rig.central.settled();
  };
  const again = async (): Promise<void> => {
    [seat, other, lead] = [
      await signIn(rig, '1001', seat.seatId),
      await signIn(rig, '1002', other.seatId),
      await signIn(rig, '1003', lead.seatId),
    ];
  };
  const sentTo = (n: number): readonly string[] => rig.phones.noticesTo(customerId(n));
  const pop = async (who: Seat, from: string, contactId = newContactId()) => {
    const { value, error } = await ask(rig, 'calledIn', { contactId, number: from }, who.token);
    expect(error).toBeUndefined();
    return { contactId, hot: value.hot };
  };
  const incoming = (contactId: ContactId, n: number): OpBody => ({
    ...(opened(contactId, customerId(n), rig.clock.nowMs()) as Extract<OpBody, { name: 'contact.opened' }>),
    number: numberOf(n),
  });
  const answered = (contactId: ContactId): OpBody => ({ name: 'contact.answered', contactId, atMs: rig.clock.nowMs() });
  const ended = (contactId: ContactId, cause: 'missed' | 'customerHungUp' = 'customerHungUp'): OpBody => ({
    ...{ name: 'contact.ended', contactId, cause, atMs: rig.clock.nowMs() },
  });
  const isHot = (contactId: ContactId, grant: Contact['grant']): OpBody => {
    if (grant === undefined) throw new Error('not hot');
    return { name: 'contact.calledIn', contactId, grant, script: null, atMs: rig.clock.nowMs() };
  };
  const wrappedUp = (contactId: ContactId): OpBody => ({
    ...{ name: 'contact.wrappedUp', contactId, disposition: ['declined', 'why', 'price'], forced: false, note: '' },
    atMs: rig.clock.nowMs(),
  });
  const next = async (who: Seat, over: object = {}) =>
    (await ask(rig, 'taskNext', { unused: [], used: [], wanted: true, ...over }, who.token)).value;
  const figures = async (n = 0) => (await ask(rig, 'tasks', {}, lead.token)).value.tasks[n]?.figures;
  const grants = () =>
    rows(
      database.db,
      statement<{ state: string; n: number }>`
        select state, count(*)::int as n from dial_grant group by state order by state`,
    );

  it('a text goes out first, once, to whom the dial policy lets be called; nobody is handed the customer meanwhile', async () => {
    await start();
    expect((await next(seat)).why).toBe('taskNobodyNow');
    await pass();
    await pass();
    expect([sentTo(1), sentTo(2), sentTo(3), sentTo(4)]).toEqual([[text], [text], [], []]);
    expect((await next(seat)).why).toBe('taskNobodyNow');
    await pass(24 * hour);
    await again();
    // Who has not called themselves is called.
    expect((await next(seat)).item).not.toBeNull();
  });

  it('outside the calling hours nobody is written to; one who refuses before it goes out is not either', async () => {
    rig.clock.advance(10 * hour);
    await again();
    await start();
    await pass();
    expect(sentTo(1)).toEqual([]);
    await seat.push({ name: 'customer.refused', customerId: customerId(1), contactId: null, atMs: 1 });
    rig.clock.advance(14.5 * hour);
    await again();
    // 21 November 2026 is a Saturday: within the calling hours it counts as any other day.
    await pass();
    await pass();
    expect([sentTo(1), sentTo(2)]).toEqual([[], [text]]);
    expect(await figures()).toMatchObject({ out: 1, waiting: 1 });
  });

  it('their call gets the task’s script and tree and is its contact: done, in the figures, and no second call by any seat', async () => {
    const { taskId } = await start();
    await pass();
    const { contactId, hot } = await pop(seat, numberOf(1));
    expect(hot).toMatchObject({ title: '畅享套餐推荐', scriptId: 'upgrade', grant: { taskId, treeId: 'marketing' } });
    expect(await figures()).toMatchObject({ waiting: 2, reached: 0 });
    await seat.push(incoming(contactId, 1), isHot(contactId, hot?.grant), answered(contactId), ended(contactId));
    await seat.push(wrappedUp(contactId));
    expect(await figures()).toMatchObject({ total: 2, waiting: 1, reached: 1, succeeded: 0 });
    const asked = { customerId: customerId(1), numberIndex: 0 };
    expect((await ask(rig, 'dialGrant', asked, other.token)).error?.reason).toBe('quietTime');
    await pass(24 * hour);
    await again();
    expect((await next(other)).item?.customer?.id).toBe(customerId(2));
    // A second call from them is a call like any other.
    expect((await pop(other, numberOf(1))).hot).toBeNull();
  });

  it('the answer that they are hot may come after the agent has answered', async () => {
    await start();
    await pass();
    const { contactId, hot } = await pop(seat, numberOf(1));
    await seat.push(incoming(contactId, 1), answered(contactId), isHot(contactId, hot?.grant));
    expect(await figures()).toMatchObject({ waiting: 1, reached: 1 });
    await pass();
    expect(await grants()).toEqual([{ state: 'reached', n: 1 }]);
  });

  it('a call nobody took is no contact: the next one is, and they come first otherwise', async () => {
    await start();
    await pass();
    const missed = await pop(seat, numberOf(1));
    const { contactId } = missed;
    await seat.push(incoming(contactId, 1), isHot(contactId, missed.hot?.grant), ended(contactId, 'missed'));
    expect(await grants()).toEqual([{ state: 'unused', n: 1 }]);
    expect((await pop(other, numberOf(1))).hot).not.toBeNull();
  });

  it('off line at the pop: counted when the contact arrives, with what came of it, though nobody saw the script', async () => {
    await start();
    await pass();
    const contactId = newContactId();
    const call = [incoming(contactId, 1), answered(contactId), ended(contactId), wrappedUp(contactId)];
    rig.clock.advance(2 * hour);
    await seat.push(...call);
    await pass(61_000);
    expect(await figures()).toMatchObject({ waiting: 1, reached: 1 });
    expect(await grants()).toEqual([{ state: 'reached', n: 1 }]);
    expect((await pop(other, numberOf(1))).hot).toBeNull();
  });

  it('the answer came too late for the seat: counted as well, once', async () => {
    await start();
    await pass();
    const { contactId } = await pop(seat, numberOf(1));
    await seat.push(incoming(contactId, 1), answered(contactId), ended(contactId), wrappedUp(contactId));
    await pass();
    expect(await figures()).toMatchObject({ reached: 0 });
    await pass(61_000);
    await again();
    expect(await figures()).toMatchObject({ waiting: 1, reached: 1 });
    expect(await grants()).toEqual([
      { state: 'reached', n: 1 },
      { state: 'unused', n: 1 },
    ]);
  });

  it('with the number withheld, from another number, or of a task a lead has stopped, it is a call like any other', async () => {
    const at = await start();
    await pass();
    expect((await pop(seat, '')).hot).toBeNull();
    expect((await pop(seat, '+8613999999999')).hot).toBeNull();
    await ask(rig, 'taskMove', { ...at, move: 'pause' }, lead.token);
    expect((await pop(seat, numberOf(1))).hot).toBeNull();
    await ask(rig, 'taskMove', { ...at, revision: at.revision + 1, move: 'resume' }, lead.token);
    const { hot } = await pop(seat, numberOf(1));
    expect(hot).not.toBeNull();
    await ask(rig, 'taskMove', { ...at, revision: at.revision + 2, move: 'end' }, lead.token);
    expect((await pop(seat, numberOf(2))).hot).toBeNull();
  });

  it('is hot for a week after the text, and not longer', async () => {
    await start();
    await pass();
    await pass(6.9 * 24 * hour);
    await again();
    expect((await pop(seat, numberOf(1))).hot).not.toBeNull();
    await pass(0.2 * 24 * hour);
    await again();
    expect((await pop(seat, numberOf(2))).hot).toBeNull();
  });

  it('R22: one who has refused since the text is sold nothing', async () => {
    await start();
    await pass();
    await other.push({ name: 'customer.refused', customerId: customerId(1), contactId: null, atMs: 1 });
    expect((await pop(seat, numberOf(1))).hot).toBeNull();
    expect((await pop(seat, numberOf(2))).hot).not.toBeNull();
  });

  it('two tasks with the same number: one text a week, and the call is the one’s that wrote', async () => {
    const first = await start();
    await pass();
    await start({ title: '第二个任务' });
    await pass();
    expect(sentTo(1)).toEqual([text]);
    const { contactId, hot } = await pop(seat, numberOf(1));
    expect(hot?.grant.taskId).toBe(first.taskId);
    await seat.push(incoming(contactId, 1), isHot(contactId, hot?.grant), answered(contactId));
    await pass(24.5 * hour);
    await again();
    // R21: the other one does not call them either.
    const got = [await next(seat), await next(other)].map(({ item }) => item?.customer?.id);
    expect(got).not.toContain(customerId(1));
  });

  it('a customer on view at another seat who calls in is taken from it', async () => {
    await start({ hot: { text, waitHours: 1 } });
    await pass();
    await pass(1.1 * hour);
    await again();
    const { item } = await next(other);
    const n = item?.customer?.id === customerId(1) ? 1 : 2;
    const { contactId, hot } = await pop(seat, numberOf(n));
    expect(hot).not.toBeNull();
    const held = await rows(
      database.db,
      statement<{ state: string }>`select state from dial_grant where id = ${item?.grantId ?? ''}`,
    );
    expect(held).toEqual([{ state: 'unused' }]);
    // The seat gives it back when it hears of it: the customer stays with whom they called.
    await next(other, { unused: [{ grantId: item?.grantId, why: 'putBack' }], wanted: false });
    await seat.push(incoming(contactId, n), isHot(contactId, hot?.grant), answered(contactId));
    expect(await figures()).toMatchObject({ reached: 1 });
  });

  it('a carrier that takes nothing: after three tries they are called without a text', async () => {
    await rig.close();
    let tries = 0;
    const sms = {
      ...rig.phones,
      send: async () => {
        tries += 1;
        throw new Error('the carrier took no message');
      },
    };
    rig = await startRig(database, { clock: rig.clock, sms });
    await again();
    await start();
    for (let n = 0; n < 5; n += 1) await pass(61_000);
    expect(tries).toBe(6);
    expect((await next(seat)).item).not.toBeNull();
  });

  it('without a carrier such a task does not start', async () => {
    await rig.close();
    const without: object = { sms: undefined };
    rig = await startRig(database, { clock: rig.clock, ...without });
    await again();
    const plan = makePlan({ hot: { text, waitHours: 24 } });
    const at = (await ask(rig, 'taskSave', { taskId: null, revision: 0, plan }, lead.token)).value;
    const moved = await ask(rig, 'taskMove', { ...at, move: 'start' }, lead.token);
    expect(moved.error).toMatchObject({ kind: 'mandatory', reason: 'taskNoTexts' });
  });
});
