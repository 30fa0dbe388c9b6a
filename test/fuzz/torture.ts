import { ipv6, meaning } from './torture-meaning.ts';
import { own } from './torture-own.ts';
import { unusual, wrong } from './torture-syntax.ts';

/**
 * Messages that hurt parsers: the situations of RFC 4475 (SIP torture tests) and RFC 5118 (SIP over IPv6) in words of our own, sent
 * to a seat, and what else a WebSocket may bring.
 */
export type Torture = {
  readonly name: string;
  readonly from: string;
  readonly situation: string;
  readonly decision: string;
  readonly message: string | Uint8Array;
};

export const tortures: readonly Torture[] = [...unusual, ...wrong, ...meaning, ...ipv6, ...own].map(
  ([name, from, situation, decision, make]) => ({ name, from, situation, decision, message: make(name) }),
);
