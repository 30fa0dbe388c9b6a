import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Change } from '../../../shared/central-api.ts';
import type { ContactId } from '../../../shared/ids.ts';
import { ScriptId } from '../../../shared/ids.ts';
import type { FakeCentral } from '../fake-central.ts';
import { startFakeCentral } from '../fake-central.ts';
import type { SeatUnderTest } from '../harness.ts';
import { ended, endSeats, inbound, readySeat, startSeat, talking, value } from '../harness.ts';
import { customer, feedOf, script } from '../sample.ts';

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

/** Central says something, and the seat has taken it. */
const told = async (change: Change): Promise<void> => {
  const pulls = (): number => central.asked.filter((name) => name === 'changes').length;
  const pulled = async (ask: () => void): Promise<void> => {
    const before = pulls();
    ask();
    await vi.waitFor(() => expect(pulls()).toBeGreaterThan(before));
    await seat.synced();
  };
  await pulled(() => central.publish(change));
  // The pull that was seen may have been under way before; this one was not.
  await pulled(() => central.say({ t: 'poke' }));
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

describe('R17 a script that says itself which calls it is for', () => {
  const use = { topics: [], hints: [], queues: ['service'], areas: [], fromMs: null, untilMs: null };
  const forQueue = (version: number) => ({
    ...{ ...script(version), id: ScriptId.parse('queue-help') },
    shownFor: [use],
  });

  it('is there when the call of its queue is offered, and no more once it is withdrawn', async () => {
    await told({ entity: 'script', id: 'queue-help@1', row: forQueue(1) });
    const ringing = { ...inbound('13800138000'), queue: 'service' };
    await seat.report(ringing);
    expect((await seat.contact()).script?.script.id).toBe('queue-help');
    await told({ entity: 'script', id: 'queue-help@1', row: null });
    // This call began with it.
    expect((await seat.contact()).script?.script.id).toBe('queue-help');
    await seat.report(talking(ringing));
    // What the customer then asks for has a script of its own.
    const { contactId } = ringing;
    value(await seat.desk.call('contact.chooseTopic', { contactId, topicId: 'bill' }));
    expect((await seat.contact()).script?.script.id).toBe('bill-help');
    await seat.report(ended(talking(ringing)));
    value(await seat.desk.call('contact.wrapUp', { contactId, note: '', disposition: ['other'] }));
    await seat.report();
    await seat.synced();
    await seat.report({ ...inbound('13800138000'), queue: 'service' });
    expect((await seat.contact()).script).toBeNull();
  });
});

describe('R18 the objections library', () => {
  const entry = (version: number, zh: string) => ({
    ...{ ...script(1), id: ScriptId.parse('o-dear'), version, title: { zh: '太贵了', en: 'Too dear' } },
    ...{ first: 'answer', objection: { category: 'price' as const }, objections: [] },
    steps: [{ id: 'answer', part: 'objections' as const, say: { zh, en: zh }, answers: [], next: null }],
  });
  const refers = { ...script(2), library: [{ id: ScriptId.parse('o-dear'), steps: ['bill'] }] };
  const found = async () =>
    ((await seat.contact()).script?.objections ?? [])
      .filter(({ category }) => category !== null)
      .map(({ label, say, pinyin, steps }) => [label.zh, say.zh, pinyin.at(-1), steps]);

  it('an entry is read where the script refers to it, found by initials; a new version and a withdrawal are for the next call', async () => {
    await told({ entity: 'script', id: 'bill-help@2', row: refers });
    await told({ entity: 'script', id: 'o-dear@1', row: entry(1, '可以换更小的套餐。') });
    const first = await call();
    expect(await found()).toEqual([['太贵了', '可以换更小的套餐。', 'tgl', ['bill']]]);
    await told({ entity: 'script', id: 'o-dear@2', row: entry(2, '先看看用量。') });
    await told({ entity: 'script', id: 'o-dear@1', row: null });
    expect((await found())[0]?.[1]).toBe('可以换更小的套餐。');
    await first.end();
    const second = await call();
    expect((await found())[0]?.[1]).toBe('先看看用量。');
    // One that came while the call goes on is for the next one too, and so is a withdrawal.
    await told({ entity: 'script', id: 'o-dear@2', row: null });
    expect((await found())[0]?.[1]).toBe('先看看用量。');
    await second.end();
    await call();
    expect(await found()).toEqual([]);
    await told({ entity: 'script', id: 'o-dear@3', row: entry(3, '太迟了。') });
    expect(await found()).toEqual([]);
    // What the script has of its own stays.
    expect((await seat.contact()).script?.objections).toHaveLength(refers.objections.length);
  });

  it('the answers of the call in hand hold over a restart of the seat', async () => {
    await told({ entity: 'script', id: 'bill-help@2', row: refers });
    await told({ entity: 'script', id: 'o-dear@1', row: entry(1, '可以换更小的套餐。') });
    await call();
    await seat.engine.close();
    central.publish({ entity: 'script', id: 'o-dear@2', row: entry(2, '先看看用量。') });
    const { profileDir, key, clock } = seat;
    seat = startSeat(central.url, { profileDir, clock, storeKey: { key, kept: 'keyFile' } });
    await seat.synced();
    expect((await found())[0]?.[1]).toBe('可以换更小的套餐。');
  });

  it('a reference to what is no entry, or was never there, shows nothing', async () => {
    const wrong = ['bill-help', 'nobody'].map((id) => ({ id: ScriptId.parse(id), steps: [] }));
    await told({ entity: 'script', id: 'bill-help@2', row: { ...script(2), library: wrong } });
    await call();
    expect(await found()).toEqual([]);
  });
});
