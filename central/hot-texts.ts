import { hotCallMs } from '../shared/hot-call.ts';
import type { HotText } from '../shared/hot-call.ts';
import type { TaskId } from '../shared/ids.ts';
import { purposeOf } from '../shared/task.ts';
import type { Clock, Log } from './ambient.ts';
import { faultFields } from './ambient.ts';
import { customerById } from './customers.ts';
import type { Database, Db, Tx } from './db.ts';
import { firstRow, rows, run, statement, transaction } from './db.ts';
import { mayGrant } from './dial-grants.ts';
import { countLate, type HotPorts } from './hot-calls.ts';
import { makeRounds, type Rounds } from './rounds.ts';
import type { Sms } from './sms.ts';
import { type Entry, grantPorts, ofTheHour, putOff } from './task-next.ts';
import { taskById, type TaskPorts, type TaskRow } from './tasks.ts';

/**
 * R26: sends the texts of tasks that write first. Whom the dial policy does not let be called now is not written to either: refusals, red
 * list, quiet time, hours and holidays are the same rule. Until their text has gone out a customer is not handed to anybody.
 */
type Ports = {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly sms: Sms | undefined;
  readonly tasks: TaskPorts;
  readonly taken: HotPorts['taken'];
};

const lookMs = 5_000;
const countMs = 60_000;
const atOnce = 50;
const claimMs = 60_000;
const mostTries = 3;
const hourMs = 3_600_000;

export const openHotTexts = (ports: Ports): Rounds => {
  const { database, clock, log, tasks, taken } = ports;
  let countedMs = Number.NEGATIVE_INFINITY;
  const go = async (): Promise<void> => {
    // A look at every text of two weeks: seldom.
    const isCounting = clock.nowMs() - countedMs >= countMs;
    if (isCounting) countedMs = clock.nowMs();
    for (const { id, tenant } of await writing(database.db, clock.nowMs())) {
      const db = database.tenant(tenant);
      const task = await taskById(db, id);
      if (task?.state.kind === 'running') await sendSome(ports, db, task);
      if (isCounting) await countLate(db, { ...tasks, taken });
    }
  };
  const rounds = makeRounds(clock, lookMs, go, (fault) =>
    log.warn(faultFields(fault), 'texts of tasks not looked after; tried again'),
  );
  rounds.begin();
  return rounds;
};

/** Tasks that write first and run, or whose texts may still bring calls. */
const writing = (db: Db, nowMs: number): Promise<readonly { readonly id: TaskId; readonly tenant: string }[]> =>
  rows(
    db,
    statement<{ id: TaskId; tenant: string }>`
      select id, tenant from task
      where plan -> 'hot' is not null and (state ->> 'kind' = 'running'
        or (state ->> 'kind' <> 'draft' and (state ->> 'atMs')::numeric > ${nowMs - 2 * hotCallMs}))
      order by id`,
  );

const sendSome = async (ports: Ports, db: Db, task: TaskRow): Promise<void> => {
  const { hot } = task.plan;
  if (hot === undefined || ports.sms === undefined) return;
  for (let sent = 0; sent < atOnce; sent += 1) {
    const next = await transaction(db, (tx) => claimNext(tx, ports, task, hot));
    if (next === 'none') return;
    if (next !== 'passed') await send(ports, ports.sms, db, { task, hot, ...next });
  }
};

type Claimed = { readonly key: string; readonly customerId: string | null };

/** Written down before the carrier is asked, with a name that is the same at every try: nobody is written to twice. */
const claimNext = async (tx: Tx, ports: Ports, task: TaskRow, hot: HotText): Promise<'none' | 'passed' | Claimed> => {
  const nowMs = ports.clock.nowMs();
  const found = await firstRow(
    tx,
    statement<Entry & { textTries: number | null }>`
      select entry.key, entry.customer_id as "customerId", name, note, tier, entry.tries, hot_text.tries as "textTries"
      from task_entry as entry left join hot_text on hot_text.task_id = entry.task_id and hot_text.key = entry.key
      where entry.task_id = ${task.id} and entry.state = 'waiting' and entry.next_at_ms >= ${task.plan.endsAtMs}
        and (hot_text.key is null or (hot_text.sent_at_ms is null and hot_text.claimed_until_ms < ${nowMs}))
      order by tier, position limit 1 for update of entry skip locked`,
  );
  if (found === undefined) return 'none';
  const { textTries, ...entry } = found;
  const callAt = (atMs: number): Promise<void> =>
    run(tx, statement`update task_entry set next_at_ms = ${atMs} where task_id = ${task.id} and key = ${entry.key}`);
  if ((textTries ?? 0) >= mostTries) {
    ports.log.warn(
      { taskId: task.id, tries: mostTries },
      'the carrier did not take a text: the customer is called without',
    );
    await callAt(nowMs);
    return 'passed';
  }
  const customer = entry.customerId === null ? undefined : await customerById(tx, entry.customerId);
  const may = await mayGrant(tx, await grantPorts(tx, ports.tasks), {
    ...{ number: entry.key, customer, taskId: task.id, isNecessary: false },
    ...{ isMarketing: purposeOf(task.plan.kind) === 'marketing', isSurvey: task.plan.kind === 'survey' },
    task: { hours: task.plan.hours, endsAtMs: task.plan.endsAtMs, takesProspects: entry.customerId === null },
    by: { agentId: 'central', seatId: '', role: 'agent' },
  });
  if (!may.ok && ofTheHour.has(may.error.reason ?? '')) return 'none';
  if (!may.ok) {
    // Called later without a text, or not at all, as the policy says.
    await putOff(tx, task, entry, may.error, nowMs);
    return 'passed';
  }
  if (await isWrittenTo(tx, entry.key, task.id, nowMs)) {
    // Another task has written to them: one text in a week is enough.
    await callAt(nowMs + hot.waitHours * hourMs);
    return 'passed';
  }
  await run(
    tx,
    statement`
      insert into hot_text (task_id, key, claimed_until_ms, tries) values (${task.id}, ${entry.key}, ${nowMs + claimMs}, 1)
      on conflict (task_id, key) do update set claimed_until_ms = excluded.claimed_until_ms, tries = hot_text.tries + 1`,
  );
  return { key: entry.key, customerId: entry.customerId };
};

const isWrittenTo = async (tx: Tx, key: string, taskId: TaskId, nowMs: number): Promise<boolean> =>
  (await firstRow(
    tx,
    statement`
      select 1 as one from hot_text
      where key = ${key} and task_id <> ${taskId} and sent_at_ms > ${nowMs - hotCallMs} limit 1`,
  )) !== undefined;

const send = async (
  { clock, log }: Ports,
  sms: Sms,
  db: Db,
  { task, hot, key, customerId }: Claimed & { readonly task: TaskRow; readonly hot: HotText },
): Promise<void> => {
  try {
    await sms.send({
      customerId: customerId ?? '',
      ...{ number: key, text: hot.text, about: 'notice', id: `hot ${task.id} ${key}` },
    });
  } catch (fault) {
    return log.warn(
      { taskId: task.id, ...faultFields(fault) },
      'the carrier did not take a text of a task; tried again',
    );
  }
  const nowMs = clock.nowMs();
  await transaction(db, async (tx) => {
    await run(tx, statement`update hot_text set sent_at_ms = ${nowMs} where task_id = ${task.id} and key = ${key}`);
    await run(
      tx,
      statement`
        update task_entry set next_at_ms = ${nowMs + hot.waitHours * hourMs}
        where task_id = ${task.id} and key = ${key} and state = 'waiting'`,
    );
  });
};
