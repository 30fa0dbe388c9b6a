import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/** Short secrets that central keeps in its database and reads again: AES-256-GCM, base64url of nonce (12), tag (16) and text. */
export const sealText = (key: Uint8Array, text: string, about: string): string => {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(about));
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url');
};

/** @param about as it was sealed: a text moved to another row does not open. Undefined when it does not, or the key is another one. */
export const openText = (key: Uint8Array, sealed: string, about: string): string | undefined => {
  const bytes = Buffer.from(sealed, 'base64url');
  if (bytes.length < 28) return undefined;
  try {
    const opened = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12))
      .setAuthTag(bytes.subarray(12, 28))
      .setAAD(Buffer.from(about));
    return Buffer.concat([opened.update(bytes.subarray(28)), opened.final()]).toString('utf8');
  } catch {
    return undefined;
  }
};
