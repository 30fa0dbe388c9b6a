import { createInstance, type i18n as I18n, type TFunction } from 'i18next';
import Icu from 'i18next-icu';
import { initReactI18next } from 'react-i18next';
import type { Refusal } from '../../shared/result.ts';
import { dateTime } from './format.ts';
import type { Language } from '../../shared/text.ts';
import en from './locales/en.json' with { type: 'json' };
import zh from './locales/zh-CN.json' with { type: 'json' };

declare module 'i18next' {
  interface CustomTypeOptions {
    resources: { translation: typeof zh };
    keySeparator: false;
    nsSeparator: false;
    parseInterpolation: false;
  }
}

export type Key = keyof typeof zh;
export type Params = Readonly<Record<string, string | number>>;

/** Words of the desk in one language; `i18next` with ICU messages, both languages in the bundle. */
export type Words = {
  readonly language: Language;
  /** The sentence of a known key. */
  readonly t: (key: Key, params?: Params) => string;
  /** The sentence of a key that comes from data (`reason.<x>`); `otherwise` when the locales do not know it. */
  readonly named: (prefix: string, name: string, otherwise: string, params?: Params) => string;
  /** What to tell the agent about a refusal: its reason when it has one we know, else its kind. */
  readonly refusal: (refusal: Refusal) => string;
};

export const makeI18n = (language: Language): I18n => {
  const i18n = createInstance();
  // Bundled resources: init settles in the same turn, so there is no moment without words.
  void i18n
    .use(new Icu())
    .use(initReactI18next)
    .init({
      lng: language,
      fallbackLng: 'zh-CN',
      supportedLngs: ['zh-CN', 'en'],
      resources: { 'zh-CN': { translation: zh }, en: { translation: en } },
      keySeparator: false,
      nsSeparator: false,
      initAsync: false,
      interpolation: { escapeValue: false },
      react: { useSuspense: false },
    });
  return i18n;
};

/** `untilMs`, `retryAtMs` … become the `time` of the sentence. */
const withTime = (params: Params, language: Language): Params => {
  const at = Object.entries(params).find(([name]) => name.endsWith('Ms'))?.[1];
  return typeof at === 'number' ? { ...params, time: dateTime(at, at, language) } : params;
};

const known = (name: string): name is Key => Object.hasOwn(zh, name);

/** Words from a `t` of a fixed language, for texts spoken to the customer in another language than the desk's. */
export const wordsOf = (t: TFunction, language: Language): Words => {
  const say = (key: Key, params: Params = {}): string => t(key, { ...params, lng: language });
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
