/**
 * What every answer carries (security 6): the pages run their own script and nothing else, talk to this host and the PBX only,
 * and can be framed by this host only.
 * @param host as the browser asked for it, name and port; checked before
 * @param pbxOrigin `ws://…` or `wss://…` of the PBX, if the phone page connects to one
 * @param page the phone page alone may use the microphone, choose where sound goes and talk to headsets
 */
export const securityHeaders = (
  host: string,
  pbxOrigin: string | undefined,
  page: 'phone' | 'other',
): Record<string, string> => ({
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "media-src 'self' blob:",
    `connect-src 'self' ws://${host}${pbxOrigin === undefined ? '' : ` ${pbxOrigin}`}`,
    "frame-src 'self'",
    "frame-ancestors 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "object-src 'none'",
    "require-trusted-types-for 'script'",
  ].join('; '),
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': [
    ...['microphone', 'hid', 'speaker-selection'].map((name) => `${name}=${page === 'phone' ? '(self)' : '()'}`),
    ...['camera', 'geolocation', 'display-capture', 'usb', 'serial', 'payment', 'midi'].map((name) => `${name}=()`),
  ].join(', '),
});

/** An origin of a WebSocket and nothing more: it becomes part of a header. */
export const socketOrigin = (address: string): string | undefined => {
  const url = URL.parse(address);
  if (url === null || (url.protocol !== 'ws:' && url.protocol !== 'wss:')) return undefined;
  return `${url.protocol}//${url.host}`;
};
