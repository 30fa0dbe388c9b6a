import { z } from 'zod';
import type { Item } from './disclosure.ts';
import { leftIn } from './disclosure.ts';
import { ScriptId, TopicId } from './ids.ts';
import { Text } from './text.ts';
import type { Language } from './text.ts';
import { inLanguage } from './text.ts';
import type { Result } from './result.ts';
import { ok, refusal, refused } from './result.ts';

/** Parts of a script (R15). */
export const parts = ['opening', 'identify', 'propose', 'objections', 'close', 'ending'] as const;
export type Part = (typeof parts)[number];
export const kinds = ['retention', 'callback', 'care', 'service', 'information', 'survey'] as const;
const stepId = z.string().min(1).max(40);

/** What a customer must be told before buying (R42). */
export const disclosureKinds = ['price', 'scope', 'validity', 'restrictions', 'leaving'] as const;
export const Disclosure = z.object({ id: stepId, kind: z.enum(disclosureKinds), label: Text });
export type Disclosure = z.infer<typeof Disclosure>;

export const ScriptStep = z.object({
  id: stepId,
  part: z.enum(parts),
  say: Text,
  /** Answers are numbered keys 1–9; `next: null` ends the script. No answers: Enter leads to `next`. */
  answers: z.array(z.object({ id: stepId, label: Text, next: stepId.nullable() })).max(9),
  next: stepId.nullable(),
  /** Each ticked when it was said; the step is not left before (R42). */
  disclosures: z.array(Disclosure).max(9).optional(),
});
export type ScriptStep = z.infer<typeof ScriptStep>;

/** Empty lists: everywhere, every campaign. From the first day on, before the day after the last. */
export const ScriptVariant = z.object({
  of: ScriptId,
  areas: z.array(z.string().min(1).max(40)).max(40),
  campaigns: z.array(z.string().min(1).max(64)).max(40),
  fromMs: z.number().nullable(),
  untilMs: z.number().nullable(),
});
export type ScriptVariant = z.infer<typeof ScriptVariant>;

/** Calls a script is shown for (R17): what is given must all be true of a call. Empty lists: whatever it is. */
export const ScriptUse = z.object({
  topics: z.array(TopicId).max(40),
  /** Offers that match the customer's usage (R5). */
  hints: z.array(z.string().min(1).max(40)).max(20),
  queues: z.array(z.string().min(1).max(64)).max(40),
  areas: z.array(z.string().min(1).max(40)).max(40),
  fromMs: z.number().nullable(),
  untilMs: z.number().nullable(),
});
export type ScriptUse = z.infer<typeof ScriptUse>;

export const objectionCategories = ['price', 'need', 'trust', 'time', 'service', 'other'] as const;
/** An entry of the objections library, and the steps it is shown first at; in none: anywhere alike. */
export const LibraryUse = z.object({ id: ScriptId, steps: z.array(stepId).max(40) });
export type LibraryUse = z.infer<typeof LibraryUse>;

/** A published script never changes (R14): a call keeps the version it began with. */
export const Script = z.object({
  id: ScriptId,
  version: z.number().int().positive(),
  title: Text,
  kind: z.enum(kinds),
  first: stepId,
  steps: z.array(ScriptStep).min(1).max(200),
  objections: z.array(z.object({ id: stepId, label: Text, say: Text })).max(40),
  /** Parts left out on purpose (R15). */
  waived: z.array(z.enum(parts)).max(parts.length).optional(),
  /** Tariff that the disclosures of this script are about (R42). */
  tariffId: z.string().max(64).optional(),
  /** Shown in the place of another script to the customers of its scope. */
  variant: ScriptVariant.optional(),
  shownFor: z.array(ScriptUse).max(20).optional(),
  /** Entries of the objections library, beside the objections of its own (R18). */
  library: z.array(LibraryUse).max(40).optional(),
  /**
   * Is an entry of that library itself: its title is what customers object, its first step what to say. Thus entries are written, reviewed,
   * published and withdrawn as scripts are (R14), and come to the seats with them; a seat of before holds a script nobody names.
   */
  objection: z.object({ category: z.enum(objectionCategories) }).optional(),
});
export type Script = z.infer<typeof Script>;

export const Topic = z.object({
  id: TopicId,
  name: Text,
  class: z.union([z.literal(1), z.literal(2), z.literal(3)]),
  scriptId: ScriptId.nullable(),
  /** Queues in which this topic is offered first. */
  queues: z.array(z.string().max(64)),
  /** Fields shown with this topic; those above the level reached stay masked. */
  fields: z.array(z.string().max(40)),
  /** Pinyin full and initials, for search by keyboard. */
  pinyin: z.array(z.string().max(80)),
  /** What it does to the account (`accountActions`), for which the check is then made; absent: it only tells. */
  action: z.string().max(40).optional(),
});
export type Topic = z.infer<typeof Topic>;

const Taken = z.object({ stepId, answerId: stepId.nullable(), atMs: z.number() });
/** Where a call stands in its script; saved at every step, resumable (R17). */
export const ScriptRun = z.object({
  scriptId: ScriptId,
  version: z.number().int().positive(),
  taken: z.array(Taken),
  /** null: the script is finished. */
  stepId: stepId.nullable(),
});
export type ScriptRun = z.infer<typeof ScriptRun>;

export const startRun = (script: Script): ScriptRun => ({
  scriptId: script.id,
  version: script.version,
  taken: [],
  stepId: script.first,
});

/** An objection as the agent finds it: of the script, or of the library. */
export const KnownObjection = z.object({
  id: z.string().max(64),
  label: Text,
  say: Text,
  category: z.enum(objectionCategories).nullable(),
  /** At these steps it comes first. */
  steps: z.array(z.string().max(40)),
  /** Full pinyin and initials of the label. */
  pinyin: z.array(z.string().max(400)),
});
export type KnownObjection = z.infer<typeof KnownObjection>;

/** Those of this step first; else in their order. The digits of the desk go by it. */
export const objectionsAt = (all: readonly KnownObjection[], step: string | null): readonly KnownObjection[] => {
  const isHere = ({ steps }: KnownObjection): boolean => step !== null && steps.includes(step);
  return [...all.filter(isHere), ...all.filter((one) => !isHere(one))];
};

export type ScriptEvent =
  | { readonly kind: 'answered'; readonly stepId: string; readonly answerId: string | null; readonly atMs: number }
  | { readonly kind: 'back' };

/** @param told what was disclosed (R42): a step is not left before all of its items were. Without it nothing is asked for: a replay. */
export const nextRun = (
  run: ScriptRun,
  event: ScriptEvent,
  script: Script,
  told?: readonly Item[],
): Result<ScriptRun> => {
  if (event.kind === 'back') {
    const last = run.taken.at(-1);
    return last === undefined ? ok(run) : ok({ ...run, taken: run.taken.slice(0, -1), stepId: last.stepId });
  }
  // A double key press answers a step that is already behind: it means nothing, and must not skip the next one.
  if (run.stepId !== event.stepId) return ok(run);
  const step = script.steps.find((other) => other.id === event.stepId);
  if (step === undefined) return refused(refusal('notFound', 'scriptStep'));
  const left = told === undefined ? 0 : leftIn(step, told).length;
  if (left > 0) return refused(refusal('policy', 'notDisclosed', { missing: left }));
  const answer = step.answers.find((other) => other.id === event.answerId);
  if (step.answers.length > 0 && answer === undefined) return refused(refusal('invalid', 'scriptAnswer'));
  const next = answer === undefined ? step.next : answer.next;
  return ok({
    ...run,
    taken: [...run.taken, { stepId: step.id, answerId: event.answerId, atMs: event.atMs }],
    stepId: next,
  });
};

/** Values for `{name}` in script texts. A missing one is shown, never silently empty. */
export type Variables = Readonly<Record<string, string>>;
export type Spoken = readonly ({ readonly text: string } | { readonly missing: string })[];

export const variablePattern = /\{([a-zA-Z][a-zA-Z0-9.]*)\}/g;

export const speak = (text: Text, variables: Variables, language: Language): Spoken => {
  const source = inLanguage(text, language);
  const out: ({ text: string } | { missing: string })[] = [];
  let at = 0;
  for (const found of source.matchAll(variablePattern)) {
    const name = found[1] ?? '';
    if (found.index > at) out.push({ text: source.slice(at, found.index) });
    const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
    out.push(value === undefined || value === '' ? { missing: name } : { text: value });
    at = found.index + found[0].length;
  }
  if (at < source.length) out.push({ text: source.slice(at) });
  return out;
};

/** Names of variables in the texts to be spoken, of both languages. */
export const variablesIn = (...texts: readonly Text[]): readonly string[] => [
  ...new Set(
    texts
      .flatMap(({ zh, en }) => [zh, en])
      .flatMap((source) => [...source.matchAll(variablePattern)].map((found) => found[1] ?? '')),
  ),
];

/** Names of variables a script uses, for the check before publishing. */
export const variablesOf = (script: Script): readonly string[] =>
  variablesIn(...[...script.steps, ...script.objections].map(({ say }) => say));

/** What makes a script unusable as data: dangling targets, unknown first step, double ids. Empty: it runs (script-check.ts says the rest). */
export const faultsOf = (script: Script): readonly string[] => {
  const ids = script.steps.map((step) => step.id);
  const known = new Set(ids);
  const faults: string[] = [];
  if (known.size !== ids.length) faults.push('doubleStep');
  if (!known.has(script.first)) faults.push('unknownFirst');
  for (const step of script.steps)
    for (const target of [step.next, ...step.answers.map((answer) => answer.next)])
      if (target !== null && !known.has(target)) faults.push(`unknownStep:${step.id}`);
  return faults;
};

/** Where a step may lead: its answers, or Enter. null: the script ends. */
export const nextsOf = (step: ScriptStep): readonly (string | null)[] =>
  step.answers.length > 0 ? step.answers.map((answer) => answer.next) : [step.next];

export type VariantFor = { readonly areas: readonly string[]; readonly campaign: string | null; readonly atMs: number };

/**
 * Which of a script and its variants this customer gets (R17): the one whose scope says most about them. A campaign says more than an area,
 * an area more than dates alone; of two alike the later version, then the id, so that every seat decides the same.
 */
export const pickVariant = <T extends Pick<Script, 'id' | 'version' | 'variant'>>(
  base: T | undefined,
  variants: readonly T[],
  about: VariantFor,
): T | undefined =>
  variants
    .filter((script) => script.variant !== undefined && fits(script.variant, about))
    .toSorted(
      (one, other) =>
        weight(other) - weight(one) ||
        other.version - one.version ||
        (one.id < other.id ? -1 : one.id > other.id ? 1 : 0),
    )[0] ?? base;

const fits = (variant: ScriptVariant, { areas, campaign, atMs }: VariantFor): boolean =>
  (variant.areas.length === 0 || variant.areas.some((area) => areas.includes(area))) &&
  (variant.campaigns.length === 0 || (campaign !== null && variant.campaigns.includes(campaign))) &&
  (variant.fromMs === null || variant.fromMs <= atMs) &&
  (variant.untilMs === null || atMs < variant.untilMs);

const weight = ({ variant }: Pick<Script, 'variant'>): number =>
  (variant === undefined || variant.campaigns.length === 0 ? 0 : 2) +
  (variant === undefined || variant.areas.length === 0 ? 0 : 1);
