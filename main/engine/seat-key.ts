import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { Proven } from '../../shared/seat-proof.ts';
import { proofText, signedText } from '../../shared/seat-proof.ts';
import type { Db } from './store/db.ts';
import { readMeta, writeMeta } from './store/meta.ts';

/**
 * The seat's own key pair (security 47). Its secret half lies in the store and is as safe as that: under the system's key store, under the
 * key file, or in memory alone. It is destroyed with the store when the seat is wiped.
 */
export interface SeatKey {
  /** 32 bytes, base64url. */
  readonly publicKey: string;
  /** @returns the proof that goes with this request, see shared/seat-proof.ts */
  prove(request: {
    readonly method: string;
    readonly path: string;
    readonly token: string;
    readonly body: string;
    /** By central's time. */
    readonly atMs: number;
  }): string;
}

export interface SeatKeys {
  /** What requests are signed with; undefined before the first sign-in. */
  readonly known: () => SeatKey | undefined;
  /** Makes it when there is none. */
  readonly own: () => SeatKey;
}

type Random = (bytes: number) => Uint8Array;

export const openSeatKeys = (db: Db, random: Random): SeatKeys => {
  let key: SeatKey | undefined;
  const known = (): SeatKey | undefined => {
    const kept = key === undefined ? readMeta(db.read, 'seatKey') : undefined;
    if (kept !== undefined) key = seatKeyOf(kept, random);
    return key;
  };
  return {
    known,
    own: () => {
      const found = known();
      if (found !== undefined) return found;
      const made = Buffer.from(random(32)).toString('base64url');
      db.write('seat key', (write) => writeMeta(write, 'seatKey', made));
      return (key = seatKeyOf(made, random));
    },
  };
};

/** RFC 8410 section 7: what stands before the 32 bytes of an Ed25519 key in PKCS #8. */
const pkcs8 = Buffer.from('302e020100300506032b657004220420', 'hex');

/** @param secret 32 bytes, base64url */
export const seatKeyOf = (secret: string, random: Random): SeatKey => {
  const key: KeyObject = createPrivateKey({
    key: Buffer.concat([pkcs8, Buffer.from(secret, 'base64url')]),
    format: 'der',
    type: 'pkcs8',
  });
  const { x = '' } = createPublicKey(key).export({ format: 'jwk' });
  return {
    publicKey: x,
    prove: ({ method, path, token, body, atMs }) => {
      const now = { atMs, nonce: Buffer.from(random(8)).toString('base64url') };
      const proven: Proven = { method, path, tokenDigest: digest(token), bodyDigest: digest(body) };
      const signature = sign(null, Buffer.from(signedText(proven, now)), key).toString('base64url');
      return proofText({ ...now, signature });
    },
  };
};

const digest = (text: string): string => (text === '' ? '' : createHash('sha256').update(text).digest('base64url'));
