import { dayOf } from '../shared/calendar.ts';
import type { Customer } from '../shared/customer.ts';
import type { CustomerId, WorkId } from '../shared/ids.ts';
import { dueCustomerKinds, type DueKind, dueNote, dueSoonMs, isDueCustomer } from '../shared/task-due.ts';
import type { Obligation } from '../shared/obligation.ts';
import type { Policy } from '../shared/policy.ts';
import { mostTargeted } from '../shared/task.ts';
import type { Db } from './db.ts';
import { rows, statement } from './db.ts';
import { rankOf, type Target } from './target.ts';

/** One thing that is due, as a task draws it: `key` names it for good, so that no two tasks take it up. */
export type DueTarget = Target & {
  readonly dueKey: string;
  readonly obligationId: WorkId | null;
  readonly dueAtMs: number;
};

const most = 5_000;

/** What the centre owes by now or soon (R24), that no task has taken up yet; what breaches first in front. */
export const dueObligations = async (
  db: Db,
  kinds: readonly DueKind[],
  policy: Policy,
  nowMs: number,
): Promise<readonly DueTarget[]> => {
  const found = await rows(
    db,
    statement<{ row: Obligation; customer: Customer }>`
      select work.row, feed.row as customer
      from work join feed on feed.entity = 'customer' and feed.id = work.customer_id and feed.row is not null
      where work.record = 'obligation' and work.due_at_ms < ${nowMs + dueSoonMs}
        and work.row ->> 'kind' = any(${[...kinds]}::text[])
        and not exists (select 1 from due_entry where due_entry.key = 'work:' || work.id)
      order by work.due_at_ms limit ${most}`,
  );
  return found.flatMap(({ row, customer }) => {
    const number = customer.numbers[0]?.key;
    if (number === undefined) return [];
    const kind = kinds.find((one) => one === row.kind);
    if (kind === undefined) return [];
    return [
      {
        ...{
          number,
          customer,
          name: customer.nameMasked,
          note: dueNote(kind, row.what),
          tier: rankOf(customer, policy),
        },
        ...{ dueKey: `work:${row.id}`, obligationId: row.id, dueAtMs: row.dueAtMs },
      },
    ];
  });
};

/** Whom the customers' own state makes due (R3, R4, R24): in a warning, with an account manager, newly on the net, long without a word of ours. */
export async function* dueCustomers(
  db: Db,
  kinds: readonly DueKind[],
  policy: Policy,
  nowMs: number,
): AsyncGenerator<readonly DueTarget[]> {
  const wanted = dueCustomerKinds.filter((kind) => kinds.includes(kind));
  let after = '';
  while (wanted.length > 0) {
    const page = await rows(
      db,
      statement<{ id: CustomerId; row: Customer; spokenAtMs: number | null }>`
        select id, row, (select max(opened_at_ms) from contact
          where contact.customer_id = feed.id and contact.row ->> 'answeredAtMs' is not null) as "spokenAtMs"
        from feed where entity = 'customer' and row is not null and id > ${after} order by id limit ${most}`,
    );
    yield page.flatMap(({ id, row, spokenAtMs }) => {
      const number = row.numbers[0]?.key;
      const kind = wanted.find((one) => isDueCustomer(one, row, { policy, nowMs, spokenAtMs }));
      if (number === undefined || kind === undefined) return [];
      const note = dueNote(kind, kind === 'handOver' ? (row.manager ?? '') : '');
      return [
        {
          ...{ number, customer: row, name: row.nameMasked, note, tier: rankOf(row, policy) },
          ...{ dueKey: `${kind}:${id}:${periodOf(kind, nowMs)}`, obligationId: null, dueAtMs: nowMs },
        },
      ];
    });
    after = page.at(-1)?.id ?? after;
    if (page.length < most) return;
  }
}

/** What a task would take up at its start. */
export const dueNow = async (
  db: Db,
  kinds: readonly DueKind[],
  policy: Policy,
  nowMs: number,
): Promise<readonly Target[]> => {
  const found: DueTarget[] = [...(await dueObligations(db, kinds, policy, nowMs))];
  for await (const page of dueCustomers(db, kinds, policy, nowMs)) {
    found.push(...page);
    if (found.length > mostTargeted) break;
  }
  return found;
};

/** Due again after so long: a warning that goes on and a hand-over every quarter, care every year, a welcome once. */
const periodOf = (kind: DueKind, nowMs: number): string => {
  const [year = '', month = '01'] = dayOf(nowMs).split('-');
  if (kind === 'newSubscriber') return '1';
  return kind === 'vipCare' ? year : `${year}-${Math.ceil(Number(month) / 3)}`;
};
