import type { Customer, Field, QueryClass } from '../../shared/customer.ts';
import { listNames, tiers } from '../../shared/customer.ts';
import type { Read } from './cells.ts';
import * as cell from './cells.ts';
import type { CustomerField } from './columns.ts';
import type { Values } from './read-row.ts';

const cards = ['none', 'silver', 'gold', 'diamond'] as const;

/** How each column of a customer file is read. Lengths are those of the contract (shared/customer.ts). */
export const customerReaders = {
  id: cell.customerId,
  number: cell.phoneKey,
  otherNumbers: cell.phoneKeys,
  fullName: cell.textUpTo(40),
  gender: cell.oneOf({
    male: ['男', 'm', '先生', 'mr'],
    female: ['女', 'f', '女士', 'ms', 'mrs'],
    unknown: ['未知', '不详', '-'],
  }),
  language: cell.oneOf({ 'zh-CN': ['中文', '普通话', 'zh', 'chinese'], en: ['英文', '英语', 'english'] }),
  area: cell.textUpTo(100),
  list: cell.oneOf<(typeof listNames)[number]>({
    red: ['红名单', '红'],
    normal: ['普通', '正常', '否', '无'],
    black: ['黑名单', '黑'],
  }),
  card: cell.oneOf<(typeof cards)[number]>({
    none: ['无', '普通', '普通卡'],
    silver: ['银卡', '银'],
    gold: ['金卡', '金'],
    diamond: ['钻石卡', '钻石', '钻卡'],
  }),
  tier: cell.oneOf<(typeof tiers)[number]>({
    high: ['高端', '高'],
    mid: ['中端', '中'],
    standard: ['普通', '低端', '低'],
  }),
  manager: cell.textUpTo(40),
  packageName: cell.textUpTo(100),
  packageId: cell.textUpTo(40),
  arpu: cell.amount,
  lastBill: cell.amount,
  previousBill: cell.amount,
  tenureMonths: cell.wholeNumber(0, 1_200),
  memberSince: cell.pastDay,
  creditScore: cell.wholeNumber(0, 1_000),
  contractEnds: cell.dateMs,
  longDistanceShare: cell.shareOf,
  dataUsedShare: cell.shareOf,
  roamingDays: cell.wholeNumber(0, 366),
  rivalForwarding: cell.yesNo,
  daysSinceLastRecord: cell.wholeNumber(0, 36_500),
  refusesMarketing: cell.yesNo,
  roaming: cell.yesNo,
  network: cell.textUpTo(20),
  balance: cell.amount,
  points: cell.wholeNumber(0, 999_999_999),
  idNumber: cell.idNumber,
  address: cell.textUpTo(200),
  contactPhone: cell.phoneKey,
  birthday: cell.pastDay,
  servicePassword: cell.servicePassword,
  queues: cell.names,
} as const satisfies Record<CustomerField, Read<unknown>>;

export type CustomerValues = Values<typeof customerReaders>;

/** What is kept in full at central and shown to seats masked (R9, R11, security 36). */
type PrivateField = {
  readonly key: string;
  readonly class: QueryClass;
  readonly value: string;
  readonly shown: string;
};

const hidden = (text: string): string => '*'.repeat(Math.max(0, text.length - 2)) + text.slice(-2);
const cny = (value: number): string => `¥${value.toFixed(2)}`;

/** The fields a row sets; those it says nothing about stay as they were. */
export const fieldsOf = (values: CustomerValues, area: string): readonly PrivateField[] => {
  const field = (key: string, queryClass: QueryClass, value: string | undefined, shown: string): PrivateField[] =>
    value === undefined ? [] : [{ key, class: queryClass, value, shown }];
  const { memberSince, network, fullName, packageName, lastBill, balance, points } = values;
  const { idNumber, address, contactPhone, birthday } = values;
  return [
    ...field('memberSince', 1, memberSince, memberSince ?? ''),
    ...field('network', 1, network, network ?? ''),
    ...field('fullName', 2, fullName, nameOf(fullName ?? '').masked),
    ...field('package', 2, packageName, '****'),
    ...field('lastBill', 2, lastBill === undefined ? undefined : cny(lastBill), '¥***'),
    ...field('balance', 2, balance === undefined ? undefined : cny(balance), '¥***'),
    ...field('points', 2, points === undefined ? undefined : String(points), '*****'),
    ...field('idNumber', 3, idNumber, hidden(idNumber ?? '')),
    ...field('address', 3, address, `${area}******`),
    ...field('contactPhone', 3, contactPhone, hidden(contactPhone ?? '')),
    ...field('birthday', 3, birthday, '****-**-**'),
  ];
};

/** Surnames of two characters that are common enough to be meant (统计: 公安部 2020). */
const compoundSurnames = new Set(
  '欧阳 上官 皇甫 司徒 令狐 诸葛 司马 宇文 呼延 端木 慕容 尉迟 夏侯 东方 公孙 长孙 司空 轩辕 南宫 独孤 澹台 闻人 百里 申屠'.split(
    ' ',
  ),
);

/** 李* / 欧阳** / Smith *: what a seat may show of a name (R8). */
export const nameOf = (full: string): { readonly surname: string; readonly masked: string } => {
  if (!/\p{Script=Han}/u.test(full)) {
    const words = full.split(/\s+/u).filter((word) => word !== '');
    const surname = (words.at(-1) ?? '').slice(0, 20);
    return { surname, masked: words.length > 1 ? `${surname} ${'*'.repeat(words.length - 1)}` : `${surname} *` };
  }
  const characters = Array.from(full.replace(/\s/gu, ''));
  const two = characters.slice(0, 2).join('');
  const surname = characters.length > 2 && compoundSurnames.has(two) ? two : (characters[0] ?? '');
  return {
    surname,
    masked: surname + '*'.repeat(Math.max(1, Math.min(19, characters.length - Array.from(surname).length))),
  };
};

/** One who is new, before the row is put in: nothing is known. */
export const blankCustomer = (id: Customer['id']): Customer => ({
  id,
  surname: '',
  nameMasked: '',
  gender: 'unknown',
  language: 'zh-CN',
  numbers: [],
  area: { zh: '', en: '' },
  list: 'normal',
  card: 'none',
  manager: null,
  usage: {
    arpu: 0,
    lastBill: 0,
    previousBill: 0,
    longDistanceShare: 0,
    dataUsedShare: 0,
    roamingDays: 0,
    tenureMonths: 0,
    creditScore: 600,
    contractEndsAtMs: null,
    rivalForwarding: false,
    daysSinceLastRecord: 0,
  },
  package: { id: '', name: { zh: '', en: '' } },
  refusesMarketing: false,
  roaming: false,
  lastOffers: [],
  fields: [],
  cases: [],
});

/** Fields in the order of the row that was there, then those that are new; equal ones give the very same list. */
export const withFields = (held: readonly Field[], set: readonly PrivateField[]): Field[] => {
  const shown = new Map(
    set.map(({ key, class: queryClass, shown: masked }) => [key, { key, class: queryClass, shown: masked }]),
  );
  const kept = held.map((field) => shown.get(field.key) ?? field);
  const known = new Set(held.map(({ key }) => key));
  return [...kept, ...[...shown.values()].filter(({ key }) => !known.has(key))];
};
