import type { Db, ReadDb } from './db.ts';

/**
 * Rows there are few of, which change once in days and are asked for at every pop: trees, notices, scripts. They are the longest texts of the
 * store, so each is read and taken apart once. The database itself tells when one of them changed: by a mark in memory, which is another one
 * after every change, and the one of before when a change is taken back. What is given out is everybody's: nobody changes it.
 */
const tables = ['tree', 'notice', 'script'] as const;

export const marking = `CREATE TEMPORARY TABLE few_rows (mark TEXT NOT NULL) STRICT;
INSERT INTO temp.few_rows (mark) VALUES (hex(randomblob(12)));
${tables
  .flatMap((table) =>
    ['INSERT', 'UPDATE', 'DELETE'].map(
      (change) => `CREATE TEMPORARY TRIGGER ${table}_${change.toLowerCase()} AFTER ${change} ON cache.${table} BEGIN
  UPDATE few_rows SET mark = hex(randomblob(12));
END;`,
    ),
  )
  .join('\n')}`;

export const markFewRows = (db: Db): void => db.fill('mark of few rows', (write) => write.script('few rows', marking));

type Known = { readonly mark: string; readonly found: Map<string, unknown> };
const knownTo = new WeakMap<ReadDb, Known>();
/** More is a centre with thousands of scripts: those of today are found again soon. */
const most = 300;

/** What `read` gives, read once as long as none of these tables changes. @param what names it: the same for the same statement and values */
export const oncePerChange = <T>(db: ReadDb, what: string, read: () => T): T => {
  const mark = db.get<{ mark: string }>('mark of few rows', 'SELECT mark FROM few_rows')?.mark ?? '';
  const before = knownTo.get(db);
  const known =
    before?.mark === mark && before.found.size < most ? before : { mark, found: new Map<string, unknown>() };
  knownTo.set(db, known);
  if (!known.found.has(what)) known.found.set(what, read());
  return known.found.get(what) as T;
};
