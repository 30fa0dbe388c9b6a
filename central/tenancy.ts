import type { DatabaseConnection, Dialect, Driver, QueryResult } from 'kysely';
import { CompiledQuery, Kysely } from 'kysely';

/**
 * Tenants are kept apart by the database (R39, security 47): row level security shows a handle of one tenant nothing of another's,
 * whatever the statement says, and what it writes is its own. A handle is made for the tenant of a session (sessions.ts) and
 * nowhere else; a foreign id is answered like one that does not exist. Chosen over a condition in each statement, because that is
 * one forgotten `where` away from a leak, and a new table is found by its test (tenants.test.ts).
 *
 * Who the connection stands for is a setting of it, put before each use when it was another one, and with `begin` for a transaction: a pooler between central and PostgreSQL
 * has to keep connections to their sessions ("session" mode in PgBouncer), which LISTEN asks for as well.
 */
export type Tenants = {
  /** The centre's own hand: every row. For sign-in, imports, the exchange's events. */
  readonly all: Kysely<unknown>;
  readonly of: (tenant: string) => Kysely<unknown>;
  /** From now on statements for a tenant run as this role: the connection's own user is above row level security. */
  readonly runAs: (role: string) => void;
  readonly close: () => Promise<void>;
};

/** Whose rows are whose nobody said. */
export const defaultTenant = 'default';

/** @param isSingle the database has one connection: uses of it take turns, also between handles */
export const openTenants = (dialect: Dialect, isSingle: boolean): Tenants => {
  const driver = dialect.createDriver();
  let begun: Promise<void> | undefined;
  let role = 'none';
  const turns = isSingle ? oneAtATime() : undefined;

  const { enter, begin } = standing(driver, () => role);
  const driverFor = (tenant: string): Driver => ({
    init: (options) => (begun ??= driver.init(options)),
    acquireConnection: async (options) => {
      await turns?.take();
      try {
        return new TenantConnection(await driver.acquireConnection(options), (inner) => enter(inner, tenant));
      } catch (fault) {
        turns?.give();
        throw fault;
      }
    },
    releaseConnection: async (connection, options) => {
      try {
        await driver.releaseConnection(innerOf(connection), options);
      } finally {
        turns?.give();
      }
    },
    beginTransaction: async (connection, settings) => {
      const inner = innerOf(connection);
      const isPlain = settings.isolationLevel === undefined && settings.accessMode === undefined;
      // PGlite takes one statement at a time, and has no way to go.
      if (isPlain && !isSingle) await begin(inner, tenant);
      else {
        await enter(inner, tenant);
        await driver.beginTransaction(inner, settings);
      }
      if (connection instanceof TenantConnection) connection.isEntered = true;
    },
    commitTransaction: (connection) => driver.commitTransaction(innerOf(connection)),
    rollbackTransaction: (connection) => driver.rollbackTransaction(innerOf(connection)),
    destroy: async () => {},
  });
  const handle = (tenant: string): Kysely<unknown> =>
    new Kysely<unknown>({
      dialect: {
        createAdapter: () => dialect.createAdapter(),
        createQueryCompiler: () => dialect.createQueryCompiler(),
        createIntrospector: (db) => dialect.createIntrospector(db),
        createDriver: () => driverFor(tenant),
      },
    });
  const handles = new Map<string, Kysely<unknown>>();
  return {
    all: handle(''),
    of: (tenant) => {
      if (tenant === '') throw new Error('a tenant has a name');
      const known = handles.get(tenant) ?? handle(tenant);
      handles.set(tenant, known);
      return known;
    },
    runAs: (name) => {
      role = name;
    },
    close: async () => {
      await begun?.then(() => driver.destroy());
    },
  };
};

/** Makes connections stand for a tenant. */
const standing = (driver: Driver, role: () => string) => {
  const standsFor = new WeakMap<DatabaseConnection, string>();
  const wantedFor = (tenant: string) => ({ as: tenant === '' ? 'none' : role(), tenant });
  const enter = async (connection: DatabaseConnection, tenant: string): Promise<void> => {
    const { as } = wantedFor(tenant);
    const wanted = `${as} ${tenant}`;
    if ((standsFor.get(connection) ?? 'none ') === wanted) return;
    // Unknown until it is done: a fault in between must not leave it believed.
    standsFor.delete(connection);
    await connection.executeQuery(
      CompiledQuery.raw("select set_config('role', $1, false), set_config('zuoxi.tenant', $2, false)", [as, tenant]),
    );
    standsFor.set(connection, wanted);
  };
  /** On the way with `begin`, for this transaction alone: no way to the database and back of its own. */
  const begin = async (connection: DatabaseConnection, tenant: string): Promise<void> => {
    const { as } = wantedFor(tenant);
    const isSo = (standsFor.get(connection) ?? 'none ') === `${as} ${tenant}`;
    const settings = `select set_config('role', ${quoted(as)}, true), set_config('zuoxi.tenant', ${quoted(tenant)}, true)`;
    try {
      await connection.executeQuery(CompiledQuery.raw(isSo ? 'begin' : `begin; ${settings}`));
    } catch (fault) {
      // It may have begun: nobody ends what nobody knows of.
      await driver.rollbackTransaction(connection).catch(() => {});
      throw fault;
    }
  };
  return { enter, begin };
};

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** Stands for its tenant from its first statement on. */
class TenantConnection implements DatabaseConnection {
  readonly inner: DatabaseConnection;
  isEntered = false;
  readonly #enter: (inner: DatabaseConnection) => Promise<void>;

  constructor(inner: DatabaseConnection, enter: (inner: DatabaseConnection) => Promise<void>) {
    this.inner = inner;
    this.#enter = enter;
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    await this.#entered();
    return this.inner.executeQuery<Row>(query);
  }

  async *streamQuery<Row>(query: CompiledQuery, chunkSize: number): AsyncIterableIterator<QueryResult<Row>> {
    await this.#entered();
    yield* this.inner.streamQuery<Row>(query, chunkSize);
  }

  async #entered(): Promise<void> {
    if (this.isEntered) return;
    await this.#enter(this.inner);
    this.isEntered = true;
  }
}

const innerOf = (connection: DatabaseConnection): DatabaseConnection =>
  connection instanceof TenantConnection ? connection.inner : connection;

const oneAtATime = () => {
  const waiting: (() => void)[] = [];
  let isTaken = false;
  return {
    take: (): Promise<void> => {
      if (!isTaken) {
        isTaken = true;
        return Promise.resolve();
      }
      return new Promise((mine) => void waiting.push(mine));
    },
    give: (): void => {
      const next = waiting.shift();
      if (next === undefined) isTaken = false;
      else next();
    },
  };
};
