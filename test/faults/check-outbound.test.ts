import { describe, expect, it } from 'vitest';
import { shippedCalendar } from '../../shared/calendar.ts';
import type { Op } from '../../shared/op.ts';
import { Op as OpSchema } from '../../shared/op.ts';
import type { Order } from '../../shared/order.ts';
import { isOrderOp, nextOrder, withCentralsStep, withReply } from '../../shared/order.ts';
import { orderRows, replies } from './check-orders.ts';
import { reservations, stillReserved } from './check-tasks.ts';
import type { CentralOp, GrantRow, History } from './history.ts';

// The judge of the fault runs is judged first (security 86): orders that central moves too (R41), and customers of tasks (R20, R21).

const uuid = (n: number): string => `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`;
const [seatId, contactId, workId] = [uuid(900), uuid(500), uuid(600)];
const opOf = (seq: number, body: object): Op =>
  OpSchema.parse({ id: uuid(seq), seatId, seq, agentId: 'A1', body: { atMs: seq, ...body } });
const taken = (ops: readonly Op[]): CentralOp[] =>
  ops.map((op) => ({ ...op, outcome: 'applied' as const, reason: null, tx: 100 + op.seq }));

const empty: History = {
  ...{ promises: [], seats: [], central: [], contacts: [], work: [], customers: [], failures: [] },
  kept: { fields: [], refusals: [], discards: [], replies: [], audit: 'intact' },
  texts: { written: new Set(), taken: new Set(), kept: [] },
  outbound: { grants: [], entries: [] },
  ...{ timelines: new Map(), sent: new Set() },
};
const whats = (found: readonly { readonly what: string }[]): string => found.map(({ what }) => what).join('; ');

const step = (seq: number, name: string): Op =>
  opOf(seq, { name: 'order.stepped', workId, step: name, note: '', mark: null });
const sale: readonly Op[] = [
  opOf(1, {
    ...{ name: 'order.opened', workId, customerId: 'C1', contactId, flow: 'onSpot', payment: null, delivery: null },
    ...{ offer: { name: '10 GB', tariffId: 'T1' }, script: { id: 's', version: 1 }, note: '' },
  }),
  step(2, 'disclosed'),
  step(3, 'consented'),
  step(4, 'confirmAsked'),
];
const must = <T>(answer: { readonly ok: true; readonly value: T } | { readonly ok: false }): T => {
  if (!answer.ok) throw new Error('the sample is no order');
  return answer.value;
};
/** Asked for, sent, answered with a yes, and done. */
const sold = (): Order => {
  let order: Order | undefined;
  for (const { body, agentId } of sale)
    if (isOrderOp(body)) order = must(nextOrder(order, body, { agentId, role: 'agent', missing: 0 }, shippedCalendar));
  if (order === undefined) throw new Error('no order');
  const sending = must(withCentralsStep(order, { kind: 'sending', atMs: 5 }));
  const sent = must(withCentralsStep(sending, { kind: 'textSent', atMs: 6, untilMs: 6 + 24 * 3_600_000 }));
  const confirmed = withReply(sent, { says: 'yes', isOwnNumber: true, atMs: 7 }).order;
  return withReply(confirmed, { says: 'unclear', isOwnNumber: true, atMs: 8 }).order;
};
const texts: History['texts'] = {
  ...{ written: new Set(['r1', 'r2']), taken: new Set(['r1', 'r2']) },
  kept: [
    { id: 'r1', orderId: workId, outcome: 'confirmed' },
    { id: 'r2', orderId: workId, outcome: 'unclear' },
  ],
};
const withSale = (order: Order = sold(), over: Partial<History> = {}): History => ({
  ...empty,
  work: [order],
  texts,
  kept: { ...empty.kept, replies: [workId, workId] },
  ...over,
});

describe('the checker of the fault runs on orders and replies (R41)', () => {
  it('has nothing to say of a good one', () => {
    expect(orderRows(taken(sale), withSale())).toEqual([]);
    expect(replies(withSale())).toEqual([]);
  });
  it('finds a step that was lost, one nobody made, and a sale nobody confirmed', () => {
    const [first, ...rest] = sold().steps;
    if (first === undefined) throw new Error('no steps');
    const without = { ...sold(), steps: [first, ...rest.filter((one) => one.step !== 'consented')] };
    expect(orderRows(taken(sale), withSale(without))).not.toEqual([]);
    expect(whats(orderRows(taken(sale.slice(0, 3)), withSale()))).toContain('no op made');
    const bought: Order = { ...sold(), replies: [] };
    expect(whats(orderRows(taken(sale), withSale(bought)))).toContain('reply that is not in it');
    const moved: Order = { ...sold(), sale: { kind: 'sold', atMs: 9, attempt: 1, untilMs: null } };
    expect(whats(orderRows(taken(sale), withSale(moved)))).toContain('not what its ops and replies say');
    expect(whats(orderRows(taken(sale), { ...empty }))).toContain('no row');
  });
  it('finds a reply that was taken and is lost, kept twice, made up, or counted twice', () => {
    const [one, two] = texts.kept;
    if (one === undefined || two === undefined) throw new Error('no replies');
    const keeping = (kept: History['texts']['kept']) => replies(withSale(sold(), { texts: { ...texts, kept } }));
    expect(whats(keeping([one]))).toContain('r2 was taken and is not kept');
    expect(whats(keeping([one, two, two]))).toContain('kept twice');
    expect(whats(keeping([one, two, { ...two, id: 'r3' }]))).toContain('written by nobody');
    expect(whats(replies(withSale({ ...sold(), replies: [] })))).toContain('shows');
    const chain = { ...empty.kept, replies: [workId] };
    expect(whats(replies(withSale(sold(), { kept: chain })))).toContain('audit chain has 1');
  });
});

const opened = opOf(1, {
  ...{ name: 'contact.opened', contactId, callId: uuid(1), direction: 'outbound', number: '+8613900000001' },
  ...{ queue: null, customerId: null, grant: { id: uuid(701), taskId: uuid(700), treeId: null } },
});
const call: readonly Op[] = [
  opened,
  opOf(2, { name: 'contact.answered', contactId }),
  opOf(3, { name: 'contact.ended', contactId, cause: 'customerHungUp' }),
];
const grant: GrantRow = {
  ...{ id: uuid(701), key: '+8613900000001', state: 'reached', isMarketing: true, taskId: uuid(700), seatId },
  contactId,
};
const entry = { taskId: uuid(700), key: grant.key, state: 'done', tries: 1, grantId: uuid(701), outcome: 'reached' };
const outbound = (grants: readonly GrantRow[], entries: History['outbound']['entries'] = [entry]): History => ({
  ...empty,
  outbound: { grants, entries },
});

describe('the checker of the fault runs on customers of tasks (R20, R21)', () => {
  it('has nothing to say of a call with leave', () => {
    expect(reservations(taken(call), outbound([grant]))).toEqual([]);
    expect(stillReserved(outbound([grant]))).toEqual([]);
  });
  it('finds a call without leave, or with leave that others had by then', () => {
    expect(whats(reservations(taken(call), outbound([])))).toContain('never gave');
    const back = { ...grant, state: 'unused' as const };
    expect(whats(reservations(taken(call), outbound([back])))).toContain('gone back to the others');
  });
  it('finds a result that was lost, one nobody told, and tries that do not count', () => {
    const dialled = { ...grant, state: 'dialled' as const };
    expect(whats(reservations(taken(call), outbound([dialled])))).toContain('its ops say reached');
    expect(whats(reservations([], outbound([grant], [])))).toContain('no op says so');
    expect(whats(reservations(taken(call), outbound([grant], [{ ...entry, tries: 2 }])))).toContain('counts 2 tries');
    const calling = { ...entry, state: 'calling', outcome: null };
    expect(whats(reservations(taken(call), outbound([grant], [calling])))).toContain('the call is over');
  });
  it('finds somebody reached twice, and one who is reserved for nobody', () => {
    const twice = [grant, { ...grant, id: uuid(702), contactId: uuid(501) }];
    expect(whats(reservations(taken(call), outbound(twice)))).toContain('reached 2 times');
    const held: GrantRow = { ...grant, id: uuid(703), state: 'held', contactId: null };
    const reserved = { ...entry, state: 'held', tries: 0, grantId: uuid(703), outcome: null };
    expect(stillReserved(outbound([held], [reserved]))).toHaveLength(2);
  });
});
