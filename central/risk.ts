import type { Contact } from '../shared/contact.ts';
import type { CustomerId } from '../shared/ids.ts';
import type { RiskFlag } from '../shared/verification-tables.ts';
import type { Db, Tx } from './db.ts';
import { firstRow, run, statement } from './db.ts';

/**
 * What speaks against a caller (security 58, 59, 65): from the operator's own records of the line, and from what other agents saw. A change
 * counts for three days; a thief is quicker than that.
 */
const recentMs = 72 * 3_600_000;
const dayMs = 86_400_000;

type RiskRecord = {
  readonly simChangedAtMs: number | null;
  readonly portChangedAtMs: number | null;
  readonly numberChangedAtMs: number | null;
  /** Where notices go while the number is a new one (security 63). */
  readonly oldNumber: string | null;
};

/** The operator's systems tell central so; what is not told stays as it was. */
export const putRisk = (tx: Tx, customerId: string, told: Partial<RiskRecord>): Promise<void> =>
  run(
    tx,
    statement`
      insert into customer_risk (customer_id, sim_changed_at_ms, port_changed_at_ms, number_changed_at_ms, old_number)
      values (${customerId}, ${told.simChangedAtMs ?? null}, ${told.portChangedAtMs ?? null},
        ${told.numberChangedAtMs ?? null}, ${told.oldNumber ?? null})
      on conflict (customer_id) do update set
        sim_changed_at_ms = coalesce(excluded.sim_changed_at_ms, customer_risk.sim_changed_at_ms),
        port_changed_at_ms = coalesce(excluded.port_changed_at_ms, customer_risk.port_changed_at_ms),
        number_changed_at_ms = coalesce(excluded.number_changed_at_ms, customer_risk.number_changed_at_ms),
        old_number = coalesce(excluded.old_number, customer_risk.old_number)`,
  );

export const flagsOf = async (
  db: Db,
  contact: Pick<Contact, 'number' | 'agentId'>,
  customerId: CustomerId,
  nowMs: number,
): Promise<readonly RiskFlag[]> => {
  const since = nowMs - recentMs;
  const found = await firstRow(
    db,
    statement<{ sim: boolean; port: boolean; number: boolean; known: boolean; failed: boolean }>`
      select
        coalesce((select sim_changed_at_ms > ${since} from customer_risk where customer_id = ${customerId}), false) as sim,
        coalesce((select port_changed_at_ms > ${since} from customer_risk where customer_id = ${customerId}), false) as port,
        coalesce((select number_changed_at_ms > ${since} from customer_risk where customer_id = ${customerId}), false)
          as number,
        exists (select 1 from customer_number where customer_id = ${customerId} and key = ${contact.number}) as known,
        exists (select 1 from verification_check
          where customer_id = ${customerId} and not matched and at_ms > ${nowMs - dayMs}
            and agent_id <> ${contact.agentId}) as failed`,
  );
  if (found === undefined) return [];
  const { sim, port, number, known, failed } = found;
  const flags: (RiskFlag | false)[] = [
    sim && 'simChanged',
    port && 'portChanged',
    number && 'numberChanged',
    !known && 'callerMismatch',
    failed && 'failedElsewhere',
  ];
  return flags.filter((flag) => flag !== false);
};

/** Where the customer is told what was done: the number of before while a change is fresh, else the main one. */
export const oldContactOf = async (db: Db, customerId: string, nowMs: number): Promise<string | undefined> =>
  (
    await firstRow(
      db,
      statement<{ key: string | null }>`
        select coalesce(
          (select old_number from customer_risk
            where customer_id = ${customerId} and number_changed_at_ms > ${nowMs - recentMs}),
          (select key from customer_number where customer_id = ${customerId} order by position limit 1)) as key`,
    )
  )?.key ?? undefined;
