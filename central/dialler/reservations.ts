import type { AgentState } from '../../shared/agent.ts';
import { attemptOf, type DialledCall, type DiallerOutcome } from '../../shared/dialler.ts';
import type { GrantId, TaskId } from '../../shared/ids.ts';
import { afterAttempt } from '../../shared/task.ts';
import { noCounters } from '../../shared/dial-counters.ts';
import { customerById } from '../customers.ts';
import type { Db, Tx } from '../db.ts';
import { firstRow, isStanding, rows, run, statement } from '../db.ts';
import type { Entry, EntryGranted } from '../task-next.ts';
import type { TaskRow } from '../tasks.ts';

/** What the dialler has in the database: who dials a task, who waits for its calls, and every call from before it was made. */

/** Longer than several rounds of the one who has it: one that hangs, or is cut off from the database, has lost it after that. */
export const claimMs = 4_000;

/**
 * Who dials a task is written down, and whoever dials looks there in the transaction of each call: that is what keeps two from dialling at
 * once. That one has died shows sooner, by the lock its process stood for (`stand` in db.ts). In PGlite, of one process, the time counts alone.
 */
export type Claimant = { readonly instance: string; readonly hasStands: boolean };

const isFreeFor = ({ instance, hasStands }: Claimant, nowMs: number) => statement`(
  claimed.instance = ${instance} or claimed.until_ms < ${nowMs}
  or (${hasStands}::boolean and not ${isStanding(statement`claimed.instance`)}))`;

/** Predictive tasks that run, and those with calls that go on; of these which no living instance dials. */
export const undialled = (
  db: Db,
  me: Claimant,
  nowMs: number,
): Promise<readonly { readonly id: TaskId; readonly tenant: string }[]> =>
  rows(
    db,
    statement<{ id: TaskId; tenant: string }>`
      select id, tenant from task
      where plan -> 'predictive' is not null and (
          state ->> 'kind' = 'running' or exists (select 1 from dialler_call where task_id = task.id and outcome is null))
        and not exists (
          select 1 from dialler_task as claimed where claimed.task_id = task.id and not ${isFreeFor(me, nowMs)})
      order by id`,
  );

/** @returns whether this instance dials the task from now on, or goes on doing so */
export const claim = async (db: Db, taskId: TaskId, me: Claimant, nowMs: number): Promise<boolean> => {
  const before = await firstRow(
    db,
    statement<{ instance: string }>`select instance from dialler_task where task_id = ${taskId}`,
  );
  const claimed = await firstRow(
    db,
    statement`
      insert into dialler_task as claimed (task_id, instance, until_ms)
      values (${taskId}, ${me.instance}, ${nowMs + claimMs})
      on conflict (task_id) do update set instance = excluded.instance, until_ms = excluded.until_ms
        where ${isFreeFor(me, nowMs)}
      returning task_id`,
  );
  if (claimed === undefined) return false;
  // Whose seats were connected there is not to be rung before they are here: they would not know whose call it is.
  if (before !== undefined && before.instance !== me.instance)
    await run(db, statement`update presence set live = false where live and live_at = ${before.instance}`);
  return true;
};

export const letGo = (db: Db, taskId: TaskId, instance: string): Promise<void> =>
  run(db, statement`delete from dialler_task where task_id = ${taskId} and instance = ${instance}`);

/**
 * In the transaction that writes a call down: whoever has lost the task meanwhile writes nothing. The row is locked, so that the task
 * does not change hands between this look and the commit: of two instances one may dial, whatever their clocks and pauses.
 */
export const mayDialStill = async (tx: Tx, taskId: TaskId, instance: string, nowMs: number): Promise<boolean> =>
  (await firstRow(
    tx,
    statement`
      select 1 as one from dialler_task
      where task_id = ${taskId} and instance = ${instance} and until_ms > ${nowMs} for update`,
  )) !== undefined;

/** A seat says it every ten seconds while its agent waits: after such a pause the waiting begins anew. */
export const heardMs = 25_000;

/** The seat said that its agent is free for a call of this task. */
export const waitHere = (
  db: Db,
  { agentId, seatId, taskId, nowMs }: { agentId: string; seatId: string; taskId: TaskId; nowMs: number },
): Promise<void> =>
  run(
    db,
    statement`
      insert into dialler_agent as here (agent_id, task_id, seat_id, seen_at_ms, since_ms)
      values (${agentId}, ${taskId}, ${seatId}, ${nowMs}, ${nowMs})
      on conflict (agent_id) do update set task_id = excluded.task_id, seat_id = excluded.seat_id,
        seen_at_ms = excluded.seen_at_ms, is_shifted = false, since_ms = case
          when here.task_id = excluded.task_id and here.seen_at_ms > ${nowMs - heardMs} then here.since_ms
          else excluded.since_ms end`,
  );
export const waitedFor = (
  db: Db,
  agentId: string,
): Promise<{ readonly taskId: TaskId; readonly sinceMs: number } | undefined> =>
  firstRow(
    db,
    statement<{ taskId: TaskId; sinceMs: number }>`
      select task_id as "taskId", since_ms as "sinceMs" from dialler_agent where agent_id = ${agentId}`,
  );
/** R19: is heard of, and waits only for whom central has called already. Whoever did not wait before does not now. */
export const waitsForCalled = (db: Db, agentId: string, nowMs: number): Promise<void> =>
  run(db, statement`update dialler_agent set is_shifted = true, seen_at_ms = ${nowMs} where agent_id = ${agentId}`);
/** Until their seat says so again. */
export const waitsNoMore = (db: Db, agentId: string): Promise<void> =>
  run(db, statement`delete from dialler_agent where agent_id = ${agentId}`);

export type FloorAgent = {
  readonly agentId: string;
  readonly number: string;
  readonly seatId: string;
  readonly seenAtMs: number;
  readonly state: AgentState;
  /** At the seat that said so, and it is connected. */
  readonly isHere: boolean;
  /** R19: kept for callers. */
  readonly isShifted: boolean;
};
export const floorAgents = (db: Db, taskId: TaskId): Promise<readonly FloorAgent[]> =>
  rows(
    db,
    statement<FloorAgent>`
      select here.agent_id as "agentId", agent.number, here.seat_id as "seatId", here.seen_at_ms as "seenAtMs",
        presence.state, (presence.live and session.seat_id = here.seat_id) as "isHere",
        here.is_shifted as "isShifted"
      from dialler_agent as here join agent on agent.id = here.agent_id join presence on presence.agent_id = here.agent_id
        left join session on session.id = presence.session_id
      where here.task_id = ${taskId}`,
  );

/** The call, the grant and the entry are written as made: an instance that dies now leaves a customer who is not called again. */
export const writeDown = async (tx: Tx, id: string, given: EntryGranted, nowMs: number): Promise<void> => {
  const { task, entry, granted } = given;
  await run(
    tx,
    statement`
      insert into dialler_call (id, task_id, key, grant_id, reserved_at_ms)
      values (${id}, ${task.id}, ${entry.key}, ${granted.grantId}, ${nowMs})`,
  );
  await run(
    tx,
    statement`
      update dial_grant set state = 'dialled', at_ms = ${nowMs}, contact_id = ${id} where id = ${granted.grantId}`,
  );
  await run(
    tx,
    statement`
      update task_entry set state = 'calling', tries = tries + 1, grant_id = ${granted.grantId}, contact_id = ${id}
      where task_id = ${task.id} and key = ${entry.key}`,
  );
};

/** Somebody answered: this customer was reached, whatever follows (R21). */
export const noteAnswered = async (tx: Tx, id: string, grantId: GrantId, atMs: number): Promise<void> => {
  await run(tx, statement`update dialler_call set answered_at_ms = ${atMs} where id = ${id}`);
  await run(tx, statement`update dial_grant set state = 'reached', at_ms = ${atMs} where id = ${grantId}`);
};

export const noteMet = async (tx: Tx, id: string, grantId: GrantId, agentId: string, atMs: number): Promise<void> => {
  await run(tx, statement`update dialler_call set met_at_ms = ${atMs}, agent_id = ${agentId} where id = ${id}`);
  await run(tx, statement`update dial_grant set agent_id = ${agentId} where id = ${grantId}`);
  await run(tx, statement`update dialler_agent set since_ms = ${atMs} where agent_id = ${agentId}`);
  await run(
    tx,
    statement`
      update task_entry set state = 'done', outcome = coalesce(outcome, 'reached') where grant_id = ${grantId}`,
  );
};

type Over = Extract<DialledCall, { readonly kind: 'over' }>;
export const settle = async (
  tx: Tx,
  { id, grantId, task }: { readonly id: string; readonly grantId: GrantId; readonly task: TaskRow },
  { outcome, atMs }: Over,
  cause: number | null,
): Promise<void> => {
  await run(
    tx,
    statement`
      update dialler_call set outcome = ${outcome}, cause = ${cause}, ended_at_ms = ${atMs}
      where id = ${id} and outcome is null`,
  );
  if (outcome === 'connected') return;
  if (outcome === 'abandoned' || outcome === 'leftEarly') {
    // R25: whoever heard the message is not called again by this task; the grant says reached, so others wait as long as the policy wants.
    await run(
      tx,
      statement`update task_entry set state = 'out', out_why = ${outcome} where grant_id = ${grantId} and state = 'calling'`,
    );
    return;
  }
  await run(
    tx,
    statement`update dial_grant set state = 'unreached', at_ms = ${atMs} where id = ${grantId} and state = 'dialled'`,
  );
  const entry = await firstRow(
    tx,
    statement<{ tries: number }>`
      select tries from task_entry where grant_id = ${grantId} and state = 'calling' for update`,
  );
  if (entry === undefined) return;
  const next = afterAttempt(task.plan, attemptOf(outcome), entry.tries, atMs);
  await run(
    tx,
    next.state === 'out'
      ? statement`update task_entry set state = 'out', out_why = ${next.why} where grant_id = ${grantId}`
      : statement`update task_entry set state = 'waiting', next_at_ms = ${next.nextAtMs} where grant_id = ${grantId}`,
  );
};

export type KeptCall = {
  readonly id: string;
  readonly key: string;
  readonly grantId: GrantId;
  readonly reservedAtMs: number;
  readonly answeredAtMs: number | null;
  readonly metAtMs: number | null;
  readonly agentId: string | null;
  readonly endedAtMs: number | null;
  readonly outcome: DiallerOutcome | null;
};
/** Of the last window, and those that go on; oldest first. */
export const keptCalls = (db: Db, taskId: TaskId, sinceMs: number): Promise<readonly KeptCall[]> =>
  rows(
    db,
    statement<KeptCall>`
      select id, key, grant_id as "grantId", reserved_at_ms as "reservedAtMs", answered_at_ms as "answeredAtMs",
        met_at_ms as "metAtMs", agent_id as "agentId", ended_at_ms as "endedAtMs", outcome
      from dialler_call where task_id = ${taskId} and (outcome is null or reserved_at_ms > ${sinceMs})
      order by reserved_at_ms, id`,
  );

/** Whom a call of an instance that died is to. */
export const entryOf = async (db: Db, task: TaskRow, { key, grantId }: KeptCall): Promise<EntryGranted | undefined> => {
  const entry = await firstRow(
    db,
    statement<Entry>`
      select key, customer_id as "customerId", name, note, tier, tries - 1 as tries from task_entry
      where task_id = ${task.id} and key = ${key}`,
  );
  if (entry === undefined) return undefined;
  const customer = entry.customerId === null ? undefined : await customerById(db, entry.customerId);
  return { task, entry, customer, granted: { grantId, ttlMs: 60_000, counters: noCounters } };
};
