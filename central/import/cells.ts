import { parseNumber } from '../../shared/phone-number.ts';
import type { Result } from '../../shared/result.ts';
import { ok, refused } from '../../shared/result.ts';
import type { Text } from '../../shared/text.ts';
import { idCheckCharacter } from '../answers.ts';
import { reasons } from './reasons.ts';
import { roundedNumber } from './sheet-cells.ts';

/** One cell as a value, or why it is none. Pure; what the file's people may mean differently comes in `rules`. */
export type Rules = {
  readonly foreignNumbers: boolean;
  /** `+08:00` */
  readonly utcOffset: string;
  readonly nowMs: number;
};
export type Read<T> = (cell: string, rules: Rules) => Result<T, Text>;

/**
 * A cell's text as people see it: without controls and bidirectional marks, and without the apostrophe by which our report and Excel
 * keep `=1+1` from being a formula. What begins with `=` stays as it is: it is data.
 */
export const cleanCell = (cell: string): string =>
  cell
    .replace(/\r\n?/gu, '\n')
    .replace(/[^\P{Cc}\n\t]|[\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu, '')
    .trim()
    .replace(/^'(?=[=+\-@])/u, '');

/** What spoils a cell whatever it should hold. */
export const spoiled = (cell: string): Text | undefined => {
  if (cell.includes('\ufffd')) return reasons.garbled;
  if (cell === roundedNumber) return reasons.scientific;
  return /^#(?:N\/A|REF!|VALUE!|DIV\/0!|NAME\?|NUM!|NULL!)$/u.test(cell) ? reasons.cellError : undefined;
};

export const textUpTo =
  (most: number): Read<string> =>
  (cell) =>
    cell.length > most ? refused(reasons.tooLong(most)) : ok(cell);

export const customerId: Read<string> = (cell) =>
  /^[A-Za-z0-9._:-]{1,64}$/u.test(cell) ? ok(cell) : refused(isScientific(cell) ? reasons.scientific : reasons.badId);

/** E.164 key of a number customers can have. */
export const phoneKey: Read<string> = (cell, rules) => {
  if (isScientific(cell)) return refused(reasons.scientific);
  const parsed = parseNumber(cell);
  switch (parsed.kind) {
    case 'withheld':
    case 'malformed':
      return refused(reasons.badNumber);
    case 'short':
    case 'emergency':
    case 'tollFree':
      return refused(reasons.serviceNumber);
    case 'international':
      return rules.foreignNumbers ? ok(parsed.key) : refused(reasons.foreignNumber);
    case 'mobile':
    case 'fixed':
      return ok(parsed.key);
  }
};

/** What a customer has, with `;` or `,` or a line break between them. */
export const phoneKeys: Read<readonly string[]> = (cell, rules) => {
  const keys: string[] = [];
  for (const part of cell.split(/[;；,，、\n|]/u).map((one) => one.trim())) {
    if (part === '') continue;
    const key = phoneKey(part, rules);
    if (!key.ok) return key;
    keys.push(key.value);
  }
  return ok(keys);
};

/** 1.38E+10 */
const isScientific = (cell: string): boolean => /^\d(?:\.\d+)?E\+?\d+$/iu.test(cell);

export const oneOf = <T extends string>(words: Readonly<Record<T, readonly string[]>>): Read<T> => {
  const entries = Object.entries<readonly string[]>(words) as [T, readonly string[]][];
  const byWord = new Map(
    entries.flatMap(([value, names]) => [value, ...names].map((name) => [plainWord(name), value])),
  );
  const shown = entries.map(([value, names]) => names[0] ?? value);
  return (cell) => {
    const value = byWord.get(plainWord(cell));
    return value === undefined ? refused(reasons.notInList(shown)) : ok(value);
  };
};

const plainWord = (word: string): string => word.normalize('NFKC').toLowerCase().replace(/\s/gu, '');

const yesWords = new Set(['是', '有', '真', '√', 'y', 'yes', 'true', '1']);
const noWords = new Set(['否', '无', '没有', '假', '×', 'n', 'no', 'false', '0']);
export const yesNo: Read<boolean> = (cell) => {
  const word = plainWord(cell);
  if (yesWords.has(word)) return ok(true);
  return noWords.has(word) ? ok(false) : refused(reasons.badYesNo);
};

/** CNY. */
export const amount: Read<number> = (cell) => {
  const text = plainWord(cell)
    .replace(/^[¥￥]|元$|cny|rmb/gu, '')
    .replace(/(?<=\d),(?=\d{3})/gu, '');
  const value = Number(text);
  return /^\d+(?:\.\d+)?$/u.test(text) && value <= 10_000_000 ? ok(value) : refused(reasons.badAmount);
};

export const wholeNumber =
  (from: number, to: number): Read<number> =>
  (cell) => {
    const text = plainWord(cell).replace(/(?:个?月|天|分|秒|s)$/u, '');
    const value = Number(text);
    return /^\d{1,9}(?:\.0+)?$/u.test(text) && value >= from && value <= to
      ? ok(value)
      : refused(reasons.badCount(from, to));
  };

/** 0.38 or 38%. A share of 1.2 is possible: over the package's data. */
export const shareOf: Read<number> = (cell) => {
  const text = plainWord(cell);
  const percent = /^(\d{1,3}(?:\.\d+)?)%$/u.exec(text)?.[1];
  const value = percent === undefined ? Number(text) : Number(percent) / 100;
  return (percent !== undefined || /^\d(?:\.\d+)?$/u.test(text)) && value <= 10 ? ok(value) : refused(reasons.badShare);
};

/** Seconds, or 2:05, or 1:02:05. */
export const durationSeconds: Read<number> = (cell, rules) => {
  const parts = /^(?:(\d{1,2}):)?(\d{1,3}):([0-5]\d)$/u.exec(plainWord(cell));
  if (parts === null) return wholeNumber(0, 86_400)(cell, rules);
  return ok(Number(parts[1] ?? 0) * 3_600 + Number(parts[2]) * 60 + Number(parts[3]));
};

const datePattern =
  /^(\d{4})(?:-|\/|\.|年)(\d{1,2})(?:-|\/|\.|月)(\d{1,2})日?(?:[ T]*(\d{1,2})[:：时](\d{2})(?:[:：分](\d{2})秒?)?(?:\.\d+)?(Z|[+-]\d{2}:\d{2})?)?$/u;

/** Milliseconds since the epoch; a day is its beginning at the file's offset. 31 February is no date. */
export const dateMs: Read<number> = (cell, rules) => {
  const text = cell.normalize('NFKC').trim();
  const compact = /^(\d{4})(\d{2})(\d{2})$/u.exec(text);
  const [, year, month, day, hour = '0', minute = '0', second = '0', zone] =
    compact ?? datePattern.exec(text) ?? ([] as (string | undefined)[]);
  if (year === undefined || month === undefined || day === undefined) return refused(reasons.badDate);
  const asUtc = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
  const at = new Date(asUtc);
  const isReal =
    at.getUTCMonth() === Number(month) - 1 &&
    at.getUTCDate() === Number(day) &&
    Number(hour) < 24 &&
    Number(minute) < 60 &&
    Number(year) >= 1900 &&
    Number(year) < 2100;
  if (!isReal) return refused(reasons.badDate);
  return ok(asUtc - offsetMs(zone === 'Z' ? '+00:00' : (zone ?? rules.utcOffset)));
};

const offsetMs = (offset: string): number => {
  const [hours = '0', minutes = '0'] = offset.slice(1).split(':');
  return (offset.startsWith('-') ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
};

/** A moment that is over. */
export const pastMs: Read<number> = (cell, rules) => {
  const at = dateMs(cell, rules);
  // A day of slack: clocks and time zones of other systems.
  return at.ok && at.value > rules.nowMs + 86_400_000 ? refused(reasons.futureDate) : at;
};

/** `1990-03-07` */
export const pastDay: Read<string> = (cell, rules) => {
  const at = pastMs(cell, { ...rules, utcOffset: '+00:00' });
  return at.ok ? ok(new Date(at.value).toISOString().slice(0, 10)) : at;
};

/** A resident's ID number (GB 11643); other papers have other shapes and are taken as they are. */
export const idNumber: Read<string> = (cell, rules) => {
  const text = cell.normalize('NFKC').replace(/\s/gu, '').toUpperCase();
  if (isScientific(text)) return refused(reasons.scientific);
  if (!/^\d{15,18}X?$/u.test(text)) return textUpTo(40)(text, rules);
  const isRight =
    /^\d{15}$/u.test(text) ||
    (/^\d{17}[\dX]$/u.test(text) && idCheckCharacter(text.slice(0, 17)).toUpperCase() === text[17]);
  return isRight ? ok(text) : refused(reasons.badIdNumber);
};

export const servicePassword: Read<string> = (cell) => {
  const text = cell.normalize('NFKC').replace(/\s/gu, '');
  return /^\d{4,12}$/u.test(text) ? ok(text) : refused(reasons.badPassword);
};

export const names: Read<readonly string[]> = (cell) =>
  ok([
    ...new Set(
      cell
        .split(/[;；,，、|\n]/u)
        .map((one) => one.trim())
        .filter((one) => one !== ''),
    ),
  ]);
