/**
 * Security 9: the system browser is opened for these hosts only, compiled in: the reporting centre for unwanted
 * calls (12321), which agents name to customers. Neither query nor fragment passes, so no data can leave in a link.
 */
export const externalHosts = Object.freeze(['www.12321.cn']);

/** The address to hand to the system, rebuilt from its parts; undefined when it is not exactly one of ours. */
export const externalUrl = (candidate: unknown): string | undefined => {
  if (typeof candidate !== 'string' || candidate.length > 200) return undefined;
  // Only the plain spelling passes: what URL parsers repair (tabs, backslashes, capitals, dots, %-forms) is refused, not repaired.
  const match = /^https:\/\/([a-z0-9.-]+)(\/(?:[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*\/?)*)?$/.exec(candidate);
  const host = match?.[1];
  if (host === undefined || !externalHosts.includes(host)) return undefined;
  const path = match?.[2] ?? '/';
  return path.includes('//') ? undefined : `https://${host}${path}`;
};

/**
 * The page of the company's identity provider: central's word, with a query of its own, and so opened at one origin only, which an
 * administrator wrote down on this machine. Undefined when it is elsewhere.
 */
export const signInUrl = (candidate: unknown, origin: string): string | undefined => {
  if (typeof candidate !== 'string' || candidate.length > 4_000) return undefined;
  // Spelt as it is read: what URL parsers repair is refused.
  const url = URL.parse(candidate);
  return url?.origin === origin && url.href === candidate && url.username === '' && url.password === ''
    ? candidate
    : undefined;
};

export const linkOpener =
  (open: (url: string) => Promise<void>, onFault: (fault: unknown) => void) =>
  (candidate: string): void => {
    const url = externalUrl(candidate);
    if (url !== undefined) open(url).catch(onFault);
  };
