import type { AuditEvent, AuditHead, AuditRow, AuditVerdict } from './audit-chain.ts';
import { link, verifyChain } from './audit-chain.ts';
import type { Db, Tx } from './db.ts';
import { asJson, atCommit, firstRow, rows, run, statement } from './db.ts';

export type { AuditEvent } from './audit-chain.ts';

const waiting = new WeakMap<Db, AuditEvent[]>();

/**
 * Appends to the chain: each row's keyed hash covers the row and the hash before it. Writers take turns on the chain's head, so it is
 * done last in the transaction, for all its events together.
 */
export const audit = async (tx: Tx, key: Uint8Array, events: readonly AuditEvent[]): Promise<void> => {
  const before = waiting.get(tx);
  if (before !== undefined) return void before.push(...events);
  const all = [...events];
  if (atCommit(tx, 'audit', (last) => append(last, key, all))) waiting.set(tx, all);
  else await append(tx, key, all);
};

const append = async (tx: Tx, key: Uint8Array, events: readonly AuditEvent[]): Promise<void> => {
  const head = await firstRow(
    tx,
    statement<{ seq: number; hash: string }>`select seq, hash from audit_head for update`,
  );
  if (head === undefined) throw new Error('the audit chain has lost its head');
  let { seq, hash } = head;
  const linked = events.map((event) => {
    seq += 1;
    hash = link(key, hash, seq, event);
    return { ...event, seq, hash };
  });
  await run(
    tx,
    statement`
      with added as (
        insert into audit (seq, at_ms, agent_id, seat_id, contact_id, customer_id, kind, factor, result, hash)
        select x.seq, x."atMs", x."agentId", x."seatId", x."contactId", x."customerId", x.kind, x.factor, x.result, x.hash
        from json_to_recordset(${asJson(linked)}::json) as x (seq bigint, "atMs" bigint, "agentId" text, "seatId" text,
          "contactId" text, "customerId" text, kind text, factor text, result text, hash text))
      update audit_head set seq = ${seq}, hash = ${hash}`,
  );
};

/** Walks the whole chain. */
export const verifyAudit = (db: Db, key: Uint8Array, anchors: readonly AuditHead[] = []): Promise<AuditVerdict> =>
  verifyChain(key, auditEntries(db), () => auditHead(db), anchors);

const pageSize = 5_000;

/** All entries by their numbers, a page at a time. */
export async function* auditEntries(db: Db): AsyncGenerator<AuditRow> {
  let after = 0;
  for (;;) {
    const page = await rows(
      db,
      statement<AuditRow>`
        select seq, at_ms as "atMs", agent_id as "agentId", seat_id as "seatId", contact_id as "contactId",
          customer_id as "customerId", kind, factor, result, hash
        from audit where seq > ${after} order by seq limit ${pageSize}`,
    );
    yield* page;
    after = page.at(-1)?.seq ?? after;
    if (page.length < pageSize) return;
  }
}

/** Rows cut off at the end leave a chain that is whole in itself: only its head tells. */
export const auditHead = (db: Db): Promise<AuditHead | undefined> =>
  firstRow(db, statement<AuditHead>`select seq, hash from audit_head`);
