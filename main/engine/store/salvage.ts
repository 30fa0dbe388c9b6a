import { copyFileSync, existsSync, rmSync } from 'node:fs';
import type { Op } from '../../../shared/op.ts';
import type { Db, WriteDb } from './db.ts';
import { openDamaged } from './db.ts';
import { readMeta, writeMeta } from './meta.ts';
import { lastSeq } from './op-places.ts';

/** Rows taken over, by what they are. */
export type Kept = { readonly ops: number; readonly contacts: number; readonly drafts: number };

type Row = Readonly<Record<string, string | number | null>>;

/**
 * What can be read of a damaged seat.db, row by row, into a new one. A page that cannot be read costs the rows on it and no other:
 * a table is read from its beginning, then from its end, and what is between is asked for row by row.
 */
export const salvage = (db: Db, damagedFile: string, key: Uint8Array): Kept => {
  const found = onCopy(damagedFile, (copy) => {
    const damaged = openDamaged(copy, key);
    if (damaged === undefined) return undefined;
    try {
      const rows = (table: string): Row[] => readableRows(damaged.all, table).filter(isSound);
      return {
        outbox: rows('outbox'),
        contact: rows('contact'),
        draft: rows('draft'),
        own_line: rows('own_line'),
        meta: metaNames.flatMap((name) =>
          attempt(() => damaged.all<Row>('SELECT name, doc FROM meta WHERE name = ?', name), []),
        ),
      };
    } finally {
      damaged.close();
    }
  });
  if (found === undefined) return { ops: 0, contacts: 0, drafts: 0 };
  return db.write('salvage', (write) => {
    const put = (table: string, rows: readonly Row[]): number =>
      rows.reduce((sum, row) => sum + insert(write, table, row), 0);
    put('meta', found.meta.filter(isSound));
    const kept = {
      ops: put('outbox', eachOnce(found.outbox)),
      contacts: put('contact', found.contact),
      drafts: put(
        'draft',
        found.draft.filter((draft) => hasContact(write, draft['contact_id'])),
      ),
    };
    put('own_line', found.own_line);
    numbersGoOn(write);
    return kept;
  });
};

/** Central knows the seat by its secret and its key: with the id alone nobody could sign in there any more. */
const metaNames = [
  'seatId',
  'seatSecret',
  'seatKey',
  'lock',
  'seq',
  'agentState',
  'session',
  'keptCalls',
  'unflushed',
] as const;

/** Central takes an op's number once: the next one must be higher than all that were given, those of ops that were lost as well. */
const numbersGoOn = (write: WriteDb): void => {
  const last = write.get<{ doc: string }>('last op', 'SELECT doc FROM outbox ORDER BY seq DESC LIMIT 1');
  const seatId = readMeta(write, 'seatId');
  const seq = lastSeq(write);
  // Which numbers were used cannot be known any more: another seat begins, with numbers of its own.
  if (seq === 0 && seatId !== undefined) write.run('drop seat id', "DELETE FROM meta WHERE name = 'seatId'");
  if (seq === 0) return;
  if (last !== undefined && seatId === undefined) writeMeta(write, 'seatId', (JSON.parse(last.doc) as Op).seatId);
  writeMeta(write, 'seq', seq + numbersLost);
};

/** Newer ops than the last one found may have been sent. */
const numbersLost = 10_000;

/** A torn page may show an op in two places: it is sent once. */
const eachOnce = (ops: readonly Row[]): Row[] => [...new Map(ops.map((op) => [op['op_id'], op])).values()];

const hasContact = (write: WriteDb, id: Row[string] | undefined): boolean =>
  write.get('contact', 'SELECT 1 FROM contact WHERE id = ?', id ?? null) !== undefined;

/** A row read from a torn page may hold anything: what is not JSON any more is not taken over. */
const isSound = (row: Row): boolean => {
  const { doc } = row;
  if (doc === undefined) return true;
  return typeof doc === 'string' && attempt(() => typeof JSON.parse(doc) === 'object' || true, false);
};

const insert = (write: WriteDb, table: string, row: Row): number => {
  const { rowid_: _, ...rest } = row;
  const columns = Object.keys(rest);
  return attempt(
    () =>
      write.run(
        `salvage ${table}`,
        `INSERT OR IGNORE INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`,
        ...Object.values(rest),
      ),
    0,
  );
};

const attempt = <T>(work: () => T, otherwise: T): T => {
  try {
    return work();
  } catch {
    return otherwise;
  }
};

type All = <R>(sql: string, ...values: (string | number | null)[]) => R[];
const step = 50;
/** Rows between two readable ends that are asked for one by one. */
const mostBetween = 2_000;

const readableRows = (all: All, table: string): Row[] => {
  const rows = new Map<number, Row>();
  const keep = (row: Row): void => void rows.set(Number(row['rowid_']), row);
  /** Where it had to stop: the last row before the damage, null before the first; undefined when it came to the end. */
  const walk = (order: 'ASC' | 'DESC'): number | null | undefined => {
    let at: number | null = null;
    for (let size = step; size >= 1;) {
      const beyond: string = at === null ? '' : `WHERE rowid ${order === 'ASC' ? '>' : '<'} ${at}`;
      const sql = `SELECT rowid AS rowid_, * FROM ${table} ${beyond} ORDER BY rowid ${order} LIMIT ${size}`;
      const page: Row[] | null = attempt(() => all<Row>(sql), null);
      if (page === null) {
        // Smaller steps, up to the last row before the damage.
        size = Math.floor(size / 2);
        continue;
      }
      for (const row of page) keep(row);
      const last = page.at(-1);
      if (last === undefined) return undefined;
      at = Number(last['rowid_']);
    }
    return at;
  };
  const from = walk('ASC');
  if (from !== undefined) {
    const to = walk('DESC') ?? (from ?? 0) + mostBetween;
    const first = from ?? Math.max(0, to - mostBetween);
    for (let rowid = first + 1; rowid < Math.min(to, first + mostBetween); rowid += 1)
      for (const row of attempt(() => all<Row>(`SELECT rowid AS rowid_, * FROM ${table} WHERE rowid = ?`, rowid), []))
        keep(row);
  }
  return [...rows.values()].toSorted((one, other) => Number(one['rowid_']) - Number(other['rowid_']));
};

/** Works on a copy: reading would write what is in the log into the file that is kept. */
const onCopy = <T>(file: string, work: (copy: string) => T): T => {
  const copy = `${file}.reading`;
  const ends = ['', '-wal'];
  try {
    for (const end of ends) if (existsSync(file + end)) copyFileSync(file + end, copy + end);
    return work(copy);
  } finally {
    for (const end of [...ends, '-shm']) rmSync(copy + end, { force: true });
  }
};
