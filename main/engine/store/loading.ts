import type { Customer } from '../../../shared/customer.ts';
import { putKeys } from './customer-keys.ts';
import type { CacheDb, ReadDb } from './db.ts';
import { keysOf } from './rows.ts';

/**
 * Customers and their lines come in the order of customers; what they are found by has an order of its own. Kept up to date row by row,
 * these tables cost a load more than all others: a page written and encrypted for every row. So during a load they are in memory
 * (`temp_store=MEMORY`), and are written in their order at its end, in slices.
 *
 * The tables in memory have the names of those in the file: SQLite looks for a name in `temp` first, and prepares every statement
 * anew when something appears there. Whoever reads or writes keys need not know of a load. Those in the file are not looked at before
 * its end, and a load broken off by the end of the process finds its keys again in the rows it has.
 */
const tables = {
  customer_number: { key: ['key', 'customer_id'], more: ['confidence'] },
  customer_tail: { key: ['tail', 'customer_id'], more: [] },
  customer_name: { key: ['surname', 'given', 'customer_id'], more: [] },
  history_place: { key: ['contact_id'], more: ['customer_id', 'started_at'] },
} as const;
type Table = keyof typeof tables;
export const keyTables = Object.keys(tables) as readonly Table[];

/** False at a load's beginning, and when another process began it. */
export const isInMemory = (db: ReadDb): boolean =>
  db.get('keys in memory', "SELECT 1 FROM temp.sqlite_schema WHERE name = 'history_place'") !== undefined;

const dropped = keyTables.map((table) => `DROP TABLE IF EXISTS temp.${table};`).join('\n');

export const beginInMemory = (db: CacheDb): void =>
  db.script(
    'keys into memory',
    `${dropped}
     CREATE TEMPORARY TABLE customer_number (
       key TEXT NOT NULL, customer_id TEXT NOT NULL, confidence TEXT NOT NULL, PRIMARY KEY (key, customer_id)
     ) STRICT, WITHOUT ROWID;
     CREATE TEMPORARY TABLE customer_tail (
       tail TEXT NOT NULL, customer_id TEXT NOT NULL, PRIMARY KEY (tail, customer_id)
     ) STRICT, WITHOUT ROWID;
     CREATE TEMPORARY TABLE customer_name (
       surname TEXT NOT NULL, given INTEGER NOT NULL, customer_id TEXT NOT NULL, PRIMARY KEY (surname, given, customer_id)
     ) STRICT, WITHOUT ROWID;
     CREATE TEMPORARY TABLE history_place (
       contact_id TEXT PRIMARY KEY, customer_id TEXT NOT NULL, started_at INTEGER NOT NULL
     ) STRICT, WITHOUT ROWID;`,
  );

export const endInMemory = (db: CacheDb): void => db.script('keys from memory', dropped);

/** A customer and all lines of it follow each other: so many customers at once. */
const customersAtOnce = 100;

/** Finds keys and places of rows that are here, slice by slice. @returns where to go on; null at the end */
export const findAgain = (db: CacheDb, after: string): string | null => {
  const upTo = lastOf(db, 'customer', 'id', after) ?? lastOf(db, 'history', 'customer_id', after);
  if (upTo === null) return null;
  const found = db.all<{ id: string; doc: string }>(
    'customers of a load broken off',
    'SELECT id, doc FROM customer WHERE id > ? AND id <= ?',
    after,
    upTo,
  );
  for (const { id, doc } of found) putKeys(db, id, keysOf(JSON.parse(doc) as Customer));
  db.run(
    'find places',
    `INSERT OR REPLACE INTO history_place (contact_id, customer_id, started_at)
     SELECT contact_id, customer_id, started_at FROM history WHERE customer_id > ? AND customer_id <= ?`,
    after,
    upTo,
  );
  return upTo;
};

const lastOf = (db: ReadDb, table: 'customer' | 'history', column: string, after: string): string | null =>
  db.get<{ id: string | null }>(
    'next customers',
    `SELECT max(id) AS id FROM (SELECT DISTINCT ${column} AS id FROM ${table} WHERE ${column} > ? ORDER BY 1 LIMIT ?)`,
    after,
    customersAtOnce,
  )?.id ?? null;

export type Copied = { readonly table: Table; readonly after: readonly (string | number)[] };

/** Writes the next `limit` rows of a table, and of the next table. @returns where to go on; null at the end */
export const copyNext = (db: CacheDb, from: Copied | null, limit: number): Copied | null => {
  const { table, after } = from ?? { table: keyTables[0] as Table, after: [] };
  // What a load broken off had written already.
  if (after.length === 0) db.run('clear keys', `DELETE FROM cache.${table}`);
  const { key, more } = tables[table];
  const order = key.join(', ');
  const beyond = after.length === 0 ? 'TRUE' : `(${order}) > (${after.map(() => '?').join(', ')})`;
  const last = db.get<Record<string, string | number>>(
    'next keys',
    `SELECT ${order} FROM temp.${table} WHERE ${beyond} ORDER BY ${order} LIMIT 1 OFFSET ?`,
    ...after,
    limit - 1,
  );
  const upTo = last === undefined ? [] : key.map((column) => last[column] ?? '');
  const within = last === undefined ? 'TRUE' : `(${order}) <= (${upTo.map(() => '?').join(', ')})`;
  const columns = [...key, ...more].join(', ');
  db.run(
    'keep keys',
    `INSERT INTO cache.${table} (${columns}) SELECT ${columns} FROM temp.${table}
     WHERE ${beyond} AND ${within} ORDER BY ${order}`,
    ...after,
    ...upTo,
  );
  if (last !== undefined) return { table, after: upTo };
  const next = keyTables[keyTables.indexOf(table) + 1];
  return next === undefined ? null : { table: next, after: [] };
};
