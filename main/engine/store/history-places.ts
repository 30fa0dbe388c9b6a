import type { CacheDb, ReadDb } from './db.ts';

/**
 * Where a contact's line lies in the timeline, which is clustered by customer and time: a later word on the contact, and its end, come with
 * its id alone. A contact has one place, so that one line. During a load `history_place` is a table in memory (loading.ts).
 */
export type Place = { readonly customerId: string; readonly startedAtMs: number };

/** The place of before, when it was another one: its line is to go. */
export const takePlace = (db: CacheDb, contactId: string, { customerId, startedAtMs }: Place): Place | undefined => {
  const isFirst = db.run(
    'take place',
    'INSERT INTO history_place (contact_id, customer_id, started_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
    contactId,
    customerId,
    startedAtMs,
  );
  if (isFirst > 0) return undefined;
  const before = placeOf(db, contactId);
  if (before?.customerId === customerId && before.startedAtMs === startedAtMs) return undefined;
  db.run(
    'change place',
    'UPDATE history_place SET customer_id = ?, started_at = ? WHERE contact_id = ?',
    customerId,
    startedAtMs,
    contactId,
  );
  return before;
};

export const leavePlace = (db: CacheDb, contactId: string): Place | undefined => {
  const before = placeOf(db, contactId);
  if (before !== undefined) db.run('leave place', 'DELETE FROM history_place WHERE contact_id = ?', contactId);
  return before;
};

/** Before the customer's lines go. */
export const leavePlacesOf = (db: CacheDb, customerId: string): void =>
  void db.run(
    'leave places',
    'DELETE FROM history_place WHERE contact_id IN (SELECT contact_id FROM history WHERE customer_id = ?)',
    customerId,
  );

const placeOf = (db: ReadDb, contactId: string): Place | undefined =>
  db.get(
    'place',
    'SELECT customer_id AS customerId, started_at AS startedAtMs FROM history_place WHERE contact_id = ?',
    contactId,
  );
