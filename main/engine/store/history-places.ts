import type { CacheDb, ReadDb } from './db.ts';

/**
 * Where a contact's line lies in the timeline, which is clustered by customer and time: a later word on the contact, and its end, come with
 * its id alone. A contact has one place, so that one line.
 *
 * Kept in `history_place`. Contact ids come in no order of customers: kept up to date row by row, this table costs a load more than all
 * others, a page written and encrypted for every line. So during a load places are in memory (a temporary table, `temp_store=MEMORY`), and
 * are written in their order at its end, in slices. A load broken off by the end of the process finds them again in the rows it has.
 */
export type Places = 'history_place' | 'loading_place';

export type Place = { readonly customerId: string; readonly startedAtMs: number };

/** The place of before, when it was another one: its line is to go. */
export const takePlace = (db: CacheDb, places: Places, contactId: string, place: Place): Place | undefined => {
  const { customerId, startedAtMs } = place;
  const insert = `INSERT INTO ${places} (contact_id, customer_id, started_at) VALUES (?, ?, ?)`;
  if (db.run('take place', `${insert} ON CONFLICT DO NOTHING`, contactId, customerId, startedAtMs) > 0)
    return undefined;
  const before = placeOf(db, places, contactId);
  if (before?.customerId === customerId && before.startedAtMs === startedAtMs) return undefined;
  db.run(
    'change place',
    `UPDATE ${places} SET customer_id = ?, started_at = ? WHERE contact_id = ?`,
    customerId,
    startedAtMs,
    contactId,
  );
  return before;
};

export const leavePlace = (db: CacheDb, places: Places, contactId: string): Place | undefined => {
  const before = placeOf(db, places, contactId);
  if (before !== undefined) db.run('leave place', `DELETE FROM ${places} WHERE contact_id = ?`, contactId);
  return before;
};

/** Before the customer's lines go. */
export const leavePlacesOf = (db: CacheDb, places: Places, customerId: string): void =>
  void db.run(
    'leave places',
    `DELETE FROM ${places} WHERE contact_id IN (SELECT contact_id FROM history WHERE customer_id = ?)`,
    customerId,
  );

const placeOf = (db: ReadDb, places: Places, contactId: string): Place | undefined =>
  db.get(
    'place',
    `SELECT customer_id AS customerId, started_at AS startedAtMs FROM ${places} WHERE contact_id = ?`,
    contactId,
  );

/** False at a load's beginning, and when another process began it. */
export const hasLoadingPlaces = (db: ReadDb): boolean =>
  db.get('loading places', "SELECT 1 FROM temp.sqlite_schema WHERE name = 'loading_place'") !== undefined;

export const beginLoadingPlaces = (db: CacheDb): void =>
  db.script(
    'begin loading places',
    `DROP TABLE IF EXISTS temp.loading_place;
     CREATE TEMPORARY TABLE loading_place (
       contact_id TEXT PRIMARY KEY, customer_id TEXT NOT NULL, started_at INTEGER NOT NULL
     ) STRICT, WITHOUT ROWID`,
  );

/** A customer and all lines of it follow each other: so many customers' lines at once. */
const customersAtOnce = 100;

/** Finds places of rows that are here, slice by slice. @returns where to go on; null at the end */
export const findPlaces = (db: CacheDb, after: string): string | null => {
  const upTo = db.get<{ id: string | null }>(
    'customers of places',
    `SELECT max(id) AS id FROM (SELECT DISTINCT customer_id AS id FROM history WHERE customer_id > ? ORDER BY 1 LIMIT ?)`,
    after,
    customersAtOnce,
  );
  if (upTo === undefined || upTo.id === null) return null;
  db.run(
    'find places',
    `INSERT OR REPLACE INTO loading_place (contact_id, customer_id, started_at)
     SELECT contact_id, customer_id, started_at FROM history WHERE customer_id > ? AND customer_id <= ?`,
    after,
    upTo.id,
  );
  return upTo.id;
};

/** Writes the next `limit` places. @returns where to go on; null at the end */
export const keepPlaces = (db: CacheDb, after: string, limit: number): string | null => {
  // What a load broken off had written already.
  if (after === '') db.run('clear places', 'DELETE FROM history_place');
  const upTo = db.get<{ id: string | null }>(
    'places',
    'SELECT max(contact_id) AS id FROM (SELECT contact_id FROM loading_place WHERE contact_id > ? ORDER BY contact_id LIMIT ?)',
    after,
    limit,
  );
  if (upTo === undefined || upTo.id === null) return null;
  db.run(
    'keep places',
    `INSERT INTO history_place (contact_id, customer_id, started_at)
     SELECT contact_id, customer_id, started_at FROM loading_place WHERE contact_id > ? AND contact_id <= ? ORDER BY contact_id`,
    after,
    upTo.id,
  );
  return upTo.id;
};

export const endLoadingPlaces = (db: CacheDb): void =>
  db.script('end loading places', 'DROP TABLE IF EXISTS temp.loading_place');
