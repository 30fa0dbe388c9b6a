import { z } from 'zod';

/**
 * A token is good in the hands of the seat it was given to, and nowhere else (security 47). The seat has a key pair of its own (Ed25519), whose
 * public half comes with every sign-in; a session begun so is served only when each request is signed with the other half. After RFC
 * 9449 (DPoP), with one difference: what is signed covers the body too, and says nothing of host and scheme, which a proxy may change.
 *
 *   zuoxi-proof: <time>.<nonce>.<signature>          and on the live WebSocket as subprotocol `proof.<the same>`
 *   signed:      zuoxi proof 1 | method | path with query | digest of the token | digest of the body | time | nonce, a line each
 *
 * Times are central's. A seat whose clock is wrong is refused `unauthorised.proofTime` with central's time (`nowMs`), and asks again by
 * that. Digests are SHA-256 in base64url, of nothing ('') where there is no token or no body.
 */
export const proofHeader = 'zuoxi-proof';
export const proofProtocolPrefix = 'proof.';

/** Ed25519, 32 bytes in base64url. The first one a seat tells is kept, as its secret is. */
export const SeatPublicKey = z.string().regex(/^[\w-]{43}$/);
/** From this version on a seat has a key. */
export const keyedProtocol = 2;
/** How far from central's time a proof may be; within it, each is good once at each instance of central. */
export const proofWindowMs = 60_000;

export type Proof = { readonly atMs: number; readonly nonce: string; readonly signature: string };

export type Proven = {
  readonly method: string;
  /** As it stands in the request's first line. */
  readonly path: string;
  readonly tokenDigest: string;
  readonly bodyDigest: string;
};

export const signedText = (
  { method, path, tokenDigest, bodyDigest }: Proven,
  { atMs, nonce }: Pick<Proof, 'atMs' | 'nonce'>,
): string => ['zuoxi proof 1', method, path, tokenDigest, bodyDigest, String(atMs), nonce].join('\n');

export const proofText = ({ atMs, nonce, signature }: Proof): string => `${atMs}.${nonce}.${signature}`;

/** @returns undefined for anything that is not a proof */
export const readProof = (text: string | undefined): Proof | undefined => {
  const [, at, nonce, signature] = /^(\d{1,15})\.([\w-]{11,22})\.([\w-]{86})$/.exec(text ?? '') ?? [];
  return at === undefined || nonce === undefined || signature === undefined
    ? undefined
    : { atMs: Number(at), nonce, signature };
};
