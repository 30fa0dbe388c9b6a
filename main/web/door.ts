import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Clock } from '../engine/clock.ts';

/**
 * Who may come in: one browser, shown the way by a token that works once. The token in the address buys a cookie; what is
 * printed in a terminal, kept in a history or seen over a shoulder is worthless afterwards.
 */
export interface Door {
  /** A token not used yet; it replaces the one before. */
  freshToken(): string;
  /** The cookie to set, or undefined when the token is not the one, or was used. */
  exchange(token: string): string | undefined;
  /** Does the request carry a cookie given by this door? */
  isIn(headers: IncomingHttpHeaders): boolean;
}

const tokenMs = 30 * 60_000;
const mostSessions = 16;

export const createDoor = (cookieName: string, clock: Clock, random: (bytes: number) => Uint8Array): Door => {
  let current: { readonly token: string; readonly untilMs: number } | undefined;
  const sessions: string[] = [];
  const secret = (): string => Buffer.from(random(32)).toString('base64url');
  return {
    freshToken: () => {
      current = { token: secret(), untilMs: clock.nowMs() + tokenMs };
      return current.token;
    },
    exchange: (token) => {
      if (current === undefined || clock.nowMs() >= current.untilMs || !same(token, current.token)) return undefined;
      current = undefined;
      const session = secret();
      sessions.push(session);
      if (sessions.length > mostSessions) sessions.shift();
      // Strict: no other site's link or form comes in with it. No Secure: loopback is plain http.
      return `${cookieName}=${session}; HttpOnly; SameSite=Strict; Path=/`;
    },
    isIn: (headers) => {
      const given = cookieOf(headers, cookieName);
      return given !== undefined && sessions.some((session) => same(given, session));
    },
  };
};

const cookieOf = (headers: IncomingHttpHeaders, name: string): string | undefined =>
  (headers.cookie ?? '')
    .split(';')
    .map((part) => part.trim())
    .find((part) => part.startsWith(`${name}=`))
    ?.slice(name.length + 1);

/** In constant time, whatever the lengths. */
const same = (one: string, other: string): boolean => timingSafeEqual(digest(one), digest(other));
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
