import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { merged, shippedCalendar, WorkCalendar } from '../shared/calendar.ts';
import type { AgentId } from '../shared/ids.ts';
import { isOrderOp } from '../shared/order.ts';
import type { Result } from '../shared/result.ts';
import { ok, refusal, refused } from '../shared/result.ts';
import { nextWork, type WorkOp, type WorkResponse, type WorkRow } from '../shared/work.ts';
import { contactById } from './contacts.ts';
import { customerById } from './customers.ts';
import type { Db, Tx } from './db.ts';
import { asJson, rows, statement } from './db.ts';
import { byOf, putWork, whyNoSale, workById } from './orders.ts';
import type { Session } from './sessions.ts';
import { putSetting, settingOf } from './settings.ts';

/** An agent sees what they have done of it for so long. */
const doneMs = 7 * 24 * 3_600_000;
const most = 1_000;

/** What shipped, and over it what an administrator imported. */
export const calendarOf = async (db: Db): Promise<WorkCalendar> => {
  const kept = WorkCalendar.safeParse(await settingOf(db, 'workCalendar'));
  return kept.success ? merged(shippedCalendar, kept.data) : shippedCalendar;
};
/** Year by year: those not given stay. */
export const putCalendar = async (db: Db, given: WorkCalendar): Promise<void> => {
  const kept = WorkCalendar.safeParse(await settingOf(db, 'workCalendar'));
  await putSetting(db, 'workCalendar', kept.success ? merged(kept.data, given) : given);
};

/** The seat's rule again, with central's calendar, and central's word on who is what and what was told. */
export const takeWork = async (tx: Tx, op: WorkOp, agentId: AgentId, nowMs: number): Promise<Result<null>> => {
  const whose = (await whyNotTheirs(tx, op, agentId)) ?? (isOrderOp(op) ? await whyNoSale(tx, op) : undefined);
  if (whose !== undefined) return whose;
  const before = await workById(tx, op.workId);
  const by = { agentId, ...(await byOf(tx, op, agentId, before)) };
  const next = nextWork(before, op, by, await calendarOf(tx));
  if (!next.ok) return next;
  if (!isDeepStrictEqual(next.value, before)) await putWork(tx, next.value, nowMs);
  return ok(null);
};

/** Only about the customer the agent spoke with, or about a case that is there. */
const whyNotTheirs = async (tx: Tx, op: WorkOp, agentId: AgentId): Promise<Result<null> | undefined> => {
  if (op.name !== 'case.opened' && op.name !== 'obligation.opened' && op.name !== 'order.opened') return undefined;
  if ((await customerById(tx, op.customerId)) === undefined) return refused(refusal('notFound', 'customer'));
  if (op.contactId !== null) {
    const contact = await contactById(tx, op.contactId);
    return contact?.agentId === agentId && contact.customerId === op.customerId
      ? undefined
      : refused(refusal('forbidden', 'notInThisCall'));
  }
  const about = op.name === 'obligation.opened' && op.caseId !== null ? await workById(tx, op.caseId) : undefined;
  return about?.record === 'case' && about.customerId === op.customerId
    ? undefined
    : refused(refusal('forbidden', 'notInThisCall'));
};

/** R30: money that waits to be counted, by who counts it. */
const counts = { agent: [], lead: ['agentCounted'], manager: ['agentCounted', 'centreCounted'], admin: [] } as const;

/** The agent's own work, and the open cases and orders of the customers of their queues. */
export const workOf = async (
  { agent, db }: Session,
  asked: {
    readonly mark: string;
    readonly everyone: boolean;
    readonly nowMs: number;
    readonly orders: 'yes' | undefined;
  },
): Promise<WorkResponse> => {
  const calendar = await calendarOf(db);
  const found = (
    await rows(
      db,
      statement<{ row: WorkRow }>`
        select row from work
        where (agent_id = ${agent.id} and (due_at_ms is not null or changed_at_ms > ${asked.nowMs - doneMs}))
          or (record in ('case', 'order') and due_at_ms is not null and exists (
            select 1 from feed where entity = 'customer' and feed.id = work.customer_id and feed.row is not null
              and (${asked.everyone} or feed.queues && ${agent.queues}::text[])))
          or (record = 'order' and row -> 'payment' ->> 'state' = any(${counts[agent.role]}::text[]))
        order by due_at_ms nulls last, changed_at_ms desc, id limit ${most}`,
    )
  ).map(({ row }) => row);
  const mark = createHash('sha256')
    .update(asJson([agent.id, calendar, found, asked.orders ?? '']))
    .digest('base64url')
    .slice(0, 22);
  if (mark === asked.mark) return { mark, rows: null, calendar };
  const orders = found.filter((row) => row.record === 'order');
  const others = found.filter((row) => row.record !== 'order');
  return { mark, rows: others, calendar, ...(asked.orders === undefined ? {} : { orders }) };
};

export const workOfContact = async (db: Db, contactId: string): Promise<readonly WorkRow[]> =>
  (
    await rows(
      db,
      statement<{ row: WorkRow }>`
        select work.row from work join contact on contact.customer_id = work.customer_id
        where contact.id = ${contactId} and work.row ->> 'contactId' = ${contactId}`,
    )
  ).map(({ row }) => row);
