import type { ScriptCoverage } from '../shared/script-api.ts';
import type { Script } from '../shared/script.ts';
import type { Db } from './db.ts';
import { rows, statement } from './db.ts';

/** Counted from the answers that came with the contacts: each is the way one call took. */
export const coverageOf = async (db: Db, script: Script): Promise<ScriptCoverage> => {
  const passed = await rows(
    db,
    statement<{ stepId: string; calls: number }>`
      select answer ->> 'stepId' as "stepId", count(distinct contact.id)::int as calls
      from contact, json_array_elements(contact.row -> 'answers') as answer
      where contact.row -> 'script' ->> 'id' = ${script.id} and (contact.row -> 'script' ->> 'version')::int = ${script.version}
      group by 1`,
  );
  const last = await rows(
    db,
    statement<{ stepId: string | null; answerId: string | null; calls: number }>`
      select contact.row -> 'answers' -> -1 ->> 'stepId' as "stepId", contact.row -> 'answers' -> -1 ->> 'answerId' as "answerId",
        count(*)::int as calls
      from contact
      where contact.row -> 'script' ->> 'id' = ${script.id} and (contact.row -> 'script' ->> 'version')::int = ${script.version}
      group by 1, 2`,
  );
  return counted(script, passed, last);
};

const counted = (
  script: Script,
  passed: readonly { readonly stepId: string; readonly calls: number }[],
  last: readonly { readonly stepId: string | null; readonly answerId: string | null; readonly calls: number }[],
): ScriptCoverage => {
  const leftAt = new Map<string, number>();
  let finished = 0;
  for (const { stepId, answerId, calls } of last) {
    const at = stepId === null ? script.first : after(script, stepId, answerId);
    if (at === null) finished += calls;
    else leftAt.set(at, (leftAt.get(at) ?? 0) + calls);
  }
  const answered = new Map(passed.map(({ stepId, calls }) => [stepId, calls]));
  return {
    runs: last.reduce((all, { calls }) => all + calls, 0),
    finished,
    // A call that came back to a step it had left counts there once too often at most, and only where it ended.
    steps: script.steps
      .map(({ id }) => ({
        stepId: id,
        reached: (answered.get(id) ?? 0) + (leftAt.get(id) ?? 0),
        leftAt: leftAt.get(id) ?? 0,
      }))
      .filter(({ reached }) => reached > 0),
  };
};

/** Where a call stands after its last answer; null: at the end. */
const after = (script: Script, stepId: string, answerId: string | null): string | null => {
  const step = script.steps.find(({ id }) => id === stepId);
  if (step === undefined) return null;
  return step.answers.length === 0 ? step.next : (step.answers.find(({ id }) => id === answerId)?.next ?? null);
};
