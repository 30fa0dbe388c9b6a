import { dayOf } from '../shared/calendar.ts';
import type { TaskId, WorkId } from '../shared/ids.ts';
import type { Obligation } from '../shared/obligation.ts';
import type { Policy } from '../shared/policy.ts';
import { isStanding, readDueNote, standingMs } from '../shared/task-due.ts';
import type { Clock, Log } from './ambient.ts';
import { faultFields } from './ambient.ts';
import type { Database, Db, Tx } from './db.ts';
import { asJson, firstRow, rows, run, statement, transaction } from './db.ts';
import { dueCustomers, dueObligations, type DueTarget } from './due-targets.ts';
import { putWork } from './orders.ts';
import { makeRounds, type Rounds } from './rounds.ts';
import { taskById, type TaskRow } from './tasks.ts';

/**
 * Care tasks that draw what is due by themselves (R24, R3, R4): obligations every minute, the customers' own state once a day. One thing goes into one
 * task, once; done by other means it leaves the task, and what the task has reached is done. A standing task, set up once, goes on so every day.
 */
type Ports = { readonly database: Database; readonly clock: Clock; readonly log: Log; readonly policy: Policy };

const lookMs = 60_000;

export const openDueTasks = (ports: Ports): Rounds => {
  const { database, clock, log } = ports;
  const go = async (): Promise<void> => {
    for (const { id, tenant } of await drawing(database.db)) {
      const db = database.tenant(tenant);
      const task = await taskById(db, id);
      if (task?.state.kind === 'running') {
        if (isStanding(task.plan)) await keepAlive(db, id, clock.nowMs());
        await draw(ports, db, task);
      }
      await settle(db, id, clock.nowMs());
    }
  };
  const rounds = makeRounds(clock, lookMs, go, (fault) =>
    log.warn(faultFields(fault), 'what is due was not drawn into its tasks; tried again'),
  );
  rounds.begin();
  return rounds;
};

const drawing = (db: Db): Promise<readonly { readonly id: TaskId; readonly tenant: string }[]> =>
  rows(
    db,
    statement<{ id: TaskId; tenant: string }>`
      select id, tenant from task where plan -> 'due' is not null and state ->> 'kind' <> 'draft' order by created_at_ms, id`,
  );

/** A standing task never comes to its end. Not its revision: nothing that a lead has written is another. */
const keepAlive = (db: Db, id: TaskId, nowMs: number): Promise<void> =>
  run(
    db,
    statement`
      update task set plan = jsonb_set(plan::jsonb, '{endsAtMs}', to_jsonb(${nowMs + standingMs}::bigint))::json
      where id = ${id} and (plan ->> 'endsAtMs')::numeric < ${nowMs + standingMs / 2}`,
  );

const draw = async ({ clock, policy, log }: Ports, db: Db, task: TaskRow): Promise<void> => {
  const kinds = task.plan.due?.kinds ?? [];
  const nowMs = clock.nowMs();
  let drawn = await transaction(db, async (tx) =>
    take(tx, { taskId: task.id, nowMs }, await dueObligations(tx, kinds, policy, nowMs)),
  );
  if (await isFirstToday(db, task.id, nowMs))
    for await (const page of dueCustomers(db, kinds, policy, nowMs))
      drawn += await transaction(db, (tx) => take(tx, { taskId: task.id, nowMs }, page));
  if (drawn > 0) log.info({ taskId: task.id, drawn }, 'what is due is in its task');
};

/** A look at all customers: once a day for each task, at whichever instance. */
const isFirstToday = async (db: Db, taskId: TaskId, nowMs: number): Promise<boolean> =>
  (await firstRow(
    db,
    statement`
      insert into due_look (task_id, day) values (${taskId}, ${dayOf(nowMs)})
      on conflict (task_id) do update set day = excluded.day where due_look.day <> excluded.day returning task_id`,
  )) !== undefined;

/**
 * What another task has is left there. Two things due to one person are one call, also when two tasks draw them: what is noted of it names both.
 */
const take = async (
  tx: Tx,
  { taskId, nowMs }: { readonly taskId: TaskId; readonly nowMs: number },
  found: readonly DueTarget[],
): Promise<number> => {
  if (found.length === 0) return 0;
  const open = await openEntries(
    tx,
    found.map(({ number }) => number),
  );
  const page = found.map(({ dueKey, obligationId, number, customer, name, note, tier, dueAtMs }) => ({
    ...{ due: dueKey, obligation: obligationId, key: number, customer: customer?.id ?? null, name, note, tier },
    ...{ task: open.get(number) ?? taskId, position: Math.floor(dueAtMs / 60_000) },
    kind: readDueNote(note)?.[0]?.kind ?? '',
  }));
  const fresh = await rows(
    tx,
    statement<{ key: string }>`
      insert into due_entry (key, task_id, entry_key, obligation_id, day, kind)
      select x.due, x.task, x.key, x.obligation, ${dayOf(nowMs)}, x.kind
      from json_to_recordset(${asJson(page)}::json) as x (due text, task text, key text, obligation text, kind text)
      on conflict (tenant, key) do nothing returning key`,
  );
  const isFresh = new Set(fresh.map(({ key }) => key));
  const entries = new Map<string, (typeof page)[number]>();
  for (const one of page) {
    if (!isFresh.has(one.due)) continue;
    const before = entries.get(one.key);
    const note = before === undefined ? one.note : `${before.note}\n${one.note}`.slice(0, 1_000);
    entries.set(one.key, { ...(before ?? one), note });
  }
  await run(
    tx,
    statement`
      insert into task_entry (task_id, key, position, customer_id, name, note, tier, state, next_at_ms, tries)
      select x.task, x.key, x.position, x.customer, x.name, x.note, x.tier, 'waiting', 0, 0
      from json_to_recordset(${asJson([...entries.values()])}::json)
        as x (task text, key text, position int, customer text, name text, note text, tier int)
      on conflict (task_id, key) do update set position = least(task_entry.position, excluded.position),
        note = case when task_entry.state in ('done', 'out') then excluded.note
          else left(task_entry.note || chr(10) || excluded.note, 1000) end,
        next_at_ms = case when task_entry.state in ('done', 'out') then 0 else task_entry.next_at_ms end,
        tries = case when task_entry.state in ('done', 'out') then 0 else task_entry.tries end,
        outcome = null, out_why = null,
        state = case when task_entry.state in ('done', 'out') then 'waiting' else task_entry.state end`,
  );
  return isFresh.size;
};

/** Whom a task that draws what is due is about to call already, by number. */
const openEntries = async (tx: Tx, keys: readonly string[]): Promise<ReadonlyMap<string, TaskId>> => {
  const found = await rows(
    tx,
    statement<{ key: string; taskId: TaskId }>`
      select distinct on (entry.key) entry.key, entry.task_id as "taskId"
      from due_entry join task_entry as entry on entry.task_id = due_entry.task_id and entry.key = due_entry.entry_key
        join task on task.id = entry.task_id
      where due_entry.entry_key = any(${[...keys]}::text[]) and entry.state in ('waiting', 'held', 'calling')
        and task.state ->> 'kind' = 'running'
      order by entry.key, entry.task_id`,
  );
  return new Map(found.map(({ key, taskId }) => [key, taskId]));
};

/** Both ways: what was done elsewhere is nobody's call any more, and what a task has reached is no longer owed. */
const settle = async (db: Db, taskId: TaskId, nowMs: number): Promise<void> => {
  await run(
    db,
    statement`
      update task_entry as entry set state = 'out', out_why = 'settledElsewhere'
      where entry.task_id = ${taskId} and entry.state = 'waiting'
        and exists (select 1 from due_entry where task_id = entry.task_id and entry_key = entry.key)
        and not exists (
          select 1 from due_entry left join work on work.id = due_entry.obligation_id
          where due_entry.task_id = entry.task_id and entry_key = entry.key
            and (obligation_id is null or work.due_at_ms is not null))`,
  );
  const reached = await rows(
    db,
    statement<{ id: WorkId; agentId: string | null }>`
      select work.id, contact.agent_id as "agentId"
      from due_entry join task_entry as entry on entry.task_id = due_entry.task_id and entry.key = due_entry.entry_key
        join work on work.id = due_entry.obligation_id left join contact on contact.id = entry.contact_id
      where due_entry.task_id = ${taskId} and entry.state = 'done' and work.due_at_ms is not null limit 500`,
  );
  for (const { id, agentId } of reached) await transaction(db, (tx) => fulfil(tx, id, agentId, nowMs));
};

const fulfil = async (tx: Tx, id: WorkId, agentId: string | null, atMs: number): Promise<void> => {
  const found = await firstRow(tx, statement<{ row: Obligation }>`select row from work where id = ${id} for update`);
  const row = found?.row;
  if (row?.state.kind !== 'open') return;
  const by = (agentId ?? row.agentId) as Obligation['agentId'];
  const wasLate = atMs > row.dueAtMs;
  await putWork(tx, { ...row, state: { kind: 'done', atMs, agentId: by, outcome: 'reached', wasLate } }, atMs);
};
