import type { Part, Script, ScriptStep } from './script.ts';
import { disclosureKinds, nextsOf, parts, variablesIn } from './script.ts';
import { estimatedSeconds, limitSeconds } from './script-length.ts';
import { isKnownVariable } from './script-variables.ts';
import type { Text } from './text.ts';

/** What the checker can find; each has a sentence in the locales (`scriptProblem.<kind>`). */
export const problemKinds = [
  'unknownFirst',
  'doubleStep',
  'doubleAnswer',
  'unknownStep',
  'missingPart',
  'waivedButThere',
  'unreachable',
  'deadEnd',
  'endsEarly',
  'emptyText',
  'unknownVariable',
  'tooLong',
  'dates',
  'missingDisclosure',
  'goneObjection',
  'useDates',
] as const;
export type ProblemKind = (typeof problemKinds)[number];
/** Faults keep a script from being published; warnings do not. */
export type Problem = {
  readonly kind: ProblemKind;
  readonly severity: 'fault' | 'warning';
  readonly stepId: string | null;
  /** A name to put into the sentence: a part, a variable, an answer's target, a disclosure, a language. */
  readonly about: string | null;
  readonly seconds?: number;
};

const warnings: ReadonlySet<ProblemKind> = new Set(['unreachable', 'waivedButThere', 'endsEarly', 'goneObjection']);
const problem = (kind: ProblemKind, stepId: string | null = null, about: string | null = null): Problem => ({
  kind,
  severity: warnings.has(kind) ? 'warning' : 'fault',
  stepId,
  about,
});

/**
 * Everything wrong with a script, in the order of its steps. Empty: it may be published.
 * @param entries published entries of the objections library, by whoever knows them: one that was withdrawn is not shown to agents any more
 */
export const checkScript = (script: Script, entries?: ReadonlySet<string>): readonly Problem[] => [
  ...idProblems(script),
  ...partProblems(script),
  ...wayProblems(script),
  ...textProblems(script),
  ...disclosureProblems(script),
  ...scopeProblems(script),
  ...lengthProblems(script),
  ...(entries === undefined ? [] : (script.library ?? []))
    .filter(({ id }) => entries?.has(id) === false)
    .map(({ id }) => problem('goneObjection', null, id)),
];

export const faultCount = (script: Script): number =>
  checkScript(script).filter(({ severity }) => severity === 'fault').length;

const idProblems = ({ steps, first, objections }: Script): readonly Problem[] => {
  const known = new Set(steps.map(({ id }) => id));
  return [
    ...(known.has(first) ? [] : [problem('unknownFirst')]),
    ...doubles(steps.map(({ id }) => id)).map((id) => problem('doubleStep', id, id)),
    ...doubles(objections.map(({ id }) => id)).map((id) => problem('doubleStep', null, id)),
    ...steps.flatMap((step) => [
      ...doubles(step.answers.map(({ id }) => id)).map((id) => problem('doubleAnswer', step.id, id)),
      ...doubles((step.disclosures ?? []).map(({ id }) => id)).map((id) => problem('doubleAnswer', step.id, id)),
      ...targets(step)
        .filter((target) => !known.has(target))
        .map((target) => problem('unknownStep', step.id, target)),
    ]),
  ];
};

/** R15: each part present, or left out on purpose. Objections may be steps, or the library beside them. */
const partProblems = ({ steps, objections, library = [], objection, waived = [] }: Script): readonly Problem[] => {
  // An answer to an objection is no conversation.
  if (objection !== undefined) return [];
  const there = new Set<Part>(steps.map(({ part }) => part));
  if (objections.length + library.length > 0) there.add('objections');
  return parts.flatMap((part) => {
    if (there.has(part)) return waived.includes(part) ? [problem('waivedButThere', null, part)] : [];
    return waived.includes(part) ? [] : [problem('missingPart', null, part)];
  });
};

const wayProblems = (script: Script): readonly Problem[] => {
  const reached = reachable(script);
  const ending = canEnd(script.steps);
  const closes = script.objection !== undefined || (script.waived ?? []).includes('ending');
  return script.steps.flatMap((step) => [
    ...(reached.has(step.id) ? [] : [problem('unreachable', step.id)]),
    ...(ending.has(step.id) ? [] : [problem('deadEnd', step.id)]),
    ...(!closes && step.part !== 'ending' && nextsOf(step).includes(null) ? [problem('endsEarly', step.id)] : []),
  ]);
};

/** Steps that some way from the first one leads to. */
export const reachable = ({ steps, first }: Script): ReadonlySet<string> => {
  const byId = new Map(steps.map((step) => [step.id, step]));
  const seen = new Set<string>();
  const open = [first];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    const step = byId.get(id);
    if (step === undefined || seen.has(id)) continue;
    seen.add(id);
    for (const next of nextsOf(step)) if (next !== null) open.push(next);
  }
  return seen;
};

/** Steps from which some way leads to an end; all others keep the agent in a circle or lead nowhere. */
const canEnd = (steps: readonly ScriptStep[]): ReadonlySet<string> => {
  const ending = new Set<string>();
  for (let grew = true; grew;) {
    grew = false;
    for (const step of steps)
      if (!ending.has(step.id) && nextsOf(step).some((next) => next === null || ending.has(next))) {
        ending.add(step.id);
        grew = true;
      }
  }
  return ending;
};

const textProblems = ({ steps, objections, title }: Script): readonly Problem[] => [
  ...emptyIn(null, title),
  ...steps.flatMap(({ id, say, answers, disclosures = [] }) => [
    ...emptyIn(id, say, ...answers.map(({ label }) => label), ...disclosures.map(({ label }) => label)),
    ...unknownIn(id, say),
  ]),
  ...objections.flatMap(({ label, say }) => [...emptyIn(null, label, say), ...unknownIn(null, say)]),
];

/** Both languages: the customer's decides which one is spoken. */
const emptyIn = (stepId: string | null, ...texts: readonly Text[]): readonly Problem[] => [
  ...(texts.some(({ zh }) => zh.trim() === '') ? [problem('emptyText', stepId, 'zh-CN')] : []),
  ...(texts.some(({ en }) => en.trim() === '') ? [problem('emptyText', stepId, 'en')] : []),
];

const unknownIn = (stepId: string | null, text: Text): readonly Problem[] =>
  variablesIn(text)
    .filter((name) => !isKnownVariable(name))
    .map((name) => problem('unknownVariable', stepId, name));

/** R42: a script about a tariff tells each mandatory item on a step that can be reached. */
const disclosureProblems = (script: Script): readonly Problem[] => {
  if (script.tariffId === undefined) return [];
  const reached = reachable(script);
  const told = new Set(
    script.steps
      .filter(({ id }) => reached.has(id))
      .flatMap(({ disclosures = [] }) => disclosures.map(({ kind }) => kind)),
  );
  return disclosureKinds.filter((kind) => !told.has(kind)).map((kind) => problem('missingDisclosure', null, kind));
};

const scopeProblems = ({ id, variant, shownFor = [] }: Script): readonly Problem[] => [
  ...(variant !== undefined && (isNever(variant) || variant.of === id) ? [problem('dates')] : []),
  ...(shownFor.some(isNever) ? [problem('useDates')] : []),
];

const isNever = ({ fromMs, untilMs }: { readonly fromMs: number | null; readonly untilMs: number | null }): boolean =>
  fromMs !== null && untilMs !== null && fromMs >= untilMs;

/** R16. */
const lengthProblems = (script: Script): readonly Problem[] => {
  const seconds = estimatedSeconds(script);
  return seconds > limitSeconds(script.kind) ? [{ ...problem('tooLong'), seconds: Math.ceil(seconds) }] : [];
};

const targets = (step: ScriptStep): readonly string[] => [...new Set(nextsOf(step).flatMap((next) => next ?? []))];
const doubles = (ids: readonly string[]): readonly string[] => [
  ...new Set(ids.filter((id, index) => ids.indexOf(id) !== index)),
];
