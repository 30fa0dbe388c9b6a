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

export const linkOpener =
  (open: (url: string) => Promise<void>, onFault: (fault: unknown) => void) =>
  (candidate: string): void => {
    const url = externalUrl(candidate);
    if (url !== undefined) open(url).catch(onFault);
  };
