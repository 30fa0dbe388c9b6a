import type { Factor } from '../shared/verification.ts';
import type { Db, Tx } from './db.ts';
import { firstRow, rows, run, statement } from './db.ts';

/** A comparison central made. */
export type Check = { readonly factor: Factor; readonly matched: boolean; readonly atMs: number };

/**
 * Of one call and customer, in the order they were made. A match counts until somebody else is taken into the conversation (security
 * 51); a failure counts on (R12). When that was is central's own time, not the seat's.
 */
export const checksOf = (db: Db, contactId: string, customerId: string): Promise<readonly Check[]> =>
  rows(
    db,
    statement<Check>`
      select factor, matched, at_ms as "atMs" from verification_check
      where contact_id = ${contactId} and customer_id = ${customerId}
        and (not matched or at_ms > coalesce(
          (select max(at_ms) from op
            where entity = ${`contact:${contactId}`} and outcome = 'applied'
              and body ->> 'name' = 'contact.transferred' and body ->> 'kind' = 'conference'), -1))
      order by id`,
  );

export const addCheck = (
  tx: Tx,
  check: Check & { readonly contactId: string; readonly customerId: string; readonly agentId: string },
): Promise<void> =>
  run(
    tx,
    statement`
      insert into verification_check (contact_id, customer_id, agent_id, factor, matched, at_ms)
      values (${check.contactId}, ${check.customerId}, ${check.agentId}, ${check.factor}, ${check.matched}, ${check.atMs})`,
  );

/** Failed comparisons for this customer since then, at all seats. */
export const failuresOf = async (db: Db, customerId: string, sinceMs: number): Promise<number> => {
  const counted = await firstRow(
    db,
    statement<{ count: number }>`
      select count(*)::int as count from verification_check
      where customer_id = ${customerId} and at_ms > ${sinceMs} and not matched`,
  );
  return counted?.count ?? 0;
};
