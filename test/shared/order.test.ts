import { describe, expect, it } from 'vitest';
import { momentOf, shippedCalendar } from '../../shared/calendar.ts';
import { whyNotOutcome } from '../../shared/follow-up.ts';
import { AgentId, ContactId, CustomerId, ScriptId, WorkId } from '../../shared/ids.ts';
import type { OrderBy, OrderOp, OrderStep } from '../../shared/order.ts';
import {
  deliveryStates,
  isOrderOpen,
  leadStates,
  nextOrder,
  Order,
  orderSteps,
  orderStepsFrom,
} from '../../shared/order.ts';
import { paymentStates, stageOf, withCentralsStep, withOrders, withReply } from '../../shared/order.ts';
import type { SaleKind } from '../../shared/sale.ts';
import { saleKinds } from '../../shared/sale.ts';
import { customer } from './make.ts';

const agentId = AgentId.parse('A1');
const customerId = CustomerId.parse('C1');
const contactId = ContactId.parse('019371a0-0000-7000-8000-000000000001');
const workId = WorkId.parse('019371a0-0000-7000-8000-000000000002');
const script = { id: ScriptId.parse('data-offer'), version: 1 };
const nowMs = momentOf('2026-11-27', 10 * 60) ?? 0;
const by: OrderBy = { agentId, role: 'manager', missing: 0 };

type Opened = Extract<OrderOp, { readonly name: 'order.opened' }>;
const opening: Opened = {
  ...{ name: 'order.opened', workId, customerId, contactId, atMs: nowMs, flow: 'delivered', script, note: '' },
  offer: { name: '10 GB', tariffId: 'T1' },
  payment: { way: 'cash', amountFen: 1_500 },
  delivery: { by: 'courier' },
};
const step = (taken: OrderStep, note = '说明'): OrderOp => ({
  ...{ name: 'order.stepped', workId, step: taken, note, mark: null, atMs: nowMs + 1 },
});
const run = (before: Order | undefined, op: OrderOp, who = by) => nextOrder(before, op, who, shippedCalendar);
const order = (changes: Partial<Order> = {}): Order => {
  const made = run(undefined, opening);
  if (!made.ok) throw new Error('refused');
  return Order.parse({ ...made.value, ...changes });
};
const sale = (kind: SaleKind): Order['sale'] => ({ kind, atMs: nowMs, attempt: 1, untilMs: null });
const offered = (one: Order, who = by): string => orderStepsFrom(one, who).join(' ');

describe('R30 orders', () => {
  it('a sale needs the script of its tariff, a delivery somebody who brings it; cash is paid at the door; a lead is no sale', () => {
    const reason = (change: Partial<Opened>) => {
      const made = run(undefined, { ...opening, ...change });
      return made.ok ? stageOf(made.value) : made.error.reason;
    };
    expect(reason({})).toBe('selling');
    expect(reason({ script: null })).toBe('tariffScriptFirst');
    expect(reason({ delivery: null })).toBe('deliveryBy');
    expect(reason({ flow: 'onSpot' })).toBe('deliveryBy');
    expect(reason({ flow: 'onSpot', delivery: null })).toBe('payOnDelivery');
    expect(reason({ flow: 'onSpot', delivery: null, payment: null })).toBe('selling');
    expect(reason({ flow: 'lead' })).toBe('leadUnpaid');
    expect(reason({ flow: 'lead', delivery: null, payment: null, script: null })).toBe('lead');
    expect(run(order(), opening)).toMatchObject({ error: { reason: 'workExists' } });
  });

  /** Every state × every step, of a confirmed sale in a manager's hands; everything else is refused. */
  const payments: Readonly<Record<Exclude<Order['payment'], null>['state'], string>> = {
    due: 'paid payFailed',
    failed: 'paid payFailed',
    paid: 'agentCounted refunded',
    agentCounted: 'centreCounted refunded',
    centreCounted: 'financeCounted refunded',
    financeCounted: 'refunded',
    refunded: '',
  };
  const steps = (one: Order, among: readonly string[]): string =>
    offered(one)
      .split(' ')
      .filter((taken) => among.includes(taken))
      .join(' ');
  const moneySteps = ['paid', 'payFailed', 'agentCounted', 'centreCounted', 'financeCounted', 'refunded'];
  it.each(paymentStates)('payment %s goes on as the table says', (state) => {
    const one = order({ sale: sale('confirmed'), payment: { way: 'online', amountFen: 1, state } });
    expect(steps(one, moneySteps)).toBe(payments[state]);
  });

  const deliveries: Readonly<Record<Exclude<Order['delivery'], null>['state'], string>> = {
    waiting: 'handedOver',
    underWay: 'delivered deliveryFailed returned',
    delivered: 'returned',
    failed: 'handedOver returned',
    returned: '',
  };
  it.each(deliveryStates)('delivery %s goes on as the table says', (state) => {
    const one = order({ sale: sale('confirmed'), delivery: { by: 'courier', state } });
    expect(steps(one, ['handedOver', 'delivered', 'deliveryFailed', 'returned'])).toBe(deliveries[state]);
  });

  const leads = { registered: 'leadTaken leadLost', taken: 'leadWon leadLost', won: '', lost: '' } as const;
  it.each(leadStates)('lead %s goes on as the table says', (lead) => {
    const one = order({ flow: 'lead', sale: null, lead, payment: null, delivery: null });
    expect(steps(one, ['leadTaken', 'leadWon', 'leadLost'])).toBe(leads[lead]);
  });

  it.each(saleKinds)('R41 in %s nothing is brought or paid before the customer confirmed', (kind) => {
    const one = order({ sale: sale(kind) });
    const isConfirmed = kind === 'confirmed' || kind === 'provisioned' || kind === 'sold';
    expect(offered(one).includes('handedOver')).toBe(isConfirmed);
    expect(run({ ...one, payment: { way: 'online', amountFen: 1, state: 'due' } }, step('paid')).ok).toBe(isConfirmed);
    expect(whyNotOutcome('sold', contactId, [one])?.reason).toBe(isConfirmed ? undefined : 'soldTooEarly');
    expect(whyNotOutcome('done', contactId, [one])).toBeUndefined();
  });

  it('"sold" without an order of this call, or with a cancelled one, is not sold', () => {
    expect(whyNotOutcome('sold', contactId, [])?.reason).toBe('soldWithoutOrder');
    const gone = run(order({ sale: sale('confirmed') }), step('cancelled'));
    expect(gone.ok && whyNotOutcome('sold', contactId, [gone.value])?.reason).toBe('soldTooEarly');
  });

  it('money is counted at three levels by who may; who took the order speaks for its customer', () => {
    const counted = (state: 'paid' | 'agentCounted' | 'centreCounted', taken: OrderStep, who: OrderBy) => {
      const next = run(order({ sale: sale('sold'), payment: { way: 'pos', amountFen: 1, state } }), step(taken), who);
      return next.ok ? 'ok' : next.error.reason;
    };
    const agent: OrderBy = { ...by, role: 'agent' };
    const other: OrderBy = { ...by, agentId: AgentId.parse('A2') };
    expect(counted('paid', 'agentCounted', agent)).toBe('ok');
    expect(counted('paid', 'agentCounted', other)).toBe('orderOfAnother');
    expect(counted('agentCounted', 'centreCounted', agent)).toBe('role');
    expect(counted('agentCounted', 'centreCounted', { ...other, role: 'lead' })).toBe('ok');
    expect(counted('centreCounted', 'financeCounted', { ...other, role: 'lead' })).toBe('role');
    expect(run(order({ sale: sale('disclosed') }), step('consented'), other)).toMatchObject({
      error: { reason: 'orderOfAnother' },
    });
    expect(run(order({ sale: sale('confirmed') }), step('provisioned'), other).ok).toBe(true);
  });

  it('cash is paid once somebody is at the door; a refund, a failure and an end say why', () => {
    const one = order({ sale: sale('confirmed') });
    expect(run(one, step('paid'))).toMatchObject({ error: { reason: 'notDelivered' } });
    for (const taken of ['cancelled', 'noted'] as const)
      expect(run(one, step(taken, ' '))).toMatchObject({ error: { reason: 'orderNote' } });
  });

  it('what was cancelled goes nowhere but back', () => {
    const paid = order({
      sale: sale('provisioned'),
      payment: { way: 'cash', amountFen: 1, state: 'paid' },
      delivery: { by: 'courier', state: 'delivered' },
    });
    const gone = run(paid, step('cancelled'));
    if (!gone.ok) throw new Error('refused');
    expect(offered(gone.value)).toBe('returned refunded noted');
    expect(isOrderOpen(gone.value)).toBe(true);
    const back = run(gone.value, step('refunded'));
    expect(back.ok && isOrderOpen(back.value)).toBe(false);
    // A yes that comes afterwards buys nothing.
    const early = run(order({ sale: sale('asked') }), step('cancelled'));
    if (!early.ok) throw new Error('refused');
    expect(withReply(early.value, { says: 'yes', isOwnNumber: true, atMs: nowMs })).toMatchObject({
      outcome: 'tooLate',
      order: { sale: { kind: 'declined' } },
    });
  });

  it('keeps what the customer replied, and lets central’s steps in however long the list is', () => {
    let one = order({ sale: sale('asked') });
    for (let n = 0; n < 300; n += 1)
      ({ order: one } = withReply(one, { says: 'unclear', isOwnNumber: true, atMs: nowMs }));
    expect(Order.safeParse(one).success).toBe(true);
    expect(one.steps[0]?.step).toBe('opened');
    expect(run(one, step('noted'))).toMatchObject({ ok: true });
    expect(withCentralsStep(order({ sale: sale('asking') }), { kind: 'sending', atMs: 1 })).toMatchObject({ ok: true });
    expect(withCentralsStep(order({ sale: null }), { kind: 'sending', atMs: 1 })).toMatchObject({ ok: false });
  });

  it('every step of every state is a value, and the row stays valid', () => {
    for (const kind of saleKinds)
      for (const taken of orderSteps) {
        const next = run(order({ sale: sale(kind) }), step(taken));
        if (next.ok) expect(Order.safeParse(next.value).success).toBe(true);
        else expect(next.error.reason).toBeTypeOf('string');
      }
  });

  it('is on the customer’s row, newest word and newest order first', () => {
    const first = order();
    const held = withOrders(customer({}), [first]);
    const other = {
      ...order({ sale: sale('sold'), openedAtMs: nowMs + 9 }),
      id: contactId as unknown as typeof workId,
    };
    const again = withOrders(held, [{ ...first, sale: sale('declined') }, other]);
    expect(again.orders?.map(({ stage }) => stage)).toEqual(['fulfilling', 'lost']);
    expect(withOrders(held, [])).toBe(held);
  });
});
