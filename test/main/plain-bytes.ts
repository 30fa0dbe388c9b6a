import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';

const files = [
  { name: 'seat.db', cipher: 'chacha20' },
  { name: 'cache.db', cipher: 'aegis' },
] as const;

/**
 * Every byte of a seat's store as whoever has its key could read it: pages in use, the free list, and what the logs hold. A copy is
 * decrypted page by page; no row is asked for.
 */
export const plainBytes = (folder: string, key: Uint8Array): Buffer => {
  const copy = mkdtempSync(join(tmpdir(), 'zuoxi-plain-'));
  try {
    return Buffer.concat(files.map(({ name, cipher }) => decrypted(folder, copy, name, cipher, key)));
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
};

const decrypted = (folder: string, copy: string, name: string, cipher: string, key: Uint8Array): Buffer => {
  for (const end of ['', '-wal'])
    if (existsSync(join(folder, name + end))) copyFileSync(join(folder, name + end), join(copy, name + end));
  const sqlite = new Database(join(copy, name));
  try {
    sqlite.pragma(`cipher='${cipher}'`);
    sqlite.pragma(`key="x'${Buffer.from(key).toString('hex')}'"`);
    sqlite.pragma('journal_mode=DELETE');
    sqlite.pragma("rekey=''");
  } finally {
    sqlite.close();
  }
  return readFileSync(join(copy, name));
};

export const logSizes = (folder: string): readonly number[] =>
  files.map(({ name }) => (existsSync(join(folder, `${name}-wal`)) ? statSync(join(folder, `${name}-wal`)).size : 0));
