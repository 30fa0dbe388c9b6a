import { z } from 'zod';
import type { WorkCalendar } from './calendar.ts';
import { dueInWorkingDays } from './calendar.ts';
import type { Customer, OrderSummary } from './customer.ts';
import { orderStages } from './customer.ts';
import { RecordingMark } from './disclosure.ts';
import { AgentId, ContactId, CustomerId, ScriptId, WorkId } from './ids.ts';
import type { Result } from './result.ts';
import { ok, refusal, refused } from './result.ts';
import type { ReplyOutcome, SaleEvent, SaleReply } from './sale.ts';
import {
  isConfirmed,
  isSaleOver,
  newSale,
  nextSale,
  replyOutcomes,
  replySays,
  Sale,
  saleSteps,
  takeReply,
} from './sale.ts';
import type { SaleStep } from './sale.ts';

/**
 * An order (订单, R30). Three flows: `onSpot` and `delivered` (pre-accepted, then brought to the customer) are sales and go through the
 * sale loop (sale.ts, R41); `lead` registers an interest for a back team and is none.
 *
 *   lead      registered ──leadTaken──▶ taken ──leadWon | leadLost──▶ won | lost           (lost from registered too)
 *   payment   due ◀──▶ failed ──paid──▶ paid ──agentCounted──▶ …─centreCounted──▶ …─financeCounted     refunded from paid on
 *   delivery  waiting ──handedOver──▶ underWay ──delivered──▶ delivered       failed ──handedOver──▶ underWay      returned
 *
 * Nothing is brought or paid before the customer confirmed. Cash and card terminals are paid at the door. Nothing here holds a card number.
 */
export const orderFlows = ['onSpot', 'delivered', 'lead'] as const;
export type OrderFlow = (typeof orderFlows)[number];
/** `cash`, `pos`: on delivery. `phone`: keyed in by the customer with the recording paused (R33). */
export const paymentWays = ['cash', 'pos', 'online', 'phone'] as const;
export const couriers = ['ownStaff', 'communityManager', 'courier'] as const;
export const leadStates = ['registered', 'taken', 'won', 'lost'] as const;
export const paymentStates = [
  'due',
  'failed',
  'paid',
  'agentCounted',
  'centreCounted',
  'financeCounted',
  'refunded',
] as const;
export const deliveryStates = ['waiting', 'underWay', 'delivered', 'failed', 'returned'] as const;
type LeadState = (typeof leadStates)[number];
type PaymentState = (typeof paymentStates)[number];
type DeliveryState = (typeof deliveryStates)[number];

const leadSteps = ['leadTaken', 'leadWon', 'leadLost'] as const;
const paymentSteps = ['paid', 'payFailed', 'agentCounted', 'centreCounted', 'financeCounted', 'refunded'] as const;
const deliverySteps = ['handedOver', 'delivered', 'deliveryFailed', 'returned'] as const;
export const orderSteps = [
  ...saleSteps,
  ...leadSteps,
  ...deliverySteps,
  ...paymentSteps,
  'noted',
  'cancelled',
] as const;
export type OrderStep = (typeof orderSteps)[number];
/** What central adds by itself. */
const centralSteps = ['sending', 'textSent', 'textFailed', 'timedOut', 'successSent', 'replied'] as const;

const Payment = z.object({
  way: z.enum(paymentWays),
  /** 分 */
  amountFen: z.number().int().min(0).max(100_000_000),
  state: z.enum(paymentStates),
});
const Delivery = z.object({ by: z.enum(couriers), state: z.enum(deliveryStates) });
const Offer = z.object({ name: z.string().trim().min(1).max(120), tariffId: z.string().max(64).nullable() });
const Pinned = z.object({ id: ScriptId, version: z.number().int() }).nullable();

const mostSteps = 200;
const mostReplies = 20;
export const Order = z.object({
  record: z.literal('order'),
  id: WorkId,
  customerId: CustomerId,
  /** Who took it. */
  agentId: AgentId,
  contactId: ContactId,
  openedAtMs: z.number(),
  /** By when something has to have come of it; as a question left open (R24). */
  dueAtMs: z.number(),
  missingYear: z.number().int().nullable(),
  flow: z.enum(orderFlows),
  offer: Offer,
  /** Whose disclosures count; null: a lead without one. */
  script: Pinned,
  /** Null: no sale, a lead. */
  sale: Sale.nullable(),
  lead: z.enum(leadStates).nullable(),
  /** Null: goes on the bill. */
  payment: Payment.nullable(),
  delivery: Delivery.nullable(),
  cancelled: z.object({ atMs: z.number(), why: z.string().max(2_000) }).nullable(),
  /** What the customer answered, and what became of it; the words themselves stay at central. */
  replies: z
    .array(z.object({ atMs: z.number(), says: z.enum(replySays), outcome: z.enum(replyOutcomes) }))
    .max(mostReplies),
  steps: z
    .array(
      z.object({
        step: z.enum(['opened', ...orderSteps, ...centralSteps]),
        atMs: z.number(),
        /** Null: central. */
        agentId: AgentId.nullable(),
        note: z.string().max(2_000),
        mark: RecordingMark.nullable(),
      }),
    )
    .max(mostSteps),
});
export type Order = z.infer<typeof Order>;

const of = { workId: WorkId, atMs: z.number() };
export const orderOps = [
  z.object({
    name: z.literal('order.opened'),
    ...of,
    customerId: CustomerId,
    contactId: ContactId,
    flow: z.enum(orderFlows),
    offer: Offer,
    script: Pinned,
    payment: Payment.omit({ state: true }).nullable(),
    delivery: Delivery.omit({ state: true }).nullable(),
    note: z.string().max(2_000),
  }),
  z.object({
    name: z.literal('order.stepped'),
    ...of,
    step: z.enum(orderSteps),
    note: z.string().max(2_000),
    /** Where in the recording the customer said so, with `consented`. */
    mark: RecordingMark.nullable(),
  }),
] as const;
export type OrderOp = z.infer<(typeof orderOps)[number]>;
export const isOrderOp = (op: { readonly name: string }): op is OrderOp => op.name.startsWith('order.');

/** Who does it, and what they have to show for it. */
export type OrderBy = {
  readonly agentId: AgentId;
  readonly role: 'agent' | 'lead' | 'manager' | 'admin';
  /** As colleagues know them. */
  readonly name?: string;
  /** Mandatory items of the order's script not told in its contact, as far as whoever asks knows (R42). */
  readonly missing: number;
};

const leadAfter: Readonly<Record<LeadState, Partial<Record<OrderStep, LeadState>>>> = {
  registered: { leadTaken: 'taken', leadLost: 'lost' },
  taken: { leadWon: 'won', leadLost: 'lost' },
  won: {},
  lost: {},
};
const paymentAfter: Readonly<Record<PaymentState, Partial<Record<OrderStep, PaymentState>>>> = {
  due: { paid: 'paid', payFailed: 'failed' },
  failed: { paid: 'paid', payFailed: 'failed' },
  paid: { agentCounted: 'agentCounted', refunded: 'refunded' },
  agentCounted: { centreCounted: 'centreCounted', refunded: 'refunded' },
  centreCounted: { financeCounted: 'financeCounted', refunded: 'refunded' },
  financeCounted: { refunded: 'refunded' },
  refunded: {},
};
const deliveryAfter: Readonly<Record<DeliveryState, Partial<Record<OrderStep, DeliveryState>>>> = {
  waiting: { handedOver: 'underWay' },
  underWay: { delivered: 'delivered', deliveryFailed: 'failed', returned: 'returned' },
  failed: { handedOver: 'underWay', returned: 'returned' },
  delivered: { returned: 'returned' },
  returned: {},
};

const isOneOf = <T extends string>(all: readonly T[], step: string): step is T => all.some((one) => one === step);
const impossible = refused(refusal('conflict', 'orderStep'));
const workingDays = 3;
/** By when something has to have come of it; an order of which nothing is to come any more keeps its day. */
export const orderDueOf = (calendar: WorkCalendar, order: Order): Pick<Order, 'dueAtMs' | 'missingYear'> =>
  isOrderOpen(order) ? dueInWorkingDays(calendar, order.openedAtMs, workingDays) : order;

/** The one rule for orders, run at the seat and again at central, which knows better what was told and who is what. */
export const nextOrder = (
  before: Order | undefined,
  op: OrderOp,
  by: OrderBy,
  calendar: WorkCalendar,
): Result<Order> => {
  if (op.name === 'order.opened')
    return before === undefined ? opened(op, by, calendar) : refused(refusal('conflict', 'workExists'));
  if (before === undefined) return refused(refusal('notFound', 'order'));
  if (before.steps.length >= mostSteps) return refused(refusal('policy', 'orderTooLong'));
  const next = stepped(before, op, by);
  if (!next.ok) return next;
  const { step, atMs, note, mark } = op;
  return ok({ ...next.value, steps: [...before.steps, { step, atMs, agentId: by.agentId, note, mark }] });
};

const opened = (
  op: Extract<OrderOp, { readonly name: 'order.opened' }>,
  { agentId }: OrderBy,
  calendar: WorkCalendar,
): Result<Order> => {
  const { workId: id, customerId, contactId, atMs, flow, offer, script, payment, delivery, note } = op;
  // R42: what has to be told is in the script of the tariff.
  if (flow !== 'lead' && script === null) return refused(refusal('policy', 'tariffScriptFirst'));
  if (flow === 'lead' && (payment !== null || delivery !== null)) return refused(refusal('invalid', 'leadUnpaid'));
  if ((flow === 'delivered') !== (delivery !== null)) return refused(refusal('mandatory', 'deliveryBy'));
  const atDoor = payment?.way === 'cash' || payment?.way === 'pos';
  if (atDoor && delivery === null) return refused(refusal('invalid', 'payOnDelivery'));
  return ok({
    ...{ record: 'order', id, customerId, agentId, contactId, openedAtMs: atMs, flow, offer, script },
    ...dueInWorkingDays(calendar, atMs, workingDays),
    sale: flow === 'lead' ? null : newSale(atMs),
    lead: flow === 'lead' ? 'registered' : null,
    payment: payment === null ? null : { ...payment, state: 'due' },
    delivery: delivery === null ? null : { ...delivery, state: 'waiting' },
    ...{ cancelled: null, replies: [], steps: [{ step: 'opened', atMs, agentId, note, mark: null }] },
  });
};

type Stepped = Extract<OrderOp, { readonly name: 'order.stepped' }>;

const stepped = (order: Order, op: Stepped, by: OrderBy): Result<Order> => {
  const { step, note } = op;
  const needsWords = step === 'noted' || step === 'cancelled' || step === 'refunded' || step === 'deliveryFailed';
  if (needsWords && note.trim() === '') return refused(refusal('mandatory', 'orderNote'));
  if (step === 'noted') return ok(order);
  if (step === 'cancelled') return cancelled(order, op);
  // What was brought or paid before it was cancelled comes back.
  if (order.cancelled !== null && step !== 'refunded' && step !== 'returned') return impossible;
  if (isOneOf(saleSteps, step)) return saleStep(order, step, op, by);
  if (isOneOf(leadSteps, step)) {
    const lead = order.lead === null ? undefined : leadAfter[order.lead][step];
    return lead === undefined ? impossible : ok({ ...order, lead });
  }
  return isOneOf(deliverySteps, step) ? deliveryStep(order, step) : paymentStep(order, step, by);
};

/** Who spoke with the customer says what the customer said. Provisioning is anybody's. */
const saleStep = (order: Order, step: SaleStep, { atMs }: Stepped, by: OrderBy): Result<Order> => {
  if (order.sale === null) return impossible;
  if (step !== 'provisioned' && by.agentId !== order.agentId) return refused(refusal('forbidden', 'orderOfAnother'));
  const event: SaleEvent =
    step === 'disclosed' ? { kind: 'disclosed', missing: by.missing, atMs } : { kind: step, atMs };
  const sale = nextSale(order.sale, event);
  return sale.ok ? ok({ ...order, sale: sale.value }) : sale;
};

const deliveryStep = (order: Order, step: (typeof deliverySteps)[number]): Result<Order> => {
  const { delivery } = order;
  const state = delivery === null ? undefined : deliveryAfter[delivery.state][step];
  if (delivery === null || state === undefined) return impossible;
  if (order.cancelled === null && !maySaySold(order)) return refused(refusal('policy', 'notConfirmed'));
  return ok({ ...order, delivery: { ...delivery, state } });
};

const countedBy = { agentCounted: 'agent', centreCounted: 'lead', financeCounted: 'manager' } as const;
const rank = { agent: 0, lead: 1, manager: 2, admin: 2 } as const;

/** R30: money is counted at three levels, each by somebody who may; the agent counts what they took in themselves. */
const paymentStep = (order: Order, step: (typeof paymentSteps)[number], by: OrderBy): Result<Order> => {
  const { payment, delivery } = order;
  const state = payment === null ? undefined : paymentAfter[payment.state][step];
  if (payment === null || state === undefined) return impossible;
  if (step === 'paid' && !maySaySold(order)) return refused(refusal('policy', 'notConfirmed'));
  const isAtDoor = payment.way === 'cash' || payment.way === 'pos';
  if (step === 'paid' && isAtDoor && delivery?.state !== 'underWay' && delivery?.state !== 'delivered')
    return refused(refusal('conflict', 'notDelivered'));
  if (step === 'agentCounted' && by.agentId !== order.agentId) return refused(refusal('forbidden', 'orderOfAnother'));
  if (step in countedBy && rank[by.role] < rank[countedBy[step as keyof typeof countedBy]])
    return refused(refusal('forbidden', 'role'));
  return ok({ ...order, payment: { ...payment, state } });
};

const cancelled = (order: Order, { atMs, note }: Stepped): Result<Order> => {
  if (order.cancelled !== null || stageOf(order) === 'lost') return impossible;
  // Before provisioning there is no sale any more, and a reply that comes later changes nothing.
  const taken = order.sale === null ? undefined : nextSale(order.sale, { kind: 'declined', atMs });
  return ok({
    ...order,
    cancelled: { atMs, why: note },
    ...(taken?.ok === true ? { sale: taken.value } : {}),
  });
};

/** What central alone adds: the text, its time, its success. */
export const withCentralsStep = (
  order: Order,
  event: Extract<SaleEvent, { readonly kind: (typeof centralSteps)[number] }>,
): Result<Order> => {
  if (order.sale === null || (order.cancelled !== null && event.kind !== 'textSent')) return impossible;
  const sale = nextSale(order.sale, event);
  if (!sale.ok) return sale;
  return ok({ ...order, sale: sale.value, steps: stepsWith(order, event.kind, event.atMs) });
};

export const withReply = (
  order: Order,
  reply: SaleReply,
): { readonly order: Order; readonly outcome: ReplyOutcome } => {
  if (order.sale === null) return { order, outcome: 'unmatched' };
  const { sale, outcome } = takeReply(order.sale, reply);
  const replies = [...order.replies, { atMs: reply.atMs, says: reply.says, outcome }].slice(-mostReplies);
  // What changed nothing is among the replies alone: somebody who writes a hundred times does not fill the order.
  const steps = sale === order.sale ? order.steps : stepsWith(order, 'replied', reply.atMs);
  return { order: { ...order, sale, replies, steps }, outcome };
};

/** What the carrier's systems say, on the order as anybody's step: `agentId` null. `sale` and `payment` were looked at by whoever calls (fulfilment.ts). */
export const withProvisioning = (order: Order, outcome: 'done' | 'failed', why: string, atMs: number): Order => {
  const sale = order.sale === null ? undefined : nextSale(order.sale, { kind: 'provisioned', atMs });
  if (outcome === 'failed' || sale?.ok !== true) return { ...order, steps: noted(order, 'noted', why, atMs) };
  return { ...order, sale: sale.value, steps: noted(order, 'provisioned', why, atMs) };
};
export const withPayment = (order: Order, outcome: 'done' | 'failed', why: string, atMs: number): Order =>
  order.payment === null
    ? order
    : {
        ...order,
        payment: { ...order.payment, state: outcome === 'done' ? 'paid' : 'failed' },
        steps: noted(order, outcome === 'done' ? 'paid' : 'payFailed', why, atMs),
      };

/** Central's own steps never fail for want of room: the oldest of the middle makes it, the first one stays. */
const stepsWith = (order: Order, step: (typeof centralSteps)[number], atMs: number): Order['steps'] =>
  noted(order, step, '', atMs);
const noted = (order: Order, step: Order['steps'][number]['step'], note: string, atMs: number): Order['steps'] => {
  const [first, ...rest] = order.steps;
  const kept = first === undefined ? rest : [first, ...rest.slice(-(mostSteps - 3))];
  return [...kept, { step, atMs, agentId: null, note, mark: null }];
};

/** R41: the customer has confirmed it, and nobody cancelled it. */
export const maySaySold = ({ sale, cancelled: gone }: Order): boolean =>
  sale !== null && gone === null && isConfirmed(sale);

export type OrderStage = (typeof orderStages)[number];
/** In one word, for lists and the timeline. */
export const stageOf = ({ sale, lead, payment, delivery, cancelled: gone }: Order): OrderStage => {
  if (gone !== null) return 'cancelled';
  if (sale?.kind === 'declined' || lead === 'lost' || delivery?.state === 'returned') return 'lost';
  if (lead !== null) return lead === 'won' ? 'done' : 'lead';
  if (sale === null || !isConfirmed(sale)) return 'selling';
  if (sale.kind !== 'sold' || (delivery !== null && delivery.state !== 'delivered')) return 'fulfilling';
  return payment !== null && (payment.state === 'due' || payment.state === 'failed') ? 'unpaid' : 'done';
};

/** Something is still to be done about it; money counts until finance has it. */
export const isOrderOpen = (order: Order): boolean => {
  const { payment } = order;
  const stage = stageOf(order);
  const isCounting = ['paid', 'agentCounted', 'centreCounted'].includes(payment?.state ?? '');
  return isCounting || (stage !== 'done' && stage !== 'cancelled' && stage !== 'lost');
};

/** Steps that mean something now, in the order they are offered. */
export const orderStepsFrom = (order: Order, by: OrderBy): readonly OrderStep[] =>
  orderSteps.filter((step) => stepped(order, { ...trying, workId: order.id, atMs: order.openedAtMs, step }, by).ok);
const trying = { name: 'order.stepped', note: '-', mark: null } as const;

/** The text central waits for an answer to, or is about to send. */
export const isAwaitingCentral = ({ sale }: Order): boolean =>
  sale !== null && !isSaleOver(sale) && ['asking', 'sending', 'asked', 'provisioned'].includes(sale.kind);

const summaryOf = (order: Order): OrderSummary => ({
  id: order.id,
  flow: order.flow,
  name: order.offer.name,
  openedAtMs: order.openedAtMs,
  stage: stageOf(order),
});

const mostOnCustomer = 20;
/** The newest word on each order, newest first. */
export const withOrders = (customer: Customer, orders: readonly Order[]): Customer => {
  if (orders.length === 0) return customer;
  const all = [...new Map([...(customer.orders ?? []), ...orders.map(summaryOf)].map((one) => [one.id, one])).values()];
  return {
    ...customer,
    orders: all.toSorted((one, other) => other.openedAtMs - one.openedAtMs).slice(0, mostOnCustomer),
  };
};
