import { newScriptId } from '../../../shared/script-api.ts';
import type { Disclosure, Part, Script, ScriptStep } from '../../../shared/script.ts';
import { disclosureKinds, parts } from '../../../shared/script.ts';

/** What a lead does to a script, as pure functions: the outline and the graph share them. */
const empty = { zh: '', en: '' };

/** `step-3`: the first number nobody has. */
const freeId = (prefix: string, taken: readonly string[]): string => {
  for (let n = taken.length + 1; ; n += 1) if (!taken.includes(`${prefix}-${n}`)) return `${prefix}-${n}`;
};

/** A new script: one step for each part, in their order. Objections are kept beside the steps. */
export const blankScript = (): Script => {
  const shown = parts.filter((part) => part !== 'objections');
  return {
    ...{ id: newScriptId, version: 1, title: empty, kind: 'service', first: 'opening', waived: ['objections'] },
    steps: shown.map((part, index) => ({
      ...{ id: part, part, say: empty, answers: [], next: shown[index + 1] ?? null },
    })),
    objections: [],
  };
};

/** A new entry of the objections library: one sentence. */
export const blankEntry = (): Script => ({
  ...{ id: newScriptId, version: 1, title: empty, kind: 'information', first: 'answer', objections: [] },
  steps: [{ id: 'answer', part: 'objections', say: empty, answers: [], next: null }],
  objection: { category: 'other' },
});

/** What calls the script is for says the script itself; the variant takes its place. */
export const variantOf = (script: Script): Script => {
  const { shownFor: _, ...rest } = script;
  return {
    ...rest,
    id: newScriptId,
    variant: { of: script.variant?.of ?? script.id, areas: [], campaigns: [], fromMs: null, untilMs: null },
  };
};

export const withStep = (script: Script, id: string, edit: Partial<ScriptStep>): Script => ({
  ...script,
  steps: script.steps.map((step) => (step.id === id ? { ...step, ...edit } : step)),
});

/** After a step, in its part; the way goes through it, where one way only leads on. */
export const addStep = (script: Script, afterId: string): { readonly script: Script; readonly id: string } => {
  const id = freeId(
    'step',
    script.steps.map((step) => step.id),
  );
  const index = script.steps.findIndex((step) => step.id === afterId);
  const before = script.steps[index];
  const isBetween = before !== undefined && before.answers.length === 0;
  const part: Part = before?.part ?? 'identify';
  const added: ScriptStep = { id, part, say: empty, answers: [], next: isBetween ? before.next : null };
  const steps = script.steps.flatMap((step, at) =>
    at === index ? [isBetween ? { ...step, next: id } : step, added] : [step],
  );
  return { script: { ...script, steps }, id };
};

/** What led to it leads to where it led, if that is one place; else to the end. */
export const removeStep = (script: Script, id: string): Script => {
  const gone = script.steps.find((step) => step.id === id);
  if (gone === undefined || script.steps.length === 1) return script;
  const next = gone.answers.length === 0 && gone.next !== id ? gone.next : null;
  const past = (target: string | null): string | null => (target === id ? next : target);
  const steps = script.steps
    .filter((step) => step.id !== id)
    .map((step) => ({
      ...step,
      next: past(step.next),
      answers: step.answers.map((answer) => ({ ...answer, next: past(answer.next) })),
    }));
  const first = script.first === id ? (next ?? steps[0]?.id ?? script.first) : script.first;
  const library = script.library?.map((one) => ({ ...one, steps: one.steps.filter((step) => step !== id) }));
  return { ...script, steps, first, ...(library === undefined ? {} : { library }) };
};

/** In the outline alone: ways stay as they are. */
export const moveStep = (script: Script, id: string, by: -1 | 1): Script => {
  const from = script.steps.findIndex((step) => step.id === id);
  const to = from + by;
  const moved = script.steps[from];
  if (moved === undefined || to < 0 || to >= script.steps.length) return script;
  const rest = script.steps.filter((step) => step.id !== id);
  return { ...script, steps: [...rest.slice(0, to), moved, ...rest.slice(to)] };
};

export const addAnswer = (script: Script, step: ScriptStep): Script => {
  if (step.answers.length >= 9) return script;
  const id = freeId(
    'answer',
    step.answers.map((answer) => answer.id),
  );
  const { next } = step;
  return withStep(script, step.id, { answers: [...step.answers, { id, label: empty, next }] });
};

export const addDisclosure = (script: Script, step: ScriptStep): Script => {
  const known = step.disclosures ?? [];
  const told = script.steps.flatMap(({ disclosures = [] }) => disclosures.map(({ kind }) => kind));
  const kind = disclosureKinds.find((one) => !told.includes(one)) ?? 'restrictions';
  const id = freeId(
    'item',
    known.map((item) => item.id),
  );
  return withStep(script, step.id, { disclosures: [...known, { id, kind, label: empty }].slice(0, 9) });
};

export const withDisclosures = (script: Script, step: ScriptStep, disclosures: readonly Disclosure[]): Script =>
  withStep(script, step.id, { disclosures: [...disclosures] });

export const addObjection = (script: Script): Script => {
  const id = freeId(
    'objection',
    script.objections.map((objection) => objection.id),
  );
  return { ...script, objections: [...script.objections, { id, label: empty, say: empty }].slice(0, 40) };
};

/** One way of a step led elsewhere: an answer's, or what Enter does. null: the script ends there. */
export const leadWay = (script: Script, from: string, answerId: string | null, to: string | null): Script => {
  const step = script.steps.find((one) => one.id === from);
  if (step === undefined) return script;
  if (answerId === null) return withStep(script, from, { next: to });
  return withStep(script, from, {
    answers: step.answers.map((answer) => (answer.id === answerId ? { ...answer, next: to } : answer)),
  });
};

/** One more answer, without words yet, that leads there. */
export const addWay = (script: Script, from: string, to: string | null): Script => {
  const step = script.steps.find((one) => one.id === from);
  if (step === undefined || step.answers.length >= 9) return script;
  const added = addAnswer(script, step);
  const answerId = added.steps.find((one) => one.id === from)?.answers.at(-1)?.id ?? null;
  return leadWay(added, from, answerId, to);
};

/** Takes an answer away. What Enter does is always there: taken away, it ends the script. */
export const removeWay = (script: Script, from: string, answerId: string | null): Script => {
  const step = script.steps.find((one) => one.id === from);
  if (step === undefined) return script;
  if (answerId === null) return leadWay(script, from, null, null);
  return withStep(script, from, { answers: step.answers.filter(({ id }) => id !== answerId) });
};
