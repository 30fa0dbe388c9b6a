import { pinyin } from 'pinyin-pro';
import type { Pinyin } from '../../shared/name-key.ts';

const readings = new Map<string, readonly string[]>();
const surnames = new Map<string, readonly (readonly string[])[]>();

/** Surnames that are read in two ways by different families. */
const alsoRead: Readonly<Record<string, readonly string[]>> = {
  乐: ['le'],
  盖: ['gai'],
  翟: ['di'],
  覃: ['tan'],
  查: ['cha'],
  朴: ['pu'],
  缪: ['mu'],
  郇: ['xun'],
  洗: ['xi'],
};

const isLetters = (reading: string): boolean => /^[a-z]+$/.test(reading);

const labels = new Map<string, readonly string[]>();
/** How a label is spoken, for finding it by keyboard: full pinyin and initials; what is not Chinese stays as it is written. */
export const spokenLabel = (label: string): readonly string[] => {
  const known = labels.get(label);
  if (known !== undefined) return known;
  const of = { toneType: 'none', type: 'array', v: true, nonZh: 'consecutive' } as const;
  const found = [pinyin(label, of).join(''), pinyin(label, { ...of, pattern: 'first' }).join('')];
  labels.set(label, found);
  return found;
};

/** The door to pinyin-pro. What was asked once is remembered: there are a few thousand characters. */
export const spoken: Pinyin = {
  of: (character) => {
    const known = readings.get(character);
    if (known !== undefined) return known;
    const found = pinyin(character, { toneType: 'none', type: 'array', multiple: true, v: true }).filter(isLetters);
    readings.set(character, found);
    return found;
  },
  surname: (surname) => {
    const known = surnames.get(surname);
    if (known !== undefined) return known;
    const usual = pinyin(surname, { toneType: 'none', type: 'array', surname: 'head', v: true });
    const found = usual.every(isLetters) ? [usual, ...(alsoRead[surname] ?? []).map((one) => [one])] : [];
    surnames.set(surname, found);
    return found;
  },
};
