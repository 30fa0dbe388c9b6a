import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { protocolVersion } from '../../../shared/central-api.ts';
import { mayDo, standingOf } from '../../../shared/degraded.ts';
import type { OpenedDatabase, Rig } from '../../central/fixture.ts';
import { clean, openTestDatabase, passwords, putAgents, startRig } from '../../central/fixture.ts';
import { startFakeCentral } from '../fake-central.ts';
import type { SeatUnderTest } from '../harness.ts';
import { customersFound, ended, endSeats, inbound, refusalOf, startSeat, talking, value } from '../harness.ts';
import { customer, feedOf } from '../sample.ts';

// Seat and central of different versions: the real engine with the real central, and with one that says more than is known here.

let opened: OpenedDatabase;
let rig: Rig;
beforeAll(async () => {
  opened = await openTestDatabase('pglite');
  await putAgents(opened.database);
}, 120_000);
beforeEach(() => clean(opened.database));
afterEach(async () => {
  await endSeats();
  await rig?.close();
});
afterAll(() => opened.close());

const signIn = (seat: SeatUnderTest) =>
  seat.desk.call('session.signIn', { agentNumber: '1001', password: passwords['1001'] });
/** Central is updated and comes back at the same address. */
const updated = async (url: string, lowestProtocol: number): Promise<void> => {
  await rig.close();
  rig = await startRig(opened.database, { lowestProtocol });
  await rig.central.listen({ port: Number(new URL(url).port) });
};
const eventually = (seat: SeatUnderTest, kind: string): Promise<void> =>
  vi.waitFor(
    async () => {
      const { sync } = await seat.snapshot();
      if (sync.kind === 'offline') seat.clock.advance(Math.max(0, sync.retryAtMs - seat.clock.nowMs()));
      if (sync.kind === 'idle') seat.clock.advance(121_000);
      expect(sync.kind).toBe(kind);
    },
    { timeout: 15_000 },
  );

describe('a seat older than central serves', () => {
  it('is turned away at the door, with the reason', async () => {
    rig = await startRig(opened.database, { lowestProtocol: protocolVersion + 1 });
    const seat = startSeat(await rig.central.listen({ port: 0 }));
    expect(refusalOf(await signIn(seat))).toEqual({ kind: 'tooOld', reason: 'updateNeeded' });
    expect((await seat.snapshot()).session.kind).toBe('signedOut');
  });

  it('learns of it in the middle of a session, keeps what it has, and delivers once it is served again', async () => {
    rig = await startRig(opened.database);
    const url = await rig.central.listen({ port: 0 });
    const seat = startSeat(url);
    value(await signIn(seat));
    await seat.synced();
    await updated(url, protocolVersion + 1);
    await eventually(seat, 'stopped');
    const call = inbound('13800138000');
    await seat.report(call);
    await seat.report(talking(call));
    await seat.report(ended(call));
    const { sync, phone } = await seat.snapshot();
    expect(sync).toMatchObject({ kind: 'stopped', why: 'tooOld' });
    expect(sync.waiting).toBeGreaterThan(0);
    const standing = standingOf({ sync, line: phone.line, smsFailedAtMs: null, isOnline: true, nowMs: 0 });
    expect([standing.central, mayDo('wrapUp', standing).kind]).toEqual(['tooOld', 'later']);

    // The update: the same profile under a program that central serves.
    await seat.engine.close();
    await updated(url, protocolVersion);
    const next = startSeat(url, { profileDir: seat.profileDir, storeKey: { key: seat.key, kept: 'keyFile' } });
    value(await next.desk.call('session.signIn', { agentNumber: '1001', password: passwords['1001'], takeOver: true }));
    await next.synced();
    expect((await next.snapshot()).refusedOps).toEqual([]);
  }, 60_000);
});

describe('a central newer than the seat', () => {
  it('fields nobody here knows are left out, in every answer of a whole contact', async () => {
    const central = await startFakeCentral(feedOf([customer('c-li')]));
    central.isNewer = true;
    const seat = startSeat(central.url);
    await seat.signIn();
    await seat.synced();
    const call = inbound('13800138000');
    await seat.report(call);
    await seat.report(talking(call));
    const { contactId } = call;
    const tried = await seat.desk.call('verification.try', { contactId, factor: 'fullName', value: '李示例' });
    expect(value(tried)).toMatchObject({ matched: true, level: 2 });
    expect(value(await seat.desk.call('verification.sendCode', { contactId }))).toEqual({ expiresAtMs: 1_000 });
    expect(value(await seat.desk.call('directory.states', {})).colleagues).toHaveLength(1);
    central.say({ t: 'somethingNew', with: { more: 1 } });
    await seat.report(ended(call));
    value(await seat.desk.call('contact.wrapUp', { contactId, note: '好', disposition: ['other'] }));
    await seat.synced();
    expect(central.contacts.get(contactId)).toMatchObject({ note: '好' });
    const customers = await customersFound(seat, 'c-li');
    expect(customers).toHaveLength(1);
    expect(JSON.stringify(customers)).not.toContain('addedLater');
    await central.close();
  });
});

describe('a central that is being stopped for an update', () => {
  it('sends its seats elsewhere: they stay signed in, connect again, and lose nothing', async () => {
    const central = await startFakeCentral(feedOf([customer('c-li')]));
    const seat = startSeat(central.url);
    await seat.signIn();
    await seat.synced();
    await vi.waitFor(() => expect(central.liveCount).toBe(1));
    central.say({ t: 'bye', kind: 'offline' });
    await vi.waitFor(() => expect(central.liveCount).toBe(0), { timeout: 10_000 });
    value(await seat.desk.call('agent.ready', {}));
    await vi.waitFor(
      () => {
        seat.clock.advance(1_000);
        expect(central.liveCount).toBe(1);
      },
      { timeout: 10_000 },
    );
    await seat.synced();
    expect((await seat.snapshot()).session.kind).toBe('signedIn');
    expect(central.applied.at(-1)?.body).toMatchObject({ name: 'agent.stateChanged', state: { kind: 'ready' } });
    await central.close();
  });
});
