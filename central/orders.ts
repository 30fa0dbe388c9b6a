import type { ReplyOutcome, SaleReply } from '../shared/sale.ts';
import type { Order, OrderBy, OrderOp } from '../shared/order.ts';
import { withCentralsStep, withOrders, withReply } from '../shared/order.ts';
import type { Result } from '../shared/result.ts';
import { refusal, refused } from '../shared/result.ts';
import type { SaleEvent } from '../shared/sale.ts';
import { isOpen, type WorkRow } from '../shared/work.ts';
import { withCases } from '../shared/case.ts';
import { agentById } from './agents.ts';
import { customerById } from './customers.ts';
import type { Db, Tx } from './db.ts';
import { asJson, firstRow, run, statement } from './db.ts';
import { isTariffScript, missingInLedger } from './disclosures.ts';
import { putOrderFact } from './facts.ts';
import { lockCustomer, publishCustomer } from './feed.ts';

export const workById = async (db: Db, id: string): Promise<WorkRow | undefined> =>
  (await firstRow(db, statement<{ row: WorkRow }>`select row from work where id = ${id}`))?.row;

/** Keeps the row; the customer's own row tells every seat that holds them of their cases and orders. */
export const putWork = async (tx: Tx, row: WorkRow, nowMs: number): Promise<void> => {
  const dueAtMs = isOpen(row) ? row.dueAtMs : null;
  await run(
    tx,
    statement`
      insert into work (id, record, agent_id, customer_id, due_at_ms, changed_at_ms, row)
      values (${row.id}, ${row.record}, ${row.agentId}, ${row.customerId}, ${dueAtMs}, ${nowMs}, ${asJson(row)}::json)
      on conflict (id) do update set due_at_ms = excluded.due_at_ms, changed_at_ms = excluded.changed_at_ms,
        row = excluded.row`,
  );
  if (row.record === 'obligation') return;
  if (row.record === 'order') await putOrderFact(tx, row);
  await lockCustomer(tx, row.customerId);
  const customer = await customerById(tx, row.customerId);
  if (customer === undefined) return;
  await publishCustomer(tx, row.record === 'case' ? withCases(customer, [row]) : withOrders(customer, [row]));
};

/** Who does it, by central's own records; for an order what the ledger lacks (R42). */
export const byOf = async (tx: Tx, op: { readonly name: string }, agentId: string, before: WorkRow | undefined) => {
  const agent = await agentById(tx, agentId);
  const { role, name } = agent ?? { role: 'agent' as const, name: '' };
  const isTelling = op.name === 'order.stepped' && before?.record === 'order';
  const missing = isTelling ? await missingInLedger(tx, before.contactId, before.script) : 0;
  return { role, name: name.slice(0, 40), missing } satisfies Omit<OrderBy, 'agentId'>;
};

/** R42: a sale is opened with the script of its own tariff, which has something to tell. */
export const whyNoSale = async (tx: Tx, op: OrderOp): Promise<Result<null> | undefined> => {
  if (op.name !== 'order.opened' || op.flow === 'lead' || op.script === null) return undefined;
  const isTariffs = await isTariffScript(tx, op.script, op.offer.tariffId);
  return isTariffs ? undefined : refused(refusal('policy', 'tariffScriptFirst'));
};

/** One at a time with the ops of the same order (ops.ts). */
export const lockedOrder = async (tx: Tx, id: string): Promise<Order | undefined> => {
  await run(tx, statement`select pg_advisory_xact_lock(hashtextextended(${`work:${id}`}, 0))`);
  const row = await workById(tx, id);
  return row?.record === 'order' ? row : undefined;
};

/** What central does by itself. @returns the order afterwards; undefined when it does not fit any more */
export const moveOrder = async (
  tx: Tx,
  id: string,
  event: Extract<SaleEvent, { readonly kind: 'sending' | 'textSent' | 'textFailed' | 'timedOut' | 'successSent' }>,
): Promise<Order | undefined> => {
  const order = await lockedOrder(tx, id);
  const next = order === undefined ? undefined : withCentralsStep(order, event);
  if (next?.ok !== true) return undefined;
  await putWork(tx, next.value, event.atMs);
  return next.value;
};

export const replyToOrder = async (
  tx: Tx,
  id: string,
  reply: SaleReply,
): Promise<{ readonly outcome: ReplyOutcome; readonly order: Order | undefined }> => {
  const before = await lockedOrder(tx, id);
  if (before === undefined) return { outcome: 'unmatched', order: undefined };
  const { order, outcome } = withReply(before, reply);
  await putWork(tx, order, reply.atMs);
  return { outcome, order };
};
