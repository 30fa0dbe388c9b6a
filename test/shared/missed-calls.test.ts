import { describe, expect, it } from 'vitest';
import type { Contact } from '../../shared/contact.ts';
import { EndCause } from '../../shared/call.ts';
import type { PastContact } from '../../shared/customer.ts';
import { AgentId, ContactId, CustomerId } from '../../shared/ids.ts';
import type { MissedCall, TeamMissedCall } from '../../shared/missed-calls.ts';
import { howMissed, missedOf, withCentral } from '../../shared/missed-calls.ts';

const id = (n: number): ContactId => ContactId.parse(`01900000-0000-7000-8000-${String(n).padStart(12, '0')}`);
const li = CustomerId.parse('c-li');
const minute = 60_000;

type Own = Parameters<typeof missedOf>[0][number];
const contact = (n: number, over: Partial<Contact> = {}): Own => ({
  ...{ id: id(n), direction: 'inbound', number: '+8613800138000', customerId: li, queue: 'service' },
  ...{ openedAtMs: n * minute, answeredAtMs: null, endedAtMs: n * minute + 20_000, endCause: 'missed' },
  ...over,
});
const talked = (n: number, over: Partial<Contact> = {}): Own =>
  contact(n, { answeredAtMs: n * minute + 5_000, endedAtMs: n * minute + 50_000, endCause: 'customerHungUp', ...over });
const line = (n: number, over: Partial<PastContact> = {}): PastContact => ({
  ...{ contactId: id(900 + n), direction: 'inbound', startedAtMs: n * minute, talkMs: 40_000, topic: null },
  ...{ disposition: [], agentName: '周南乔', note: '' },
  ...over,
});
const nobody = (): readonly PastContact[] => [];
const states = (own: readonly Own[], past: (of: CustomerId) => readonly PastContact[] = nobody) =>
  missedOf(own, past).map(({ state, times, how }) => [how, times, state.kind]);

describe('R38 how a call was missed', () => {
  it('ring time decides whose it was; passed on and taken over are not missed', () => {
    const table = EndCause.options.map((cause) => [cause, howMissed(cause, 3_000), howMissed(cause, 20_000)]);
    expect(table).toEqual([
      ['agentHungUp', 'lost', 'lost'],
      ['customerHungUp', 'gaveUp', 'gaveUp'],
      ['transferred', undefined, undefined],
      ['takenOver', undefined, undefined],
      ['rejected', 'declined', 'declined'],
      ['missed', 'gaveUp', 'rangOut'],
      // 486: the seat was taken, and nothing rang.
      ['busy', undefined, undefined],
      ['noAnswer', 'gaveUp', 'rangOut'],
      ['notFound', 'lost', 'lost'],
      ['declined', 'declined', 'declined'],
      ['microphone', 'lost', 'lost'],
      ['media', 'lost', 'lost'],
      ['network', 'lost', 'lost'],
      ['server', 'lost', 'lost'],
    ]);
  });
});

describe('R38 what became of it', () => {
  it('open until somebody talks with the caller, and counted while nobody does', () => {
    expect(states([contact(1)])).toEqual([['rangOut', 1, 'open']]);
    expect(states([contact(1), contact(2), contact(3, { endCause: 'rejected' })])).toEqual([['declined', 3, 'open']]);
    // Only since they were last talked with.
    expect(states([contact(1), talked(2), contact(3)])).toEqual([['rangOut', 1, 'open']]);
  });

  it('called back: reached is done, not reached says when it was tried', () => {
    const back = (over: Partial<Contact>) => contact(5, { direction: 'outbound', queue: null, ...over });
    expect(missedOf([contact(1), back({ endCause: 'noAnswer' })], nobody)[0]?.state).toEqual({
      ...{ kind: 'open', triedAtMs: 5 * minute },
    });
    expect(missedOf([contact(1), back({ answeredAtMs: 5 * minute + 9 })], nobody)[0]?.state).toEqual({
      ...{ kind: 'calledBack', atMs: 5 * minute },
    });
  });

  it('the customer calls again: answered here, or by a colleague', () => {
    expect(states([contact(1), talked(4)])).toEqual([['rangOut', 1, 'calledAgain']]);
    const other = missedOf([contact(1)], () => [line(2)]);
    expect(other[0]?.state).toEqual({ kind: 'colleague', atMs: 2 * minute, by: '周南乔' });
    // The queue offered them to a colleague, whose contact began before this one rang out.
    expect(states([contact(3)], () => [line(3, { startedAtMs: 3 * minute - 1, talkMs: 40_000 })])).toEqual([
      ['rangOut', 1, 'colleague'],
    ]);
    // Neither an older talk, nor a call nobody answered, nor one of these very contacts.
    for (const past of [line(1, { talkMs: 1_000 }), line(4, { talkMs: 0 }), line(4, { contactId: id(3) })])
      expect(states([contact(3)], () => [past])).toEqual([['rangOut', 1, 'open']]);
  });

  it('one line a caller: by customer, by number while nobody knows whose, withheld ones each alone', () => {
    const unknown = { customerId: null, number: '+8613700137000' };
    const withheld = { customerId: null, number: '' };
    const own = [
      contact(1, withheld),
      contact(2, withheld),
      contact(3, unknown),
      // They said who they are; the same number is the same caller.
      contact(4, { ...unknown, customerId: li }),
      contact(5, { number: '+8613800138000' }),
    ];
    expect(missedOf(own, nobody).map(({ contact: of, times }) => [of.id, times])).toEqual([
      [id(5), 3],
      [id(2), 1],
      [id(1), 1],
    ]);
  });

  it('what is open comes first, the newest in front; calls going on and those of the agent’s own are none', () => {
    const other = { customerId: CustomerId.parse('c-wang'), number: '+8613900139000' };
    const own = [contact(1), contact(2, other), talked(3, other), contact(9, { direction: 'outbound' })];
    expect(states(own)).toEqual([
      ['rangOut', 1, 'open'],
      ['rangOut', 1, 'calledAgain'],
    ]);
    expect(states([contact(1, { endedAtMs: null, endCause: null })])).toEqual([]);
    expect(states([contact(1, { endCause: 'transferred' })])).toEqual([]);
  });

  it('central’s word counts where this seat knows of nothing, and nowhere else', () => {
    const me = AgentId.parse('A1001');
    const call = (n: number, state: MissedCall['state']): MissedCall => ({
      ...{ contactId: id(n), shown: '', name: null, queue: null, how: 'rangOut', atMs: n, times: 1, state },
    });
    const told = (n: number, agentId: string, direction: 'inbound' | 'outbound'): TeamMissedCall => ({
      ...{ contactId: id(n), agentId: me, agentName: '', agentNumber: '', who: null, number: '', queue: null },
      ...{ how: 'rangOut', atMs: n },
      settled: { atMs: 7, agentId: AgentId.parse(agentId), agentName: '周南乔', direction },
    });
    const open = { kind: 'open', triedAtMs: null } as const;
    const again = { kind: 'calledAgain', atMs: 3 } as const;
    const calls = [call(1, open), call(2, open), call(3, open), call(4, again), call(5, open)];
    const by = [told(1, 'A1002', 'inbound'), told(2, 'A1001', 'outbound'), told(3, 'A1001', 'inbound')];
    const said = withCentral(calls, [...by, told(4, 'A1002', 'inbound')], me);
    expect(said.map(({ state }) => state.kind)).toEqual([
      'colleague',
      'calledBack',
      'calledAgain',
      'calledAgain',
      'open',
    ]);
    expect(said[3]).toBe(calls[3]);
  });
});
