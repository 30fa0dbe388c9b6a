import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Call, CallState } from '../../../shared/call.ts';
import type { Change } from '../../../shared/central-api.ts';
import type { Target } from '../../../shared/directory.ts';
import type { CallId } from '../../../shared/ids.ts';
import type { FakeCentral } from '../fake-central.ts';
import { startFakeCentral } from '../fake-central.ts';
import { ended, endSeats, inbound, readySeat, refusalOf, talking, uuid, value } from '../harness.ts';
import type { SeatUnderTest } from '../harness.ts';
import { customer, feedOf } from '../sample.ts';

const target = (kind: Target['kind'], number: string): Target => ({
  id: `${kind}:${number}`,
  kind,
  name: { zh: `示例${number}`, en: '' },
  number,
  category: { zh: '', en: '' },
  pinyin: [],
});
const directory = [target('colleague', '8001'), target('colleague', '8002'), target('queue', '6002')];
const feed: Change[] = [
  ...feedOf([customer('c-one')]),
  ...directory.map((row): Change => ({ entity: 'target', id: row.id, row })),
];

let central: FakeCentral;
let seat: SeatUnderTest;
let call: Call;
beforeEach(async () => {
  central = await startFakeCentral(feed);
  seat = await readySeat(central.url);
  call = inbound('13800138000');
});
afterEach(async () => {
  await endSeats();
  await central.close();
});

const answer = async (): Promise<Call> => {
  await seat.report(call);
  await seat.report(talking(call));
  return talking(call);
};
const authorise = (
  purpose: 'service' | 'consult' | 'transfer' | 'divert' | 'check',
  text: string,
  over: { callId?: CallId; consultId?: CallId } = {},
) => seat.phone.call('dial.authorise', { callId: over.callId ?? call.id, what: { text }, purpose, ...consultOf(over) });
const consultOf = ({ consultId }: { consultId?: CallId }) => (consultId === undefined ? {} : { consultId });

type Talking = Extract<CallState, { kind: 'talking' }>;
const during = (one: Call, over: Partial<Talking>): Call => ({ ...one, state: { ...(one.state as Talking), ...over } });
const consultation = (number = '8002'): Call =>
  talking({
    ...inbound(number),
    id: uuid() as CallId,
    direction: 'outbound',
    contactId: call.contactId,
    aside: { kind: 'consult', of: call.id },
  });
const transfers = async () => (await seat.contact()).contact.transfers;
const prove = async (): Promise<void> => {
  const { contact } = await seat.contact();
  value(
    await seat.desk.call('verification.try', { contactId: contact.id, factor: 'servicePassword', value: '135790' }),
  );
  expect((await seat.contact()).verification.level).toBe(3);
};

describe('R21: the engine permits every number a second party is called by', () => {
  it('opens no contact, and names the one it is about', async () => {
    await answer();
    const { contact } = await seat.contact();
    for (const purpose of ['consult', 'transfer'] as const)
      expect(value(await authorise(purpose, '8002'))).toEqual({ contactId: contact.id, dial: '8002', warnings: [] });
    await seat.synced();
    expect(central.applied.filter(({ body }) => body.name === 'contact.opened')).toHaveLength(1);
  });

  it('security 74: nobody unlisted, not oneself, and only about the call in hand', async () => {
    await answer();
    for (const purpose of ['consult', 'transfer'] as const) {
      expect(refusalOf(await authorise(purpose, '13900139000')).reason).toBe('targetUnlisted');
      expect(refusalOf(await authorise(purpose, '8001')).reason).toBe('targetSelf');
      expect(refusalOf(await authorise(purpose, '8002', { callId: uuid() as CallId })).reason).toBe('contactNotInHand');
    }
    expect(refusalOf(await authorise('divert', '8002')).reason).toBe('contactNotInHand');
  });

  it('security 74: no third call', async () => {
    const own = await answer();
    await seat.report(consultation(), own);
    expect(refusalOf(await authorise('consult', '8002')).reason).toBe('callInProgress');
  });

  it('security 74: so many a minute, of all kinds together; then again', async () => {
    await answer();
    for (let n = 0; n < 20; n += 1) value(await authorise(n % 2 === 0 ? 'consult' : 'transfer', '8002'));
    expect(refusalOf(await authorise('consult', '8002'))).toMatchObject({
      reason: 'tooManyDials',
      params: { perMinute: 20 },
    });
    seat.clock.advance(60_000);
    value(await authorise('consult', '8002'));
  });

  it('a colleague is called without a contact, a queue not at all', async () => {
    const permit = value(await authorise('service', '8002', { callId: uuid() as CallId }));
    expect(permit).toMatchObject({ dial: '8002', colleague: '8002' });
    expect(refusalOf(await authorise('service', '6002', { callId: uuid() as CallId })).reason).toBe('queueNotDialled');
    const snapshot = await seat.snapshot();
    expect([snapshot.contact, snapshot.agent.kind]).toEqual([null, 'ready']);
  });

  it('the echo is heard by somebody who is free', async () => {
    expect(value(await authorise('check', '6099', { callId: uuid() as CallId })).dial).toBe('6099');
    await answer();
    expect(refusalOf(await authorise('check', '6099', { callId: uuid() as CallId })).reason).toBe('finishCallFirst');
  });
});

describe('what became of it is in the contact’s record, at the seat and at central', () => {
  const recorded = async () => {
    await seat.synced();
    const { contact } = await seat.contact();
    expect(central.contacts.get(contact.id)?.transfers).toEqual(contact.transfers);
    return contact.transfers?.map(({ kind, target: to, outcome, status }) => [kind, to, outcome, status]);
  };

  it('blind: the call ends transferred, the wrap-up goes as always', async () => {
    await answer();
    value(await authorise('transfer', '6002'));
    await seat.report({ ...talking(call), state: { kind: 'ended', atMs: 3, cause: 'transferred', talkMs: 1 } });
    expect(await recorded()).toEqual([['blind', '6002', 'done', undefined]]);
    const { agent } = await seat.snapshot();
    expect([agent.kind, (await seat.contact()).contact.endCause]).toEqual(['wrapUp', 'transferred']);
  });

  it('a failed one is there once, with what SIP said; the level stays and the call goes on', async () => {
    const own = await answer();
    await prove();
    value(await authorise('transfer', '8002'));
    const failed = during(own, { transfer: { kind: 'failed', status: 486, sinceMs: 5 } });
    await seat.report(failed);
    await seat.report(failed);
    expect(await recorded()).toEqual([['blind', '8002', 'failed', 486]]);
    expect((await seat.contact()).verification.level).toBe(3);
    expect((await seat.snapshot()).agent.kind).toBe('onCall');
    value(await authorise('transfer', '8002'));
    await seat.report(during(own, { transfer: { kind: 'failed', status: 480, sinceMs: 9 } }));
    expect((await transfers())?.map(({ status }) => status)).toEqual([486, 480]);
  });

  it('attended: asked and handed over is one record', async () => {
    const own = await answer();
    value(await authorise('consult', '8002'));
    const asked = consultation();
    await seat.report(asked, own);
    value(await authorise('transfer', '8002', { consultId: asked.id }));
    const gone = { kind: 'ended', atMs: 9, cause: 'transferred', talkMs: 5 } as const;
    await seat.report(asked, { ...own, state: gone });
    await seat.report({ ...asked, state: gone }, { ...own, state: gone });
    expect(await recorded()).toEqual([['attended', '8002', 'done', undefined]]);
  });

  it.each([
    ['agentHungUp', 7, 'done'],
    ['agentHungUp', 0, 'cancelled'],
    ['busy', 0, 'failed'],
  ] as const)('a consultation that ends by %s after %i ms is %s', async (cause, talkMs, outcome) => {
    const own = await answer();
    const asked = consultation();
    await seat.report(asked, own);
    await seat.report({ ...asked, state: { kind: 'ended', atMs: 9, cause, talkMs } }, own);
    expect(await recorded()).toEqual([['consult', '8002', outcome, undefined]]);
    expect((await seat.snapshot()).agent.kind).toBe('onCall');
  });

  it('security 51: the level is kept while asking and dropped when all three talk', async () => {
    const own = await answer();
    await prove();
    const asked = consultation();
    await seat.report(asked, own);
    expect((await seat.contact()).verification.level).toBe(3);
    await seat.report(during(asked, { merged: true }), during(own, { merged: true }));
    const view = await seat.contact();
    expect([view.verification.level, view.revealed]).toEqual([1, {}]);
    await seat.report(asked, own);
    await seat.report({ ...asked, state: { kind: 'ended', atMs: 9, cause: 'agentHungUp', talkMs: 5 } }, own);
    expect(await recorded()).toEqual([['conference', '8002', 'done', undefined]]);
    await prove();
  });

  it('a colleague who called by himself and is taken in drops the level as well', async () => {
    const own = await answer();
    await prove();
    const colleague: Call = { ...talking(inbound('8002')), aside: { kind: 'colleague', number: '8002' } };
    await seat.report(during(colleague, { merged: true }), during(own, { merged: true }));
    expect((await seat.contact()).verification.level).toBe(1);
    expect(await recorded()).toEqual([['conference', '8002', 'done', undefined]]);
  });

  it('a ringing call passed on is not a missed one', async () => {
    await seat.report(call);
    const { contact } = await seat.contact();
    value(await authorise('divert', '6002'));
    await seat.report({ ...call, state: { kind: 'ended', atMs: 3, cause: 'transferred', talkMs: 0 } });
    const { agent } = await seat.snapshot();
    expect(agent.kind).toBe('ready');
    await seat.synced();
    expect(central.contacts.get(contact.id)?.transfers).toMatchObject([{ kind: 'divert', target: '6002' }]);
  });
});

describe('a colleague’s call', () => {
  const colleague = (): Call => ({ ...inbound('8002'), aside: { kind: 'colleague', number: '8002' } });

  it('has no contact and no pop, also after it was answered and ended', async () => {
    const aside = colleague();
    await seat.report(aside);
    await seat.report(talking(aside));
    expect((await seat.snapshot()).contact).toBeNull();
    await seat.report(ended(aside));
    expect((await seat.snapshot()).agent.kind).toBe('ready');
  });

  it('becomes a contact of this agent’s own once the customer is handed over in it', async () => {
    const aside = talking(colleague());
    await seat.report(aside);
    const { aside: _, ...customers } = { ...aside, number: '13800138000' };
    await seat.report(customers);
    const { contact, match } = await seat.contact();
    expect(match).toMatchObject({ kind: 'one', customer: { id: 'c-one' } });
    // The colleague's contact goes by that name.
    expect(contact.id).not.toBe(aside.contactId);
    expect([contact.answeredAtMs === null, (await seat.snapshot()).agent.kind]).toEqual([false, 'onCall']);
    expect((await seat.contact()).verification.level).toBe(1);
  });
});

describe('the directory at the seat', () => {
  it('has everybody but oneself, with what they are doing when central can be asked', async () => {
    const { targets } = value(await seat.desk.call('directory.list', {}));
    expect(targets.map(({ number }) => number)).toEqual(['6002', '8002']);
    expect(value(await seat.desk.call('directory.states', {})).colleagues).toEqual([
      { number: '8002', state: 'ready' },
    ]);
    central.fault = 'down';
    expect(refusalOf(await seat.desk.call('directory.states', {})).kind).toBe('offline');
  });

  it('R44: recent numbers of customers are masked, and dialled without the desk knowing them', async () => {
    await answer();
    await seat.report(ended(call));
    const { contact } = await seat.contact();
    value(await seat.desk.call('contact.wrapUp', { contactId: contact.id, note: '', disposition: ['solved', 'told'] }));
    const { recent } = value(await seat.desk.call('directory.list', {}));
    expect(recent).toMatchObject([{ shown: '138****8000', name: '李*', direction: 'inbound', wasAnswered: true }]);
    expect(JSON.stringify(recent)).not.toContain('13800138000');
    const callId = uuid() as CallId;
    const what = { contactId: contact.id };
    const permit = value(await seat.phone.call('dial.authorise', { callId, what, purpose: 'service' }));
    expect(permit.dial).toBe('13800138000');
    expect((await seat.contact()).match).toMatchObject({ kind: 'one', customer: { id: 'c-one' } });
  });
});
