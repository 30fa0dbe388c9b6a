import { missingOf } from '../../../shared/disclosure.ts';
import type { Order, OrderBy, OrderStep } from '../../../shared/order.ts';
import { orderStepsFrom } from '../../../shared/order.ts';
import type { SaleKind } from '../../../shared/sale.ts';
import type { ContactView, SeatSnapshot } from '../../../shared/seat.ts';

export type OrderRow = { readonly row: Order; readonly customer: string | null };

export const ordersOf = (snapshot: Pick<SeatSnapshot, 'work'>): readonly OrderRow[] =>
  snapshot.work.rows.flatMap(({ row, customer }) => (row.record === 'order' ? [{ row, customer }] : []));

/** The order of the call in hand: the newest that was not cancelled. */
export const orderInHand = (snapshot: SeatSnapshot): OrderRow | undefined => {
  const contactId = snapshot.contact?.contact.id;
  return ordersOf(snapshot)
    .filter(({ row }) => row.contactId === contactId && row.cancelled === null)
    .toSorted((one, other) => other.row.openedAtMs - one.row.openedAtMs)[0];
};

/** What the desk knows of whoever asks; the engine decides, and central after it. */
export const byNow = ({ session, contact }: SeatSnapshot, order: Order): OrderBy | undefined =>
  session.kind === 'signedIn'
    ? { agentId: session.agent.id, role: session.agent.role, missing: missingNow(contact, order) }
    : undefined;

const missingNow = (view: ContactView | null, order: Order): number => {
  const script = view?.contact.id === order.contactId ? view.script?.script : undefined;
  return script === undefined ? 0 : missingOf(script, view?.contact.told ?? []).length;
};

/** Steps with digits, the way on first: what is rarely done comes last. `disclosed` follows by itself from the ticks. */
const seldom: readonly OrderStep[] = ['disclosed', 'declined', 'noted', 'cancelled'];
export const stepsNow = (snapshot: SeatSnapshot, order: Order): readonly OrderStep[] => {
  const by = byNow(snapshot, order);
  if (by === undefined) return [];
  const all = orderStepsFrom(order, by);
  const usual = all.filter((step) => !seldom.includes(step));
  // The last item was told after the order was opened: the yes is the next thing all the same.
  const yes: readonly OrderStep[] = all.includes('disclosed') ? ['consented'] : [];
  return [...yes, ...usual, ...all.filter((step) => step !== 'disclosed' && seldom.includes(step))];
};

/** The way of a sale (R41) as the agent sees it, and how far it is. */
export const milestones = ['disclosed', 'consented', 'asked', 'replied', 'provisioned', 'sold'] as const;
const reached: Readonly<Record<SaleKind, number>> = {
  disclosing: 0,
  disclosed: 1,
  consented: 2,
  asking: 2,
  sending: 2,
  unsent: 2,
  asked: 3,
  lapsed: 3,
  confirmed: 4,
  provisioned: 5,
  sold: 6,
  declined: -1,
};
export const stateOfMilestone = (kind: SaleKind, nth: number): 'done' | 'now' | 'later' => {
  const done = reached[kind];
  return nth < done ? 'done' : nth === done ? 'now' : 'later';
};
