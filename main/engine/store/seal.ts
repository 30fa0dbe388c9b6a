import {
  createCipheriv,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  randomBytes,
} from 'node:crypto';

/**
 * Text only the holder of a private key can read, not even whoever sealed it (security 35). X25519 with a key of one use, HKDF-SHA256,
 * AES-256-GCM: `ephemeral public key (SPKI, 44) · nonce (12) · tag (16) · ciphertext`; salt of the HKDF is the ephemeral key, its
 * info `zuoxi unsent 1`.
 * @param sealTo X25519 public key, SPKI in base64
 */
export const seal = (text: string, sealTo: string): Uint8Array => {
  const publicKey = createPublicKey({ key: Buffer.from(sealTo, 'base64'), format: 'der', type: 'spki' });
  const once = generateKeyPairSync('x25519');
  const head = once.publicKey.export({ format: 'der', type: 'spki' });
  const shared = diffieHellman({ privateKey: once.privateKey, publicKey });
  const key = Buffer.from(hkdfSync('sha256', shared, head, 'zuoxi unsent 1', 32));
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([head, nonce, cipher.getAuthTag(), sealed]);
};
