import type { Language } from '../../shared/text.ts';
import type { Chance } from './chance.ts';

/** Names are put together at random from common parts: whoever is really called so is not meant. */
export type PersonName = { readonly surname: string; readonly full: string; readonly masked: string };
export type Gender = 'male' | 'female' | 'unknown';

/** Per mille of the population, roughly as in published name statistics; compound surnames at the end. */
const surnames: readonly (readonly [string, number])[] = [
  ['王', 72],
  ['李', 72],
  ['张', 68],
  ['刘', 52],
  ['陈', 46],
  ['杨', 31],
  ['黄', 22],
  ['赵', 21],
  ['吴', 19],
  ['周', 19],
  ['徐', 15],
  ['孙', 14],
  ['马', 13],
  ['朱', 12],
  ['胡', 12],
  ['郭', 11],
  ['何', 11],
  ['林', 11],
  ['高', 10],
  ['罗', 9],
  ['郑', 9],
  ['梁', 8],
  ['谢', 7],
  ['宋', 7],
  ['唐', 7],
  ['许', 6],
  ['韩', 6],
  ['邓', 6],
  ['冯', 6],
  ['曹', 6],
  ['彭', 5],
  ['曾', 5],
  ['肖', 5],
  ['田', 5],
  ['董', 5],
  ['潘', 5],
  ['袁', 5],
  ['蔡', 4],
  ['蒋', 4],
  ['余', 4],
  ['于', 4],
  ['杜', 4],
  ['叶', 4],
  ['程', 4],
  ['魏', 4],
  ['苏', 4],
  ['吕', 4],
  ['丁', 4],
  ['任', 3],
  ['卢', 3],
  ['姚', 3],
  ['沈', 3],
  ['钟', 3],
  ['姜', 3],
  ['崔', 3],
  ['谭', 3],
  ['陆', 3],
  ['范', 3],
  ['汪', 3],
  ['廖', 3],
  ['石', 3],
  ['金', 3],
  ['韦', 2],
  ['贾', 2],
  ['夏', 2],
  ['付', 2],
  ['方', 2],
  ['邹', 2],
  ['熊', 2],
  ['白', 2],
  ['孟', 2],
  ['秦', 2],
  ['邱', 2],
  ['侯', 2],
  ['江', 2],
  ['尹', 2],
  ['薛', 2],
  ['闫', 2],
  ['雷', 2],
  ['龙', 2],
  ['史', 2],
  ['陶', 2],
  ['贺', 2],
  ['毛', 2],
  ['顾', 2],
  ['龚', 2],
  ['郝', 2],
  ['邵', 2],
  ['万', 2],
  ['覃', 2],
  ['武', 2],
  ['钱', 2],
  ['戴', 2],
  ['严', 1],
  ['莫', 1],
  ['孔', 1],
  ['向', 1],
  ['常', 1],
  ['温', 1],
  ['康', 1],
  ['欧阳', 1.2],
  ['司马', 0.4],
  ['上官', 0.4],
  ['诸葛', 0.3],
  ['司徒', 0.3],
  ['皇甫', 0.3],
  ['令狐', 0.2],
  ['慕容', 0.2],
];
const weights = surnames.map(([, weight]) => weight);

const givenMale = Array.from('伟强磊军洋勇杰涛明超辉鹏飞斌宇浩凯健俊博文建国海波志刚永林东旭晨阳昊然泽睿轩子墨一鸣');
const givenFemale = Array.from('芳娜敏静丽艳娟霞秀英玲婷雪慧莉倩颖琳洁梅燕红云萍欣怡梦瑶诗涵雨桐紫萱佳若曦思语安然');
const englishMale: readonly [string, ...string[]] = [
  'Oliver',
  'Marcus',
  'Felix',
  'Duncan',
  'Hugo',
  'Elliot',
  'Jasper',
  'Rowan',
];
const englishFemale: readonly [string, ...string[]] = [
  'Clara',
  'Imogen',
  'Beatrix',
  'Harriet',
  'Nadia',
  'Rosalind',
  'Sylvie',
  'Tamsin',
];
const englishSurnames: readonly [string, ...string[]] = [
  'Ashworth',
  'Bellweather',
  'Carrow',
  'Dunmore',
  'Everhart',
  'Fenwick',
  'Greystone',
  'Hollis',
  'Inglewood',
  'Kestrel',
  'Larkspur',
  'Merriweather',
  'Northcott',
  'Pemberly',
  'Quillfeather',
  'Ravensdale',
  'Stonebridge',
  'Thistlewood',
];

export const drawName = (chance: Chance, gender: Gender, language: Language): PersonName => {
  const looksMale = gender === 'unknown' ? chance.happens(0.5) : gender === 'male';
  if (language === 'en') {
    const surname = chance.pick(englishSurnames);
    return {
      surname,
      full: `${chance.pick(looksMale ? englishMale : englishFemale)} ${surname}`,
      masked: `${surname} ***`,
    };
  }
  const surname = surnames[chance.weighted(weights)]?.[0] ?? '王';
  const letters = looksMale ? givenMale : givenFemale;
  const letter = () => letters[chance.below(letters.length)] ?? '安';
  return chineseName(surname, chance.happens(0.78) ? letter() + letter() : letter());
};

export const chineseName = (surname: string, given: string): PersonName => ({
  surname,
  full: surname + given,
  masked: surname + '*'.repeat(given.length),
});

export const englishName = (given: string, surname: string): PersonName => ({
  surname,
  full: `${given} ${surname}`,
  masked: `${surname} ***`,
});
