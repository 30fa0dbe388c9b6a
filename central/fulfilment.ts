import type { FulfilmentEffect, FulfilmentKind, FulfilmentResult } from '../shared/fulfilment.ts';
import { fulfilmentKinds, isToFulfil, takeFulfilment } from '../shared/fulfilment.ts';
import type { Order } from '../shared/order.ts';
import type { Clock, Log } from './ambient.ts';
import { faultFields } from './ambient.ts';
import { audit } from './audit.ts';
import { mainNumberOf } from './customers.ts';
import type { Database, Db, Tx } from './db.ts';
import { firstRow, rows, run, statement, transaction } from './db.ts';
import type { Fulfilment, FulfilmentAsked } from './fulfilment-port.ts';
import { lockedOrder, putWork } from './orders.ts';
import type { Secrets } from './secrets.ts';
import { defaultTenant } from './tenancy.ts';
import { makeRounds } from './rounds.ts';
import { makeUnderWay } from './under-way.ts';

/**
 * Asks the carrier to provision what customers confirmed, and to take their money, and hears what came of it (R30, R41). What is owed
 * follows from the orders themselves, so any instance goes on where one stopped; a wish is on disk before it is asked.
 */
export type FulfilmentWork = {
  readonly look: () => void;
  readonly settled: () => Promise<void>;
  readonly close: () => Promise<void>;
};

type Ports = {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly secrets: Pick<Secrets, 'auditKey'>;
  readonly fulfilment: Fulfilment | undefined;
};

const sweepMs = 15_000;
/** An instance is asking; then another one may. */
const claimMs = 30_000;
/** The carrier took it and says nothing: asked once more, with the same key. */
const silentMs = 10 * 60_000;
/** After a failure a new wish, a few times; then it is for people. */
const mostAttempts = 3;
const againMs = 5 * 60_000;
const atOnce = 50;

export const openFulfilment = (ports: Ports): FulfilmentWork => {
  const { database, clock, log, fulfilment } = ports;
  const go = async (): Promise<void> => {
    if (fulfilment === undefined) return;
    for (const kind of fulfilmentKinds)
      for (const { id, tenant } of await owed(database.db, kind, clock.nowMs()))
        await see(ports, fulfilment, database.tenant(tenant), id, kind).catch((fault: unknown) =>
          log.warn({ orderId: id, kind, ...faultFields(fault) }, 'the carrier was not asked; tried again'),
        );
  };
  const rounds = makeRounds(clock, sweepMs, go, (fault) => log.warn(faultFields(fault), 'fulfilment not looked after'));
  const results = makeUnderWay();
  const stop = fulfilment?.onResult((result) => results.track(takeResult(ports, result)));
  if (fulfilment !== undefined) rounds.begin();
  return {
    look: rounds.look,
    settled: rounds.settled,
    close: async () => {
      stop?.();
      fulfilment?.close();
      await Promise.all([rounds.close(), results.settled()]);
    },
  };
};

/** Of all tenants. What the rule says of each is asked again under its lock (`isToFulfil`). */
const owed = (db: Db, kind: FulfilmentKind, nowMs: number): Promise<readonly { id: string; tenant: string }[]> =>
  rows(
    db,
    statement<{ id: string; tenant: string }>`
      select id, tenant from work
      where record = 'order'
        and (${kind} = 'provisioning' and row -> 'sale' ->> 'kind' = 'confirmed'
          or ${kind} = 'payment' and row -> 'payment' ->> 'state' = 'due'
            and row -> 'payment' ->> 'way' in ('online', 'phone')
            and row -> 'sale' ->> 'kind' in ('confirmed', 'provisioned', 'sold'))
        and not exists (
          select 1 from fulfilment
          where fulfilment.order_id = work.id and fulfilment.kind = ${kind}
            and (fulfilment.outcome is null and fulfilment.claimed_until_ms > ${nowMs}
              or fulfilment.outcome = 'failed' and (fulfilment.attempt >= ${mostAttempts}
                or fulfilment.outcome_at_ms > ${nowMs - againMs}
                  and not exists (select 1 from fulfilment later where later.order_id = work.id
                    and later.kind = ${kind} and later.attempt > fulfilment.attempt))))
      order by changed_at_ms limit ${atOnce}`,
  );

const see = async (ports: Ports, fulfilment: Fulfilment, db: Db, id: string, kind: FulfilmentKind): Promise<void> => {
  const asked = await transaction(db, (tx) => claim(tx, ports.clock.nowMs(), id, kind));
  if (asked === undefined) return;
  await fulfilment.ask(asked);
  const atMs = ports.clock.nowMs();
  await run(
    db,
    statement`
      update fulfilment set sent_at_ms = ${atMs}, claimed_until_ms = ${atMs + silentMs}
      where key = ${asked.key} and outcome is null`,
  );
};

const claim = async (tx: Tx, nowMs: number, id: string, kind: FulfilmentKind): Promise<FulfilmentAsked | undefined> => {
  const order = await lockedOrder(tx, id);
  if (order === undefined || !isToFulfil(order, kind)) return undefined;
  const number = await mainNumberOf(tx, order.customerId);
  if (number === undefined) return undefined;
  const last = await firstRow(
    tx,
    statement<{ attempt: number; outcome: string | null; claimedUntilMs: number }>`
      select attempt, outcome, claimed_until_ms as "claimedUntilMs" from fulfilment
      where order_id = ${id} and kind = ${kind} order by attempt desc limit 1`,
  );
  if (last !== undefined && last.outcome === null && last.claimedUntilMs > nowMs) return undefined;
  const attempt = last === undefined ? 1 : last.outcome === null ? last.attempt : last.attempt + 1;
  if (attempt > mostAttempts) return undefined;
  const key = `${id}.${kind}.${attempt}`;
  await run(
    tx,
    statement`
      insert into fulfilment (order_id, kind, attempt, key, created_at_ms, claimed_until_ms)
      values (${id}, ${kind}, ${attempt}, ${key}, ${nowMs}, ${nowMs + claimMs})
      on conflict (order_id, kind, attempt) do update set claimed_until_ms = excluded.claimed_until_ms`,
  );
  return askedOf(order, kind, { key, number, atMs: nowMs });
};

const askedOf = (
  { id, customerId, offer, payment }: Order,
  kind: FulfilmentKind,
  of: Pick<FulfilmentAsked, 'key' | 'number' | 'atMs'>,
): FulfilmentAsked => ({
  ...{ ...of, kind, orderId: id, customerId, tariffId: offer.tariffId, name: offer.name },
  payment:
    kind === 'payment' && payment !== null
      ? { way: payment.way === 'phone' ? 'phone' : 'online', amountFen: payment.amountFen }
      : null,
});

/** Kept as it came, once (the carrier's id); what it did to the order is written in the same transaction, with a line in the audit. */
const takeResult = async ({ database, clock, log, secrets }: Ports, result: FulfilmentResult): Promise<void> => {
  const nowMs = clock.nowMs();
  const asked = await firstRow(
    database.db,
    statement<{ orderId: string; kind: FulfilmentKind; tenant: string }>`
      select order_id as "orderId", kind, tenant from fulfilment where key = ${result.key}`,
  );
  const effect = await transaction(
    database.tenant(asked?.tenant ?? defaultTenant),
    async (tx): Promise<FulfilmentEffect | 'known'> => {
      const kept = await firstRow(
        tx,
        statement`
          insert into fulfilment_result (id, key, order_id, outcome, why, at_ms, arrived_at_ms, effect)
          values (${result.id}, ${result.key}, ${asked?.orderId ?? null}, ${result.outcome}, ${result.why}, ${Math.round(result.atMs)},
            ${nowMs}, 'unmatched')
          on conflict (id) do nothing returning id`,
      );
      if (kept === undefined) return 'known';
      const before = asked === undefined ? undefined : await lockedOrder(tx, asked.orderId);
      if (asked === undefined || before === undefined) return 'unmatched';
      // By central's clock, as the customer's reply.
      const taken = takeFulfilment(before, asked.kind, { ...result, atMs: nowMs });
      if (taken.order !== before) await putWork(tx, taken.order, nowMs);
      await run(tx, statement`update fulfilment_result set effect = ${taken.effect} where id = ${result.id}`);
      await run(
        tx,
        statement`
          update fulfilment set outcome = ${result.outcome}, outcome_at_ms = ${nowMs}
          where key = ${result.key} and (outcome is null or outcome = 'failed')`,
      );
      const of = { atMs: nowMs, agentId: 'central', seatId: 'central', factor: null };
      const about = { contactId: before.contactId, customerId: before.customerId };
      await audit(tx, secrets.auditKey, [
        { ...of, ...about, kind: 'order', result: `${asked.orderId} ${asked.kind} ${result.outcome} ${taken.effect}` },
      ]);
      return taken.effect;
    },
  );
  log.info({ orderId: asked?.orderId ?? null, effect }, 'a result of the carrier');
};
