import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { DeskProvider, WordsProvider } from './context.tsx';
import { type Desk, listenToKeys } from './desk.ts';
import type { Preferences } from './preferences.ts';
import { rehearseWhenIdle } from './rehearsal/when-idle.ts';

/** Puts the screens of a desk into a page. The result takes them out again. */
export const mountDesk = (desk: Desk, element: HTMLElement): (() => void) => {
  const follow = ({ theme }: Preferences): void => {
    if (theme === 'system') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = theme;
  };
  follow(desk.preferences.getState());
  const unfollow = desk.preferences.subscribe(follow);
  const deaf = listenToKeys(desk, window);
  const root = createRoot(element);
  root.render(
    <StrictMode>
      <DeskProvider value={desk}>
        <WordsProvider>
          <App />
        </WordsProvider>
      </DeskProvider>
    </StrictMode>,
  );
  const callOff = rehearseWhenIdle(desk, window);
  return () => {
    callOff();
    root.unmount();
    deaf();
    unfollow();
  };
};
