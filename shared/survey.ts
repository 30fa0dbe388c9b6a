import type { Contact } from './contact.ts';
import type { Survey } from './feedback-api.ts';
import type { Script } from './script.ts';
import { nextRun, startRun } from './script.ts';
import type { Text } from './text.ts';

/** R32: what a survey found. A survey is a script; its answers lie on the contacts, each by the version the call was held with (R14). */
export type Surveyed = Pick<Contact, 'answers'> & { readonly script: Script };

/** It came to an end of the script by the way its answers lead, and nowhere else. */
export const isFinished = ({ script, answers }: Surveyed): boolean => {
  let run = startRun(script);
  for (const answer of answers) {
    const next = nextRun(run, { kind: 'answered', ...answer }, script);
    if (!next.ok || next.value === run) return false;
    run = next.value;
  }
  return run.stepId === null;
};

/** Given again after going back, the last one counts. */
export const answerTo = ({ answers }: Pick<Contact, 'answers'>, stepId: string): string | null =>
  answers.findLast((one) => one.stepId === stepId)?.answerId ?? null;

export const labelOf = (script: Script, stepId: string, answerId: string): Text | null =>
  script.steps.find(({ id }) => id === stepId)?.answers.find(({ id }) => id === answerId)?.label ?? null;

/** @param versions the newest first */
export const questionsOf = (
  versions: readonly Script[],
  asked: readonly Pick<Contact, 'answers'>[],
): Survey['questions'] => {
  const steps = new Map<string, Text>();
  for (const { steps: all } of versions)
    for (const { id, say, answers } of all) if (answers.length > 0 && !steps.has(id)) steps.set(id, say);
  return [...steps].map(([stepId, say]) => {
    const counts = new Map<string, number>();
    for (const { steps: all } of versions)
      for (const { id } of all.find((step) => step.id === stepId)?.answers ?? []) counts.set(id, 0);
    for (const contact of asked) {
      const id = answerTo(contact, stepId);
      if (id !== null) counts.set(id, (counts.get(id) ?? 0) + 1);
    }
    const answers = [...counts].map(([id, count]) => {
      const label = versions.map((script) => labelOf(script, stepId, id)).find((one) => one !== null) ?? null;
      return { id, label, count };
    });
    return { stepId, say, answers: answers.slice(0, 60) };
  });
};
