import type { Change } from '../../../shared/central-api.ts';
import type { Customer, Notice } from '../../../shared/customer.ts';
import type { Target } from '../../../shared/directory.ts';
import { mostTargets } from '../../../shared/directory.ts';
import type { DispositionTree } from '../../../shared/disposition.ts';
import type { Script, Topic } from '../../../shared/script.ts';
import { lineFromCentral } from './contacts.ts';
import { dropKeys, putKeys, sameKeys } from './customer-keys.ts';
import type { CacheDb, ReadDb } from './db.ts';
import { oncePerChange } from './few-rows.ts';
import { leavePlacesOf } from './history-places.ts';
import { endInMemory, keyTables } from './loading.ts';
import type { Kept } from './many-rows.ts';
import { keepCustomers, keepLines } from './many-rows.ts';
import type { CustomerRow, LineRow, Row } from './rows.ts';
import { customerRow, keysOf, rowOf } from './rows.ts';

type Doc = { doc: string };
const parsed = <T>(rows: readonly Doc[]): T[] => rows.map((row) => JSON.parse(row.doc) as T);

/** How many customers may share a number before the rest is left out. */
const mostPerNumber = 10;

export const customersByNumber = (
  db: ReadDb,
  key: string,
): { readonly customer: Customer; readonly confidence: 'certain' | 'low' }[] =>
  db
    .all<Doc & { confidence: 'certain' | 'low' }>(
      'customers by number',
      `SELECT customer.doc, customer_number.confidence
       FROM customer_number JOIN customer ON customer.id = customer_number.customer_id
       WHERE customer_number.key = ? ORDER BY customer_number.customer_id LIMIT ?`,
      key,
      mostPerNumber,
    )
    .map((row) => ({ customer: JSON.parse(row.doc) as Customer, confidence: row.confidence }));

/** As they are looked up by; fewer where there are fewer. */
export const someNumbers = (db: ReadDb, most: number): readonly string[] =>
  db.all<{ key: string }>('some numbers', 'SELECT key FROM customer_number LIMIT ?', most).map(({ key }) => key);

export const customerById = (db: ReadDb, id: string): Customer | undefined =>
  parsed<Customer>(db.all<Doc>('customer', 'SELECT doc FROM customer WHERE id = ?', id))[0];

export const countCustomers = (db: ReadDb): number =>
  db.get<{ n: number }>('count customers', 'SELECT count(*) AS n FROM customer')?.n ?? 0;

/** As many or more, without looking at each. */
export const customersAtMost = (db: ReadDb): number =>
  db.get<{ n: number }>('customers at most', 'SELECT coalesce(max(rowid), 0) AS n FROM customer')?.n ?? 0;

export const holdsCustomer = (db: ReadDb, id: string): boolean =>
  db.get('holds customer', 'SELECT 1 FROM customer WHERE id = ?', id) !== undefined;

export const topics = (db: ReadDb): Topic[] => parsed(db.all<Doc>('topics', 'SELECT doc FROM topic ORDER BY id'));

export const topicById = (db: ReadDb, id: string): Topic | undefined =>
  parsed<Topic>(db.all<Doc>('topic', 'SELECT doc FROM topic WHERE id = ?', id))[0];

export const notices = (db: ReadDb): Notice[] =>
  parsed(db.all<Doc>('notices', 'SELECT doc FROM notice ORDER BY from_ms DESC, id LIMIT 500'));

export const noticesAt = (db: ReadDb, nowMs: number): readonly Notice[] =>
  oncePerChange(db, 'notices', () =>
    parsed<Notice>(db.all<Doc>('all notices', 'SELECT doc FROM notice ORDER BY from_ms DESC, id')),
  )
    .filter(({ fromMs, toMs }) => fromMs <= nowMs && toMs > nowMs)
    .slice(0, 500);

export const targets = (db: ReadDb): Target[] =>
  parsed(db.all<Doc>('targets', 'SELECT doc FROM target ORDER BY number, id LIMIT ?', mostTargets));

export const targetByNumber = (db: ReadDb, number: string): Target | undefined =>
  parsed<Target>(db.all<Doc>('target', 'SELECT doc FROM target WHERE number = ? ORDER BY id LIMIT 1', number))[0];

/** The highest version is the published one (R14), unless it was withdrawn and is kept for a call that began with it. */
export const newestScript = (db: ReadDb, id: string): Script | undefined =>
  oncePerChange(
    db,
    `newest script ${id}`,
    () =>
      parsed<Script>(
        db.all<Doc>(
          'newest script',
          'SELECT doc FROM script WHERE id = ? AND doc ->> ? IS NULL ORDER BY version DESC LIMIT 1',
          id,
          '$.withdrawn',
        ),
      )[0],
  );

/** The published versions of the scripts shown in the place of this one to some customers. */
export const variantsOf = (db: ReadDb, id: string): readonly Script[] =>
  oncePerChange(db, `variants of script ${id}`, () =>
    parsed<Script>(
      db.all<Doc>(
        'variants of script',
        `SELECT doc FROM script AS one WHERE doc ->> '$.variant.of' = ? AND doc ->> '$.withdrawn' IS NULL
         AND version = (SELECT max(version) FROM script AS other WHERE other.id = one.id) ORDER BY id`,
        id,
      ),
    ),
  );

/** Published scripts that say themselves which calls they are for (R17). The plus keeps SQLite to the index of these few. */
export const scriptsForCalls = (db: ReadDb): readonly Script[] =>
  oncePerChange(db, 'scripts for calls', () =>
    parsed<Script>(
      db.all<Doc>(
        'scripts for calls',
        `SELECT doc FROM script AS one WHERE doc ->> '$.shownFor' IS NOT NULL AND +(doc ->> '$.variant.of') IS NULL
         AND doc ->> '$.withdrawn' IS NULL
         AND version = (SELECT max(version) FROM script AS other WHERE other.id = one.id) ORDER BY id`,
      ),
    ),
  );

export const scriptAt = (db: ReadDb, id: string, version: number): Script | undefined =>
  oncePerChange(
    db,
    `script ${version} ${id}`,
    () => parsed<Script>(db.all<Doc>('script', 'SELECT doc FROM script WHERE id = ? AND version = ?', id, version))[0],
  );

/** The tree of a queue, else the one for all (R28). Undefined until the working set was loaded. */
export const treeFor = (db: ReadDb, queue: string | null, wanted?: string | null): DispositionTree | undefined => {
  const trees = oncePerChange(db, 'trees', () =>
    parsed<DispositionTree>(db.all<Doc>('trees', 'SELECT doc FROM tree ORDER BY id')),
  );
  return (
    trees.find((tree) => tree.id === wanted) ??
    (queue === null ? undefined : trees.find((tree) => tree.queues.includes(queue))) ??
    trees.find((tree) => tree.queues.length === 0) ??
    trees[0]
  );
};

export const trees = (db: ReadDb): DispositionTree[] =>
  parsed(db.all<Doc>('all trees', 'SELECT doc FROM tree ORDER BY id LIMIT 50'));

const put = (db: CacheDb, table: 'topic' | 'tree', id: string, row: object): void =>
  void db.run(
    `put ${table}`,
    `INSERT INTO ${table} (id, doc) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET doc = excluded.doc`,
    id,
    JSON.stringify(row),
  );

const drop = (db: CacheDb, table: 'customer' | 'topic' | 'tree' | 'notice' | 'target', id: string): void =>
  void db.run(`drop ${table}`, `DELETE FROM ${table} WHERE id = ?`, id);

export const putCustomer = (db: CacheDb, customer: Customer): void =>
  void keepCustomer(db, customer.id, customerRow(customer));

/** @returns `added`: it was not here */
const keepCustomer = (db: CacheDb, id: string, row: CustomerRow): 'added' | void => {
  const isNew =
    db.run('add customer', 'INSERT INTO customer (id, doc) VALUES (?, ?) ON CONFLICT DO NOTHING', id, row.doc) > 0;
  if (isNew) {
    putKeys(db, id, row);
    return 'added';
  }
  const known = customerById(db, id);
  const before = known === undefined ? undefined : keysOf(known);
  db.run('change customer', 'UPDATE customer SET doc = ? WHERE id = ?', row.doc, id);
  if (before !== undefined && sameKeys(before, row)) return;
  if (before !== undefined) dropKeys(db, id, before);
  putKeys(db, id, row);
};

const dropCustomer = (db: CacheDb, id: string): void => {
  const before = customerById(db, id);
  if (before !== undefined) dropKeys(db, id, keysOf(before));
  drop(db, 'customer', id);
  leavePlacesOf(db, id);
  db.run('drop timeline', 'DELETE FROM history WHERE customer_id = ?', id);
};

const putNotice = (db: CacheDb, notice: Notice): void =>
  void db.run(
    'put notice',
    `INSERT INTO notice (id, from_ms, to_ms, doc) VALUES (?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET from_ms = excluded.from_ms, to_ms = excluded.to_ms, doc = excluded.doc`,
    notice.id,
    notice.fromMs,
    notice.toMs,
    JSON.stringify(notice),
  );

const putTarget = (db: CacheDb, target: Target): void =>
  void db.run(
    'put target',
    `INSERT INTO target (id, number, doc) VALUES (?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET number = excluded.number, doc = excluded.doc`,
    target.id,
    target.number,
    JSON.stringify(target),
  );

const putScript = (db: CacheDb, script: Script): void =>
  void db.run(
    'put script',
    'INSERT INTO script (id, version, doc) VALUES (?, ?, ?) ON CONFLICT (id, version) DO UPDATE SET doc = excluded.doc',
    script.id,
    script.version,
    JSON.stringify(script),
  );

/** A contact still open keeps the version it began with (R14), and those of the library's answers (R18), also when withdrawn meanwhile. */
const notPinned = `NOT EXISTS (SELECT 1 FROM contact WHERE doc ->> '$.wrappedUpAtMs' IS NULL
  AND doc ->> '$.script.id' = script.id AND doc ->> '$.script.version' = script.version)
  AND NOT EXISTS (SELECT 1 FROM meta, json_each(meta.doc, '$.entries') AS entry
    JOIN contact ON contact.id = meta.doc ->> '$.of' AND contact.doc ->> '$.wrappedUpAtMs' IS NULL
    WHERE meta.name = 'library' AND entry.value ->> 'id' = script.id AND entry.value ->> 'version' = script.version)`;

const dropScript = (db: CacheDb, rowId: string): void => {
  const at = rowId.lastIndexOf('@');
  const version = Number(rowId.slice(at + 1));
  const id = rowId.slice(0, at);
  db.run('drop script', `DELETE FROM script WHERE id = ? AND version = ? AND ${notPinned}`, id, version);
  // Kept for the call in hand alone: no other begins with it.
  db.run(
    'mark script withdrawn',
    `UPDATE script SET doc = json_set(doc, '$.withdrawn', 1) WHERE id = ? AND version = ?`,
    id,
    version,
  );
};

export const applyChange = (db: CacheDb, change: Exclude<Change, { entity: 'policy' }>): void =>
  void applyRow(db, rowOf(change) as Exclude<Row, { entity: 'policy' }>);

/** One row of central's change feed. Policy is not a table: the session holds it. @returns `added`: a customer who was not here */
export const applyRow = (db: CacheDb, change: Exclude<Row, { entity: 'policy' }>): 'added' | void => {
  switch (change.entity) {
    case 'customer':
      return change.row === null ? dropCustomer(db, change.id) : keepCustomer(db, change.id, change.row);
    case 'notice':
      return change.row === null ? drop(db, 'notice', change.id) : putNotice(db, change.row);
    case 'topic':
      return change.row === null ? drop(db, 'topic', change.id) : put(db, 'topic', change.id, change.row);
    case 'script':
      return change.row === null ? dropScript(db, change.id) : putScript(db, change.row);
    case 'target':
      return change.row === null ? drop(db, 'target', change.id) : putTarget(db, change.row);
    case 'tree':
      return change.row === null ? drop(db, 'tree', change.id) : put(db, 'tree', change.id, change.row);
    case 'history':
      return lineFromCentral(db, change.id, change.row);
  }
};

/** Rows of which customers and lines of timelines are most. @returns how many customers were not here before */
export const applyRows = (db: CacheDb, changes: readonly Exclude<Row, { entity: 'policy' }>[]): number => {
  const customers: Kept<CustomerRow>[] = [];
  const lines: Kept<LineRow>[] = [];
  for (const change of changes)
    if (change.entity === 'customer' && change.row !== null) customers.push({ id: change.id, row: change.row });
    else if (change.entity === 'history' && change.row !== null) lines.push({ id: change.id, row: change.row });
    else applyRow(db, change);
  keepLines(db, lines);
  return keepCustomers(db, customers, (id, row) => keepCustomer(db, id, row));
};

/** What there is much of, by what its rows are told apart. */
const much = {
  customer: 'id',
  history: 'customer_id, started_at, contact_id',
  customer_number: 'key, customer_id',
  customer_tail: 'tail, customer_id',
  customer_name: 'surname, given, customer_id',
  history_place: 'contact_id',
} as const;

/** Some of what `clearWorkingSet` clears: a freed page is written over, so that a whole set takes its time. @returns whether there is more */
export const clearSome = (db: CacheDb, most: number): boolean => {
  let left = most;
  for (const [table, key] of Object.entries(much)) {
    left -= db.run(
      `clear some of ${table}`,
      `DELETE FROM cache.${table} WHERE (${key}) IN (SELECT ${key} FROM cache.${table} ORDER BY ${key} LIMIT ?)`,
      left,
    );
    if (left <= 0) return true;
  }
  return false;
};

/** Everything central gave, before it is asked for from the beginning again. Work of this seat is elsewhere. */
export const clearWorkingSet = (db: CacheDb): void => {
  endInMemory(db);
  for (const table of [...keyTables, 'customer', 'history', 'notice', 'topic', 'tree', 'target', 'work'])
    db.run(`clear ${table}`, `DELETE FROM cache.${table}`);
  db.run('forget the mark of work', "DELETE FROM feed WHERE name = 'workMark'");
  db.run('clear scripts', `DELETE FROM script WHERE ${notPinned}`);
};
