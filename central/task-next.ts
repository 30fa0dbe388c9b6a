import { dayOf, momentOf } from '../shared/calendar.ts';
import type { Customer } from '../shared/customer.ts';
import { tiers } from '../shared/customer.ts';
import type { CustomerId, TaskId } from '../shared/ids.ts';
import type { Refusal, Result } from '../shared/result.ts';
import { ok, refusal, refused } from '../shared/result.ts';
import type { OwnTask, TaskItem, TaskNextRequest, TaskNextResponse } from '../shared/task-api.ts';
import { whyNotNow } from '../shared/dial-policy.ts';
import { laterMs, pickTasks, purposeOf } from '../shared/task.ts';
import { isStanding } from '../shared/task-due.ts';
import type { z } from 'zod';
import { noteShift, shiftFor } from './blending.ts';
import { customerById } from './customers.ts';
import type { Db, Tx } from './db.ts';
import { firstRow, rows, run, statement, transaction } from './db.ts';
import { askGrant, giveBack, type Granted, lostGrants, type Wanted } from './dial-grants.ts';
import { lookedUp } from './holdings.ts';
import type { Handlers } from './http.ts';
import { takeNecessity, useNecessity } from './necessities.ts';
import type { Session } from './sessions.ts';
import { isPublished, moveByCentral, runningTasks, type TaskPorts, type TaskRow } from './tasks.ts';
import { calendarOf } from './work.ts';

/** Hands an agent the next customer, with leave to call them (R19–R21); and gives leave for a marketing call of no task. */
export const nextHandlers = (ports: TaskPorts): Partial<Handlers> => ({
  taskNext: async (asked, session) => ok(await nextFor(ports, session, asked)),
  dialGrant: ({ customerId, numberIndex }, session) =>
    transaction(session.db, async (tx) => {
      const customer = await customerById(tx, customerId);
      const number = customer?.numbers[numberIndex];
      if (customer === undefined || number === undefined) return refused(refusal('notFound', 'customerNumber'));
      const necessity = await takeNecessity(tx, session, customerId, ports.nowMs());
      const granted = await askGrant(tx, await grantPorts(tx, ports), {
        ...{ number: number.key, customer, isMarketing: true, isSurvey: false, taskId: null, task: null },
        ...{ isNecessary: necessity !== undefined, by: byOf(session) },
      });
      if (!granted.ok) return granted;
      if (necessity !== undefined) await useNecessity(tx, necessity, granted.value.grantId, ports.nowMs());
      return ok({ ...granted.value, isNecessary: necessity !== undefined });
    }),
});

const byOf = ({ agent, seatId }: Session) => ({ agentId: agent.id, seatId, role: agent.role });
export const grantPorts = async (db: Db, { nowMs, newId, policy }: TaskPorts) => ({
  ...{ nowMs: nowMs(), newId, policy, calendar: await calendarOf(db) },
});

const nextFor = async (
  ports: TaskPorts,
  session: Session,
  asked: z.output<typeof TaskNextRequest>,
): Promise<TaskNextResponse> => {
  const { wanted, takesDialled } = asked;
  const { db, agent } = session;
  await transaction(db, (tx) => takeBack(tx, ports, session, asked));
  const mine = (await runningTasks(db)).filter(
    ({ plan }) => plan.agents.length === 0 || plan.agents.includes(agent.id),
  );
  const alive: TaskRow[] = [];
  for (const task of mine) if (await isAlive(db, ports, task)) alive.push(task);
  const dials = takesDialled === true ? ports.waitsForDialler : undefined;
  // R19: callers come first. Who is on view already stays there; a call that comes in meanwhile wins over them in any case.
  const shift = wanted && alive.length > 0 ? await shiftFor(db, agent.queues, ports.nowMs()) : undefined;
  if (shift !== undefined) await (shift.forMs < calledStillMs ? dials?.onlyCalled(session) : dials?.noMore(session));
  if (wanted) await noteShift(db, agent.id, shift, ports.nowMs());
  const said =
    shift === undefined
      ? await found(ports, session, wanted ? alive : [], dials)
      : { ...nobody('inboundFirst', askAgainMs), shift };
  return { ...said, tasks: [...(await ownTasks(db, alive))] };
};

type Said = Pick<TaskNextResponse, 'item' | 'why' | 'againInMs'>;
const nobody = (why: string | null, againInMs: number | null): Said => ({ item: null, why, againInMs });

/**
 * Task after task by weight: one that is closed now, or has nobody to call, does not keep an agent from another. A call of the dialler is
 * waited for in one task at a time, so that no agent is counted twice; when none came for a while the other tasks have their turn.
 */
const found = async (
  ports: TaskPorts,
  session: Session,
  alive: readonly TaskRow[],
  dials: TaskPorts['waitsForDialler'],
): Promise<Said> => {
  const waited = await dials?.waited(session);
  const stopsWaiting = async (said: Said): Promise<Said> => {
    if (waited !== undefined) await dials?.noMore(session);
    return said;
  };
  if (alive.length === 0) return stopsWaiting(nobody('noTasks', 60_000));
  const given = await givenToday(session.db, session.agent.id, ports.nowMs());
  const byWeight = pickTasks(
    alive.map((task) => ({ id: task.id, weight: task.plan.weight, given: given.get(task.id) ?? 0, task })),
  );
  const isTired = (task: TaskRow): boolean =>
    waited?.taskId === task.id && ports.nowMs() - waited.sinceMs >= longestWaitMs;
  const inTurn = byWeight.toSorted((one, other) => Number(isTired(one.task)) - Number(isTired(other.task)));
  let why: string | null = null;
  for (const { task } of inTurn) {
    if (task.plan.predictive !== undefined && dials !== undefined) {
      const not = await whyNoCallComes(session.db, ports, task);
      if (not === undefined) {
        await dials.wait(session, task.id);
        return nobody('callComing', askAgainMs);
      }
      why ??= not;
      continue;
    }
    const one = await transaction(session.db, (tx) => nextOf(tx, ports, session, task));
    if (one.ok) return stopsWaiting({ item: one.value, why: null, againInMs: null });
    why ??= one.error.reason ?? one.error.kind;
  }
  return stopsWaiting(nobody(why, 30_000));
};

/** R25: an agent waits where somebody can be called now, or rings already. */
const whyNoCallComes = async (db: Db, ports: TaskPorts, { id, plan }: TaskRow): Promise<string | undefined> => {
  const nowMs = ports.nowMs();
  const closed = whyNotNow(
    {
      nowMs,
      calendar: await calendarOf(db),
      task: { hours: plan.hours, endsAtMs: plan.endsAtMs, takesProspects: true },
    },
    ports.policy,
  );
  if (closed !== undefined) return closed.reason ?? closed.kind;
  const somebody = await firstRow(
    db,
    statement`
      select 1 as one where exists (
        select 1 from task_entry where task_id = ${id} and state = 'waiting' and next_at_ms <= ${nowMs})
      or exists (select 1 from dialler_call where task_id = ${id} and outcome is null and met_at_ms is null)`,
  );
  return somebody === undefined ? 'taskNobodyNow' : undefined;
};

/** An agent who waits for a call of the dialler says so as often: one who is heard no more is not called. */
const askAgainMs = 10_000;
/** A customer whom central had called before rings no longer than that. */
const calledStillMs = 60_000;
const longestWaitMs = 30_000;

/** Reasons that concern the whole task at this moment, not one customer. */
export const ofTheHour: ReadonlySet<string> = new Set([
  'outsideHours',
  'outsideTaskHours',
  'publicHoliday',
  'calendarMissing',
  'taskOver',
]);
const mostLooked = 50;
const minuteMs = 60_000;

export type Entry = {
  readonly key: string;
  readonly customerId: CustomerId | null;
  readonly name: string;
  readonly note: string;
  readonly tier: 0 | 1 | 2;
  readonly tries: number;
};

const nextOf = async (tx: Tx, ports: TaskPorts, session: Session, task: TaskRow): Promise<Result<TaskItem>> => {
  const next = await nextEntry(tx, ports, byOf(session), task);
  return next.ok ? ok(await handOut(tx, session, next.value, ports.nowMs())) : next;
};

/** The next of a task whom the dial policy lets be called now, with leave to do so; those it does not are put off on the way. */
export const nextEntry = async (
  tx: Tx,
  ports: TaskPorts,
  by: Wanted['by'],
  task: TaskRow,
): Promise<Result<EntryGranted>> => {
  const granting = await grantPorts(tx, ports);
  const { plan } = task;
  for (let looked = 0; looked < mostLooked; looked += 1) {
    const entry = await firstRow(
      tx,
      statement<Entry>`
        select key, customer_id as "customerId", name, note, tier, tries from task_entry
        where task_id = ${task.id} and state = 'waiting' and next_at_ms <= ${granting.nowMs}
        order by tier, next_at_ms, position limit 1 for update skip locked`,
    );
    if (entry === undefined) return refused(refusal('policy', 'taskNobodyNow'));
    const customer = entry.customerId === null ? undefined : await customerById(tx, entry.customerId);
    const granted = await askGrant(tx, granting, {
      ...{ number: entry.key, customer, taskId: task.id, isNecessary: false, by },
      ...{ isMarketing: purposeOf(plan.kind) === 'marketing', isSurvey: plan.kind === 'survey' },
      task: { hours: plan.hours, endsAtMs: plan.endsAtMs, takesProspects: entry.customerId === null },
    });
    if (granted.ok) return ok({ task, entry, customer, granted: granted.value });
    if (ofTheHour.has(granted.error.reason ?? '')) return granted;
    await putOff(tx, task, entry, granted.error, granting.nowMs);
  }
  return refused(refusal('policy', 'taskNobodyNow'));
};

export type EntryGranted = {
  readonly task: TaskRow;
  readonly entry: Entry;
  readonly customer: Customer | undefined;
  readonly granted: Granted;
};
const handOut = async (tx: Tx, session: Session, given: EntryGranted, nowMs: number): Promise<TaskItem> => {
  const { task, entry, customer, granted } = given;
  await run(
    tx,
    statement`
      update task_entry set state = 'held', grant_id = ${granted.grantId} where task_id = ${task.id} and key = ${entry.key}`,
  );
  if (customer !== undefined) await lookedUp(tx, session.seatId, [customer.id], nowMs);
  return itemOf(given);
};

/** What an agent is told of whom they are about to talk to. */
export const itemOf = ({ task, entry, customer, granted }: EntryGranted): TaskItem => {
  const { plan } = task;
  const tier = { high: 'tierHigh', mid: 'tierMid', standard: 'tierStandard' } as const;
  const why: TaskItem['why'] = [
    { key: plan.source.kind === 'list' ? 'listed' : 'fitting', params: {} },
    ...(customer === undefined ? [] : [{ key: tier[tiers[entry.tier]], params: {} }]),
    ...(entry.tries === 0 ? [] : [{ key: 'again' as const, params: { tries: entry.tries } }]),
  ];
  return {
    ...{ grantId: granted.grantId, ttlMs: granted.ttlMs, counters: granted.counters, isNecessary: false },
    ...{ taskId: task.id, title: plan.title, kind: plan.kind, mode: plan.mode, boxSeconds: plan.boxSeconds },
    ...{ scriptId: plan.scriptId, treeId: plan.treeId, offer: plan.offer, callerNumber: plan.callerNumber },
    ...{ hours: plan.hours, endsAtMs: plan.endsAtMs, number: entry.key, customer: customer ?? null },
    ...{ prospect: customer === undefined ? entry.name : '', note: entry.note, why, tries: entry.tries },
  };
};

/** The policy said no to this one customer: for now, or for this task. */
export const putOff = (tx: Tx, { id, plan }: TaskRow, { key }: Entry, why: Refusal, nowMs: number): Promise<void> => {
  const waits: Readonly<Record<string, number | undefined>> = {
    attemptGap: Number(why.params?.['minutes'] ?? 30) * minuteMs,
    dialHeld: 10 * minuteMs,
    attemptsToday: (momentOf(dayOf(nowMs), 24 * 60) ?? nowMs) - nowMs,
    quietTime: Number(why.params?.['days'] ?? 92) * 24 * 60 * minuteMs,
  };
  const waitMs = waits[why.reason ?? ''];
  const comesTooLate = waitMs === undefined || nowMs + waitMs >= plan.endsAtMs;
  return run(
    tx,
    comesTooLate
      ? statement`
          update task_entry set state = 'out', out_why = ${why.reason ?? why.kind} where task_id = ${id} and key = ${key}`
      : statement`update task_entry set next_at_ms = ${nowMs + waitMs} where task_id = ${id} and key = ${key}`,
  );
};

/** What a seat did not call goes back to the others; a skipped customer later, or not at all. */
const takeBack = async (
  tx: Tx,
  ports: TaskPorts,
  { seatId }: Session,
  { unused, used, isSettled }: z.output<typeof TaskNextRequest>,
): Promise<void> => {
  const nowMs = ports.nowMs();
  const known = [...used, ...unused.map(({ grantId }) => grantId)];
  const lost = await lostGrants(tx, seatId, known, isSettled === true ? null : nowMs);
  const back = [...unused, ...lost.map((grantId) => ({ grantId, why: 'putBack' as const }))];
  if (back.length === 0) return;
  await giveBack(
    tx,
    back.map(({ grantId }) => grantId),
    seatId,
    nowMs,
  );
  for (const { grantId, why } of back) {
    const isOut = why !== 'putBack' && why !== 'later';
    await run(
      tx,
      statement`
        update task_entry set state = ${isOut ? 'out' : 'waiting'}, out_why = ${isOut ? `skip.${why}` : null},
          next_at_ms = ${why === 'later' ? nowMs + laterMs : nowMs}, grant_id = null
        where grant_id = ${grantId} and (state in ('held', 'waiting') or out_why = 'quietTime')
          and exists (select 1 from dial_grant where id = ${grantId} and seat_id = ${seatId} and state = 'unused')`,
    );
  }
};

/** Central ends what is over and stops what has lost its script; a lead sees why. */
const isAlive = async (db: Db, ports: TaskPorts, task: TaskRow): Promise<boolean> => {
  const at = { by: null, atMs: ports.nowMs() };
  const { scriptId, endsAtMs } = task.plan;
  // What stands has its end moved on by the next round (due-tasks.ts).
  if (at.atMs >= endsAtMs && !isStanding(task.plan)) {
    await transaction(db, (tx) => moveByCentral(tx, task, { kind: 'ended', why: 'over', ...at }));
    return false;
  }
  if (scriptId !== null && !(await isPublished(db, scriptId))) {
    await transaction(db, (tx) => moveByCentral(tx, task, { kind: 'paused', why: 'scriptWithdrawn', ...at }));
    return false;
  }
  await bringBack(db, task.id, at.atMs);
  // More may be due tomorrow.
  if (task.plan.due !== undefined) return true;
  const open = await firstRow(
    db,
    statement`
      select 1 as one from task_entry where task_id = ${task.id} and state in ('waiting', 'held', 'calling') limit 1`,
  );
  if (open !== undefined) return true;
  await transaction(db, (tx) => moveByCentral(tx, task, { kind: 'ended', why: 'done', ...at }));
  return false;
};

/** A seat that dialled in the last second says so within it. */
const unheardMs = 60_000;

/**
 * Held by a seat of which nothing was heard when its leave was over: it crashed, or is off line. Whether and when they are called again is
 * the dial policy's word, for which they may have been reached. The entry keeps the grant's name: what the seat tells later still finds it.
 */
const bringBack = (db: Db, taskId: TaskId, nowMs: number): Promise<void> =>
  run(
    db,
    statement`
      update task_entry set state = 'waiting', next_at_ms = ${nowMs} from dial_grant as leave
      where task_entry.task_id = ${taskId} and task_entry.state = 'held' and leave.id = task_entry.grant_id
        and leave.until_ms < ${nowMs - unheardMs}`,
  );

const givenToday = async (db: Db, agentId: string, nowMs: number): Promise<ReadonlyMap<string, number>> => {
  const since = momentOf(dayOf(nowMs), 0) ?? nowMs;
  const counted = await rows(
    db,
    statement<{ id: TaskId; n: number }>`
      select task_id as id, count(*)::int as n from dial_grant
      where agent_id = ${agentId} and asked_at_ms >= ${since} and task_id is not null and state <> 'unused'
      group by task_id`,
  );
  return new Map(counted.map(({ id, n }) => [id, n]));
};

const ownTasks = async (db: Db, alive: readonly TaskRow[]): Promise<readonly OwnTask[]> => {
  const counted = await rows(
    db,
    statement<{ id: string; waiting: number; done: number }>`
      select task_id as id, count(*) filter (where state = 'waiting')::int as waiting,
        count(*) filter (where state in ('done', 'out'))::int as done
      from task_entry where task_id = any(${alive.map(({ id }) => id)}::text[]) group by task_id`,
  );
  return alive.slice(0, 100).map(({ id, plan }) => {
    const { waiting = 0, done = 0 } = counted.find((one) => one.id === id) ?? {};
    return { taskId: id, title: plan.title, waiting, done };
  });
};
