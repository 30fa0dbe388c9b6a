import type { ScriptStep } from '../../../shared/script.ts';
import { disclosureKinds, Script } from '../../../shared/script.ts';

type Part = ScriptStep['part'];
type Answer = ScriptStep['answers'][number];

/** A sentence after which Enter leads on; `next: null` ends the script. */
export const say = (id: string, part: Part, zh: string, en: string, next: string | null): ScriptStep => ({
  id,
  part,
  say: { zh, en },
  answers: [],
  next,
});

/** What has to be told before a sale (R42), each item by its kind. */
export const mustTell = (
  step: ScriptStep,
  items: Readonly<Record<(typeof disclosureKinds)[number], readonly [zh: string, en: string]>>,
): ScriptStep => ({
  ...step,
  disclosures: disclosureKinds.map((kind) => ({ id: kind, kind, label: { zh: items[kind][0], en: items[kind][1] } })),
});

/** A question; answers are chosen by digit. */
export const ask = (id: string, part: Part, zh: string, en: string, ...answers: readonly Answer[]): ScriptStep => ({
  id,
  part,
  say: { zh, en },
  answers: [...answers],
  next: null,
});

export const answer = (id: string, zh: string, en: string, next: string | null): Answer => ({
  id,
  label: { zh, en },
  next,
});

export const objection = (
  id: string,
  zh: string,
  en: string,
  sayZh: string,
  sayEn: string,
): Script['objections'][number] => ({
  id,
  label: { zh, en },
  say: { zh: sayZh, en: sayEn },
});

/** The last sentence of every call. */
export const goodBye = say(
  'bye',
  'ending',
  '感谢您的来电，祝您生活愉快，再见。',
  'Thank you for calling. Have a good day. Goodbye.',
  null,
);

/** Version 1 of a script whose first step is the first one given. */
export const script = (
  id: string,
  kind: Script['kind'],
  title: Script['title'],
  steps: readonly ScriptStep[],
  objections: Script['objections'],
  tariffId?: string,
): Script =>
  Script.parse({
    ...{ id, version: 1, title, kind, first: steps[0]?.id, steps, objections },
    ...(tariffId === undefined ? {} : { tariffId }),
  });
