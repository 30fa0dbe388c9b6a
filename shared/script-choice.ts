import { ScriptId } from './ids.ts';
import type { Script, ScriptUse, ScriptVariant, Topic } from './script.ts';
import { pickVariant } from './script.ts';

/**
 * Which script a call gets (R17), and why. Asked by the seat for a call, and by leads for a made-up one: both hear the same.
 *
 *   the task's own ──▶ what the scripts say themselves, the most specific first ──▶ the topic's own ──▶ none
 *   and of the script found, the variant for this customer, campaign and day
 */
export type ScriptCall = {
  readonly topicId: string | null;
  /** Of an outbound task: its script, null when it has none. */
  readonly task: { readonly id: string; readonly scriptId: string | null } | null;
  /** Callers come to a queue by what they press on their keypad, so a queue is also that choice. */
  readonly queue: string | null;
  /** Offers that match the customer's usage (R5). */
  readonly hints: readonly string[];
  readonly areas: readonly string[];
  readonly atMs: number;
};

/** What of a script decides; the rest of it may be left where it is. */
export type Chosable = Pick<Script, 'id' | 'version' | 'variant' | 'shownFor'>;
/** The published scripts, as somebody holds them. Only the newest version of each counts. */
export type Shelf<T extends Chosable> = {
  readonly at: (id: string) => T | undefined;
  readonly shownForCalls: () => readonly T[];
  readonly variantsOf: (id: string) => readonly T[];
};

/** What the call has in common with what a script says it is for. */
export const grounds = ['topic', 'hint', 'queue', 'area', 'dates'] as const;
export type Ground = (typeof grounds)[number];
const weights: Readonly<Record<Ground, number>> = { topic: 16, hint: 8, queue: 4, area: 2, dates: 1 };

export type ScriptChoice<T extends Chosable> = {
  /** The script as it is shown, the variant if there is one; undefined: none. */
  readonly script: T | undefined;
  readonly by: 'task' | 'script' | 'topic' | 'none';
  readonly on: readonly Ground[];
  /** In the place of which script, when `script` is a variant. */
  readonly base: T | undefined;
  readonly variantOn: readonly ('campaign' | 'area' | 'dates')[];
  /** Others that have as much to say about this call: which one it is was decided by their ids alone. */
  readonly rivals: readonly T[];
  /** Named by the task or the topic, but not published (any more). */
  readonly missing: ScriptId | null;
};

export const chooseScript = <T extends Chosable>(
  call: ScriptCall,
  topics: readonly Topic[],
  shelf: Shelf<T>,
): ScriptChoice<T> => {
  const found = base(call, topics, shelf);
  if (found.script === undefined) return { ...found, base: undefined, variantOn: [] };
  // A campaign is what brings calls in or sends them out: a queue, or a task.
  const about = { areas: call.areas, campaign: call.task?.id ?? call.queue, atMs: call.atMs };
  const script = pickVariant(found.script, shelf.variantsOf(found.script.id), about) ?? found.script;
  if (script === found.script) return { ...found, base: undefined, variantOn: [] };
  return {
    ...found,
    script,
    base: found.script,
    variantOn: script.variant === undefined ? [] : scopeOf(script.variant),
  };
};

type Base<T extends Chosable> = Omit<ScriptChoice<T>, 'base' | 'variantOn'>;

const base = <T extends Chosable>(call: ScriptCall, topics: readonly Topic[], shelf: Shelf<T>): Base<T> => {
  const none = { script: undefined, by: 'none', on: [], rivals: [], missing: null } as const;
  const topic = call.topicId === null ? undefined : topics.find(({ id }) => id === call.topicId);
  // What the customer asks for during a task's call is a topic of its own.
  const ofTask = call.topicId === null ? (call.task?.scriptId ?? null) : null;
  if (ofTask !== null) {
    const script = shelf.at(ofTask);
    return script === undefined ? { ...none, missing: ScriptId.parse(ofTask) } : { ...none, script, by: 'task' };
  }
  const claims = claimsOn(call, shelf.shownForCalls());
  const [best] = claims;
  // Of a topic's own script nobody says more than "for this topic": a script that says as much comes before it.
  if (best !== undefined && (topic?.scriptId == null || weightOf(best.use) >= weights.topic))
    return {
      ...{ script: best.script, by: 'script', on: groundsOf(best.use), missing: null },
      rivals: claims
        .filter((other) => other.script.id !== best.script.id && weightOf(other.use) === weightOf(best.use))
        .map(({ script }) => script),
    };
  if (topic?.scriptId == null) return none;
  const script = shelf.at(topic.scriptId);
  return script === undefined ? { ...none, missing: topic.scriptId } : { ...none, script, by: 'topic', on: ['topic'] };
};

type Claim<T extends Chosable> = { readonly script: T; readonly use: ScriptUse };

/** Of each script its best claim, the heaviest first; of two alike the script that comes first by its id, at every seat the same. */
const claimsOn = <T extends Chosable>(call: ScriptCall, scripts: readonly T[]): readonly Claim<T>[] =>
  scripts
    .flatMap((script): Claim<T>[] => {
      const [use] = (script.shownFor ?? [])
        .filter((one) => useFits(one, call))
        .toSorted((one, other) => weightOf(other) - weightOf(one));
      return use === undefined ? [] : [{ script, use }];
    })
    .toSorted((one, other) => weightOf(other.use) - weightOf(one.use) || (one.script.id < other.script.id ? -1 : 1));

export const useFits = (use: ScriptUse, call: ScriptCall): boolean =>
  (use.topics.length === 0 || (call.topicId !== null && use.topics.includes(call.topicId as never))) &&
  (use.hints.length === 0 || use.hints.some((hint) => call.hints.includes(hint))) &&
  (use.queues.length === 0 || (call.queue !== null && use.queues.includes(call.queue))) &&
  (use.areas.length === 0 || use.areas.some((area) => call.areas.includes(area))) &&
  (use.fromMs === null || use.fromMs <= call.atMs) &&
  (use.untilMs === null || call.atMs < use.untilMs);

export const groundsOf = (use: ScriptUse): readonly Ground[] =>
  grounds.filter((ground) => {
    switch (ground) {
      case 'topic':
        return use.topics.length > 0;
      case 'hint':
        return use.hints.length > 0;
      case 'queue':
        return use.queues.length > 0;
      case 'area':
        return use.areas.length > 0;
      case 'dates':
        return use.fromMs !== null || use.untilMs !== null;
    }
  });

const weightOf = (use: ScriptUse): number => groundsOf(use).reduce((sum, ground) => sum + weights[ground], 0);

const scopeOf = (variant: ScriptVariant): ScriptChoice<Chosable>['variantOn'] => [
  ...(variant.campaigns.length > 0 ? (['campaign'] as const) : []),
  ...(variant.areas.length > 0 ? (['area'] as const) : []),
  ...(variant.fromMs !== null || variant.untilMs !== null ? (['dates'] as const) : []),
];

export const shelfOf = <T extends Chosable>(scripts: readonly T[]): Shelf<T> => {
  const newest = new Map<string, T>();
  for (const script of scripts)
    if ((newest.get(script.id)?.version ?? 0) < script.version) newest.set(script.id, script);
  const all = [...newest.values()];
  return {
    at: (id) => newest.get(id),
    shownForCalls: () => all.filter(({ shownFor, variant }) => variant === undefined && (shownFor ?? []).length > 0),
    variantsOf: (id) => all.filter(({ variant }) => variant?.of === id),
  };
};

/** What is wrong with who gets what, over all published scripts; each has a sentence in the locales (`assignment.<kind>`). */
export type AssignmentProblem = {
  readonly kind:
    | 'overlap'
    | 'variantOverlap'
    | 'gap'
    | 'withdrawn'
    | 'unknownTopic'
    | 'unknownQueue'
    | 'over'
    | 'lonelyVariant';
  /** The scripts it is about, as they are decided: the first one wins. */
  readonly scripts: readonly ScriptId[];
  /** A topic, a queue or a task by its id. */
  readonly about: string | null;
};
export type AssignmentFacts<T extends Chosable> = {
  readonly scripts: readonly T[];
  readonly topics: readonly Topic[];
  readonly queues: readonly string[];
  readonly tasks: readonly { readonly id: string; readonly scriptId: string | null }[];
  readonly nowMs: number;
};

export const assignmentProblems = <T extends Chosable>(facts: AssignmentFacts<T>): readonly AssignmentProblem[] => {
  const shelf = shelfOf(facts.scripts);
  return [
    ...overlaps(shelf.shownForCalls()),
    ...variantOverlaps(facts.scripts, shelf),
    ...unknowns(facts, shelf.shownForCalls()),
    ...facts.topics.flatMap((topic) => topicProblems(facts, shelf, topic)),
    ...facts.tasks.flatMap(({ id, scriptId }): AssignmentProblem[] =>
      scriptId === null || shelf.at(scriptId) !== undefined
        ? []
        : [{ kind: 'withdrawn', scripts: [ScriptId.parse(scriptId)], about: id }],
    ),
  ];
};

/** A topic nobody has a script for in some queue, or whose own is not published. Answered by knowledge then, which may be meant. */
const topicProblems = <T extends Chosable>(
  { topics, queues, nowMs }: AssignmentFacts<T>,
  shelf: Shelf<T>,
  topic: Topic,
): readonly AssignmentProblem[] => {
  const asked = (queue: string | null) =>
    chooseScript({ ...{ topicId: topic.id, task: null, queue, hints: [], areas: [] }, atMs: nowMs }, topics, shelf);
  const choices = [null, ...queues].map(asked);
  const missing = choices.find((choice) => choice.missing !== null)?.missing ?? null;
  if (missing !== null) return [{ kind: 'withdrawn', scripts: [missing], about: topic.id }];
  return choices.every(({ script }) => script === undefined) ? [{ kind: 'gap', scripts: [], about: topic.id }] : [];
};

const overlaps = (scripts: readonly Chosable[]): readonly AssignmentProblem[] =>
  pairs(scripts.toSorted((one, other) => (one.id < other.id ? -1 : 1))).flatMap(([one, other]): AssignmentProblem[] =>
    (one.shownFor ?? []).some((use) =>
      (other.shownFor ?? []).some((two) => weightOf(use) === weightOf(two) && meet(use, two)),
    )
      ? [{ kind: 'overlap', scripts: [one.id, other.id], about: null }]
      : [],
  );

const variantOverlaps = <T extends Chosable>(scripts: readonly T[], shelf: Shelf<T>): readonly AssignmentProblem[] => {
  const bases = new Set(scripts.flatMap(({ variant }) => (variant === undefined ? [] : [variant.of])));
  return [...bases].flatMap((of): AssignmentProblem[] => {
    const variants = shelf.variantsOf(of);
    if (variants.length === 0) return [];
    if (shelf.at(of) === undefined)
      return [{ kind: 'lonelyVariant', scripts: variants.map(({ id }) => id), about: of }];
    return pairs(variants).flatMap(([one, other]): AssignmentProblem[] => {
      const [a, b] = [one.variant, other.variant];
      if (a === undefined || b === undefined || String(scopeOf(a)) !== String(scopeOf(b)) || !variantsMeet(a, b))
        return [];
      const first = pickVariant(undefined, [one, other], meetingOf(a, b)) ?? one;
      return [{ kind: 'variantOverlap', scripts: [first.id, first === one ? other.id : one.id], about: of }];
    });
  });
};

const unknowns = <T extends Chosable>(
  { topics, queues, nowMs }: AssignmentFacts<T>,
  scripts: readonly T[],
): readonly AssignmentProblem[] => {
  const knownTopics = new Set<string>(topics.map(({ id }) => id));
  return scripts.flatMap(({ id, shownFor = [] }) =>
    shownFor.flatMap((use): AssignmentProblem[] => [
      ...use.topics
        .filter((topic) => !knownTopics.has(topic))
        .map((about) => ({ kind: 'unknownTopic' as const, scripts: [id], about })),
      ...use.queues
        .filter((queue) => !queues.includes(queue))
        .map((about) => ({ kind: 'unknownQueue' as const, scripts: [id], about })),
      ...(use.untilMs !== null && use.untilMs <= nowMs ? [{ kind: 'over' as const, scripts: [id], about: null }] : []),
    ]),
  );
};

type Scope = { readonly fromMs: number | null; readonly untilMs: number | null };
const datesMeet = (one: Scope, other: Scope): boolean =>
  Math.max(one.fromMs ?? -Infinity, other.fromMs ?? -Infinity) <
  Math.min(one.untilMs ?? Infinity, other.untilMs ?? Infinity);
const common = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === 0 || other.length === 0 || one.some((word) => other.includes(word));

const meet = (one: ScriptUse, other: ScriptUse): boolean =>
  common(one.topics, other.topics) &&
  common(one.hints, other.hints) &&
  common(one.queues, other.queues) &&
  common(one.areas, other.areas) &&
  datesMeet(one, other);

const variantsMeet = (one: ScriptVariant, other: ScriptVariant): boolean =>
  common(one.areas, other.areas) && common(one.campaigns, other.campaigns) && datesMeet(one, other);

/** A call both are for. */
const meetingOf = (one: ScriptVariant, other: ScriptVariant) => ({
  areas: one.areas.filter((area) => other.areas.length === 0 || other.areas.includes(area)),
  campaign: one.campaigns.find((campaign) => other.campaigns.includes(campaign)) ?? null,
  atMs: Math.max(one.fromMs ?? 0, other.fromMs ?? 0),
});

const pairs = <T>(all: readonly T[]): readonly (readonly [T, T])[] =>
  all.flatMap((one, index) => all.slice(index + 1).map((other) => [one, other] as const));
