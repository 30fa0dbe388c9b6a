import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { followUpOf } from '../../../shared/follow-up.ts';
import type { FakeCentral } from '../fake-central.ts';
import { startFakeCentral } from '../fake-central.ts';
import type { SeatUnderTest } from '../harness.ts';
import { ended, endSeats, inbound, readySeat, refusalOf, talking, value } from '../harness.ts';
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

const inCall = async () => {
  const call = inbound('13800138000');
  await seat.report(call);
  await seat.report(talking(call));
  return { call, contactId: (await seat.contact()).contact.id };
};
const words = { kind: 'complaint', title: '信号差', text: '', department: '网络部' } as const;
const rows = async () => (await seat.snapshot()).work.rows.map(({ row }) => row);

describe('R24, R29 at the seat', () => {
  it('a case is on disk, with its deadline, in the customer’s pop and on the way to central at once', async () => {
    const { contactId } = await inCall();
    central.fault = 'down';
    const { workId } = value(await seat.desk.call('case.open', { contactId, ...words }));
    const { match } = await seat.contact();
    expect(match.kind === 'one' && match.customer.cases).toMatchObject([{ id: workId, status: 'open' }]);
    const [shown] = (await seat.snapshot()).work.rows;
    expect(shown).toMatchObject({ customer: customer('c-li').nameMasked, row: { id: workId, record: 'case' } });
    central.fault = 'none';
    await seat.synced();
    expect(central.applied.map(({ body }) => body.name)).toContain('case.opened');
  });

  it('what was solved is owed to the customer; told to them, the case is closed', async () => {
    const { contactId } = await inCall();
    const { workId } = value(await seat.desk.call('case.open', { contactId, ...words }));
    value(await seat.desk.call('case.step', { workId, step: 'resolved', note: '已扩容', department: null }));
    const owed = (await rows()).find((row) => row.record === 'obligation');
    expect(owed).toMatchObject({ kind: 'caseResult', caseId: workId, what: '已扩容' });
    if (owed === undefined) throw new Error('nothing is owed');
    value(await seat.desk.call('obligation.finish', { workId: owed.id, outcome: 'reached' }));
    const closed = (await rows()).find((row) => row.id === workId);
    expect(closed).toMatchObject({ state: 'closed' });
  });

  it('own rows stand until central has told them again; then central’s word counts', async () => {
    const { contactId } = await inCall();
    const { workId } = value(await seat.desk.call('case.open', { contactId, ...words }));
    const [own] = await rows();
    if (own === undefined) throw new Error('no case');
    await vi.waitFor(() => expect(central.work).toEqual([own]));
    await seat.synced();
    central.work = [{ ...own, dueAtMs: own.dueAtMs + 1 }];
    seat.clock.advance(200_000);
    await vi.waitFor(async () => expect(await rows()).toMatchObject([{ id: workId, dueAtMs: own.dueAtMs + 1 }]));
    // An older central knows no such route: what this seat did stays with it.
    central.faultOn = ['work'];
    central.fault = 'error500';
    const step = { workId, step: 'noted', note: '再打一次', department: null } as const;
    value(await seat.desk.call('case.step', step));
    await seat.synced();
    expect(await rows()).toMatchObject([{ id: workId, steps: [{}, { note: '再打一次' }] }]);
  });

  it('what breaches first is in front; refused in words without a customer, in the past, or after the call', async () => {
    const { call, contactId } = await inCall();
    const promise = (dueAtMs: number | null, kind: 'callback' | 'answer' = 'callback') =>
      seat.desk.call('obligation.open', { contactId, kind, what: '', dueAtMs });
    central.fault = 'down';
    const soonMs = seat.clock.nowMs() + 60_000;
    value(await promise(null, 'answer'));
    value(await promise(soonMs));
    expect((await rows()).map(({ dueAtMs }) => dueAtMs)[0]).toBe(soonMs);
    expect(refusalOf(await promise(null)).reason).toBe('dueTime');
    expect(refusalOf(await seat.desk.call('case.open', { contactId, ...words, title: ' ' })).reason).toBe('caseTitle');
    await seat.report(ended(call));
    value(await promise(soonMs + 1));
    value(await seat.desk.call('contact.identify', { contactId, customerId: null }));
    expect(refusalOf(await promise(soonMs)).reason).toBe('customerFirst');
  });

  it.each([
    ['callback', { name: 'obligation.opened', kind: 'callback', what: '请回电' }],
    ['case', { name: 'case.opened', kind: 'request', text: '请回电', department: '网络部' }],
    ['refusal', { name: 'customer.refused', customerId: 'c-li' }],
  ])('R28 an outcome of %s fills its own follow-up, in the wrap-up’s transaction; once', async (outcome, expected) => {
    const label = { zh: '结果', en: 'Result' };
    central.publish(
      {
        entity: 'tree',
        id: 'all',
        row: { id: 'all', queues: ['service'], roots: [{ id: 'x', label, outcome, children: [] }] },
      },
      {
        ...{ entity: 'target', id: 'department:9' },
        row: {
          id: 'department:9',
          kind: 'department',
          name: { zh: '网络部', en: '' },
          number: '9001',
          category: label,
          pinyin: [],
        },
      },
    );
    const { call, contactId } = await inCall();
    await vi.waitFor(async () => expect((await seat.contact()).tree.id).toBe('all'));
    await seat.report(ended(call));
    const before = await rows();
    value(await seat.desk.call('contact.wrapUp', { contactId, note: '请回电', disposition: ['x'] }));
    await seat.synced();
    const bodies = central.applied.map(({ body }) => body);
    expect(bodies.find(({ name }) => name === expected.name)).toMatchObject(expected);
    expect((await rows()).length - before.length).toBe(outcome === 'refusal' ? 0 : 1);
  });

  it('R28 what the agent promised in the call stands: nothing is entered twice', async () => {
    const { contactId } = await inCall();
    const dueAtMs = seat.clock.nowMs() + 60_000;
    value(await seat.desk.call('obligation.open', { contactId, kind: 'callback', what: '', dueAtMs }));
    const all = await rows();
    expect([
      followUpOf('callback', contactId, all, false),
      followUpOf('case', contactId, all, false),
      followUpOf('refusal', contactId, all, true),
      followUpOf('done', contactId, all, false),
    ]).toEqual([null, 'case', null, null]);
  });
});
