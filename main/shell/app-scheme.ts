import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * The pages are served as `app://seat/...` from the built bundle (security 4–6). The list of files is read once at the start
 * and an address is looked up in it, so nothing outside the bundle can be named: no path is ever joined from an address.
 */
export const SCHEME = 'app';
export const HOST = 'seat';
export const ORIGIN = `${SCHEME}://${HOST}`;

export type Page = 'desk' | 'phone';
export const pages = ['desk', 'phone'] as const satisfies readonly Page[];
export const pageUrl = (page: Page): string => `${ORIGIN}/${page}/index.html`;

/** Security 5. `bypassCSP` is absent and stays so; `codeCache` lets V8 keep compiled code of the bundle. */
export const privileges = Object.freeze({
  standard: true,
  secure: true,
  supportFetchAPI: true,
  corsEnabled: true,
  codeCache: true,
});

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  json: 'application/json; charset=utf-8',
  svg: 'image/svg+xml',
  png: 'image/png',
  webp: 'image/webp',
  ico: 'image/x-icon',
  woff2: 'font/woff2',
  wav: 'audio/wav',
  ogg: 'audio/ogg',
};

/** Address path (`/desk/index.html`) → file. Frozen at the start. */
export type Bundle = ReadonlyMap<string, string>;

/** Every servable file below a folder. Files of other kinds, source maps among them, are not served. */
export const listBundle = (folder: string): Bundle => {
  const files = new Map<string, string>();
  const walk = (below: string, address: string): void => {
    for (const entry of readdirSync(below, { withFileTypes: true })) {
      const path = join(below, entry.name);
      if (entry.isDirectory()) walk(path, `${address}/${entry.name}`);
      else if (entry.isFile() && typeOf(entry.name) !== undefined) files.set(`${address}/${entry.name}`, path);
    }
  };
  walk(folder, '');
  return files;
};

/** The file behind an address of ours, or undefined. Compared byte by byte: no decoding, no case folding. */
export const resolveBundlePath = (bundle: Bundle, address: string): string | undefined => {
  const url = parsed(address);
  return url !== undefined && isOurs(url) ? bundle.get(url.pathname) : undefined;
};

/** Node's URL gives custom schemes the origin "null": compare scheme and host, and refuse a port or a user. */
export const isAppUrl = (address: string): boolean => {
  const url = parsed(address);
  return url !== undefined && isOurs(url);
};

/** Which of our pages an address is, query and fragment aside. */
export const pageOf = (address: string): Page | undefined => {
  const url = parsed(address);
  if (url === undefined || !isOurs(url)) return undefined;
  return pages.find((page) => url.pathname === `/${page}/index.html`);
};

const isOurs = (url: URL): boolean =>
  url.protocol === `${SCHEME}:` && url.host === HOST && url.username === '' && url.password === '';

const parsed = (address: string): URL | undefined => (URL.canParse(address) ? new URL(address) : undefined);

const typeOf = (name: string): string | undefined => TYPES[/\.([a-z0-9]+)$/.exec(name)?.[1] ?? ''];

/** Security 6. `connect` lists exact origins: central's and the PBX's WebSockets. */
export const contentPolicy = (connect: readonly string[]): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    ["connect-src 'self'", ...connect].join(' '),
    "img-src 'self' data:",
    "font-src 'self'",
    "media-src 'self' blob:",
    "base-uri 'none'",
    "object-src 'none'",
    "form-action 'none'",
    "frame-src 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');

const isPhone = (name: string): boolean => name.replaceAll('\\', '/').endsWith('phone/index.html');

const headersFor = (name: string, policy: string): Record<string, string> => ({
  'content-type': typeOf(name) ?? 'application/octet-stream',
  'content-security-policy': policy,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': [
    // The phone page alone uses the microphone, chooses where sound goes and talks to headsets.
    ...['microphone', 'hid', 'speaker-selection'].map((feature) => `${feature}=${isPhone(name) ? '(self)' : '()'}`),
    ...['camera', 'display-capture', 'geolocation', 'usb', 'serial', 'midi'].map((feature) => `${feature}=()`),
  ].join(', '),
  'cache-control': 'no-cache',
});

/** The handler for `protocol.handle`. Anything but reading a file of the bundle is 404 or 405. */
export const serveBundle =
  (bundle: Bundle, connect: readonly string[]) =>
  async (request: { readonly url: string; readonly method: string }): Promise<Response> => {
    const policy = contentPolicy(connect);
    const refuse = (status: number): Response => new Response(null, { status, headers: headersFor('', policy) });
    if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(405);
    const file = resolveBundlePath(bundle, request.url);
    if (file === undefined) return refuse(404);
    const body = request.method === 'HEAD' ? null : new Uint8Array(await readFile(file));
    return new Response(body, { status: 200, headers: headersFor(file, policy) });
  };
