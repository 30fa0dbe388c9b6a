import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { importCustomers } from '../../central/customers.ts';
import type { Database } from '../../central/db.ts';
import { firstRow, rows, run, statement, transaction } from '../../central/db.ts';
import { publishReference } from '../../central/feed.ts';
import { openSecrets } from '../../central/secrets.ts';
import type { ContactId, CustomerId } from '../../shared/ids.ts';
import type { OpBody } from '../../shared/op.ts';
import type { TaskItem } from '../../shared/task-api.ts';
import type { TaskPlan } from '../../shared/task.ts';
import { makePlan } from '../shared/make-plan.ts';
import { wholeScript } from '../shared/script/make.ts';
import type { OpenedDatabase, Rig, Seat } from './fixture.ts';
import {
  ask,
  clean,
  customerId,
  databaseKinds,
  makeCustomer,
  newContactId,
  opened,
  openTestDatabase,
} from './fixture.ts';
import { putAgents, putLead, signIn, startRig } from './fixture.ts';

const minute = 60_000;
const day = 24 * 60 * minute;

describe.each(databaseKinds)('R20–R22 outbound tasks on %s', (kind) => {
  let openedDb: OpenedDatabase;
  let database: Database;
  let rig: Rig;
  let lead: Seat;
  let seat: Seat;
  let other: Seat;
  beforeAll(async () => {
    openedDb = await openTestDatabase(kind);
    ({ database } = openedDb);
    await putAgents(database);
    await putLead(database);
  });
  beforeEach(async () => {
    await clean(database);
    await script(true);
    const { mark } = await openSecrets(database.db);
    const make = (n: number, over: object = {}) => {
      const one = makeCustomer(n, ['service'], mark);
      return { ...one, customer: { ...one.customer, ...over } };
    };
    const usage = { ...make(3).customer.usage, arpu: 400, tenureMonths: 90 };
    const customers = [
      make(1),
      make(2),
      make(3, { usage }),
      make(4, { list: 'red' }),
      make(5, { refusesMarketing: true }),
    ];
    await transaction(database.db, (tx) => importCustomers(tx, customers));
    rig = await startRig(database);
    [seat, other, lead] = [await signIn(rig, '1001'), await signIn(rig, '1002'), await signIn(rig, '1003')];
  });
  afterEach(() => rig.close());
  afterAll(() => openedDb.close());

  const script = (isThere: boolean): Promise<void> =>
    transaction(database.db, (tx) =>
      publishReference(tx, 'script', [{ id: 'upgrade@1', row: isThere ? wholeScript({ id: 'upgrade' }) : null }]),
    );
  const save = async (over: Partial<TaskPlan> = {}) =>
    (await ask(rig, 'taskSave', { taskId: null, revision: 0, plan: makePlan(over) }, lead.token)).value;
  const move = (at: { taskId: string; revision: number }, wanted: string) =>
    ask(rig, 'taskMove', { ...at, move: wanted }, lead.token);
  const start = async (over: Partial<TaskPlan> = {}) => {
    const at = await save(over);
    expect((await move(at, 'start')).value).toMatchObject({ state: { kind: 'running' } });
    return { ...at, revision: at.revision + 1 };
  };
  const next = async (
    who: Seat,
    over: { unused?: object[]; used?: string[]; wanted?: boolean; isSettled?: true } = {},
  ) => (await ask(rig, 'taskNext', { unused: [], used: [], wanted: true, ...over }, who.token)).value;
  const itemOf = async (who: Seat, over: Parameters<typeof next>[1] = {}): Promise<TaskItem> => {
    const { item, why } = await next(who, over);
    if (item === null) throw new Error(`nobody: ${why}`);
    return item;
  };
  const whom = (item: TaskItem): CustomerId | undefined => item.customer?.id;
  const dialled = (who: TaskItem, contactId = newContactId()): OpBody & { contactId: ContactId } => ({
    ...(opened(contactId, who.customer?.id ?? null, rig.clock.nowMs()) as Extract<OpBody, { name: 'contact.opened' }>),
    ...{ direction: 'outbound', queue: null, number: who.number },
    grant: { id: who.grantId, taskId: who.taskId, treeId: who.treeId },
  });
  const ended = (contactId: ContactId, cause: 'noAnswer' | 'notFound' | 'agentHungUp' = 'noAnswer'): OpBody => ({
    ...{ name: 'contact.ended', contactId, cause, atMs: rig.clock.nowMs() },
  });
  const figures = async () => (await ask(rig, 'tasks', {}, lead.token)).value.tasks[0];

  it('R20: is estimated by reason, starts, and calls high tiers first, each customer at one seat only', async () => {
    const plan = makePlan();
    const { value } = await ask(rig, 'taskEstimate', { plan }, lead.token);
    expect(value).toMatchObject({ targeted: 5, callable: 3, notYet: 0, isMany: false, faults: [] });
    expect(value.byTier).toEqual({ high: 1, mid: 2, standard: 0, prospect: 0 });
    expect(value.excluded).toEqual([
      { reason: 'redList', count: 1 },
      { reason: 'refusedMarketing', count: 1 },
    ]);
    await start();
    const handed = await Promise.all([itemOf(seat), itemOf(other), itemOf(lead)]);
    expect(handed.map((one) => String(whom(one))).toSorted((one, two) => one.localeCompare(two))).toEqual([
      customerId(1),
      customerId(2),
      customerId(3),
    ]);
    expect((await next(seat, { used: [handed[0]?.grantId ?? ''] })).why).toBe('taskNobodyNow');
    expect(handed.find((one) => whom(one) === customerId(3))?.why.map(({ key }) => key)).toEqual([
      'fitting',
      'tierHigh',
    ]);
  });

  it('R20: the best customers come first', async () => {
    await start();
    expect(whom(await itemOf(seat))).toBe(customerId(3));
  });

  it.each<[string, Partial<TaskPlan>]>([
    ['taskNoHours', { hours: [] }],
    ['taskHoursClosed', { hours: [{ fromMinute: 21 * 60, toMinute: 23 * 60 }] }],
    ['taskEndsPast', { endsAtMs: 1 }],
    ['taskNoScript', { scriptId: null }],
    ['taskScriptWithdrawn', { scriptId: 'gone' as TaskPlan['scriptId'] }],
    ['taskNoTree', { treeId: 'gone' }],
    ['taskNobody', { source: { kind: 'list', listId: 'none' } }],
  ])('does not start: %s', async (reason, over) => {
    const at = await save(over);
    expect((await move(at, 'start')).error).toMatchObject({ kind: 'mandatory', reason });
    expect((await figures())?.state.kind).toBe('draft');
  });

  it('is paused, resumed and ended; two leads do not overwrite each other', async () => {
    const at = await start();
    expect((await move({ ...at, revision: 1 }, 'pause')).error?.reason).toBe('taskChanged');
    await move(at, 'pause');
    expect((await next(seat)).why).toBe('noTasks');
    await move({ ...at, revision: at.revision + 1 }, 'resume');
    expect((await next(seat)).item).not.toBeNull();
    await move({ ...at, revision: at.revision + 2 }, 'end');
    expect((await move({ ...at, revision: at.revision + 3 }, 'start')).error?.reason).toBe('taskEnded');
    const noted = await rows(
      database.db,
      statement<{ result: string }>`select result from audit where kind = 'task' order by seq`,
    );
    expect(noted.map(({ result }) => result.split(':')[0])).toEqual(['begun', 'start', 'pause', 'resume', 'end']);
  });

  it('a script withdrawn while in use stops its task, and a lead sees why', async () => {
    await start();
    await script(false);
    expect((await next(seat)).why).toBe('noTasks');
    expect((await figures())?.state).toMatchObject({ kind: 'paused', why: 'scriptWithdrawn', by: null });
  });

  it('R21: a reached customer is nobody’s for three months, in any task; an unreached one comes back', async () => {
    await start();
    const item = await itemOf(seat);
    const call = dialled(item);
    await seat.push(call, ended(call.contactId));
    expect(await figures()).toMatchObject({ figures: { tried: 1, reached: 0, waiting: 3, attempts: 1 } });
    const { contactId } = call;
    const again = await itemOf(seat, { used: [item.grantId] });
    expect(whom(again)).not.toBe(whom(item));
    await ask(
      rig,
      'taskNext',
      { unused: [{ grantId: again.grantId, why: 'putBack' }], used: [], wanted: false },
      seat.token,
    );
    rig.clock.advance(4.5 * 60 * minute);
    seat = await signIn(rig, '1001', seat.seatId);
    const back = await itemOf(seat);
    expect(whom(back)).toBe(whom(item));
    expect(back).toMatchObject({ tries: 1, counters: { contactedAtMs: null } });
    expect(back.counters.attemptsAtMs).toHaveLength(1);
    const second = dialled(back);
    await seat.push(second, { name: 'contact.answered', contactId: second.contactId, atMs: rig.clock.nowMs() });
    await seat.push(ended(second.contactId, 'agentHungUp'), {
      ...{
        name: 'contact.wrappedUp',
        contactId: second.contactId,
        disposition: ['declined', 'why', 'price'],
        forced: false,
      },
      ...{ note: '', atMs: rig.clock.nowMs() },
    });
    expect(await figures()).toMatchObject({ figures: { tried: 1, reached: 1, succeeded: 0, attempts: 2 } });
    const one = await ask(rig, 'dialGrant', { customerId: whom(item), numberIndex: 0 }, seat.token);
    expect(one.error?.reason).toBe('quietTime');
    const estimate = await ask(rig, 'taskEstimate', { plan: makePlan() }, lead.token);
    expect(estimate.error ?? estimate.value.excluded).toContainEqual({ reason: 'quietTime', count: 1 });
    expect(contactId).not.toBe(second.contactId);
  });

  it('R21: leave of which nothing is heard counts as a contact; a lost answer goes back', async () => {
    await start();
    const item = await itemOf(seat);
    // The same question twice, or late: what the seat may be shown by now stays its own, and nobody else calls them.
    expect(whom(await itemOf(seat))).not.toBe(whom(item));
    expect(whom(await itemOf(other))).not.toBe(whom(item));
    rig.clock.advance(minute);
    // The seat never saw it: it asks again and names nothing.
    expect(whom(await itemOf(seat))).toBe(whom(item));
    // An instance with a clock of its own gave it: how old it is only the seat can say, which has waited.
    const unseen = await itemOf(seat);
    await next(seat, { wanted: false, used: [item.grantId], isSettled: true });
    const held = await itemOf(seat);
    expect([whom(held), whom(await itemOf(seat))]).toContain(whom(unseen));
    rig.clock.advance(11 * minute);
    const refusedTo = await ask(rig, 'dialGrant', { customerId: whom(held), numberIndex: 0 }, other.token);
    expect(refusedTo.error?.reason).toBe('quietTime');
    // It was only off line, and had not called.
    await next(seat, { unused: [{ grantId: held.grantId, why: 'putBack' }] });
    const now = await next(other);
    expect(now.item).not.toBeNull();
  });

  it('R21: a customer held by a seat that died comes back by itself: as one who may have been reached', async () => {
    await start();
    const held = await itemOf(seat);
    rig.clock.advance(12 * minute);
    const others = [await itemOf(other), await itemOf(lead)];
    expect(others.map(whom)).not.toContain(whom(held));
    expect(await figures()).toMatchObject({ figures: { out: 1, waiting: 2 } });
    // The seat was off line only, and had not called.
    await next(seat, { unused: [{ grantId: held.grantId, why: 'putBack' }] });
    expect(await figures()).toMatchObject({ figures: { out: 0, waiting: 3 } });
  });

  it('R21: a customer of a care task held by a seat that died is called by another one, half an hour later', async () => {
    await start({ kind: 'care' });
    const held = await itemOf(seat);
    rig.clock.advance(12 * minute);
    expect([await itemOf(other), await itemOf(lead)].map(whom)).not.toContain(whom(held));
    rig.clock.advance(30 * minute);
    const again = await itemOf(other);
    expect(whom(again)).toBe(whom(held));
    // A seat gives back what is its own, and nothing else.
    await next(seat, { unused: [{ grantId: again.grantId, why: 'wrongNumber' }] });
    expect(await figures()).toMatchObject({ figures: { out: 0 } });
  });

  it('R21: of two seats at the same moment one has leave; a second call with it counts by itself', async () => {
    const asked = { customerId: customerId(1), numberIndex: 0 };
    const got = await Promise.all([seat, other, lead].map((who) => ask(rig, 'dialGrant', asked, who.token)));
    expect(got.map(({ error }) => error?.reason ?? 'granted').toSorted()).toEqual(['dialHeld', 'dialHeld', 'granted']);
  });

  it('R22: a refusal at one seat stops every task, also under another number; only a second person lifts it, once', async () => {
    await start();
    await seat.push({ name: 'customer.refused', customerId: customerId(3), contactId: null, atMs: 1 });
    expect(whom(await itemOf(other))).not.toBe(customerId(3));
    const asked = { customerId: customerId(3), numberIndex: 0 };
    expect((await ask(rig, 'dialGrant', asked, seat.token)).error?.reason).toBe('refusedMarketing');
    const reason = '客户套餐将被停用，必须告知';
    const { value: wish } = await ask(rig, 'necessityAsk', { customerId: customerId(3), reason }, seat.token);
    expect((await ask(rig, 'dialGrant', asked, seat.token)).error?.reason).toBe('refusedMarketing');
    expect((await ask(rig, 'necessities', {}, seat.token)).error?.reason).toBe('role');
    expect((await ask(rig, 'necessities', {}, lead.token)).value.wishes).toMatchObject([{ id: wish.id, reason }]);
    const decision = { id: wish.id, granted: true };
    expect((await ask(rig, 'necessityDecide', decision, lead.token)).error).toBeUndefined();
    expect((await ask(rig, 'dialGrant', asked, other.token)).error?.reason).toBe('refusedMarketing');
    expect((await ask(rig, 'dialGrant', asked, seat.token)).value).toMatchObject({ isNecessary: true });
    rig.clock.advance(31 * minute);
    expect((await ask(rig, 'dialGrant', asked, seat.token)).error?.reason).toBe('refusedMarketing');
    const noted = await firstRow(
      database.db,
      statement<{ n: number }>`select count(*)::int as n from audit where kind = 'necessity'`,
    );
    expect(noted?.n).toBe(2);
  });

  it('nobody agrees to their own necessity', async () => {
    const { value } = await ask(rig, 'necessityAsk', { customerId: customerId(3), reason: 'necessary' }, lead.token);
    const own = await ask(rig, 'necessityDecide', { id: value.id, granted: true }, lead.token);
    expect(own.error?.reason).toBe('ownOverride');
  });

  it('R21: outside the hours nobody is called, and the reason is told', async () => {
    await start();
    rig.clock.advance(2.5 * 60 * minute);
    expect(await next(seat)).toMatchObject({ item: null, why: 'outsideHours' });
  });

  it('a skipped customer comes later or not at all; a wrong number is called no more', async () => {
    await start();
    const [first, second] = [await itemOf(seat), await itemOf(other)];
    await next(seat, { unused: [{ grantId: first.grantId, why: 'wrongNumber' }] });
    expect(await figures()).toMatchObject({ figures: { out: 1 } });
    const call = dialled(second);
    await other.push(call, ended(call.contactId, 'notFound'));
    expect(await figures()).toMatchObject({ figures: { out: 2, tried: 1 } });
  });

  it('ends by itself at its time, and when everybody was called', async () => {
    await start({ endsAtMs: rig.clock.nowMs() + 20 * minute });
    rig.clock.advance(20 * minute);
    expect((await next(seat)).why).toBe('noTasks');
    expect((await figures())?.state).toMatchObject({ kind: 'ended', why: 'over' });
  });

  it('several tasks share an agent’s calls by weight', async () => {
    await start({ title: 'two', weight: 2 });
    await start({ title: 'three', weight: 3 });
    const got: string[] = [];
    for (const n of [1, 2, 3]) {
      const item = await itemOf(seat);
      const call = dialled(item);
      await seat.push(call, ended(call.contactId));
      got.push(item.title);
      expect(n).toBe(got.length);
    }
    // 1/3, 1/2, 2/3: whoever is furthest behind its share.
    expect(got).toEqual(['three', 'two', 'three']);
  });

  it('a list is pasted: what cannot be called is named by its line, the rest is taken', async () => {
    const known = makeCustomer(1, [], (text) => text).customer.numbers[0]?.key ?? '';
    const text = `${known},欧阳\r\n13900139000\t王女士\tcall in the evening\n+44 20 7946 0000\nabc\n139 0013 9000\n\n1\n`;
    const { value } = await ask(rig, 'listPaste', { name: '春季名单', text }, lead.token);
    expect(value).toMatchObject({ added: 2, known: 1, faulty: 4 });
    expect(value.faults).toEqual([
      { line: 3, reason: 'numberInternational' },
      { line: 4, reason: 'numberMalformed' },
      { line: 5, reason: 'taskDuplicate' },
      { line: 7, reason: 'numberMalformed' },
    ]);
    expect((await ask(rig, 'listPaste', { name: 'x', text: 'abc' }, lead.token)).error?.reason).toBe('listEmpty');
    await start({ source: { kind: 'list', listId: value.listId } });
    const [one, two] = [await itemOf(seat), await itemOf(other)];
    expect([one.customer?.id, two.customer, two.prospect, two.note]).toEqual([
      ...[customerId(1), null, '王女士', 'call in the evening'],
    ]);
  });

  it('a call told of without leave is kept, and counts', async () => {
    const item: TaskItem = { ...(await start(), await itemOf(seat)), grantId: newContactId() as never };
    const call = dialled(item);
    expect(await other.push(call)).toMatchObject([{ outcome: 'applied' }]);
    rig.clock.advance(40 * minute);
    const asked = { customerId: whom(item), numberIndex: 0 };
    expect((await ask(rig, 'dialGrant', asked, lead.token)).error?.reason).toBe('quietTime');
    await run(database.db, statement`select 1`);
    expect(day).toBeGreaterThan(minute);
  });
});
