/**
 * `zuoxi://` links (security 19). Whoever can show a link can send one, so a link only ever brings the window to the front, and at
 * most offers a number for dialling; the agent's click does the rest.
 *
 *   zuoxi://show          zuoxi://dial/13800001234
 */
export type DeepLink = { readonly kind: 'show' } | { readonly kind: 'offerNumber'; readonly digits: string };

export const parseDeepLink = (candidate: unknown): DeepLink | undefined => {
  if (typeof candidate !== 'string' || candidate.length > 64) return undefined;
  // The plain spelling or nothing; the slash at the end is what browsers and Windows add.
  const match = /^zuoxi:\/\/(?:(show)|dial\/(\+?[0-9]{3,20}))\/?$/.exec(candidate);
  if (match === null) return undefined;
  return match[2] === undefined ? { kind: 'show' } : { kind: 'offerNumber', digits: match[2] };
};

/** A command line may carry one link; with several, or with none of ours, all of it means nothing. */
export const linkInArgs = (args: readonly string[]): DeepLink | undefined => {
  const links = args.filter((arg) => /^zuoxi:/i.test(arg));
  return links.length === 1 ? parseDeepLink(links[0]) : undefined;
};
