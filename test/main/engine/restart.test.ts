import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { FakeCentral } from '../fake-central.ts';
import { startFakeCentral } from '../fake-central.ts';
import type { SeatUnderTest } from '../harness.ts';
import {
  customersFound,
  ended,
  endSeats,
  inbound,
  phoneWith,
  readySeat,
  refusalOf,
  startSeat,
  talking,
  value,
} from '../harness.ts';
import { customer, feedOf } from '../sample.ts';

let central: FakeCentral;
let seat: SeatUnderTest;
const li = customer('c-li');
const call = () => inbound('13800138000');

beforeEach(async () => {
  central = await startFakeCentral(feedOf([li]));
  seat = await readySeat(central.url);
});
afterEach(async () => {
  await endSeats();
  await central.close();
});

/** The same profile under a new engine, as after a crash: memory is gone, the store is not. */
const again = async (): Promise<SeatUnderTest> => {
  await seat.engine.close();
  return startSeat(central.url, {
    profileDir: seat.profileDir,
    storeKey: { key: seat.key, kept: 'keyFile' },
    clock: seat.clock,
  });
};

const inCall = async () => {
  const mine = call();
  const { contactId } = mine;
  await seat.report(mine);
  await seat.report(talking(mine));
  value(await seat.desk.call('contact.chooseTopic', { contactId, topicId: 'bill' }));
  value(await seat.desk.call('script.answer', { contactId, stepId: 'open', answerId: 'yes' }));
  value(await seat.desk.call('draft.save', { contactId, note: '草稿', disposition: ['solved'] }));
  return mine;
};

describe('the engine restarts', () => {
  it('in mid-call: contact, script position and draft are there again, and the call goes on', async () => {
    const mine = await inCall();
    value(
      await seat.desk.call('verification.try', { contactId: mine.contactId, factor: 'servicePassword', value: 'x' }),
    );
    value(await seat.desk.call('verification.try', { contactId: mine.contactId, factor: 'package', value: 'p1' }));
    const after = await again();
    const view = await after.contact();
    expect(view).toMatchObject({
      contact: { id: mine.contactId, customerId: li.id },
      match: { kind: 'one', customer: { id: li.id } },
      script: { run: { stepId: 'bill' } },
      draft: { note: '草稿', disposition: ['solved'] },
      // A level is proven anew, a failed try counts on, for the password said and keyed in alike (R12).
      verification: {
        level: 1,
        factors: [
          { factor: 'servicePassword', failures: 1 },
          { factor: 'keypadPassword', failures: 1 },
        ],
      },
      revealed: {},
    });
    expect((await after.snapshot()).session).toMatchObject({ kind: 'signedIn', agent: { number: '8001' } });
    await after.report(talking(mine));
    expect((await after.snapshot()).agent.kind).toBe('onCall');
    await after.report(ended(mine));
    value(await after.desk.call('contact.wrapUp', { contactId: mine.contactId, note: '', disposition: ['other'] }));
    await after.synced();
    expect(central.contacts.get(mine.contactId)?.disposition).toEqual(['other']);
    expect(central.applied.map((op) => op.seq)).toEqual(central.applied.map((_, index) => index + 1));
  });

  it('in a call of a stranger: whom the agent chose among several is chosen still', async () => {
    const numbers = [{ key: '+8613900139000', confidence: 'certain' }];
    central.strangers.push(customer('c-far-1', { numbers }), customer('c-far-2', { numbers }));
    const mine = inbound('13900139000');
    await seat.report(mine);
    await seat.report(talking(mine));
    await vi.waitFor(async () => expect((await seat.contact()).match.kind).toBe('several'));
    value(await seat.desk.call('contact.identify', { contactId: mine.contactId, customerId: 'c-far-2' }));
    const after = await again();
    await vi.waitFor(async () => {
      expect((await after.contact()).match).toMatchObject({ kind: 'one', customer: { id: 'c-far-2' } });
    });
  });

  it('and the call is gone: it ended as a network fault, wrap-up begins, and then the agent signs in again', async () => {
    const mine = await inCall();
    const after = await again();
    expect((await after.snapshot()).agent.kind).toBe('onCall');
    value(await after.phone.call('phone.report', { ...phoneWith(), line: { kind: 'off' } }));
    expect((await after.contact()).contact.endCause).toBe('network');
    expect((await after.snapshot()).agent.kind).toBe('wrapUp');
    value(await after.desk.call('contact.wrapUp', { contactId: mine.contactId, note: '', disposition: ['other'] }));
    // SIP credentials were in memory only: there is no line to be Ready on.
    expect((await after.snapshot()).session.kind).toBe('signedOut');
    await after.signIn();
    await after.synced();
    expect(central.contacts.get(mine.contactId)?.endCause).toBe('network');
  });

  it('during wrap-up: the timer counts on, over the restart', async () => {
    const mine = await inCall();
    await seat.report(ended(mine));
    seat.clock.advance(60_000);
    const after = await again();
    expect((await after.snapshot()).agent.kind).toBe('wrapUp');
    after.clock.advance(60_001);
    expect((await after.snapshot()).contact).toBeNull();
    await after.signIn();
    await after.synced();
    expect(central.contacts.get(mine.contactId)).toMatchObject({ forced: true, note: '草稿' });
  });

  it('with nobody on a call: nobody is signed in, and what was not sent goes with the next agent, under its author', async () => {
    central.fault = 'down';
    const mine = await inCall();
    await seat.report(ended(mine));
    value(await seat.desk.call('contact.wrapUp', { contactId: mine.contactId, note: '', disposition: ['other'] }));
    const after = await again();
    const { session, sync, agent } = await after.snapshot();
    expect(session.kind).toBe('signedOut');
    expect(agent.kind).toBe('offline');
    expect(sync.waiting).toBeGreaterThan(5);
    central.fault = 'none';
    await after.signIn('8002');
    await after.synced();
    expect(central.contacts.get(mine.contactId)).toMatchObject({ agentId: 'agent-8001', disposition: ['other'] });
  });

  it('another agent begins with a working set of its own', async () => {
    value(await seat.desk.call('agent.notReady', { reason: 'break' }));
    await seat.signIn('8002');
    await seat.synced();
    expect((await seat.snapshot()).session).toMatchObject({ agent: { number: '8002' } });
    expect(await customersFound(seat, '13800138000')).toHaveLength(1);
    expect(refusalOf(await seat.desk.call('agent.notReady', { reason: 'fishing' }))).toMatchObject({ kind: 'invalid' });
  });
});

describe('one desk and one phone', () => {
  it('a reloaded page is the same seat at once, also when it is back before its old line is closed', async () => {
    const mine = await inCall();
    const reloaded = seat.window('desk', { windowId: 'first' });
    const asked = reloaded.call('seat.snapshot', {});
    await new Promise((later) => setTimeout(later, 5));
    seat.desk.close();
    const { contact } = value(await asked);
    expect(contact).toMatchObject({ contact: { id: mine.contactId }, script: { run: { stepId: 'bill' } } });
    reloaded.close();
    await new Promise((later) => setTimeout(later, 5));
    value(await seat.window('desk', { windowId: 'first' }).call('seat.snapshot', {}));
  });

  it('a duplicated tab has the same name, and is another one all the same', async () => {
    const twin = seat.window('desk', { windowId: 'first' });
    const asked = twin.call('seat.snapshot', {});
    await new Promise((later) => setTimeout(later, 5));
    seat.clock.advance(1_000);
    expect(refusalOf(await asked)).toMatchObject({ reason: 'seatOpenElsewhere' });
    expect((await seat.snapshot()).session.kind).toBe('signedIn');
  });

  it('brokered ports have no name: the newest is the page', async () => {
    await seat.engine.close();
    const bare = startSeat(central.url);
    bare.desk.close();
    await new Promise((later) => setTimeout(later, 5));
    const one = bare.window('desk');
    value(await one.call('seat.snapshot', {}));
    const two = bare.window('desk');
    expect(value(await two.call('seat.snapshot', {})).session.kind).toBe('signedOut');
    expect(refusalOf(await one.call('seat.snapshot', {}))).toMatchObject({ reason: 'connectionLost' });
  });

  it('a second tab is told so, waits its turn, and takes over only when asked and without a call', async () => {
    const displaced = vi.fn();
    seat.desk.on('displaced', displaced);
    const second = seat.window('desk', { windowId: 'second' });
    const first = second.call('seat.snapshot', {});
    await new Promise((later) => setTimeout(later, 5));
    seat.clock.advance(1_000);
    expect(refusalOf(await first)).toEqual({ kind: 'conflict', reason: 'seatOpenElsewhere' });
    expect((await seat.snapshot()).session.kind).toBe('signedIn');

    const mine = await inCall();
    const eager = seat.window('desk', { windowId: 'third', takeOver: true });
    expect(refusalOf(await eager.call('seat.snapshot', {}))).toMatchObject({ reason: 'callRunningElsewhere' });
    await seat.report(ended(mine));
    value(await seat.desk.call('contact.wrapUp', { contactId: mine.contactId, note: '', disposition: ['other'] }));
    const third = seat.window('desk', { windowId: 'third', takeOver: true });
    expect(value(await third.call('seat.snapshot', {})).session.kind).toBe('signedIn');
    await vi.waitFor(() => expect(displaced).toHaveBeenCalledOnce());
    expect(refusalOf(await seat.desk.call('seat.snapshot', {}))).toMatchObject({ reason: 'seatOpenElsewhere' });
    seat.clock.advance(250);
    expect(refusalOf(await seat.desk.call('seat.snapshot', {}))).toMatchObject({ reason: 'connectionLost' });
  });

  it('the second tab has the seat when the first is closed meanwhile', async () => {
    const second = seat.window('desk', { windowId: 'second' });
    const asked = second.call('seat.snapshot', {});
    await new Promise((later) => setTimeout(later, 5));
    seat.desk.close();
    await new Promise((later) => setTimeout(later, 5));
    seat.clock.advance(1_000);
    expect(value(await asked).session.kind).toBe('signedIn');
  });
});
