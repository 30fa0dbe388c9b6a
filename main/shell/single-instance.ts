import type { DeepLink } from './deep-link.ts';
import { linkInArgs, parseDeepLink } from './deep-link.ts';

type InstanceApp = {
  requestSingleInstanceLock(): boolean;
  on(event: 'second-instance', listener: (event: unknown, argv: string[]) => void): unknown;
  on(event: 'open-url', listener: (event: { preventDefault(): void }, url: string) => void): unknown;
};

/**
 * Security 20: one instance per profile. False: another one runs and was shown; this one must end before it opens the store.
 * `onShow` is also how links arrive: by a second start on Windows and Linux, by an event on macOS.
 */
export const claimInstance = (app: InstanceApp, onShow: (link: DeepLink) => void): boolean => {
  if (!app.requestSingleInstanceLock()) return false;
  app.on('second-instance', (_event, argv) => onShow(linkInArgs(argv.slice(1)) ?? { kind: 'show' }));
  app.on('open-url', (event, url) => {
    event.preventDefault();
    const link = parseDeepLink(url);
    if (link !== undefined) onShow(link);
  });
  return true;
};
