import type { Contact } from '../../../shared/contact.ts';
import type { PastContact } from '../../../shared/customer.ts';
import type { DispositionPath } from '../../../shared/disposition.ts';
import type { CacheDb, ReadDb, WriteDb } from './db.ts';
import type { Place } from './history-places.ts';
import { leavePlace, takePlace } from './history-places.ts';
import { unsynced } from './outbox.ts';
import type { LineRow } from './rows.ts';

/** This seat's own contacts. */
export const putContact = (db: WriteDb, contact: Contact): void =>
  void db.run(
    'put contact',
    `INSERT INTO contact (id, ended_at, doc) VALUES (?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET ended_at = excluded.ended_at, doc = excluded.doc`,
    contact.id,
    contact.endedAtMs,
    JSON.stringify(contact),
  );

export const contactById = (db: ReadDb, id: string): Contact | undefined => {
  const row = db.get<{ doc: string }>('contact', 'SELECT doc FROM contact WHERE id = ?', id);
  return row === undefined ? undefined : (JSON.parse(row.doc) as Contact);
};

/** The agent's last contacts with somebody who had a number, newest first. */
export const recentContacts = (db: ReadDb, agentId: string, limit: number): Contact[] =>
  db
    .all<{ doc: string }>(
      'recent contacts',
      `SELECT doc FROM contact WHERE doc ->> '$.agentId' = ? AND doc ->> '$.number' <> ''
       ORDER BY doc ->> '$.openedAtMs' DESC LIMIT ?`,
      agentId,
      limit,
    )
    .map((row) => JSON.parse(row.doc) as Contact);

/** The agent's contacts begun since then, or not over yet. */
export const contactsSince = (db: ReadDb, agentId: string, sinceMs: number): Contact[] =>
  db
    .all<{ doc: string }>(
      'contacts since',
      `SELECT doc FROM contact WHERE (ended_at IS NULL OR ended_at >= ?) AND doc ->> '$.agentId' = ?`,
      sinceMs,
      agentId,
    )
    .map((row) => JSON.parse(row.doc) as Contact);

/** Contacts over before `beforeMs` that central has in full need not lie on a seat any longer. */
export const forgetContacts = (db: WriteDb, beforeMs: number): number => {
  const gone = db.run(
    'forget contacts',
    `DELETE FROM contact WHERE ended_at IS NOT NULL AND ended_at < ?
       AND NOT EXISTS (SELECT 1 FROM op_place WHERE entity = 'contact:' || contact.id)`,
    beforeMs,
  );
  db.run(
    'forget own lines',
    'DELETE FROM own_line WHERE NOT EXISTS (SELECT 1 FROM contact WHERE contact.id = own_line.contact_id)',
  );
  db.run(
    'forget drafts',
    'DELETE FROM draft WHERE NOT EXISTS (SELECT 1 FROM contact WHERE contact.id = draft.contact_id)',
  );
  return gone;
};

export type Draft = { readonly note: string; readonly disposition: DispositionPath };

export const saveDraft = (db: WriteDb, contactId: string, draft: Draft, atMs: number): void =>
  void db.run(
    'save draft',
    `INSERT INTO draft (contact_id, saved_at, note, disposition) VALUES (?, ?, ?, ?)
     ON CONFLICT (contact_id) DO UPDATE
       SET saved_at = excluded.saved_at, note = excluded.note, disposition = excluded.disposition`,
    contactId,
    atMs,
    draft.note,
    JSON.stringify(draft.disposition),
  );

export const draftOf = (db: ReadDb, contactId: string): Draft => {
  const row = db.get<{ note: string; disposition: string }>(
    'draft',
    'SELECT note, disposition FROM draft WHERE contact_id = ?',
    contactId,
  );
  return row === undefined
    ? { note: '', disposition: [] }
    : { note: row.note, disposition: JSON.parse(row.disposition) as DispositionPath };
};

export const dropDraft = (db: WriteDb, contactId: string): void =>
  void db.run('drop draft', 'DELETE FROM draft WHERE contact_id = ?', contactId);

/** A line of a customer's timeline as central tells it; one per contact. */
export const lineFromCentral = (db: CacheDb, contactId: string, line: LineRow | null): void => {
  if (line === null) return dropLine(db, contactId, leavePlace(db, contactId));
  // The contact's line of before goes, whichever customer it belonged to.
  dropLine(db, contactId, takePlace(db, contactId, line));
  db.run(
    'put past contact',
    'INSERT OR REPLACE INTO history (customer_id, started_at, contact_id, doc) VALUES (?, ?, ?, ?)',
    line.customerId,
    line.startedAtMs,
    contactId,
    line.doc,
  );
};

const dropLine = (db: CacheDb, contactId: string, at: Place | undefined): void => {
  if (at === undefined) return;
  db.run(
    'drop past contact',
    'DELETE FROM history WHERE customer_id = ? AND started_at = ? AND contact_id = ?',
    at.customerId,
    at.startedAtMs,
    contactId,
  );
};

/** The line of a contact of this seat, until central tells it. It covers central's as long as central does not know all of it. */
export const putOwnLine = (db: WriteDb, customerId: string, past: PastContact): void =>
  void db.run(
    'put own line',
    `INSERT INTO own_line (contact_id, customer_id, started_at, doc) VALUES (?, ?, ?, ?)
     ON CONFLICT (contact_id) DO UPDATE
       SET customer_id = excluded.customer_id, started_at = excluded.started_at, doc = excluded.doc`,
    past.contactId,
    customerId,
    past.startedAtMs,
    JSON.stringify(past),
  );

/** Lines of this seat whose contacts central has in full: it has the last word on them. Those of a day at most. */
export const settledOwnLines = (db: ReadDb): readonly { readonly contactId: string; readonly customerId: string }[] =>
  db.all(
    'own lines settled',
    `SELECT contact_id AS contactId, customer_id AS customerId FROM own_line WHERE NOT ${unsynced('own_line.contact_id')}`,
  );

export const dropOwnLine = (db: WriteDb, contactId: string): void =>
  void db.run('drop own line', 'DELETE FROM own_line WHERE contact_id = ?', contactId);

/** This seat knows better than central. */
const isAhead = unsynced('own_line.contact_id');
const toldLines = `SELECT doc FROM history WHERE customer_id = ? AND NOT EXISTS (
    SELECT 1 FROM own_line WHERE own_line.contact_id = history.contact_id AND ${isAhead})
  ORDER BY started_at DESC, contact_id LIMIT ?`;
const ownLines = `SELECT doc FROM own_line WHERE customer_id = ? AND (${isAhead}
    OR NOT EXISTS (SELECT 1 FROM history
      WHERE history.customer_id = own_line.customer_id AND history.contact_id = own_line.contact_id)
    AND NOT EXISTS (SELECT 1 FROM history_place AS place JOIN history USING (customer_id, started_at, contact_id)
      WHERE place.contact_id = own_line.contact_id))
  ORDER BY started_at DESC LIMIT ?`;

/** Central's lines and this seat's, each contact once, newest first. */
export const pastOf = (db: ReadDb, customerId: string, limit: number): PastContact[] => {
  const parsed = (rows: readonly { doc: string }[]): PastContact[] =>
    rows.map((row) => JSON.parse(row.doc) as PastContact);
  const told = parsed(db.all<{ doc: string }>('past contacts', toldLines, customerId, limit));
  const own = parsed(db.all<{ doc: string }>('own lines', ownLines, customerId, limit));
  if (own.length === 0) return told;
  return [...told, ...own].sort((one, other) => other.startedAtMs - one.startedAtMs).slice(0, limit);
};
