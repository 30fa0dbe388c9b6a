import { createHmac, createSecretKey, hkdfSync, randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { Db } from './db.ts';
import { asJson, firstRow, run, statement } from './db.ts';

/**
 * Keys derived from one secret of central. Kept outside the database they make a stolen database useless for forging tokens,
 * rewriting the audit chain or trying out six-digit passwords; without one given, the database keeps it (practice mode).
 */
export type Secrets = {
  readonly tokenKey: Uint8Array;
  readonly cursorKey: Uint8Array;
  readonly auditKey: Uint8Array;
  /** X25519: opens what seats seal to central (seal.ts). */
  readonly sealKey: Uint8Array;
  /** What central keeps in its database and reads again (sealed-text.ts). */
  readonly keepKey: Uint8Array;
  /** Keyed hash of something a caller says, for storing and for comparing. `salt` keeps equal values apart. */
  readonly mark: (salt: string, value: string) => string;
};

/** @param given at least 32 bytes; absent: made once and kept in the database */
export const openSecrets = async (db: Db, given?: Uint8Array): Promise<Secrets> => {
  if (given !== undefined && given.length < 32) throw new RangeError('the secret of central has at least 32 bytes');
  const root = given ?? (await keptSecret(db));
  const derive = (use: string) => derived(root, use);
  // Imported once: tens of thousands of marks are made when an operator's customers are taken in.
  const markKey = createSecretKey(derive('marks'));
  return {
    tokenKey: derive('tokens'),
    cursorKey: derive('cursors'),
    auditKey: auditKeyOf(root),
    sealKey: derive('seat sealing'),
    keepKey: derive('kept texts'),
    mark: (salt, value) => keyedHash(markKey, `${salt}\n${value}`),
  };
};

const derived = (root: Uint8Array, use: string): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', root, '', `zuoxi central ${use}`, 32));

/** Of central's secret; for whoever verifies the chain and has no business with the rest. */
export const auditKeyOf = (root: Uint8Array): Uint8Array => derived(root, 'audit');

const keptSecret = async (db: Db): Promise<Uint8Array> => {
  const made = randomBytes(32).toString('base64');
  await run(
    db,
    statement`insert into setting (key, value) values ('secret', ${asJson(made)}::json) on conflict (key) do nothing`,
  );
  const kept = await firstRow(db, statement<{ value: string }>`select value from setting where key = 'secret'`);
  return Buffer.from(kept?.value ?? made, 'base64');
};

/** HMAC-SHA256, base64url. */
export const keyedHash = (key: KeyObject | Uint8Array, text: string): string =>
  createHmac('sha256', key).update(text, 'utf8').digest('base64url');

/** In constant time for texts of the same length, as keyed hashes are. */
export const sameText = (one: string, other: string): boolean => {
  const a = Buffer.from(one);
  const b = Buffer.from(other);
  return a.length === b.length && timingSafeEqual(a, b);
};

/** Cost of a password hash (RFC 7914): 16 MiB, some 40 ms. Kept with each hash, so that it can be raised later. */
const cost = { N: 16_384, r: 8, p: 1 };

/** `scrypt$N$r$p$salt$hash` of an agent's password. */
export const hashPassword = async (password: string, salt: Uint8Array = randomBytes(16)): Promise<string> => {
  const hash = await stretch(password, salt, cost);
  return ['scrypt', cost.N, cost.r, cost.p, toBase64(salt), toBase64(hash)].join('$');
};

/** A hash no password has: an unknown agent number takes as long to refuse as a wrong password. */
const nobody = ['scrypt', cost.N, cost.r, cost.p, toBase64(new Uint8Array(16)), toBase64(new Uint8Array(32))].join('$');

export const isPassword = async (password: string, stored: string | undefined): Promise<boolean> => {
  const [, n, r, p, salt = '', hash = ''] = (stored ?? nobody).split('$');
  const wanted = Buffer.from(hash, 'base64');
  const got = await stretch(password, Buffer.from(salt, 'base64'), { N: Number(n), r: Number(r), p: Number(p) });
  return wanted.length === got.length && timingSafeEqual(wanted, got) && stored !== undefined;
};

const stretch = (password: string, salt: Uint8Array, { N, r, p }: typeof cost): Promise<Buffer> =>
  new Promise((done, failed) => {
    scrypt(password.normalize('NFKC'), salt, 32, { N, r, p, maxmem: 256 * N * r }, (fault, key) =>
      fault === null ? done(key) : failed(fault),
    );
  });

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
