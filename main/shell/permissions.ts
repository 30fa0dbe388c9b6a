import type { Page } from './app-scheme.ts';
import { isAppUrl } from './app-scheme.ts';

/**
 * Security 10: everything is denied but five things, each to one page. The phone page may open the microphone, reach the PBX in the
 * local network and talk to headsets; the desk may show notifications and put text into the clipboard (reading it is denied).
 * Chromium asks 'media' for microphone and camera alike, so the kind of media decides. Since 142 it also asks before a page reaches
 * a private or loopback address, where PBXs are; which ones the phone may reach is pinned by the content policy and by requests.ts.
 */
export type Ask = {
  readonly permission: string;
  /** Which of our windows asks; undefined for anything else, a null webContents included. */
  readonly page: Page | undefined;
  readonly isMainFrame: boolean;
  /** Address or origin of who asks. */
  readonly from: string;
  /** For 'media': all that is asked for. */
  readonly media: readonly string[];
};

export const isPermitted = (ask: Ask): boolean => {
  if (!ask.isMainFrame || !isAppUrl(ask.from)) return false;
  switch (ask.permission) {
    case 'media':
      return ask.page === 'phone' && ask.media.length > 0 && ask.media.every((kind) => kind === 'audio');
    case 'local-network':
    case 'local-network-access':
    case 'loopback-network':
    case 'hid':
      return ask.page === 'phone';
    case 'notifications':
    case 'clipboard-sanitized-write':
      return ask.page === 'desk';
    default:
      return false;
  }
};

type RequestDetails = { isMainFrame: boolean; requestingUrl: string; mediaTypes?: readonly string[] };
type CheckDetails = { isMainFrame: boolean; mediaType?: string; securityOrigin?: string; requestingUrl?: string };

/** The part of Electron's Session used here. `Contents` is whatever the host calls a page. */
export type PermissionSession<Contents> = {
  setPermissionRequestHandler(
    handler: (
      contents: Contents,
      permission: string,
      callback: (granted: boolean) => void,
      details: RequestDetails | object,
    ) => void,
  ): void;
  setPermissionCheckHandler(
    handler: (contents: Contents | null, permission: string, origin: string, details: CheckDetails) => boolean,
  ): void;
  setDevicePermissionHandler(handler: (details: object) => boolean): void;
  setDisplayMediaRequestHandler(handler: (request: object, callback: (streams: null) => void) => void): void;
};

export type PermissionParts<Contents> = {
  readonly pageOf: (contents: Contents) => Page | undefined;
  /** The system's own say on the microphone (macOS asks the user once); true where the system does not ask. */
  readonly systemMicrophone: () => Promise<boolean>;
  readonly onDenied: (permission: string) => void;
};

export const guardPermissions = <Contents>(
  session: PermissionSession<Contents>,
  parts: PermissionParts<Contents>,
): void => {
  session.setPermissionRequestHandler((contents, permission, callback, details) => {
    const asked = details as Partial<RequestDetails>;
    const permitted = isPermitted({
      permission,
      page: parts.pageOf(contents),
      isMainFrame: asked.isMainFrame === true,
      from: asked.requestingUrl ?? '',
      media: asked.mediaTypes ?? [],
    });
    const answer = (granted: boolean): void => {
      if (!granted) parts.onDenied(permission);
      callback(granted);
    };
    if (!permitted || permission !== 'media') return answer(permitted);
    // The system's refusal must reach the page as a refusal, or it would hear silence and call that a working microphone.
    parts.systemMicrophone().then(answer, () => answer(false));
  });
  session.setPermissionCheckHandler((contents, permission, origin, details) =>
    isPermitted({
      permission,
      page: contents === null ? undefined : parts.pageOf(contents),
      isMainFrame: details.isMainFrame,
      from: details.securityOrigin ?? origin,
      media: details.mediaType === undefined ? [] : [details.mediaType],
    }),
  );
  // Which page asks is not told here: the permissions policy keeps HID from every page but the phone.
  session.setDevicePermissionHandler((asked) => isHeadset(asked));
  session.setDisplayMediaRequestHandler((_request, callback) => callback(null));
};

const telephonyPage = 0x0b;

/** A HID device of the telephony usage page, asked for by a page of ours: known to it without a dialog. Nothing else ever is. */
const isHeadset = (asked: object): boolean => {
  const { deviceType, origin, device } = asked as {
    readonly deviceType?: unknown;
    readonly origin?: unknown;
    readonly device?: { readonly collections?: unknown };
  };
  if (deviceType !== 'hid' || typeof origin !== 'string' || !isAppUrl(origin)) return false;
  const collections: unknown = device?.collections;
  return (
    Array.isArray(collections) &&
    collections.some((one: unknown) => (one as { readonly usagePage?: unknown } | null)?.usagePage === telephonyPage)
  );
};
