import type { CacheDb, Db, Schemas, WriteDb } from './db.ts';
import { markFewRows } from './few-rows.ts';
import { placeOps } from './op-places.ts';

type Migration = { readonly name: string; readonly sql: string };

/** Of seat.db. Numbered by place, from 1; a published one never changes. Tested with rows before and after. */
const workMigrations: readonly Migration[] = [
  {
    name: 'working set, own contacts, outbox',
    sql: `
CREATE TABLE meta (name TEXT PRIMARY KEY, doc TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE customer (id TEXT PRIMARY KEY, doc TEXT NOT NULL) STRICT;
CREATE TABLE customer_number (
  key TEXT NOT NULL,
  customer_id TEXT NOT NULL REFERENCES customer (id) ON DELETE CASCADE,
  confidence TEXT NOT NULL,
  PRIMARY KEY (key, customer_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX customer_number_of ON customer_number (customer_id);
-- Clustered: the last contacts of a customer lie on one or two pages, and encryption costs by the page.
CREATE TABLE history (
  customer_id TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  contact_id TEXT NOT NULL,
  doc TEXT NOT NULL,
  PRIMARY KEY (customer_id, started_at DESC, contact_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX history_contact ON history (contact_id);
CREATE TABLE notice (id TEXT PRIMARY KEY, from_ms INTEGER NOT NULL, to_ms INTEGER NOT NULL, doc TEXT NOT NULL) STRICT;
CREATE TABLE topic (id TEXT PRIMARY KEY, doc TEXT NOT NULL) STRICT;
CREATE TABLE script (id TEXT NOT NULL, version INTEGER NOT NULL, doc TEXT NOT NULL, PRIMARY KEY (id, version)) STRICT;
CREATE TABLE tree (id TEXT PRIMARY KEY, doc TEXT NOT NULL) STRICT;
CREATE TABLE contact (id TEXT PRIMARY KEY, ended_at INTEGER, doc TEXT NOT NULL) STRICT;
CREATE TABLE draft (
  contact_id TEXT PRIMARY KEY REFERENCES contact (id) ON DELETE CASCADE,
  saved_at INTEGER NOT NULL,
  note TEXT NOT NULL,
  disposition TEXT NOT NULL
) STRICT;
CREATE TABLE outbox (
  seq INTEGER PRIMARY KEY,
  op_id TEXT NOT NULL UNIQUE,
  entity TEXT NOT NULL,
  doc TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'refused')),
  kind TEXT,
  reason TEXT
) STRICT;
CREATE INDEX outbox_entity ON outbox (entity, seq);
CREATE INDEX outbox_state ON outbox (state, seq);`,
  },
  {
    name: 'find customers by surname',
    sql: `
ALTER TABLE customer ADD COLUMN surname TEXT GENERATED ALWAYS AS (doc ->> '$.surname') VIRTUAL;
CREATE INDEX customer_surname ON customer (surname, id);`,
  },
  {
    name: 'directory of transfer targets',
    sql: `
CREATE TABLE target (id TEXT PRIMARY KEY, number TEXT NOT NULL, doc TEXT NOT NULL) STRICT;
CREATE INDEX target_number ON target (number, id);
-- A working set that was loaded before knows no targets: it is asked for from the beginning.
UPDATE meta SET doc = '""' WHERE name = 'cursor';`,
  },
  {
    name: 'the cache in a file of its own',
    sql: `
-- Lines of the timeline that central has not told yet. The others are in the cache, which is a copy and may be lost.
CREATE TABLE own_line (
  contact_id TEXT PRIMARY KEY,
  customer_id TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  doc TEXT NOT NULL
) STRICT;
CREATE INDEX own_line_of ON own_line (customer_id, started_at);
INSERT INTO own_line (contact_id, customer_id, started_at, doc)
  SELECT contact_id, customer_id, started_at, doc FROM main.history
  WHERE EXISTS (SELECT 1 FROM main.contact WHERE contact.id = history.contact_id);
DROP TABLE main.customer_number;
DROP TABLE main.customer;
DROP TABLE main.history;
DROP TABLE main.notice;
DROP TABLE main.topic;
DROP TABLE main.script;
DROP TABLE main.tree;
DROP TABLE IF EXISTS main.target;
DELETE FROM main.meta WHERE name IN ('cursor', 'loaded', 'workingSetOf');`,
  },
  {
    name: 'obligations and cases this seat changed',
    sql: `
CREATE TABLE own_work (id TEXT PRIMARY KEY, customer_id TEXT NOT NULL, rev INTEGER NOT NULL, doc TEXT NOT NULL) STRICT;
CREATE INDEX own_work_of ON own_work (customer_id);`,
  },
  {
    name: 'an op that waits is in one index less',
    sql: `
-- Nearly all wait, in the order of the table. What is refused is looked for.
DROP INDEX main.outbox_state;
CREATE INDEX main.outbox_refused ON outbox (seq) WHERE state = 'refused';`,
  },
  {
    name: 'what the time of a shift went to',
    sql: `
CREATE TABLE day_span (
  agent_id TEXT NOT NULL,
  from_ms INTEGER NOT NULL,
  to_ms INTEGER NOT NULL,
  kind TEXT NOT NULL,
  reason TEXT
) STRICT;
CREATE TABLE day_contact (agent_id TEXT NOT NULL, at_ms INTEGER NOT NULL, doc TEXT NOT NULL) STRICT;`,
  },
  {
    name: 'what ops are found by is in memory',
    sql: `
-- An op writes its row, and no page of an index beside it (op-places.ts).
CREATE TABLE main.outbox_kept (
  seq INTEGER PRIMARY KEY,
  op_id TEXT NOT NULL,
  entity TEXT NOT NULL,
  doc TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'refused')),
  kind TEXT,
  reason TEXT
) STRICT;
INSERT INTO main.outbox_kept (seq, op_id, entity, doc, state, kind, reason)
  SELECT seq, op_id, entity, doc, state, kind, reason FROM main.outbox ORDER BY seq;
DROP TABLE main.outbox;
ALTER TABLE main.outbox_kept RENAME TO outbox;
CREATE INDEX main.outbox_refused ON outbox (seq) WHERE state = 'refused';`,
  },
];

/** Of cache.db: every name says so (`cache.`), or the tables would be made in seat.db. */
const cacheMigrations: readonly Migration[] = [
  {
    name: 'working set and where the feed goes on',
    sql: `
CREATE TABLE cache.feed (name TEXT PRIMARY KEY, doc TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE cache.customer (
  id TEXT PRIMARY KEY,
  doc TEXT NOT NULL,
  surname TEXT GENERATED ALWAYS AS (doc ->> '$.surname') VIRTUAL
) STRICT;
CREATE INDEX cache.customer_surname ON customer (surname, id);
CREATE TABLE cache.customer_number (
  key TEXT NOT NULL,
  customer_id TEXT NOT NULL REFERENCES customer (id) ON DELETE CASCADE,
  confidence TEXT NOT NULL,
  PRIMARY KEY (key, customer_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX cache.customer_number_of ON customer_number (customer_id);
-- Clustered: the last contacts of a customer lie on one or two pages, and encryption costs by the page.
CREATE TABLE cache.history (
  customer_id TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  contact_id TEXT NOT NULL,
  doc TEXT NOT NULL,
  PRIMARY KEY (customer_id, started_at DESC, contact_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX cache.history_contact ON history (contact_id);
CREATE TABLE cache.notice (id TEXT PRIMARY KEY, from_ms INTEGER NOT NULL, to_ms INTEGER NOT NULL, doc TEXT NOT NULL) STRICT;
CREATE TABLE cache.topic (id TEXT PRIMARY KEY, doc TEXT NOT NULL) STRICT;
CREATE TABLE cache.script (id TEXT NOT NULL, version INTEGER NOT NULL, doc TEXT NOT NULL, PRIMARY KEY (id, version)) STRICT;
CREATE TABLE cache.tree (id TEXT PRIMARY KEY, doc TEXT NOT NULL) STRICT;
CREATE TABLE cache.target (id TEXT PRIMARY KEY, number TEXT NOT NULL, doc TEXT NOT NULL) STRICT;
CREATE INDEX cache.target_number ON target (number, id);`,
  },
  {
    name: 'one line of the timeline per contact, held by the database',
    sql: `
DELETE FROM cache.history WHERE EXISTS (SELECT 1 FROM cache.history AS other
  WHERE other.contact_id = history.contact_id AND (other.started_at, other.customer_id) > (history.started_at, history.customer_id));
DROP INDEX cache.history_contact;
CREATE UNIQUE INDEX cache.history_contact ON history (contact_id);`,
  },
  {
    name: 'find customers by part of a number, by name and pinyin',
    sql: `
-- Clustered, and without a foreign key: what is deleted follows from the row (customer-keys.ts), so loading needs no further index.
CREATE TABLE cache.customer_tail (
  tail TEXT NOT NULL,
  customer_id TEXT NOT NULL,
  PRIMARY KEY (tail, customer_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE cache.customer_name (
  surname TEXT NOT NULL,
  given INTEGER NOT NULL,
  customer_id TEXT NOT NULL,
  PRIMARY KEY (surname, given, customer_id)
) STRICT, WITHOUT ROWID;
WITH RECURSIVE turned (customer_id, rest, tail) AS (
  SELECT customer_id, key, '' FROM cache.customer_number
  UNION ALL
  SELECT customer_id, substr(rest, 2), substr(rest, 1, 1) || tail FROM turned WHERE rest <> ''
)
INSERT OR IGNORE INTO cache.customer_tail SELECT tail, customer_id FROM turned WHERE rest = '';
-- 64 per character of the given name, and 32: its mark is not known before central sends the row again.
INSERT OR IGNORE INTO cache.customer_name
  SELECT lower(doc ->> '$.surname'),
    CASE WHEN unicode(doc ->> '$.surname') < 0x2E80 THEN 0
      ELSE 64 * max(0, min(30, length(doc ->> '$.nameMasked') - length(doc ->> '$.surname'))) END + 32,
    id
  FROM cache.customer;
DROP INDEX cache.customer_surname;`,
  },
  {
    name: 'obligations and cases as central tells them',
    sql: 'CREATE TABLE cache.work (id TEXT PRIMARY KEY, doc TEXT NOT NULL) STRICT;',
  },
  {
    name: 'where a contact has its line, in a table a load can write in order',
    sql: `
CREATE TABLE cache.history_place (
  contact_id TEXT PRIMARY KEY,
  customer_id TEXT NOT NULL,
  started_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO cache.history_place (contact_id, customer_id, started_at)
  SELECT contact_id, customer_id, started_at FROM cache.history ORDER BY contact_id;
DROP INDEX cache.history_contact;
-- Nothing looks for it any more, and a strict table computes it for every row that is written.
ALTER TABLE cache.customer DROP COLUMN surname;`,
  },
  {
    name: 'numbers without an index by customer',
    sql: `
-- What is to go follows from the customer's row, as with the other keys: a load writes one order less.
CREATE TABLE cache.customer_number_kept (
  key TEXT NOT NULL,
  customer_id TEXT NOT NULL,
  confidence TEXT NOT NULL,
  PRIMARY KEY (key, customer_id)
) STRICT, WITHOUT ROWID;
INSERT INTO cache.customer_number_kept (key, customer_id, confidence)
  SELECT key, customer_id, confidence FROM cache.customer_number ORDER BY key, customer_id;
DROP TABLE cache.customer_number;
ALTER TABLE cache.customer_number_kept RENAME TO customer_number;`,
  },
  {
    name: 'scripts by the calls they are for, found while a call is offered',
    sql: `
CREATE INDEX cache.script_for_calls ON script (id) WHERE doc ->> '$.shownFor' IS NOT NULL;
CREATE INDEX cache.script_variant ON script (doc ->> '$.variant.of');`,
  },
];

export const newestSchema: Schemas = { work: workMigrations.length, cache: cacheMigrations.length };

/** Until this schema of seat.db there was one file for everything. */
const lastOfOneFile = 3;

/** Brings both files from the schemas they have to `upTo`; each step is one transaction with its own version mark. */
export const migrate = (db: Db, upTo: Schemas = newestSchema): void => {
  const found = db.schema;
  const step = (part: 'work' | 'cache', version: number): void => {
    const migration = (part === 'work' ? workMigrations : cacheMigrations)[version - 1];
    if (migration === undefined) return;
    const change = (write: WriteDb | CacheDb): void => {
      write.script(migration.name, migration.sql);
      if (part === 'cache' && version === 1 && isOneFile(found.work))
        write.script('bring the rows along', broughtAlong);
      write.script('version mark', `PRAGMA ${part === 'work' ? 'main' : 'cache'}.user_version = ${version}`);
    };
    if (part === 'work') db.write(`migration ${version}`, change);
    else db.fill(`cache migration ${version}`, change);
  };
  const own = (from: number, to: number): void => {
    for (let version = from; version <= to; version += 1) step('work', version);
  };
  own(found.work + 1, Math.min(upTo.work, lastOfOneFile));
  // First the copy, in a commit of its own; only then may seat.db let go of its rows. A move that was cut short between the two
  // finds its copy: should an older program have worked meanwhile, the copy has the older cursor, and the feed goes on from there.
  for (let version = db.schema.cache + 1; version <= upTo.cache; version += 1) step('cache', version);
  // The cache's commits may still be on their way to the disk.
  if (isOneFile(found.work)) db.scrub();
  own(Math.max(db.schema.work, lastOfOneFile) + 1, upTo.work);
  if (db.schema.work === newestSchema.work) placeOps(db);
  if (db.schema.cache === newestSchema.cache) markFewRows(db);
};

const isOneFile = (workSchema: number): boolean => workSchema > 0 && workSchema <= lastOfOneFile;

const broughtAlong = `
INSERT INTO cache.customer (id, doc) SELECT id, doc FROM main.customer;
INSERT INTO cache.customer_number (key, customer_id, confidence) SELECT key, customer_id, confidence FROM main.customer_number;
INSERT INTO cache.history (customer_id, started_at, contact_id, doc)
  SELECT customer_id, started_at, contact_id, doc FROM main.history;
INSERT INTO cache.notice (id, from_ms, to_ms, doc) SELECT id, from_ms, to_ms, doc FROM main.notice;
INSERT INTO cache.topic (id, doc) SELECT id, doc FROM main.topic;
INSERT INTO cache.script (id, version, doc) SELECT id, version, doc FROM main.script;
INSERT INTO cache.tree (id, doc) SELECT id, doc FROM main.tree;
INSERT INTO cache.target (id, number, doc) SELECT id, number, doc FROM main.target;
INSERT INTO cache.feed (name, doc) SELECT name, doc FROM main.meta WHERE name IN ('cursor', 'loaded', 'workingSetOf');`;
