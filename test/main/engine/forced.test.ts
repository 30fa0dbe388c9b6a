import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ForcedTo, ForceOrder } from '../../../shared/forced-state.ts';
import type { FakeCentral } from '../fake-central.ts';
import { startFakeCentral } from '../fake-central.ts';
import type { SeatUnderTest } from '../harness.ts';
import { ended, endSeats, inbound, phoneWith, readySeat, startSeat, talking, value } from '../harness.ts';
import { customer, feedOf } from '../sample.ts';

let central: FakeCentral;
let seat: SeatUnderTest;
beforeEach(async () => {
  central = await startFakeCentral(feedOf([customer('c-li')]));
  seat = await readySeat(central.url);
});
afterEach(async () => {
  await endSeats();
  await central.close();
});

const order = (to: ForcedTo): ForceOrder => ({
  ...{ id: randomUUID(), to, why: '培训提前', byName: '叶长歌', atMs: Date.now() },
});
const give = async (to: ForcedTo): Promise<ForceOrder> => {
  const one = order(to);
  central.forced = one;
  central.say({ t: 'forced' });
  await vi.waitFor(async () => expect((await seat.snapshot()).forced?.order.id).toBe(one.id), { timeout: 5_000 });
  return one;
};
const agent = async () => (await seat.snapshot()).agent;
const obeyed = () =>
  central.applied.flatMap(({ body }) =>
    body.name === 'agent.obeyed' ? [`${body.outcome}${body.why === null ? '' : ` ${body.why}`}`] : [],
  );

describe('R38 central forces a state', () => {
  it('at once without a contact: the agent sees who and why, and puts it away', async () => {
    const { id } = await give({ kind: 'notReady', reason: 'training' });
    await vi.waitFor(async () => expect(await agent()).toMatchObject({ kind: 'notReady', reason: 'training' }));
    expect((await seat.snapshot()).forced).toMatchObject({
      ...{ outcome: 'done', why: null },
      order: { id, byName: '叶长歌', why: '培训提前' },
    });
    await vi.waitFor(() => expect(obeyed()).toEqual(['waiting', 'done']));
    value(await seat.desk.call('forced.seen', {}));
    expect((await seat.snapshot()).forced).toBeNull();
    // Told once more, as after a lost line: it is done.
    const askedBefore = central.forcedAsked;
    central.say({ t: 'forced' });
    await vi.waitFor(() => expect(central.forcedAsked).toBeGreaterThan(askedBefore));
    await seat.snapshot();
    await seat.synced();
    expect(obeyed()).toEqual(['waiting', 'done']);
    expect((await seat.snapshot()).forced).toBeNull();
  });

  it('never in the middle of a call: what follows it is set, and it is done when the contact is', async () => {
    const call = inbound('13800138000');
    await seat.report(call);
    await give({ kind: 'notReady', reason: 'meeting' });
    // Somebody rings: nothing yet.
    expect((await agent()).kind).toBe('reserved');
    await seat.report(talking(call));
    expect(await agent()).toMatchObject({ kind: 'onCall', then: { kind: 'notReady', reason: 'meeting' } });
    expect((await seat.snapshot()).forced?.outcome).toBe('waiting');
    // The agent's own wish does not take the lead's away.
    value(await seat.desk.call('agent.ready', {}));
    await seat.report(ended(call));
    expect((await agent()).kind).toBe('wrapUp');
    value(await seat.desk.call('contact.wrapUp', { contactId: call.contactId, note: '', disposition: ['other'] }));
    expect(await agent()).toMatchObject({ kind: 'notReady', reason: 'meeting' });
    await vi.waitFor(() => expect(obeyed()).toEqual(['waiting', 'done']));
  });

  it('waits over a restart in the middle of a call', async () => {
    const call = inbound('13800138000');
    await seat.report(call);
    await seat.report(talking(call));
    await give({ kind: 'notReady', reason: 'meal' });
    await seat.engine.close();
    const { profileDir, key } = seat;
    const after = startSeat(central.url, { clock: seat.clock, profileDir, storeKey: { key, kept: 'keyFile' } });
    expect((await after.snapshot()).forced).toMatchObject({ outcome: 'waiting' });
    await after.report(ended(call));
    value(await after.desk.call('contact.wrapUp', { contactId: call.contactId, note: '', disposition: ['other'] }));
    expect((await after.snapshot()).agent.kind).not.toBe('ready');
  });

  it('back to Ready only where Ready is possible; why not goes to the lead', async () => {
    value(await seat.desk.call('agent.notReady', { reason: 'break' }));
    await give({ kind: 'ready' });
    expect((await agent()).kind).toBe('ready');
    value(await seat.desk.call('agent.notReady', { reason: 'break' }));
    value(await seat.phone.call('phone.report', { ...phoneWith(), line: { kind: 'refused', status: 403 } }));
    await give({ kind: 'ready' });
    expect(await agent()).toMatchObject({ kind: 'notReady', reason: 'break' });
    expect((await seat.snapshot()).forced).toMatchObject({ outcome: 'refused' });
    await vi.waitFor(() => expect(obeyed().at(-1)).toMatch(/^refused \w+/));
  });

  it('home, after the call; nobody is offered in between', async () => {
    const call = inbound('13800138000');
    await seat.report(call);
    await seat.report(talking(call));
    await give({ kind: 'signOut' });
    await seat.report(ended(call));
    expect(await agent()).toMatchObject({ kind: 'wrapUp', then: { kind: 'notReady' } });
    value(await seat.desk.call('contact.wrapUp', { contactId: call.contactId, note: '', disposition: ['other'] }));
    await vi.waitFor(async () => expect((await seat.snapshot()).session.kind).toBe('signedOut'), { timeout: 5_000 });
    expect(obeyed()).toEqual(['waiting', 'done']);
  });

  it('how many are away is asked before a reason is chosen', async () => {
    expect(value(await seat.desk.call('day.rooms', {})).rooms).toEqual([]);
  });
});
