import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ContactId, GrantId, ScriptId, TaskId } from '../../../shared/ids.ts';
import type { FakeCentral } from '../fake-central.ts';
import { startFakeCentral } from '../fake-central.ts';
import type { SeatUnderTest } from '../harness.ts';
import { endSeats, ended, inbound, startSeat, talking } from '../harness.ts';
import { customer as sampleCustomer, feedOf } from '../sample.ts';

const known = sampleCustomer('c-one');
const number = known.numbers[0]?.key ?? '';
let central: FakeCentral;
let seat: SeatUnderTest;
const grant = {
  ...{ id: GrantId.parse(randomUUID()), taskId: TaskId.parse(randomUUID()) },
  treeId: 'marketing',
};
const hot = { grant, title: '春季升级', offer: '畅享 129', scriptId: ScriptId.parse('none') };

describe('R26 a caller who has had a text of a task', () => {
  beforeEach(async () => {
    central = await startFakeCentral(feedOf([known]));
    central.calledIn = () => ({ hot });
    seat = startSeat(central.url);
    await seat.signIn();
    await seat.synced();
  });
  afterEach(async () => {
    await endSeats();
    await central.close();
  });
  const rings = async (from = number) => {
    const call = inbound(from);
    await seat.report(call);
    return call;
  };

  it('is asked about once with the number, and the call becomes the task’s contact', async () => {
    const call = await rings();
    await vi.waitFor(async () => expect((await seat.contact()).calledIn?.title).toBe('春季升级'));
    await seat.report(talking(call));
    const view = await seat.contact();
    expect(view).toMatchObject({ calledIn: { offer: '畅享 129' }, contact: { direction: 'inbound', grant } });
    await vi.waitFor(() => expect(central.contacts.get(ContactId.parse(view.contact.id))?.grant).toEqual(grant));
    expect(central.calledInAsked).toEqual([{ contactId: view.contact.id, number }]);
  });

  it('the number withheld: nothing is asked', async () => {
    await rings('');
    expect((await seat.contact()).match.kind).toBe('none');
    expect(central.calledInAsked).toEqual([]);
  });

  it('gives up before central has answered: the leave goes back', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    central.calledIn = () => {
      resolve();
      return { hot };
    };
    const call = await rings();
    await seat.report(ended(call, 'missed'));
    await promise;
    await vi.waitFor(() => {
      const told = central.taskAsked.flatMap(({ unused }) => unused.map(({ grantId }) => grantId));
      const ofContact = [...central.contacts.values()].map((one) => one.grant?.id);
      expect([...told, ...ofContact]).toContain(grant.id);
    });
  });

  it('central cannot be asked: it is a call like any other', async () => {
    central.calledIn = () => undefined;
    const call = await rings();
    await seat.report(talking(call));
    const view = await seat.contact();
    expect(view.contact.answeredAtMs).not.toBeNull();
    expect(view.calledIn).toBeUndefined();
  });
});
