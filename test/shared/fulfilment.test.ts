import { describe, expect, it } from 'vitest';
import { isToFulfil, takeFulfilment } from '../../shared/fulfilment.ts';
import { AgentId, ContactId, CustomerId, ScriptId, WorkId } from '../../shared/ids.ts';
import type { Order } from '../../shared/order.ts';
import { paymentStates } from '../../shared/order.ts';
import { isConfirmed, saleKinds } from '../../shared/sale.ts';

const base: Order = {
  ...{ record: 'order', id: WorkId.parse('019371a0-0000-7000-8000-000000000002'), customerId: CustomerId.parse('C1') },
  ...{ agentId: AgentId.parse('A1'), contactId: ContactId.parse('019371a0-0000-7000-8000-000000000001') },
  ...{ openedAtMs: 1, dueAtMs: 9, missingYear: null, flow: 'onSpot', lead: null, delivery: null, cancelled: null },
  ...{ offer: { name: '10 GB', tariffId: 'T1' }, script: { id: ScriptId.parse('s'), version: 1 } },
  sale: { kind: 'confirmed', atMs: 1, attempt: 1, untilMs: null },
  ...{ payment: { way: 'online', amountFen: 100, state: 'due' }, replies: [], steps: [] },
};
const at = (kind: (typeof saleKinds)[number], over: Partial<Order> = {}): Order => ({
  ...base,
  sale: { kind, atMs: 1, attempt: 1, untilMs: null },
  ...over,
});
const said = (outcome: 'done' | 'failed') => ({ outcome, why: '无资源', atMs: 5 });

describe('R41 what the carrier says of provisioning, for every state of the sale', () => {
  it.each(saleKinds)('%s', (kind) => {
    for (const outcome of ['done', 'failed'] as const) {
      const { order, effect } = takeFulfilment(at(kind), 'provisioning', said(outcome));
      const expected =
        kind === 'confirmed'
          ? outcome === 'done'
            ? 'applied'
            : 'failed'
          : kind === 'declined'
            ? outcome === 'done'
              ? 'tooLate'
              : 'again'
            : isConfirmed({ kind, atMs: 1, attempt: 1, untilMs: null })
              ? 'again'
              : 'early';
      expect(effect).toBe(expected);
      // Sold is reached by nobody's word but the customer's.
      expect(order.sale?.kind).toBe(effect === 'applied' ? 'provisioned' : kind);
      expect(isToFulfil(at(kind), 'provisioning')).toBe(kind === 'confirmed');
    }
  });
});

describe('R30 what the carrier says of the money', () => {
  const table = {
    due: ['applied', 'failed'],
    failed: ['applied', 'again'],
    paid: ['again', 'again'],
    agentCounted: ['again', 'again'],
    centreCounted: ['again', 'again'],
    financeCounted: ['again', 'again'],
    refunded: ['tooLate', 'again'],
  } as const;
  it.each(paymentStates)('%s', (state) => {
    const order = at('sold', { payment: { way: 'online', amountFen: 100, state } });
    const effects = (['done', 'failed'] as const).map((outcome) => takeFulfilment(order, 'payment', said(outcome)));
    expect(effects.map(({ effect }) => effect)).toEqual(table[state]);
    expect(effects[0]?.order.payment?.state).toBe(effects[0]?.effect === 'applied' ? 'paid' : state);
  });

  it('never before the customer confirmed, nor once it was cancelled', () => {
    for (const kind of saleKinds) {
      const { order, effect } = takeFulfilment(at(kind), 'payment', said('done'));
      const may = isConfirmed({ kind, atMs: 1, attempt: 1, untilMs: null });
      expect(effect).toBe(may ? 'applied' : kind === 'declined' ? 'tooLate' : 'early');
      expect(order.payment?.state).toBe(may ? 'paid' : 'due');
      expect(isToFulfil(at(kind), 'payment')).toBe(may);
    }
    const gone = at('confirmed', { cancelled: { atMs: 2, why: 'x' } });
    expect(takeFulfilment(gone, 'payment', said('done'))).toEqual({ order: gone, effect: 'tooLate' });
    expect(isToFulfil(gone, 'provisioning')).toBe(false);
  });

  it('what failed stands on the order in the carrier’s words, by nobody of the centre', () => {
    const { order } = takeFulfilment(base, 'provisioning', said('failed'));
    expect(order.steps).toEqual([{ step: 'noted', atMs: 5, agentId: null, note: '无资源', mark: null }]);
    expect(takeFulfilment(base, 'payment', said('failed')).order.steps[0]).toMatchObject({
      step: 'payFailed',
      note: '无资源',
    });
  });
});
