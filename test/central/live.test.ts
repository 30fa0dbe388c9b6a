import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../../central/db.ts';
import { PbxFault } from '../../central/pbx.ts';
import { presenceOf } from '../../central/presence.ts';
import type { AgentState } from '../../shared/agent.ts';
import type { OpenedDatabase, Rig } from './fixture.ts';
import {
  ask,
  clean,
  customerId,
  databaseKind,
  newContactId,
  opened as openedOp,
  openTestDatabase,
  putAgents,
  putCustomers,
  signIn,
  startCall,
  startRig,
} from './fixture.ts';
import { openLive } from './live-socket.ts';

let opened: OpenedDatabase;
let database: Database;
let rig: Rig;
beforeAll(async () => {
  opened = await openTestDatabase(databaseKind);
  ({ database } = opened);
  await putAgents(database);
});
beforeEach(async () => {
  await clean(database);
  await putCustomers(database, 2, (n) => (n === 1 ? ['service'] : ['vip']));
  rig = await startRig(database);
});
afterEach(() => rig.close());
afterAll(() => opened.close());

const state = (to: AgentState) => ({ name: 'agent.stateChanged', state: to, atMs: rig.clock.nowMs() }) as const;
const ready = () => state({ kind: 'ready', sinceMs: rig.clock.nowMs() });
/** Waits for what happens beside the requests. */
const until = async (holds: () => boolean | Promise<boolean>): Promise<void> => {
  for (let n = 0; n < 1_000; n += 1) {
    if (await holds()) return;
    await new Promise((later) => void setTimeout(later, 10));
  }
  throw new Error('it did not happen');
};

describe('who is offered calls', () => {
  it('only a Ready agent, in the queues that are theirs (R38)', async () => {
    const seat = await signIn(rig, '1001');
    await rig.central.settled();
    expect(await rig.pbx.queues()).toMatchObject([
      { queue: 'service', members: 1 },
      { queue: 'vip', members: 1 },
    ]);
    expect(rig.pbx.available('service')).toEqual([]);
    const ids = {
      callId: randomUUID() as never,
      contactId: newContactId(),
      then: { kind: 'ready' as const },
      sinceMs: 1,
    };
    const expected: readonly [AgentState, readonly string[]][] = [
      [{ kind: 'ready', sinceMs: 1 }, ['1001']],
      [{ kind: 'reserved', ...ids }, []],
      [{ kind: 'onCall', ...ids }, []],
      [{ kind: 'wrapUp', ...ids, deadlineMs: 2 }, []],
      [{ kind: 'ready', sinceMs: 2 }, ['1001']],
      [{ kind: 'notReady', reason: 'break', sinceMs: 3 }, []],
    ];
    for (const [to, available] of expected) {
      await seat.push(state(to));
      await rig.central.settled();
      expect(rig.pbx.available('service'), to.kind).toEqual(available);
    }
    await seat.push(state({ kind: 'offline', sinceMs: 4 }));
    await rig.central.settled();
    expect(await rig.pbx.queues()).toMatchObject([{ members: 0 }, { members: 0 }]);
  });

  it('nobody who signed out', async () => {
    const seat = await signIn(rig, '1001');
    await seat.push(ready());
    await rig.central.settled();
    expect(rig.pbx.available('vip')).toEqual(['1001']);
    await ask(rig, 'signOut', {}, seat.token);
    await rig.central.settled();
    expect(rig.pbx.available('vip')).toEqual([]);
  });

  it('nobody whose seat has been away for 30 seconds, and again once it is back', async () => {
    const seat = await signIn(rig, '1001');
    await rig.central.listen({ port: 0 });
    const socket = await openLive(rig.central.address(), seat.token);
    await socket.next();
    await seat.push(ready());
    await rig.central.settled();
    for (let n = 0; n < 8; n += 1) {
      rig.clock.advance(5_000);
      await new Promise((later) => void setTimeout(later, 30));
    }
    expect(rig.pbx.available('service')).toEqual(['1001']);
    socket.close();
    await until(async () => (await presenceOf(database.db, 'A1001'))?.live === false);
    rig.clock.advance(25_000);
    await rig.central.settled();
    expect(rig.pbx.available('service')).toEqual(['1001']);
    rig.clock.advance(10_000);
    await until(() => rig.pbx.available('service').length === 0);
    const back = await openLive(rig.central.address(), seat.token);
    await until(() => rig.pbx.available('service').length === 1);
    back.close();
  });

  it('a late word from a seat the agent has left changes nothing', async () => {
    const old = await signIn(rig, '1001');
    await signIn(rig, '1001');
    const other = await signIn(rig, '1002', old.seatId);
    const op = { id: randomUUID(), seatId: old.seatId, seq: 1, agentId: 'A1001', body: ready() };
    const pushed = await ask(rig, 'push', { seatId: old.seatId, ops: [op] }, other.token);
    expect(pushed.value.results).toMatchObject([{ outcome: 'applied' }]);
    await rig.central.settled();
    expect(rig.pbx.available('service')).toEqual([]);
  });

  it('an exchange that does not answer fails no op, and is told later', async () => {
    await rig.close();
    let isDown = true;
    const working = rig.pbx;
    const ifUp = (work: () => Promise<void>): Promise<void> =>
      isDown ? Promise.reject(new PbxFault('unreachable', 'no answer')) : work();
    rig = await startRig(database, {
      pbx: {
        ...working,
        addMember: (member) => ifUp(() => working.addMember(member)),
        setPaused: (user, paused, reason) => ifUp(() => working.setPaused(user, paused, reason)),
        removeMember: (user) => ifUp(() => working.removeMember(user)),
      },
    });
    const seat = await signIn(rig, '1001');
    expect(await seat.push(ready())).toMatchObject([{ outcome: 'applied' }]);
    await rig.central.settled();
    expect(rig.logged.some((line) => line.level === 'warn' && line.fields['kind'] === 'unreachable')).toBe(true);
    expect(working.available('service')).toEqual([]);
    isDown = false;
    rig.clock.advance(5_000);
    await until(() => working.available('service').length === 1);
  });
});

describe('pokes', () => {
  it('tell a seat to pull after a change that concerns it, and only then', async () => {
    await rig.close();
    rig = await startRig(database, { workingSet: 'queues' });
    const one = await signIn(rig, '1001');
    const two = await signIn(rig, '1002');
    await rig.central.listen({ port: 0 });
    const vip = await openLive(rig.central.address(), one.token);
    const service = await openLive(rig.central.address(), two.token);
    await Promise.all([vip.next(), service.next()]);
    await startCall(rig, one, customerId(2));
    expect(await rig.clock.runUntil(vip.next())).toEqual({ t: 'poke' });
    expect(service.received()).toBe(0);
    await startCall(rig, one, customerId(1));
    expect(await rig.clock.runUntil(service.next())).toEqual({ t: 'poke' });
    vip.close();
    service.close();
  });

  it('come once for a burst of changes', async () => {
    const seat = await signIn(rig, '1001');
    await rig.central.listen({ port: 0 });
    const socket = await openLive(rig.central.address(), seat.token);
    await socket.next();
    await seat.push(...Array.from({ length: 20 }, () => openedOp(newContactId(), customerId(1), 1)));
    await rig.clock.runUntil(socket.next());
    rig.clock.advance(1_000);
    await new Promise((later) => void setTimeout(later, 50));
    expect(socket.received()).toBeLessThanOrEqual(1);
    socket.close();
  });

  it('need a token; the socket goes when the session does', async () => {
    const seat = await signIn(rig, '1001');
    await rig.central.listen({ port: 0 });
    await expect(openLive(rig.central.address(), 'x.y.z')).rejects.toThrow('401');
    await expect(openLive(rig.central.address(), '', ['zuoxi.v1'])).rejects.toThrow('401');
    const socket = await openLive(rig.central.address(), seat.token);
    await socket.next();
    await ask(rig, 'signOut', {}, seat.token);
    expect(await socket.next()).toEqual({ t: 'bye', kind: 'unauthorised' });
    expect(await socket.closed).toBe(4_001);
  });
});
