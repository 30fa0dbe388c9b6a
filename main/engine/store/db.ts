import { chmodSync } from 'node:fs';
import Database from 'better-sqlite3';
import { refusal, SeatFault } from '../../../shared/result.ts';
import type { Log } from '../log.ts';

type Value = string | number | null;
declare const readable: unique symbol;
declare const writable: unique symbol;

/** A handle that can read. Statements are named: one that takes over 40 ms is logged by its name. */
export interface ReadDb {
  readonly [readable]: true;
  all<Row>(name: string, sql: string, ...values: Value[]): Row[];
  get<Row>(name: string, sql: string, ...values: Value[]): Row | undefined;
}
/** A handle that can write; it exists inside a transaction only. */
export interface WriteDb extends ReadDb {
  readonly [writable]: true;
  /** Rows changed. */
  run(name: string, sql: string, ...values: Value[]): number;
  /** Several statements without values, for migrations. */
  script(name: string, sql: string): void;
}

export interface Db {
  readonly read: ReadDb;
  /** One transaction, on disk when this returns (WAL, synchronous=FULL). A throw rolls everything back. Never async. */
  write<T>(name: string, change: (db: WriteDb) => T): T;
  readonly schemaVersion: number;
  close(): void;
}

/** Why a store file cannot be used as it is. */
export class DamagedStore extends Error {
  override name = 'DamagedStore';
}

const slowMs = 40;
const cacheKib = 64 * 1024;

/**
 * The only door to SQLite: one encrypted file (ChaCha20-Poly1305 per page), held by one process at a time.
 * @param file a path, or ':memory:' for a store that must not outlive the process
 * @param key raw 256-bit key, used as it is: no derivation, so opening takes milliseconds
 * @param newest schema versions above are refused before anything is written
 * @throws DamagedStore when the key does not fit or the file is not a store; SeatFault tooOld or conflict
 */
export const openDb = (file: string, key: Uint8Array, newest: number, log: Log): Db => {
  const sqlite = new Database(file, { timeout: 1_000 });
  try {
    unlock(sqlite, file, key, newest);
    configure(sqlite, file);
  } catch (fault) {
    sqlite.close();
    throw translated(fault);
  }
  return handles(sqlite, log);
};

const unlock = (sqlite: Database.Database, file: string, key: Uint8Array, newest: number): void => {
  if (key.length !== 32) throw new SeatFault('the store key must have 32 bytes', refusal('internal', 'storeKey'));
  if (file !== ':memory:') {
    chmodSync(file, 0o600);
    sqlite.pragma("cipher='chacha20'");
    sqlite.pragma(`key="x'${Buffer.from(key).toString('hex')}'"`);
    // A second program on the same profile must fail here, not interleave its writes with ours.
    sqlite.pragma('locking_mode=EXCLUSIVE');
  }
  // The first read proves the key. It comes before every pragma that writes: a newer schema is left untouched.
  const version = Number(sqlite.pragma('user_version', { simple: true }));
  if (version > newest)
    throw new SeatFault(
      `the store has schema ${version}, this program knows ${newest}: install the newer version again`,
      refusal('tooOld', 'storeNewer', { found: version, known: newest }),
    );
};

const configure = (sqlite: Database.Database, file: string): void => {
  sqlite.pragma('journal_mode=WAL');
  sqlite.pragma('synchronous=FULL');
  sqlite.pragma('secure_delete=ON');
  sqlite.pragma('foreign_keys=ON');
  sqlite.pragma('temp_store=MEMORY');
  sqlite.pragma(`cache_size=-${cacheKib}`);
  const now = (name: string): unknown => sqlite.pragma(name, { simple: true });
  // The driver's own default is NORMAL, which loses commits in a power cut: believe only what is read back.
  must(now('synchronous') === 2, 'synchronous is not FULL');
  must(now('secure_delete') === 1, 'secure_delete is not on');
  must(now('foreign_keys') === 1, 'foreign_keys is not on');
  must(now('journal_mode') === (file === ':memory:' ? 'memory' : 'wal'), 'journal is not WAL');
  must(file === ':memory:' || now('cipher') === 'chacha20', 'the file is not encrypted');
  const version = String(sqlite.prepare('SELECT sqlite_version() AS v').pluck().get());
  // Before 3.51.3 a WAL reset could race with a checkpoint.
  must(atLeast(version, [3, 51, 3]), `SQLite ${version} is older than 3.51.3`);
};

const must = (holds: boolean, otherwise: string): void => {
  if (!holds) throw new SeatFault(otherwise, refusal('internal', 'storeUnsafe'));
};

const atLeast = (version: string, least: readonly number[]): boolean => {
  const parts = version.split('.').map(Number);
  for (const [index, wanted] of least.entries()) {
    const part = parts[index] ?? 0;
    if (part !== wanted) return part > wanted;
  }
  return true;
};

const translated = (fault: unknown): unknown => {
  const code = fault instanceof Database.SqliteError ? fault.code : '';
  if (code.startsWith('SQLITE_NOTADB') || code.startsWith('SQLITE_CORRUPT')) return new DamagedStore(code);
  if (code.startsWith('SQLITE_BUSY'))
    return new SeatFault('another program holds this profile', refusal('conflict', 'profileInUse'));
  return fault;
};

const handles = (sqlite: Database.Database, log: Log): Db => {
  const statements = new Map<string, Database.Statement<Value[], unknown>>();
  const prepared = (sql: string): Database.Statement<Value[], unknown> => {
    const known = statements.get(sql) ?? sqlite.prepare<Value[], unknown>(sql);
    statements.set(sql, known);
    return known;
  };
  const timed = <T>(name: string, work: () => T): T => {
    const startMs = performance.now();
    try {
      return work();
    } finally {
      const tookMs = performance.now() - startMs;
      if (tookMs > slowMs) log.warn('slow statement', { name, tookMs: Math.round(tookMs) });
    }
  };
  const read = {
    all: (name: string, sql: string, ...values: Value[]) => timed(name, () => prepared(sql).all(...values)),
    get: (name: string, sql: string, ...values: Value[]) => timed(name, () => prepared(sql).get(...values)),
  } as unknown as ReadDb;
  const write = {
    ...read,
    run: (name: string, sql: string, ...values: Value[]) => timed(name, () => prepared(sql).run(...values).changes),
    script: (name: string, sql: string) => timed(name, () => void sqlite.exec(sql)),
  } as unknown as WriteDb;
  const transaction = sqlite.transaction((change: (db: WriteDb) => unknown) => {
    const result = change(write);
    // A promise would let the rest of the change run after the commit.
    must(!(result instanceof Promise), 'a transaction must not wait');
    return result;
  });
  return {
    read,
    write: <T>(name: string, change: (db: WriteDb) => T) => timed(name, () => transaction.immediate(change) as T),
    get schemaVersion() {
      return Number(sqlite.pragma('user_version', { simple: true }));
    },
    close: () => void sqlite.close(),
  };
};
