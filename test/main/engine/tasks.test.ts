import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { noCounters } from '../../../shared/dial-counters.ts';
import { CallId, GrantId, TaskId } from '../../../shared/ids.ts';
import { answerOnItsWayMs, type TaskItem } from '../../../shared/task-api.ts';
import { grantShown } from '../../../shared/task-work.ts';
import type { FakeCentral } from '../fake-central.ts';
import { startFakeCentral } from '../fake-central.ts';
import type { SeatUnderTest } from '../harness.ts';
import { endSeats, inbound, startSeat, talking, uuid, value } from '../harness.ts';
import { customer as sampleCustomer, feedOf } from '../sample.ts';

const nowMs = Date.UTC(2026, 10, 21, 2, 0, 0);
const known = sampleCustomer('c-one');
const minute = 60_000;
let central: FakeCentral;
let seat: SeatUnderTest;
const itemOf = (over: Partial<TaskItem> = {}): TaskItem => ({
  ...{ grantId: GrantId.parse(randomUUID()), ttlMs: 10 * minute, taskId: TaskId.parse(randomUUID()), title: '推荐' },
  ...{ kind: 'marketing', mode: 'preview', boxSeconds: 60, scriptId: null, treeId: null, offer: '', callerNumber: '' },
  ...{
    hours: [{ fromMinute: 540, toMinute: 1_200 }],
    endsAtMs: nowMs + 10 * 24 * 60 * minute,
    note: '',
    prospect: '',
  },
  ...{
    number: '+8613700137000',
    customer: known,
    why: [],
    tries: 0,
    isNecessary: false,
    counters: noCounters,
  },
  ...over,
});
const offer = (item: TaskItem | null) => {
  central.nextTask = () => ({ item, why: item === null ? 'taskNobodyNow' : null, againInMs: 30_000, tasks: [] });
  return item;
};
const taskNow = async () => (await seat.snapshot()).task;
const until = (kind: string) => expect.poll(async () => (await taskNow()).kind).toBe(kind);
const dial = (grantId: string) =>
  seat.phone.call('dial.authorise', { callId: CallId.parse(uuid()), what: { grantId }, purpose: 'service' } as never);

describe('R19–R21 the next customer of a task at the seat', () => {
  beforeEach(async () => {
    central = await startFakeCentral(feedOf([known]));
    seat = startSeat(central.url);
    await seat.signIn();
    await seat.synced();
  });
  afterEach(async () => {
    await endSeats();
    await central.close();
  });
  const take = async (item: TaskItem | null): Promise<void> => {
    offer(item);
    value(await seat.desk.call('task.take', { on: true }));
    value(await seat.desk.call('agent.ready', {}));
  };

  it('is asked for once the agent is Ready and takes tasks, and dialled with central’s leave', async () => {
    const item = itemOf();
    await take(item);
    await until('preview');
    const permit = value(await dial(item.grantId));
    expect(permit).toMatchObject({ dial: '13700137000' });
    expect(await taskNow()).toMatchObject({ kind: 'dialling' });
    const { contact } = await seat.contact();
    expect(contact).toMatchObject({ direction: 'outbound', grant: { id: item.grantId, taskId: item.taskId } });
    await vi.waitFor(() => expect(central.contacts.get(contact.id)?.grant?.id).toBe(item.grantId));
    expect((await dial(item.grantId)).ok).toBe(false);
  });

  it('R21: leave that is over, or a copy that is too old, dials nobody', async () => {
    const item = itemOf({ ttlMs: 30_000 });
    await take(item);
    await until('preview');
    seat.clock.advance(30_000);
    expect(await dial(item.grantId)).toMatchObject({ ok: false, error: { reason: 'grantOver' } });
  });

  it('goes back when its time is over, and waits for the agent', async () => {
    const item = itemOf();
    await take(item);
    await until('preview');
    seat.clock.advance(60_000);
    await until('nobody');
    expect(await taskNow()).toMatchObject({ why: 'boxOver', againAtMs: null });
    offer(null);
    value(await seat.desk.call('task.next', {}));
    await vi.waitFor(() =>
      expect(central.taskAsked.some(({ unused }) => unused.some(({ grantId }) => grantId === item.grantId))).toBe(true),
    );
  });

  it('R19: callers come first is shown with since when by this seat’s clock, and asked about again', async () => {
    const shift = { queue: 'service', why: 'waiting', forMs: 90_000 } as const;
    central.nextTask = () => ({ item: null, why: 'inboundFirst', againInMs: 10_000, shift, tasks: [] });
    value(await seat.desk.call('task.take', { on: true }));
    value(await seat.desk.call('agent.ready', {}));
    await until('nobody');
    const sinceMs = seat.clock.nowMs() - 90_000;
    expect(await taskNow()).toMatchObject({
      why: 'inboundFirst',
      shift: { queue: 'service', why: 'waiting', sinceMs },
    });
    const item = offer(itemOf());
    seat.clock.advance(10_000);
    await until('preview');
    expect(await taskNow()).toMatchObject({ item: { grantId: item?.grantId } });
  });

  it('a skipped customer is told with the reason, and the next one asked for', async () => {
    const item = itemOf();
    await take(item);
    await until('preview');
    const second = offer(itemOf());
    value(await seat.desk.call('task.skip', { grantId: item.grantId, why: 'later' }));
    await vi.waitFor(async () => expect(await taskNow()).toMatchObject({ item: { grantId: second?.grantId } }));
    expect(central.taskAsked.at(-1)).toMatchObject({ unused: [{ grantId: item.grantId, why: 'later' }], wanted: true });
  });

  it('R19: an agent who is no longer free puts the customer back, and central hears of it at once', async () => {
    const item = itemOf();
    await take(item);
    await until('preview');
    value(await seat.desk.call('agent.notReady', { reason: 'break' }));
    await until('aside');
    await vi.waitFor(() =>
      expect(central.taskAsked.at(-1)).toMatchObject({ unused: [{ grantId: item.grantId }], wanted: false }),
    );
    expect((await dial(item.grantId)).ok).toBe(false);
  });

  it('R21: an answer that never came is asked about later, though the agent takes no tasks any more, until central has said', async () => {
    await take(itemOf());
    await until('preview');
    central.nextTask = () => ({}) as never;
    value(await seat.desk.call('task.skip', { grantId: grantShown(await taskNow()) ?? '', why: 'later' } as never));
    await vi.waitFor(async () => expect(await taskNow()).toMatchObject({ why: 'tasksOffline' }));
    value(await seat.desk.call('task.take', { on: false }));
    await until('off');
    const asked = (): number => central.taskAsked.length;
    const settledMs = answerOnItsWayMs + 15_000;
    // The customer passed over is told at once, which is too early for the other one.
    await vi.waitFor(() => expect(asked()).toBe(3));
    const before = asked();
    const later = (count: number) =>
      vi.waitFor(() => {
        if (asked() < count) seat.clock.advance(settledMs);
        expect(asked()).toBe(count);
      });
    expect(central.taskAsked.at(-1)).not.toHaveProperty('isSettled');
    await later(before + 1);
    expect(central.taskAsked.at(-1)).toMatchObject({ wanted: false, isSettled: true });
    offer(null);
    // Central failed to answer that as well: once more.
    await later(before + 2);
    await taskNow();
    seat.clock.advance(3 * settledMs);
    await taskNow();
    expect(asked()).toBe(before + 2);
  });

  const announce = (item: TaskItem) => {
    const contactId = uuid();
    central.say({ t: 'dialled', contactId, item });
    return contactId;
  };

  it('R25: a customer whom central called is on view before their call, which becomes the task’s contact', async () => {
    await take(null);
    await until('nobody');
    expect(central.taskAsked.at(-1)).toMatchObject({ takesDialled: true });
    const item = itemOf();
    const contactId = announce(item);
    await until('arriving');
    expect(await taskNow()).toMatchObject({ contactId, item: { grantId: item.grantId, customer: { id: known.id } } });
    expect((await seat.snapshot()).expected).toEqual({ contactId });
    const call = inbound('dialler', { exchangeId: contactId, queue: 'marketing' });
    await seat.report(call);
    await seat.report(talking(call));
    expect(await taskNow()).toMatchObject({ kind: 'dialling' });
    const { contact } = await seat.contact();
    expect(contact).toMatchObject({
      ...{ id: contactId, direction: 'outbound', number: item.number, customerId: known.id, queue: null },
      grant: { id: item.grantId, taskId: item.taskId },
    });
    expect(contact.answeredAtMs).not.toBeNull();
    expect((await seat.snapshot()).expected).toEqual({ contactId: null });
  });

  it('R25: a customer who does not come leaves the agent waiting for the next', async () => {
    await take(null);
    await until('nobody');
    announce(itemOf());
    await until('arriving');
    seat.clock.advance(4_000);
    await until('nobody');
    expect((await seat.snapshot()).expected).toEqual({ contactId: null });
  });

  it('R19: a caller who came first wins, and what is announced then is not taken', async () => {
    await take(null);
    await until('nobody');
    const call = inbound('13700137000');
    await seat.report(call);
    await until('aside');
    announce(itemOf());
    await seat.report(talking(call));
    expect((await seat.snapshot()).expected).toEqual({ contactId: null });
    expect((await seat.contact()).contact.direction).toBe('inbound');
  });

  it('is off for who does not take tasks', async () => {
    value(await seat.desk.call('agent.ready', {}));
    expect(await taskNow()).toEqual({ kind: 'off' });
    expect(central.taskAsked).toEqual([]);
  });
});
