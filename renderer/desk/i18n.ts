import { type Formatters, IntlMessageFormat } from 'intl-messageformat';
import type { Refusal } from '../../shared/result.ts';
import { dateTime } from './format.ts';
import type { Language } from '../../shared/text.ts';
import en from './locales/en.json' with { type: 'json' };
import zh from './locales/zh-CN.json' with { type: 'json' };

export type Key = keyof typeof zh;
export type Params = Readonly<Record<string, string | number>>;

/** Words of the desk in one language; ICU messages, both languages in the bundle. */
export type Words = {
  readonly language: Language;
  /** The sentence of a known key. */
  readonly t: (key: Key, params?: Params) => string;
  /** The sentence of a key that comes from data (`reason.<x>`); `otherwise` when the locales do not know it. */
  readonly named: (prefix: string, name: string, otherwise: string, params?: Params) => string;
  /** What to tell the agent about a refusal: its reason when it has one we know, else its kind. */
  readonly refusal: (refusal: Refusal) => string;
};

/** `untilMs`, `retryAtMs` … become the `time` of the sentence. */
const withTime = (params: Params, language: Language): Params => {
  const at = Object.entries(params).find(([name]) => name.endsWith('Ms'))?.[1];
  return typeof at === 'number' ? { ...params, time: dateTime(at, at, language) } : params;
};

const known = (name: string): name is Key => Object.hasOwn(zh, name);

type Say = (params: Params) => string;

/** Intl objects cost more to make than a sentence to say: a language has one for all its sentences. */
const formattersOf = (language: Language): Formatters => {
  const plurals = new Map<string | undefined, Intl.PluralRules>();
  const number = new Intl.NumberFormat(language);
  return {
    getNumberFormat: (_language, options) =>
      options === undefined ? number : new Intl.NumberFormat(language, options),
    getDateTimeFormat: (_language, options) => new Intl.DateTimeFormat(language, options),
    getPluralRules: (_language, options) => {
      const rules = plurals.get(options?.type) ?? new Intl.PluralRules(language, options);
      plurals.set(options?.type, rules);
      return rules;
    },
  };
};

/** A message as a function; taken apart when it is said for the first time. Markup in it is text (security: nothing is HTML). */
const sayerOf = (message: string, language: Language, formatters: Formatters): Say => {
  // Nothing to fill in and nothing quoted: the message is what is said.
  if (!/[{<]|''/u.test(message)) return () => message;
  try {
    const format = new IntlMessageFormat(message, language, undefined, { ignoreTag: true, formatters });
    return (params) => {
      try {
        return String(format.format(params));
      } catch {
        // A param is missing: a sentence with a name in braces says more than none.
        return message;
      }
    };
  } catch {
    return () => message;
  }
};

const make = (language: Language, texts: Readonly<Partial<Record<Key, string>>>): Words => {
  const formatters = formattersOf(language);
  const sayers = new Map<Key, Say>();
  const nothing: Params = {};
  const say = (key: Key, params = nothing): string => {
    let sayer = sayers.get(key);
    if (sayer === undefined) {
      sayer = sayerOf(texts[key] ?? zh[key], language, formatters);
      sayers.set(key, sayer);
    }
    return sayer(params);
  };
  const named: Words['named'] = (prefix, name, otherwise, params) => {
    const key = `${prefix}.${name}`;
    return known(key) ? say(key, params) : otherwise;
  };
  return {
    language,
    t: say,
    named,
    refusal: ({ kind, reason, params }) => {
      const plain = say(`refusal.${kind}`);
      return reason === undefined ? plain : named('reason', reason, plain, withTime(params ?? {}, language));
    },
  };
};

const spoken: Readonly<Record<Language, Words>> = { 'zh-CN': make('zh-CN', zh), en: make('en', en) };

/** The same object each time: what depends on the words alone is not worked out again. */
export const wordsIn = (language: Language): Words => spoken[language];
