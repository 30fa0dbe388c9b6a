import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CallSummary } from '../../../shared/quality.ts';
import type { FakeCentral } from '../fake-central.ts';
import { startFakeCentral } from '../fake-central.ts';
import { customersFound, ended, endSeats, inbound, refusalOf, startSeat, talking, uuid, value } from '../harness.ts';
import { customer, feedOf, past } from '../sample.ts';

let central: FakeCentral;
const li = customer('c-li');

beforeEach(async () => {
  central = await startFakeCentral([
    ...feedOf([li]),
    { entity: 'history', id: 'x', row: { customerId: li.id, past: past(uuid(), 1_000) } },
  ]);
});
afterEach(async () => {
  await endSeats();
  await central.close();
});

describe('a call from ring to wrap-up, through the seat contract', () => {
  it('shows who it is, verifies, leads through the script and delivers the contact to central', async () => {
    const seat = startSeat(central.url);
    await vi.waitFor(async () => {
      expect((await seat.snapshot()).session).toMatchObject({ kind: 'signedOut', samples: [{ agentNumber: '8001' }] });
    });
    await seat.signIn();
    await seat.synced();
    expect(value(await seat.phone.call('phone.credentials', {}))?.user).toBe('8001');
    value(await seat.desk.call('agent.ready', {}));
    const call = inbound('138 0013 8000');
    await seat.report(call);
    const pop = await seat.contact();
    expect(pop.match).toMatchObject({ kind: 'one', certainty: 'certain', customer: { id: li.id } });
    expect(pop.notices.map((notice) => notice.id)).toEqual(['n1']);
    expect(pop.history).toHaveLength(1);
    expect(pop.contact).toMatchObject({ id: call.contactId, number: '+8613800138000', queue: 'service' });
    expect((await seat.snapshot()).agent.kind).toBe('reserved');

    await seat.report(talking(call));
    expect((await seat.snapshot()).agent.kind).toBe('onCall');
    const { contactId } = call;
    value(await seat.desk.call('contact.chooseTopic', { contactId, topicId: 'bill' }));
    value(await seat.desk.call('script.answer', { contactId, stepId: 'open', answerId: 'yes' }));
    let view = await seat.contact();
    expect(view.script).toMatchObject({ script: { version: 1 }, run: { stepId: 'bill' } });
    expect(view.script?.variables).toMatchObject({
      'customer.surname': '李',
      'customer.title': '先生',
      'agent.number': '8001',
      'queue.name': '客服',
      greeting: '李先生您好，',
    });
    expect(view.script?.variables).not.toHaveProperty(['customer.bill']);

    const tried = value(
      await seat.desk.call('verification.try', { contactId, factor: 'lastBillRange', value: '100-150' }),
    );
    expect(tried).toEqual({ matched: true, triesLeft: 3, level: 2 });
    await vi.waitFor(async () => {
      view = await seat.contact();
      // R11: raising the level unmasks only what that class needs.
      expect(view.revealed).toEqual({ lastBill: '128.50' });
    });
    expect(view.script?.variables).toMatchObject({ 'customer.bill': '128.50' });

    value(await seat.desk.call('draft.save', { contactId, note: '已说明账单', disposition: ['solved'] }));
    expect((await seat.contact()).draft).toEqual({ note: '已说明账单', disposition: ['solved'] });
    await seat.report(ended(talking(call)));
    view = await seat.contact();
    expect(view.verification.level).toBe(1);
    expect(view.revealed).toEqual({});
    const state = (await seat.snapshot()).agent;
    expect(state).toMatchObject({ kind: 'wrapUp', deadlineMs: seat.clock.nowMs() + 120_000 });

    const quality = CallSummary.parse({
      looks: 60,
      poorLooks: 2,
      mosMean: 4.31,
      mosWorst: 3.2,
      lossPct: 0.4,
      jitterMs: 6.5,
      rttMs: 18,
      codec: 'pcma',
      voice: {
        talkMs: 30_000,
        listenMs: 20_000,
        talkOverMs: 0,
        silenceMs: 10_000,
        agentNoiseDb: -60,
        customerNoiseDb: -48,
      },
    });
    // R40: measured by the phone page, kept with the contact.
    value(await seat.phone.call('phone.quality', { callId: call.id, quality }));
    const strange = await seat.phone.call('phone.quality', { callId: uuid(), quality });
    expect(refusalOf(strange)).toMatchObject({ kind: 'notFound' });

    const half = await seat.desk.call('contact.wrapUp', { contactId, note: '', disposition: ['solved'] });
    expect(refusalOf(half)).toMatchObject({ kind: 'mandatory', reason: 'disposition' });
    value(await seat.desk.call('contact.wrapUp', { contactId, note: '好', disposition: ['solved', 'told'] }));
    expect(await seat.snapshot()).toMatchObject({ agent: { kind: 'ready' }, contact: null });
    const lines = value(await seat.desk.call('history.of', { customerId: li.id })).contacts;
    expect(lines[0]).toMatchObject({ contactId, note: '好', topic: { en: 'Bill' } });

    await seat.synced();
    expect(central.contacts.get(contactId)).toMatchObject({
      customerId: li.id,
      script: { id: 'bill-help', version: 1 },
      answers: [{ stepId: 'open', answerId: 'yes' }],
      verifications: [{ factor: 'lastBillRange', matched: true, level: 2 }],
      disposition: ['solved', 'told'],
      endCause: 'customerHungUp',
      quality: { mosMean: 4.31, poorLooks: 2, voice: { talkMs: 30_000 } },
    });
    await vi.waitFor(async () => {
      const later = value(await seat.desk.call('history.of', { customerId: li.id })).contacts;
      expect(later.filter((line) => line.contactId === contactId)).toMatchObject([
        { disposition: [{ en: 'central' }] },
      ]);
    });
  });

  it('dials a typed number and a customer by click, and refuses what policy forbids (R21)', async () => {
    const seat = startSeat(central.url);
    const ask = (what: { text: string }) =>
      seat.phone.call('dial.authorise', { callId: uuid(), what, purpose: 'service' });
    expect(refusalOf(await ask({ text: '13800138000' }))).toMatchObject({ reason: 'signInFirst' });
    await seat.signIn();
    await seat.synced();
    expect(refusalOf(await ask({ text: 'sip:x@evil.example' }))).toMatchObject({ reason: 'numberMalformed' });
    expect(refusalOf(await ask({ text: '+1 202 555 0100' }))).toMatchObject({ reason: 'numberInternational' });
    expect((await seat.snapshot()).agent.kind).toBe('notReady');
    const callId = uuid();
    const permit = value(
      await seat.phone.call('dial.authorise', {
        callId,
        what: { customerId: li.id, numberIndex: 0 },
        purpose: 'service',
      }),
    );
    expect(permit.dial).toBe('13800138000');
    expect((await seat.contact()).contact).toMatchObject({ direction: 'outbound', customerId: li.id });
    // A report that does not know the call yet says nothing about it.
    await seat.report();
    expect((await seat.snapshot()).agent.kind).toBe('onCall');
    const call = inbound('13800138000', { id: callId, direction: 'outbound', contactId: permit.contactId });
    await seat.report({ ...call, state: { kind: 'ringingOut', sinceMs: 1 } });
    await seat.report(talking(call));
    expect((await seat.contact()).contact.answeredAtMs).not.toBeNull();
    expect(refusalOf(await ask({ text: '13800138001' }))).toMatchObject({ reason: 'finishCallFirst' });
    await seat.report(ended(call));
    expect((await seat.snapshot()).agent.kind).toBe('wrapUp');
  });

  it('lets each window ask only for what is its own', async () => {
    const seat = startSeat(central.url);
    await seat.signIn();
    expect(refusalOf(await seat.phone.call('agent.ready', {}))).toMatchObject({ kind: 'forbidden' });
    expect(refusalOf(await seat.desk.call('phone.credentials', {}))).toMatchObject({ kind: 'forbidden' });
    await seat.report(inbound('13800138000'));
    expect((await seat.snapshot()).contact).not.toBeNull();
    expect(value(await seat.phone.call('seat.snapshot', {})).contact).toBeNull();
  });

  it('finds customers by number in any writing, by id and by surname', async () => {
    const seat = startSeat(central.url);
    await seat.signIn();
    await seat.synced();
    const find = async (text: string) => (await customersFound(seat, text)).map((row) => row.id);
    expect(await find('+86 138-0013-8000')).toEqual([li.id]);
    expect(await find('c-li')).toEqual([li.id]);
    expect(await find('李明')).toEqual([li.id]);
    expect(await find('张明')).toEqual([]);
    central.strangers.push(customer('c-far', { numbers: [{ key: '+8613900139000', confidence: 'low' }] }));
    expect(await find('139 0013 9000')).toEqual(['c-far']);
  });

  it('asks central on behalf of practice mode', async () => {
    const seat = startSeat(central.url);
    expect(refusalOf(await seat.desk.call('session.signIn', { agentNumber: '8001', password: 'x' }))).toMatchObject({
      kind: 'unauthorised',
      reason: 'wrongPassword',
    });
    await seat.signIn();
    expect(value(await seat.desk.call('practice.callers', {})).callers).toHaveLength(1);
    value(await seat.desk.call('practice.callMe', { callerId: null }));
    expect(value(await seat.desk.call('practice.cue', { customerId: li.id })).answers).toMatchObject({
      servicePassword: '135790',
    });
  });
});
