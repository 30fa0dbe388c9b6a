import { checkScript, type ProblemKind } from '../../../shared/script-check.ts';
import { speakingSeconds } from '../../../shared/script-length.ts';
import type { Script, ScriptStep } from '../../../shared/script.ts';
import type { Text } from '../../../shared/text.ts';

/** Where a script ends, as a place ways lead to. No step is called so: ids of ours have no colon. */
export const endPlace = 'end:';

/** One way out of a step: an answer by its key, or Enter where nothing is asked. */
export type Way = {
  /** Names the way among all of the script. */
  readonly id: string;
  readonly from: string;
  /** null: Enter. */
  readonly answerId: string | null;
  readonly label: Text | null;
  /** A step, or `endPlace`. */
  readonly to: string;
};

export const wayId = (from: string, answerId: string | null): string => `${from}\n${answerId ?? ''}`;

export const waysFrom = (step: ScriptStep): readonly Way[] =>
  step.answers.length === 0
    ? [{ id: wayId(step.id, null), from: step.id, answerId: null, label: null, to: step.next ?? endPlace }]
    : step.answers.map(({ id, label, next }) => ({
        ...{ id: wayId(step.id, id), from: step.id, answerId: id, label, to: next ?? endPlace },
      }));

/** What a step is marked with, the worst first; each has a word (`scripts.mark.<kind>`). */
export const stepMarks = ['deadEnd', 'emptyText', 'unknownStep', 'unreachable', 'other'] as const;
export type StepMark = (typeof stepMarks)[number];
const own: ReadonlySet<ProblemKind> = new Set<ProblemKind>(['deadEnd', 'emptyText', 'unknownStep', 'unreachable']);

export const marksOf = (script: Script): ReadonlyMap<string, readonly StepMark[]> => {
  const found = new Map<string, Set<StepMark>>();
  for (const { kind, severity, stepId } of checkScript(script)) {
    if (stepId === null || (severity === 'warning' && !own.has(kind))) continue;
    const marks = found.get(stepId) ?? new Set<StepMark>();
    found.set(stepId, marks.add(own.has(kind) ? (kind as StepMark) : 'other'));
  }
  return new Map([...found].map(([id, marks]) => [id, stepMarks.filter((mark) => marks.has(mark))]));
};

/** R16: of the slower language, as the length of the whole is counted. */
export const secondsOf = ({ say }: ScriptStep): number =>
  Math.ceil(Math.max(speakingSeconds(say, 'zh-CN'), speakingSeconds(say, 'en')));
