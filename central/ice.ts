import { createHmac } from 'node:crypto';
import type { SipCredentials } from '../shared/sip-credentials.ts';
import { type IcePolicy, longestTurnTtl } from '../shared/ice.ts';
import { type Role, roles } from './agents.ts';

/**
 * STUN and TURN servers of the seats, with credentials that live for minutes ("TURN REST API", draft-uberti-behave-turn-rest-00):
 * the username is `expiry:agent`, the password base64(HMAC-SHA1(secret, username)); the TURN server knows the same secret and needs
 * no word from central.
 */
export type IceSettings = {
  /** `stun:` and `stuns:` URLs (RFC 7064). */
  readonly stun: readonly string[];
  /** `turn:` and `turns:` URLs (RFC 7065). */
  readonly turn: readonly string[];
  /** Shared with the TURN servers; only of use with `turn`. */
  readonly secret: string;
  readonly ttlSeconds: number;
  /** Whose sound may only go through a TURN server: `all`, roles, agents' numbers or ids of seats. */
  readonly relayOnly: readonly string[];
};

export const noIce: IceSettings = { stun: [], turn: [], secret: '', ttlSeconds: longestTurnTtl, relayOnly: [] };

type For = { readonly number: string; readonly role: Role; readonly seatId: string };
type Ice = Pick<SipCredentials, 'iceServers' | 'icePolicy' | 'iceExpiresAtMs' | 'iceTtlMs'>;

/** Fresh credentials; two agents never share them, so that a TURN server's log tells who used it. */
export const iceFor = (settings: IceSettings, whom: For, nowMs: number): Ice => {
  const ttlMs = Math.min(settings.ttlSeconds, longestTurnTtl) * 1_000;
  const expiresAtSeconds = Math.floor((nowMs + ttlMs) / 1_000);
  const username = `${expiresAtSeconds}:${whom.number}`;
  const credential = createHmac('sha1', settings.secret).update(username).digest('base64');
  return {
    iceServers: [
      ...settings.stun.map((urls) => ({ urls })),
      ...settings.turn.map((urls) => ({ urls, username, credential })),
    ],
    icePolicy: policyFor(settings, whom),
    ...(settings.turn.length === 0 ? {} : { iceExpiresAtMs: expiresAtSeconds * 1_000, iceTtlMs: ttlMs }),
  };
};

const policyFor = ({ relayOnly }: IceSettings, { number, role, seatId }: For): IcePolicy =>
  ['all', role, number, seatId].some((who) => relayOnly.includes(who)) ? 'relay' : 'all';

/**
 * What is wrong with these settings, as the rest of a sentence that begins with the option; undefined when nothing is.
 * The secret is never quoted.
 */
export const iceFault = (settings: IceSettings): string | undefined => {
  const wrong = (urls: readonly string[], scheme: RegExp): string | undefined => urls.find((url) => !scheme.test(url));
  const stun = wrong(settings.stun, /^stuns?:[^\s/?]+$/);
  if (stun !== undefined) return `--stun takes addresses as stun:stun.example:3478, not "${stun}".`;
  const turn = wrong(settings.turn, /^turns?:[^\s/?]+(?:\?transport=(?:udp|tcp))?$/);
  if (turn !== undefined) return `--turn takes addresses as turn:turn.example:3478?transport=udp, not "${turn}".`;
  if (settings.turn.length > 0 && settings.secret.length < 16)
    return '--turn needs --turn-secret-file: the secret shared with the TURN server, 16 characters or more.';
  const { ttlSeconds } = settings;
  if (!Number.isInteger(ttlSeconds) || ttlSeconds < 60 || ttlSeconds > longestTurnTtl)
    return `--turn-ttl is a number of seconds from 60 to ${longestTurnTtl}.`;
  if (settings.relayOnly.length > 0 && settings.turn.length === 0) return '--relay-only needs --turn.';
  const odd = settings.relayOnly.find((who) => who !== 'all' && !roles.some((role) => role === who) && !isId(who));
  return odd === undefined
    ? undefined
    : `--relay-only takes all, ${roles.join(', ')}, numbers of agents and ids of seats.`;
};

const isId = (who: string): boolean =>
  /^\d{1,20}$/.test(who) || /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(who);
