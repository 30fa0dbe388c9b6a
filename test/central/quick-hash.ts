import { randomBytes, scryptSync } from 'node:crypto';

/**
 * As `hashPassword` writes it, with a sixteenth of its cost, which is kept beside the hash: where thousands of sign-ins are not what is
 * measured or tested, stretching their passwords would take minutes.
 */
export const quicklyHashed = (password: string): string => {
  const [N, r, p] = [1_024, 8, 1];
  const salt = randomBytes(16);
  const hash = scryptSync(password, salt, 32, { N, r, p });
  return ['scrypt', N, r, p, salt.toString('base64'), hash.toString('base64')].join('$');
};
