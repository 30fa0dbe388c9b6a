import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Change } from '../../../shared/central-api.ts';
import type { Call } from '../../../shared/call.ts';
import { AgentId, type CallId } from '../../../shared/ids.ts';
import type { FakeCentral } from '../fake-central.ts';
import { startFakeCentral } from '../fake-central.ts';
import type { SeatUnderTest } from '../harness.ts';
import { ended, endSeats, inbound, readySeat, refusalOf, talking, uuid, value } from '../harness.ts';
import { customer, feedOf } from '../sample.ts';

const colleague = { id: 'colleague:8002', kind: 'colleague', number: '8002', category: { zh: '', en: '' } } as const;
const feed: Change[] = [
  ...feedOf([customer('c-li')]),
  { entity: 'target', id: colleague.id, row: { ...colleague, name: { zh: '周南乔', en: '' }, pinyin: [] } },
];

let central: FakeCentral;
let seat: SeatUnderTest;
beforeEach(async () => {
  central = await startFakeCentral(feed);
  seat = await readySeat(central.url);
});
afterEach(async () => {
  await endSeats();
  await central.close();
});

const list = async (where: 'seat' | 'central' = 'seat') => value(await seat.desk.call('missed.list', { where }));
const ringOut = async (number = '13800138000', cause: 'missed' | 'rejected' = 'missed'): Promise<Call> => {
  const call = inbound(number);
  await seat.report(call);
  seat.clock.advance(20_000);
  await seat.report(ended(call, cause));
  return call;
};
const wrapUp = async (): Promise<void> => {
  const { contact } = await seat.contact();
  value(await seat.desk.call('contact.wrapUp', { contactId: contact.id, note: '', disposition: ['solved', 'told'] }));
};

describe('R38 missed calls at the seat', () => {
  it('a call that rings out is in the list at once, masked, with central away; called back by its contact, it is done', async () => {
    central.fault = 'down';
    const call = await ringOut();
    expect((await seat.snapshot()).agent).toMatchObject({ kind: 'notReady', reason: 'missed' });
    expect((await list()).calls).toMatchObject([
      {
        contactId: call.contactId,
        shown: '138****8000',
        name: '李*',
        how: 'rangOut',
        times: 1,
        state: { kind: 'open' },
      },
    ]);
    expect(JSON.stringify(await list())).not.toContain('13800138000');
    expect(refusalOf(await seat.desk.call('missed.list', { where: 'central' })).kind).toBe('offline');

    const callId = uuid() as CallId;
    const what = { contactId: call.contactId };
    const permit = value(await seat.phone.call('dial.authorise', { callId, what, purpose: 'service' }));
    const back: Call = { ...inbound('13800138000'), id: callId, direction: 'outbound', contactId: permit.contactId };
    await seat.report(talking(back));
    await seat.report(ended(back));
    await wrapUp();
    expect((await list()).calls).toMatchObject([{ state: { kind: 'calledBack' }, times: 1 }]);
  });

  it('the customer calls again and is answered: done, without a key', async () => {
    await ringOut('13800138000', 'rejected');
    expect((await list()).calls).toMatchObject([{ how: 'declined', state: { kind: 'open', triedAtMs: null } }]);
    const again = inbound('13800138000');
    await seat.report(again);
    await seat.report(talking(again));
    await seat.report(ended(again));
    await wrapUp();
    expect((await list()).calls).toMatchObject([{ how: 'declined', state: { kind: 'calledAgain' } }]);
  });

  it('a colleague’s talk comes with the feed, or with central’s word where the seat has no rows', async () => {
    const known = await ringOut();
    const unknown = await ringOut('13700137000');
    await seat.synced();
    expect((await list()).calls.map(({ shown, state }) => [shown, state.kind])).toEqual([
      ['137 0013 7000', 'open'],
      ['138****8000', 'open'],
    ]);
    central.publish({
      ...{ entity: 'history', id: uuid() },
      row: {
        customerId: customer('c-li').id,
        past: {
          ...{ contactId: uuid() as never, direction: 'inbound', startedAtMs: seat.clock.nowMs(), talkMs: 5_000 },
          ...{ topic: null, disposition: [], agentName: '周南乔', note: '' },
        },
      },
    });
    central.say({ t: 'poke' });
    await vi.waitFor(async () => expect((await list()).calls[1]?.state).toMatchObject({ kind: 'colleague' }));
    central.missed = [
      {
        ...{ contactId: unknown.contactId, agentId: AgentId.parse('A8001'), agentName: '', agentNumber: '' },
        ...{ who: null, number: '', queue: null, how: 'rangOut', atMs: 1 },
        settled: { atMs: 5, agentId: AgentId.parse('A8002'), agentName: '周南乔', direction: 'inbound' },
      },
    ];
    const whole = await list('central');
    expect(whole.calls.find(({ contactId }) => contactId === unknown.contactId)?.state).toEqual({
      ...{ kind: 'colleague', atMs: 5, by: '周南乔' },
    });
    expect(whole.calls.some(({ contactId }) => contactId === known.contactId)).toBe(true);
  });

  it('a colleague rings in vain while the agent talks: noted, counted, and gone once the two have talked', async () => {
    const customers = inbound('13800138000');
    await seat.report(customers);
    await seat.report(talking(customers));
    const rings = (): Call => ({ ...inbound('8002'), aside: { kind: 'colleague', number: '8002' } });
    for (const one of [rings(), rings()]) {
      await seat.report(talking(customers), one);
      await seat.report(talking(customers), ended(one, 'missed'));
      await seat.report(talking(customers), ended(one, 'missed'));
      await seat.report(talking(customers));
    }
    expect((await list()).colleagues).toMatchObject([{ number: '8002', name: { zh: '周南乔' }, times: 2 }]);
    const answered = rings();
    await seat.report(talking(customers), talking(answered));
    await seat.report(talking(customers), ended(answered));
    expect((await list()).colleagues).toEqual([]);
  });

  it('a customer who calls while the agent talks rings nowhere here (486) and is nobody’s miss, whatever the phone says of it', async () => {
    const customers = inbound('13800138000');
    await seat.report(customers);
    await seat.report(talking(customers));
    const second = inbound('13700137000');
    await seat.report(talking(customers), second);
    expect((await seat.snapshot()).agent).toMatchObject({ kind: 'onCall', callId: customers.id });
    await seat.report(talking(customers), ended(second, 'busy'));
    await seat.report(ended(customers));
    await wrapUp();
    expect((await list()).calls).toEqual([]);
    expect((await seat.snapshot()).agent.kind).toBe('ready');
    // Turned away in the moment between the ring and the first word of it: the agent stays Ready.
    const third = inbound('13700137000');
    await seat.report(third);
    await seat.report(ended(third, 'busy'));
    expect((await list()).calls).toEqual([]);
    expect((await seat.snapshot()).agent.kind).toBe('ready');
  });

  it('leads hear of the team’s from central; nobody else’s contacts at this seat are one’s own', async () => {
    await ringOut();
    expect(value(await seat.desk.call('missed.team', {})).calls).toEqual([]);
    expect(central.asked).toContain('missed');
    await seat.synced();
    value(await seat.desk.call('session.signOut', {}));
    await seat.signIn('8002');
    expect((await list()).calls).toEqual([]);
  });
});
