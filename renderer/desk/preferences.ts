import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Language } from '../../shared/text.ts';

export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];
export type Preferences = { readonly language: Language; readonly theme: Theme };
export type PreferencesStore = StoreApi<Preferences>;

const key = 'zuoxi.preferences';

/** Language and theme of this machine, kept over restarts; nothing about customers. */
export const keptPreferences = (
  storage: Pick<Storage, 'getItem' | 'setItem'>,
  systemLanguage: string,
): PreferencesStore => {
  const store = createStore<Preferences>(() => read(storage.getItem(key), systemLanguage));
  store.subscribe((next) => storage.setItem(key, JSON.stringify(next)));
  return store;
};

const read = (kept: string | null, systemLanguage: string): Preferences => {
  const first: Preferences = { language: /^zh/i.test(systemLanguage) ? 'zh-CN' : 'en', theme: 'system' };
  try {
    const { language, theme } = JSON.parse(kept ?? '{}') as Partial<Record<keyof Preferences, unknown>>;
    return {
      language: language === 'zh-CN' || language === 'en' ? language : first.language,
      theme: themes.find((known) => known === theme) ?? first.theme,
    };
  } catch {
    return first;
  }
};
