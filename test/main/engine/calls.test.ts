import type { Customer } from '../../../shared/customer.ts';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { FakeCentral } from '../fake-central.ts';
import { startFakeCentral } from '../fake-central.ts';
import type { SeatUnderTest } from '../harness.ts';
import {
  ended,
  endSeats,
  inbound,
  phoneWith,
  readySeat,
  refusalOf,
  startSeat,
  talking,
  uuid,
  value,
} from '../harness.ts';
import { customer, feedOf, notice, script } from '../sample.ts';

let central: FakeCentral;
const li = customer('c-li');
const twin = customer('c-twin-1', { numbers: [{ key: '+8613500135000', confidence: 'certain' }] });
const otherTwin = customer('c-twin-2', { surname: '张', numbers: [{ key: '+8613500135000', confidence: 'certain' }] });
const doubtful = customer('c-doubt', { numbers: [{ key: '+8613600136000', confidence: 'low' }] });

beforeEach(async () => {
  central = await startFakeCentral([
    ...feedOf([li, twin, otherTwin, doubtful]),
    { entity: 'script', id: 'bill-help@3', row: script(3, '{operator.slogan}您好，{customer.surname}') },
  ]);
});
afterEach(async () => {
  await endSeats();
  await central.close();
});

const ready = async (): Promise<SeatUnderTest> => {
  const seat = await readySeat(central.url);
  return seat;
};

/** R11: the package answers a simple check; its name is not shown before one. */
const blank = (of: Customer): Customer => ({ ...of, package: { ...of.package, name: { zh: '', en: '' } } });

describe('R8: who the number points to', () => {
  it('two customers on one number: nobody is certain until the agent says who it is', async () => {
    const seat = await ready();
    const call = inbound('13500135000');
    const { contactId } = call;
    await seat.report(call);
    expect((await seat.contact()).match).toMatchObject({ kind: 'several', customers: [blank(twin), blank(otherTwin)] });
    expect((await seat.contact()).contact.customerId).toBeNull();
    await seat.report(talking(call));
    const early = await seat.desk.call('verification.try', { contactId, factor: 'package', value: 'p1' });
    expect(refusalOf(early)).toMatchObject({ kind: 'conflict', reason: 'identifyFirst' });
    value(await seat.desk.call('contact.identify', { contactId, customerId: otherTwin.id }));
    expect((await seat.contact()).match).toMatchObject({
      kind: 'one',
      certainty: 'certain',
      customer: blank(otherTwin),
    });
    value(await seat.desk.call('contact.identify', { contactId, customerId: null }));
    expect((await seat.contact()).match).toEqual({ kind: 'none', why: 'unknown' });
    const nobody = await seat.desk.call('contact.identify', { contactId, customerId: 'c-nobody' });
    expect(refusalOf(nobody)).toMatchObject({ kind: 'notFound', reason: 'customer' });
    await seat.synced();
    expect(central.contacts.get(contactId)?.customerId).toBeNull();
  });

  it('R6: until it is settled who calls, what is known of every candidate’s area is told, and of no package (R11)', async () => {
    const away = customer('c-twin-3', {
      ...{ numbers: [{ key: '+8613500135000', confidence: 'certain' }], area: { zh: '西山区', en: 'West Hill' } },
    });
    central.publish({ entity: 'customer', id: away.id, row: away });
    central.publish({ entity: 'notice', id: 'n3', row: notice('n3', { area: null, packageId: 'p1' }) });
    const seat = await ready();
    const call = inbound('13500135000');
    await seat.report(call);
    const told = async () => (await seat.contact()).notices.map(({ id }) => id).toSorted();
    expect(await told()).toEqual(['n1', 'n2']);
    value(await seat.desk.call('contact.identify', { contactId: call.contactId, customerId: twin.id }));
    expect(await told()).toEqual(['n1', 'n3']);
  });

  it.each([
    ['anonymous', 'withheld', ''],
    ['', 'withheld', ''],
    ['abc<script>‮', 'malformed', 'abc<script>'],
    ['139 9999 9999', 'unknown', '+8613999999999'],
  ])('%j is %s, and the call goes on', async (number, why, kept) => {
    const seat = await ready();
    const call = inbound(number);
    await seat.report(call);
    await seat.report(talking(call));
    const view = await seat.contact();
    expect(view.match).toEqual({ kind: 'none', why });
    expect(view.contact.number).toBe(kept);
    expect(view.tree.roots.length).toBeGreaterThan(0);
    expect((await seat.snapshot()).agent.kind).toBe('onCall');
  });

  it('a doubtful match is told as such', async () => {
    const seat = await ready();
    await seat.report(inbound('13600136000'));
    const view = await seat.contact();
    expect(view.match).toMatchObject({ kind: 'one', certainty: 'low', customer: { id: doubtful.id } });
  });

  it('a caller outside the working set is looked up at central; without central that is said', async () => {
    const seat = await ready();
    const far = customer('c-far', { numbers: [{ key: '+8613900139000', confidence: 'certain' }] });
    central.strangers.push(far);
    const call = inbound('13900139000');
    await seat.report(call);
    await vi.waitFor(async () => {
      expect(await seat.contact()).toMatchObject({ source: 'central', match: { kind: 'one', customer: blank(far) } });
    });
    await seat.synced();
    expect(central.contacts.get(call.contactId)?.customerId).toBe('c-far');
    await seat.report(ended(call, 'rejected'));
    central.fault = 'down';
    await seat.report(inbound('13900139001'));
    await vi.waitFor(async () => expect((await seat.contact()).source).toBe('unavailable'));
  });

  it('so is someone the agent dials', async () => {
    const seat = await ready();
    const far = customer('c-far', { numbers: [{ key: '+8613900139000', confidence: 'certain' }] });
    central.strangers.push(far);
    value(
      await seat.phone.call('dial.authorise', {
        callId: uuid(),
        what: { text: '139 0013 9000' },
        purpose: 'service',
      }),
    );
    await vi.waitFor(async () => {
      expect((await seat.contact()).match).toMatchObject({ kind: 'one', customer: blank(far) });
    });
    expect((await seat.contact()).contact.customerId).toBe('c-far');
  });

  it('a missing variable of a script is missing, and the script works on', async () => {
    const seat = await ready();
    const call = inbound('13800138000');
    const { contactId } = call;
    await seat.report(call);
    await seat.report(talking(call));
    value(await seat.desk.call('contact.chooseTopic', { contactId, topicId: 'bill' }));
    const view = await seat.contact();
    expect(view.script?.script.version).toBe(3);
    expect(view.script?.variables).not.toHaveProperty(['operator.slogan']);
    value(await seat.desk.call('script.answer', { contactId, stepId: 'open', answerId: 'yes' }));
    // A second press of the same key must not skip a step.
    value(await seat.desk.call('script.answer', { contactId, stepId: 'open', answerId: 'yes' }));
    expect((await seat.contact()).script?.run.stepId).toBe('bill');
    value(await seat.desk.call('script.back', { contactId }));
    expect((await seat.contact()).script?.run).toMatchObject({ stepId: 'open', taken: [] });
    expect(refusalOf(await seat.desk.call('contact.chooseTopic', { contactId, topicId: 'no' }))).toEqual({
      kind: 'notFound',
      reason: 'topic',
    });
  });
});

describe('R38: calls and agent state', () => {
  it('a caller who gives up soon leaves the agent Ready; one not answered in ring time does not', async () => {
    const seat = await ready();
    const first = inbound('13800138000');
    await seat.report(first);
    seat.clock.advance(3_000);
    await seat.report(ended(first, 'missed'));
    expect(await seat.snapshot()).toMatchObject({ agent: { kind: 'ready' }, contact: null });
    // The queue offers the same caller again, under the same contact id.
    const again = inbound('13800138000', { contactId: first.contactId });
    await seat.report(again);
    const { contact } = await seat.contact();
    expect(contact.id).not.toBe(first.contactId);
    await seat.synced();
    seat.clock.advance(20_000);
    await seat.report(ended(again, 'missed'));
    expect((await seat.snapshot()).agent).toMatchObject({ kind: 'notReady', reason: 'missed' });
    await seat.synced();
    expect(central.contacts.get(first.contactId)).toMatchObject({ endCause: 'missed', wrappedUpAtMs: null });
    expect(central.contacts.get(contact.id)).toMatchObject({ endCause: 'missed' });
  });

  it('calls without an agent, and a second call, are nobody’s contact', async () => {
    const seat = startSeat(central.url);
    await seat.report(inbound('13800138000'));
    expect((await seat.snapshot()).contact).toBeNull();
    await seat.report();
    await seat.signIn();
    const call = inbound('13800138000');
    await seat.report(call);
    await seat.report(talking(call), inbound('13500135000'));
    expect((await seat.contact()).contact.id).toBe(call.contactId);
    await seat.synced();
    expect([...central.contacts.keys()]).toEqual([call.contactId]);
  });

  it('a colleague’s call is no contact, and central knows that the agent who is Ready is in one', async () => {
    const seat = await ready();
    const states = () =>
      central.applied.flatMap(({ body }) => (body.name === 'agent.stateChanged' ? [body.state] : [])).slice(-1);
    const { agent: before } = await seat.snapshot();
    const colleague = inbound('1002', { aside: { kind: 'colleague', number: '1002' }, queue: undefined });
    await seat.report(colleague);
    await seat.report(talking(colleague));
    expect(await seat.snapshot()).toMatchObject({ contact: null, agent: { ...before, aside: true } });
    await seat.synced();
    expect(states()).toEqual([{ ...before, aside: true }]);
    // Gone and back in the middle of it.
    value(await seat.desk.call('agent.notReady', { reason: 'meal' }));
    value(await seat.desk.call('agent.ready', {}));
    expect((await seat.snapshot()).agent).toMatchObject({ kind: 'ready', aside: true });
    await seat.report(ended(talking(colleague)));
    expect((await seat.snapshot()).agent).not.toHaveProperty('aside');
    await seat.synced();
    expect(states()).toMatchObject([{ kind: 'ready' }]);
    expect(states()[0]).not.toHaveProperty('aside');
  });

  it('a call that vanishes with its page ends as a network fault, and goes to wrap-up', async () => {
    const seat = await ready();
    const call = inbound('13800138000');
    await seat.report(call);
    await seat.report(talking(call));
    seat.phone.close();
    const back = seat.window('phone', { windowId: 'first' });
    value(await back.call('phone.report', phoneWith()));
    expect((await seat.contact()).contact.endCause).toBe('network');
    expect((await seat.snapshot()).agent.kind).toBe('wrapUp');
  });

  it('a phone that comes back with its call goes on with it; one that stays away does not', async () => {
    const seat = await ready();
    const call = inbound('13800138000');
    await seat.report(call);
    await seat.report(talking(call));
    seat.phone.close();
    const back = seat.window('phone');
    seat.clock.advance(15_000);
    value(await back.call('phone.report', phoneWith(talking(call))));
    seat.clock.advance(30_000);
    expect((await seat.snapshot()).agent.kind).toBe('onCall');
    back.close();
    await vi.waitFor(async () => expect((await seat.snapshot()).phone.line.kind).toBe('off'));
    seat.clock.advance(21_000);
    expect((await seat.snapshot()).agent.kind).toBe('wrapUp');
  });

  it('R28 the wrap-up timer forces "unfinished", keeps the note, and the next caller is taken up', async () => {
    const seat = await ready();
    const call = inbound('13800138000');
    const { contactId } = call;
    await seat.report(call);
    await seat.report(talking(call));
    await seat.report(ended(call));
    value(await seat.desk.call('draft.save', { contactId, note: '写到一半', disposition: [] }));
    seat.clock.advance(119_000);
    expect((await seat.snapshot()).agent.kind).toBe('wrapUp');
    const next = inbound('13500135000');
    await seat.report(ended(call), next);
    seat.clock.advance(1_001);
    const { agent, contact } = await seat.snapshot();
    expect(agent.kind).toBe('reserved');
    expect(contact?.contact.id).toBe(next.contactId);
    await seat.synced();
    expect(central.contacts.get(contactId)).toMatchObject({
      disposition: ['unfinished'],
      forced: true,
      note: '写到一半',
    });
  });

  it('Ready is refused until the shift was checked; a restart in mid-shift does not ask again, a new sign-in does', async () => {
    const seat = startSeat(central.url);
    const signIn = async (): Promise<void> =>
      void value(await seat.desk.call('session.signIn', { agentNumber: '8001', password: 'sample-8001' }));
    const refusedAgain = async (): Promise<void> =>
      expect(refusalOf(await seat.desk.call('agent.ready', {}))).toEqual({
        kind: 'conflict',
        reason: 'shiftCheckFirst',
      });
    await signIn();
    await refusedAgain();
    value(await seat.desk.call('shift.checked', { microphone: 'confirmed' }));
    expect((await seat.snapshot()).session).toMatchObject({ shiftCheckedAtMs: expect.any(Number) as number });
    // The token ran out: the same agent goes on.
    await signIn();
    value(await seat.desk.call('agent.ready', {}));
    value(await seat.desk.call('agent.notReady', { reason: 'break' }));
    value(await seat.desk.call('session.signOut', {}));
    await signIn();
    await refusedAgain();
  });

  it('Ready is refused while no microphone can be used, and sign-out while a call is in hand', async () => {
    const seat = startSeat(central.url);
    await seat.signIn();
    value(await seat.phone.call('phone.report', { ...phoneWith(), devices: { kind: 'refused' } }));
    expect(refusalOf(await seat.desk.call('agent.ready', {}))).toEqual({ kind: 'phone', reason: 'microphoneRefused' });
    const call = inbound('13800138000');
    await seat.report(call);
    expect(refusalOf(await seat.desk.call('session.signOut', {}))).toMatchObject({ reason: 'finishCallFirst' });
    await seat.report(ended(call, 'rejected'));
    value(await seat.desk.call('session.signOut', {}));
    expect(await seat.snapshot()).toMatchObject({ session: { kind: 'signedOut' }, agent: { kind: 'offline' } });
    expect(value(await seat.phone.call('phone.credentials', {}))).toBeNull();
  });

  it('a dial the phone never makes does not hold the agent for ever', async () => {
    const seat = await ready();
    const permit = await seat.phone.call('dial.authorise', {
      callId: uuid(),
      what: { text: '13800138000' },
      purpose: 'service',
    });
    value(permit);
    seat.clock.advance(20_001);
    expect((await seat.snapshot()).agent.kind).toBe('wrapUp');
  });
});

describe('one call of the exchange at several seats', () => {
  it('is a contact of its own at each, under the name the exchange has for the call', async () => {
    const seat = await ready();
    const exchangeId = uuid();
    const [first, second] = [inbound('13800138000', { exchangeId }), inbound('13800138000', { exchangeId })];
    await seat.report(first);
    await seat.report(ended(first, 'missed'));
    const other = startSeat(central.url);
    await other.signIn('8002');
    value(await other.desk.call('agent.ready', {}));
    await other.report(second);
    await other.report(talking(second));
    await other.report(ended(second));
    value(
      await other.desk.call('contact.wrapUp', { contactId: second.contactId, note: '接上了', disposition: ['other'] }),
    );
    await Promise.all([seat.synced(), other.synced()]);
    expect((await other.snapshot()).refusedOps).toEqual([]);
    expect(central.contacts.get(first.contactId)).toMatchObject({ agentId: 'agent-8001', exchangeId });
    expect(central.contacts.get(second.contactId)).toMatchObject({ agentId: 'agent-8002', exchangeId, note: '接上了' });
  });
});
