import type { Contact } from '../../../shared/contact.ts';
import type { PastContact } from '../../../shared/customer.ts';
import type { HistoryPlace } from '../../../shared/history.ts';
import type { ReadDb } from './db.ts';

export type Line = { readonly customerId: string; readonly past: PastContact };

/** Places looked through in one call: some 20 ms of a large seat, after which the engine has time for a call again. */
const atOnce = 600;

/**
 * Lines of all timelines by time (R34), those that fit. There is no index by time: a load would write an encrypted page for nearly every
 * line (history-places.ts), and a search is worth less than that. Places are small and sorted as they are read.
 * @returns `next`: where to go on, also when nothing fitted; null when these were the last
 */
export const linesByTime = (
  db: ReadDb,
  asked: { readonly fromMs: number; readonly toMs: number; readonly after: HistoryPlace | undefined },
  fits: (past: PastContact) => boolean,
  limit: number,
): { readonly lines: readonly Line[]; readonly next: HistoryPlace | null } => {
  const after = asked.after ?? { startedAtMs: Number.MAX_SAFE_INTEGER, contactId: '' };
  const places = db.all<HistoryPlace & { readonly customerId: string }>(
    'places by time',
    `SELECT contact_id AS contactId, customer_id AS customerId, started_at AS startedAtMs FROM history_place
     WHERE (started_at, contact_id) < (?, ?) AND started_at >= ? AND started_at < ?
     ORDER BY started_at DESC, contact_id DESC LIMIT ?`,
    after.startedAtMs,
    after.contactId,
    asked.fromMs,
    asked.toMs,
    atOnce,
  );
  const lines: Line[] = [];
  for (const place of places) {
    if (lines.length === limit) return { lines, next: lastOf(lines) };
    const row = db.get<{ doc: string }>(
      'line',
      'SELECT doc FROM history WHERE customer_id = ? AND started_at = ? AND contact_id = ?',
      place.customerId,
      place.startedAtMs,
      place.contactId,
    );
    if (row === undefined) continue;
    const past = JSON.parse(row.doc) as PastContact;
    if (fits(past)) lines.push({ customerId: place.customerId, past });
  }
  return { lines, next: places.length < atOnce ? null : (places.at(-1) ?? null) };
};

const lastOf = (lines: readonly Line[]): HistoryPlace | null => lines.at(-1)?.past ?? null;

export const lineOf = (db: ReadDb, contactId: string): Line | undefined => {
  const row = db.get<{ customerId: string; doc: string }>(
    'line of contact',
    `SELECT customer_id AS customerId, doc FROM own_line WHERE contact_id = ?
     UNION ALL SELECT history.customer_id, history.doc FROM history_place JOIN history USING (customer_id, started_at, contact_id)
       WHERE history_place.contact_id = ? LIMIT 1`,
    contactId,
    contactId,
  );
  return row === undefined ? undefined : { customerId: row.customerId, past: JSON.parse(row.doc) as PastContact };
};

/** This agent's contacts of the last day, as this seat wrote them. */
export const ownContacts = (db: ReadDb, agentId: string): Contact[] =>
  db
    .all<{ doc: string }>('own contacts', "SELECT doc FROM contact WHERE doc ->> '$.agentId' = ? LIMIT 2000", agentId)
    .map((row) => JSON.parse(row.doc) as Contact);

/** Since when there is something; null: there is nothing. */
export const heldSinceMs = (db: ReadDb): number | null =>
  db.get<{ ms: number | null }>(
    'held since',
    'SELECT min(ms) AS ms FROM (SELECT min(started_at) AS ms FROM history_place UNION ALL SELECT min(started_at) FROM own_line)',
  )?.ms ?? null;
