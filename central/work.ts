import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { merged, shippedCalendar, WorkCalendar } from '../shared/calendar.ts';
import { withCases } from '../shared/case.ts';
import type { AgentId } from '../shared/ids.ts';
import type { Result } from '../shared/result.ts';
import { ok, refusal, refused } from '../shared/result.ts';
import { isOpen, nextWork, type WorkOp, type WorkResponse, type WorkRow } from '../shared/work.ts';
import { contactById } from './contacts.ts';
import { customerById } from './customers.ts';
import type { Db, Tx } from './db.ts';
import { asJson, firstRow, rows, run, statement } from './db.ts';
import { lockCustomer, publishCustomer } from './feed.ts';
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

const workById = async (db: Db, id: string): Promise<WorkRow | undefined> =>
  (await firstRow(db, statement<{ row: WorkRow }>`select row from work where id = ${id}`))?.row;

/** The seat's rule again, with central's calendar; the customer's row tells every seat that holds them of their cases. */
export const takeWork = async (tx: Tx, op: WorkOp, agentId: AgentId, nowMs: number): Promise<Result<null>> => {
  const whose = await whyNotTheirs(tx, op, agentId);
  if (whose !== undefined) return whose;
  const before = await workById(tx, op.workId);
  const next = nextWork(before, op, agentId, await calendarOf(tx));
  if (!next.ok) return next;
  const row = next.value;
  if (isDeepStrictEqual(row, before)) return ok(null);
  const dueAtMs = isOpen(row) ? row.dueAtMs : null;
  await run(
    tx,
    statement`
      insert into work (id, record, agent_id, customer_id, due_at_ms, changed_at_ms, row)
      values (${row.id}, ${row.record}, ${row.agentId}, ${row.customerId}, ${dueAtMs}, ${nowMs}, ${asJson(row)}::json)
      on conflict (id) do update set due_at_ms = excluded.due_at_ms, changed_at_ms = excluded.changed_at_ms,
        row = excluded.row`,
  );
  if (row.record !== 'case') return ok(null);
  await lockCustomer(tx, row.customerId);
  const customer = await customerById(tx, row.customerId);
  if (customer !== undefined) await publishCustomer(tx, withCases(customer, [row]));
  return ok(null);
};

/** Only about the customer the agent spoke with, or about a case that is there. */
const whyNotTheirs = async (tx: Tx, op: WorkOp, agentId: AgentId): Promise<Result<null> | undefined> => {
  if (op.name !== 'case.opened' && op.name !== 'obligation.opened') return undefined;
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

/** The agent's own work, and the open cases of the customers of their queues. */
export const workOf = async (
  { agent, db }: Session,
  asked: { readonly mark: string; readonly everyone: boolean; readonly nowMs: number },
): Promise<WorkResponse> => {
  const calendar = await calendarOf(db);
  const found = (
    await rows(
      db,
      statement<{ row: WorkRow }>`
        select row from work
        where (agent_id = ${agent.id} and (due_at_ms is not null or changed_at_ms > ${asked.nowMs - doneMs}))
          or (record = 'case' and due_at_ms is not null and exists (
            select 1 from feed where entity = 'customer' and feed.id = work.customer_id and feed.row is not null
              and (${asked.everyone} or feed.queues && ${agent.queues}::text[])))
        order by due_at_ms nulls last, changed_at_ms desc, id limit ${most}`,
    )
  ).map(({ row }) => row);
  const mark = createHash('sha256')
    .update(asJson([agent.id, calendar, found]))
    .digest('base64url')
    .slice(0, 22);
  return { mark, rows: mark === asked.mark ? null : found, calendar };
};
