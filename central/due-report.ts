import { type DueDay, dueDays, dueKinds, dueSoonMs } from '../shared/task-due.ts';
import type { TasksResponse } from '../shared/task-api.ts';
import type { Db } from './db.ts';
import { rows, statement } from './db.ts';

/** R24, for leads: what tasks took up day by day and what became of it; and what nobody's task takes up. */

type Counted = {
  readonly taskId: string;
  readonly day: string;
  readonly kind: DueDay['kinds'][number]['kind'];
  readonly count: number;
  readonly reached: number;
  readonly elsewhere: number;
  readonly open: number;
  readonly overdue: number;
};

export const dueDaysOf = async (
  db: Db,
  taskIds: readonly string[],
  nowMs: number,
): Promise<ReadonlyMap<string, DueDay[]>> => {
  if (taskIds.length === 0) return new Map();
  const counted = await rows(
    db,
    statement<Counted>`
      select due.task_id as "taskId", due.day, due.kind, count(*)::int as count,
        count(*) filter (where entry.state = 'done')::int as reached,
        count(*) filter (where entry.state = 'out')::int as elsewhere,
        count(*) filter (where entry.state in ('waiting', 'held', 'calling'))::int as open,
        count(*) filter (where entry.state in ('waiting', 'held', 'calling') and work.due_at_ms < ${nowMs})::int as overdue
      from due_entry as due join task_entry as entry on entry.task_id = due.task_id and entry.key = due.entry_key
        left join work on work.id = due.obligation_id
      where due.task_id = any(${[...taskIds]}::text[]) and due.kind = any(${[...dueKinds]}::text[])
        and due.day in (
          select recent.day from due_entry as recent where recent.task_id = due.task_id and recent.day <> ''
          group by recent.day order by recent.day desc limit ${dueDays})
      group by due.task_id, due.day, due.kind order by due.task_id, due.day desc, due.kind`,
  );
  const found = new Map<string, DueDay[]>();
  for (const [taskId, own] of Map.groupBy(counted, (one) => one.taskId))
    found.set(
      taskId,
      [...Map.groupBy(own, ({ day }) => day)].map(([day, of]) => ({
        day,
        kinds: of.map(({ kind, count }) => ({ kind, count })),
        ...{ reached: sum(of, 'reached'), elsewhere: sum(of, 'elsewhere') },
        ...{ open: sum(of, 'open'), overdue: sum(of, 'overdue') },
      })),
    );
  return found;
};

const sum = (of: readonly Counted[], key: 'reached' | 'elsewhere' | 'open' | 'overdue'): number =>
  of.reduce((total, one) => total + one[key], 0);

/** Of obligations alone: what the customers' own state asks for is looked for once a day, by a task that has it. */
export const uncoveredNow = async (db: Db, nowMs: number): Promise<NonNullable<TasksResponse['uncovered']>> => [
  ...(await rows(
    db,
    statement<{ kind: (typeof dueKinds)[number]; count: number }>`
      select work.row ->> 'kind' as kind, count(*)::int as count
      from work
      where work.record = 'obligation' and work.due_at_ms < ${nowMs + dueSoonMs}
        and work.row ->> 'kind' = any(${[...dueKinds]}::text[])
        and not exists (select 1 from due_entry where due_entry.key = 'work:' || work.id)
        and not exists (
          select 1 from task
          where task.state ->> 'kind' = 'running' and task.plan -> 'due' is not null
            and (task.plan -> 'due' -> 'kinds')::jsonb ? (work.row ->> 'kind'))
      group by 1 order by 2 desc`,
  )),
];
