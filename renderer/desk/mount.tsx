import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { I18nextProvider } from 'react-i18next';
import { App } from './app.tsx';
import { DeskProvider } from './context.tsx';
import { type Desk, listenToKeys } from './desk.ts';
import { makeI18n } from './i18n.ts';
import type { Preferences } from './preferences.ts';

/** Puts the screens of a desk into a page. The result takes them out again. */
export const mountDesk = (desk: Desk, element: HTMLElement): (() => void) => {
  const i18n = makeI18n(desk.preferences.getState().language);
  const follow = ({ language, theme }: Preferences): void => {
    if (i18n.language !== language) void i18n.changeLanguage(language);
    if (theme === 'system') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = theme;
  };
  follow(desk.preferences.getState());
  const unfollow = desk.preferences.subscribe(follow);
  const deaf = listenToKeys(desk, window);
  const root = createRoot(element);
  root.render(
    <StrictMode>
      <I18nextProvider i18n={i18n}>
        <DeskProvider value={desk}>
          <App />
        </DeskProvider>
      </I18nextProvider>
    </StrictMode>,
  );
  return () => {
    root.unmount();
    deaf();
    unfollow();
  };
};
