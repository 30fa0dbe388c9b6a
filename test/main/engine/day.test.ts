import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { defaultPolicy } from '../../../shared/policy.ts';
import type { FakeCentral } from '../fake-central.ts';
import { startFakeCentral } from '../fake-central.ts';
import type { SeatUnderTest } from '../harness.ts';
import { ended, endSeats, inbound, readySeat, refusalOf, startSeat, talking, value } from '../harness.ts';
import { customer, feedOf } from '../sample.ts';

let central: FakeCentral;
beforeEach(async () => {
  central = await startFakeCentral(feedOf([customer('c-li')]));
});
afterEach(async () => {
  await endSeats();
  await central.close();
});

const minute = 60_000;
const ready = async (): Promise<SeatUnderTest> => {
  const seat = await readySeat(central.url);
  return seat;
};
const timesOf = async (seat: SeatUnderTest) =>
  Object.fromEntries(
    (await seat.snapshot()).day.states.map(({ kind, reason, ms, times }) => [reason ?? kind, [ms, times]]),
  );

describe('R38 the shift at the seat', () => {
  it('is kept to the second off line as well, contacts counted with it, and told to central later', async () => {
    const seat = await ready();
    central.fault = 'down';
    seat.clock.advance(90_000);
    const call = inbound('13800138000');
    await seat.report(call);
    seat.clock.advance(5_000);
    await seat.report(talking(call));
    seat.clock.advance(61_000);
    await seat.report(ended(call, 'customerHungUp'));
    seat.clock.advance(7_000);
    const { contact, tree } = await seat.contact();
    const path: string[] = [];
    for (let level = tree.roots as readonly { id: string; children: readonly unknown[] }[]; level.length > 0;) {
      const [first] = level;
      if (first === undefined) break;
      path.push(first.id);
      level = first.children as typeof level;
    }
    value(await seat.desk.call('contact.wrapUp', { contactId: contact.id, note: '', disposition: path }));
    value(await seat.desk.call('agent.notReady', { reason: 'break' }));
    seat.clock.advance(3 * minute);
    value(await seat.desk.call('agent.ready', {}));
    expect(await timesOf(seat)).toEqual({
      ...{ signedIn: [0, 1], ready: [90_000, 2], reserved: [5_000, 1], onCall: [61_000, 1] },
      ...{ wrapUp: [7_000, 1], break: [3 * minute, 1] },
    });
    const { day } = await seat.snapshot();
    expect(day).toMatchObject({ contacts: 1, talkMs: 61_000, unfinished: 0, last: { talkMs: 61_000 } });
    expect(day.outcomes).toHaveLength(1);
    expect(refusalOf(await seat.desk.call('day.atCentral', {})).kind).toBe('offline');
    central.fault = 'none';
    await seat.synced();
    const told = central.applied.flatMap(({ body }) => (body.name === 'agent.stateChanged' ? [body.state.kind] : []));
    expect(told.slice(-6)).toEqual(['reserved', 'onCall', 'wrapUp', 'ready', 'notReady', 'ready']);
    value(await seat.desk.call('day.atCentral', {}));
  });

  it('goes on after a restart, and the time the program did not run is nobody’s', async () => {
    const seat = await ready();
    seat.clock.advance(10 * minute);
    await seat.synced();
    await seat.engine.close();
    seat.clock.advance(2 * 60 * minute);
    const { clock, profileDir, key } = seat;
    const again = startSeat(central.url, { clock, profileDir, storeKey: { key, kept: 'keyFile' } });
    await again.signIn();
    const { beganAtMs } = (await again.snapshot()).day;
    expect(beganAtMs).not.toBeNull();
    const { ready: [readyMs = 0] = [] } = await timesOf(again);
    // The program notes once a minute that it runs.
    expect(readyMs).toBeGreaterThan(8 * minute);
    expect(readyMs).toBeLessThanOrEqual(10 * minute);
  });

  it('a reason that too many of the team have is refused in words; without central nobody can count, and the agent may', async () => {
    central.policy = { ...defaultPolicy, reasonCaps: { break: { atOnce: 2 } } };
    const seat = await ready();
    central.room = { limit: 2, taken: 2 };
    expect(refusalOf(await seat.desk.call('agent.notReady', { reason: 'break' }))).toMatchObject({
      ...{ kind: 'policy', reason: 'reasonFull', params: { limit: 2, taken: 2 } },
    });
    value(await seat.desk.call('agent.notReady', { reason: 'meal' }));
    value(await seat.desk.call('agent.ready', {}));
    central.fault = 'down';
    value(await seat.desk.call('agent.notReady', { reason: 'break' }));
    expect((await seat.snapshot()).agent).toMatchObject({ kind: 'notReady', reason: 'break' });
  });

  it('knows the roster’s breaks, off line as well, and of a central of before none', async () => {
    const planned = { reason: 'break', fromMs: 4_000_000_000_000, toMs: 4_000_000_900_000 };
    central.breaks = [planned];
    const seat = await ready();
    await vi.waitFor(async () => expect((await seat.snapshot()).day.breaks).toEqual([planned]));
    await seat.engine.close();
    const { clock, profileDir, key } = seat;
    central.faultOn = ['roster', 'ownTime', 'reasonRoom'];
    central.fault = 'error500';
    const again = startSeat(central.url, { clock, profileDir, storeKey: { key, kept: 'keyFile' } });
    await again.signIn();
    await again.synced();
    expect((await again.snapshot()).day.breaks).toEqual([planned]);
  });
});
