import { lineFromCentral } from './contacts.ts';
import { reversed } from './customer-keys.ts';
import type { CacheDb } from './db.ts';
import type { CustomerRow, LineRow } from './rows.ts';

/**
 * Rows of a load, many to a statement: to call the database for each costs as much as what it does. Only rows that are new come this way,
 * which in a load are nearly all.
 */
export type Kept<R> = { readonly id: string; readonly row: R };
type Value = string | number;

/** So many to a statement; the rest of them in smaller ones, so that few statements have to be kept. */
const batches = [16, 4, 1] as const;
type Batch = (typeof batches)[number];

/** Calls `write` with rows as they fit into statements. */
const inBatches = <R>(rows: readonly R[], write: (some: readonly R[], size: Batch) => void): void => {
  let from = 0;
  for (const size of batches)
    for (; rows.length - from >= size; from += size) write(rows.slice(from, from + size), size);
};

const inserting = (what: string, columns: number): Readonly<Record<Batch, string>> => {
  const row = `(${Array.from({ length: columns }, () => '?').join(', ')})`;
  const of = (size: Batch): string => what.replace('ROWS', Array.from({ length: size }, () => row).join(', '));
  return { 16: of(16), 4: of(4), 1: of(1) };
};

const customers = inserting('INSERT INTO customer (id, doc) VALUES ROWS', 2);
const numbers = inserting(
  'INSERT INTO customer_number (key, customer_id, confidence) VALUES ROWS ON CONFLICT DO NOTHING',
  3,
);
const tails = inserting('INSERT INTO customer_tail (tail, customer_id) VALUES ROWS ON CONFLICT DO NOTHING', 2);
const names = inserting(
  'INSERT INTO customer_name (surname, given, customer_id) VALUES ROWS ON CONFLICT DO NOTHING',
  3,
);
const places = inserting(
  'INSERT INTO history_place (contact_id, customer_id, started_at) VALUES ROWS ON CONFLICT DO NOTHING',
  3,
);
const lines = inserting('INSERT OR REPLACE INTO history (customer_id, started_at, contact_id, doc) VALUES ROWS', 4);
const held: Readonly<Record<Batch, string>> = {
  16: `SELECT 1 FROM customer WHERE id IN (${Array.from({ length: 16 }, () => '?').join(', ')}) LIMIT 1`,
  4: 'SELECT 1 FROM customer WHERE id IN (?, ?, ?, ?) LIMIT 1',
  1: 'SELECT 1 FROM customer WHERE id = ?',
};

/** @param one for customers who are here already @returns how many were not here */
export const keepCustomers = (
  db: CacheDb,
  rows: readonly Kept<CustomerRow>[],
  one: (id: string, row: CustomerRow) => 'added' | void,
): number => {
  let added = 0;
  inBatches(rows, (some, size) => {
    const ids = some.map(({ id }) => id);
    const areNew = new Set(ids).size === size && db.get('holds customers', held[size], ...ids) === undefined;
    if (areNew) {
      db.run('add customers', customers[size], ...some.flatMap(({ id, row }) => [id, row.doc]));
      putKeysOf(db, some);
      added += size;
    } else for (const { id, row } of some) if (one(id, row) === 'added') added += 1;
  });
  return added;
};

const putKeysOf = (db: CacheDb, rows: readonly Kept<CustomerRow>[]): void => {
  const put = (name: string, sql: typeof numbers, keys: readonly (readonly Value[])[]): void =>
    inBatches(keys, (some, size) => void db.run(name, sql[size], ...some.flat()));
  const numbersOf = rows.flatMap(({ id, row }) => row.numbers.map((number) => ({ id, ...number })));
  put(
    'put numbers',
    numbers,
    numbersOf.map(({ id, key, confidence }) => [key, id, confidence]),
  );
  put(
    'put number ends',
    tails,
    numbersOf.map(({ id, key }) => [reversed(key), id]),
  );
  put(
    'put names',
    names,
    rows.flatMap(({ id, row }) => row.givens.map((given) => [row.family, given, id])),
  );
};

export const keepLines = (db: CacheDb, rows: readonly Kept<LineRow>[]): void =>
  inBatches(rows, (some, size) => {
    const taken = db.run(
      'take places',
      places[size],
      ...some.flatMap(({ id, row }) => [id, row.customerId, row.startedAtMs]),
    );
    if (taken === size)
      db.run(
        'put past contacts',
        lines[size],
        ...some.flatMap(({ id, row }) => [row.customerId, row.startedAtMs, id, row.doc]),
      );
    // One of them had a place before: its line goes. Those whose place was free just now find it as it is to be.
    else for (const { id, row } of some) lineFromCentral(db, id, row);
  });
