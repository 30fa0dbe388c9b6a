import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SeatFault } from '../../../shared/result.ts';
import type { Fault, FakeCentral } from '../fake-central.ts';
import { startFakeCentral } from '../fake-central.ts';
import type { SeatUnderTest } from '../harness.ts';
import {
  customersFound,
  ended,
  endSeats,
  inbound,
  readySeat,
  refusalOf,
  startSeat,
  talking,
  uuid,
  value,
} from '../harness.ts';
import { customer, feedOf, past, script } from '../sample.ts';

let central: FakeCentral;
const li = customer('c-li');

beforeEach(async () => {
  central = await startFakeCentral(feedOf([li]));
});
afterEach(async () => {
  await endSeats();
  await central.close();
});

const signedIn = async (): Promise<SeatUnderTest> => {
  const seat = await readySeat(central.url);
  await seat.synced();
  return seat;
};

const wholeCall = async (seat: SeatUnderTest, number = '13800138000') => {
  const call = inbound(number);
  const { contactId } = call;
  await seat.report(call);
  await seat.report(talking(call));
  await seat.report(ended(call));
  const id = (await seat.contact()).contact.id;
  value(await seat.desk.call('contact.wrapUp', { contactId: id, note: 'n', disposition: ['other'] }));
  return contactId;
};

const syncKind = async (seat: SeatUnderTest) => (await seat.snapshot()).sync.kind;

describe('SYNC: central comes and goes', () => {
  it('SYNC-1 works on when central dies in mid-call, and delivers everything exactly once without being asked', async () => {
    const seat = await signedIn();
    const call = inbound('13800138000');
    const { contactId } = call;
    await seat.report(call);
    central.fault = 'down';
    await seat.report(talking(call));
    value(await seat.desk.call('contact.chooseTopic', { contactId, topicId: 'bill' }));
    value(await seat.desk.call('script.answer', { contactId, stepId: 'open', answerId: 'no' }));
    await vi.waitFor(async () => expect(await syncKind(seat)).toBe('offline'));
    const tried = await seat.desk.call('verification.try', { contactId, factor: 'package', value: 'p1' });
    expect(refusalOf(tried)).toEqual({ kind: 'offline', reason: 'verificationNeedsCentral' });
    await seat.report(ended(call));
    value(await seat.desk.call('contact.wrapUp', { contactId, note: '', disposition: ['other'] }));
    const { sync, agent } = await seat.snapshot();
    expect(agent.kind).toBe('ready');
    expect(sync).toMatchObject({ kind: 'offline', why: 'offline' });
    expect(sync.waiting).toBeGreaterThan(5);
    central.fault = 'none';
    seat.clock.advance(16_000);
    await seat.synced();
    expect(central.contacts.get(contactId)).toMatchObject({ disposition: ['other'], answers: [{ answerId: 'no' }] });
    const ids = central.applied.map((op) => op.id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(central.applied.map((op) => op.seq)).toEqual(ids.map((_, index) => index + 1));
  });

  it('SYNC-2 a lost reply is repeated and changes nothing twice', async () => {
    const seat = await signedIn();
    central.fault = 'loseReply';
    central.faultOn = ['push'];
    const contactId = await wholeCall(seat);
    await vi.waitFor(async () => expect(await syncKind(seat)).toBe('offline'));
    expect((await seat.snapshot()).sync.waiting).toBeGreaterThan(0);
    central.fault = 'none';
    seat.clock.advance(16_000);
    await seat.synced();
    const mine = central.applied.filter((op) => 'contactId' in op.body && op.body.contactId === contactId);
    expect(mine.map((op) => op.body.name)).toEqual([
      'contact.opened',
      'contact.answered',
      'contact.ended',
      'contact.wrappedUp',
    ]);
  });

  it.each<[Fault, string]>([
    ['html', 'garbled'],
    ['truncated', 'garbled'],
    ['garbage', 'garbled'],
    ['deep', 'garbled'],
    ['huge', 'garbled'],
    ['redirect', 'garbled'],
    ['error500', 'internal'],
    ['down', 'offline'],
  ])('SYNC-3 an answer that is %s changes nothing and is told as %s', async (fault, why) => {
    const seat = await signedIn();
    const reference = (await seat.snapshot()).reference;
    central.fault = fault;
    const contactId = await wholeCall(seat);
    await vi.waitFor(async () => expect((await seat.snapshot()).sync).toMatchObject({ kind: 'offline', why }), 5_000);
    expect((await seat.snapshot()).reference).toEqual(reference);
    expect(value(await seat.desk.call('history.of', { customerId: li.id })).contacts).toMatchObject([{ contactId }]);
    expect(await customersFound(seat, '13800138000')).toEqual([li]);
    central.fault = 'none';
    seat.clock.advance(16_000);
    await seat.synced();
    expect(central.contacts.get(contactId)?.disposition).toEqual(['other']);
  });

  it('SYNC-4 a silent central is given up after 8 s', async () => {
    const seat = await signedIn();
    central.fault = 'silent';
    await wholeCall(seat);
    await vi.waitFor(() => expect(central.asked.slice(-3)).toContain('push'));
    expect((await seat.snapshot()).sync.kind).not.toBe('offline');
    await vi.waitFor(async () => expect((await seat.snapshot()).sync.kind).toBe('pushing'));
    seat.clock.advance(8_100);
    await vi.waitFor(async () =>
      expect((await seat.snapshot()).sync).toMatchObject({ kind: 'offline', why: 'offline' }),
    );
  });

  it('SYNC-5 signing in without central is refused in words', async () => {
    central.fault = 'down';
    const seat = startSeat(central.url);
    const asked = await seat.desk.call('session.signIn', { agentNumber: '8001', password: 'sample-8001' });
    expect(refusalOf(asked)).toEqual({ kind: 'offline' });
    expect((await seat.snapshot()).session.kind).toBe('signedOut');
  });

  it('SYNC-6 a token that ran out keeps session and work; signing in again delivers it', async () => {
    const seat = await signedIn();
    central.fault = 'unauthorised';
    const contactId = await wholeCall(seat);
    await vi.waitFor(async () => expect((await seat.snapshot()).sync).toMatchObject({ why: 'unauthorised' }));
    expect((await seat.snapshot()).session.kind).toBe('signedIn');
    // The seat itself asks why once, in its own time.
    const asked = () => central.asked.filter((name) => name !== 'seatReport').length;
    const before = asked();
    seat.clock.advance(20_000);
    await new Promise((later) => setTimeout(later, 30));
    expect(asked()).toBe(before);
    central.fault = 'none';
    await seat.signIn();
    await seat.synced();
    expect(central.contacts.get(contactId)?.disposition).toEqual(['other']);
    expect((await seat.snapshot()).agent.kind).toBe('ready');
  });

  it('SYNC-7 a refused opening takes its contact with it, in sight of the agent, and nothing else', async () => {
    const seat = await signedIn();
    central.poisonNames = new Set(['contact.opened']);
    await wholeCall(seat);
    await vi.waitFor(async () => expect((await seat.snapshot()).refusedOps.length).toBe(4));
    const { refusedOps } = await seat.snapshot();
    expect(refusedOps.map((op) => [op.name, op.reason])).toEqual(
      expect.arrayContaining([
        ['contact.opened', 'poison'],
        ['contact.wrappedUp', expect.any(String)],
      ]),
    );
    central.poisonNames = new Set();
    const good = await wholeCall(seat);
    await seat.synced();
    expect(central.contacts.get(good)?.disposition).toEqual(['other']);
    expect((await seat.snapshot()).refusedOps.length).toBe(4);
  });

  it('SYNC-8 a refused verification record does not lose the disposition of its contact', async () => {
    const seat = await signedIn();
    central.poisonNames = new Set(['contact.verified']);
    const call = inbound('13800138000');
    const { contactId } = call;
    await seat.report(call);
    await seat.report(talking(call));
    value(await seat.desk.call('verification.try', { contactId, factor: 'package', value: 'p1' }));
    await seat.report(ended(call));
    value(await seat.desk.call('contact.wrapUp', { contactId, note: '', disposition: ['other'] }));
    await seat.synced();
    expect(central.contacts.get(contactId)?.disposition).toEqual(['other']);
    expect((await seat.snapshot()).refusedOps.map((op) => op.name)).toEqual(['contact.verified']);
  });

  it('SYNC-14 an op central cannot even read does not block the others', async () => {
    const seat = await signedIn();
    central.unreadable = 'contact.answered';
    const contactId = await wholeCall(seat);
    await seat.synced();
    expect(central.contacts.get(contactId)?.disposition).toEqual(['other']);
    expect((await seat.snapshot()).refusedOps).toMatchObject([{ name: 'contact.answered', kind: 'invalid' }]);
  });

  it('SYNC-15 a batch that takes central longer than the deadline is halved until it gets through, then grows again', async () => {
    const seat = await signedIn();
    central.fault = 'down';
    const contacts: string[] = [];
    for (let calls = 0; calls < 12; calls += 1) contacts.push(await wholeCall(seat));
    await vi.waitFor(async () => expect(await syncKind(seat)).toBe('offline'));
    const { waiting } = (await seat.snapshot()).sync;
    expect(waiting).toBeGreaterThan(60);
    const before = central.pushSizes.length;
    central.mostInTime = 20;
    central.fault = 'none';
    let given = central.pushSizes.length;
    await vi.waitFor(
      async () => {
        const { sync } = await seat.snapshot();
        if (central.pushSizes.length > given && (central.pushSizes.at(-1) ?? 0) > 20) {
          given = central.pushSizes.length;
          seat.clock.advance(8_100);
        } else if (sync.kind === 'offline') seat.clock.advance(Math.max(0, sync.retryAtMs - seat.clock.nowMs()));
        expect(sync).toMatchObject({ kind: 'idle', waiting: 0 });
      },
      { timeout: 20_000, interval: 10 },
    );
    expect(contacts.map((id) => central.contacts.get(id)?.disposition)).toEqual(contacts.map(() => ['other']));
    const sizes = central.pushSizes.slice(before);
    expect(Math.max(...sizes)).toBeGreaterThan(20);
    // Not one by one from then on: what gets through is tried again with more.
    expect(sizes.length).toBeLessThan(waiting / 2);
  });

  it('SYNC-9 the live line stays up whatever a newer central says on it', async () => {
    const seat = await signedIn();
    await vi.waitFor(() => expect(central.liveCount).toBe(1));
    central.say({ t: 'supervised', contactId: null, mode: null });
    central.say({ t: 'somethingNew', deep: { er: [1] } });
    const li = customer('c-li', { surname: '李', numbers: [{ key: '+8613700137001', confidence: 'certain' }] });
    central.publish({ entity: 'customer', id: li.id, row: li });
    const found = async () => (await customersFound(seat, '13700137001')).length;
    await vi.waitFor(async () => expect(await found()).toBe(1));
    expect(central.liveCount).toBe(1);
  });

  it('SYNC-9 a poke brings changes at once; without the live line polling does', async () => {
    const seat = await signedIn();
    await vi.waitFor(() => expect(central.liveCount).toBe(1));
    await seat.synced();
    const wang = customer('c-wang', { surname: '王', numbers: [{ key: '+8613700137000', confidence: 'certain' }] });
    central.publish({ entity: 'customer', id: wang.id, row: wang });
    const found = async (text: string) => (await customersFound(seat, text)).length;
    await vi.waitFor(async () => expect(await found('13700137000')).toBe(1));
    central.fault = 'down';
    seat.clock.advance(1);
    central.fault = 'none';
    central.publish({ entity: 'customer', id: wang.id, row: null });
    seat.clock.advance(120_000);
    await vi.waitFor(async () => expect(await found('王')).toBe(0));
  });

  it('SYNC-10 an own line central does not know yet survives what the feed says of its customer', async () => {
    const seat = await signedIn();
    central.fault = 'down';
    central.faultOn = ['push'];
    const contactId = await wholeCall(seat);
    central.faultOn = undefined;
    central.fault = 'none';
    // Hold back the ops, deliver the feed: the line of the timeline must stay.
    central.fault = 'down';
    central.faultOn = ['push'];
    central.publish({ entity: 'history', id: contactId, row: null });
    seat.clock.advance(16_000);
    await new Promise((later) => setTimeout(later, 50));
    expect(value(await seat.desk.call('history.of', { customerId: li.id })).contacts).toHaveLength(1);
    central.fault = 'none';
    seat.clock.advance(16_000);
    await seat.synced();
    expect(value(await seat.desk.call('history.of', { customerId: li.id })).contacts).toMatchObject([{ contactId }]);
  });

  it('SYNC-11 the first load comes in pages and tells how far it is', async () => {
    await central.close();
    const many = Array.from({ length: 2_500 }, (_, n) =>
      customer(`c${n}`, { numbers: [{ key: `+86139${String(n).padStart(8, '0')}`, confidence: 'certain' }] }),
    );
    central = await startFakeCentral([
      ...feedOf(many),
      ...many.map((row) => {
        const id = uuid();
        return { entity: 'history', id, row: { customerId: row.id, past: past(id, 5) } } as const;
      }),
    ]);
    const seat = startSeat(central.url);
    const seen: { rows: number; total: number }[] = [];
    seat.desk.on('sync', (state) => {
      if (state.kind === 'loading') seen.push({ rows: state.rows, total: state.total });
    });
    await seat.signIn();
    await seat.synced();
    const rows = seen.filter((step) => step.rows > 0).map((step) => step.rows);
    // Page by page; the last page and "all here" may come as one state.
    expect(rows[0]).toBe(1_000);
    expect([1_000, 5_005]).toEqual(expect.arrayContaining(rows));
    expect(seen.at(-1)?.total).toBe(5005);
    expect((await customersFound(seat, '139 0000 2499'))[0]?.id).toBe('c2499');
  });

  it('SYNC-12 a seat holds no more customers than its policy allows', async () => {
    await central.close();
    central = await startFakeCentral(
      feedOf(Array.from({ length: 20 }, (_, n) => customer(`c${n}`, { surname: '钱' }))),
    );
    central.policy = { ...central.policy, cacheCap: 5 };
    const seat = startSeat(central.url);
    await seat.signIn();
    await seat.synced();
    expect(await customersFound(seat, '钱')).toHaveLength(5);
  });

  it.each(['http://central.example', 'ftp://127.0.0.1', 'not an address', ''])(
    'SYNC-13 %j is no address of central: https, or http on this machine',
    (address) => {
      expect(() => startSeat(address)).toThrow(SeatFault);
    },
  );

  it('R14 a call keeps the script version it began with; the next call takes the newest', async () => {
    const seat = await signedIn();
    const call = inbound('13800138000');
    const { contactId } = call;
    await seat.report(call);
    await seat.report(talking(call));
    value(await seat.desk.call('contact.chooseTopic', { contactId, topicId: 'bill' }));
    central.publish(
      { entity: 'script', id: 'bill-help@2', row: script(2) },
      { entity: 'script', id: 'bill-help@1', row: null },
    );
    seat.clock.advance(120_000);
    await seat.synced();
    expect((await seat.contact()).script?.script.version).toBe(1);
    await seat.report(ended(call));
    value(await seat.desk.call('contact.wrapUp', { contactId, note: '', disposition: ['other'] }));
    const next = inbound('13800138000');
    await seat.report(next);
    await seat.report(talking(next));
    value(await seat.desk.call('contact.chooseTopic', { contactId: next.contactId, topicId: 'bill' }));
    expect((await seat.contact()).script?.script.version).toBe(2);
  });
});
