import { groupNumber, maskNumber, parseNumber } from '../../shared/phone-number.ts';
import type { Language } from '../../shared/text.ts';

const two = (value: number): string => String(value).padStart(2, '0');

/** 02:31, or 1:02:31 from an hour on. Negative counts as zero. */
export const duration = (ms: number): string => {
  const all = Math.max(0, Math.floor(ms / 1_000));
  const [hours, minutes, seconds] = [Math.floor(all / 3_600), Math.floor(all / 60) % 60, all % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds)}` : `${two(minutes)}:${two(seconds)}`;
};

/** 14:05:12 at the seat's place. */
export const timeOfDay = (atMs: number): string => {
  const at = new Date(atMs);
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
};

/** 14:05 at the seat's place. */
export const hourAndMinute = (atMs: number): string => timeOfDay(atMs).slice(0, 5);

const weekday: Readonly<Record<Language, Intl.DateTimeFormat>> = {
  'zh-CN': new Intl.DateTimeFormat('zh-CN', { weekday: 'short' }),
  en: new Intl.DateTimeFormat('en', { weekday: 'short' }),
};

/** 11-21 周六 14:05; the year in front when it is not this one. */
export const dateTime = (atMs: number, nowMs: number, language: Language): string => {
  const at = new Date(atMs);
  const year = at.getFullYear() === new Date(nowMs).getFullYear() ? '' : `${at.getFullYear()}-`;
  const day = weekday[language].format(at);
  return `${year}${two(at.getMonth() + 1)}-${two(at.getDate())} ${day} ${two(at.getHours())}:${two(at.getMinutes())}`;
};

/** 11-21 周六 */
export const dateOnly = (atMs: number, nowMs: number, language: Language): string =>
  dateTime(atMs, nowMs, language).slice(0, -6);

const yuan = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const yuanAndFen = new Intl.NumberFormat('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 });

/** Numbers in sentences: ¥1,234.50 without needless decimals. */
export const money = (amount: number): string => `¥${(Number.isInteger(amount) ? yuan : yuanAndFen).format(amount)}`;

const national = (number: string): string => {
  const parsed = parseNumber(number);
  return 'national' in parsed ? parsed.national : parsed.kind === 'malformed' ? parsed.shown : '';
};

/** 138 0013 8000 */
export const groupedNumber = (number: string): string => groupNumber(national(number));

/** 138****8000 (R11, R44) */
export const maskedNumber = (number: string): string => maskNumber(national(number));
