import { createDecipheriv, createPrivateKey, createPublicKey, diffieHellman, hkdfSync } from 'node:crypto';

/**
 * What a seat seals to central (security 34, 35): X25519 with a key made for this one box, HKDF-SHA256, AES-256-GCM.
 * Box: public key of the seat (SPKI, 44 bytes), nonce (12), tag (16), the rest; salt is that key, info `zuoxi unsent 1`.
 */
const pkcs8 = Buffer.from('302e020100300506032b656e04220420', 'hex');

const privateKeyOf = (raw: Uint8Array) =>
  createPrivateKey({ key: Buffer.concat([pkcs8, raw]), format: 'der', type: 'pkcs8' });

/** SPKI, base64: as it goes with an order. */
export const sealTo = (key: Uint8Array): string =>
  createPublicKey(privateKeyOf(key)).export({ format: 'der', type: 'spki' }).toString('base64');

/** The text in the box, or undefined when it was not sealed to this key or was changed. */
export const unsealed = (key: Uint8Array, box: string): string | undefined => {
  const bytes = Buffer.from(box, 'base64');
  if (bytes.length < 72) return undefined;
  const [theirs, nonce, tag] = [bytes.subarray(0, 44), bytes.subarray(44, 56), bytes.subarray(56, 72)];
  try {
    const publicKey = createPublicKey({ key: theirs, format: 'der', type: 'spki' });
    const shared = diffieHellman({ privateKey: privateKeyOf(key), publicKey });
    const secret = Buffer.from(hkdfSync('sha256', shared, theirs, 'zuoxi unsent 1', 32));
    const opened = createDecipheriv('aes-256-gcm', secret, nonce).setAuthTag(tag);
    return Buffer.concat([opened.update(bytes.subarray(72)), opened.final()]).toString('utf8');
  } catch {
    return undefined;
  }
};
