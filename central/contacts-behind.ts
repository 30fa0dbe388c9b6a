import type { Contact } from '../shared/contact.ts';
import type { HistoryRow } from '../shared/history.ts';
import { historyPage, placeAfter, readPlace } from '../shared/history.ts';
import { audit, type AuditEvent } from './audit.ts';
import { firstRow, rows, statement, transaction } from './db.ts';
import type { FigurePorts } from './figure-rates.ts';
import { type Found, rowsOf } from './history.ts';
import { lookedUp } from './holdings.ts';
import type { Session } from './sessions.ts';

/**
 * Rows `(id, contact_id, at_ms, name)` in parentheses: what a count was made of. Of an order the id and name are its own, and the contact is the
 * one it came from; of a contact the id is its own, and the name null.
 */
export type Behind = ReturnType<typeof statement>;

export type BehindPage = {
  readonly total: number;
  readonly rows: readonly {
    readonly told: HistoryRow;
    readonly contact: Contact;
    readonly id: string;
    readonly name: string | null;
  }[];
  readonly cursor: string | null;
};

/** A page of what makes up a count, newest first; who was shown goes into the audit, and onto what the seat holds. */
export const pageBehind = async (
  ports: Pick<FigurePorts, 'nowMs' | 'auditKey'>,
  session: Session,
  behind: Behind,
  { cursor, result }: { readonly cursor: string | undefined; readonly result: string },
): Promise<BehindPage> => {
  const { db, agent, seatId } = session;
  const place = readPlace(cursor);
  const counted = await firstRow(db, statement<{ n: number }>`select count(*)::int as n from ${behind} as behind`);
  // The page first, its contacts then: their rows are long, and a count has tens of thousands of them.
  const page = await rows(
    db,
    statement<Found & { contact: Contact; id: string; name: string | null }>`
      select contact.id as "contactId", behind.at_ms as "startedAtMs", contact.customer_id as "customerId",
        contact.agent_id as "agentId", contact.row as contact, null as past, behind.id, behind.name
      from (
        select * from ${behind} as behind
        where (behind.at_ms, behind.id) < (${place?.startedAtMs ?? Number.MAX_SAFE_INTEGER}::bigint,
          ${place?.contactId ?? 'z'}::text collate "C")
        order by behind.at_ms desc, behind.id desc limit ${historyPage + 1}) as behind
        join contact on contact.id = behind.contact_id
      order by behind.at_ms desc, behind.id desc`,
  );
  const shown = page.slice(0, historyPage);
  const told = await rowsOf(db, shown);
  const ids = [...new Set(told.flatMap(({ customerId }) => customerId ?? []))];
  if (ids.length > 0) await lookedUp(db, seatId, ids, ports.nowMs());
  const last = shown.at(-1);
  await note(ports, session, {
    kind: 'figures',
    result: `${result}: ${shown.length} shown to ${agent.role}`.slice(0, 400),
  });
  return {
    total: counted?.n ?? 0,
    rows: told.flatMap((row, n) => {
      const one = shown[n];
      return one === undefined ? [] : [{ told: row, contact: one.contact, id: one.id, name: one.name }];
    }),
    cursor:
      page.length > shown.length && last !== undefined
        ? placeAfter({ startedAtMs: last.startedAtMs, contactId: last.id })
        : null,
  };
};

/** The last statement of what it is about (audit.ts). */
export const note = (
  { nowMs, auditKey }: Pick<FigurePorts, 'nowMs' | 'auditKey'>,
  { agent, seatId, db }: Session,
  event: Pick<AuditEvent, 'kind' | 'result'>,
): Promise<void> =>
  transaction(db, (tx) =>
    audit(tx, auditKey, [
      { atMs: nowMs(), agentId: agent.id, seatId, contactId: null, customerId: null, factor: null, ...event },
    ]),
  );
