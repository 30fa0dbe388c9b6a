import type { Factor } from '../shared/verification.ts';
import type { Db, Tx } from './db.ts';
import { asJson, firstRow, rows, run, statement } from './db.ts';
import { keyedHash, sameText } from './secrets.ts';

/** What happened around a customer's private values (R13), and who listened to or silenced what (R33, R35). Never a typed value. */
export type AuditEvent = {
  readonly atMs: number;
  readonly agentId: string;
  readonly seatId: string;
  readonly contactId: string | null;
  readonly customerId: string | null;
  readonly kind: 'check' | 'codeSent' | 'reveal' | 'locked' | 'supervision' | 'recording';
  readonly factor: Factor | null;
  readonly result: string;
};

type AuditRow = AuditEvent & { readonly seq: number; readonly hash: string };

/**
 * Appends to the chain: each row's keyed hash covers the row and the hash before it. Writers take turns on the chain's head, so
 * this is the last statement of a transaction.
 */
export const audit = async (tx: Tx, key: Uint8Array, events: readonly AuditEvent[]): Promise<void> => {
  const head = await firstRow(
    tx,
    statement<{ seq: number; hash: string }>`select seq, hash from audit_head for update`,
  );
  if (head === undefined) throw new Error('the audit chain has lost its head');
  let { seq, hash } = head;
  for (const event of events) {
    seq += 1;
    hash = link(key, hash, seq, event);
    await run(
      tx,
      statement`
        insert into audit (seq, at_ms, agent_id, seat_id, contact_id, customer_id, kind, factor, result, hash)
        values (${seq}, ${event.atMs}, ${event.agentId}, ${event.seatId}, ${event.contactId}, ${event.customerId},
          ${event.kind}, ${event.factor}, ${event.result}, ${hash})`,
    );
  }
  await run(tx, statement`update audit_head set seq = ${seq}, hash = ${hash}`);
};

export type AuditVerdict =
  | { readonly kind: 'intact'; readonly rows: number }
  /** The first row that does not follow from the one before it, or is missing. */
  | { readonly kind: 'broken'; readonly atSeq: number };

/** Walks the whole chain. */
export const verifyAudit = async (db: Db, key: Uint8Array): Promise<AuditVerdict> => {
  const pageSize = 5_000;
  let hash = '';
  let seq = 0;
  for (;;) {
    const page = await rows(
      db,
      statement<AuditRow>`
        select seq, at_ms as "atMs", agent_id as "agentId", seat_id as "seatId", contact_id as "contactId",
          customer_id as "customerId", kind, factor, result, hash
        from audit where seq > ${seq} order by seq limit ${pageSize}`,
    );
    for (const row of page) {
      seq += 1;
      hash = link(key, hash, seq, row);
      if (row.seq !== seq || !sameText(row.hash, hash)) return { kind: 'broken', atSeq: seq };
    }
    if (page.length < pageSize) break;
  }
  // Rows cut off at the end leave a chain that is whole in itself: only its head tells.
  const head = await firstRow(db, statement<{ seq: number; hash: string }>`select seq, hash from audit_head`);
  return head?.seq === seq && head.hash === hash ? { kind: 'intact', rows: seq } : { kind: 'broken', atSeq: seq + 1 };
};

const link = (key: Uint8Array, before: string, seq: number, event: AuditEvent): string => {
  const { atMs, agentId, seatId, contactId, customerId, kind, factor, result } = event;
  return keyedHash(key, asJson([before, seq, atMs, agentId, seatId, contactId, customerId, kind, factor, result]));
};
