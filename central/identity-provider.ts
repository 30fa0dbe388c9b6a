import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair } from 'jose';
import { Provider } from 'oidc-provider';
import type { Configuration, JWK } from 'oidc-provider';
import type { Log, Random } from './ambient.ts';
import { faultFields } from './ambient.ts';
import { loginPage, wordPage } from './identity-pages.ts';

/** Who may sign in. Asked for at every sign-in and at every refresh: an account that is gone from here is gone everywhere. */
export type IdentityAccounts = {
  /** `paused`: too many wrong passwords, in minutes. */
  readonly check: (
    name: string,
    password: string,
    from: string,
  ) => Promise<{ readonly kind: 'is'; readonly sub: string } | { readonly kind: 'wrong' | 'paused' }>;
  readonly claimsOf: (sub: string) => Promise<Readonly<Record<string, unknown>> | undefined>;
};

export type IdentityOptions = {
  readonly port: number;
  readonly host?: string;
  /** As seats' browsers and central reach it, behind a proxy; by default where it listens. */
  readonly issuer?: string;
  readonly clientId: string;
  readonly clientSecret?: string;
  readonly accounts: IdentityAccounts;
  readonly random: Random;
  readonly log: Log;
};

export type IdentityProvider = { readonly issuer: string; readonly close: () => Promise<void> };

/** Claims that say which agent an account is; the name of each is the word the claims map uses (claims-map.ts). */
export const identityClaims = ['preferred_username', 'name', 'role', 'tenant', 'queues'] as const;

/**
 * A provider of OpenID Connect of our own, the door to oidc-provider: for practice mode and for pilots without a company's provider. It keeps
 * nothing: keys and sessions are new at each start, and everybody who is signed in by it signs in again.
 */
export const startIdentityProvider = async (options: IdentityOptions): Promise<IdentityProvider> => {
  const { host = '127.0.0.1', log } = options;
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 5_000 });
  await new Promise<void>((listening, failed) => {
    server.once('error', failed);
    server.listen(options.port, host, listening);
  });
  const issuer = options.issuer ?? `http://${host}:${(server.address() as AddressInfo).port}`;
  const provider = new Provider(issuer, configurationOf(options, await signingKey()));
  // TLS ends at the proxy, which says so.
  provider.proxy = options.issuer?.startsWith('https:') === true;
  provider.on('server_error', (_context, fault: unknown) => log.warn(faultFields(fault), 'identity provider failed'));
  const answer = provider.callback();
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const isLogin = request.url?.startsWith('/login/') === true;
    const done = isLogin ? login(provider, options, request, response) : answer(request, response);
    done.catch((fault: unknown) => {
      log.warn(faultFields(fault), 'identity provider: a page could not be made');
      if (!response.headersSent) sendPage(response, 400, wordPage('over'));
      else response.end();
    });
  });
  log.info({ issuer }, 'identity provider listening');
  return {
    issuer,
    close: async () => {
      server.closeAllConnections();
      await new Promise((closed) => void server.close(closed));
    },
  };
};

const signingKey = async (): Promise<JWK> => {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  return { ...(await exportJWK(privateKey)), alg: 'ES256', use: 'sig', kid: 'embedded' };
};

const hour = 3_600;

const configurationOf = ({ clientId, clientSecret, accounts, random }: IdentityOptions, key: JWK): Configuration => ({
  jwks: { keys: [key] },
  clients: [
    {
      client_id: clientId,
      ...(clientSecret === undefined
        ? { token_endpoint_auth_method: 'none' as const }
        : { client_secret: clientSecret, token_endpoint_auth_method: 'client_secret_basic' as const }),
      // RFC 8252: a program on the agent's machine, whose port is another one each time.
      application_type: 'native',
      redirect_uris: ['http://127.0.0.1/callback'],
      response_types: ['code'],
      grant_types: ['authorization_code', 'refresh_token'],
      id_token_signed_response_alg: 'ES256',
    },
  ],
  claims: { openid: ['sub'], profile: [...identityClaims] },
  // Central reads the ID token and asks for nothing else.
  conformIdTokenClaims: false,
  features: { devInteractions: { enabled: false }, userinfo: { enabled: false } },
  pkce: { required: () => true },
  cookies: { keys: [Buffer.from(random(32)).toString('base64url')] },
  interactions: { url: (_context, { uid }) => `/login/${uid}` },
  issueRefreshToken: async () => true,
  // By how long the session of central lasts, not by the browser's.
  expiresWithSession: async () => false,
  ttl: {
    AuthorizationCode: 60,
    Interaction: 10 * 60,
    AccessToken: hour,
    IdToken: 5 * 60,
    RefreshToken: 13 * hour,
    Grant: 13 * hour,
    Session: 12 * hour,
  },
  findAccount: async (_context, sub) => {
    const claims = await accounts.claimsOf(sub);
    return claims === undefined ? undefined : { accountId: sub, claims: async () => ({ ...claims, sub }) };
  },
  // The one client is ours: whoever knows the password has agreed to it.
  loadExistingGrant: async (context) => {
    const { provider, session, client } = context.oidc;
    if (client === undefined || session?.accountId === undefined) return undefined;
    const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
    grant.addOIDCScope('openid profile offline_access');
    await grant.save();
    return grant;
  },
  renderError: async (context) => {
    context.type = 'html';
    context.body = wordPage('over');
  },
});

const largestForm = 4_096;

const login = async (
  provider: Provider,
  { accounts }: IdentityOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  // Throws when this browser did not begin it, or too long ago.
  await provider.interactionDetails(request, response);
  if (request.method !== 'POST') return sendPage(response, 200, loginPage(undefined, ''));
  const form = new URLSearchParams(await bodyOf(request));
  if (form.has('cancel')) return provider.interactionFinished(request, response, { error: 'access_denied' });
  const name = (form.get('name') ?? '').trim().slice(0, 80);
  const found = await accounts.check(name, form.get('password') ?? '', request.socket.remoteAddress ?? '');
  if (found.kind !== 'is') return sendPage(response, 200, loginPage(found.kind, name));
  return provider.interactionFinished(
    request,
    response,
    { login: { accountId: found.sub, remember: true }, consent: {} },
    { mergeWithLastSubmission: false },
  );
};

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  let text = '';
  for await (const piece of request) {
    text += String(piece);
    if (text.length > largestForm) throw new Error('form too large');
  }
  return text;
};

const sendPage = (response: ServerResponse, status: number, page: string): void => {
  response
    .writeHead(status, {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      // Chromium holds the redirects after a form to this as well: back to the seat on its machine.
      'content-security-policy':
        "default-src 'none'; form-action 'self' http://127.0.0.1:* http://localhost:*; frame-ancestors 'none'; base-uri 'none'",
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    })
    .end(page);
};
