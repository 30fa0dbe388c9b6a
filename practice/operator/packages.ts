import type { Text } from '../../shared/text.ts';

/** What Lanqiao Telecom sells. `price` CNY a month, `data` GB. */
export type SamplePackage = {
  readonly id: string;
  readonly name: Text;
  /** How customers call it. */
  readonly synonyms: readonly string[];
  readonly price: number;
  readonly data: number;
};

export const packages: readonly [SamplePackage, ...SamplePackage[]] = [
  {
    id: 'care-19',
    name: { zh: '安心卡19', en: 'Care 19' },
    synonyms: ['安心卡', '19元套餐', '19'],
    price: 19,
    data: 3,
  },
  { id: 'lite-39', name: { zh: '轻享39', en: 'Lite 39' }, synonyms: ['轻享', '39元套餐', '39'], price: 39, data: 10 },
  { id: 'plus-59', name: { zh: '畅享59', en: 'Plus 59' }, synonyms: ['59元套餐', '59'], price: 59, data: 20 },
  { id: 'plus-99', name: { zh: '畅享99', en: 'Plus 99' }, synonyms: ['99元套餐', '99'], price: 99, data: 40 },
  { id: 'max-129', name: { zh: '畅享129', en: 'Max 129' }, synonyms: ['129元套餐', '129'], price: 129, data: 60 },
  {
    id: 'family-169',
    name: { zh: '全家享169', en: 'Family 169' },
    synonyms: ['全家享', '家庭套餐', '169'],
    price: 169,
    data: 100,
  },
  { id: 'pro-239', name: { zh: '商务239', en: 'Business 239' }, synonyms: ['商务套餐', '239'], price: 239, data: 150 },
  { id: 'top-399', name: { zh: '尊享399', en: 'Premier 399' }, synonyms: ['尊享套餐', '399'], price: 399, data: 300 },
];

/** The dearest package that fits a monthly spend. */
export const packageFor = (arpu: number): SamplePackage =>
  packages.findLast((candidate) => candidate.price <= arpu * 1.1) ?? packages[0];
