import { isAppUrl } from './app-scheme.ts';

/**
 * Security 23: whatever a page or Chromium itself asks of the network, only our bundle and the origins the seat was given answer.
 * The content policy says the same to the pages; this also stops what no page asked for (dictionaries, favicons, prefetch).
 */
export const mayRequest = (address: string, origins: readonly string[]): boolean => {
  if (isAppUrl(address)) return true;
  if (!URL.canParse(address)) return false;
  const url = new URL(address);
  if (url.protocol === 'blob:') return isAppUrl(url.pathname);
  if (url.protocol === 'data:') return true;
  return origins.includes(url.origin);
};

export type RequestSession = {
  readonly webRequest: {
    onBeforeRequest(
      listener: (details: { readonly url: string }, callback: (answer: { cancel: boolean }) => void) => void,
    ): void;
  };
};

export const guardRequests = (
  session: RequestSession,
  parts: { readonly origins: readonly string[]; readonly devTools: boolean; readonly onDenied: () => void },
): void =>
  session.webRequest.onBeforeRequest(({ url }, callback) => {
    const allowed = mayRequest(url, parts.origins) || (parts.devTools && url.startsWith('devtools:'));
    if (!allowed) parts.onDenied();
    callback({ cancel: !allowed });
  });
