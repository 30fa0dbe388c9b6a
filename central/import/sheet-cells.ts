/** What the cells of a sheet hold, as text, by the rules of ECMA-376 part 1, 18.3–18.8. */

/** What a number became too long for: Excel keeps 15 digits, the rest of an account number is gone. */
export const roundedNumber = '#ROUNDED!';

/** Number formats that are built in and show dates or times, those of Chinese and Japanese locales among them (18.8.30). */
const dateFormats = new Set([...span(14, 22), ...span(27, 36), ...span(45, 47), ...span(50, 58)]);

export const isDateFormat = (id: number, code: string | undefined): boolean => {
  if (code === undefined) return dateFormats.has(id);
  // Literal text, colours and locale marks aside, a date format has a year, month, day, hour or second in it.
  return /[ymdhs]/iu.test(code.replace(/"[^"]*"|\\.|\[[^\]]*\]|_.|\*./gu, '')) && !/general/iu.test(code);
};

/** A serial day of the 1900 or 1904 calendar as `2026-03-01` or `2026-03-01 09:30:00`. */
export const dateOfSerial = (serial: number, is1904: boolean): string => {
  // Day 60 of the 1900 calendar, 29 February 1900, never was; nobody on file is that old.
  const epochMs = is1904 ? Date.UTC(1904, 0, 1) : Date.UTC(1899, 11, 30);
  const at = new Date(epochMs + Math.round(serial * 86_400) * 1_000);
  if (Number.isNaN(at.getTime())) return String(serial);
  const iso = at.toISOString();
  return serial % 1 === 0 ? iso.slice(0, 10) : iso.slice(0, 19).replace('T', ' ');
};

/** A number as it was typed, as far as it can still be known. */
export const textOfNumber = (value: string): string => {
  const number = Number(value);
  if (value === '' || !Number.isFinite(number)) return value;
  if (Number.isInteger(number)) return Math.abs(number) < 1e15 ? String(number) : roundedNumber;
  return String(Number(number.toPrecision(15)));
};

/** `AB12` → 27; undefined for what is no cell's name. */
export const columnOfCell = (name: string): number | undefined => {
  const letters = /^([A-Z]{1,3})\d*$/.exec(name)?.[1];
  if (letters === undefined) return undefined;
  return Array.from(letters).reduce((column, letter) => column * 26 + letter.charCodeAt(0) - 64, 0) - 1;
};

function span(from: number, to: number): readonly number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}
