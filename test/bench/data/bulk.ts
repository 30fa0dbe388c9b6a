import { join } from 'node:path';
import Database from 'better-sqlite3';
import { fileNames } from '../../../main/engine/store/db.ts';
import { reversed } from '../../../main/engine/store/customer-keys.ts';
import { keysOf } from '../../../main/engine/store/rows.ts';
import type { Customer, PastContact } from '../../../shared/customer.ts';
import { contactsOfCallers, keyAt, keyFactor, keyModulus, pool, type Rows } from './rows.ts';

/**
 * Millions of customers into an empty store, with a key or without: the rows of `rowsOf`, put together by SQL from the drawn ones, for a store
 * that is only looked up in need not be loaded as a seat loads. Slice by slice, so that it can be gone on with another time.
 */
export type Bulk = {
  /** Customers and their timelines. */
  readonly rows: (from: number, to: number) => void;
  /** What they are found by; after all rows. */
  readonly keys: readonly { readonly name: string; readonly write: () => void }[];
  readonly close: () => void;
};

const id = "printf('C%08d', i)";
const key = `printf('+8613%09d', ((i + 1) * ${keyFactor}) % ${keyModulus})`;
const series = 'WITH RECURSIVE series (i) AS (SELECT ? UNION ALL SELECT i + 1 FROM series WHERE i + 1 < ?)';
const own = (ordinal: string): string => `printf('%08x%04x', i, ${ordinal})`;

/** @param secret as the door gives it to SQLite; null: without a key */
export const openBulk = (
  dir: string,
  { cipher, secret }: { readonly cipher: string; readonly secret: string | null },
  { rows, size, called }: { readonly rows: Rows; readonly size: number; readonly called: readonly number[] },
): Bulk => {
  const sqlite = new Database(join(dir, fileNames.cache));
  if (secret !== null) {
    sqlite.pragma(`cipher='${cipher}'`);
    sqlite.pragma(`key="${secret}"`);
  }
  sqlite.pragma('locking_mode=EXCLUSIVE');
  sqlite.pragma('journal_mode=DELETE');
  sqlite.pragma('journal_mode=OFF');
  sqlite.pragma('synchronous=OFF');
  sqlite.pragma('cache_size=-131072');
  sqlite.function('reversed', { deterministic: true }, (text) => reversed(String(text)));
  sqlite.exec(drawing);
  draw(sqlite, rows, called);
  const put = sqlite.prepare(
    `${series} INSERT INTO customer (id, doc)
     SELECT ${id}, drawn.head || ${id} || middle || ${key} || rest FROM series CROSS JOIN drawn ON n = i % ${pool}`,
  );
  const putLines = sqlite.prepare(
    `${series} INSERT INTO history (customer_id, started_at, contact_id, doc)
     SELECT ${id}, started_at, head || ${own('ordinal')}, front || head || ${own('ordinal')} || back
     FROM series CROSS JOIN line ON n = i % ${pool} WHERE i NOT IN (SELECT i FROM called)`,
  );
  const putCalled = sqlite.prepare(
    `INSERT INTO history (customer_id, started_at, contact_id, doc)
     SELECT ${id}, started_at, contact_id, doc FROM called_line WHERE i >= ? AND i < ? ORDER BY 1, 2 DESC, 3`,
  );
  const all = (sql: string) => (): void => void sqlite.prepare(`${series} ${sql}`).run(0, size);
  return {
    rows: sqlite.transaction((from: number, to: number) => {
      put.run(from, to);
      putLines.run(from, to);
      putCalled.run(from, to);
    }),
    keys: [
      {
        name: 'numbers',
        write: all(
          `INSERT INTO customer_number (key, customer_id, confidence) SELECT ${key}, ${id}, 'certain' FROM series ORDER BY 1`,
        ),
      },
      {
        name: 'ends of numbers',
        write: all(
          `INSERT INTO customer_tail (tail, customer_id) SELECT reversed(${key}), ${id} FROM series ORDER BY 1`,
        ),
      },
      {
        name: 'names',
        write: all(
          `INSERT INTO customer_name (surname, given, customer_id)
           SELECT surname, given, ${id} FROM series CROSS JOIN named ON n = i % ${pool} ORDER BY 1, 2, 3`,
        ),
      },
      { name: 'places', write: () => putPlaces(sqlite, size) },
    ],
    close: () => {
      sqlite.pragma('journal_mode=DELETE');
      sqlite.pragma('journal_mode=WAL');
      sqlite.close();
    },
  };
};

const drawing = `
CREATE TEMPORARY TABLE drawn (n INTEGER PRIMARY KEY, head TEXT, middle TEXT, rest TEXT);
CREATE TEMPORARY TABLE named (n INTEGER, surname TEXT, given INTEGER, PRIMARY KEY (n, given)) WITHOUT ROWID;
CREATE TEMPORARY TABLE line (
  n INTEGER, started_at INTEGER, ordinal INTEGER, head TEXT, front TEXT, back TEXT, PRIMARY KEY (n, started_at DESC, ordinal)
) WITHOUT ROWID;
CREATE TEMPORARY TABLE called (i INTEGER PRIMARY KEY);
CREATE TEMPORARY TABLE called_line (
  i INTEGER, started_at INTEGER, contact_id TEXT, doc TEXT, PRIMARY KEY (i, started_at DESC, contact_id)
) WITHOUT ROWID;`;

/** A text around its only place of each of these, in this order. */
const around = (text: string, ...places: readonly string[]): readonly string[] => {
  let rest = text;
  const parts: string[] = [];
  for (const place of places) {
    const [before, after, more] = rest.split(place);
    if (before === undefined || after === undefined || more !== undefined) throw new Error(`not once: ${place}`);
    parts.push(before);
    rest = after;
  }
  return [...parts, rest];
};

const linesOf = (rows: Rows, index: number, contacts?: number): readonly PastContact[] =>
  rows.historyAt(index, contacts).flatMap((change) => {
    if (change.entity !== 'history' || change.row === null) throw new Error('not a line');
    return [change.row.past];
  });

const draw = (sqlite: Database.Database, rows: Rows, called: readonly number[]): void => {
  const [drawn, named, line, calling, calledLine] = [
    'drawn VALUES (?, ?, ?, ?)',
    'named VALUES (?, ?, ?)',
    'line VALUES (?, ?, ?, ?, ?, ?)',
    'called VALUES (?)',
    'called_line VALUES (?, ?, ?, ?)',
  ].map((into) => sqlite.prepare(`INSERT INTO ${into}`)) as [Statement, Statement, Statement, Statement, Statement];
  sqlite.exec('BEGIN');
  for (let n = 0; n < pool; n += 1) {
    const customer: Customer = rows.customerAt(n);
    drawn.run(n, ...around(JSON.stringify(customer), customer.id, keyAt(n)));
    const { family, givens } = keysOf(customer);
    for (const given of new Set(givens)) named.run(n, family, given);
    for (const [ordinal, past] of linesOf(rows, n).entries()) {
      const head = past.contactId.slice(0, -12);
      line.run(n, past.startedAtMs, ordinal, head, ...around(JSON.stringify(past), past.contactId));
    }
  }
  for (const index of called) {
    calling.run(index);
    for (const past of linesOf(rows, index, contactsOfCallers))
      calledLine.run(index, past.startedAtMs, past.contactId, JSON.stringify(past));
  }
  sqlite.exec('COMMIT');
};
type Statement = Database.Statement<(string | number)[]>;

/** In the order of contacts' ids, which begin with their time: line by line of the drawn ones, for all who have it. */
const putPlaces = (sqlite: Database.Database, size: number): void => {
  const lines = sqlite
    .prepare('SELECT n, started_at AS startedAt, ordinal, head FROM line ORDER BY started_at, n')
    .all() as { n: number; startedAt: number; ordinal: number; head: string }[];
  const put = sqlite.prepare(
    `WITH RECURSIVE series (i) AS (SELECT ? UNION ALL SELECT i + ${pool} FROM series WHERE i + ${pool} < ?)
     INSERT INTO history_place (contact_id, customer_id, started_at)
     SELECT ? || ${own('?')}, ${id}, ? FROM series WHERE i NOT IN (SELECT i FROM called)`,
  );
  sqlite.transaction(() => {
    for (const { n, startedAt, ordinal, head } of lines) if (n < size) put.run(n, size, head, ordinal, startedAt);
    sqlite.exec(
      `INSERT INTO history_place (contact_id, customer_id, started_at) SELECT contact_id, ${id}, started_at FROM called_line`,
    );
  })();
};
