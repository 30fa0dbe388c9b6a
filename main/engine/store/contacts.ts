import type { Contact } from '../../../shared/contact.ts';
import type { PastContact } from '../../../shared/customer.ts';
import type { DispositionPath } from '../../../shared/disposition.ts';
import type { ReadDb, WriteDb } from './db.ts';
import { isUnsynced } from './outbox.ts';

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

/** Contacts over before `beforeMs` that central has in full need not lie on a seat any longer. */
export const forgetContacts = (db: WriteDb, beforeMs: number): number =>
  db.run(
    'forget contacts',
    `DELETE FROM contact WHERE ended_at IS NOT NULL AND ended_at < ?
       AND NOT EXISTS (SELECT 1 FROM outbox WHERE entity = 'contact:' || contact.id)`,
    beforeMs,
  );

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

/** A line of a customer's timeline; one per contact, whoever writes it last. */
export const putPast = (db: WriteDb, customerId: string, past: PastContact): void => {
  dropPast(db, past.contactId);
  db.run(
    'put past contact',
    'INSERT INTO history (customer_id, started_at, contact_id, doc) VALUES (?, ?, ?, ?)',
    customerId,
    past.startedAtMs,
    past.contactId,
    JSON.stringify(past),
  );
};

export const dropPast = (db: WriteDb, contactId: string): void =>
  void db.run('drop past contact', 'DELETE FROM history WHERE contact_id = ?', contactId);

/** Central's word on a timeline line, unless this seat has changes of that contact which central does not know yet. */
export const pastFromCentral = (
  db: WriteDb,
  contactId: string,
  row: { readonly customerId: string; readonly past: PastContact } | null,
): void => {
  if (isUnsynced(db, contactId)) return;
  if (row === null) dropPast(db, contactId);
  else putPast(db, row.customerId, row.past);
};

/** Newest first. */
export const pastOf = (db: ReadDb, customerId: string, limit: number): PastContact[] =>
  db
    .all<{ doc: string }>(
      'past contacts',
      'SELECT doc FROM history WHERE customer_id = ? ORDER BY started_at DESC, contact_id LIMIT ?',
      customerId,
      limit,
    )
    .map((row) => JSON.parse(row.doc) as PastContact);
