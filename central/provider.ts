import { createHash } from 'node:crypto';
import { createRemoteJWKSet, errors, jwtVerify } from 'jose';
import type { JWTPayload, JWTVerifyGetKey } from 'jose';
import { z } from 'zod';
import type { Refusal, Result } from '../shared/result.ts';
import { ok, refusal, refused } from '../shared/result.ts';
import type { Clock, Log } from './ambient.ts';
import { faultFields } from './ambient.ts';
import type { Claims } from './claims-map.ts';

/** Which provider of OpenID Connect central trusts, and as which client it is known there. */
export type ProviderSettings = {
  /** https, or http on this machine only. */
  readonly issuer: string;
  readonly clientId: string;
  /** Without it central is a public client: PKCE alone proves that the code is ours. */
  readonly clientSecret?: string;
  readonly scopes: readonly string[];
  /** `login`: the password is asked for each time, also of an agent whose colleague sat here before; undefined: as the provider likes. */
  readonly prompt: string | undefined;
};

export type Redeemed = {
  readonly claims: Claims & { readonly sub: string };
  readonly refreshToken: string | undefined;
};

/** The door to the company's provider. Every outcome is a value; `offline.providerUnavailable`: not decided, may be asked again. */
export type Provider = {
  readonly authorizationUrl: (asked: {
    readonly state: string;
    readonly nonce: string;
    readonly challenge: string;
    readonly redirectUri: string;
  }) => Promise<Result<string>>;
  readonly redeem: (asked: {
    readonly code: string;
    readonly verifier: string;
    readonly redirectUri: string;
    readonly nonce: string;
  }) => Promise<Result<Redeemed>>;
  /** Whether the account is still good. Claims are undefined where the provider sends none with a refresh. */
  readonly refresh: (
    refreshToken: string,
    sub: string,
  ) => Promise<Result<{ readonly claims: Claims | undefined; readonly refreshToken: string }>>;
};

/** Signatures only, by keys of the provider: neither `none` nor a shared secret. */
const algorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];
const answerMs = 5_000;
const largestAnswer = 256 * 1024;
/** Addresses and keys of a provider change rarely; unknown keys are asked for at once, but once a second at most. */
const discoveryMs = 10 * 60_000;
const jwksCooldownMs = 1_000;
/** Clocks of central and provider may differ by that much, in seconds. */
const clockTolerance = 60;

const loopback = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** What is wrong with the settings, in a sentence for whoever starts central. */
export const providerFault = ({
  issuer,
  clientId,
}: Pick<ProviderSettings, 'issuer' | 'clientId'>): string | undefined => {
  const url = URL.parse(issuer);
  if (url === null || !isTrusted(url) || url.search !== '' || url.hash !== '')
    return '--oidc-issuer is the provider’s address, as https://id.example (http:// only on this machine).';
  return clientId === '' ? '--oidc-client-id is missing: the name central has at the provider.' : undefined;
};

const isTrusted = ({ protocol, hostname, username }: URL): boolean =>
  username === '' && (protocol === 'https:' || (protocol === 'http:' && loopback.test(hostname)));

const address = z.string().refine((text) => {
  const url = URL.parse(text);
  return url !== null && isTrusted(url);
});
const Discovery = z.object({
  issuer: z.string(),
  authorization_endpoint: address,
  token_endpoint: address,
  jwks_uri: address,
});
const Tokens = z.object({ id_token: z.string().max(60_000), refresh_token: z.string().max(8_000).optional() });
const Refreshed = z.object({
  id_token: z.string().max(60_000).optional(),
  refresh_token: z.string().max(8_000).optional(),
});
const TokenError = z.object({ error: z.string().max(100) });

type Found = z.infer<typeof Discovery> & { readonly keys: JWTVerifyGetKey; readonly foundAtMs: number };

const unavailable: Refusal = refusal('offline', 'providerUnavailable');
const notBelieved: Refusal = refusal('forbidden', 'providerNotBelieved');

export const openProvider = (settings: ProviderSettings, clock: Clock, log: Log): Provider => {
  const discover = discoverer(settings, clock, log);
  const token = tokens(settings, discover, log);
  const verified = verifier(settings, clock, log);
  return {
    authorizationUrl: async ({ state, nonce, challenge, redirectUri }) => {
      const at = await discover();
      if (!at.ok) return at;
      const url = new URL(at.value.authorization_endpoint);
      for (const [name, value] of Object.entries({
        ...{ response_type: 'code', client_id: settings.clientId, redirect_uri: redirectUri },
        ...{ scope: settings.scopes.join(' '), state, nonce },
        ...{ code_challenge: challenge, code_challenge_method: 'S256' },
        ...(settings.prompt === undefined ? {} : { prompt: settings.prompt }),
      }))
        url.searchParams.set(name, value);
      return ok(url.href);
    },
    redeem: async ({ code, verifier, redirectUri, nonce }) => {
      const form = { grant_type: 'authorization_code', code, redirect_uri: redirectUri, code_verifier: verifier };
      const answer = await token(form);
      if (!answer.ok) return answer;
      const given = Tokens.safeParse(answer.value.body);
      if (!given.success) return refused(notBelieved);
      const claims = await verified(given.data.id_token, answer.value.keys, nonce);
      return claims.ok ? ok({ claims: claims.value, refreshToken: given.data.refresh_token }) : claims;
    },
    refresh: async (refreshToken, sub) => {
      const answer = await token({ grant_type: 'refresh_token', refresh_token: refreshToken });
      if (!answer.ok) return answer;
      const given = Refreshed.safeParse(answer.value.body);
      if (!given.success) return refused(notBelieved);
      const next = given.data.refresh_token ?? refreshToken;
      if (given.data.id_token === undefined) return ok({ claims: undefined, refreshToken: next });
      const claims = await verified(given.data.id_token, answer.value.keys);
      if (!claims.ok) return claims;
      return claims.value.sub === sub ? ok({ claims: claims.value, refreshToken: next }) : refused(notBelieved);
    },
  };
};

type Ask = (url: string, init: RequestInit) => Promise<{ readonly status: number; readonly body: unknown } | undefined>;

const asker =
  (log: Log): Ask =>
  async (url, init) => {
    try {
      const response = await fetch(url, { ...init, redirect: 'error', signal: AbortSignal.timeout(answerMs) });
      return { status: response.status, body: await jsonOf(response) };
    } catch (fault) {
      log.warn(faultFields(fault), 'the provider does not answer');
      return undefined;
    }
  };

type Discover = () => Promise<Result<Found>>;

const discoverer = ({ issuer }: ProviderSettings, clock: Clock, log: Log): Discover => {
  const ask = asker(log);
  let found: Found | undefined;
  return async () => {
    if (found !== undefined && clock.nowMs() - found.foundAtMs < discoveryMs) return ok(found);
    const answer = await ask(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, {});
    const read = Discovery.safeParse(answer?.body);
    if (answer?.status !== 200 || !read.success) {
      log.warn({ status: answer?.status ?? 0 }, 'the provider’s description cannot be had');
      // What was known before serves while the provider is restarted.
      return found === undefined ? refused(unavailable) : ok(found);
    }
    if (read.data.issuer !== issuer) {
      log.error({}, 'the provider gives itself another name than --oidc-issuer');
      return refused(notBelieved);
    }
    const options = { timeoutDuration: answerMs, cooldownDuration: jwksCooldownMs };
    const keys = createRemoteJWKSet(new URL(read.data.jwks_uri), options);
    found = { ...read.data, keys, foundAtMs: clock.nowMs() };
    return ok(found);
  };
};

type Answered = { readonly body: unknown; readonly keys: JWTVerifyGetKey };

const tokens = ({ clientId, clientSecret }: ProviderSettings, discover: Discover, log: Log) => {
  const ask = asker(log);
  return async (form: Readonly<Record<string, string>>): Promise<Result<Answered>> => {
    const at = await discover();
    if (!at.ok) return at;
    const answer = await ask(at.value.token_endpoint, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        accept: 'application/json',
        ...(clientSecret === undefined ? {} : { authorization: basic(clientId, clientSecret) }),
      },
      body: new URLSearchParams({ ...form, ...(clientSecret === undefined ? { client_id: clientId } : {}) }).toString(),
    });
    if (answer === undefined || answer.status >= 500 || answer.status === 429) return refused(unavailable);
    if (answer.status === 200) return ok({ body: answer.body, keys: at.value.keys });
    const said = TokenError.safeParse(answer.body);
    const error = said.success ? said.data.error.slice(0, 40) : '';
    log.warn({ status: answer.status, error }, 'the provider refused');
    // `invalid_client`: central's own settings are wrong, which says nothing about the agent.
    return refused(error === 'invalid_grant' ? refusal('forbidden', 'providerRefused') : notBelieved);
  };
};

/** `nonce` undefined: a refreshed token has none. */
const verifier =
  ({ issuer, clientId }: ProviderSettings, clock: Clock, log: Log) =>
  async (idToken: string, keys: JWTVerifyGetKey, nonce?: string): Promise<Result<Redeemed['claims']>> => {
    try {
      const { payload } = await jwtVerify(idToken, keys, {
        algorithms,
        issuer,
        audience: clientId,
        requiredClaims: ['exp', 'iat', 'sub', ...(nonce === undefined ? [] : ['nonce'])],
        currentDate: new Date(clock.nowMs()),
        clockTolerance,
        // One that was made long ago was not made for this sign-in.
        maxTokenAge: 600,
      });
      const why = whyNotOurs(payload, clientId, nonce);
      if (why === undefined) return ok({ ...payload, sub: payload.sub ?? '' });
      log.warn({ why }, 'an ID token was not believed');
      return refused(notBelieved);
    } catch (fault) {
      log.warn(faultFields(fault), 'an ID token was not believed');
      return refused(refusalOf(fault));
    }
  };

const jsonOf = async (response: Response): Promise<unknown> => {
  let text = '';
  const decoder = new TextDecoder();
  for await (const piece of response.body ?? []) {
    text += decoder.decode(piece, { stream: true });
    if (text.length > largestAnswer) return undefined;
  }
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
};

/** RFC 6749 section 2.3.1: both halves are form-encoded first. */
const basic = (clientId: string, secret: string): string => {
  const encoded = (text: string): string => new URLSearchParams({ x: text }).toString().slice(2);
  return `Basic ${Buffer.from(`${encoded(clientId)}:${encoded(secret)}`).toString('base64')}`;
};

/** What `jwtVerify` does not look at (OpenID Connect Core 3.1.3.7). */
const whyNotOurs = (payload: JWTPayload, clientId: string, nonce: string | undefined): string | undefined => {
  if (nonce !== undefined && payload['nonce'] !== nonce) return 'nonce';
  const azp = payload['azp'];
  if (azp !== undefined && azp !== clientId) return 'azp';
  if (Array.isArray(payload.aud) && payload.aud.length > 1 && azp === undefined) return 'aud';
  return payload.sub === '' ? 'sub' : undefined;
};

const refusalOf = (fault: unknown): Refusal => {
  const isTime =
    fault instanceof errors.JWTExpired ||
    (fault instanceof errors.JWTClaimValidationFailed &&
      fault.reason === 'check_failed' &&
      ['iat', 'nbf', 'exp'].includes(fault.claim));
  if (isTime) return refusal('forbidden', 'providerClock');
  // Its keys cannot be had: no answer, or none that is a set of keys.
  const isAway =
    !(fault instanceof errors.JOSEError) || fault instanceof errors.JWKSTimeout || fault.code === 'ERR_JOSE_GENERIC';
  return isAway ? unavailable : notBelieved;
};

/** RFC 7636 section 4.6. */
export const challengeOf = (verifier: string): string => createHash('sha256').update(verifier).digest('base64url');
