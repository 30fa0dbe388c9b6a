import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../../central/db.ts';
import { liveGraceMs, presenceOf, seenLive } from '../../central/presence.ts';
import type { OpenedDatabase, Rig } from './fixture.ts';
import { ask, clean, databaseKind, openTestDatabase, passwords, putAgents, signIn, startRig } from './fixture.ts';
import { openLive } from './live-socket.ts';

// One agent, two seats: the second is told, and takes over or leaves.

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
  rig = await startRig(database);
});
afterEach(() => rig.close());
afterAll(() => opened.close());

const atAnother = (more: { takeOver?: boolean; seatId?: string } = {}) =>
  ask(rig, 'signIn', { protocol: 1, agentNumber: '1001', password: passwords['1001'], seatId: randomUUID(), ...more });
/** Signed in with the live socket open, as a seat at work. */
const atWork = async () => {
  const seat = await signIn(rig, '1001');
  if (rig.central.address() === '') await rig.central.listen({ port: 0 });
  const socket = await openLive(rig.central.address(), seat.token);
  await expect.poll(async () => (await presenceOf(database.db, seat.agentId))?.live).toBe(true);
  return { seat, socket };
};

describe('an agent who is at another seat', () => {
  it('is told so, and nothing is ended behind that seat’s back', async () => {
    const { seat, socket } = await atWork();
    expect(await atAnother()).toMatchObject({
      status: 409,
      error: { kind: 'conflict', reason: 'signedInElsewhere', params: { seenAtMs: rig.clock.nowMs() } },
    });
    expect((await seat.pull('')).changes).toBeDefined();
    socket.close();
  });

  it('takes over when asked to: the other seat hears it and its session opens nothing any more', async () => {
    const { seat, socket } = await atWork();
    expect((await atAnother({ takeOver: true })).status).toBe(200);
    expect(await socket.next()).toEqual({ t: 'poke' });
    expect(await socket.next()).toEqual({ t: 'bye', kind: 'conflict' });
    expect(await socket.closed).toBe(4_001);
    expect(await ask(rig, 'changes', { cursor: '', limit: '1' }, seat.token)).toMatchObject({ status: 401 });
  });

  it('never out of a call: that one is ended first', async () => {
    const { seat, socket } = await atWork();
    const contactId = randomUUID();
    const state = { kind: 'onCall', callId: randomUUID(), contactId, then: { kind: 'ready' }, sinceMs: 1 };
    await seat.push({ name: 'agent.stateChanged', state, atMs: rig.clock.nowMs() } as never);
    for (const takeOver of [false, true])
      expect(await atAnother({ takeOver })).toMatchObject({ status: 409, error: { reason: 'inCallElsewhere' } });
    // A seat that lost its power in that call does not keep the agent from working.
    socket.close();
    await expect.poll(async () => (await presenceOf(database.db, seat.agentId))?.live).toBe(false);
    expect((await atAnother()).status).toBe(200);
  });

  it('is not asked about a seat that is gone, silent, or this one', async () => {
    const { seat, socket } = await atWork();
    expect((await atAnother({ seatId: seat.seatId })).status).toBe(200);
    socket.close();
    const other = await atWork();
    // Its power went: nothing closes, nothing is heard.
    const sessionId = (await presenceOf(database.db, other.seat.agentId))?.sessionId ?? '';
    await seenLive(database.db, [sessionId], 'gone', rig.clock.nowMs() - liveGraceMs - 1);
    expect((await atAnother()).status).toBe(200);
    other.socket.close();
  });
});
