import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { importCustomers } from '../../central/customers.ts';
import type { Database } from '../../central/db.ts';
import { rows, run, statement, transaction } from '../../central/db.ts';
import { type FakeDialler, makeFakeDialler } from '../../central/dialler/fake-dialler.ts';
import { type FakePbx, makeFakePbx } from '../../central/fake-pbx.ts';
import { openSecrets } from '../../central/secrets.ts';
import type { AgentState } from '../../shared/agent.ts';
import type { TaskPlan } from '../../shared/task.ts';
import { makePlan } from '../shared/make-plan.ts';
import type { OpenedDatabase, Rig, Seat } from './fixture.ts';
import { ask, clean, databaseKind, makeCustomer, openTestDatabase } from './fixture.ts';
import { putAgents, putLead, putTaskScript, signIn, startRig } from './fixture.ts';
import { makeManualClock, type ManualClock } from './manual-clock.ts';

const second = 1_000;

describe('R19 agents are kept for callers while their queue is loaded', () => {
  let openedDb: OpenedDatabase;
  let database: Database;
  let clock: ManualClock;
  let rig: Rig;
  let dialler: FakeDialler;
  let ringMs: number;
  let seat: Seat;
  let lead: Seat;
  beforeAll(async () => {
    openedDb = await openTestDatabase(databaseKind);
    ({ database } = openedDb);
    await putAgents(database);
    await putLead(database, { queues: [] });
  });
  beforeEach(async () => {
    await clean(database);
    await run(database.db, statement`delete from setting where key = 'blending'`);
    await putTaskScript(database);
    const { mark } = await openSecrets(database.db);
    const customers = Array.from({ length: 10 }, (_, n) => makeCustomer(n + 1, ['service'], mark));
    await transaction(database.db, (tx) => importCustomers(tx, customers));
    clock = makeManualClock();
    ringMs = 4_000;
    dialler = makeFakeDialler(clock, () => ({ kind: 'answers', afterMs: ringMs, talksMs: 20_000 }));
    rig = await startRig(database, { clock, dialler });
    [seat, lead] = [await signIn(rig, '1001'), await signIn(rig, '1003')];
  });
  afterEach(() => rig.close());
  afterAll(() => openedDb.close());

  const start = async (over: Partial<TaskPlan> = {}): Promise<void> => {
    const plan = makePlan(over);
    const { taskId, revision } = (await ask(rig, 'taskSave', { taskId: null, revision: 0, plan }, lead.token)).value;
    await ask(rig, 'taskMove', { taskId, revision, move: 'start' }, lead.token);
  };
  /** As the agent's seat says, and it is heard of all the time. */
  const agentIs = (who: Seat, kind: 'ready' | 'notReady'): Promise<void> => {
    const at = { sinceMs: clock.nowMs() };
    const state: AgentState = kind === 'ready' ? { kind, ...at } : { kind, reason: 'break', ...at };
    return run(
      database.db,
      statement`
        update presence set live = true, live_seen_at_ms = ${clock.nowMs() + 3_600 * second}, state = ${JSON.stringify(state)}::json
        where agent_id = ${who.agentId}`,
    );
  };
  const pass = async (seconds: number): Promise<void> => {
    for (let gone = 0; gone < seconds; gone += 2) {
      clock.advance(2 * second);
      await rig.central.settled();
    }
  };
  const next = async (who: Seat = seat, over: object = {}) =>
    (await ask(rig, 'taskNext', { unused: [], used: [], wanted: true, ...over }, who.token)).value;
  const back = (grantId: string) => ({ unused: [{ grantId, why: 'putBack' }] });

  it('no customer is given while callers wait for whom nobody is free; why and since when are told; then tasks go on', async () => {
    await start();
    const { item } = await next();
    expect(item).not.toBeNull();
    const hangUps = [rig.pbx.callerEnters('service'), rig.pbx.callerEnters('service')];
    await pass(4);
    expect((await next(seat, { ...back(item?.grantId ?? '') })).item).not.toBeNull();
    await pass(6);
    const kept = await next();
    expect(kept).toMatchObject({ item: null, why: 'inboundFirst', againInMs: 10_000, shift: { queue: 'service' } });
    expect(kept.shift?.why).toBe('waiting');
    await pass(10);
    expect((await next()).shift?.forMs).toBe((kept.shift?.forMs ?? 0) + 10 * second);
    // An agent of none of its queues goes on.
    expect((await next(lead)).item).not.toBeNull();
    for (const hangUp of hangUps) hangUp();
    await pass(60);
    // Nobody waits, and nobody is free for the next caller either.
    expect((await next()).why).toBe('inboundFirst');
    await agentIs(seat, 'ready');
    await pass(28);
    expect((await next()).why).toBe('inboundFirst');
    await pass(4);
    expect((await next()).item).not.toBeNull();
    const told = rig.logged.filter(({ message }) => /kept for callers|take tasks again/.test(message));
    expect(told.map(({ fields }) => fields['queue'])).toEqual(['service', 'service']);
  });

  it('a caller who comes and goes changes nothing', async () => {
    await start();
    for (let n = 0; n < 5; n += 1) {
      const hangUp = rig.pbx.callerEnters('service');
      await pass(4);
      hangUp();
      await pass(4);
    }
    expect((await next()).item).not.toBeNull();
  });

  it('the exchange does not answer: nothing is decided on what it said before', async () => {
    await rig.close();
    const pbx: FakePbx = makeFakePbx(['service', 'vip'], clock);
    rig = { ...(await startRig(database, { clock, pbx })), pbx };
    await start();
    pbx.callerEnters('service');
    await pass(10);
    expect((await next()).why).toBe('inboundFirst');
    await pbx.close();
    await pass(20);
    expect((await next()).item).not.toBeNull();
    expect(rig.logged.filter(({ message }) => message.startsWith('queues not looked at'))).toHaveLength(1);
  });

  it('R25: central calls nobody for an agent who is kept for callers', async () => {
    await agentIs(seat, 'ready');
    rig.pbx.callerEnters('service');
    rig.pbx.callerEnters('service');
    // Long enough before that the queue is loaded when the agent says that they wait.
    await start({ mode: 'progressive', predictive: { ringSeconds: 20, detectsMachines: false } });
    await pass(10);
    expect(await next(seat, { takesDialled: true })).toMatchObject({ why: 'inboundFirst', item: null });
    await pass(10);
    expect(dialler.orders()).toEqual([]);
  });

  it('R25: one who waits already is reckoned with no more, as soon as the queue is loaded', async () => {
    await agentIs(seat, 'notReady');
    await start({ mode: 'progressive', predictive: { ringSeconds: 20, detectsMachines: false } });
    const says = () => next(seat, { takesDialled: true });
    expect((await says()).why).toBe('callComing');
    rig.pbx.callerEnters('service');
    await pass(10);
    const shifted = await rows(
      database.db,
      statement<{ kept: boolean }>`select is_shifted as kept from dialler_agent where agent_id = ${seat.agentId}`,
    );
    expect(shifted).toEqual([{ kept: true }]);
    await agentIs(seat, 'ready');
    await pass(6);
    expect(dialler.orders()).toEqual([]);
  });

  it('R25: whom central had called before the queue was loaded still comes to them, rather than to nobody; no further one is called', async () => {
    ringMs = 18_000;
    dialler.telephone('1001', 300);
    await agentIs(seat, 'ready');
    await start({ mode: 'progressive', predictive: { ringSeconds: 30, detectsMachines: false } });
    const says = () => next(seat, { takesDialled: true });
    expect((await says()).why).toBe('callComing');
    await clock.runUntil(expect.poll(() => dialler.orders().length, { timeout: 20_000, interval: 20 }).toBe(1));
    const hangUps = [rig.pbx.callerEnters('service'), rig.pbx.callerEnters('service')];
    await pass(10);
    expect((await says()).why).toBe('inboundFirst');
    const met = () =>
      rows(
        database.db,
        statement<{ agent: string }>`select agent_id as agent from dialler_call where met_at_ms is not null`,
      );
    await clock.runUntil(expect.poll(met, { timeout: 20_000, interval: 20 }).toEqual([{ agent: seat.agentId }]));
    expect(dialler.orders()).toHaveLength(1);
    for (const hangUp of hangUps) hangUp();
  });

  it('a lead sees how each queue stands, whom it keeps, why, and since when; and when that is over', async () => {
    await putLead(database, { queues: ['service'] });
    const board = async () => (await ask(rig, 'teamStates', {}, lead.token)).value;
    expect((await board()).switches).toEqual([]);
    await start();
    await pass(4);
    expect((await board()).switches).toEqual([{ kind: 'open', queue: 'service' }]);
    const hangUp = rig.pbx.callerEnters('service');
    await pass(10);
    await next(seat, {});
    const [loaded] = (await board()).switches ?? [];
    expect(loaded).toMatchObject({ kind: 'loaded', queue: 'service', why: 'waiting' });
    const sinceMs = clock.nowMs();
    const shift = { queue: 'service', why: 'waiting', sinceMs };
    expect((await board()).agents).toMatchObject([{ agentId: seat.agentId, shift }]);
    await pass(10);
    await next(seat, {});
    expect((await board()).agents[0]?.shift).toEqual(shift);
    hangUp();
    await agentIs(seat, 'ready');
    await pass(6);
    expect((await board()).switches?.[0]?.kind).toBe('easing');
    await pass(28);
    await next(seat, {});
    const after = await board();
    expect([after.switches, after.agents[0]?.shift]).toEqual([[{ kind: 'open', queue: 'service' }], undefined]);
    await putLead(database, { queues: [] });
  });
});
