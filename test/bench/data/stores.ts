import { cpSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { systemClock } from '../../../main/engine/clock.ts';
import type { Log } from '../../../main/engine/log.ts';
import type { Db, ReadDb } from '../../../main/engine/store/db.ts';
import { fileNames, preparedOnce } from '../../../main/engine/store/db.ts';
import type { Copied } from '../../../main/engine/store/loading.ts';
import { beginInMemory, copyNext, endInMemory } from '../../../main/engine/store/loading.ts';
import { marking } from '../../../main/engine/store/few-rows.ts';
import { placing } from '../../../main/engine/store/op-places.ts';
import { openStore } from '../../../main/engine/store/open-store.ts';
import { applyChange } from '../../../main/engine/store/working-set.ts';
import type { RowChange } from './rows.ts';

export const storeKey = new Uint8Array(32).fill(0x5a);
export const storeSecret = `x'${Buffer.from(storeKey).toString('hex')}'`;

/** Counts what the store's door says of statements over 40 ms. */
export type Watch = { readonly log: Log; readonly slow: { readonly name: string; readonly tookMs: number }[] };
export const watchLog = (): Watch => {
  const slow: { name: string; tookMs: number }[] = [];
  const log: Log = {
    error: (what, fields) => void process.stderr.write(`${what} ${JSON.stringify(fields)}\n`),
    warn: (what, fields) => {
      if (what === 'slow statement') slow.push({ name: String(fields?.['name']), tookMs: Number(fields?.['tookMs']) });
    },
    info: () => {},
    debug: () => {},
  };
  return { log, slow };
};

/** The product's door. */
export const openSeatStore = (dir: string, log: Log): Db =>
  openStore(dir, { key: storeKey, kept: 'keyFile' }, systemClock, log);

const batch = 5_000;

/** Writes rows by the functions that apply central's feed, as a load: what customers are found by comes last, in its order. */
export const fillWith = (db: Db, rows: Iterable<RowChange>, said: (rows: number) => void): number => {
  let count = 0;
  let waiting: RowChange[] = [];
  db.fill('begin', beginInMemory);
  const write = (): void => {
    db.fill('fill', (cache) => {
      for (const change of waiting) applyChange(cache, change);
    });
    count += waiting.length;
    waiting = [];
    if (count % 500_000 < batch) said(count);
  };
  for (const row of rows) {
    waiting.push(row);
    if (waiting.length === batch) write();
  }
  write();
  let copied: Copied | null = null;
  do {
    const from: Copied | null = copied;
    copied = db.fill('keep keys', (cache) => copyNext(cache, from, batch));
  } while (copied !== null);
  db.fill('end', endInMemory);
  return count;
};

export const ciphers = { work: 'chacha20', cache: 'aegis' } as const;

/** A copy of a closed store without encryption: same schema, same rows, same pages. */
export const copyPlain = (from: string, to: string): void => {
  for (const part of ['work', 'cache'] as const) {
    const file = join(to, fileNames[part]);
    cpSync(join(from, fileNames[part]), file);
    if (existsSync(join(from, `${fileNames[part]}-wal`))) throw new Error('the store was not closed');
    const sqlite = new Database(file);
    sqlite.pragma(`cipher='${ciphers[part]}'`);
    sqlite.pragma(`key="${storeSecret}"`);
    sqlite.pragma('journal_mode=DELETE');
    sqlite.pragma('synchronous=OFF');
    sqlite.pragma("rekey=''");
    sqlite.pragma('journal_mode=WAL');
    sqlite.close();
  }
};

/** Reads a plain copy as the product's door reads the encrypted one: same cache, same statements, no key. */
export const openPlain = (dir: string): { readonly read: ReadDb; readonly close: () => void } => {
  const sqlite = new Database(join(dir, fileNames.work));
  sqlite.pragma('locking_mode=EXCLUSIVE');
  sqlite.prepare('ATTACH ? AS cache').run(join(dir, fileNames.cache));
  sqlite.pragma('main.cache_size=-8192');
  sqlite.pragma('cache.cache_size=-65536');
  sqlite.pragma('temp_store=MEMORY');
  sqlite.exec(placing);
  sqlite.exec(marking);
  const statements = new Map<string, Database.Statement>();
  const prepared = (sql: string): Database.Statement => {
    const known = statements.get(sql) ?? sqlite.prepare(preparedOnce(sql));
    statements.set(sql, known);
    return known;
  };
  const read = {
    all: (_name: string, sql: string, ...values: unknown[]) => prepared(sql).all(...values),
    get: (_name: string, sql: string, ...values: unknown[]) => prepared(sql).get(...values),
  } as unknown as ReadDb;
  return { read, close: () => void sqlite.close() };
};

/** The tables central's rows lie in, with every stored column, and the rows: to be written again by nothing but inserts. */
export type Dump = readonly {
  readonly table: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number | null)[])[];
}[];

export const dumpOf = (db: Db): Dump =>
  db.read
    .all<{ name: string }>(
      'tables',
      "SELECT name FROM cache.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'feed' ORDER BY rowid",
    )
    .map(({ name: table }) => {
      const columns = db.read
        .all<{ name: string }>('columns', `SELECT name FROM pragma_table_info(?, 'cache')`, table)
        .map(({ name }) => name);
      const found = db.read.all<Record<string, string | number | null>>(
        'rows',
        `SELECT ${columns.join(', ')} FROM cache.${table}`,
      );
      return { table, columns, rows: found.map((row) => columns.map((column) => row[column] ?? null)) };
    });

/** Batched inserts of prepared values, `perTransaction` rows each, through the product's door. */
export const insertRaw = (db: Db, dump: Dump, perTransaction: number): void => {
  for (const { table, columns, rows } of dump) {
    const sql = `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`;
    for (let from = 0; from < rows.length; from += perTransaction)
      db.fill('raw', (cache) => {
        for (const row of rows.slice(from, from + perTransaction)) cache.run('raw', sql, ...row);
      });
  }
};
