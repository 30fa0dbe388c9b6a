import { isDeepStrictEqual } from 'node:util';
import { shippedCalendar } from '../../shared/calendar.ts';
import type { Order } from '../../shared/order.ts';
import { isOrderOp, nextOrder, withCentralsStep, withReply } from '../../shared/order.ts';
import { defaultPolicy } from '../../shared/policy.ts';
import type { CentralOp, History, Violation } from './history.ts';
import { nameOf } from './history.ts';

type Step = Order['steps'][number];
type Kind = Extract<Violation['kind'], 'work' | 'reply'>;
const violation = (kind: Kind, what: string): Violation => ({ kind, what });

/**
 * Orders are moved by two: by ops, and by central itself (R41). The row tells in which order; done again in that order, the ops taken
 * and central's own steps make the very same row.
 */
export const orderRows = (taken: readonly CentralOp[], { work }: History): readonly Violation[] => {
  const opsOf = Map.groupBy(
    taken.filter(({ body }) => isOrderOp(body)),
    ({ body }) => ('workId' in body ? (body.workId as string) : ''),
  );
  const rows = new Map(work.flatMap((row) => (row.record === 'order' ? [[row.id as string, row] as const] : [])));
  return [...new Set([...opsOf.keys(), ...rows.keys()])].flatMap((id) => {
    const row = rows.get(id);
    const ops = opsOf.get(id) ?? [];
    if (row === undefined || ops.length === 0) return [violation('work', `${id} has ${ops.length} ops and no row`)];
    const again = doneAgain(row, ops);
    if (typeof again === 'string') return [violation('work', again)];
    return isDeepStrictEqual(again, row) ? [] : [violation('work', `${id} is not what its ops and replies say`)];
  });
};

const doneAgain = (row: Order, ops: readonly CentralOp[]): Order | string => {
  const left = [...ops];
  const moving = row.replies.filter(({ outcome }) => outcome === 'confirmed' || outcome === 'declined');
  let order: Order | undefined;
  for (const step of row.steps) {
    const next = step.agentId === null ? centralsStep(order, step, moving) : agentsStep(order, left);
    if (typeof next === 'string') return next;
    order = next;
  }
  const [unseen] = left;
  if (unseen !== undefined) return `${nameOf(unseen)} was taken and is not in the order`;
  // Replies that changed nothing are in no step.
  return order === undefined ? `${row.id} has no steps` : { ...order, replies: row.replies };
};

const agentsStep = (order: Order | undefined, left: CentralOp[]): Order | string => {
  const op = left.shift();
  if (op === undefined || !isOrderOp(op.body)) return `${order?.id ?? 'an order'} has a step no op made`;
  const next = nextOrder(order, op.body, { agentId: op.agentId, role: 'agent', missing: 0 }, shippedCalendar);
  return next.ok ? next.value : `${nameOf(op)} was taken although ${next.error.reason}`;
};

const hourMs = 3_600_000;

const centralsStep = (order: Order | undefined, { step, atMs }: Step, moving: Order['replies']): Order | string => {
  if (order === undefined) return 'central moved an order before it was opened';
  switch (step) {
    case 'replied': {
      const reply = moving.shift();
      if (reply === undefined) return `${order.id} was moved by a reply that is not in it`;
      return withReply(order, { says: reply.says, isOwnNumber: true, atMs: reply.atMs }).order;
    }
    case 'sending':
    case 'textFailed':
    case 'timedOut':
    case 'successSent': {
      const next = withCentralsStep(order, { kind: step, atMs });
      return next.ok ? next.value : `${order.id}: ${step} could not follow`;
    }
    case 'textSent': {
      const untilMs = atMs + (defaultPolicy.saleReplyHours ?? 24) * hourMs;
      const next = withCentralsStep(order, { kind: step, atMs, untilMs });
      return next.ok ? next.value : `${order.id}: ${step} could not follow`;
    }
    default:
      return `${order.id}: nobody did ${step}`;
  }
};

const mostOnOrder = 20;

/** Each reply the carrier was told is taken is kept, once; what it did stands in its order and in the audit chain, once. */
export const replies = ({ texts, work, kept }: History): readonly Violation[] => {
  const here = new Set(texts.kept.map(({ id }) => id));
  const found: Violation[] = [];
  for (const id of texts.taken) if (!here.has(id)) found.push(violation('reply', `${id} was taken and is not kept`));
  for (const id of here) if (!texts.written.has(id)) found.push(violation('reply', `${id} was written by nobody`));
  if (here.size !== texts.kept.length) found.push(violation('reply', 'a reply is kept twice'));
  const ofOrders = texts.kept.filter(({ orderId }) => orderId !== null);
  const byOrder = Map.groupBy(ofOrders, ({ orderId }) => orderId ?? '');
  const inChain = Map.groupBy(kept.replies, (orderId) => orderId);
  for (const row of work) {
    if (row.record !== 'order') continue;
    const outcomes = (byOrder.get(row.id) ?? []).map(({ outcome }) => outcome).sort();
    const shown = row.replies.map(({ outcome }) => outcome as string).sort();
    if (outcomes.length <= mostOnOrder && !isDeepStrictEqual(outcomes, shown))
      found.push(violation('reply', `${row.id} shows ${shown.join(' ')} for ${outcomes.join(' ')}`));
    const lines = inChain.get(row.id)?.length ?? 0;
    if (lines !== outcomes.length)
      found.push(violation('reply', `${row.id} had ${outcomes.length} replies, the audit chain has ${lines}`));
  }
  return found;
};
