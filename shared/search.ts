import { z } from 'zod';
import { Customer } from './customer.ts';
import type { Pinyin } from './name-key.ts';
import { initialsOf, initialsTyped, markOf, surnameTyped } from './name-key.ts';
import { parseNumber } from './phone-number.ts';
import type { Policy } from './policy.ts';

/** What a customer was found by, the surest first: the order of the results. */
export const foundBy = ['number', 'account', 'name', 'numberPart', 'pinyin', 'surname'] as const;
export type FoundBy = (typeof foundBy)[number];

/** Why there is no list (security 46): each has a sentence that says what to type instead. */
export const unclearWhys = ['empty', 'tooShort', 'tooLong', 'oneMore', 'notUnderstood'] as const;
export type Unclear = (typeof unclearWhys)[number];

export const mostFound = 10;
export const longestSearch = 64;

export const FoundCustomer = z.object({
  customer: Customer,
  by: z.enum(foundBy),
  /** Which of the customer's numbers; null when it was none. */
  numberIndex: z.number().int().min(0).nullable(),
});
export type FoundCustomer = z.infer<typeof FoundCustomer>;

export const SearchAnswer = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('found'), rows: z.array(FoundCustomer).max(mostFound) }),
  /** More than ten: nothing is shown, another detail is asked for. */
  z.object({ kind: z.literal('tooBroad') }),
  z.object({ kind: z.literal('unclear'), why: z.enum(unclearWhys) }),
]);
export type SearchAnswer = z.infer<typeof SearchAnswer>;

/** Beginning and end of a number, digits without country code and trunk zero; one of them may be empty. */
export type NumberPart = { readonly head: string; readonly tail: string; readonly either: boolean };
export type NameTyped =
  | { readonly script: 'han'; readonly text: string }
  | { readonly script: 'latin'; readonly words: readonly string[] };

export type Search = {
  /** E.164 key of a whole number. */
  readonly number: string | null;
  readonly account: string | null;
  readonly parts: readonly NumberPart[];
  readonly name: NameTyped | null;
};
export type Searched =
  | { readonly kind: 'unclear'; readonly why: Unclear }
  | { readonly kind: 'search'; readonly search: Search };

/** A part shorter than this tells nobody apart. */
const leastDigits = 4;
/** A subscriber's number without its area code. */
export const wholeSubscriber = 7;

const extension = /(\d[\d\s().-]*?)\s*(?:(?:ext(?:ension|n)?|分机号?|转|;\s*ext=|[px#,;w])\.?\s*:?\s*\d{1,6}#?)\s*$/iu;
const honorific = /(?:先生|女士|小姐|太太|师傅|老师|阿姨|大爷|同志)$/u;
const digitRun = /\+?\d[\d\s\-–—.()/·]*(?:\*+[\d\s-]*\d)?/gu;

/** Invisible characters go, whatever else is in the text stays what it is: a word, a number, or nothing that can be searched. */
const readable = (text: string): string =>
  text
    .normalize('NFKC')
    .replace(/[\p{Cf}\p{Variation_Selector}]/gu, '')
    .replace(/[\p{Cc}\p{Z}]+/gu, ' ')
    .trim();

/** What an agent typed, as details of a customer. Never throws; no character of it is ever an operator. */
export const readSearch = (typed: string): Searched => {
  const unclear = (why: Unclear): Searched => ({ kind: 'unclear', why });
  if (typed.length > longestSearch * 4) return unclear('tooLong');
  const text = readable(typed);
  if (text === '') return unclear('empty');
  if (text.length > longestSearch) return unclear('tooLong');
  const account = accountOf(text);
  const bare = text
    .replace(/^(?:tel|sips?):/i, '')
    .replace(/@.*$/, '')
    .replace(extension, '$1')
    .trim();
  const whole = parseNumber(bare);
  const isWhole = 'key' in whole && whole.kind !== 'short' && whole.kind !== 'emergency';
  if (isWhole) return { kind: 'search', search: { number: whole.key, account, parts: [], name: null } };
  const runs = bare.match(digitRun) ?? [];
  const number = wholeOf(runs);
  const name = nameOf(bare.replace(digitRun, ' '));
  // C000123: a letter that is no name makes it an account, and its digits nobody's number.
  const isAccount = account !== null && name === null && /[A-Za-z]/.test(account);
  const parts = number === null && !isAccount ? runs.flatMap(partOf) : [];
  const short = 'key' in whole ? whole.key : null;
  if (number === null && parts.length === 0 && name === null && short === null && account === null)
    return unclear(runs.length > 0 ? 'tooShort' : /\p{L}/u.test(text) ? 'tooShort' : 'notUnderstood');
  if (runs.length > 0 && number === null && parts.length === 0 && account === null && short === null)
    return unclear('tooShort');
  return { kind: 'search', search: { number: number ?? short, account, parts, name } };
};

/** Ids are letters, digits and . _ : - ; a word without any of the latter is a name. */
const accountOf = (text: string): string | null => {
  const compact = text.replaceAll(' ', '');
  return /^[A-Za-z0-9._:-]{3,64}$/.test(compact) && /[\d._:-]/.test(compact) ? compact : null;
};

const wholeOf = (runs: readonly string[]): string | null => {
  for (const run of runs) {
    const parsed = parseNumber(run.trim());
    if ('key' in parsed && parsed.kind !== 'short' && parsed.kind !== 'emergency') return parsed.key;
  }
  return null;
};

const partOf = (run: string): readonly NumberPart[] => {
  const [before = '', after = ''] = run.split(/\*+/).map((piece) => piece.replace(/\D/g, ''));
  if (run.includes('*'))
    return before.length + after.length < leastDigits
      ? []
      : [{ head: withoutTrunk(before), tail: after, either: false }];
  if (before.length < leastDigits) return [];
  return [
    { head: withoutTrunk(run.trim().startsWith('+') ? before.replace(/^86/, '') : before), tail: before, either: true },
  ];
};

const withoutTrunk = (digits: string): string => digits.replace(/^(?:0086|0)/, '');

const nameOf = (rest: string): NameTyped | null => {
  const han = rest.match(/[\p{Script=Han}·]+/gu)?.join('') ?? '';
  if (han !== '') {
    const text = han.replaceAll('·', '').replace(honorific, '');
    return text === '' ? null : { script: 'han', text };
  }
  const words = rest
    .toLowerCase()
    .replaceAll('ü', 'v')
    .match(/[a-z]+/g);
  if (words === null || words.join('').length < 2) return null;
  return { script: 'latin', words };
};

/** How many of two details a search gives (security 46). A whole number, an account or a subscriber's number is enough alone. */
const detailsGiven = ({ number, account, parts, name }: Search): number => {
  if (number !== null) return 2;
  if (account !== null && parts.length === 0 && name === null) return 2;
  const digits = parts.map(({ head, tail, either }) => (either ? tail.length : head.length + tail.length));
  if (digits.some((count) => count >= wholeSubscriber)) return 2;
  return digits.length + (name === null ? 0 : 1);
};

type Asking = { readonly role: 'agent' | 'lead' | 'manager' | 'admin'; readonly practice: boolean };

/**
 * One detail is enough in practice mode, and for those who lead if the policy says so. An agent with real customers gives two: no policy
 * loosens that (security 46, 83).
 */
export const detailsAsked = (policy: Pick<Policy, 'searchDetails'>, { role, practice }: Asking): number => {
  if (practice) return policy.searchDetails ?? 1;
  return role === 'agent' ? 2 : (policy.searchDetails ?? 2);
};

/** Undefined: specific enough to be looked for. */
export const whyUnspecific = (
  search: Search,
  policy: Pick<Policy, 'searchDetails'>,
  asking: Asking,
): Unclear | undefined => (detailsGiven(search) < detailsAsked(policy, asking) ? 'oneMore' : undefined);

/** Which of the customer's numbers begins or ends so; undefined: none. */
export const numberWith = (part: NumberPart, { numbers }: Pick<Customer, 'numbers'>): number | undefined => {
  const index = numbers.findIndex(({ key }) => {
    const digits = key.replace(/^\+86/, '').replace(/^\+/, '');
    const begins = part.head !== '' && digits.startsWith(part.head);
    const ends = part.tail !== '' && digits.endsWith(part.tail);
    if (part.either) return begins || ends;
    return (part.head === '' || begins) && (part.tail === '' || ends);
  });
  return index < 0 ? undefined : index;
};

export type SurnameFit = {
  /** Given names to look for by their initials; empty: the surname alone was typed. */
  readonly initials: readonly string[];
  readonly by: 'name' | 'pinyin' | 'surname';
};

/** How what was typed can be this surname and a given name behind it; undefined: it cannot. */
export const fitsSurname = (name: NameTyped, surname: string, pinyin: Pinyin): SurnameFit | undefined => {
  const family = surname.normalize('NFKC').toLowerCase();
  if (name.script === 'han') {
    if (!name.text.startsWith(family)) return undefined;
    const given = name.text.slice(family.length);
    return given === '' ? { initials: [], by: 'surname' } : { initials: initialsOf(given, pinyin), by: 'name' };
  }
  if (!/^\p{Script=Han}/u.test(surname)) return fitsWords(name.words, family);
  const letters = name.words.join('');
  const initials = new Set<string>();
  let isWhole = false;
  for (const { full, short } of surnameTyped(surname, pinyin))
    for (const beginning of new Set([full, short])) {
      if (!letters.startsWith(beginning)) continue;
      const rest = letters.slice(beginning.length);
      if (rest === '' && beginning === full) isWhole = true;
      else if (rest !== '') for (const typed of initialsTyped(rest)) initials.add(typed);
    }
  if (isWhole) return { initials: [], by: 'pinyin' };
  return initials.size === 0 ? undefined : { initials: [...initials], by: 'pinyin' };
};

const fitsWords = (words: readonly string[], family: string): SurnameFit | undefined => {
  const parts = family.split(/\s+/);
  if (!parts.every((part) => words.includes(part))) return undefined;
  const given = words.filter((word) => !parts.includes(word));
  const by = given.length === 0 ? 'surname' : 'name';
  return { initials: given.length === 0 ? [] : [given.map((word) => word.slice(0, 1)).join('')], by };
};

/** Characters of the given name as the mask tells them; a Latin name does not. */
export const givenLength = ({ nameMasked, surname }: Pick<Customer, 'nameMasked' | 'surname'>): number =>
  /^\p{Script=Han}/u.test(surname) ? Math.max(0, nameMasked.length - surname.length) : 0;

/** Whether this customer may be called so, as far as a seat can tell. */
export const fitsName = (
  name: NameTyped,
  customer: Pick<Customer, 'surname' | 'nameMasked' | 'nameMarks'>,
  pinyin: Pinyin,
): SurnameFit['by'] | undefined => {
  const fit = fitsSurname(name, customer.surname, pinyin);
  if (fit === undefined || fit.initials.length === 0) return fit?.by;
  const length = givenLength(customer);
  return fit.initials.some((initials) => fitsGiven(initials, length, customer.nameMarks)) ? fit.by : undefined;
};

/** Fewer initials than characters: a beginning, of which the mark says nothing. */
const fitsGiven = (initials: string, length: number, marks: readonly number[] | undefined): boolean => {
  if (length > 0 && initials.length > length) return false;
  if (length > 0 && initials.length < length) return true;
  return marks === undefined || marks.length === 0 || marks.includes(markOf(initials));
};
