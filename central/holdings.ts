import type { Db, Tx } from './db.ts';
import { asJson, firstRow, rows, run, statement } from './db.ts';
import { horizonNow } from './feed.ts';

/**
 * Which customers each seat holds (security 44): every one it was sent and has not confirmed to have dropped. A customer is written
 * down in the transaction that makes the page it goes with, so the list never lacks one; it is struck off when the seat comes back with
 * a cursor that proves it has applied the page with the tombstone, so a page lost on the way strikes off nothing.
 *
 * Pages are numbered by the transaction that made them: later pages of a seat have higher numbers (`lockSeat`).
 */

/** `gone` of one that is to be dropped and whose tombstone was in no page yet. */
const notSentYet = Number.MAX_SAFE_INTEGER;

export type Holding = { readonly id: string; readonly place: number };

/** One page of a seat at a time, at whichever instance. Before the transaction has a number, so that numbers follow the turns. */
export const lockSeat = (tx: Tx, seatId: string): Promise<void> =>
  run(tx, statement`select pg_advisory_xact_lock(hashtextextended(${`seat ${seatId}`}, 0))`);

export const pageNumber = async (tx: Tx): Promise<number> =>
  (await firstRow(tx, statement<{ page: number }>`select pg_current_xact_id()::text::bigint as page`))?.page ?? 0;

/** The seat has applied everything up to this page. */
export const confirmPage = (tx: Tx, seatId: string, page: number): Promise<void> =>
  run(tx, statement`delete from seat_holding where seat_id = ${seatId} and gone <= ${page}`);

/**
 * Whether no tombstone of it is open and it holds nobody behind the place it has got to, so that neither confirming nor correcting would
 * change anything; and, on the same way to the database, how far the feed can be read (feed.ts).
 */
export const settledAt = async (
  tx: Tx,
  seatId: string,
  cutoff: number,
): Promise<{ readonly isSettled: boolean; readonly horizon: number }> => {
  const found = await firstRow(
    tx,
    statement<{ open: boolean; horizon: number }>`
      select exists (select 1 from seat_holding where seat_id = ${seatId} and (gone is not null or place > ${cutoff})) as open,
        ${horizonNow} as horizon`,
  );
  return { isSettled: found?.open === false, horizon: found?.horizon ?? 0 };
};

/** Whose tombstones the seat has not confirmed. */
export const tombstonesDue = async (tx: Tx, seatId: string, page: number, atMost: number): Promise<readonly string[]> =>
  (
    await rows(
      tx,
      statement<{ id: string }>`
        select customer_id as id from seat_holding where seat_id = ${seatId} and gone > ${page}
        order by customer_id limit ${atMost}`,
    )
  ).map((row) => row.id);

export const holds = (tx: Tx, seatId: string, customers: readonly Holding[]): Promise<void> =>
  run(
    tx,
    statement`
      insert into seat_holding (seat_id, customer_id, place)
      select ${seatId}, x.id, x.place from json_to_recordset(${asJson(customers)}::json) as x (id text, place bigint)
      on conflict (seat_id, customer_id) do update set place = excluded.place, gone = null`,
  );

/** `page`: the one with the tombstones; absent: they are due. */
export const drops = (tx: Tx, seatId: string, ids: readonly string[], page: number = notSentYet): Promise<void> =>
  run(
    tx,
    statement`update seat_holding set gone = ${page} where seat_id = ${seatId} and customer_id = any(${ids}::text[])`,
  );

/** Whatever the seat has not confirmed by this page is due, whichever page it went with. */
export const dropsAgain = (tx: Tx, seatId: string, page: number): Promise<void> =>
  run(tx, statement`update seat_holding set gone = ${notSentYet} where seat_id = ${seatId} and gone > ${page}`);

/** With this page the seat begins anew and drops everything by itself. */
export const dropsAll = (tx: Tx, seatId: string, page: number): Promise<void> =>
  run(tx, statement`update seat_holding set gone = ${page} where seat_id = ${seatId}`);

/** Tombstones become due for whoever is beyond the place, or no longer in the queues (`null`: in any). */
export const dropsOutside = (
  tx: Tx,
  seatId: string,
  { cutoff, queues }: { readonly cutoff: number; readonly queues: readonly string[] | null },
): Promise<void> =>
  run(
    tx,
    statement`
      update seat_holding set gone = ${notSentYet}
      where seat_id = ${seatId} and gone is null and not exists (
        select 1 from feed where feed.entity = 'customer' and feed.id = seat_holding.customer_id and feed.row is not null
          and feed.place <= ${cutoff} and (${queues === null} or feed.queues && ${queues ?? []}::text[]))`,
  );

/**
 * A page that was lost leaves two kinds of traces. Whom it would have taken away stays, if the seat is to hold them as of the cursor it
 * comes with: who is sent away is decided anew. And whom it would have moved up, behind the place the seat has got to, is taken back
 * with a tombstone, for the seat may have them all the same.
 */
export const asOfCursor = async (
  tx: Tx,
  seatId: string,
  page: number,
  { cutoff, queues }: { readonly cutoff: number; readonly queues: readonly string[] | null },
): Promise<void> => {
  await run(
    tx,
    statement`
      update seat_holding set gone = null
      where seat_id = ${seatId} and gone > ${page} and exists (
        select 1 from feed where feed.entity = 'customer' and feed.id = seat_holding.customer_id and feed.row is not null
          and feed.place <= ${cutoff} and (${queues === null} or feed.queues && ${queues ?? []}::text[]))`,
  );
  await run(
    tx,
    statement`
      update seat_holding set gone = ${notSentYet} where seat_id = ${seatId} and gone is null and place > ${cutoff}`,
  );
};

/** How many the seat holds, and the place of the last one within the cap; null: all are within. */
export const withinCap = async (
  tx: Tx,
  seatId: string,
  cap: number,
): Promise<{ readonly held: number; readonly lastPlace: number | null }> => {
  const counted = await firstRow(
    tx,
    statement<{ held: number }>`
      select count(*)::int as held from seat_holding where seat_id = ${seatId} and gone is null`,
  );
  const held = counted?.held ?? 0;
  if (held <= cap) return { held, lastPlace: null };
  const last = await firstRow(
    tx,
    statement<{ place: number }>`
      select place from seat_holding where seat_id = ${seatId} and gone is null
      order by place offset ${Math.max(0, cap - 1)} limit 1`,
  );
  return { held, lastPlace: cap === 0 ? -1 : (last?.place ?? -1) };
};

/** Customers found for a caller outside the working set: in the seat's memory until it says that it has none. */
export const lookedUp = (db: Db, seatId: string, ids: readonly string[], nowMs: number): Promise<void> =>
  run(
    db,
    statement`
      insert into seat_lookup (seat_id, customer_id, at_ms)
      select ${seatId}, id, ${nowMs} from unnest(${ids}::text[]) as id
      on conflict (seat_id, customer_id) do update set at_ms = excluded.at_ms`,
  );

/** The seat has no looked-up customer in memory. Later answers may still be on their way to it: those stay. */
export const forgetLookups = (db: Db, seatId: string, beforeMs: number): Promise<void> =>
  run(db, statement`delete from seat_lookup where seat_id = ${seatId} and at_ms < ${beforeMs}`);

/** The seat has nothing any more: it was wiped. */
export const holdsNothing = async (tx: Tx, seatId: string): Promise<void> => {
  await run(tx, statement`delete from seat_holding where seat_id = ${seatId}`);
  await run(tx, statement`delete from seat_lookup where seat_id = ${seatId}`);
};

/** For a breach notice: ids of all customers whose data may lie on this seat, in the store or in its memory. */
export const heldBy = async (
  db: Db,
  seatId: string,
): Promise<readonly { readonly customerId: string; readonly how: 'workingSet' | 'lookup' }[]> =>
  rows(
    db,
    statement<{ customerId: string; how: 'workingSet' | 'lookup' }>`
      select customer_id as "customerId", 'workingSet' as how from seat_holding
      where seat_id = ${seatId}
      union all
      select customer_id, 'lookup' from seat_lookup where seat_id = ${seatId} and not exists (
        select 1 from seat_holding where seat_holding.seat_id = seat_lookup.seat_id
          and seat_holding.customer_id = seat_lookup.customer_id)
      order by 1`,
  );
