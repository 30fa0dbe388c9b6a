import type { WorkRow } from '../../../shared/work.ts';
import type { CacheDb, ReadDb, WriteDb } from './db.ts';
import { placed } from './op-places.ts';

/**
 * Obligations and cases: central's rows in the cache, replaced as a whole, and over them those this seat changed (`own_work`) until central
 * has told them again. `rev` is the number of the last op: a row changed meanwhile is not the one that was settled.
 */
type Doc = { readonly doc: string };
const parsed = (rows: readonly Doc[]): WorkRow[] => rows.map(({ doc }) => JSON.parse(doc) as WorkRow);

export const putOwnWork = (db: WriteDb, row: WorkRow, rev: number): void =>
  void db.run(
    'put own work',
    `INSERT INTO own_work (id, customer_id, rev, doc) VALUES (?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET rev = excluded.rev, doc = excluded.doc`,
    row.id,
    row.customerId,
    rev,
    JSON.stringify(row),
  );

export const workById = (db: ReadDb, id: string): WorkRow | undefined =>
  parsed(db.all<Doc>('own work', 'SELECT doc FROM own_work WHERE id = ?', id))[0] ??
  parsed(db.all<Doc>('work', 'SELECT doc FROM work WHERE id = ?', id))[0];

export const allWork = (db: ReadDb): WorkRow[] =>
  parsed(
    db.all<Doc>(
      'all work',
      'SELECT doc FROM own_work UNION ALL SELECT doc FROM work WHERE NOT EXISTS (SELECT 1 FROM own_work WHERE own_work.id = work.id)',
    ),
  );

/** What this seat did about a customer and central's row of the customer may not tell yet. */
export const ownWorkOf = (db: ReadDb, customerId: string): WorkRow[] =>
  parsed(db.all<Doc>('own work of customer', 'SELECT doc FROM own_work WHERE customer_id = ?', customerId));

export type Settled = { readonly id: string; readonly rev: number };
/** Own rows of which nothing waits: what central tells from now on has them in it. */
export const settledWork = (db: ReadDb): readonly Settled[] =>
  db.all(
    'settled work',
    `SELECT id, rev FROM own_work WHERE NOT EXISTS
       (SELECT 1 FROM outbox WHERE ${placed("entity = 'work:' || own_work.id")} AND state = 'waiting')`,
  );
export const dropOwnWork = (db: WriteDb, settled: readonly Settled[]): void => {
  for (const { id, rev } of settled) db.run('drop own work', 'DELETE FROM own_work WHERE id = ? AND rev = ?', id, rev);
};

export const replaceWork = (db: CacheDb, rows: readonly WorkRow[]): void => {
  db.run('clear work', 'DELETE FROM work');
  for (const row of rows) db.run('put work', 'INSERT INTO work (id, doc) VALUES (?, ?)', row.id, JSON.stringify(row));
};
