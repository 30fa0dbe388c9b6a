import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { importCustomers } from '../../central/customers.ts';
import type { Database } from '../../central/db.ts';
import { rows, statement, transaction } from '../../central/db.ts';
import { putWork } from '../../central/orders.ts';
import { openSecrets } from '../../central/secrets.ts';
import { AgentId, WorkId } from '../../shared/ids.ts';
import type { Obligation, ObligationKind } from '../../shared/obligation.ts';
import { readDueNote } from '../../shared/task-due.ts';
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
import { putAgents, putLead, putTaskScript, signIn, startRig } from './fixture.ts';

const minute = 60_000;
const day = 24 * 60 * minute;
const quiet = {
  arpu: 120,
  lastBill: 100,
  previousBill: 100,
  tenureMonths: 30,
  daysSinceLastRecord: 1,
  contractEndsAtMs: null,
};

describe('R24, R3, R4 what is due goes into care tasks by itself', () => {
  let openedDb: OpenedDatabase;
  let database: Database;
  let rig: Rig;
  let seat: Seat;
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
    const make = (n: number, usage: object = {}, over: object = {}) => {
      const one = makeCustomer(n, ['service'], mark);
      const own = { ...one.customer.usage, ...quiet, rivalForwarding: false, creditScore: 600, ...usage };
      return { ...one, customer: { ...one.customer, card: 'none' as const, manager: null, usage: own, ...over } };
    };
    await transaction(database.db, (tx) =>
      importCustomers(tx, [
        make(1),
        make(2),
        make(3, { rivalForwarding: true }, { refusesMarketing: true }),
        make(4, { arpu: 20 }, { card: 'gold', manager: '沈经理' }),
        make(5, { tenureMonths: 2 }),
        make(6, { arpu: 400, tenureMonths: 90 }),
      ]),
    );
    rig = await startRig(database);
    [seat, lead] = [await signIn(rig, '1001'), await signIn(rig, '1003')];
  });
  afterEach(() => rig.close());
  afterAll(() => openedDb.close());

  const owe = async (n: number, of: number, kind: ObligationKind, inDays: number, what = ''): Promise<Obligation> => {
    const row: Obligation = {
      ...{ record: 'obligation', id: WorkId.parse(`01900000-0000-7000-8000-0000000000e${n}`), kind, what },
      ...{ customerId: customerId(of), agentId: AgentId.parse('A1002'), contactId: null, caseId: null },
      ...{ openedAtMs: 0, dueAtMs: rig.clock.nowMs() + inDays * day, limitMs: null, missingYear: null },
      state: { kind: 'open' },
    };
    await transaction(database.db, (tx) => putWork(tx, row, rig.clock.nowMs()));
    return row;
  };
  type Kinds = NonNullable<TaskPlan['due']>['kinds'];
  const start = async (kinds: Kinds, over: Partial<TaskPlan> = {}) => {
    const plan = makePlan({ kind: 'care', source: { kind: 'list', listId: 'due' }, due: { kinds }, ...over });
    const { taskId, revision } = (await ask(rig, 'taskSave', { taskId: null, revision: 0, plan }, lead.token)).value;
    const moved = await ask(rig, 'taskMove', { taskId, revision, move: 'start' }, lead.token);
    return { taskId, error: moved.error, estimate: (await ask(rig, 'taskEstimate', { plan }, lead.token)).value };
  };
  const pass = async (ms = minute): Promise<void> => {
    rig.clock.advance(ms);
    await rig.central.settled();
  };
  const entries = () =>
    rows(
      database.db,
      statement<{ customer: string; state: string; note: string; why: string | null }>`
        select customer_id as customer, state, note, out_why as why from task_entry order by position, customer_id`,
    );
  const next = async () => (await ask(rig, 'taskNext', { unused: [], used: [], wanted: true }, seat.token)).value.item;
  const owed = async (id: string) =>
    (await rows(database.db, statement<{ row: Obligation }>`select row from work where id = ${id}`))[0]?.row.state;

  it('obligations that breach within a week, what breaches first in front; more come while it runs; nothing else does', async () => {
    await owe(1, 1, 'trialEnd', 3, '免费体验 10GB');
    await owe(2, 2, 'newService', 1);
    await owe(3, 2, 'callback', 1);
    await owe(4, 1, 'newService', 30);
    const { estimate } = await start(['trialEnd', 'newService']);
    expect(estimate).toMatchObject({ targeted: 2, callable: 2, faults: [] });
    await pass();
    expect((await entries()).map(({ customer, note }) => [customer, readDueNote(note)])).toEqual([
      [customerId(2), [{ kind: 'newService', what: '' }]],
      [customerId(1), [{ kind: 'trialEnd', what: '免费体验 10GB' }]],
    ]);
    await owe(5, 5, 'trialEnd', 2);
    await pass();
    expect(await entries()).toHaveLength(3);
    expect(await next()).toMatchObject({ kind: 'care', customer: { id: customerId(2) } });
  });

  it('R3, R4: warnings, hand-overs, newcomers and long silence come from the customers themselves, though they refuse marketing', async () => {
    await start(['retention', 'handOver', 'newSubscriber', 'vipCare']);
    await pass();
    const found = await entries();
    expect(found.map(({ customer, note }) => [customer, readDueNote(note)?.[0]?.kind])).toEqual([
      [customerId(3), 'retention'],
      [customerId(4), 'handOver'],
      [customerId(5), 'newSubscriber'],
      [customerId(6), 'vipCare'],
    ]);
    expect(readDueNote(found[1]?.note ?? '')).toEqual([{ kind: 'handOver', what: '沈经理' }]);
    // Looked at again the next day: nobody twice.
    await pass(day);
    await pass();
    expect(await entries()).toHaveLength(4);
  });

  it('one thing is in one task; two things due to one person are one call', async () => {
    await owe(1, 1, 'trialEnd', 3);
    await start(['trialEnd']);
    await pass();
    const second = await start(['trialEnd', 'newService']);
    expect(second).toMatchObject({ error: undefined, estimate: { targeted: 0 } });
    await pass();
    expect(await entries()).toHaveLength(1);
    await owe(2, 2, 'trialEnd', 3);
    await owe(3, 2, 'newService', 3);
    await pass();
    const ofSecond = (await entries()).filter(({ customer }) => customer === customerId(2));
    expect(ofSecond.map(({ note }) => readDueNote(note)?.map(({ kind }) => kind))).toEqual([
      ['trialEnd', 'newService'],
    ]);
  });

  it('done by the agent who owed it: nobody calls any more', async () => {
    const row = await owe(1, 1, 'trialEnd', 3);
    await start(['trialEnd']);
    await pass();
    const other = await signIn(rig, '1002');
    await other.push({ name: 'obligation.done', workId: row.id, outcome: 'reached', atMs: rig.clock.nowMs() });
    await pass();
    expect(await entries()).toMatchObject([{ state: 'out', why: 'settledElsewhere' }]);
    expect(await next()).toBeNull();
  });

  it('reached by the task: no longer owed, and it counts as no telemarketing', async () => {
    const row = await owe(1, 1, 'trialEnd', 3);
    await start(['trialEnd']);
    await pass();
    const item = await next();
    if (item === null) throw new Error('nobody');
    const contactId = newContactId();
    const atMs = rig.clock.nowMs();
    await seat.push(
      {
        ...(opened(contactId, customerId(1), atMs) as object),
        ...{ direction: 'outbound', queue: null, number: item.number },
        grant: { id: item.grantId, taskId: item.taskId, treeId: item.treeId },
      } as never,
      { name: 'contact.answered', contactId, atMs },
      { name: 'contact.ended', contactId, cause: 'customerHungUp', atMs },
    );
    await pass();
    expect(await owed(row.id)).toMatchObject({ kind: 'done', outcome: 'reached', agentId: 'A1001', wasLate: false });
    rig.clock.advance(31 * minute);
    const asked = { customerId: customerId(1), numberIndex: 0 };
    expect((await ask(rig, 'dialGrant', asked, seat.token)).error).toBeUndefined();
  });

  it('starts without anybody and does not end when all are called; only as a care task', async () => {
    expect((await start(['trialEnd'], { kind: 'marketing' })).error?.reason).toBe('taskDueCare');
    const { taskId, error } = await start(['trialEnd']);
    expect(error).toBeUndefined();
    expect(await next()).toBeNull();
    await owe(1, 1, 'trialEnd', 3);
    await pass();
    expect(await next()).toMatchObject({ taskId });
  });

  it('R24 standing: set up once, it never ends, takes up what becomes due every day, and reports each day', async () => {
    const listed = async () => (await ask(rig, 'tasks', {}, lead.token)).value;
    const settled = await owe(1, 1, 'trialEnd', 3);
    await owe(2, 2, 'newService', 2);
    await owe(3, 5, 'complaint', 2);
    // What no task takes up is shown before anybody has to look for it.
    expect((await listed()).uncovered).toEqual([
      { kind: expect.any(String), count: 1 },
      { kind: expect.any(String), count: 1 },
    ]);
    const endsAtMs = rig.clock.nowMs() + 2 * day;
    await start(['trialEnd', 'newService'], { endsAtMs, due: { kinds: ['trialEnd', 'newService'], standing: true } });
    await pass();
    const first = await listed();
    expect(first.uncovered).toEqual([]);
    expect(first.tasks[0]?.dueDays).toMatchObject([
      {
        kinds: [
          { kind: 'newService', count: 1 },
          { kind: 'trialEnd', count: 1 },
        ],
        ...{ reached: 0, elsewhere: 0, open: 2, overdue: 0 },
      },
    ]);
    // Two weeks on and more, long after its first end, and nobody has touched it.
    for (let n = 0; n < 16; n += 1) await pass(day);
    seat = await signIn(rig, '1001', seat.seatId);
    lead = await signIn(rig, '1003', lead.seatId);
    await owe(4, 6, 'trialEnd', 1);
    const other = await signIn(rig, '1002');
    await other.push({ name: 'obligation.done', workId: settled.id, outcome: 'reached', atMs: rig.clock.nowMs() });
    await pass();
    const [task] = (await listed()).tasks;
    expect(task?.state.kind).toBe('running');
    expect(task?.plan.endsAtMs).toBeGreaterThan(rig.clock.nowMs() + 6 * day);
    expect(
      task?.dueDays?.map(({ kinds, elsewhere, open, overdue }) => [kinds.length, elsewhere, open, overdue]),
    ).toEqual([
      [1, 0, 1, 0],
      [2, 1, 1, 1],
    ]);
    expect(await next()).not.toBeNull();
  });
});
