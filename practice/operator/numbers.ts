import { maskNumber, parseNumber } from '../../shared/phone-number.ts';

/**
 * Numbers of the sample operator: as China's numbering plan writes them, but in blocks (…0000…, …0001…) nobody is given.
 * A step through all of a block's numbers, so that neighbours look unrelated and no two customers get the same.
 */
const block = 693_000;
const lastFour = 9_900;
/** Coprime to the size of a block. */
const stride = 48_271;

/** National number of the n-th mobile of a block: 138 0000 1234. The last four digits are 0100–9999. */
export const mobileAt = (n: number, of: 'main' | 'second' | 'contact'): string => {
  const place = ((n % block) * stride + 7) % block;
  const prefix = Math.floor(place / lastFour);
  const last = 100 + (place % lastFour);
  const middle = { main: '0000', second: '0001', contact: '0002' }[of];
  return `1${3 + Math.floor(prefix / 10)}${prefix % 10}${middle}${String(last).padStart(4, '0')}`;
};

/** 010 00xx xxxx and the like: no subscriber's number begins with 0. */
export const fixedAt = (n: number): string => {
  const areaCode = ['010', '021', '020', '0755'][n % 4] ?? '010';
  return `${areaCode}00${String(100_000 + ((n * 7_919) % 899_999)).padStart(6, '0')}`;
};

/** E.164 key of a national number made here. */
export const keyOf = (national: string): string => {
  const parsed = parseNumber(national);
  return 'key' in parsed ? parsed.key : national;
};

export const masked = maskNumber;
