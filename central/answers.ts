import type { Factor } from '../shared/verification.ts';
import { numberKey } from '../shared/phone-number.ts';
import type { PrivateValues } from './customers.ts';
import type { Secrets } from './secrets.ts';
import { sameText } from './secrets.ts';

/** How far a typed bill may lie from the true one, and how wide a range may be, as shares of the bill. */
const billTolerance = 0.1;
const widestRange = 0.5;
/** A range around a small bill may be this wide in CNY, whatever the share. */
const narrowRangeCny = 20;
/** Fewer characters than this of an address say nothing. */
const shortestAddress = 6;

/**
 * Whether what a caller said fits what central keeps (R11). Everything is brought to one form first, then compared as keyed hashes in
 * constant time; every candidate is looked at, so the time tells nothing about which one fitted.
 */
export const answerFits = (
  factor: Exclude<Factor, 'smsCode'>,
  said: string,
  kept: PrivateValues,
  mark: Secrets['mark'],
): boolean => {
  const isOneOf = (value: string, candidates: readonly string[]): boolean => {
    const wanted = mark(factor, value);
    return candidates.map((candidate) => sameText(wanted, mark(factor, candidate))).includes(true);
  };
  const value = (key: string): string => kept.fields[key]?.value ?? '';
  switch (factor) {
    case 'fullName':
      return plain(said) !== '' && isOneOf(plain(said), [plain(value('fullName'))]);
    case 'idNumber':
      return isIdNumber(plain(said)) && isOneOf(longId(plain(said)), [longId(plain(value('idNumber')))]);
    case 'contactPhone': {
      const key = numberKey(said);
      return key !== undefined && isOneOf(key, [numberKey(value('contactPhone')) ?? '']);
    }
    case 'package':
      return packageName(said) !== '' && isOneOf(packageName(said), kept.packageNames.map(packageName));
    case 'address':
      return isAddress(addressForm(said), addressForm(value('address')), isOneOf);
    case 'lastBillRange':
      return kept.bill !== null && isBill(said, kept.bill);
    case 'servicePassword':
      return passwordFits(said, kept, mark);
  }
};

/** Said, or keyed in. */
export const passwordFits = (said: string, { password }: PrivateValues, mark: Secrets['mark']): boolean =>
  password !== null && sameText(mark(password.salt, digits(said)), password.mark);

/** What is kept of a service password. */
export const passwordMark = (mark: Secrets['mark'], salt: string, password: string): string =>
  mark(salt, digits(password));

/** Full width becomes half width, case and every kind of space and punctuation go. */
const plain = (text: string): string =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\s\p{P}\p{S}\p{Cf}]/gu, '');

const digits = (text: string): string => text.normalize('NFKC').replace(/\s/gu, '');

const isIdNumber = (text: string): boolean => /^(?:\d{15}|\d{17}[\dx])$/.test(text);

/** 15 digits (before 1999) as the 18 of GB 11643: century 19 and the check character (ISO 7064 MOD 11-2) are added. */
const longId = (text: string): string => {
  if (text.length !== 15) return text;
  const body = `${text.slice(0, 6)}19${text.slice(6)}`;
  return `${body}${idCheckCharacter(body)}`;
};

/** The 18th character of an identity number from its first 17 digits (GB 11643-1999). */
export const idCheckCharacter = (first17: string): string => {
  const sum = Array.from(first17).reduce((total, digit, index) => total + Number(digit) * (2 ** (17 - index) % 11), 0);
  return '10x98765432'[sum % 11] ?? '';
};

const packageName = (text: string): string => plain(text).replace(/(?:套餐|资费|plan|package)$/u, '');

const isBill = (said: string, bill: number): boolean => {
  const text = said.normalize('NFKC').replace(/[,\s¥元块]|cny|rmb|yuan/giu, '');
  const range = /^(\d+(?:\.\d+)?)(?:-|–|—|~|到|至|to)(\d+(?:\.\d+)?)$/iu.exec(text);
  if (range !== null) {
    const [low, high] = [Number(range[1]), Number(range[2])];
    const narrow = high - low <= Math.max(narrowRangeCny, bill * widestRange);
    return narrow && low <= bill && bill <= high;
  }
  if (!/^\d+(?:\.\d+)?$/.test(text)) return false;
  return Math.abs(Number(text) - bill) <= bill * billTolerance + 0.005;
};

/** Words for administrative units may be left out; written digits count as digits. */
const addressForm = (text: string): string =>
  plain(text)
    .replace(/[省市区县]/gu, '')
    .replace(/[〇零一二三四五六七八九]/gu, (digit) =>
      String('〇一二三四五六七八九'.indexOf(digit === '零' ? '〇' : digit)),
    )
    .replace(/(?<=\d)(?:号楼|栋|幢|座)/gu, '#')
    .replace(/(?<=\d)(?:号|室)/gu, '#')
    .replace(/#$/u, '');

/**
 * The whole address, or its end from somewhere behind the province and city on, with every number in it: a street alone fits
 * thousands of customers.
 */
const isAddress = (
  said: string,
  kept: string,
  isOneOf: (value: string, candidates: readonly string[]) => boolean,
): boolean => {
  const numbers = (text: string): string => (text.match(/\d+/g) ?? []).join(' ');
  const fits = isOneOf(said, [kept, kept.slice(-Math.max(1, said.length))]);
  const hasNumbers = isOneOf(numbers(said), [numbers(kept)]);
  return fits && hasNumbers && said.length >= Math.min(shortestAddress, kept.length) && kept !== '';
};
