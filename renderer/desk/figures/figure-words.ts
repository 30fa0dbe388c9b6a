import type { FigureKey, Sums } from '../../../shared/figures.ts';
import { figureOf, figures } from '../../../shared/figures.ts';
import type { FigureGroup, FigureRow } from '../../../shared/figures-api.ts';
import { tiers } from '../../../shared/customer.ts';
import { inLanguage } from '../../../shared/text.ts';
import { money } from '../format.ts';
import type { Words } from '../i18n.ts';

/** A figure as it is read: 12, 34.5 %, ¥1,234, ×1.8; a dash where there is nothing to divide by. */
export const shownFigure = (key: FigureKey, sums: Sums, allOrders: number): string => {
  const value = figureOf(key, sums, allOrders);
  if (value === null) return '–';
  switch (figures[key].as) {
    case 'count':
      return value.toLocaleString('en-US');
    case 'rate':
      return `${(100 * value).toFixed(1)} %`;
    case 'money':
      return money(Math.round(value) / 100);
    case 'times':
      return `×${value.toFixed(2)}`;
  }
};

/** 34.5 %; a dash of nothing. */
export const percent = (part: number, whole: number): string =>
  whole === 0 ? '–' : `${((100 * part) / whole).toFixed(1)} %`;

/** What a row is called; the desk has its own words for tiers and for what belongs to none. */
export const rowName = ({ key, name }: Pick<FigureRow, 'key' | 'name'>, by: FigureGroup, words: Words): string => {
  if (name !== null) return inLanguage(name, words.language);
  if (by === 'tier' && key !== '') return words.t(`tier.${tiers[Number(key)] ?? 'standard'}`);
  return key === '' && by !== 'day' ? words.t(`figures.without.${by}`) : key;
};
