import { describe, expect, it } from 'vitest';
import type { Contact } from '../../shared/contact.ts';
import { nextContact } from '../../shared/contact.ts';
import { AgentId, ContactId, CustomerId } from '../../shared/ids.ts';
import type { Op } from '../../shared/op.ts';
import { isContactOp, Op as OpSchema } from '../../shared/op.ts';
import type { CentralOp, History, SeatAtEnd, Violation } from './check.ts';
import { check } from './check.ts';

// The judge of the fault runs is judged first: each thing that must never happen is planted in a good history (security 86).

const uuid = (n: number): string => `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`;
const seatId = uuid(900);
const contactId = uuid(500);
const about = { contactId, atMs: 7 };
const bodies: readonly object[] = [
  {
    name: 'contact.opened',
    ...about,
    callId: uuid(1),
    direction: 'inbound',
    number: '',
    queue: null,
    customerId: 'C1',
  },
  { name: 'contact.answered', ...about },
  { name: 'contact.identified', ...about, customerId: 'C2' },
  { name: 'contact.ended', ...about, cause: 'customerHungUp' },
  { name: 'contact.wrappedUp', ...about, disposition: ['other'], forced: false, note: '按约定回电' },
];
const ops: readonly Op[] = bodies.map((body, index) =>
  OpSchema.parse({ id: uuid(index + 1), seatId, seq: index + 1, agentId: 'A1', body }),
);
const folded = (): Contact => {
  let contact: Contact | undefined;
  for (const { body, agentId } of ops) {
    if (!isContactOp(body)) continue;
    const next = nextContact(contact, body, agentId);
    contact = next.ok ? next.value : contact;
  }
  if (contact === undefined) throw new Error('no contact');
  return contact;
};
const line = { contactId: ContactId.parse(contactId), note: '按约定回电', disposition: [], topic: null };
const atCentral = (): CentralOp[] =>
  ops.map((op) => ({ ...op, outcome: 'applied' as const, reason: null, tx: 100 + op.seq }));

const good = (): History => ({
  promises: [
    {
      ...{ seatId, agentId: 'A1', what: 'contact.wrappedUp' },
      holds: (body) => body.name === 'contact.wrappedUp' && body.note === '按约定回电',
    },
  ],
  seats: [seat()],
  central: atCentral(),
  contacts: [folded()],
  timelines: new Map([['C2', [line]]]),
  sent: new Set(ops.map(({ id }) => id)),
});
const seat = (over: Partial<SeatAtEnd> = {}): SeatAtEnd => ({
  ...{ seatId, journal: ops, kills: 0, waiting: 0, shownRefused: new Set<string>() },
  timelines: new Map([['C2', [line]]]),
  ...over,
});
const kinds = (history: Partial<History>): readonly Violation['kind'][] => [
  ...new Set(check({ ...good(), ...history }).map(({ kind }) => kind)),
];
const without = (n: number): CentralOp[] => atCentral().filter(({ seq }) => seq !== n);

describe('the checker of the fault runs (security 85, 86)', () => {
  it('has nothing to say of a good history', () => {
    expect(check(good())).toEqual([]);
  });
  it('finds a lost op', () => {
    expect(kinds({ central: without(3) })).toContain('lost');
    expect(kinds({ central: without(5) })).toContain('lost');
  });
  it('finds an op that is there twice', () => {
    const [first] = atCentral();
    if (first === undefined) throw new Error('no op');
    const twice = { ...first, id: OpSchema.shape.id.parse(uuid(77)), tx: 200, outcome: 'refused' as const };
    expect(kinds({ central: [...atCentral(), twice] })).toContain('doubled');
  });
  it('finds an effect that was there twice', () => {
    expect(kinds({ contacts: [{ ...folded(), note: '按约定回电按约定回电' }] })).toEqual(['contact']);
  });
  it('finds two ops taken in the wrong order', () => {
    const swapped = atCentral().map((op) => ({ ...op, tx: op.seq === 2 ? 103 : op.seq === 3 ? 102 : op.tx }));
    expect(kinds({ central: swapped })).toEqual(['order']);
  });
  it('finds an altered op', () => {
    const altered = atCentral().map((op): CentralOp =>
      op.body.name === 'contact.wrappedUp' ? { ...op, body: { ...op.body, note: '' } } : op,
    );
    expect(kinds({ central: altered })).toContain('altered');
  });
  it('finds a wrong author', () => {
    const other = AgentId.parse('A2');
    expect(kinds({ central: atCentral().map((op) => (op.seq === 2 ? { ...op, agentId: other } : op)) })).toContain(
      'author',
    );
  });
  it('finds a refusal the agent was not shown, and is content when he was', () => {
    const refused = atCentral().map((op) => (op.seq === 3 ? { ...op, outcome: 'refused' as const } : op));
    const contacts = [{ ...folded(), customerId: CustomerId.parse('C1') }];
    expect(kinds({ central: refused, contacts })).toEqual(['unseenRefusal']);
    const shown = seat({ shownRefused: new Set([uuid(3)]) });
    expect(kinds({ central: refused, contacts, seats: [shown] })).toEqual([]);
  });
  it('finds an op no seat ever wrote', () => {
    const [first] = atCentral();
    if (first === undefined) throw new Error('no op');
    const stranger = { ...first, id: OpSchema.shape.id.parse(uuid(78)), seq: 6, tx: 300, outcome: 'refused' as const };
    expect(kinds({ central: [...atCentral(), stranger] })).toContain('stranger');
  });
  it('finds a commit that vanished, but allows for one killed before its journal', () => {
    const hole = ops.filter(({ seq }) => seq !== 2);
    expect(kinds({ seats: [seat({ journal: hole })], central: without(2) })).toContain('hole');
    expect(kinds({ seats: [seat({ journal: hole, kills: 1 })] })).toEqual([]);
  });
  it('finds an answer "ok" behind which nothing was saved', () => {
    const promises = [{ seatId, agentId: 'A1', what: 'contact.topicChosen', holds: () => true }];
    expect(kinds({ promises })).toEqual(['promise']);
  });
  it('finds a contact row without ops, and one that is missing', () => {
    expect(kinds({ contacts: [] })).toEqual(['contact']);
    expect(kinds({ contacts: [folded(), { ...folded(), id: ContactId.parse(uuid(501)) }] })).toEqual(['contact']);
  });
  it('finds an outbox that does not empty and a timeline that differs', () => {
    expect(kinds({ seats: [seat({ waiting: 1 })] })).toEqual(['outbox']);
    expect(kinds({ timelines: new Map([['C2', []]]) })).toEqual(['timeline']);
  });
});
