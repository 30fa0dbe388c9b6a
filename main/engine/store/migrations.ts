import type { Db } from './db.ts';

/** Numbered by place, from 1; a published one never changes. Tested with rows before and after. */
const migrations: readonly { readonly name: string; readonly sql: string }[] = [
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
];

export const newestSchema = migrations.length;

/** Brings a store from the schema it has to `upTo`; each step is one transaction with its own version mark. */
export const migrate = (db: Db, upTo: number = newestSchema): void => {
  for (let version = db.schemaVersion + 1; version <= upTo; version += 1) {
    const step = migrations[version - 1];
    if (step === undefined) return;
    db.write(`migration ${version}`, (write) => {
      write.script(step.name, step.sql);
      write.script('version mark', `PRAGMA user_version = ${version}`);
    });
  }
};
