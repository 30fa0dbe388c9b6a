import { PacingView } from '../../shared/dialler.ts';
import type { TaskId } from '../../shared/ids.ts';
import type { Db } from '../db.ts';
import { asJson, rows, run, statement } from '../db.ts';

/** How each task is dialled now, for leads at any instance: the one that dials says so every second. */
export const showPacing = (db: Db, taskId: TaskId, instance: string, pacing: PacingView): Promise<void> =>
  run(
    db,
    statement`
      update dialler_task set pacing = ${asJson(pacing)}::json where task_id = ${taskId} and instance = ${instance}`,
  );
export const pacingNow = async (db: Db, nowMs: number): Promise<ReadonlyMap<string, PacingView>> => {
  const found = await rows(
    db,
    statement<{ id: string; pacing: unknown }>`
      select task_id as id, pacing from dialler_task where pacing is not null and until_ms > ${nowMs}`,
  );
  return new Map(
    found.flatMap(({ id, pacing }) => {
      const read = PacingView.safeParse(pacing);
      return read.success ? [[id, read.data] as const] : [];
    }),
  );
};
