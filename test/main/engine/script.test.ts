import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Change } from '../../../shared/central-api.ts';
import type { ContactId } from '../../../shared/ids.ts';
import { ScriptId } from '../../../shared/ids.ts';
import type { FakeCentral } from '../fake-central.ts';
import { startFakeCentral } from '../fake-central.ts';
import type { SeatUnderTest } from '../harness.ts';
import { ended, endSeats, inbound, startSeat, talking, value } from '../harness.ts';
import { customer, feedOf, script } from '../sample.ts';

let central: FakeCentral;
let seat: SeatUnderTest;
beforeEach(async () => {
  central = await startFakeCentral(feedOf([customer('c-li')]));
  seat = startSeat(central.url);
  await seat.signIn();
  await seat.synced();
  value(await seat.desk.call('agent.ready', {}));
});
afterEach(async () => {
  await endSeats();
  await central.close();
});

/** Central says something, and the seat has taken it. */
const told = async (change: Change): Promise<void> => {
  const pulls = (): number => central.asked.filter((name) => name === 'changes').length;
  const before = pulls();
  central.publish(change);
  await vi.waitFor(() => expect(pulls()).toBeGreaterThan(before));
  await seat.synced();
};

/** A call whose topic was chosen; which script and version it got. */
const call = async (): Promise<{
  readonly contactId: ContactId;
  readonly got: () => Promise<unknown>;
  readonly end: () => Promise<void>;
}> => {
  const ringing = inbound('13800138000');
  const { contactId } = ringing;
  await seat.report(ringing);
  await seat.report(talking(ringing));
  value(await seat.desk.call('contact.chooseTopic', { contactId, topicId: 'bill' }));
  const got = async (): Promise<unknown> => {
    const { script: view } = await seat.contact();
    return view === null ? null : `${view.script.id}@${view.script.version}`;
  };
  const end = async (): Promise<void> => {
    await seat.report(ended(talking(ringing)));
    value(await seat.desk.call('contact.wrapUp', { contactId, note: '', disposition: ['other'] }));
    await seat.report();
    await seat.synced();
  };
  return { contactId, got, end };
};

describe('R14 a version published or withdrawn during a call', () => {
  it('a withdrawn script is spoken to the end of the call that began with it, and by no other call', async () => {
    const first = await call();
    await told({ entity: 'script', id: 'bill-help@1', row: null });
    expect(await first.got()).toBe('bill-help@1');
    value(await seat.desk.call('script.answer', { contactId: first.contactId, stepId: 'open', answerId: 'yes' }));
    expect((await seat.contact()).script?.run.stepId).toBe('bill');
    await first.end();
    expect(await (await call()).got()).toBeNull();
  });

  it('a new version is for the next call', async () => {
    const first = await call();
    await told({ entity: 'script', id: 'bill-help@2', row: script(2) });
    expect(await first.got()).toBe('bill-help@1');
    await first.end();
    expect(await (await call()).got()).toBe('bill-help@2');
  });
});

it('R17 a customer of its area gets the variant, as long as it is in effect', async () => {
  const variant = (areas: string[], fromMs: number | null) => ({
    ...{ ...script(1), id: ScriptId.parse('bill-lake') },
    variant: { of: ScriptId.parse('bill-help'), areas, campaigns: [], fromMs, untilMs: null },
  });
  await told({ entity: 'script', id: 'bill-lake@1', row: variant(['东湖区'], 9_000_000_000_000) });
  const early = await call();
  expect(await early.got()).toBe('bill-help@1');
  await early.end();
  await told({ entity: 'script', id: 'bill-lake@2', row: { ...variant(['东湖区'], null), version: 2 } });
  const now = await call();
  expect(await now.got()).toBe('bill-lake@2');
});
