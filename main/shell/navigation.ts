import type { Page } from './app-scheme.ts';
import { pageOf } from './app-scheme.ts';

/** Security 7 and 8: a window shows its own page for ever. What it may do is load that page again. */
export const mayNavigate = (page: Page, to: string, isMainFrame: boolean): boolean =>
  isMainFrame && pageOf(to) === page;

type Navigation = { readonly url: string; readonly isMainFrame?: boolean; preventDefault(): void };

/** The part of Electron's WebContents used here. */
export type NavigatingContents = {
  on(event: 'will-navigate', listener: (details: Navigation) => void): unknown;
  on(event: 'will-frame-navigate', listener: (details: Navigation) => void): unknown;
  on(event: 'will-redirect', listener: (details: Navigation) => void): unknown;
  on(event: 'will-attach-webview', listener: (event: { preventDefault(): void }) => void): unknown;
  setWindowOpenHandler(handler: (details: { readonly url: string }) => { action: 'deny' }): void;
};

export const guardNavigation = (
  contents: NavigatingContents,
  /** Asked at each event: contents exist before the window they belong to is known. */
  pageNow: () => Page | undefined,
  parts: { readonly openLink: (url: string) => void; readonly onDenied: (how: string) => void },
): void => {
  const guard = (how: string) => (details: Navigation) => {
    const page = pageNow();
    if (page !== undefined && mayNavigate(page, details.url, details.isMainFrame !== false)) return;
    details.preventDefault();
    parts.onDenied(how);
  };
  contents.on('will-navigate', guard('navigate'));
  contents.on('will-frame-navigate', guard('frame'));
  contents.on('will-redirect', guard('redirect'));
  contents.on('will-attach-webview', (event) => {
    event.preventDefault();
    parts.onDenied('webview');
  });
  contents.setWindowOpenHandler(({ url }) => {
    parts.onDenied('window');
    parts.openLink(url);
    return { action: 'deny' };
  });
};
