import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { auditEntries } from '../../central/audit.ts';
import type { Database } from '../../central/db.ts';
import type { AgentState } from '../../shared/agent.ts';
import type { ForcedTo } from '../../shared/forced-state.ts';
import type { OpenedDatabase, Rig, Seat } from './fixture.ts';
import { ask, clean, databaseKinds, openTestDatabase, putAgents, putLead, signIn, startRig } from './fixture.ts';

describe.each(databaseKinds)('R38 forced states on %s', (kind) => {
  let openedDb: OpenedDatabase;
  let database: Database;
  let rig: Rig;
  let seat: Seat;
  let lead: Seat;
  beforeAll(async () => {
    openedDb = await openTestDatabase(kind);
    ({ database } = openedDb);
    await putAgents(database);
    await putLead(database);
  });
  beforeEach(async () => {
    await clean(database);
    rig = await startRig(database);
    seat = await signIn(rig, '1002');
    lead = await signIn(rig, '1003');
  });
  afterEach(() => rig.close());
  afterAll(() => openedDb.close());

  const force = (who: Seat, to: ForcedTo, over: object = {}) =>
    ask(rig, 'agentForce', { id: randomUUID(), agentId: seat.agentId, to, why: '培训提前', ...over }, who.token);
  const order = async (who: Seat) => (await ask(rig, 'forcedOrder', {}, who.token)).value.order;
  const states = async () => (await ask(rig, 'teamStates', {}, lead.token)).value.agents;
  const meal: ForcedTo = { kind: 'notReady', reason: 'meal' };
  const entered = (state: AgentState) => ({ name: 'agent.stateChanged', state, atMs: state.sinceMs }) as const;
  const log = async (): Promise<readonly string[]> => {
    const found: string[] = [];
    for await (const entry of auditEntries(database.db))
      if (entry.kind === 'forcedState')
        found.push(`${entry.agentId} ${entry.result.replaceAll(/[0-9a-f-]{36}/gu, 'ID')}`);
    return found;
  };

  it('is kept until the seat says what became of it; asked, waiting and done are in the audit', async () => {
    expect((await force(lead, meal)).status).toBe(200);
    const given = await order(seat);
    expect(given).toMatchObject({ to: meal, why: '培训提前', byName: '叶长歌' });
    const say = (outcome: 'waiting' | 'done') =>
      seat.push({ name: 'agent.obeyed', orderId: given?.id ?? '', outcome, why: null, atMs: 1 });
    await say('waiting');
    expect((await order(seat))?.id).toBe(given?.id);
    expect(await states()).toMatchObject([{ agentId: seat.agentId, forced: { outcome: 'waiting', byName: '叶长歌' } }]);
    await say('done');
    await seat.push(entered({ kind: 'notReady', reason: 'meal', sinceMs: 5 }));
    expect(await order(seat)).toBeNull();
    expect(await states()).toMatchObject([
      { state: 'notReady', reason: 'meal', forced: { outcome: 'done', to: meal } },
    ]);
    expect((await log()).slice(-3)).toEqual([
      `${lead.agentId} asked:notReady.meal:${seat.agentId}: 培训提前`,
      `${seat.agentId} waiting:ID`,
      `${seat.agentId} done:ID`,
    ]);
  });

  it('only by a lead, of the own team, for a reason there is, with a why; the newest counts; asked twice is once', async () => {
    const why = async (answer: ReturnType<typeof force>) => (await answer).error?.reason ?? (await answer).error?.kind;
    expect(await why(force(seat, meal))).toBe('role');
    expect(await why(force(lead, { kind: 'notReady', reason: 'surfing' }))).toBe('notReadyReason');
    expect(await why(force(lead, meal, { why: ' ' }))).toBe('requestMalformed');
    expect(await why(force(lead, meal, { agentId: 'A1001' }))).toBe('agentSignedOut');
    expect(await why(force(lead, meal, { agentId: lead.agentId }))).toBe('ownState');
    expect(await why(force(lead, meal, { agentId: 'nobody' }))).toBe('agent');
    expect(await order(seat)).toBeNull();
    const id = randomUUID();
    const before = (await log()).length;
    await force(lead, meal, { id });
    await force(lead, meal, { id });
    expect(await log()).toHaveLength(before + 1);
    rig.clock.advance(10);
    await force(lead, { kind: 'ready' });
    expect((await order(seat))?.to).toEqual({ kind: 'ready' });
    const stranger = { name: 'agent.obeyed', orderId: randomUUID(), outcome: 'done', why: null, atMs: 1 } as const;
    expect(await seat.push(stranger)).toMatchObject([{ outcome: 'refused', reason: 'forceOrder' }]);
    // Nobody acts on what was wanted before the shift.
    rig.clock.advance(5 * 3_600_000);
    expect((await ask(rig, 'forcedOrder', {}, (await signIn(rig, '1002')).token)).value.order).toBeNull();
  });
});
