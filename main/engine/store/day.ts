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

/** The oldest are in front. More go than come; to look through all of them at each change of state would cost more than the change. */
const forget = (db: WriteDb, beforeMs: number): void => {
  const oldest = (of: string): string => `rowid IN (SELECT rowid FROM ${of} ORDER BY rowid LIMIT 8)`;
  db.run('forget spans', `DELETE FROM day_span WHERE ${oldest('day_span')} AND to_ms < ?`, beforeMs);
  db.run('forget done contacts', `DELETE FROM day_contact WHERE ${oldest('day_contact')} AND at_ms < ?`, beforeMs);
};

type Placed = { readonly place: number };
type SpanRow = Placed & {
  readonly kind: string;
  readonly reason: string | null;
  readonly from: number;
  readonly to: number;
};
type DoneRow = Placed & { readonly doc: string };

/**
 * An agent's stretches and finished contacts, oldest first: in the order they were written, whatever the clock did. It reads on where it
 * stopped, for every change of state asks, and a shift has hundreds.
 */
export const dayReader = (db: ReadDb) => {
  const spans = readingOn<SpanRow, TimeSpan>(
    (agentId, from) =>
      db.all(
        'spans',
        `SELECT rowid AS place, kind, reason, from_ms AS "from", to_ms AS "to" FROM day_span
         WHERE agent_id = ? AND rowid >= ? ORDER BY rowid`,
        agentId,
        from,
      ),
    ({ kind, reason, from, to }) => TimeSpan.parse({ kind, reason, fromMs: from, toMs: to }),
  );
  const contacts = readingOn<DoneRow, DoneContact>(
    (agentId, from) =>
      db.all(
        'done contacts',
        'SELECT rowid AS place, doc FROM day_contact WHERE agent_id = ? AND rowid >= ? ORDER BY rowid',
        agentId,
        from,
      ),
    ({ doc }) => DoneContact.parse(JSON.parse(doc)),
  );
  return {
    spans: (agentId: string, sinceMs: number): TimeSpan[] => spans(agentId).filter(({ toMs }) => toMs >= sinceMs),
    contacts: (agentId: string, sinceMs: number): DoneContact[] =>
      contacts(agentId).filter(({ atMs }) => atMs >= sinceMs),
  };
};

const readingOn = <Row extends Placed, Known>(
  read: (agentId: string, from: number) => readonly Row[],
  make: (row: Row) => Known,
): ((agentId: string) => readonly Known[]) => {
  let of = '';
  let known: Known[] = [];
  let last: { readonly place: number; readonly text: string } | undefined;
  const forget = (agentId: string): void => {
    of = agentId;
    known = [];
    last = undefined;
  };
  return (agentId) => {
    if (agentId !== of) forget(agentId);
    let rows = read(agentId, last?.place ?? 0);
    const [first] = rows;
    // Rows that were forgotten leave their places to others: the last one known must be there as it was.
    if (last !== undefined && (first === undefined || JSON.stringify(first) !== last.text)) {
      forget(agentId);
      rows = read(agentId, 0);
    } else if (last !== undefined) rows = rows.slice(1);
    known.push(...rows.map(make));
    const newest = rows.at(-1);
    if (newest !== undefined) last = { place: newest.place, text: JSON.stringify(newest) };
    return known;
  };
};
