import type { CacheDb, ReadDb } from './db.ts';
import type { CustomerKeys } from './rows.ts';
import { given, givensAround, unknownMark } from './rows.ts';

/**
 * What customers are found by, in three clustered tables: numbers, numbers from their end, and the surname with the given name's length
 * and mark. What is to go follows from the row, so that none needs an index by customer. Pinyin is not among them: a few hundred surnames
 * are read aloud when somebody searches, so that loading costs nothing for it and nothing more of a name lies on the disk (R44).
 * During a load these names mean tables in memory (loading.ts).
 */
export const reversed = (digits: string): string => Array.from(digits).reverse().join('');

export const putKeys = (db: CacheDb, id: string, { numbers, family, givens }: CustomerKeys): void => {
  for (const { key, confidence } of numbers) {
    db.run(
      'put number',
      'INSERT INTO customer_number (key, customer_id, confidence) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
      key,
      id,
      confidence,
    );
    db.run(
      'put number end',
      'INSERT INTO customer_tail (tail, customer_id) VALUES (?, ?) ON CONFLICT DO NOTHING',
      reversed(key),
      id,
    );
  }
  for (const one of givens)
    db.run(
      'put name',
      'INSERT INTO customer_name (surname, given, customer_id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
      family,
      one,
      id,
    );
};

/** @param before of the row as it is stored */
export const dropKeys = (db: CacheDb, id: string, before: CustomerKeys): void => {
  for (const { key } of before.numbers) {
    db.run('drop number', 'DELETE FROM customer_number WHERE key = ? AND customer_id = ?', key, id);
    db.run('drop number end', 'DELETE FROM customer_tail WHERE tail = ? AND customer_id = ?', reversed(key), id);
  }
  // By the range, not by the marks: rows of before the marks were known go as well.
  const [first, last] = givensAround(before.givens[0] ?? 0);
  db.run(
    'drop name',
    'DELETE FROM customer_name WHERE surname = ? AND given BETWEEN ? AND ? AND customer_id = ?',
    before.family,
    first,
    last,
    id,
  );
};

/** Most changes of a customer leave the keys as they are. */
export const sameKeys = (one: CustomerKeys, other: CustomerKeys): boolean =>
  one.family === other.family &&
  one.givens.join() === other.givens.join() &&
  one.numbers.map(({ key, confidence }) => key + confidence).join() ===
    other.numbers.map(({ key, confidence }) => key + confidence).join();

type Id = { readonly id: string };
const ids = (rows: readonly Id[]): readonly string[] => rows.map((row) => row.id);

export const idsByTail = (db: ReadDb, digits: string, limit: number): readonly string[] => {
  const from = reversed(digits);
  return ids(
    db.all<Id>(
      'customers by the end of a number',
      // ':' comes right after '9', and after '+'.
      'SELECT DISTINCT customer_id AS id FROM customer_tail WHERE tail >= ? AND tail < ? LIMIT ?',
      from,
      `${from}:`,
      limit,
    ),
  );
};

export const idsByHead = (db: ReadDb, digits: string, limit: number): readonly string[] =>
  ['+86', '+'].flatMap((prefix) =>
    ids(
      db.all<Id>(
        'customers by the beginning of a number',
        'SELECT DISTINCT customer_id AS id FROM customer_number WHERE key >= ? AND key < ? LIMIT ?',
        prefix + digits,
        `${prefix}${digits}:`,
        limit,
      ),
    ),
  );

/** Every surname once, from one to the next: as many steps as there are surnames, however many customers. */
export const surnamesHeld = (db: ReadDb): readonly string[] =>
  db
    .all<{ surname: string }>(
      'surnames',
      `WITH RECURSIVE held (surname) AS (
         SELECT min(surname) FROM customer_name
         UNION ALL
         SELECT (SELECT min(surname) FROM customer_name WHERE surname > held.surname) FROM held WHERE held.surname IS NOT NULL
       )
       SELECT surname FROM held WHERE surname IS NOT NULL LIMIT 20000`,
    )
    .map((row) => row.surname);

export const idsBySurname = (db: ReadDb, surname: string, limit: number): readonly string[] =>
  ids(
    db.all<Id>(
      'customers by surname',
      'SELECT DISTINCT customer_id AS id FROM customer_name WHERE surname = ? LIMIT ?',
      surname,
      limit,
    ),
  );

/** `length` 0: a name whose mask tells no length. Those whose mark is not known may be called anything. */
export const idsByGiven = (
  db: ReadDb,
  { surname, length, mark }: { readonly surname: string; readonly length: number; readonly mark: number },
  limit: number,
): readonly string[] =>
  ids(
    db.all<Id>(
      'customers by name',
      `SELECT DISTINCT customer_id AS id FROM customer_name
       WHERE surname = ? AND given IN (?, ?, ?, ?) LIMIT ?`,
      surname,
      given(length, mark),
      given(length, unknownMark),
      given(0, mark),
      given(0, unknownMark),
      limit,
    ),
  );
