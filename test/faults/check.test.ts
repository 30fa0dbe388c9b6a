import { describe, expect, it } from 'vitest';
import type { Contact } from '../../shared/contact.ts';
import { nextContact } from '../../shared/contact.ts';
import { AgentId, ContactId, CustomerId } from '../../shared/ids.ts';
import type { Op } from '../../shared/op.ts';
import { isContactOp, isWorkOp, Op as OpSchema } from '../../shared/op.ts';
import type { WorkRow } from '../../shared/work.ts';
import { nextWork } from '../../shared/work.ts';
import { shippedCalendar } from '../../shared/calendar.ts';
import { check } from './check.ts';
import { customer } from '../main/sample.ts';
import type { CentralOp, History, Kept, SeatAtEnd, Violation } from './history.ts';

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
  {
    ...{ name: 'obligation.opened', workId: uuid(600), atMs: 7, customerId: 'C2', contactId, caseId: null },
    ...{ kind: 'callback', what: '回电', dueAtMs: 99 },
  },
  { name: 'customer.fieldSet', ...about, customerId: 'C2', key: 'remark', value: '上午' },
  { name: 'customer.refused', ...about, customerId: 'C2' },
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
const owed = (): WorkRow => {
  let row: WorkRow | undefined;
  for (const { body, agentId } of ops) {
    if (!isWorkOp(body)) continue;
    const next = nextWork(row, body, { agentId, role: 'agent', missing: 0 }, shippedCalendar);
    row = next.ok ? next.value : row;
  }
  if (row === undefined) throw new Error('no work');
  return row;
};
const remark = { key: 'remark', class: 1, shown: '上午', from: { agentName: 'A', atMs: 8, contactId } };
const li = (over: Parameters<typeof customer>[1] = {}) =>
  customer('C2', { refusesMarketing: true, fields: [remark], ...over });
const kept: Kept = { fields: [uuid(7)], refusals: [uuid(8)], discards: [], replies: [], audit: 'intact' };
const noTexts: History['texts'] = { written: new Set(), taken: new Set(), kept: [] };
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
  work: [owed()],
  customers: [li()],
  ...{ kept, texts: noTexts, outbound: { grants: [], entries: [] }, failures: [] },
  timelines: new Map([['C2', [line]]]),
  sent: new Set(ops.map(({ id }) => id)),
});
const seat = (over: Partial<SeatAtEnd> = {}): SeatAtEnd => ({
  ...{ seatId, journal: ops, kills: [], waiting: 0, shownRefused: new Set<string>(), stillRefused: new Set<string>() },
  ...{ agentId: 'A1', work: [owed()] },
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
  it('lets a late copy bring what follows a refused opening, only when central refused that too', () => {
    const [opened, second] = atCentral();
    if (opened?.body.name !== 'contact.opened' || second === undefined || !('contactId' in second.body))
      throw new Error('no contact');
    const late = (outcome: CentralOp['outcome']) =>
      atCentral().map((op) =>
        op.id === opened.id
          ? { ...op, outcome: 'refused' as const }
          : op.id === second.id
            ? { ...op, tx: 190, outcome }
            : op,
      );
    expect(kinds({ central: late('refused') })).not.toContain('order');
    expect(kinds({ central: late('applied') })).toContain('order');
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
    const shown = seat({ shownRefused: new Set([uuid(3)]), stillRefused: new Set([uuid(3)]) });
    expect(kinds({ central: refused, contacts, seats: [shown] })).toEqual([]);
  });
  it('finds a refused op that is neither shown any more, nor repaired, nor given up', () => {
    const refused = atCentral().map((op) => (op.seq === 3 ? { ...op, outcome: 'refused' as const } : op));
    const contacts = [{ ...folded(), customerId: CustomerId.parse('C1') }];
    const shown = { shownRefused: new Set([uuid(3)]), stillRefused: new Set<string>() };
    expect(kinds({ central: refused, contacts, seats: [seat(shown)] })).toEqual(['vanished']);
    const given = OpSchema.parse({
      ...{ id: uuid(9), seatId, seq: 9, agentId: 'A1' },
      body: {
        ...{ name: 'op.discarded', opId: uuid(3), of: 'contact.identified', contactId, refused: 'policy' },
        ...{ reason: '重复', atMs: 9 },
      },
    });
    const journal = [...ops, given];
    const central = [...refused, { ...given, outcome: 'applied' as const, reason: null, tx: 109 }];
    const told: Partial<History> = { central, contacts, seats: [seat({ ...shown, journal })] };
    expect(kinds(told)).toEqual(['audit']);
    expect(kinds({ ...told, kept: { ...kept, discards: [uuid(3)] } })).toEqual([]);
  });
  it('lets a refusal of the customer overtake what waits, and nothing else (R22)', () => {
    const first = atCentral().map((op) => (op.body.name === 'customer.refused' ? { ...op, tx: 90 } : op));
    expect(kinds({ central: first })).toEqual([]);
    const field = atCentral().map((op) => (op.body.name === 'customer.fieldSet' ? { ...op, tx: 90 } : op));
    expect(kinds({ central: field })).toEqual(['order']);
  });
  it('finds an obligation, a field and a refusal that are not what was said, or kept twice', () => {
    expect(kinds({ work: [] })).toContain('work');
    expect(kinds({ work: [{ ...owed(), dueAtMs: 100 }] })).toContain('work');
    expect(kinds({ seats: [seat({ work: [] })] })).toEqual(['ownWork']);
    expect(kinds({ customers: [li({ fields: [] })] })).toEqual(['customer']);
    expect(kinds({ customers: [li({ refusesMarketing: false })] })).toEqual(['customer']);
    expect(kinds({ kept: { ...kept, fields: [uuid(7), uuid(7)] } })).toEqual(['customer']);
    expect(kinds({ kept: { ...kept, refusals: [] } })).toEqual(['customer']);
    expect(kinds({ kept: { ...kept, audit: 'changed at 3' } })).toEqual(['audit']);
  });
  it('finds an op no seat ever wrote', () => {
    const [first] = atCentral();
    if (first === undefined) throw new Error('no op');
    const stranger = { ...first, id: OpSchema.shape.id.parse(uuid(78)), seq: 9, tx: 300, outcome: 'refused' as const };
    expect(kinds({ central: [...atCentral(), stranger] })).toContain('stranger');
  });
  it('finds a commit that vanished, but allows for one killed before its journal', () => {
    const hole = ops.filter(({ seq }) => seq !== 2);
    expect(kinds({ seats: [seat({ journal: hole })], central: without(2) })).toContain('hole');
    expect(kinds({ seats: [seat({ journal: hole, kills: [1] })] })).toEqual([]);
    expect(kinds({ seats: [seat({ journal: hole, kills: [3] })] })).toContain('hole');
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
