import type { PostgresPool, PostgresPoolClient } from 'kysely';

/**
 * PostgreSQL reads, checks and plans a statement each time it comes, with row level security woven in anew: for most of central's that is
 * more work than the statement itself. Under a name a connection keeps what it made of the text, and decides by itself whether one plan
 * serves all values. What comes seldom is not worth the memory, and a text that is never the same again must not fill it.
 */
type Named = { readonly name: string; readonly text: string; readonly values: readonly unknown[] };
type NamingClient = Pick<PostgresPoolClient, 'release'> & {
  query(text: string, values: readonly unknown[]): Promise<unknown>;
  query(named: Named): Promise<unknown>;
};
type NamingPool = Pick<PostgresPool, 'end' | 'options'> & { connect(): Promise<NamingClient> };

const worthFrom = 4;
const mostTexts = 2_000;
/**
 * What joins rows that were sent along is planned each time: the plan for tables that are nearly empty, as at the beginning of an import,
 * would read the whole of them for every batch until PostgreSQL has counted them anew.
 */
const joinsSent = /json_to_recordset|unnest\(/;

/** The pool, its clients' statements with values under names. */
export const preparing = (pool: NamingPool): PostgresPool => {
  const names = makeNames();
  const wrapped = new WeakMap<NamingClient, PostgresPoolClient>();
  const wrap = (client: NamingClient): PostgresPoolClient => {
    const query = async (text: string, values: readonly unknown[]): Promise<unknown> => {
      const name = values.length === 0 ? undefined : names.of(text);
      if (name === undefined) return client.query(text, values);
      try {
        return await client.query({ name, text, values });
      } catch (fault) {
        // An instance of the next version has changed a table: what was made of the text is no longer true, on any connection.
        if (isOutdated(fault)) names.forget(text);
        throw fault;
      }
    };
    // Everything else, `release` of each time among it, is the client's own.
    return Object.create(client, { query: { value: query } }) as PostgresPoolClient;
  };
  return {
    options: pool.options,
    end: () => pool.end(),
    connect: async () => {
      const client = await pool.connect();
      const known = wrapped.get(client) ?? wrap(client);
      wrapped.set(client, known);
      return known;
    },
  };
};

const makeNames = () => {
  const texts = new Map<string, { uses: number; readonly isKept: boolean; name: string | undefined }>();
  let made = 0;
  return {
    of: (text: string): string | undefined => {
      const known = texts.get(text);
      if (known === undefined) {
        if (texts.size < mostTexts) texts.set(text, { uses: 1, isKept: !joinsSent.test(text), name: undefined });
        return undefined;
      }
      known.uses += 1;
      if (!known.isKept || known.uses < worthFrom) return undefined;
      if (known.name === undefined) {
        made += 1;
        known.name = `s${made}`;
      }
      return known.name;
    },
    /** The next time it gets another name, and is read anew. */
    forget: (text: string): void => {
      const known = texts.get(text);
      if (known !== undefined) known.name = undefined;
    },
  };
};

/** "cached plan must not change result type" (SQLSTATE 0A000, feature not supported). */
const isOutdated = (fault: unknown): boolean => fault instanceof Error && 'code' in fault && fault.code === '0A000';
