import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { PGliteDialect, PostgresDialect, sql } from 'kysely';
import type { Kysely, RawBuilder, Transaction } from 'kysely';
import { Client, escapeIdentifier, escapeLiteral, Pool, types } from 'pg';
import type { ClientConfig } from 'pg';
import type { Log } from './ambient.ts';
import { faultFields } from './ambient.ts';
import type { Bus } from './bus.ts';
import { reasonOf, shownUrl } from './database-faults.ts';
import { lockFolder } from './folder-lock.ts';
import { migrations } from './migrations.ts';
import { NatsUnavailable } from './nats-bus.ts';
import { preparing } from './prepared.ts';
import type { Tenants } from './tenancy.ts';
import { openTenants } from './tenancy.ts';

/**
 * The door to PostgreSQL and to PGlite (PostgreSQL inside this process). Repositories are plain functions over `Db`, written
 * once in the subset of PostgreSQL 15, and behave the same on both: bigint is a number, json is parsed.
 */
export type Db = Kysely<unknown>;
/** A handle inside a transaction: functions that must not stand alone ask for this. */
export type Tx = Transaction<unknown>;

export type DatabaseAt =
  /** `dir: null` keeps everything in memory, for tests; then `copyOf` (embeddedImage) is what it begins with. */
  | { readonly kind: 'pglite'; readonly dir: string | null; readonly copyOf?: Blob }
  | {
      readonly kind: 'postgres';
      readonly url: string;
      /** Connections kept by this instance; 10 by default. */
      readonly poolSize?: number;
    };

export type Database = {
  readonly kind: DatabaseAt['kind'];
  /** Every tenant's rows: for central itself. What a session asks is done with the handle of its tenant (tenancy.ts). */
  readonly db: Db;
  readonly tenant: Tenants['of'];
  /** Calls back with the payload of every `notify` on this channel, from any instance. Reconnects by itself. */
  readonly listen: Bus['listen'];
  /**
   * Stands for `name` until it is closed: an advisory lock of a connection of its own, of which PostgreSQL lets go at once when this process
   * dies. `isStanding` asks for it. In PGlite nobody else is, and nothing is held.
   */
  readonly stand: (name: string) => Promise<Stand>;
  readonly close: () => Promise<void>;
};
export type Stand = { readonly isHeld: () => boolean; readonly close: () => Promise<void> };

/** Any number of our own, for the locks of `stand`. */
const standLock = 7_203_117;
/** An SQL expression of type boolean: somebody stands for this name (an SQL expression of type text). */
export const isStanding = (name: RawBuilder<unknown>): RawBuilder<unknown> =>
  statement`exists (
    select 1 from pg_locks where locktype = 'advisory' and classid::bigint = ${standLock} and objsubid = 2 and granted
      and objid::bigint = (hashtext(${name}) & 2147483647)::bigint)`;
/** A machine without power says no good-bye: the server notices within four seconds. */
const noticed = 'set tcp_keepalives_idle = 2; set tcp_keepalives_interval = 1; set tcp_keepalives_count = 2';

/** The database cannot be used; the message is a sentence for whoever starts central, without the password of the URL. */
export class DatabaseUnavailable extends Error {
  constructor(message: string, cause: unknown) {
    super(message, { cause });
    this.name = 'DatabaseUnavailable';
  }
}

const int8: number = 20;
const listenRetryMs = 1_000;
/** No statement of central takes so long; one that does is stuck behind something, and would hold its connection and its caller. */
const statementMs = 15_000;
const idleInTransactionMs = 30_000;
/** Any number of our own: instances that start together take turns. */
const migrationLock = 7_203_115;

/**
 * Opens the database and brings it to the newest schema.
 * @throws DatabaseUnavailable
 */
export const openDatabase = async (at: DatabaseAt, log: Log, openBus?: OpenBus): Promise<Database> => {
  const { database, tenants } = await connect(at, log);
  try {
    await migrate(database.db, log);
    await standBelow(tenants);
    if (openBus !== undefined) return throughBus(database, await openBus(await busName(database.db)));
  } catch (fault) {
    await database.close().catch(() => {});
    if (at.kind === 'pglite' || fault instanceof NatsUnavailable) throw fault;
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
  const { database } = await connect(at, log);
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

/** @param name of this centre, the same for all its instances */
type OpenBus = (name: string) => Promise<Bus>;

const busName = async (db: Db): Promise<string> => {
  const made = randomBytes(9).toString('hex');
  await run(
    db,
    statement`insert into setting (key, value) values ('bus', ${asJson(made)}::json) on conflict (key) do nothing`,
  );
  return (await firstRow(db, statement<{ value: string }>`select value from setting where key = 'bus'`))?.value ?? made;
};

/** Instances tell each other through this bus instead of LISTEN/NOTIFY; what is said in a transaction, after it has committed. */
const throughBus = (database: Database, bus: Bus): Database => {
  const publish: Publish = (channel, payload) => void bus.publish(channel, payload);
  const telling = (db: Db): Db => {
    publishes.set(db, publish);
    return db;
  };
  return {
    ...database,
    db: telling(database.db),
    tenant: (name) => telling(database.tenant(name)),
    listen: bus.listen,
    close: async () => {
      await bus.close();
      await database.close();
    },
  };
};

type Publish = (channel: string, payload: string) => void;
/** Of handles and transactions whose news do not go by NOTIFY. */
const publishes = new WeakMap<Db, Publish>();

/**
 * To every instance of central; in a transaction: once it has committed, and not at all when it is rolled back.
 * @param payload an SQL expression of type text
 */
export const notify = async (db: Db, channel: string, payload: RawBuilder<unknown>): Promise<void> => {
  const publish = publishes.get(db);
  if (publish === undefined) return run(db, statement`select pg_notify(${channel}, ${payload})`);
  const said = await firstRow(db, statement<{ payload: string }>`select ${payload} as payload`);
  publish(channel, said?.payload ?? '');
};

/** The newest schema in an embedded database, with nothing in it: to make one takes seconds, to begin with a copy a fraction of one. */
export const embeddedImage = async (log: Log): Promise<Blob> => {
  const { database, tenants, image } = await openPglite({ dir: null }, log);
  try {
    await migrate(database.db, log);
    await standBelow(tenants);
    return await image();
  } finally {
    await database.close();
  }
};

type Connected = { readonly database: Database; readonly tenants: Tenants };

const connect = async (at: DatabaseAt, log: Log): Promise<Connected> =>
  at.kind === 'pglite' ? openPglite(at, log) : openPostgres(at, log);

/** Of the user who is above row level security: what is done for a tenant is done as this role, which is not. */
const tenantRole = 'zuoxi_tenant';

/** Row level security binds the owner of the tables (`force`), but no superuser, as PGlite's user is: that one steps down. */
const standBelow = async (tenants: Tenants): Promise<void> => {
  const user = await firstRow(
    tenants.all,
    statement<{ isAbove: boolean }>`
      select rolsuper or rolbypassrls as "isAbove" from pg_roles where rolname = current_user`,
  );
  if (user?.isAbove !== true) return;
  await transaction(tenants.all, async (tx) => {
    await run(tx, statement`select pg_advisory_xact_lock(${migrationLock})`);
    const known = await firstRow(tx, statement`select 1 as one from pg_roles where rolname = ${tenantRole}`);
    if (known === undefined) await sql.raw(`create role ${tenantRole} nologin`).execute(tx);
    for (const [what, may] of [
      ['schema', 'usage'],
      ['all tables in schema', 'select, insert, update, delete'],
      ['all sequences in schema', 'usage, select'],
    ])
      await sql.raw(`grant ${may} on ${what} public to ${tenantRole}`).execute(tx);
  });
  tenants.runAs(tenantRole);
};

type Embedded = Omit<Extract<DatabaseAt, { kind: 'pglite' }>, 'kind'>;

const openPglite = async (
  { dir, copyOf }: Embedded,
  log: Log,
): Promise<Connected & { readonly image: () => Promise<Blob> }> => {
  const unlock = dir === null ? async () => {} : await claim(dir);
  const startedMs = performance.now();
  const pglite = new PGlite({
    ...(dir === null ? {} : { dataDir: dir }),
    ...(copyOf === undefined ? {} : { loadDataDir: copyOf }),
    parsers: { [int8]: Number },
  });
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
  const tenants = openTenants(new PGliteDialect({ pglite }), true);
  const database: Database = {
    kind: 'pglite',
    db: tenants.all,
    tenant: tenants.of,
    // Within this process: it is never away.
    listen: (channel, heard) => pglite.listen(channel, heard),
    stand: async () => ({ isHeld: () => true, close: async () => {} }),
    close: async () => {
      if (!pglite.closed) await pglite.close();
      await unlock();
    },
  };
  return { database, tenants, image: () => pglite.dumpDataDir('none') };
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

const openPostgres = ({ url, poolSize = 10 }: Extract<DatabaseAt, { kind: 'postgres' }>, log: Log): Connected => {
  const settings: ClientConfig = {
    connectionString: url,
    application_name: 'zuoxi-central',
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
    statement_timeout: statementMs,
    idle_in_transaction_session_timeout: idleInTransactionMs,
    types: { getTypeParser: (oid: number, format) => (oid === int8 ? Number : types.getTypeParser(oid, format)) },
  };
  const pool = new Pool({ ...settings, max: poolSize });
  // An idle connection that breaks is replaced by the pool; without a listener it would end the process.
  pool.on('error', (fault) => log.warn(faultFields(fault), 'database connection lost'));
  // One that breaks in use fails its statement as well; said here alone it would end the process.
  pool.on('connect', (client) =>
    client.on('error', (fault) => log.debug(faultFields(fault), 'connection in use lost')),
  );
  const own = new Set<Stand>();
  const keep = async (kept: Kept): Promise<Stand> => {
    const one = await keepConnection(settings, kept, log);
    own.add(one);
    return {
      isHeld: one.isHeld,
      close: () => {
        own.delete(one);
        return one.close();
      },
    };
  };
  const tenants = openTenants(new PostgresDialect({ pool: preparing(pool) }), false);
  const database: Database = {
    kind: 'postgres',
    db: tenants.all,
    tenant: tenants.of,
    listen: async (channel, heard, resumed = () => {}) =>
      (await keep({ opening: `listen ${escapeIdentifier(channel)}`, heard, resumed })).close,
    stand: (name) => {
      const lock = `select pg_advisory_lock(${standLock}, hashtext(${escapeLiteral(name)}) & 2147483647)`;
      return keep({ opening: `${noticed}; ${lock}`, heard: () => {}, resumed: () => {} });
    },
    close: async () => {
      await Promise.all([...own].map((one) => one.close()));
      await pool.end();
    },
  };
  return { database, tenants };
};

type Kept = {
  readonly opening: string;
  readonly heard: (payload: string) => void;
  /** It was lost, and is there again. */
  readonly resumed: () => void;
};
/** LISTEN and a lock of the session need a connection of their own that nothing else borrows. */
const keepConnection = async (settings: ClientConfig, { opening, heard, resumed }: Kept, log: Log): Promise<Stand> => {
  let client: Client | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  const again = () => {
    client = undefined;
    if (!isStopped) timer = setTimeout(() => void connect().then(resumed, again), listenRetryMs);
  };
  const connect = async () => {
    const next = new Client(settings);
    next.on('notification', (note) => heard(note.payload ?? ''));
    next.on('error', (fault) => {
      log.warn(faultFields(fault), 'database connection of its own lost; connecting again');
      if (client === next) again();
    });
    await next.connect();
    await next.query(opening);
    client = next;
    if (isStopped) await next.end();
  };
  await connect();
  return {
    isHeld: () => client !== undefined,
    close: async () => {
      isStopped = true;
      clearTimeout(timer);
      await client?.end();
    },
  };
};

/**
 * Brings the schema up, each step in a transaction; several instances may start at once.
 * @param upTo the last step to run; all by default
 * @throws when the database was made by a newer version: nothing is written then
 */
export const migrate = async (db: Db, log: Log, upTo: number = migrations.length): Promise<void> => {
  const known = await transaction(db, async (tx) => {
    await run(tx, statement`select pg_advisory_xact_lock(${migrationLock})`);
    await run(tx, statement`create table if not exists migration (number int primary key, name text not null)`);
    return stepsDone(tx);
  });
  for (const [index, step] of migrations.slice(0, upTo).entries())
    if (index >= known)
      await transaction(db, async (tx) => {
        await run(tx, statement`select pg_advisory_xact_lock(${migrationLock})`);
        if ((await stepsDone(tx)) > index) return;
        // A step over millions of rows takes its time.
        await run(tx, statement`set local statement_timeout = 0`);
        for (const text of step.statements) await sql.raw(text).execute(tx);
        await run(tx, statement`insert into migration (number, name) values (${index + 1}, ${step.name})`);
        log.info({ migration: index + 1 }, 'schema step done');
      });
};

const stepsDone = async (tx: Tx): Promise<number> => {
  const newest = await firstRow(tx, statement<{ number: number | null }>`select max(number) as number from migration`);
  const done = newest?.number ?? 0;
  if (done > migrations.length) throw new Error('the database belongs to a newer version of central');
  return done;
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
export const transaction = async <T>(db: Db, work: (tx: Tx) => Promise<T>): Promise<T> => {
  const publish = publishes.get(db);
  const news: Parameters<Publish>[] = [];
  const done = await db.transaction().execute(async (tx) => {
    if (publish !== undefined) publishes.set(tx, (...said) => void news.push(said));
    const last = new Map<string, Last>();
    lasts.set(tx, last);
    const result = await work(tx);
    for (const act of last.values()) await act(tx);
    return result;
  });
  for (const said of news) publish?.(...said);
  return done;
};

type Last = (tx: Tx) => Promise<void>;
const lasts = new WeakMap<Db, Map<string, Last>>();

/**
 * Before the transaction commits, after all its work, once for each key: what many of its statements ask for, or what others wait for as
 * soon as it is done. @returns false outside `transaction`: nothing will be done then
 */
export const atCommit = (tx: Tx, key: string, last: Last): boolean => {
  const known = lasts.get(tx);
  if (known !== undefined && !known.has(key)) known.set(key, last);
  return known !== undefined;
};

/** A tagged template for one statement: substitutions become parameters. */
export const statement = <Row = unknown>(parts: TemplateStringsArray, ...values: unknown[]): RawBuilder<Row> =>
  sql<Row>(parts, ...values);

/** A value for a `::json` parameter: both drivers would turn an array into something else. */
export const asJson = (value: unknown): string => JSON.stringify(value);
