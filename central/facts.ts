import { dayOf } from '../shared/calendar.ts';
import type { Contact } from '../shared/contact.ts';
import type { Customer } from '../shared/customer.ts';
import { tiers } from '../shared/customer.ts';
import type { DispositionTree } from '../shared/disposition.ts';
import { follow } from '../shared/disposition.ts';
import { countedIn, handledMs, isSale, keptAfterMs } from '../shared/figures.ts';
import type { Order } from '../shared/order.ts';
import type { Policy } from '../shared/policy.ts';
import { lifeCycleOf, tierOf } from '../shared/tier.ts';
import type { Db, Tx } from './db.ts';
import { asJson, firstRow, rows, run, statement, transaction } from './db.ts';

/**
 * What each contact and order counts for (R36), kept beside it in columns: figures are sums over these, whatever a contact's own row comes
 * to hold. The customer's tier and life cycle are those of the call: a figure of last month does not change with them.
 */
export const putContactFacts = async (tx: Tx, policy: Policy, contacts: readonly Contact[]): Promise<void> => {
  const known = await wordsFor(tx, contacts);
  const warned = [...(known.warned ?? [])];
  const facts = contacts
    .toSorted((one, other) => one.openedAtMs - other.openedAtMs)
    .map((contact) => {
      const { id, agentId, customerId, openedAtMs, answeredAtMs, queue, grant } = contact;
      const { usage } = (customerId === null ? undefined : known.customers?.[customerId]) ?? {};
      const isWarned = usage !== undefined && lifeCycleOf(usage, policy, openedAtMs).stage === 'warning';
      const atRisk = isWarned && answeredAtMs !== null && !wasAtRisk(warned, contact);
      if (atRisk) warned.push({ id, customer: customerId ?? '', at: openedAtMs });
      return {
        ...{ id, agent: agentId, task: grant?.taskId ?? null, queue, customer: customerId, day: dayOf(openedAtMs) },
        ...{ opened: openedAtMs, handled: handledMs(contact), risk: atRisk },
        tier: usage === undefined ? null : tiers.indexOf(tierOf(usage, policy.tier).tier),
        ...countedIn(contact, outcomeIn(known.trees ?? [], contact)),
      };
    });
  // With the tenant of the contact: central itself, which fills what is missing, has none.
  await run(
    tx,
    statement`
      insert into contact_fact (contact_id, agent_id, task_id, queue, customer_id, day, opened_at_ms, tier, handled_ms,
        at_risk, dialled, reached, succeeded, accepted, refused, offered, answered, in_time, tenant)
      select x.id, x.agent, x.task, x.queue, x.customer, x.day, x.opened, x.tier, x.handled, x.risk, x.dialled, x.reached,
        x.succeeded, x.accepted, x.refused, x.offered, x.answered, x."inTime", contact.tenant
      from json_to_recordset(${asJson(facts)}::json) as x (id text, agent text, task text, queue text, customer text,
          day text, opened bigint, tier int, handled bigint, risk boolean, dialled boolean, reached boolean,
          succeeded boolean, accepted boolean, refused boolean, offered boolean, answered boolean, "inTime" boolean)
        join contact on contact.id = x.id
      on conflict (contact_id) do update set customer_id = excluded.customer_id, tier = excluded.tier,
        handled_ms = excluded.handled_ms, at_risk = excluded.at_risk, reached = excluded.reached,
        succeeded = excluded.succeeded, accepted = excluded.accepted, refused = excluded.refused,
        answered = excluded.answered, in_time = excluded.in_time`,
  );
};

type Warned = { readonly id: string; readonly customer: string; readonly at: number };
type Words = {
  readonly customers: Readonly<Record<string, Pick<Customer, 'usage'>>> | null;
  readonly trees: readonly DispositionTree[] | null;
  readonly warned: readonly Warned[] | null;
};

const noWords: Words = { customers: null, trees: null, warned: null };

const wordsFor = async (tx: Tx, contacts: readonly Contact[]): Promise<Words> => {
  const ids = [...new Set(contacts.flatMap(({ customerId }) => customerId ?? []))];
  const isDisposed = contacts.some(({ disposition }) => disposition !== null);
  if (ids.length === 0 && !isDisposed) return noWords;
  const found = await firstRow(
    tx,
    statement<Words>`
      select
        (select json_object_agg(id, json_build_object('usage', row -> 'usage')) from feed
          where entity = 'customer' and id = any(${ids}::text[]) and row is not null) as customers,
        (select json_agg(row order by id) from feed
          where ${isDisposed}::boolean and entity = 'tree' and row is not null) as trees,
        (select json_agg(json_build_object('id', contact_id, 'customer', customer_id, 'at', opened_at_ms)) from contact_fact
          where at_risk and customer_id = any(${ids}::text[])) as warned`,
  );
  return found ?? noWords;
};

/** Counted once in thirty days: whether somebody stayed is one question, however often they called. */
const wasAtRisk = (warned: readonly Warned[], { id, customerId, openedAtMs }: Contact): boolean =>
  warned.some(
    (one) => one.customer === customerId && one.id !== id && one.at > openedAtMs - keptAfterMs && one.at <= openedAtMs,
  );

/** R28: the meaning of the disposition, by the task's own tree, the queue's, or any other that has it. */
export const outcomeIn = (
  trees: readonly DispositionTree[],
  { disposition, grant, queue }: Contact,
): string | undefined => {
  if (disposition === null || disposition.length === 0) return undefined;
  const own = trees.filter((tree) => tree.id === grant?.treeId || (queue !== null && tree.queues.includes(queue)));
  return [...own, ...trees].flatMap((tree) => follow(tree, [...disposition])?.at(-1)?.outcome ?? [])[0];
};

export const putOrderFact = (tx: Tx, order: Order): Promise<void> =>
  run(
    tx,
    statement`
      insert into order_fact (order_id, contact_id, agent_id, day, opened_at_ms, tariff, name, is_sale, tenant)
      select ${order.id}, ${order.contactId}, ${order.agentId}, ${dayOf(order.openedAtMs)}, ${order.openedAtMs},
        ${order.offer.tariffId ?? ''}, ${order.offer.name}, ${isSale(order)}::boolean, work.tenant
      from work where work.id = ${order.id}
      on conflict (order_id) do update set is_sale = excluded.is_sale`,
  );

const pageSize = 500;

/** Contacts and orders of before there were figures; once for a database, behind the door. @returns how many */
export const fillFacts = async (db: Db, policy: Policy): Promise<number> => {
  const isDone = await firstRow(db, statement`select 1 as one from setting where key = 'figuresFilled'`);
  if (isDone !== undefined) return 0;
  let filled = 0;
  for (;;) {
    const page = await rows(
      db,
      statement<{ row: Contact }>`
        select row from contact
        where not exists (select 1 from contact_fact where contact_id = contact.id) order by opened_at_ms, id limit ${pageSize}`,
    );
    if (page.length > 0)
      await transaction(db, (tx) =>
        putContactFacts(
          tx,
          policy,
          page.map(({ row }) => row),
        ),
      );
    filled += page.length;
    if (page.length < pageSize) break;
  }
  const orders = await rows(
    db,
    statement<{ row: Order }>`
      select row from work
      where record = 'order' and not exists (select 1 from order_fact where order_id = work.id)`,
  );
  await transaction(db, async (tx) => {
    for (const { row } of orders) await putOrderFact(tx, row);
    await run(
      tx,
      statement`insert into setting (key, value) values ('figuresFilled', 'true'::json) on conflict (key) do nothing`,
    );
  });
  return filled + orders.length;
};
