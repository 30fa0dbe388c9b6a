import type { Script, ScriptStep } from './script.ts';
import { nextsOf, variablePattern } from './script.ts';
import type { Language, Text } from './text.ts';
import { inLanguage } from './text.ts';

/** R16: how long reading a script aloud takes. Chinese 240 characters a minute, English 150 words. */
const charactersPerMinute = 240;
const wordsPerMinute = 150;
/** A variable is a name, an amount or a package: about so much of either language. */
const variableCharacters = 4;
const variableWords = 2;
/** A Latin word inside a Chinese sentence takes as long as about two characters. */
const wordAsCharacters = 2;

export const limitSeconds = (kind: Script['kind']): number => (kind === 'survey' ? 20 * 60 : 5 * 60);

/** Digits are read one by one in Chinese; punctuation is a pause that the rate already holds. */
export const speakingSeconds = (text: Text, language: Language): number => {
  const source = inLanguage(text, language);
  const variables = [...source.matchAll(variablePattern)].length;
  const plain = source.replaceAll(variablePattern, ' ');
  const chinese = (plain.match(/\p{Script=Han}/gu) ?? []).length;
  if (language === 'en' && chinese === 0) {
    const words = (plain.match(/[\p{L}\p{N}][\p{L}\p{N}’'.,-]*/gu) ?? []).length + variables * variableWords;
    return (words * 60) / wordsPerMinute;
  }
  const digits = (plain.match(/\p{N}/gu) ?? []).length;
  const latin = (plain.match(/\p{Script=Latin}+/gu) ?? []).length;
  const characters = chinese + digits + latin * wordAsCharacters + variables * variableCharacters;
  return (characters * 60) / charactersPerMinute;
};

export type Estimate = { readonly seconds: number; readonly path: readonly string[] };

/**
 * The longest way from the first step to an end, every loop walked once: a step that leads back to one on the way to it is not followed.
 * Without loops it is the longest of all ways.
 */
export const longestWay = (script: Script, language: Language): Estimate => {
  const byId = new Map(script.steps.map((step) => [step.id, step]));
  const done = new Map<string, Estimate>();
  const onTheWay = new Set<string>();
  const from = (id: string | null): Estimate => {
    const step = id === null ? undefined : byId.get(id);
    if (step === undefined || onTheWay.has(step.id)) return { seconds: 0, path: [] };
    const known = done.get(step.id);
    if (known !== undefined) return known;
    onTheWay.add(step.id);
    const rest = longest(nextsOf(step).map(from));
    onTheWay.delete(step.id);
    const found = { seconds: stepSeconds(step, language) + rest.seconds, path: [step.id, ...rest.path] };
    done.set(step.id, found);
    return found;
  };
  return from(script.first);
};

const stepSeconds = (step: ScriptStep, language: Language): number => speakingSeconds(step.say, language);

const longest = (ways: readonly Estimate[]): Estimate => {
  let best: Estimate = { seconds: 0, path: [] };
  for (const way of ways)
    if (way.seconds > best.seconds || (way.seconds === best.seconds && way.path.length > best.path.length)) best = way;
  return best;
};

/** The slower of the two languages decides. */
export const estimatedSeconds = (script: Script): number =>
  Math.max(longestWay(script, 'zh-CN').seconds, longestWay(script, 'en').seconds);
