import { z } from 'zod';
import { maySaySold, type Order, withPayment, withProvisioning } from './order.ts';

/**
 * The carrier's systems behind an order (R30, R41): provisioning the service, and taking the money where it is paid on line or by phone.
 * Central asks, and hears what came of it later, perhaps twice, perhaps after somebody has changed their mind. What is heard never makes
 * an order further than its customer went: nothing is provisioned or paid before their reply.
 */
export const fulfilmentKinds = ['provisioning', 'payment'] as const;
export type FulfilmentKind = (typeof fulfilmentKinds)[number];

export const FulfilmentResult = z.object({
  /** The carrier's own: the same word brought twice has the same. */
  id: z.string().min(1).max(120),
  /** Of what it answers, as central asked. */
  key: z.string().min(1).max(120),
  outcome: z.enum(['done', 'failed']),
  /** In the carrier's words, for whoever looks into it. */
  why: z.string().max(200),
  atMs: z.number(),
});
export type FulfilmentResult = z.infer<typeof FulfilmentResult>;

/**
 * `applied`: it counted. `failed`: noted on the order. `again`: it says what is known. `early`: the customer has not confirmed; somebody at the
 * carrier has to look. `tooLate`: declined or cancelled meanwhile, to be undone by hand. `unmatched`: nothing of ours was asked so.
 */
export const fulfilmentEffects = ['applied', 'failed', 'again', 'early', 'tooLate', 'unmatched'] as const;
export type FulfilmentEffect = (typeof fulfilmentEffects)[number];

/** Never refused: it has an effect, and the order afterwards (the same object when nothing changed). */
export const takeFulfilment = (
  order: Order,
  kind: FulfilmentKind,
  { outcome, why, atMs }: Pick<FulfilmentResult, 'outcome' | 'why' | 'atMs'>,
): { readonly order: Order; readonly effect: Exclude<FulfilmentEffect, 'unmatched'> } => {
  const same = (effect: Exclude<FulfilmentEffect, 'unmatched'>) => ({ order, effect });
  if (order.cancelled !== null || order.sale?.kind === 'declined')
    return same(outcome === 'done' ? 'tooLate' : 'again');
  if (!maySaySold(order)) return same('early');
  if (kind === 'provisioning') {
    if (order.sale?.kind !== 'confirmed') return same('again');
    const next = withProvisioning(order, outcome, why, atMs);
    return { order: next, effect: outcome === 'done' ? 'applied' : 'failed' };
  }
  if (order.payment === null) return same('again');
  if (order.payment.state === 'refunded') return same(outcome === 'done' ? 'tooLate' : 'again');
  if (order.payment.state !== 'due' && order.payment.state !== 'failed') return same('again');
  if (outcome === 'failed' && order.payment.state === 'failed') return same('again');
  const next = withPayment(order, outcome, why, atMs);
  return { order: next, effect: outcome === 'done' ? 'applied' : 'failed' };
};

/** Central's to ask for: confirmed, not begun; cash and card terminals are paid at the door, a bill needs no asking. */
export const isToFulfil = (order: Order, kind: FulfilmentKind): boolean => {
  if (!maySaySold(order)) return false;
  if (kind === 'provisioning') return order.sale?.kind === 'confirmed';
  const { payment } = order;
  return payment !== null && (payment.way === 'online' || payment.way === 'phone') && payment.state === 'due';
};
