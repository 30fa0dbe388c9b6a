import type { AccountAction, AnyFactor } from '../shared/verification-tables.ts';
import type { Db, Tx } from './db.ts';
import { firstRow, rows, run, statement } from './db.ts';

/** A comparison central made, or a step-up that was used up. `action`: what it was made for, null: to tell the customer something. */
export type Made = {
  readonly factor: AnyFactor | 'used';
  readonly matched: boolean;
  readonly atMs: number;
  readonly action: AccountAction | null;
};

/**
 * Of one call and customer, in the order they were made. A match counts until somebody else is taken into the conversation (security
 * 51); a failure counts on (R12). When that was is central's own time, not the seat's.
 */
export const checksOf = (db: Db, contactId: string, customerId: string): Promise<readonly Made[]> =>
  rows(
    db,
    statement<Made>`
      select factor, matched, at_ms as "atMs", action from verification_check
      where contact_id = ${contactId} and customer_id = ${customerId}
        and (not matched or at_ms > coalesce(
          (select max(at_ms) from op
            where entity = ${`contact:${contactId}`} and outcome = 'applied'
              and body ->> 'name' = 'contact.transferred' and body ->> 'kind' = 'conference'), -1))
      order by id`,
  );

export const addCheck = (
  tx: Tx,
  check: Made & { readonly contactId: string; readonly customerId: string; readonly agentId: string },
): Promise<void> =>
  run(
    tx,
    statement`
      insert into verification_check (contact_id, customer_id, agent_id, factor, matched, at_ms, action)
      values (${check.contactId}, ${check.customerId}, ${check.agentId}, ${check.factor}, ${check.matched}, ${check.atMs},
        ${check.action})`,
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
