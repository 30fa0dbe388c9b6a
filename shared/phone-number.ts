/**
 * Numbers as callers present them and as agents type them. Chinese numbering plan (GB/T, YD/T 1101): mobiles 1[3-9] + 9 digits,
 * geographic numbers area code + 7–8 digits, service short codes. The key used to find customers is E.164 without spaces.
 */
export type NumberKind = 'mobile' | 'fixed' | 'short' | 'tollFree' | 'international' | 'emergency';

export type CallerNumber =
  | { readonly kind: NumberKind; readonly key: string; readonly national: string }
  | { readonly kind: 'withheld' }
  | { readonly kind: 'malformed'; readonly shown: string };

const emergencies = new Set(['110', '112', '119', '120', '122']);
const withheldWords = /^(anonymous|unavailable|unknown|private|restricted|withheld|asserted)?$/i;

/** Normalises a presented or typed number. Never throws; a number that makes no sense is a value. */
export const parseNumber = (raw: string): CallerNumber => {
  const text = raw.normalize('NFKC').trim();
  if (withheldWords.test(text)) return { kind: 'withheld' };
  const shown = printable(text).slice(0, 32);
  // Spaces, dashes, brackets and dots are how people write numbers; an extension is not part of the key.
  const compact = text.replace(/(?:ext\.?|转|分机|#|;ext=|,)\s*\d{1,6}$/iu, '').replace(/[\s\-–—.()/·]/gu, '');
  if (!/^\+?\d{3,20}$/.test(compact)) return { kind: 'malformed', shown };
  return national(compact) ?? { kind: 'malformed', shown };
};

const national = (compact: string): CallerNumber | undefined => {
  let digits = compact;
  const foreign = /^(?:\+|00)(?!86)(\d{6,15})$/.exec(digits);
  if (foreign?.[1] !== undefined) return { kind: 'international', key: `+${foreign[1]}`, national: `+${foreign[1]}` };
  digits = digits.replace(/^(?:\+86|0086)/, '');
  // "86" without a plus is only a country code when what follows is a whole mobile number.
  if (/^860?1[3-9]\d{9}$/.test(digits)) digits = digits.slice(2);
  if (/^01[3-9]\d{9}$/.test(digits)) digits = digits.slice(1);
  if (/^1[3-9]\d{9}$/.test(digits)) return { kind: 'mobile', key: `+86${digits}`, national: digits };
  if (/^[48]00\d{7}$/.test(digits)) return { kind: 'tollFree', key: `+86${digits}`, national: digits };
  if (emergencies.has(digits)) return { kind: 'emergency', key: digits, national: digits };
  // Geographic: 0 + (10 | 2x | 3–9xx) + 7–8 digits; behind +86 the zero is missing, and 10… is Beijing, not a message sender.
  const fixed = /^0?((?:10|2\d)\d{8}|[3-9]\d{2}\d{7,8})$/.exec(digits);
  if (fixed?.[1] !== undefined && (digits.startsWith('0') || compact !== digits))
    return { kind: 'fixed', key: `+86${fixed[1]}`, national: `0${fixed[1]}` };
  // Short codes: 1xx–1xxxx carriers and government, 9xxxx banks and services, 106… message senders.
  if (/^(?:1\d{2,4}|9[56]\d{3,6}|106\d{5,9})$/.test(digits)) return { kind: 'short', key: digits, national: digits };
  return undefined;
};

/** Names and numbers from the wire are inert: controls, bidi and zero-width characters removed (security 76). */
export const printable = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Variation_Selector}]/gu, '').slice(0, 64);

/** 138 0013 8000; 010 6554 3210; others unchanged. */
export const groupNumber = (nationalNumber: string): string => {
  if (/^1[3-9]\d{9}$/.test(nationalNumber))
    return `${nationalNumber.slice(0, 3)} ${nationalNumber.slice(3, 7)} ${nationalNumber.slice(7)}`;
  const fixed = /^(0(?:10|2\d)|0\d{3})(\d{3,4})(\d{4})$/.exec(nationalNumber);
  return fixed ? `${fixed[1]} ${fixed[2]} ${fixed[3]}` : nationalNumber;
};

/** 138****8000: keeps the first three and the last four characters (R11, R44). */
export const maskNumber = (nationalNumber: string): string =>
  nationalNumber.length <= 7
    ? nationalNumber.replace(/.(?=.{2})/g, '*')
    : `${nationalNumber.slice(0, 3)}****${nationalNumber.slice(-4)}`;

/** The key customers are found by, or undefined when the number cannot identify anyone. */
export const numberKey = (raw: string): string | undefined => {
  const parsed = parseNumber(raw);
  return 'key' in parsed ? parsed.key : undefined;
};
