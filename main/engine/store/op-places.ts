import type { Db, ReadDb, WriteDb } from './db.ts';
import { readMeta, writeMeta } from './meta.ts';

/**
 * Where the outbox has ops of an entity, and which one an id means. Every op changes both, and each index on the disk would be another page
 * encrypted and written before "saved" may be said: so they are in memory, made at the start from the rows that wait and kept by the
 * database itself with every row that comes and goes, in the same transaction.
 */
export const placeOps = (db: Db): void => db.write('where ops are', (write) => write.script('where ops are', placing));

/** In the order of the outbox, and its indexes afterwards: of two shifts without central a third less than row by row. */
export const placing = `CREATE TEMPORARY TABLE op_place (
  seq INTEGER PRIMARY KEY, op_id TEXT NOT NULL, entity TEXT NOT NULL
) STRICT;
INSERT INTO temp.op_place (seq, op_id, entity) SELECT seq, op_id, entity FROM main.outbox;
CREATE UNIQUE INDEX temp.op_place_id ON op_place (op_id);
CREATE INDEX temp.op_place_of ON op_place (entity);
CREATE TEMPORARY TRIGGER op_placed AFTER INSERT ON main.outbox BEGIN
  INSERT INTO op_place (seq, op_id, entity) VALUES (new.seq, new.op_id, new.entity);
END;
CREATE TEMPORARY TRIGGER op_left AFTER DELETE ON main.outbox BEGIN
  DELETE FROM op_place WHERE seq = old.seq;
END;`;

/** SQL, after WHERE: rows of the outbox of which this holds; `entity` and `op_id` can be asked for. */
export const placed = (condition: string): string => `seq IN (SELECT seq FROM op_place WHERE ${condition})`;

/** The number of the last op this seat wrote. As long as its row is here that tells it, and no op writes a counter as well. */
export const lastSeq = (db: ReadDb): number =>
  db.get<{ seq: number }>(
    'last number',
    `SELECT max(coalesce((SELECT max(seq) FROM outbox), 0),
       coalesce((SELECT CAST(doc AS INTEGER) FROM meta WHERE name = 'seq'), 0)) AS seq`,
  )?.seq ?? 0;

const newest = (db: ReadDb): number =>
  db.get<{ seq: number | null }>('last op', 'SELECT max(seq) AS seq FROM outbox')?.seq ?? 0;

/** Before an op goes: central takes a number once, so the last one is not forgotten with its row. */
export const keepNumberOf = (db: WriteDb, opId: string): void => {
  const seq = db.get<{ seq: number }>('number of op', 'SELECT seq FROM op_place WHERE op_id = ?', opId)?.seq ?? 0;
  if (seq === newest(db) && seq > (readMeta(db, 'seq') ?? 0)) writeMeta(db, 'seq', seq);
};
