import { z } from 'zod';
import type { Log } from '../engine/log.ts';
import { faultFields } from '../engine/log.ts';
import { Language } from '../../shared/text.ts';
import type { Bundle, Page } from './app-scheme.ts';
import { SCHEME, serveBundle } from './app-scheme.ts';
import { channels, listen } from './channels.ts';
import type { ElectronParts } from './electron-parts.ts';
import { linkOpener } from './external-links.ts';
import { guardNavigation } from './navigation.ts';
import { guardPermissions } from './permissions.ts';
import { guardRequests } from './requests.ts';

export type GuardParts = {
  readonly bundle: Bundle;
  /** Exact origins besides our own. */
  readonly origins: readonly string[];
  readonly pageOf: (contents: unknown) => Page | undefined;
  readonly log: Log;
  readonly onAskPorts: (page: Page) => void;
  readonly onLanguage: (language: Language) => void;
};

/** Puts every guard in place before the first window exists. What is denied is logged by kind, without addresses. */
export const setGuards = <P, Image, Menu, Contents>(
  electron: ElectronParts<P, Image, Menu, Contents>,
  { bundle, origins, pageOf, log, onAskPorts, onLanguage }: GuardParts,
): void => {
  const session = electron.session();
  const devTools = !electron.app.isPackaged;
  session.protocol.handle(SCHEME, serveBundle(bundle, origins));
  guardRequests(session, { origins, devTools, onDenied: () => log.warn('request denied') });
  guardPermissions<Contents>(session, {
    pageOf,
    systemMicrophone: electron.microphone,
    onDenied: (permission) => log.warn('permission denied', { permission }),
  });
  const openLink = linkOpener(electron.openExternal, (fault) => log.warn('link not opened', faultFields(fault)));
  // Every contents there will ever be, ours or not; one that is not ours may go nowhere.
  electron.app.on('web-contents-created', (_event, contents) =>
    guardNavigation(contents, () => pageOf(contents), {
      openLink,
      onDenied: (how) => log.warn('navigation denied', { how }),
    }),
  );
  const common = {
    pageOfContents: pageOf,
    onDenied: (channel: string) => log.warn('message denied', { channel }),
  };
  listen(electron.ipc, channels.askPorts, z.undefined(), { ...common, onMessage: onAskPorts });
  listen(electron.ipc, channels.language, Language, {
    ...common,
    onMessage: (page, language) => {
      if (page === 'desk') onLanguage(language);
    },
  });
};
