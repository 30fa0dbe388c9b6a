import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { CryptoKey, JWK } from 'jose';

/** A provider of OpenID Connect over real HTTP whose every answer a test decides: what it says wrongly is what is tested. */
export type FakeProvider = {
  readonly issuer: string;
  /** Codes it gave, with what was asked for; the agent's browser is left out. */
  readonly authorize: (url: string) => { readonly code: string; readonly state: string };
  /** What it says about everybody, beside `sub`. */
  claims: Record<string, unknown>;
  /** Over what is right: claims, header, or a whole other token. */
  forge: (right: Right) => Promise<string>;
  /** 0: as usual; else every answer has this status, and is a page. */
  status: number;
  disabled: boolean;
  /** Refresh tokens are given, and another one each time. */
  refreshes: boolean;
  readonly keysAsked: () => number;
  readonly refreshed: () => number;
  readonly forms: readonly URLSearchParams[];
  /** Signs with a new key from now on; the old one is forgotten. */
  readonly rotate: () => Promise<void>;
  readonly key: () => Key;
  readonly close: () => Promise<void>;
};
export type Key = { readonly kid: string; readonly privateKey: CryptoKey; readonly jwk: JWK };
export type Right = { readonly claims: Record<string, unknown>; readonly key: Key };

export const clientId = 'zuoxi';

export const signedBy = ({ claims, key }: Right, header: Record<string, unknown> = {}): Promise<string> =>
  new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: key.kid, ...header }).sign(key.privateKey);

export const makeKey = async (kid: string): Promise<Key> => {
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
  return { kid, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg: 'ES256', use: 'sig' } };
};

export const startFakeProvider = async (nowMs: () => number): Promise<FakeProvider> => {
  let key = await makeKey('k1');
  let made = 0;
  let keysAsked = 0;
  let refreshed = 0;
  let refreshToken = 'r0';
  const codes = new Map<string, URLSearchParams>();
  const forms: URLSearchParams[] = [];
  const server = createServer((request, response) => {
    const answer = (status: number, body: object): void =>
      void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (fake.status !== 0) return void response.writeHead(fake.status).end('<html>away</html>');
    const { issuer } = fake;
    if (request.url === '/.well-known/openid-configuration')
      return answer(200, {
        ...{ issuer, authorization_endpoint: `${issuer}/authorize`, token_endpoint: `${issuer}/token` },
        jwks_uri: `${issuer}/keys`,
      });
    if (request.url === '/keys') {
      keysAsked += 1;
      return answer(200, { keys: [key.jwk] });
    }
    let text = '';
    request.on('data', (piece: Buffer) => (text += String(piece)));
    request.on('end', () => {
      const form = new URLSearchParams(text);
      forms.push(form);
      void token(form).then(
        (tokens) => answer(tokens === undefined ? 400 : 200, tokens ?? { error: 'invalid_grant' }),
        () => answer(500, {}),
      );
    });
  });
  const token = async (form: URLSearchParams): Promise<object | undefined> => {
    const isRefresh = form.get('grant_type') === 'refresh_token';
    const code = form.get('code') ?? '';
    const asked = codes.get(code);
    codes.delete(code);
    if (fake.disabled || (isRefresh ? form.get('refresh_token') !== refreshToken : asked === undefined))
      return undefined;
    if (isRefresh) refreshed += 1;
    made += 1;
    refreshToken = `r${made}`;
    const now = Math.floor(nowMs() / 1_000);
    const nonce = asked?.get('nonce');
    const claims = {
      ...{ iss: fake.issuer, aud: clientId, sub: 'person-1', iat: now, exp: now + 300 },
      ...(nonce === undefined ? {} : { nonce }),
      ...fake.claims,
    };
    return {
      ...{ access_token: 'a', token_type: 'Bearer', id_token: await fake.forge({ claims, key }) },
      ...(fake.refreshes ? { refresh_token: refreshToken } : {}),
    };
  };
  await new Promise<void>((listening) => void server.listen(0, '127.0.0.1', listening));
  const fake: FakeProvider = {
    issuer: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    authorize: (url) => {
      const asked = new URL(url).searchParams;
      const code = `code-${codes.size}-${made}`;
      codes.set(code, asked);
      return { code, state: asked.get('state') ?? '' };
    },
    claims: { preferred_username: '1001' },
    forge: (right) => signedBy(right),
    status: 0,
    disabled: false,
    refreshes: true,
    keysAsked: () => keysAsked,
    refreshed: () => refreshed,
    forms,
    rotate: async () => {
      key = await makeKey(`k${made + 2}`);
    },
    key: () => key,
    close: async () => {
      server.closeAllConnections();
      await new Promise((closed) => void server.close(closed));
    },
  };
  return fake;
};
