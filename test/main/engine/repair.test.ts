import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Op } from '../../../shared/op.ts';
import type { FakeCentral } from '../fake-central.ts';
import { startFakeCentral } from '../fake-central.ts';
import type { SeatUnderTest } from '../harness.ts';
import { ended, endSeats, inbound, passUntil, readySeat, refusalOf, startSeat, talking, value } from '../harness.ts';
import { manualClock } from '../manual-clock.ts';
import { customer, feedOf } from '../sample.ts';

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
  return seat;
};
const wholeCall = async (seat: SeatUnderTest) => {
  const call = inbound('13800138000');
  const { contactId } = call;
  await seat.report(call);
  await seat.report(talking(call));
  await seat.report(ended(call));
  value(await seat.desk.call('contact.wrapUp', { contactId, note: 'n', disposition: ['other'] }));
  return contactId;
};
const refusedOps = async (seat: SeatUnderTest, count: number) => {
  await vi.waitFor(async () => expect((await seat.snapshot()).refusedOps).toHaveLength(count), 5_000);
  return (await seat.snapshot()).refusedOps;
};

describe('REPAIR: what central refused', () => {
  it('REPAIR-1 a wrap-up is shown in full, and changed it is a new op that central takes', async () => {
    const seat = await signedIn();
    central.poisonNames = new Set(['contact.wrappedUp']);
    const contactId = await wholeCall(seat);
    const [op] = await refusedOps(seat, 1);
    expect(op).toMatchObject({
      ...{ name: 'contact.wrappedUp', contactId, kind: 'policy', reason: 'poison' },
      repair: { customer: li.nameMasked, isOwn: true, edit: { kind: 'wrapUp', note: 'n', disposition: ['other'] } },
    });
    const opId = op?.opId ?? '';
    expect(value(await seat.desk.call('refused.tree', { opId })).tree.roots.length).toBeGreaterThan(0);
    const wrong = await seat.desk.call('refused.edit', { opId, disposition: ['no such'] });
    expect(refusalOf(wrong)).toMatchObject({ kind: 'mandatory', reason: 'disposition' });
    central.poisonNames = new Set();
    value(await seat.desk.call('refused.edit', { opId, note: 'better' }));
    await seat.synced();
    expect(central.contacts.get(contactId)).toMatchObject({ note: 'better', disposition: ['other'] });
    expect(await refusedOps(seat, 0)).toEqual([]);
    expect(refusalOf(await seat.desk.call('refused.retry', { opId }))).toMatchObject({ kind: 'notFound' });
  });

  it('REPAIR-2 a contact whose opening was refused is sent again as a whole, in its order', async () => {
    const seat = await signedIn();
    central.poisonNames = new Set(['contact.opened']);
    const contactId = await wholeCall(seat);
    const ops = await refusedOps(seat, 4);
    central.poisonNames = new Set();
    value(await seat.desk.call('refused.retry', { opId: ops[0]?.opId ?? '' }));
    await seat.synced();
    expect((await seat.snapshot()).refusedOps).toEqual([]);
    expect(central.contacts.get(contactId)?.disposition).toEqual(['other']);
    expect(await refusedOps(seat, 0)).toEqual([]);
  });

  it('REPAIR-2 what is done about it after that is shown as refused at once, though central is not asked', async () => {
    const seat = await signedIn();
    central.poisonNames = new Set(['contact.opened']);
    const call = inbound('13800138000');
    await seat.report(call);
    await refusedOps(seat, 1);
    let shown: readonly string[] = [];
    seat.desk.on('refusedOps', (ops) => {
      shown = ops.map(({ name }) => name);
    });
    await seat.report(talking(call));
    await vi.waitFor(() => expect(shown).toContain('contact.answered'));
    await seat.report(ended(call));
    value(await seat.desk.call('contact.wrapUp', { contactId: call.contactId, note: 'n', disposition: ['other'] }));
    await vi.waitFor(() => expect(shown).toContain('contact.wrappedUp'));
  });

  it('REPAIR-3 given up it is told to central with the reason; nothing vanishes in silence', async () => {
    const seat = await signedIn();
    central.poisonNames = new Set(['contact.quality', 'contact.wrappedUp']);
    const contactId = await wholeCall(seat);
    const [op] = await refusedOps(seat, 1);
    const opId = op?.opId ?? '';
    expect(refusalOf(await seat.desk.call('refused.discard', { opId, reason: '  ' }))).toMatchObject({
      kind: 'mandatory',
    });
    value(await seat.desk.call('refused.discard', { opId, reason: 'entered twice' }));
    await seat.synced();
    expect(central.applied.at(-1)?.body).toMatchObject({
      ...{
        name: 'op.discarded',
        opId,
        of: 'contact.wrappedUp',
        contactId,
        reason: 'entered twice',
        refused: 'policy.poison',
      },
    });
  });

  it('REPAIR-5 what the agent writes is sent as central will keep it, and each op made here is told of once it is on disk', async () => {
    const told: Op[] = [];
    const seat = await readySeat(central.url, { committed: (ops) => void told.push(...ops) });
    central.poisonNames = new Set(['contact.wrappedUp', 'customer.fieldSet']);
    const call = inbound('13800138000');
    await seat.report(call);
    await seat.report(talking(call));
    const field = { contactId: call.contactId, key: 'remark', value: '上午\0\ud800' };
    value(await seat.desk.call('customer.setField', field));
    await seat.report(ended(call));
    const done = { contactId: call.contactId, note: 'n', disposition: ['other'] };
    value(await seat.desk.call('contact.wrapUp', done));
    const refused = await refusedOps(seat, 2);
    const idOf = (name: string): string => refused.find((one) => one.name === name)?.opId ?? '';
    central.poisonNames = new Set();
    value(await seat.desk.call('refused.edit', { opId: idOf('contact.wrappedUp'), note: '回电\0\ud800' }));
    value(await seat.desk.call('refused.discard', { opId: idOf('customer.fieldSet'), reason: '错\0\ud800' }));
    await seat.synced();
    const bodies = told.map(({ body }) => body);
    expect(bodies).toContainEqual(expect.objectContaining({ name: 'customer.fieldSet', value: '上午\ufffd' }));
    expect(bodies).toContainEqual(expect.objectContaining({ name: 'contact.wrappedUp', note: '回电\ufffd' }));
    expect(bodies).toContainEqual(expect.objectContaining({ name: 'op.discarded', reason: '错\ufffd' }));
    expect(told.map(({ seq }) => seq)).toEqual(told.map((_, index) => index + 1));
  });

  it('security 86 what another agent left refused keeps its author: it can be sent again, not changed or given up', async () => {
    const seat = await signedIn();
    central.poisonNames = new Set(['contact.wrappedUp']);
    await wholeCall(seat);
    await refusedOps(seat, 1);
    value(await seat.desk.call('agent.notReady', { reason: 'break' }));
    value(await seat.desk.call('session.signOut', {}));
    await seat.signIn('8002');
    await seat.synced();
    const [op] = await refusedOps(seat, 1);
    const opId = op?.opId ?? '';
    expect(op?.repair).toMatchObject({ isOwn: false, edit: null });
    for (const tried of [
      await seat.desk.call('refused.edit', { opId, note: 'x' }),
      await seat.desk.call('refused.discard', { opId, reason: 'not mine' }),
    ])
      expect(refusalOf(tried)).toEqual({ kind: 'forbidden', reason: 'opOfAnotherAgent' });
    central.poisonNames = new Set();
    value(await seat.desk.call('refused.retry', { opId }));
    await seat.synced();
    expect(central.applied.at(-1)).toMatchObject({ agentId: 'agent-8001', body: { name: 'contact.wrappedUp' } });
  });

  it('R7 R22 a field and a refusal count at once here, survive central’s older row, and the refusal is sent first', async () => {
    const seat = await signedIn();
    const call = inbound('13800138000');
    const { contactId } = call;
    await seat.report(call);
    await seat.report(talking(call));
    await seat.synced();
    central.fault = 'down';
    central.faultOn = ['push'];
    value(await seat.desk.call('customer.setField', { contactId, key: 'preferredTime', value: '上午' }));
    value(await seat.desk.call('customer.refuse', { contactId }));
    const no = await seat.desk.call('customer.setField', { contactId, key: 'idNumber', value: '1' });
    expect(refusalOf(no)).toEqual({ kind: 'policy', reason: 'fieldNotEditable' });
    const row = async () => {
      const { match } = await seat.contact();
      return match.kind === 'one' ? match.customer : undefined;
    };
    expect(await row()).toMatchObject({ refusesMarketing: true });
    central.publish({ entity: 'customer', id: li.id, row: { ...li, surname: '李' } });
    central.fault = 'none';
    seat.clock.advance(16_000);
    await seat.synced();
    expect(await row()).toMatchObject({ refusesMarketing: false });
    const names = central.applied.map((op) => op.body.name).filter((name) => name.startsWith('customer.'));
    expect(names).toEqual(['customer.refused', 'customer.fieldSet']);
  });
});

describe('the seat speaks for itself', () => {
  it('security 86 work left behind is delivered though nobody signs in again', async () => {
    const seat = await signedIn();
    central.fault = 'down';
    const contactId = await wholeCall(seat);
    value(await seat.desk.call('agent.notReady', { reason: 'break' }));
    // Signing out waits two seconds for what is to be sent.
    const out = seat.desk.call('session.signOut', {});
    await passUntil(seat.clock, 2_100, async () => {
      expect((await seat.snapshot()).session.kind).toBe('signedOut');
    });
    value(await out);
    central.fault = 'none';
    await passUntil(seat.clock, 30_000, async () => {
      expect((await seat.snapshot()).sync.waiting).toBe(0);
    });
    expect(central.contacts.get(contactId)).toMatchObject({ disposition: ['other'], agentId: 'agent-8001' });
  });

  it('security 34 a locked seat shows nothing, says so, stays locked over a restart, and opens again', async () => {
    const storeKey = { key: randomBytes(32), kept: 'keyFile' as const };
    const seat = startSeat(central.url, { storeKey });
    await seat.signIn();
    await seat.synced();
    central.order = { id: 'order-1', kind: 'lock', atMs: 1, sealTo: '' };
    central.status = 'locked';
    // Central ends the session; the seat asks why.
    central.fault = 'unauthorised';
    central.faultOn = ['push', 'changes'];
    const locked = async (which: SeatUnderTest) =>
      expect((await which.snapshot()).session).toMatchObject({ kind: 'signedOut', ended: 'locked' });
    await passUntil(seat.clock, 60_000, async () => {
      await locked(seat);
    });
    // Said again when the answer was lost: central takes it once.
    await vi.waitFor(
      () => expect(central.receipts[0]).toMatchObject({ orderId: 'order-1', outcome: 'locked' }),
      20_000,
    );
    expect((await seat.snapshot()).contact).toBeNull();
    await seat.engine.close();
    const again = startSeat(central.url, { storeKey, profileDir: seat.profileDir, clock: manualClock() });
    await locked(again);
    central.status = 'open';
    await passUntil(again.clock, 31_000, async () => {
      const { session } = await again.snapshot();
      expect(session).toEqual({ kind: 'signedOut', samples: expect.any(Array) });
    });
    central.fault = 'none';
    await again.signIn();
    await again.synced();
  });

  it('security 34 locked in the middle of a call: the call can be ended, nothing else asked, and then the agent is out', async () => {
    const seat = await signedIn();
    const call = inbound('13800138000');
    const { contactId } = call;
    await seat.report(call);
    await seat.report(talking(call));
    await seat.synced();
    central.order = { id: 'order-1', kind: 'lock', atMs: 1, sealTo: '' };
    central.status = 'locked';
    central.fault = 'unauthorised';
    central.faultOn = ['push', 'changes'];
    await passUntil(seat.clock, 60_000, async () => {
      expect((await seat.snapshot()).session).toMatchObject({ ended: 'locked' });
    });
    const { contact, phone } = await seat.snapshot();
    expect({ contact, calls: phone.calls.length }).toEqual({ contact: null, calls: 1 });
    const answers = [
      await seat.desk.call('customer.search', { text: '13800138000', where: 'seat' }),
      await seat.desk.call('history.of', { customerId: li.id }),
      await seat.desk.call('field.reveal', { contactId, key: 'lastBill' }),
      await seat.desk.call('draft.save', { contactId, note: 'n', disposition: [] }),
      await seat.phone.call('dial.authorise', { callId: call.id, what: { text: '10086' }, purpose: 'service' }),
    ];
    for (const answer of answers) expect(refusalOf(answer)).toEqual({ kind: 'locked', reason: 'seatLocked' });
    await seat.report(ended(call));
    // The wrap-up ends by its timer; then nobody is there any more.
    await passUntil(seat.clock, 60_000, async () => {
      expect((await seat.snapshot()).agent.kind).toBe('offline');
    });
    await passUntil(seat.clock, 31_000, () => {
      expect(central.contacts.get(contactId)).toMatchObject({
        endCause: 'customerHungUp',
        wrappedUpAtMs: expect.any(Number),
      });
    });
  });
});

describe('SYNC: time and pace', () => {
  it('SYNC-30 an overloaded central is asked again when it said, whatever this machine’s clock does meanwhile', async () => {
    const seat = await signedIn();
    await seat.synced();
    central.fault = 'tooMany';
    await wholeCall(seat);
    await vi.waitFor(async () => expect((await seat.snapshot()).sync.kind).toBe('offline'));
    const { sync } = await seat.snapshot();
    const untilMs = sync.kind === 'offline' ? sync.retryAtMs - seat.clock.nowMs() : 0;
    expect(untilMs).toBeGreaterThanOrEqual(60_000);
    expect(untilMs).toBeLessThanOrEqual(75_000);
    central.fault = 'none';
    seat.clock.advance(76_000);
    await seat.synced();
  });

  it('SYNC-31 a live line that is open at its end only is given up, and central is asked instead', async () => {
    const seat = await signedIn();
    await vi.waitFor(() => expect(central.liveCount).toBe(1), 20_000);
    central.say({ t: 'beat' });
    await new Promise((later) => setTimeout(later, 50));
    const before = central.asked.filter((name) => name === 'changes').length;
    seat.clock.advance(26_000);
    await vi.waitFor(() => {
      expect(central.asked.filter((name) => name === 'changes').length).toBeGreaterThan(before);
      expect(seat.log.lines.map((line) => line.what)).toContain('live connection silent: given up');
    });
  });

  it('SYNC-32 thousands of pokes make few rounds', async () => {
    const seat = await signedIn();
    await vi.waitFor(() => expect(central.liveCount).toBe(1), 20_000);
    await seat.synced();
    const before = central.asked.length;
    for (let n = 0; n < 3_000; n += 1) central.say({ t: 'poke' });
    await new Promise((later) => setTimeout(later, 500));
    await seat.synced();
    expect(central.asked.length - before).toBeLessThan(300);
  });

  it.each([262_000, -262_000, 86_400_000, -86_400_000])(
    'SYNC-33 a clock that is wrong by %d ms and steps back and forth changes neither order nor delivery',
    async (wrongMs) => {
      const clock = manualClock();
      let offMs = wrongMs;
      const seat = startSeat(central.url, {
        clock: {
          nowMs: () => clock.nowMs() + offMs,
          after: (ms, then) => clock.after(ms, then),
        },
      });
      await seat.signIn();
      await seat.synced();
      value(await seat.desk.call('agent.ready', {}));
      const first = await wholeCall(seat);
      offMs = -wrongMs;
      central.fault = 'down';
      const second = await wholeCall(seat);
      await vi.waitFor(async () => expect((await seat.snapshot()).sync.kind).toBe('offline'));
      offMs = wrongMs;
      central.fault = 'none';
      clock.advance(16_000);
      await vi.waitFor(
        async () => expect((await seat.snapshot()).sync).toMatchObject({ kind: 'idle', waiting: 0 }),
        5_000,
      );
      for (const id of [first, second]) expect(central.contacts.get(id)?.disposition).toEqual(['other']);
      const seqs = central.applied.map((op) => op.seq);
      expect(seqs).toEqual(seqs.map((_, index) => index + 1));
    },
  );
});
