import { createHash } from 'node:crypto';
import type { z } from 'zod';
import type { AgentId, TaskId } from '../shared/ids.ts';
import { readList } from '../shared/list-text.ts';
import type { Policy } from '../shared/policy.ts';
import type { Result } from '../shared/result.ts';
import { ok, refusal, refused } from '../shared/result.ts';
import type {
  ListPasted,
  Task,
  TaskEstimate,
  TaskFigures,
  TaskMoved,
  TaskMoveRequest,
  TaskSaved,
  TaskSaveRequest,
  TasksResponse,
} from '../shared/task-api.ts';
import type { TaskEvent, TaskPlan, TaskState } from '../shared/task.ts';
import { mostTargeted, nextTask, taskFaults } from '../shared/task.ts';
import { audit } from './audit.ts';
import type { Db, Tx } from './db.ts';
import { asJson, firstRow, rows, run, statement, transaction } from './db.ts';
import { pacingNow } from './dialler/pacing-view.ts';
import { dueDaysOf, uncoveredNow } from './due-report.ts';
import type { Handlers } from './http.ts';
import type { Session } from './sessions.ts';
import type { Target } from './target.ts';
import { type Judged, judgeTargets } from './task-targets.ts';

export type TaskPorts = {
  readonly nowMs: () => number;
  readonly newId: () => string;
  readonly auditKey: Uint8Array;
  readonly policy: Policy;
  /** Without a carrier no task can write first (R26). */
  readonly sendsTexts: boolean;
  /** Agents who wait for a call that central makes (R25). Absent: central has no dialler, and seats dial such tasks by themselves. */
  readonly waitsForDialler?: {
    readonly wait: (session: Session, taskId: TaskId) => Promise<void>;
    /** For which task, and since when no call of it came. */
    readonly waited: (session: Session) => Promise<{ readonly taskId: TaskId; readonly sinceMs: number } | undefined>;
    readonly noMore: (session: Session) => Promise<void>;
    /** R19: kept for callers; a customer whom central has called already still comes, rather than to nobody. */
    readonly onlyCalled: (session: Session) => Promise<void>;
  };
};

/** Outbound tasks as leads write, estimate, start and stop them (R20, R21). */
export const taskHandlers = (ports: TaskPorts): Partial<Handlers> => ({
  tasks: async (_asked, { db }) => ok(await taskList(db, ports.nowMs())),
  taskSave: (asked, session) => save(ports, session, asked),
  taskEstimate: async ({ plan }, { db }) => {
    const judged = await judgeTargets(db, plan, { policy: ports.policy, nowMs: ports.nowMs() });
    return ok(await withFaults(db, ports, plan, judged));
  },
  taskMove: (asked, session) => move(ports, session, asked),
  listPaste: ({ name, text }, { db }) => transaction(db, (tx) => pasteList(tx, name, text, ports.nowMs())),
});

export type TaskRow = {
  readonly id: TaskId;
  readonly plan: TaskPlan;
  readonly state: TaskState;
  readonly ownerId: AgentId;
  readonly revision: number;
};
const columns = statement`id, plan, state, owner_id as "ownerId", revision`;
export const taskById = (db: Db, id: string): Promise<TaskRow | undefined> =>
  firstRow(db, statement<TaskRow>`select ${columns} from task where id = ${id}`);
export const runningTasks = (db: Db): Promise<readonly TaskRow[]> =>
  rows(db, statement<TaskRow>`select ${columns} from task where state ->> 'kind' = 'running' order by id`);

const noFigures: TaskFigures = {
  ...{ total: 0, waiting: 0, tried: 0, reached: 0, succeeded: 0, refused: 0, out: 0, attempts: 0 },
};

const taskList = async (db: Db, nowMs: number): Promise<TasksResponse> => {
  const found = await rows(db, statement<TaskRow>`select ${columns} from task order by created_at_ms desc limit 500`);
  const figures = await rows(
    db,
    statement<TaskFigures & { id: string }>`
      select task_id as id, count(*)::int as total,
        count(*) filter (where state in ('waiting', 'held'))::int as waiting,
        count(*) filter (where tries > 0)::int as tried,
        count(*) filter (where outcome is not null)::int as reached,
        count(*) filter (where outcome = 'success')::int as succeeded,
        count(*) filter (where outcome = 'refusal')::int as refused,
        count(*) filter (where state = 'out')::int as out, coalesce(sum(tries), 0)::int as attempts
      from task_entry where task_id = any(${found.map(({ id }) => id)}::text[]) group by task_id`,
  );
  const byId = new Map(figures.map(({ id, ...own }) => [id, own] as const));
  const pacings = await pacingNow(db, nowMs);
  const drawing = found.filter(({ plan, state }) => plan.due !== undefined && state.kind !== 'draft');
  const dueDays = await dueDaysOf(
    db,
    drawing.map(({ id }) => id),
    nowMs,
  );
  const agents = await rows(
    db,
    statement<{ id: AgentId; name: string; number: string; role: string }>`
      select id, name, number, role from agent order by number limit 2000`,
  );
  const wanted = new Set<string | null>(found.flatMap(({ ownerId, state }) => [ownerId, state.by]));
  return {
    tasks: found.map((row): Task => {
      const pacing = pacings.get(row.id);
      const days = dueDays.get(row.id);
      return {
        ...{ ...row, figures: byId.get(row.id) ?? noFigures },
        ...(pacing === undefined ? {} : { pacing }),
        ...(days === undefined ? {} : { dueDays: days }),
      };
    }),
    names: Object.fromEntries(agents.filter(({ id }) => wanted.has(id)).map(({ id, name }) => [id, name])),
    ...(await choices(db)),
    uncovered: await uncoveredNow(db, nowMs),
    agents: agents
      .filter(({ role }) => role === 'agent' || role === 'lead')
      .map(({ id, name, number }) => ({ id, name, number })),
  };
};

const choices = async (db: Db): Promise<Pick<TasksResponse, 'lists' | 'scripts' | 'trees' | 'packages' | 'areas'>> => ({
  lists: [
    ...(await rows(
      db,
      statement<TasksResponse['lists'][number]>`
        select id, name, (select count(*)::int from contact_list_entry where list_id = contact_list.id) as entries
        from contact_list order by created_at_ms desc, id limit 500`,
    )),
  ],
  scripts: [
    ...(await rows(
      db,
      statement<TasksResponse['scripts'][number]>`
        select distinct on (row ->> 'id') row ->> 'id' as id, row -> 'title' as title
        from feed where entity = 'script' and row is not null and row -> 'variant' ->> 'of' is null
        order by row ->> 'id', (row ->> 'version')::int desc limit 2000`,
    )),
  ],
  trees: (
    await rows(
      db,
      statement<{ id: string; first: string | null; zh: string | null; en: string | null }>`
        select feed.id, row -> 'queues' ->> 0 as first, queue.zh, queue.en
        from feed left join queue on queue.id = row -> 'queues' ->> 0
        where entity = 'tree' and row is not null order by feed.id limit 200`,
    )
  ).map(({ id, zh, en }) => ({ id, label: { zh: zh ?? '通用', en: en ?? 'General' } })),
  packages: [
    ...(await rows(
      db,
      statement<TasksResponse['packages'][number]>`
        select distinct on (pack ->> 'id') pack ->> 'id' as id, pack -> 'name' as name
        from (select row -> 'package' as pack from feed where entity = 'customer' and row is not null limit 20000) as drawn
        order by pack ->> 'id' limit 200`,
    )),
  ],
  areas: (
    await rows(
      db,
      statement<{ area: TasksResponse['areas'][number] }>`
        select distinct on (area ->> 'zh') area
        from (select row -> 'area' as area from feed where entity = 'customer' and row is not null limit 20000) as drawn
        order by area ->> 'zh' limit 200`,
    )
  ).map(({ area }) => area),
});

const save = (
  ports: TaskPorts,
  session: Session,
  { taskId, revision, plan }: z.output<typeof TaskSaveRequest>,
): Promise<Result<TaskSaved>> =>
  transaction(session.db, async (tx) => {
    const who = { by: session.agent.id, atMs: ports.nowMs() };
    if (taskId === null) {
      const id = ports.newId() as TaskId;
      const state: TaskState = { kind: 'draft', ...who };
      await run(
        tx,
        statement`
          insert into task (id, plan, state, owner_id, revision, created_at_ms)
          values (${id}, ${asJson(plan)}::json, ${asJson(state)}::json, ${who.by}, 1, ${who.atMs})`,
      );
      await note(tx, ports, session, `begun:${id}`);
      return ok({ taskId: id, revision: 1 });
    }
    const seen = await seenAt(tx, taskId, revision);
    if (!seen.ok) return seen;
    const next = nextTask(seen.value.state, { kind: 'saved', ...who });
    if (!next.ok) return next;
    await putTask(tx, { ...seen.value, plan, state: next.value, revision: revision + 1 });
    return ok({ taskId, revision: revision + 1 });
  });

const move = (
  ports: TaskPorts,
  session: Session,
  { taskId, revision, move: wanted }: z.output<typeof TaskMoveRequest>,
): Promise<Result<z.input<typeof TaskMoved>>> =>
  transaction(session.db, async (tx) => {
    const seen = await seenAt(tx, taskId, revision);
    if (!seen.ok) return seen;
    const { plan } = seen.value;
    const who = { by: session.agent.id, atMs: ports.nowMs() };
    const judged = wanted === 'start' ? await judgeTargets(tx, plan, { ...ports, nowMs: who.atMs }) : undefined;
    const next = nextTask(seen.value.state, await eventOf(tx, ports, { plan, wanted, judged, who }));
    if (!next.ok) return next;
    // What is due is drawn by itself (due-tasks.ts).
    if (judged !== undefined && plan.due === undefined)
      await putEntries(tx, taskId, judged.callable, plan.hot === undefined ? 0 : plan.endsAtMs);
    await putTask(tx, { ...seen.value, state: next.value, revision: revision + 1 });
    await note(tx, ports, session, `${wanted}:${taskId}`);
    return ok({ state: next.value, revision: revision + 1 });
  });

type Moving = {
  readonly plan: TaskPlan;
  readonly wanted: z.output<typeof TaskMoveRequest>['move'];
  readonly judged: Judged | undefined;
  readonly who: { readonly by: AgentId; readonly atMs: number };
};
const eventOf = async (tx: Tx, ports: TaskPorts, { plan, wanted, judged, who }: Moving): Promise<TaskEvent> => {
  switch (wanted) {
    case 'start':
      return {
        kind: 'started',
        faults: judged === undefined ? [] : (await withFaults(tx, ports, plan, judged)).faults,
        ...who,
      };
    case 'resume':
      return { kind: 'resumed', faults: await faultsOf(tx, ports, plan, { targeted: 1, callable: 1 }), ...who };
    case 'pause':
      return { kind: 'paused', why: 'lead', ...who };
    case 'end':
      return { kind: 'ended', why: 'lead', ...who };
  }
};

const withFaults = async (db: Db, ports: TaskPorts, plan: TaskPlan, { estimate }: Judged): Promise<TaskEstimate> => ({
  ...estimate,
  faults: await faultsOf(db, ports, plan, estimate),
});
const faultsOf = async (
  db: Db,
  { policy, nowMs, sendsTexts }: TaskPorts,
  plan: TaskPlan,
  { targeted, callable }: { readonly targeted: number; readonly callable: number },
): Promise<string[]> => [
  ...taskFaults(plan, {
    ...{ nowMs: nowMs(), callingHours: policy.callingHours, targeted, callable, sendsTexts },
    scriptPublished: plan.scriptId !== null && (await isPublished(db, plan.scriptId)),
    treeKnown: plan.treeId !== null && (await isTree(db, plan.treeId)),
  }),
];
export const isPublished = async (db: Db, scriptId: string): Promise<boolean> =>
  (await firstRow(
    db,
    statement`select 1 as one from feed where entity = 'script' and id like ${`${scriptId}@%`} and row is not null
      and row ->> 'id' = ${scriptId} limit 1`,
  )) !== undefined;
const isTree = async (db: Db, treeId: string): Promise<boolean> =>
  (await firstRow(
    db,
    statement`select 1 as one from feed where entity = 'tree' and id = ${treeId} and row is not null`,
  )) !== undefined;

/** @param nextAtMs the end of a task that writes first (R26): nobody is called until their text has gone out */
const putEntries = async (tx: Tx, taskId: TaskId, targets: readonly Target[], nextAtMs: number): Promise<void> => {
  for (let from = 0; from < targets.length; from += 5_000) {
    const page = targets.slice(from, from + 5_000).map(({ number, customer, name, note: said, tier }, n) => ({
      ...{ key: number, position: from + n, customer: customer?.id ?? null, name, note: said, tier },
    }));
    await run(
      tx,
      statement`
        insert into task_entry (task_id, key, position, customer_id, name, note, tier, state, next_at_ms, tries)
        select ${taskId}, x.key, x.position, x.customer, x.name, x.note, x.tier, 'waiting', ${nextAtMs}, 0
        from json_to_recordset(${asJson(page)}::json)
          as x (key text, position int, customer text, name text, note text, tier int)
        on conflict (task_id, key) do nothing`,
    );
  }
};

const seenAt = async (tx: Tx, taskId: string, revision: number): Promise<Result<TaskRow>> => {
  const found = await firstRow(tx, statement<TaskRow>`select ${columns} from task where id = ${taskId} for update`);
  if (found === undefined) return refused(refusal('notFound', 'task'));
  return found.revision === revision ? ok(found) : refused(refusal('conflict', 'taskChanged'));
};
const putTask = (tx: Tx, { id, plan, state, revision }: TaskRow): Promise<void> =>
  run(
    tx,
    statement`
      update task set plan = ${asJson(plan)}::json, state = ${asJson(state)}::json, revision = ${revision} where id = ${id}`,
  );
/** Central's own doing: nobody's session. */
export const moveByCentral = async (tx: Tx, task: TaskRow, event: TaskEvent): Promise<void> => {
  const next = nextTask(task.state, event);
  if (next.ok && next.value !== task.state)
    await putTask(tx, { ...task, state: next.value, revision: task.revision + 1 });
};

const note = (tx: Tx, ports: TaskPorts, { agent, seatId }: Session, result: string): Promise<void> =>
  audit(tx, ports.auditKey, [
    {
      ...{
        atMs: ports.nowMs(),
        agentId: agent.id,
        seatId,
        contactId: null,
        customerId: null,
        kind: 'task',
        factor: null,
      },
      result,
    },
  ]);

const mostFaults = 100;
/**
 * Each line by itself (shared/list-text.ts). A long list comes in parts under one name: what is in it already is left as it is, so that a part
 * may come again.
 */
const pasteList = async (tx: Tx, name: string, text: string, nowMs: number): Promise<Result<ListPasted>> => {
  const listId = createHash('sha256').update(`zuoxi list\n${name}`).digest('hex').slice(0, 32);
  const { entries: read, faults } = readList(text);
  if (read.length === 0) return refused(refusal('invalid', 'listEmpty'));
  const keys = read.map(({ key }) => key);
  const others = await firstRow(
    tx,
    statement<{ last: number | null; n: number }>`
      select max(position)::int as last, count(*) filter (where key <> all(${keys}::text[]))::int as n
      from contact_list_entry where list_id = ${listId}`,
  );
  if ((others?.n ?? 0) + read.length > mostTargeted) return refused(refusal('invalid', 'taskTooMany'));
  const from = (others?.last ?? -1) + 1;
  const entries = read.map(({ key, name: who, note: said }, n) => ({ key, position: from + n, name: who, note: said }));
  await run(
    tx,
    statement`
      insert into contact_list (id, name, created_at_ms) values (${listId}, ${name}, ${nowMs}) on conflict (id) do nothing`,
  );
  const known = await rows(
    tx,
    statement<{ one: number }>`
      insert into contact_list_entry (list_id, key, position, customer_id, name, note)
      select ${listId}, x.key, x.position, (
          select case when count(*) = 1 then min(customer_id) end from customer_number where customer_number.key = x.key
        ), x.name, x.note
      from json_to_recordset(${asJson(entries)}::json) as x (key text, position bigint, name text, note text)
      on conflict (list_id, key) do nothing returning case when customer_id is null then 0 else 1 end as one`,
  );
  return ok({
    ...{ listId, added: known.length, known: known.filter(({ one }) => one === 1).length },
    ...{ faults: faults.slice(0, mostFaults).map(({ line, reason }) => ({ line, reason })), faulty: faults.length },
  });
};
