import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { Kysely, PGliteDialect, PostgresDialect, sql } from 'kysely';
import type { RawBuilder, Transaction } from 'kysely';
import { Client, escapeIdentifier, Pool, types } from 'pg';
import type { ClientConfig } from 'pg';
import type { Log } from './ambient.ts';
import { faultFields } from './ambient.ts';
import { lockFolder } from './folder-lock.ts';
import { migrations } from './migrations.ts';

/**
 * The door to PostgreSQL and to PGlite (PostgreSQL inside this process). Repositories are plain functions over `Db`, written
 * once in the subset of PostgreSQL 15, and behave the same on both: bigint is a number, json is parsed.
 */
export type Db = Kysely<unknown>;
/** A handle inside a transaction: functions that must not stand alone ask for this. */
export type Tx = Transaction<unknown>;

export type DatabaseAt =
  /** `dir: null` keeps everything in memory, for tests. */
  { readonly kind: 'pglite'; readonly dir: string | null } | { readonly kind: 'postgres'; readonly url: string };

export type Database = {
  readonly kind: DatabaseAt['kind'];
  readonly db: Db;
  /** Calls back with the payload of every `notify` on this channel, from any instance. Reconnects by itself. */
  readonly listen: (channel: string, heard: (payload: string) => void) => Promise<() => Promise<void>>;
  readonly close: () => Promise<void>;
};

/** The database cannot be used; the message is a sentence for whoever starts central, without the password of the URL. */
export class DatabaseUnavailable extends Error {
  constructor(message: string, cause: unknown) {
    super(message, { cause });
    this.name = 'DatabaseUnavailable';
  }
}

const int8: number = 20;
const listenRetryMs = 1_000;
/** Any number of our own: instances that start together take turns. */
const migrationLock = 7_203_115;

/**
 * Opens the database and brings it to the newest schema.
 * @throws DatabaseUnavailable
 */
export const openDatabase = async (at: DatabaseAt, log: Log): Promise<Database> => {
  const database = at.kind === 'pglite' ? await openPglite(at.dir, log) : openPostgres(at.url, log);
  try {
    await migrate(database.db, log);
  } catch (fault) {
    await database.close().catch(() => {});
    if (at.kind === 'pglite') throw fault;
    throw new DatabaseUnavailable(`PostgreSQL at ${shownUrl(at.url)} cannot be used: ${reasonOf(fault)}.`, fault);
  }
  return database;
};

/**
 * One look at a database as it is: no schema step, nothing written, everything as of one moment.
 * @throws DatabaseUnavailable
 */
export const readDatabase = async <T>(at: DatabaseAt, log: Log, look: (db: Tx) => Promise<T>): Promise<T> => {
  if (at.kind === 'pglite' && at.dir !== null && !existsSync(join(at.dir, 'PG_VERSION')))
    throw new DatabaseUnavailable(`There is no database in ${at.dir}.`, undefined);
  const database = at.kind === 'pglite' ? await openPglite(at.dir, log) : openPostgres(at.url, log);
  try {
    await run(database.db, statement`select 1`).catch((fault: unknown) => {
      const where =
        at.kind === 'pglite' ? `The embedded database in ${at.dir ?? 'memory'}` : `PostgreSQL at ${shownUrl(at.url)}`;
      throw new DatabaseUnavailable(`${where} cannot be used: ${reasonOf(fault)}.`, fault);
    });
    const snapshot = database.db.transaction().setIsolationLevel('repeatable read').setAccessMode('read only');
    return await snapshot.execute(look);
  } finally {
    await database.close().catch(() => {});
  }
};

const openPglite = async (dir: string | null, log: Log): Promise<Database> => {
  const unlock = dir === null ? async () => {} : await claim(dir);
  const startedMs = performance.now();
  const pglite = new PGlite({ ...(dir === null ? {} : { dataDir: dir }), parsers: { [int8]: Number } });
  try {
    await pglite.waitReady;
  } catch (fault) {
    await unlock();
    throw new DatabaseUnavailable(`The embedded database in ${dir ?? 'memory'} cannot be opened.`, fault);
  }
  log.info(
    { database: 'pglite', ms: Math.round(performance.now() - startedMs) },
    'embedded database open: it survives a killed process but not a power cut, so it is for practice and pilots only',
  );
  return {
    kind: 'pglite',
    db: new Kysely<unknown>({ dialect: new PGliteDialect({ pglite }) }),
    listen: (channel, heard) => pglite.listen(channel, heard),
    // Not db.destroy(): it would do nothing when no query ran yet.
    close: async () => {
      if (!pglite.closed) await pglite.close();
      await unlock();
    },
  };
};

const claim = async (dir: string): Promise<() => Promise<void>> => {
  try {
    await mkdir(dir, { recursive: true });
  } catch (fault) {
    throw new DatabaseUnavailable(`The folder ${dir} cannot be made.`, fault);
  }
  const unlock = await lockFolder(dir);
  if (unlock !== undefined) return unlock;
  throw new DatabaseUnavailable(
    `Another program has the embedded database in ${dir}. Stop it; if there is none, remove ${dir}.lock.`,
    undefined,
  );
};

const openPostgres = (url: string, log: Log): Database => {
  const settings: ClientConfig = {
    connectionString: url,
    application_name: 'zuoxi-central',
    connectionTimeoutMillis: 5_000,
    types: { getTypeParser: (oid: number, format) => (oid === int8 ? Number : types.getTypeParser(oid, format)) },
  };
  const pool = new Pool({ ...settings, max: 10 });
  // An idle connection that breaks is replaced by the pool; without a listener it would end the process.
  pool.on('error', (fault) => log.warn(faultFields(fault), 'database connection lost'));
  const listeners = new Set<() => Promise<void>>();
  return {
    kind: 'postgres',
    db: new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) }),
    listen: async (channel, heard) => {
      const stop = await listenOn(settings, channel, heard, log);
      listeners.add(stop);
      return async () => {
        listeners.delete(stop);
        await stop();
      };
    },
    close: async () => {
      await Promise.all([...listeners].map((stop) => stop()));
      await pool.end();
    },
  };
};

/** LISTEN needs a connection of its own that nothing else borrows. */
const listenOn = async (
  settings: ClientConfig,
  channel: string,
  heard: (payload: string) => void,
  log: Log,
): Promise<() => Promise<void>> => {
  let client: Client | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  const again = () => {
    client = undefined;
    if (!isStopped) timer = setTimeout(() => void connect().catch(again), listenRetryMs);
  };
  const connect = async () => {
    const next = new Client(settings);
    next.on('notification', (note) => heard(note.payload ?? ''));
    next.on('error', (fault) => {
      log.warn(faultFields(fault), 'notifications lost; connecting again');
      if (client === next) again();
    });
    await next.connect();
    await next.query(`listen ${escapeIdentifier(channel)}`);
    client = next;
    if (isStopped) await next.end();
  };
  await connect();
  return async () => {
    isStopped = true;
    clearTimeout(timer);
    await client?.end();
  };
};

/**
 * Brings the schema up, each step in a transaction; several instances may start at once.
 * @param upTo the last step to run; all by default
 * @throws when the database was made by a newer version: nothing is written then
 */
export const migrate = async (db: Db, log: Log, upTo: number = migrations.length): Promise<void> => {
  await transaction(db, async (tx) => {
    await run(tx, statement`select pg_advisory_xact_lock(${migrationLock})`);
    await run(tx, statement`create table if not exists migration (number int primary key, name text not null)`);
  });
  for (const [index, step] of migrations.slice(0, upTo).entries())
    await transaction(db, async (tx) => {
      await run(tx, statement`select pg_advisory_xact_lock(${migrationLock})`);
      const newest = await firstRow(
        tx,
        statement<{ number: number | null }>`select max(number) as number from migration`,
      );
      const done = newest?.number ?? 0;
      if (done > migrations.length) throw new Error('the database belongs to a newer version of central');
      if (done > index) return;
      for (const text of step.statements) await sql.raw(text).execute(tx);
      await run(tx, statement`insert into migration (number, name) values (${index + 1}, ${step.name})`);
      log.info({ migration: index + 1 }, 'schema step done');
    });
};

/** Runs a statement and gives its rows. `Row` states what the statement selects. */
export const rows = async <Row>(db: Db, statement: RawBuilder<Row>): Promise<readonly Row[]> =>
  (await statement.execute(db)).rows;

export const firstRow = async <Row>(db: Db, statement: RawBuilder<Row>): Promise<Row | undefined> =>
  (await statement.execute(db)).rows[0];

export const run = async (db: Db, statement: RawBuilder<unknown>): Promise<void> => {
  await statement.execute(db);
};

/** Runs `work` in one transaction; a throw rolls back. Nothing slow from outside may be awaited in it. */
export const transaction = <T>(db: Db, work: (tx: Tx) => Promise<T>): Promise<T> => db.transaction().execute(work);

/** A tagged template for one statement: substitutions become parameters. */
export const statement = <Row = unknown>(parts: TemplateStringsArray, ...values: unknown[]): RawBuilder<Row> =>
  sql<Row>(parts, ...values);

/** A value for a `::json` parameter: both drivers would turn an array into something else. */
export const asJson = (value: unknown): string => JSON.stringify(value);

/** postgres://user:***@host/db */
const shownUrl = (url: string): string => url.replace(/(:\/\/[^:/@]+):[^@]*@/, '$1:***@');

const reasonOf = (fault: unknown): string => {
  const code = fault instanceof Error && 'code' in fault ? String(fault.code) : '';
  switch (code) {
    case 'ECONNREFUSED':
      return 'nothing answers there';
    case 'ENOTFOUND':
      return 'the host is not known';
    case '28P01':
    case '28000':
      return 'user or password were refused';
    case '3D000':
      return 'the database does not exist';
    default:
      return fault instanceof Error ? fault.message : 'unknown fault';
  }
};
