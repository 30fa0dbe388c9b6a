import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { parseParams, splitOutsideQuotes } from './sip-fields.ts';
import { headerOf, sipHeader, type SipHeader, type SipRequest } from './sip-message.ts';

/**
 * Digest authentication (RFC 3261 §22, RFC 7616, RFC 8760). Nonces carry their time under a keyed hash, so none is stored;
 * the highest nonce-count seen per nonce is, until the nonce is too old to be used again.
 *
 * One WWW-Authenticate per algorithm, strongest first (RFC 8760 §2.4). SIP.js 0.21.2 keeps the last one it reads and knows
 * only MD5, so MD5 must stay last for it; an exchange without it passes `['SHA-256']`.
 */
export type DigestAlgorithm = 'SHA-256' | 'MD5';

export type Verdict =
  | { readonly kind: 'accepted'; readonly user: string }
  /** Answer 401 with these headers. `isStale`: the answer was right, the nonce too old. */
  | { readonly kind: 'challenge'; readonly headers: readonly SipHeader[]; readonly isStale: boolean }
  /** A wrong password or an unknown name; told apart from neither. */
  | { readonly kind: 'wrong' };

export type Digest = {
  /** Looks at Authorization; `passwordOf` gives the clear password or `undefined` for an unknown name. */
  readonly judge: (request: SipRequest, passwordOf: (user: string) => string | undefined) => Verdict;
};

const nonceLifeMs = 300_000;

export const createDigest = (options: {
  readonly realm: string;
  readonly clock: Clock;
  readonly algorithms: readonly DigestAlgorithm[];
}): Digest => {
  const { realm, clock, algorithms } = options;
  const secret = randomBytes(32);
  const counts = new Map<string, { count: number; readonly issuedMs: number }>();

  const seal = (stamp: string): string => createHmac('sha256', secret).update(stamp).digest('hex').slice(0, 32);
  const newNonce = (): string => {
    const stamp = `${clock.nowMs().toString(36)}-${randomBytes(6).toString('hex')}`;
    return `${stamp}-${seal(stamp)}`;
  };
  const issuedMs = (nonce: string): number | undefined => {
    const match = /^(([0-9a-z]+)-[0-9a-f]{12})-([0-9a-f]{32})$/.exec(nonce);
    if (match?.[1] === undefined || match[2] === undefined || match[3] === undefined) return undefined;
    return isEqual(seal(match[1]), match[3]) ? Number.parseInt(match[2], 36) : undefined;
  };
  const challenge = (isStale: boolean): Verdict => {
    const nonce = newNonce();
    const stale = isStale ? ', stale=TRUE' : '';
    const headers = algorithms.map((algorithm) =>
      sipHeader(
        'WWW-Authenticate',
        `Digest algorithm=${algorithm}, realm="${realm}", nonce="${nonce}", qop="auth"${stale}`,
      ),
    );
    return { kind: 'challenge', headers, isStale };
  };
  /** True when this nonce-count was not used before: a replayed answer is worth nothing. */
  const isFresh = (nonce: string, atMs: number, count: number): boolean => {
    for (const [old, entry] of counts) if (clock.nowMs() - entry.issuedMs > nonceLifeMs) counts.delete(old);
    const seen = counts.get(nonce);
    if (seen !== undefined && count <= seen.count) return false;
    counts.set(nonce, { count, issuedMs: atMs });
    return true;
  };

  return {
    judge: (request, passwordOf) => {
      const given = parseAuthorization(headerOf(request, 'authorization'));
      if (given === undefined || given.realm !== realm || !algorithms.includes(given.algorithm))
        return challenge(false);
      const atMs = issuedMs(given.nonce);
      if (atMs === undefined) return challenge(false);
      const password = passwordOf(given.user);
      // The answer is computed for unknown names as well, so that time does not tell which names exist.
      const expected = answerOf(given, realm, request.method, password ?? 'no such user');
      if (!isEqual(expected, given.response) || password === undefined) return { kind: 'wrong' };
      if (clock.nowMs() - atMs > nonceLifeMs) return challenge(true);
      return isFresh(given.nonce, atMs, given.count) ? { kind: 'accepted', user: given.user } : challenge(true);
    },
  };
};

type Authorization = {
  readonly algorithm: DigestAlgorithm;
  readonly user: string;
  readonly realm: string;
  readonly nonce: string;
  readonly uri: string;
  readonly response: string;
  readonly cnonce: string;
  readonly nc: string;
  readonly count: number;
};

const parseAuthorization = (value: string | undefined): Authorization | undefined => {
  const match = /^Digest\s+(.*)$/is.exec(value ?? '');
  if (match?.[1] === undefined) return undefined;
  const fields = parseParams(splitOutsideQuotes(match[1], ',').join(';'));
  const field = (name: string): string => fields.get(name) ?? '';
  const algorithm = (field('algorithm') || 'MD5').toUpperCase();
  if (algorithm !== 'MD5' && algorithm !== 'SHA-256') return undefined;
  if (field('qop').toLowerCase() !== 'auth' || !/^[0-9a-f]{8}$/i.test(field('nc'))) return undefined;
  return {
    algorithm,
    user: field('username'),
    realm: field('realm'),
    nonce: field('nonce'),
    uri: field('uri'),
    response: field('response').toLowerCase(),
    cnonce: field('cnonce'),
    nc: field('nc'),
    count: Number.parseInt(field('nc'), 16),
  };
};

/** RFC 7616 §3.4.1 with qop=auth. */
const answerOf = (given: Authorization, realm: string, method: string, password: string): string => {
  const hash = (text: string): string =>
    createHash(given.algorithm === 'MD5' ? 'md5' : 'sha256')
      .update(text)
      .digest('hex');
  const ha1 = hash(`${given.user}:${realm}:${password}`);
  const ha2 = hash(`${method}:${given.uri}`);
  return hash(`${ha1}:${given.nonce}:${given.nc}:${given.cnonce}:auth:${ha2}`);
};

const isEqual = (a: string, b: string): boolean =>
  a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
