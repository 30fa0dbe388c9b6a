import type { AgentState } from '../../../shared/agent.ts';
import { DoneContact, longestShiftMs, spanOf, TimeSpan } from '../../../shared/day.ts';
import type { ReadDb, WriteDb } from './db.ts';

/**
 * What an agent's time went to (R38), of the last shift or two: stretches of states and finished contacts as counts. No customer and no
 * number, so it outlives the contacts themselves, which a centre may have forgotten within the hour (R39).
 */
export const putSpan = (db: WriteDb, agentId: string, before: AgentState, after: AgentState): void => {
  // Ready goes on while the agent has a colleague on the line: the same stretch.
  const span =
    before.kind === after.kind && before.sinceMs === after.sinceMs ? undefined : spanOf(before, after.sinceMs);
  if (span === undefined) return;
  forget(db, span.toMs - 2 * longestShiftMs);
  db.run(
    'put span',
    'INSERT INTO day_span (agent_id, from_ms, to_ms, kind, reason) VALUES (?, ?, ?, ?, ?)',
    agentId,
    span.fromMs,
    span.toMs,
    span.kind,
    span.reason,
  );
};

export const putDoneContact = (db: WriteDb, agentId: string, done: DoneContact): void =>
  void db.run(
    'put done contact',
    'INSERT INTO day_contact (agent_id, at_ms, doc) VALUES (?, ?, ?)',
    agentId,
    done.atMs,
    JSON.stringify(done),
  );

const forget = (db: WriteDb, beforeMs: number): void => {
  db.run('forget spans', 'DELETE FROM day_span WHERE to_ms < ?', beforeMs);
  db.run('forget done contacts', 'DELETE FROM day_contact WHERE at_ms < ?', beforeMs);
};

/** Oldest first: in the order they were written, whatever the clock did. */
export const spansOf = (db: ReadDb, agentId: string, sinceMs: number): TimeSpan[] =>
  db
    .all<TimeSpan>(
      'spans',
      `SELECT kind, reason, from_ms AS fromMs, to_ms AS toMs FROM day_span
       WHERE agent_id = ? AND to_ms >= ? ORDER BY rowid`,
      agentId,
      sinceMs,
    )
    .map((row) => TimeSpan.parse(row));

export const doneContactsOf = (db: ReadDb, agentId: string, sinceMs: number): DoneContact[] =>
  db
    .all<{ doc: string }>(
      'done contacts',
      'SELECT doc FROM day_contact WHERE agent_id = ? AND at_ms >= ? ORDER BY rowid',
      agentId,
      sinceMs,
    )
    .map((row) => DoneContact.parse(JSON.parse(row.doc)));
