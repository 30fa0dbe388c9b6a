import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { importCustomers } from '../../../central/customers.ts';
import type { Database } from '../../../central/db.ts';
import { rows, run, statement, transaction } from '../../../central/db.ts';
import type { FakeCustomer, FakeDialler } from '../../../central/dialler/fake-dialler.ts';
import { makeFakeDialler } from '../../../central/dialler/fake-dialler.ts';
import { openSecrets } from '../../../central/secrets.ts';
import type { AgentState } from '../../../shared/agent.ts';
import type { TaskPlan } from '../../../shared/task.ts';
import { makePlan } from '../../shared/make-plan.ts';
import type { OpenedDatabase, Rig, Seat } from '../fixture.ts';
import { ask, clean, databaseKinds, makeCustomer, openTestDatabase } from '../fixture.ts';
import { putAgents, putLead, putTaskScript, signIn, startRig } from '../fixture.ts';
import type { ManualClock } from '../manual-clock.ts';
import { makeManualClock } from '../manual-clock.ts';

describe.each(databaseKinds)('R25 central dials on %s', (kind) => {
  let openedDb: OpenedDatabase;
  let database: Database;
  let clock: ManualClock;
  let rig: Rig;
  let dialler: FakeDialler;
  let takes: (number: string) => FakeCustomer;
  let lead: Seat;
  let seat: Seat;
  beforeAll(async () => {
    openedDb = await openTestDatabase(kind);
    ({ database } = openedDb);
    await putAgents(database);
    await putLead(database);
  });
  beforeEach(async () => {
    await clean(database);
    await putTaskScript(database);
    const { mark } = await openSecrets(database.db);
    const customers = Array.from({ length: 30 }, (_, n) => makeCustomer(n + 1, ['service'], mark));
    await transaction(database.db, (tx) => importCustomers(tx, customers));
    clock = makeManualClock();
    takes = () => ({ kind: 'ringsOut' });
    dialler = makeFakeDialler(clock, (number) => takes(number));
    rig = await startRig(database, { clock, dialler });
    [seat, lead] = [await signIn(rig, '1001'), await signIn(rig, '1003')];
  });
  // A customer and an agent who are being put together are waited for: that takes time, which is by hand here.
  afterEach(() => clock.runUntil(rig.close()));
  afterAll(() => openedDb.close());

  const start = async (over: Partial<TaskPlan> = {}) => {
    const plan = makePlan({
      ...{ mode: 'progressive', predictive: { ringSeconds: 20, detectsMachines: false } },
      ...over,
    });
    const { taskId, revision } = (await ask(rig, 'taskSave', { taskId: null, revision: 0, plan }, lead.token)).value;
    await ask(rig, 'taskMove', { taskId, revision, move: 'start' }, lead.token);
    return { taskId, revision: revision + 1 };
  };
  /** The agent is Ready at a live seat, takes tasks, and their telephone answers by itself. */
  const waits = async (who: Seat, number: string, answersMs: number | null = 500) => {
    const state: AgentState = { kind: 'ready', sinceMs: clock.nowMs() };
    await run(
      database.db,
      statement`update presence set live = true, state = ${JSON.stringify(state)}::json where agent_id = ${who.agentId}`,
    );
    if (answersMs !== null) dialler.telephone(number, answersMs);
    const asked = { unused: [], used: [], wanted: true, takesDialled: true };
    return (await ask(rig, 'taskNext', asked, who.token)).value;
  };
  type Row = { outcome: string | null; agent: string | null; entry: string; why: string | null; grant: string };
  const calls = (): Promise<readonly Row[]> =>
    rows(
      database.db,
      statement<Row>`
        select call.outcome, call.agent_id as agent, entry.state as entry, entry.out_why as why, leave.state as "grant"
        from dialler_call as call join task_entry as entry on entry.task_id = call.task_id and entry.key = call.key
          join dial_grant as leave on leave.id = call.grant_id
        order by call.reserved_at_ms, call.id`,
    );
  const soon = <T>(read: () => Promise<T>) => ({
    is: (wanted: T) => clock.runUntil(expect.poll(read, { timeout: 20_000, interval: 20 }).toEqual(wanted)),
  });
  const first = async (): Promise<Row | undefined> => (await calls())[0];
  /** The agent stays free, and the next customer may be called already. */
  const calledTwice = (): readonly string[] => {
    const numbers = dialler.orders().map(({ number }) => number);
    return numbers.filter((number, at) => numbers.indexOf(number) !== at);
  };
  const answersAll = (): void => {
    takes = () => ({ kind: 'answers', afterMs: 3_000, talksMs: 20_000 });
  };

  it('calls one customer for one free agent, and brings them together; the seat is told whose call it is', async () => {
    answersAll();
    await start();
    expect(await waits(seat, '1001')).toMatchObject({ item: null, why: 'callComing' });
    await soon(first).is({ outcome: null, agent: 'A1001', entry: 'done', why: null, grant: 'reached' });
    expect(dialler.orders()).toHaveLength(1);
    expect(dialler.orders()[0]).toMatchObject({ silenceMs: 2_000, ringMs: 20_000 });
    await soon(first).is({ outcome: 'connected', agent: 'A1001', entry: 'done', why: null, grant: 'reached' });
  });

  it.each([
    [17, 'busy', 'waiting', null],
    [21, 'rejected', 'waiting', null],
    [1, 'invalid', 'out', 'invalid'],
    [34, 'congestion', 'waiting', null],
  ] as const)('cause %i is %s: the task goes by its rule', async (cause, outcome, entry, why) => {
    takes = () => ({ kind: 'ends', afterMs: 1_000, cause });
    await start();
    await waits(seat, '1001');
    await soon(first).is({ outcome, agent: null, entry, why, grant: 'unreached' });
    expect(calledTwice()).toEqual([]);
  });

  it('a customer whom no agent takes in time hears the message, and is not called again', async () => {
    answersAll();
    await start();
    // Says that they wait, but their telephone is not there.
    await waits(seat, '1001', null);
    await soon(first).is({ outcome: 'abandoned', agent: null, entry: 'out', why: 'abandoned', grant: 'reached' });
    const { value } = await ask(rig, 'tasks', {}, lead.token);
    await soon(async () => (await ask(rig, 'tasks', {}, lead.token)).value.tasks[0]?.pacing?.abandoned).is(1);
    expect(value.tasks[0]?.figures.reached).toBe(0);
  });

  it('calls nobody while no agent waits, and no more than agents wait', async () => {
    await start();
    await clock.runUntil(new Promise((done) => setTimeout(done, 300)));
    expect(dialler.orders()).toHaveLength(0);
    await waits(seat, '1001');
    await soon(async () => dialler.orders().length).is(1);
    await clock.runUntil(new Promise((done) => setTimeout(done, 100)));
    expect(dialler.orders()).toHaveLength(1);
  });

  it('an agent who waits gets the customers of other tasks when nobody is to be called, or no call came for a while', async () => {
    await start({ weight: 9 });
    await ask(rig, 'taskSave', { taskId: null, revision: 0, plan: makePlan({ title: 'by hand' }) }, lead.token).then(
      ({ value: { taskId, revision } }) => ask(rig, 'taskMove', { taskId, revision, move: 'start' }, lead.token),
    );
    for (const _ of [0, 10, 20]) {
      expect(await waits(seat, '1001')).toMatchObject({ item: null, why: 'callComing' });
      clock.advance(10_000);
    }
    expect(await waits(seat, '1001')).toMatchObject({ item: { title: 'by hand' }, why: null });
    // Whoever is shown a customer is called by no dialler.
    expect(await rows(database.db, statement`select 1 as one from dialler_agent`)).toEqual([]);
    await run(database.db, statement`update dialler_call set outcome = 'failed'`);
    await run(
      database.db,
      statement`
        update task_entry set state = 'done' from task
        where task.id = task_id and plan -> 'predictive' is not null and position > 0`,
    );
    await run(
      database.db,
      statement`
        update task_entry set state = 'waiting', next_at_ms = ${clock.nowMs() + 3_600_000} from task
        where task.id = task_id and plan -> 'predictive' is not null and position = 0`,
    );
    expect(await waits(seat, '1001')).toMatchObject({ item: { title: 'by hand' } });
  });

  it('stops within a second when the task is paused: what rings is hung up', async () => {
    const at = await start();
    await waits(seat, '1001');
    await soon(async () => (await dialler.calls()).length).is(1);
    await ask(rig, 'taskMove', { ...at, move: 'pause' }, lead.token);
    // Time goes on as slowly as the database answers: this is about the dialler's own rounds, however busy the machine is.
    let passedMs = 0;
    for (; (await dialler.calls()).length > 0 && passedMs < 5_000; passedMs += 50) {
      clock.advance(50);
      await new Promise((done) => setTimeout(done, 25));
    }
    expect(passedMs).toBeLessThanOrEqual(1_000);
    await soon(first).is({ outcome: 'stopped', agent: null, entry: 'waiting', why: null, grant: 'unreached' });
  });

  it('an exchange that is away is asked again, and what it had is found', async () => {
    answersAll();
    await start();
    await waits(seat, '1001');
    await soon(async () => dialler.orders().length).is(1);
    dialler.away(true);
    await clock.runUntil(new Promise((done) => setTimeout(done, 100)));
    dialler.away(false);
    await soon(async () => (await first())?.outcome !== null).is(true);
    expect(calledTwice()).toEqual([]);
  });

  it('two instances never dial the same task at once; one that dies is replaced within seconds, and nobody is called twice', async () => {
    await start();
    await waits(seat, '1001');
    await soon(async () => dialler.orders().length).is(1);
    const [dialledBy] = await rows(database.db, statement<{ instance: string }>`select instance from dialler_task`);
    // As a process that was killed: its claim is not renewed, its calls are still at the exchange.
    await rig.central.close();
    await run(
      database.db,
      statement`
        insert into dialler_task (task_id, instance, until_ms)
        select id, 'dead', ${clock.nowMs() + 4_000} from task on conflict (task_id) do update set instance = 'dead',
          until_ms = excluded.until_ms`,
    );
    const diedAtMs = clock.nowMs();
    rig = await startRig(database, { clock, dialler: dialler.another() });
    seat = await signIn(rig, '1001', seat.seatId);
    await waits(seat, '1001');
    await soon(async () => {
      const [row] = await rows(database.db, statement<{ instance: string }>`select instance from dialler_task`);
      return row !== undefined && row.instance !== 'dead' && row.instance !== dialledBy?.instance;
    }).is(true);
    expect(clock.nowMs() - diedAtMs).toBeLessThan(8_000);
    await soon(async () => (await first())?.outcome).is('noAnswer');
    expect(calledTwice()).toEqual([]);
  });

  it('a task stays with the instance that dials it while that lives', async () => {
    await start();
    await waits(seat, '1001');
    await soon(async () => dialler.orders().length).is(1);
    const dialledBy = () => rows(database.db, statement<{ instance: string }>`select instance from dialler_task`);
    const before = await dialledBy();
    const second = await startRig(database, { clock, dialler: dialler.another() });
    await clock.runUntil(new Promise((done) => setTimeout(done, 500)));
    expect(await dialledBy()).toEqual(before);
    await second.close();
  });

  it('an instance that closes waits for those it is putting together: that they met is written down, and nothing comes later', async () => {
    answersAll();
    await start();
    await waits(seat, '1001');
    const closed = Promise.withResolvers<void>();
    dialler.onEvent((event) => {
      if (event.kind === 'answered') closed.resolve(rig.close());
    });
    await clock.runUntil(closed.promise);
    expect(await first()).toEqual({ outcome: null, agent: 'A1001', entry: 'done', why: null, grant: 'reached' });
    rig = await startRig(database, { clock, dialler: dialler.another() });
    await soon(first).is({ outcome: 'connected', agent: 'A1001', entry: 'done', why: null, grant: 'reached' });
  });

  it('what becomes of the calls of an instance that died, before another has its task, is known: the message was heard', async () => {
    takes = () => ({ kind: 'answers', afterMs: 1_500, talksMs: 20_000 });
    await start();
    await waits(seat, '1001', null);
    await soon(async () => dialler.orders().length).is(1);
    await rig.central.close();
    await run(
      database.db,
      statement`
        insert into dialler_task (task_id, instance, until_ms)
        select id, 'dead', ${clock.nowMs() + 6_000} from task on conflict (task_id) do update set instance = 'dead',
          until_ms = excluded.until_ms`,
    );
    rig = await startRig(database, { clock, dialler: dialler.another() });
    await soon(first).is({ outcome: 'abandoned', agent: null, entry: 'out', why: 'abandoned', grant: 'reached' });
    expect(calledTwice()).toEqual([]);
  });
});
