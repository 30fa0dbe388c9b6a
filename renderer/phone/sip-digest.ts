import { Core, type UserAgent } from 'sip.js';
import { sha256 } from './sip-sha256.ts';

/**
 * Digest answers (security 67; RFC 7616, RFC 8760). SIP.js 0.21.2 knows MD5 alone and answers the last challenge it reads.
 *
 * - DIGEST-1 Of several challenges the strongest we know is answered: SHA-256 before MD5, wherever it stands.
 * - DIGEST-2 MD5 is answered only where nobody listens: inside WSS or on this computer; each time `onWeak` is told.
 */
export type DigestHooks = {
  /** ws: or wss: address of the server. */
  readonly server: string;
  /** An MD5 challenge came: answered, or refused as the way there is open (the request ends with its 401). */
  readonly onWeak: (isAnswered: boolean) => void;
};

/** Makes the user agent answer its challenges this way; its account may still be changed afterwards. */
export const answerStrongly = (userAgent: UserAgent, hooks: DigestHooks): void => {
  const { configuration, transport, userAgentCore } = userAgent;
  const { onMessage } = transport;
  transport.onMessage = (text) => onMessage?.(withOneChallenge(text));
  userAgentCore.configuration.authenticationFactory = () => {
    const { authorizationUsername: user, authorizationPassword: password } = configuration;
    return new StrongDigest(userAgent, user ?? '', password ?? '', hooks);
  };
};

/** DIGEST-1 for SIP.js: a 401 or 407 with its strongest challenge only. Other messages stay as they are. */
export const withOneChallenge = (text: string): string => {
  if (!/^SIP\/2\.0 40[17] /.test(text)) return text;
  const end = text.indexOf('\r\n\r\n');
  const lines = text
    .slice(0, end)
    .replace(/\r\n[ \t]+/g, ' ')
    .split('\r\n');
  const challenges = lines.filter(isChallenge);
  const best = challenges.toSorted((a, b) => strength(b) - strength(a))[0];
  const rest = lines.filter((line) => !isChallenge(line));
  return [...rest, ...(best === undefined ? [] : [best])].join('\r\n') + text.slice(end);
};

const isChallenge = (line: string): boolean => /^(?:www|proxy)-authenticate\s*:/i.test(line);

/** 0: not ours to answer. */
const strength = (line: string): number => {
  if (!/^[^:]*:\s*Digest\s/i.test(line)) return 0;
  const algorithm = /[\s,]algorithm\s*=\s*([^\s,]+)/i.exec(line.replace(/"[^"]*"/g, '""'))?.[1] ?? 'MD5';
  return ['MD5', 'SHA-256'].indexOf(algorithm.toUpperCase()) + 1;
};

/** DIGEST-2: TLS, or an address of this computer. */
export const isPrivateWay = (server: string): boolean => {
  if (!URL.canParse(server)) return false;
  const { protocol, hostname } = new URL(server);
  return protocol === 'wss:' || /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
};

/** What SIP.js's grammar makes of a challenge. */
type Challenge = {
  readonly algorithm?: string;
  readonly realm?: string;
  readonly nonce?: string;
  readonly opaque?: string;
  readonly qop?: readonly string[];
};

class StrongDigest extends Core.DigestAuthentication {
  readonly #user: string;
  readonly #password: string;
  readonly #hooks: DigestHooks;
  #answer: string | undefined;
  #count = 0;

  constructor(userAgent: UserAgent, user: string, password: string, hooks: DigestHooks) {
    super(userAgent.getLoggerFactory(), undefined, user, password);
    this.#user = user;
    this.#password = password;
    this.#hooks = hooks;
  }

  override authenticate(request: Core.OutgoingRequestMessage, given: unknown, body?: string): boolean {
    const challenge = given as Challenge;
    this.#answer = undefined;
    const algorithm = challenge.algorithm ?? 'MD5';
    if (algorithm === 'SHA-256') return this.#answerTo(challenge, request.method, request.ruri.toString());
    if (algorithm !== 'MD5') return false;
    const isPrivate = isPrivateWay(this.#hooks.server);
    this.#hooks.onWeak(isPrivate);
    return isPrivate && super.authenticate(request, challenge, body);
  }

  override toString(): string {
    return this.#answer ?? super.toString();
  }

  /** RFC 7616 3.4.1; without qop as in RFC 2069. `auth-int` alone is not answered: nobody offers it alone. */
  #answerTo({ realm, nonce, opaque, qop }: Challenge, method: string, uri: string): boolean {
    if (realm === undefined || nonce === undefined || (qop !== undefined && !qop.includes('auth'))) return false;
    this.#count += 1;
    const nc = this.#count.toString(16).padStart(8, '0');
    const cnonce = [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16)).join('');
    const account = sha256(`${this.#user}:${realm}:${this.#password}`);
    const asked = sha256(`${method}:${uri}`);
    const way = qop === undefined ? nonce : `${nonce}:${nc}:${cnonce}:auth`;
    this.#answer = [
      'Digest algorithm=SHA-256',
      `username="${this.#user}"`,
      `realm="${realm}"`,
      `nonce="${nonce}"`,
      `uri="${uri}"`,
      `response="${sha256(`${account}:${way}:${asked}`)}"`,
      ...(opaque === undefined ? [] : [`opaque="${opaque}"`]),
      ...(qop === undefined ? [] : ['qop=auth', `cnonce="${cnonce}"`, `nc=${nc}`]),
    ].join(', ');
    return true;
  }
}
