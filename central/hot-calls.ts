import type { CalledIn, CalledInAnswer } from '../shared/hot-call.ts';
import { hotCallMs } from '../shared/hot-call.ts';
import type { Contact } from '../shared/contact.ts';
import type { GrantId, TaskId } from '../shared/ids.ts';
import { numberKey } from '../shared/phone-number.ts';
import type { TaskPlan } from '../shared/task.ts';
import { purposeOf } from '../shared/task.ts';
import { customerById } from './customers.ts';
import type { Db, Tx } from './db.ts';
import { firstRow, rows, run, statement, transaction } from './db.ts';
import type { Handlers } from './http.ts';
import type { Session } from './sessions.ts';
import { outcomeFor } from './task-contacts.ts';
import type { TaskPorts } from './tasks.ts';

/**
 * R26: who had a text of a task lately and calls from that number. The call is the task's contact: asked for when the telephone rings, it has
 * central's leave as if the task had called (nobody else is handed the customer meanwhile, R21), its script, its disposition tree and its
 * figures. A call that came while the seat was off line is found when its contact arrives (`countLate`): without the script, but counted.
 */
export type HotPorts = Pick<TaskPorts, 'nowMs' | 'newId'> & {
  /** A customer on view at another seat has just called in themselves. */
  readonly taken: (agentId: string, grantId: GrantId) => Promise<void>;
};

/** To be answered and told of; a seat that dies in between leaves a customer who is not called again. */
const answeredMs = 15 * 60_000;

export const hotHandlers = (ports: HotPorts): Partial<Handlers> => ({
  calledIn: async (asked, session) => {
    const got = await transaction(session.db, (tx) => calledIn(tx, ports, session, asked));
    if (got?.heldBy !== undefined) await ports.taken(got.heldBy.agentId, got.heldBy.grantId);
    return { ok: true, value: { hot: got?.hot ?? null } };
  },
});

type Got = {
  readonly hot: NonNullable<CalledInAnswer['hot']>;
  readonly heldBy: { readonly agentId: string; readonly grantId: GrantId } | undefined;
};

const calledIn = async (
  tx: Tx,
  ports: HotPorts,
  { agent, seatId }: Session,
  asked: CalledIn,
): Promise<Got | undefined> => {
  const key = numberKey(asked.number);
  const nowMs = ports.nowMs();
  const entry = key === undefined ? undefined : await hotEntry(tx, key, nowMs);
  if (key === undefined || entry === undefined || (await refuses(tx, entry))) return undefined;
  const held = await giveUp(tx, entry, nowMs);
  const grantId = ports.newId() as GrantId;
  await run(
    tx,
    statement`
      insert into dial_grant (id, number_key, customer_id, is_marketing, is_survey, state, at_ms, asked_at_ms, until_ms,
        task_id, agent_id, seat_id, contact_id)
      values (${grantId}, ${key}, ${entry.customerId}, ${purposeOf(entry.plan.kind) === 'marketing'},
        ${entry.plan.kind === 'survey'}, 'held', ${nowMs}, ${nowMs}, ${nowMs + answeredMs}, ${entry.taskId}, ${agent.id},
        ${seatId}, ${asked.contactId})`,
  );
  await run(
    tx,
    statement`
      update task_entry set state = 'held', grant_id = ${grantId}, contact_id = ${asked.contactId}
      where task_id = ${entry.taskId} and key = ${key}`,
  );
  const { title, offer, scriptId, treeId } = entry.plan;
  const isOthers = held !== undefined && held.seatId !== seatId;
  return {
    hot: { grant: { id: grantId, taskId: entry.taskId, treeId }, title, offer, scriptId },
    heldBy: isOthers ? held : undefined,
  };
};

type HotEntry = {
  readonly taskId: TaskId;
  readonly key: string;
  readonly customerId: string | null;
  readonly grantId: GrantId | null;
  readonly plan: TaskPlan;
};

/** Of several tasks that wrote to this number the one that did last; one that is paused or was ended by a lead brings no calls any more. */
const hotEntry = (tx: Tx, key: string, nowMs: number): Promise<HotEntry | undefined> =>
  firstRow(
    tx,
    statement<HotEntry>`
      select entry.task_id as "taskId", entry.key, entry.customer_id as "customerId", entry.grant_id as "grantId", task.plan
      from hot_text join task_entry as entry on entry.task_id = hot_text.task_id and entry.key = hot_text.key
        join task on task.id = entry.task_id
      where hot_text.key = ${key} and hot_text.sent_at_ms > ${nowMs - hotCallMs}
        and entry.state in ('waiting', 'held', 'calling')
        and (task.state ->> 'kind' = 'running' or (task.state ->> 'kind' = 'ended' and task.state ->> 'why' = 'done'))
      order by hot_text.sent_at_ms desc limit 1 for update of entry`,
  );

/** R22, R2: after the text they may have said that they want no such calls; then it is a call like any other. */
const refuses = async (tx: Tx, { key, customerId, plan }: HotEntry): Promise<boolean> => {
  if (purposeOf(plan.kind) !== 'marketing') return false;
  const customer = customerId === null ? undefined : await customerById(tx, customerId);
  if (customer?.list === 'red' || customer?.refusesMarketing === true) return true;
  const refusal = await firstRow(
    tx,
    statement`select 1 as one from dial_refusal where number_key = ${key} or customer_id = ${customerId} limit 1`,
  );
  return refusal !== undefined;
};

/** Whoever has this customer on view may not call them any more. */
const giveUp = async (
  tx: Tx,
  { grantId }: HotEntry,
  nowMs: number,
): Promise<{ agentId: string; seatId: string; grantId: GrantId } | undefined> =>
  grantId === null
    ? undefined
    : firstRow(
        tx,
        statement<{ agentId: string; seatId: string; grantId: GrantId }>`
          update dial_grant set state = 'unused', at_ms = ${nowMs} where id = ${grantId} and state = 'held'
          returning agent_id as "agentId", seat_id as "seatId", id as "grantId"`,
      );

/** A seat that was told so says it with its contact; one that says nothing by then has not heard the answer. */
const onItsWayMs = 60_000;

/** Calls that were answered while nobody could ask whether they were hot. */
export const countLate = async (db: Db, ports: HotPorts): Promise<void> => {
  const nowMs = ports.nowMs();
  const found = await rows(
    db,
    statement<{ taskId: TaskId; key: string; kind: TaskPlan['kind']; contact: Contact }>`
      select distinct on (entry.task_id, entry.key) entry.task_id as "taskId", entry.key, task.plan ->> 'kind' as kind,
        contact.row as contact
      from hot_text join task_entry as entry on entry.task_id = hot_text.task_id and entry.key = hot_text.key
        join task on task.id = entry.task_id
        join contact on contact.row ->> 'number' = hot_text.key and contact.opened_at_ms >= hot_text.sent_at_ms
          and contact.opened_at_ms < hot_text.sent_at_ms + ${hotCallMs}
      where hot_text.sent_at_ms > ${nowMs - 2 * hotCallMs} and entry.state in ('waiting', 'held')
        and contact.row ->> 'direction' = 'inbound' and contact.row -> 'grant' is null
        and contact.row ->> 'answeredAtMs' is not null
        and (entry.contact_id is distinct from contact.id or contact.opened_at_ms < ${nowMs - onItsWayMs})
      order by entry.task_id, entry.key, contact.opened_at_ms limit 100`,
  );
  for (const one of found) await transaction(db, (tx) => countOne(tx, ports, one));
};

const countOne = async (
  tx: Tx,
  ports: HotPorts,
  { taskId, key, kind, contact }: { taskId: TaskId; key: string; kind: TaskPlan['kind']; contact: Contact },
): Promise<void> => {
  const outcome = await outcomeFor(tx, contact);
  const done = await firstRow(
    tx,
    statement<{ grantId: GrantId | null }>`
      update task_entry as entry set state = 'done', outcome = ${outcome}, contact_id = ${contact.id}
      from task_entry as before
      where entry.task_id = ${taskId} and entry.key = ${key} and entry.state in ('waiting', 'held')
        and before.task_id = entry.task_id and before.key = entry.key
      returning before.grant_id as "grantId"`,
  );
  if (done === undefined) return;
  const nowMs = ports.nowMs();
  await run(
    tx,
    statement`update dial_grant set state = 'unused', at_ms = ${nowMs} where id = ${done.grantId} and state = 'held'`,
  );
  const atMs = Math.min(contact.openedAtMs, nowMs);
  await run(
    tx,
    statement`
      insert into dial_grant (id, number_key, customer_id, is_marketing, is_survey, state, at_ms, asked_at_ms, until_ms,
        task_id, agent_id, seat_id, contact_id)
      values (${ports.newId()}, ${key}, ${contact.customerId}, ${purposeOf(kind) === 'marketing'}, ${kind === 'survey'},
        'reached', ${atMs}, ${atMs}, ${atMs}, ${taskId}, ${contact.agentId}, '', ${contact.id})`,
  );
};
