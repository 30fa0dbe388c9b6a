import type { Script, ScriptStep, ScriptUse } from './script.ts';
import type { Text } from './text.ts';

/** What is different between two versions, in words a lead can read: by step, answer and text. */
export type ScriptChange = {
  /** What it is about: the script itself, one of its steps, or an objection. */
  readonly of: 'script' | 'step' | 'objection';
  readonly id: string | null;
  readonly how: 'added' | 'removed' | 'changed' | 'moved';
  /** Of a change: which part of it; `answer:<id>` and `disclosure:<id>` name one of several. */
  readonly what: string | null;
  readonly before: string | null;
  readonly after: string | null;
};

/** Empty exactly when both say and do the same; version numbers are not compared. */
export const diffScripts = (before: Script, after: Script): readonly ScriptChange[] => [
  ...changes('script', null, scriptFields(before), scriptFields(after)),
  ...listChanges('step', before.steps, after.steps, stepFields),
  ...listChanges('objection', before.objections, after.objections, ({ label, say }) => [
    ...textFields('label', label),
    ...textFields('say', say),
  ]),
];

type Fields = readonly (readonly [what: string, value: string | null])[];

const scriptFields = (script: Script): Fields => [
  ...textFields('title', script.title),
  ['kind', script.kind],
  ['first', script.first],
  ['waived', (script.waived ?? []).toSorted().join(' ')],
  ['tariff', script.tariffId ?? ''],
  ['category', script.objection?.category ?? ''],
  ...(script.shownFor ?? []).map((use, index) => [`use:${index + 1}`, usedFor(use)] as const),
  ...(script.library ?? []).map(({ id, steps }) => [`library:${id}`, steps.join(' ')] as const),
  ['variant', script.variant === undefined ? '' : JSON.stringify(sorted(script.variant))],
];

const usedFor = ({ topics, hints, queues, areas, fromMs, untilMs }: ScriptUse): string =>
  [...topics, ...hints, ...queues, ...areas, `${dayIn(fromMs)}…${dayIn(untilMs)}`].join(' ');
/** As a date and a time everywhere the same. */
const dayIn = (atMs: number | null): string => (atMs === null ? '' : new Date(atMs).toISOString().slice(0, 16));

const sorted = ({ of, areas, campaigns, fromMs, untilMs }: NonNullable<Script['variant']>) => ({
  of,
  areas,
  campaigns,
  fromMs,
  untilMs,
});

const stepFields = (step: ScriptStep): Fields => [
  ['part', step.part],
  ...textFields('say', step.say),
  // What Enter would lead to means nothing where answers lead on.
  ...(step.answers.length === 0 ? [['next', step.next ?? ''] as const] : []),
  ...step.answers.flatMap(({ id, label, next }, index): Fields => [
    ...textFields(`answer:${id}`, label),
    [`answer:${id}:next`, next ?? ''],
    [`answer:${id}:key`, String(index + 1)],
  ]),
  ...(step.disclosures ?? []).flatMap(({ id, kind, label }, index): Fields => [
    ...textFields(`disclosure:${id}`, label),
    [`disclosure:${id}:kind`, kind],
    [`disclosure:${id}:key`, String(index + 1)],
  ]),
];

const textFields = (what: string, { zh, en }: Text): Fields => [
  [`${what}:zh`, zh],
  [`${what}:en`, en],
];

const changes = (of: ScriptChange['of'], id: string | null, before: Fields, after: Fields): readonly ScriptChange[] => {
  const [was, is] = [new Map(before), new Map(after)];
  return [...new Set([...was.keys(), ...is.keys()])].flatMap((what) => {
    const [one, other] = [was.get(what) ?? null, is.get(what) ?? null];
    return one === other ? [] : [{ of, id, how: 'changed' as const, what, before: one, after: other }];
  });
};

const listChanges = <T extends { readonly id: string }>(
  of: ScriptChange['of'],
  before: readonly T[],
  after: readonly T[],
  fields: (row: T) => Fields,
): readonly ScriptChange[] => {
  const was = new Map(before.map((row) => [row.id, row]));
  const is = new Map(after.map((row) => [row.id, row]));
  const whole = (id: string, how: 'added' | 'removed' | 'moved'): ScriptChange => ({
    ...{ of, id, how, what: null, before: null, after: null },
  });
  const kept = after.filter(({ id }) => was.has(id)).map(({ id }) => id);
  const keptBefore = before.filter(({ id }) => is.has(id)).map(({ id }) => id);
  return [
    ...before.filter(({ id }) => !is.has(id)).map(({ id }) => whole(id, 'removed')),
    ...after.flatMap((row) => {
      const old = was.get(row.id);
      return old === undefined ? [whole(row.id, 'added')] : changes(of, row.id, fields(old), fields(row));
    }),
    ...kept.filter((id, index) => keptBefore[index] !== id).map((id) => whole(id, 'moved')),
  ];
};
