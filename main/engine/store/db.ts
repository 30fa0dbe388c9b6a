import { chmodSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { Refusal } from '../../../shared/result.ts';
import { refusal, SeatFault } from '../../../shared/result.ts';
import type { Log } from '../log.ts';
import type { FlushedLog } from './flushed-log.ts';
import { flushesItself, notFlushed, openFlushedLog } from './flushed-log.ts';
import type { TendedLogs } from './logs.ts';
import { emptyingLogs, madeDurable } from './logs.ts';
import type { CacheDisk, StoredFile } from './stored-file.ts';
import { cacheDiskOf, storedFile } from './stored-file.ts';

type Value = string | number | null;
declare const readable: unique symbol;
declare const writable: unique symbol;

/** A handle that can read both files. Statements are named: one that takes over 40 ms is logged by its name. */
export interface ReadDb {
  readonly [readable]: true;
  all<Row>(name: string, sql: string, ...values: Value[]): Row[];
  get<Row>(name: string, sql: string, ...values: Value[]): Row | undefined;
}
interface Writing extends ReadDb {
  /** Rows changed. */
  run(name: string, sql: string, ...values: Value[]): number;
  /** Several statements without values, for migrations. */
  script(name: string, sql: string): void;
}
/** Writes the agent's own work, `seat.db`; it exists inside a transaction only. */
export interface WriteDb extends Writing {
  readonly [writable]: 'work';
}
/** Writes what central can give again, `cache.db`; it exists inside a transaction only. */
export interface CacheDb extends Writing {
  readonly [writable]: 'cache';
}

/**
 * Two files behind one connection, so that a query may join them. A transaction writes ONE of them: in WAL mode SQLite commits
 * attached files one after the other, and a power cut may fall between. So whatever must be true together lies in one file:
 *
 *  - seat.db: contacts, drafts, outbox, counters. A change and its op are one commit and one fsync.
 *  - cache.db: central's rows and the cursor they brought us to. A page is there wholly or not at all.
 *
 * Nothing of one is copied into the other: what the desk shows of own work among central's rows is joined when it is read. Hence
 * no order of crashes between the two leaves a page half applied, a confirmed op shown twice, or own work covered by older rows.
 */
export interface Db {
  readonly read: ReadDb;
  /** One transaction on the agent's work, on disk when this returns (flushed-log.ts). A throw rolls everything back. Never async. */
  write<T>(name: string, change: (db: WriteDb) => T): T;
  /** The same on the cache, but that a power cut may take the last ones back, whole and in order (synchronous=NORMAL). */
  fill<T>(name: string, change: (db: CacheDb) => T): T;
  /** After rows were purged: what the logs still hold of them goes as well (security 32). */
  scrub(): void;
  readonly schema: Schemas;
  /** Undefined in memory. */
  readonly cacheDisk: CacheDisk | undefined;
  close(): void;
}

export type StorePart = 'work' | 'cache';
export type Schemas = Readonly<Record<StorePart, number>>;
/** An older program asks for this name and sees a schema it does not know: it refuses, instead of beginning an empty store. */
export const fileNames = { work: 'seat.db', cache: 'cache.db' } as const;
const schemaOf = { work: 'main', cache: 'cache' } as const;
const parts = ['work', 'cache'] as const;

/** Why a store file cannot be used as it is. */
export class DamagedStore extends Error {
  override name = 'DamagedStore';
  readonly part: StorePart;
  constructor(part: StorePart, code: string) {
    super(code);
    this.part = part;
  }
}

const slowMs = 40;
/**
 * An op changes a few hundred bytes on each of two to four pages, and a page is encrypted and written as a whole: small ones make it
 * durable sooner. The cache is read by whole customers.
 */
const pageBytes = { work: 1_024, cache: 4_096 } as const;
const cacheKib = { work: 8 * 1024, cache: 64 * 1024 } as const;
/**
 * Both encrypt page by page and notice a changed byte. The cache is read and written by the hundred pages: AEGIS-256 runs on the
 * processor's AES and costs next to nothing there. Own work stays as every released program reads it.
 */
const ciphers = { work: 'chacha20', cache: 'aegis' } as const;
/**
 * Own work is on the disk when a commit returns: by FULL, or by the door itself right after it (flushed-log.ts). The cache may lose its last
 * pages in a power cut: it loses them whole and with their cursor, so that central is asked for them again, and a load does not wait
 * for the disk at every slice.
 */
const [full, normal] = [{ name: 'FULL', value: 2 } as const, { name: 'NORMAL', value: 1 } as const];
const synchronous = { work: flushesItself ? normal : full, cache: normal } as const;
/** So many pages of a log are written into their file at once: few enough that nobody waits for it (16 ms). */
const checkpointPages = 256;
/** SQLite itself does it in the commit that reaches so many, when there was no turn of its own for it. */
const mostInLog = 4 * checkpointPages;

/**
 * The only door to SQLite: two encrypted files, held by one process at a time.
 * @param folder holds the files, or ':memory:' for a store that must not outlive the process
 * @param key raw 256-bit key, used as it is: no derivation, so opening takes milliseconds
 * @param newest schema versions above are refused before anything is written
 * @throws DamagedStore when the key does not fit or a file is not a store; SeatFault tooOld or conflict
 */
export const openDb = (folder: string, key: Uint8Array, newest: Schemas, log: Log): Db => {
  if (key.length !== 32) throw new SeatFault('the store key must have 32 bytes', refusal('internal', 'storeKey'));
  const inMemory = folder === ':memory:';
  const file = (part: StorePart): string => (inMemory ? folder : join(folder, fileNames[part]));
  const secret = `x'${Buffer.from(key).toString('hex')}'`;
  if (!inMemory) untouchedIfNewer(folder, secret, newest);
  let part: StorePart = 'work';
  const sqlite = new Database(file('work'), { timeout: 1_000 });
  const files: StoredFile[] = [];
  let [workLog, cacheLog] = [notFlushed, notFlushed];
  const close = (): void => {
    if (!sqlite.open) return;
    sqlite.close();
    for (const one of [workLog, cacheLog]) one.close();
    for (const one of files) one.close();
  };
  try {
    if (!inMemory) unlock(sqlite, secret);
    // The first read proves the key. It comes before everything that writes: a newer schema is left untouched.
    refuseNewer(versionOf(sqlite, 'work'), 'work', newest);
    // Attaching reads it, all pages of it: their damage is not the cache's.
    sqlite.prepare('SELECT count(*) FROM main.sqlite_schema').get();
    part = 'cache';
    sqlite.pragma(`cipher='${ciphers.cache}'`);
    sqlite.prepare('ATTACH ? AS cache KEY ?').run(file('cache'), inMemory ? '' : secret);
    refuseNewer(versionOf(sqlite, 'cache'), 'cache', newest);
    if (!inMemory) for (const one of parts) chmodSync(file(one), 0o600);
    for (part of parts) {
      configure(sqlite, part, inMemory);
      if (inMemory) continue;
      const stored = storedFile(file(part));
      files.push(stored);
      must(stored.isEncrypted(), `the file is not encrypted (${part})`);
    }
    if (!inMemory && flushesItself)
      [workLog, cacheLog] = [openFlushedLog(`${file('work')}-wal`), openFlushedLog(`${file('cache')}-wal`)];
  } catch (fault) {
    close();
    throw translated(fault, part);
  }
  const setFlushing = (isOn: boolean): void =>
    void sqlite.pragma(`cache.synchronous=${isOn ? synchronous.cache.name : 'OFF'}`);
  const [, cacheFile] = files;
  return handles(
    sqlite,
    { workLog, cacheDisk: cacheFile && cacheDiskOf(cacheFile, cacheLog, setFlushing), close },
    log,
  );
};

const unlock = (sqlite: Database.Database, secret: string): void => {
  sqlite.pragma(`cipher='${ciphers.work}'`);
  sqlite.pragma(`key="${secret}"`);
  // A second program on the same profile must fail here, not interleave its writes with ours. Counts for attached files as well.
  sqlite.pragma('locking_mode=EXCLUSIVE');
};

const versionOf = (sqlite: Database.Database, part: StorePart): number =>
  Number(sqlite.pragma(`${schemaOf[part]}.user_version`, { simple: true }));

const refuseNewer = (found: number, part: StorePart, newest: Schemas): void => {
  const known = newest[part];
  if (found > known)
    throw new SeatFault(
      `the store (${fileNames[part]}) has schema ${found}, this program knows ${known}: install the newer version again`,
      refusal('tooOld', 'storeNewer', { found, known }),
    );
};

/**
 * After a crash the newest pages are in the log beside the file, and closing a connection would write them into the file: a
 * store that may be newer than this program is then asked for its schemas through connections that cannot write.
 */
const untouchedIfNewer = (folder: string, secret: string, newest: Schemas): void => {
  const files = parts.map((part) => ({ part, file: join(folder, fileNames[part]) }));
  if (!files.some(({ file }) => existsSync(`${file}-wal`))) return;
  for (const { part, file } of files) {
    if (!existsSync(file)) continue;
    const beside = [`${file}-wal`, `${file}-shm`].filter((name) => !existsSync(name));
    const sqlite = new Database(file, { readonly: true, timeout: 1_000 });
    try {
      sqlite.pragma(`cipher='${ciphers[part]}'`);
      sqlite.pragma(`key="${secret}"`);
      refuseNewer(Number(sqlite.pragma('user_version', { simple: true })), part, newest);
    } catch (fault) {
      // Anything else is met again below, by those who know what to do about it: a damaged file, or one whose first transaction was cut
      // short, which a connection that cannot write cannot take back (SQLITE_READONLY_ROLLBACK).
      if (fault instanceof SeatFault && fault.refusal.kind === 'tooOld') throw fault;
    } finally {
      sqlite.close();
      for (const name of beside) rmSync(name, { force: true });
    }
  }
};

const configure = (sqlite: Database.Database, part: StorePart, inMemory: boolean): void => {
  const schema = schemaOf[part];
  const set = (setting: string): void => void sqlite.pragma(`${schema}.${setting}`);
  // Of a new file; one that is there keeps its own.
  set(`page_size=${pageBytes[part]}`);
  set('journal_mode=WAL');
  set(`synchronous=${synchronous[part].name}`);
  set('secure_delete=ON');
  set(`cache_size=-${cacheKib[part]}`);
  sqlite.pragma('foreign_keys=ON');
  sqlite.pragma('temp_store=MEMORY');
  sqlite.pragma(`wal_autocheckpoint=${mostInLog}`);
  const now = (name: string): unknown => sqlite.pragma(`${schema}.${name}`, { simple: true });
  // The driver's own default is NORMAL, which loses commits in a power cut: believe only what is read back, file by file.
  must(now('synchronous') === synchronous[part].value, `synchronous is not ${synchronous[part].name} (${part})`);
  must(now('secure_delete') === 1, `secure_delete is not on (${part})`);
  must(now('foreign_keys') === 1, 'foreign_keys is not on');
  must(now('journal_mode') === (inMemory ? 'memory' : 'wal'), `journal is not WAL (${part})`);
  must(inMemory || now('locking_mode') === 'exclusive', `the file is not locked (${part})`);
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

const translated = (fault: unknown, part: StorePart | (() => StorePart)): unknown => {
  const code = fault instanceof Database.SqliteError ? fault.code : '';
  if (/^SQLITE_(NOTADB|CORRUPT|IOERR_(READ|SHORT_READ|DATA|CORRUPTFS))/.test(code))
    return new DamagedStore(typeof part === 'string' ? part : part(), code);
  const told = sentences.find(([pattern]) => pattern.test(code));
  return told === undefined ? fault : new SeatFault(`${told[1]} (${code})`, told[2]);
};

/** What an agent can read and somebody can do something about. Nothing was changed by what failed so. */
const sentences: readonly (readonly [RegExp, string, Refusal])[] = [
  [/^SQLITE_BUSY/, 'another program holds this profile', refusal('conflict', 'profileInUse')],
  [/^SQLITE_(FULL|IOERR_NOMEM)/, 'the disk is full', refusal('internal', 'diskFull')],
  [/^SQLITE_(READONLY|CANTOPEN|PERM)/, 'the disk cannot be written to', refusal('internal', 'diskReadOnly')],
  [/^SQLITE_IOERR/, 'the disk does not work', refusal('internal', 'diskFails')],
];

/** A part of a store as it was left by a crash or by damage, only to read: every row it gives may be the last one it can. */
export const openDamaged = (file: string, key: Uint8Array) => {
  const sqlite = new Database(file, { timeout: 1_000 });
  try {
    unlock(sqlite, `x'${Buffer.from(key).toString('hex')}'`);
    sqlite.pragma('user_version');
  } catch {
    sqlite.close();
    return undefined;
  }
  return {
    all: <Row>(sql: string, ...values: Value[]) => sqlite.prepare<Value[], Row>(sql).all(...values),
    close: () => void sqlite.close(),
  };
};

/** The agent's work is small: reading all of it tells whose damage it is within milliseconds. */
const damagedPart = (sqlite: Database.Database): StorePart => {
  try {
    return sqlite.pragma('main.quick_check(1)', { simple: true }) === 'ok' ? 'cache' : 'work';
  } catch {
    return 'work';
  }
};

/** What logs.ts asks of SQLite. */
const tendLogs = (sqlite: Database.Database, workLog: FlushedLog, timed: <T>(name: string, work: () => T) => T) => {
  const sizes = new Map(
    parts.map((part) => [
      part,
      sqlite.prepare<[], [number, number, number]>(`PRAGMA ${schemaOf[part]}.wal_checkpoint(NOOP)`).raw(),
    ]),
  );
  const tended: TendedLogs<StorePart> = {
    isFree: () => sqlite.open && !sqlite.inTransaction,
    pagesBehind: (part) => {
      const [, all, done] = sizes.get(part)?.get() ?? [0, 0, 0];
      return all - done;
    },
    move: (part, how) =>
      timed('checkpoint', () => {
        const [told] = sqlite.pragma(`${schemaOf[part]}.wal_checkpoint(${how})`) as { busy: number }[];
        return told?.busy === 0;
      }),
  };
  const few = parts.map((part) => ({ part, most: checkpointPages }));
  return { logs: emptyingLogs(tended, few, workLog), durable: madeDurable(tended, workLog) };
};

type Opened = Pick<Db, 'cacheDisk' | 'close'> & { readonly workLog: FlushedLog };

const handles = (sqlite: Database.Database, { workLog, cacheDisk, close }: Opened, log: Log): Db => {
  type Statement = Database.Statement<Value[], unknown>;
  const statements = new Map<string, Statement>();
  const prepared = (sql: string): Statement => {
    const known = statements.get(sql) ?? sqlite.prepare<Value[], unknown>(preparedOnce(sql));
    statements.set(sql, known);
    return known;
  };
  const timed = <T>(name: string, work: () => T): T => {
    const startMs = performance.now();
    try {
      return work();
    } catch (fault) {
      throw translated(fault, () => damagedPart(sqlite));
    } finally {
      const tookMs = performance.now() - startMs;
      if (tookMs > slowMs) log.warn('slow statement', { name, tookMs: Math.round(tookMs) });
    }
  };
  const read = {
    all: (name: string, sql: string, ...values: Value[]) => timed(name, () => prepared(sql).all(...values)),
    get: (name: string, sql: string, ...values: Value[]) => timed(name, () => prepared(sql).get(...values)),
  } as unknown as ReadDb;
  const { logs, durable } = tendLogs(sqlite, workLog, timed);
  const writing = (part: StorePart) => {
    const known = new Map<string, Statement>();
    let isChanged = false;
    const statement = (sql: string): Statement => {
      const found = known.get(sql) ?? prepared(writesOnly(sqlite, part, sql));
      known.set(sql, found);
      return found;
    };
    const handle = {
      ...read,
      run: (name: string, sql: string, ...values: Value[]) => {
        const { changes } = timed(name, () => statement(sql).run(...values));
        isChanged ||= changes > 0;
        return changes;
      },
      script: (name: string, sql: string) => {
        isChanged = true;
        timed(name, () => void sqlite.exec(sql));
      },
    };
    const transaction = sqlite.transaction((change: (db: typeof handle) => unknown) => {
      const result = change(handle);
      // A promise would let the rest of the change run after the commit.
      must(!(result instanceof Promise), 'a transaction must not wait');
      return result;
    });
    // Deferred: it begins with the first statement, on the files which that one touches. Nobody else can be writing.
    return (name: string, change: (db: never) => unknown): unknown => {
      const isOutermost = !sqlite.inTransaction;
      if (isOutermost) isChanged = false;
      if (isOutermost && part === 'work') durable.mustBe();
      const result = timed(name, () => transaction.deferred(change as (db: typeof handle) => unknown));
      if (isChanged && isOutermost && part === 'work') durable.make();
      logs.written();
      return result;
    };
  };
  return {
    read,
    write: writing('work') as Db['write'],
    fill: writing('cache') as Db['fill'],
    scrub: () =>
      timed('scrub', () => {
        for (const part of parts) sqlite.pragma(`${schemaOf[part]}.wal_checkpoint(TRUNCATE)`);
        logs.cut();
      }),
    get schema() {
      return { work: versionOf(sqlite, 'work'), cache: versionOf(sqlite, 'cache') };
    },
    cacheDisk,
    close,
  };
};

/**
 * SQLite looks into a number given to LIMIT when it plans a statement, and so prepares the statement anew whenever it is given one, which costs a look-up
 * of a pop ten times as much as doing it. A sum it does not look into.
 */
export const preparedOnce = (sql: string): string => sql.replaceAll(/\b(LIMIT|OFFSET) \?/g, '$1 ? + 0');

const target = /^\s*(?:INSERT(?: OR \w+)? INTO|UPDATE|DELETE FROM)\s+(?:(\w+)\.)?(\w+)/i;

/** The two files are not one commit: a statement that writes the other one is a mistake, seen when it first runs. */
const writesOnly = (sqlite: Database.Database, part: StorePart, sql: string): string => {
  const [, schema = '', table = ''] = target.exec(sql) ?? [];
  const found = sqlite
    .prepare('SELECT schema FROM pragma_table_list(?) ORDER BY schema = ? DESC LIMIT 1')
    .pluck()
    .get(table, schema === '' ? 'main' : schema);
  // A temporary table is in memory and goes with the connection.
  must(
    found === schemaOf[part] || found === 'temp',
    `a transaction on ${part} would write ${table === '' ? 'something else' : table}`,
  );
  return sql;
};
