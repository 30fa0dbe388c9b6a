import type { Customer } from '../../../shared/customer.ts';
import { markCount } from '../../../shared/name-key.ts';
import { givenLength } from '../../../shared/search.ts';
import type { CacheDb, ReadDb } from './db.ts';

/**
 * What customers are found by, in two clustered tables that live and die with the row: numbers from their end, and the surname with the
 * given name's length and mark. Pinyin is not among them: a few hundred surnames are read aloud when somebody searches, so that loading
 * costs nothing for it and nothing more of a name lies on the disk (R44).
 */
export const reversed = (digits: string): string => Array.from(digits).reverse().join('');

/** One number for length and mark; the mark after the last one: not known. */
const unknownMark = markCount;
const perLength = 64;
const given = (length: number, mark: number): number => Math.min(length, 30) * perLength + mark;

const givensOf = (customer: Customer): readonly number[] => {
  const length = givenLength(customer);
  const { nameMarks } = customer;
  return nameMarks === undefined || nameMarks.length === 0
    ? [given(length, unknownMark)]
    : nameMarks.map((mark) => given(length, mark));
};

const familyOf = ({ surname }: Customer): string => surname.normalize('NFKC').toLowerCase();

export const putKeys = (db: CacheDb, customer: Customer): void => {
  for (const { key } of customer.numbers)
    db.run(
      'put number end',
      'INSERT INTO customer_tail (tail, customer_id) VALUES (?, ?) ON CONFLICT DO NOTHING',
      reversed(key),
      customer.id,
    );
  for (const one of givensOf(customer))
    db.run(
      'put name',
      'INSERT INTO customer_name (surname, given, customer_id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
      familyOf(customer),
      one,
      customer.id,
    );
};

/** @param before the row as it is stored: its keys follow from it */
export const dropKeys = (db: CacheDb, before: Customer): void => {
  for (const { key } of before.numbers)
    db.run('drop number end', 'DELETE FROM customer_tail WHERE tail = ? AND customer_id = ?', reversed(key), before.id);
  // By the range, not by the marks: rows of before the marks were known go as well.
  db.run(
    'drop name',
    'DELETE FROM customer_name WHERE surname = ? AND given BETWEEN ? AND ? AND customer_id = ?',
    familyOf(before),
    given(givenLength(before), 0),
    given(givenLength(before), unknownMark),
    before.id,
  );
};

export const clearKeys = (db: CacheDb): void => {
  for (const table of ['customer_tail', 'customer_name']) db.run(`clear ${table}`, `DELETE FROM ${table}`);
};

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
