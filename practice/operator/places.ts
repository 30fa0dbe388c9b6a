import type { Text } from '../../shared/text.ts';
import type { Chance } from './chance.ts';

/** Lanqiao and its districts are on no map. */
export const areas = [
  { zh: '云栖区', en: 'Yunqi' },
  { zh: '望江区', en: 'Wangjiang' },
  { zh: '青禾区', en: 'Qinghe' },
  { zh: '临港区', en: 'Lingang' },
  { zh: '石湾区', en: 'Shiwan' },
  { zh: '北渡区', en: 'Beidu' },
  { zh: '南浦区', en: 'Nanpu' },
  { zh: '松岭县', en: 'Songling' },
] as const satisfies readonly Text[];
export const areaWeights = [22, 18, 15, 12, 11, 9, 8, 5];

const streets: readonly [string, ...string[]] = [
  '枫林路',
  '听雨街',
  '长桥路',
  '白鹭大道',
  '金穗路',
  '学府街',
  '桂花巷',
  '朝阳路',
  '滨河路',
  '竹溪路',
  '和平街',
  '星火路',
];
const estates: readonly [string, ...string[]] = [
  '望湖苑',
  '锦绣里',
  '清风居',
  '翠屏花园',
  '玉兰小区',
  '星河湾',
  '云水谣',
  '书香门第',
];

/** 岚桥市云栖区枫林路18号望湖苑3栋1202室 */
export const drawAddress = (chance: Chance, area: Text): string =>
  `岚桥市${area.zh}${chance.pick(streets)}${chance.between(1, 320)}号${chance.pick(estates)}` +
  `${chance.between(1, 28)}栋${chance.between(1, 32)}${String(chance.between(1, 6)).padStart(2, '0')}室`;
