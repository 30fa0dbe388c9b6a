import * as fc from 'fast-check';
import { parts, Script, type ScriptStep } from '../../../shared/script.ts';

export const text = (zh: string, en = `${zh} in English`) => ({ zh, en });

/** One sentence of each part, one after the other; nothing is wrong with it. */
export const wholeScript = (over: Record<string, unknown> = {}): Script => {
  const steps = parts.map((part, index) => ({
    ...{ id: part, part, say: text('您好，请问您需要什么？'), answers: [], next: parts[index + 1] ?? null },
  }));
  return Script.parse({
    ...{ id: 's1', version: 1, title: text('示例'), kind: 'service', first: 'opening', steps, objections: [] },
    ...over,
  });
};

export const changed = (script: Script, id: string, over: Record<string, unknown>): Script =>
  Script.parse({
    ...script,
    steps: script.steps.map((step) => (step.id === id ? { ...step, ...over } : step)),
  });

const someText = fc.record({
  zh: fc.constantFrom('您好', '请问可以吗？', '{customer.surname}先生', '资费 15 元'),
  en: fc.constantFrom('Hello', 'May I?', 'Mr {customer.surname}', '15 yuan a month'),
});

/** Scripts of up to eight steps with any ways between them, loops and dead ends among them; ids are single and known. */
export const anyScript: fc.Arbitrary<Script> = fc.integer({ min: 1, max: 8 }).chain((count) => {
  const ids = Array.from({ length: count }, (_, index) => `s${index}`);
  const target = fc.option(fc.constantFrom(...ids), { nil: null, freq: 3 });
  const answers = fc
    .array(fc.record({ label: someText, next: target }), { maxLength: 3 })
    .map((all) => all.map((answer, index) => ({ id: `a${index}`, ...answer })));
  const step = (id: string): fc.Arbitrary<ScriptStep> =>
    fc.record({ id: fc.constant(id), part: fc.constantFrom(...parts), say: someText, answers, next: target });
  return fc
    .record({
      title: someText,
      kind: fc.constantFrom('service' as const, 'survey' as const, 'care' as const),
      steps: fc.tuple(...ids.map(step)),
      objections: fc
        .array(fc.record({ label: someText, say: someText }), { maxLength: 3 })
        .map((all) => all.map((one, index) => ({ id: `o${index}`, ...one }))),
      waived: fc.uniqueArray(fc.constantFrom(...parts)),
    })
    .map((rest) => Script.parse({ id: 's1', version: 1, first: 's0', ...rest }));
});

/** Without loops: every step leads only to later ones. */
export const treeScript: fc.Arbitrary<Script> = anyScript.map((script) => {
  const place = new Map(script.steps.map(({ id }, index) => [id, index]));
  const later = (from: number, next: string | null): string | null =>
    next !== null && (place.get(next) ?? 0) > from ? next : null;
  return {
    ...script,
    steps: script.steps.map((step, index) => ({
      ...step,
      next: later(index, step.next),
      answers: step.answers.map((answer) => ({ ...answer, next: later(index, answer.next) })),
    })),
  };
});
