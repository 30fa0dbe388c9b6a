import { createHash } from 'node:crypto';
import type { Change, ChangesResponse } from '../shared/central-api.ts';
import type { Result } from '../shared/result.ts';
import { ok, refusal, refused } from '../shared/result.ts';
import type { Agent } from './agents.ts';
import type { Db, Tx } from './db.ts';
import { firstRow, rows, statement, transaction } from './db.ts';
import { horizonOf } from './feed.ts';
import type { Holding } from './holdings.ts';
import {
  asOfCursor,
  confirmPage,
  drops,
  dropsAgain,
  dropsAll,
  dropsOutside,
  holds,
  lockSeat,
  pageNumber,
  settledAt,
  tombstonesDue,
  withinCap,
} from './holdings.ts';
import { keyedHash, sameText } from './secrets.ts';

/**
 * What a seat holds, and how it is kept up to date: reference data, and of the customers in the agent's queues the first `cap` by order of
 * arrival, with their timelines. Whoever leaves makes room for the next. Decided here alone; the seat may be hostile.
 *
 *   reference data ──▶ customers and timelines, in the feed's order ──▶ follow: what changes, tombstones, whoever moves up
 *
 * The cursor is signed and opaque. It carries where the seat is in the feed and the page it has applied.
 */
export type Scope = {
  /** `all`: every customer up to the cap (practice mode); `queues`: those of the agent's queues. */
  readonly kind: 'all' | 'queues';
  /** How many customers a seat holds at most (policy, security 30). */
  readonly cap: number;
  /** Of the feed; see openFeed. */
  readonly epoch: string;
  readonly cursorKey: Uint8Array;
};

export type Reader = Pick<Agent, 'id' | 'queues'> & { readonly seatId: string };

type Cursor = {
  readonly tx: number;
  readonly entity: string;
  readonly id: string;
  /** Highest place of a customer the seat holds; `everyone` when all there are fit in. */
  readonly cutoff: number;
  /** Reference data older than this was sent first; 0: it still is. */
  readonly reference: number;
  /** The page the seat has applied when it comes with this cursor (holdings.ts). */
  readonly page: number;
  /** Never less than what the seat holds: only above the cap is it worth counting. */
  readonly atMost: number;
  /** There is room for more customers, or there are no more. */
  readonly isSettled: boolean;
  /** Estimate of rows still to come in this load. */
  readonly rest: number;
};

const everyone = Number.MAX_SAFE_INTEGER;
/** Customers that move up in one page, and rows they may bring along. */
const mostMovingUp = 50;
const mostRowsMovingUp = 3_000;

type PageRow = {
  readonly entity: string;
  readonly id: string;
  readonly tx: number;
  readonly customerId: string | null;
  readonly place: number | null;
  readonly held: boolean;
  readonly row: unknown;
};

/** The next page after the cursor. Refused `conflict.cursorUnknown` when it is none of ours: the seat begins anew with ''. */
export const readChanges = (
  db: Db,
  scope: Scope,
  reader: Reader,
  asked: { readonly cursor: string; readonly limit: number },
  seen: (tx: Tx) => Promise<void> = async () => {},
): Promise<Result<ChangesResponse>> =>
  transaction(db, async (tx) => {
    await lockSeat(tx, reader.seatId);
    await seen(tx);
    const kept = asked.cursor === '' ? undefined : decode(asked.cursor, scope, reader);
    if (asked.cursor !== '' && kept === undefined) return refused(refusal('conflict', 'cursorUnknown'));
    const isSame = kept?.mark === scopeMark(scope, reader);
    // Mostly nothing is open between seat and central: one look tells, and the page follows.
    const look = isSame ? await settledAt(tx, reader.seatId, kept.cutoff) : undefined;
    const isQuiet = isSame && look?.isSettled === true;
    const from = isQuiet ? kept : await whereFrom(tx, scope, reader, kept);
    const leaving = isQuiet ? undefined : await evicted(tx, reader, from, asked.limit);
    const horizon = isQuiet ? look?.horizon : undefined;
    const answer = leaving ?? (await page(tx, scope, reader, from, { limit: asked.limit, horizon }));
    const { changes, next, more, total } = answer;
    // Checked against the contract on its way out (http.ts).
    return ok({ changes: changes as Change[], cursor: encode(next, scope, reader), more, total });
  });

type Answer = {
  readonly changes: readonly { readonly entity: string; readonly id: string; readonly row: unknown }[];
  readonly next: Cursor;
  readonly more: boolean;
  readonly total: number;
};

type Kept = Cursor & { readonly mark: string };

/** @param kept what the seat came with; undefined: it begins */
const whereFrom = async (tx: Tx, scope: Scope, reader: Reader, kept: Kept | undefined): Promise<Cursor> => {
  if (kept === undefined) {
    const number = await pageNumber(tx);
    await dropsAll(tx, reader.seatId, number);
    return begin(tx, scope, reader, number);
  }
  await confirmPage(tx, reader.seatId, kept.page);
  if (kept.mark === scopeMark(scope, reader)) {
    await asOfCursor(tx, reader.seatId, kept.page, { cutoff: kept.cutoff, queues: queuesOf(scope, reader) });
    return kept;
  }
  // The agent's queues or the cap are others: what fell out goes first, then every row comes again.
  const start = await begin(tx, scope, reader, kept.page);
  const within = { cutoff: start.cutoff, queues: queuesOf(scope, reader) };
  await asOfCursor(tx, reader.seatId, kept.page, within);
  await dropsOutside(tx, reader.seatId, within);
  return { ...start, atMost: (await withinCap(tx, reader.seatId, scope.cap)).held };
};

const queuesOf = (scope: Scope, reader: Reader): readonly string[] | null =>
  scope.kind === 'all' ? null : reader.queues;

/** Tombstones first: a seat never holds more than its cap. The place in the feed stays. */
const evicted = async (tx: Tx, reader: Reader, from: Cursor, limit: number): Promise<Answer | undefined> => {
  const due = await tombstonesDue(tx, reader.seatId, from.page, limit);
  if (due.length === 0) return undefined;
  const number = await pageNumber(tx);
  // A page that was lost may have carried more of them than this one: those were not sent, or this page would seem to confirm them.
  await dropsAgain(tx, reader.seatId, from.page);
  await drops(tx, reader.seatId, due, number);
  const changes = due.map((id) => ({ entity: 'customer', id, row: null }));
  // Whoever leaves may make room, also when the page that first said so was lost.
  const next = { ...from, page: number, isSettled: false };
  return { changes, next, more: true, total: due.length + from.rest };
};

const page = async (
  tx: Tx,
  scope: Scope,
  reader: Reader,
  from: Cursor,
  { limit, horizon: known }: { readonly limit: number; readonly horizon?: number | undefined },
): Promise<Answer> => {
  const horizon = known ?? (await horizonOf(tx));
  const read = await readOn(tx, scope, reader, { from, limit, horizon });
  const customers = read.given.filter(({ entity }) => entity === 'customer');
  // With its timeline comes the customer: a line may be given before the row it belongs to.
  const coming = new Map<string, Holding>();
  for (const { customerId, place, held, row } of read.given)
    if (held && row !== null && customerId !== null && place !== null)
      coming.set(customerId, { id: customerId, place });
  const leaving = customers.flatMap(({ id, held }) => (held ? [] : [id]));
  const isEmpty = customers.length === 0 && coming.size === 0;
  const number = isEmpty ? from.page : await pageNumber(tx);
  if (leaving.length > 0) await drops(tx, reader.seatId, leaving, number);
  if (coming.size > 0) await holds(tx, reader.seatId, [...coming.values()]);
  let atMost = from.atMost + coming.size;
  if (atMost > scope.cap) {
    const { held, lastPlace } = await withinCap(tx, reader.seatId, scope.cap);
    if (lastPlace !== null) {
      // Somebody with an earlier place came in: the last ones leave before this page is given.
      if (leaving.length > 0) await drops(tx, reader.seatId, leaving);
      await dropsOutside(tx, reader.seatId, { cutoff: lastPlace, queues: queuesOf(scope, reader) });
      const tighter = { ...from, cutoff: lastPlace, atMost: scope.cap };
      return (await evicted(tx, reader, tighter, limit)) ?? page(tx, scope, reader, tighter, { limit });
    }
    atMost = held;
  }
  const rest = Math.max(from.rest, read.given.length) - read.given.length;
  const next = { ...read.next, page: number, atMost, isSettled: from.isSettled && leaving.length === 0 };
  // Who leaves makes room for who comes.
  const stays = read.given.filter(({ entity, held }) => held || entity !== 'customer');
  const changes = [
    ...leaving.map((id) => ({ entity: 'customer', id, row: null })),
    ...stays.map(({ entity, id, row, held }) => ({ entity, id, row: held ? row : null })),
  ];
  const total = Math.max(from.rest, read.given.length);
  if (read.more) return { changes, next: { ...next, rest }, more: true, total };
  const done = { changes, next: { ...next, rest: 0 }, more: false, total };
  return next.isSettled || next.cutoff === everyone ? done : moveUp(tx, scope, reader, done);
};

type Place = { readonly from: Cursor; readonly limit: number; readonly horizon: number };

/** Reference data to its end, then everything else. */
const readOn = async (
  tx: Tx,
  scope: Scope,
  reader: Reader,
  { from, limit, horizon }: Place,
): Promise<{ readonly given: readonly PageRow[]; readonly next: Cursor; readonly more: boolean }> => {
  const found = await feedRows(tx, scope, reader, { from, limit: limit + 1, horizon });
  const given = found.slice(0, limit);
  const last = given.at(-1);
  const next = last === undefined ? from : { ...from, tx: last.tx, entity: last.entity, id: last.id };
  if (found.length > limit || from.reference > 0) return { given, next, more: found.length > limit };
  const start = { ...from, tx: 0, entity: '', id: '', reference: horizon };
  if (given.length === limit) return { given, next: start, more: true };
  const rest = await readOn(tx, scope, reader, { from: start, limit: limit - given.length, horizon });
  return { ...rest, given: [...given, ...rest.given] };
};

const feedRows = (tx: Tx, scope: Scope, reader: Reader, { from, limit, horizon }: Place) => {
  const all = scope.kind === 'all';
  const isFirst = from.reference === 0;
  return rows(
    tx,
    // Below the horizon every transaction has ended before it was looked at, hence before this statement's snapshot.
    statement<PageRow>`
      select entity, id, tx, "customerId", place, held, case when held then row end as row
      from (
        select entity, id, tx, row, customer_id as "customerId", place, moved,
          customer_id is null or ((row is not null or entity <> 'customer') and place <= ${from.cutoff}
            and (${all} or queues && ${reader.queues}::text[])) as held
        from feed
        where (tx, entity, id) > (${from.tx}::bigint, ${from.entity}::text, ${from.id}::text) and tx < ${horizon}::bigint
          and case when ${isFirst} then customer_id is null else customer_id is not null or tx >= ${from.reference}::bigint end
      ) as candidate
      where held or (entity = 'history' and moved) or (entity = 'customer' and exists (
        select 1 from seat_holding where seat_id = ${reader.seatId} and seat_holding.customer_id = candidate.id))
      order by tx, entity, id
      limit ${limit}`,
  );
};

/** At the end of the feed, with room left: whoever comes next by order of arrival, whole. */
const moveUp = async (tx: Tx, scope: Scope, reader: Reader, done: Answer): Promise<Answer> => {
  const { held } = await withinCap(tx, reader.seatId, scope.cap);
  const room = scope.cap - held;
  const settled = { ...done, next: { ...done.next, atMost: held, isSettled: true } };
  if (room <= 0) return settled;
  const wanted = Math.min(room, mostMovingUp);
  const all = scope.kind === 'all';
  const found = await rows(
    tx,
    statement<Holding & { readonly row: unknown }>`
      select id, place, row from feed
      where entity = 'customer' and row is not null and place > ${done.next.cutoff}
        and (${all} or queues && ${reader.queues}::text[])
      order by place limit ${wanted}`,
  );
  const last = found.at(-1);
  if (last === undefined) return { ...settled, next: { ...settled.next, cutoff: everyone } };
  const lines = await rows(
    tx,
    statement<{ id: string; row: unknown }>`
      select id, row from feed
      where entity = 'history' and row is not null and customer_id = any(${found.map(({ id }) => id)}::text[])
      order by at_ms desc limit ${mostRowsMovingUp}`,
  );
  await holds(
    tx,
    reader.seatId,
    found.map(({ id, place }) => ({ id, place })),
  );
  const moved = [
    ...found.map(({ id, row }) => ({ entity: 'customer', id, row })),
    ...lines.map((line) => ({ entity: 'history', ...line })),
  ];
  const noMore = found.length < wanted;
  const isFull = found.length === room;
  return {
    changes: [...done.changes, ...moved],
    next: {
      ...settled.next,
      cutoff: noMore ? everyone : last.place,
      page: await pageNumber(tx),
      atMost: held + found.length,
      isSettled: noMore || isFull,
    },
    more: !noMore && !isFull,
    total: done.total + moved.length,
  };
};

/** From the beginning. */
const begin = async (tx: Tx, scope: Scope, reader: Reader, number: number): Promise<Cursor> => {
  const all = scope.kind === 'all';
  const last = await firstRow(
    tx,
    statement<{ place: number }>`
      select place from feed
      where entity = 'customer' and row is not null and (${all} or queues && ${reader.queues}::text[])
      order by place offset ${Math.max(0, scope.cap - 1)} limit 1`,
  );
  const cutoff = scope.cap === 0 ? -1 : (last?.place ?? everyone);
  const counted = await firstRow(
    tx,
    statement<{ count: number }>`
      select count(*)::int as count from feed
      where customer_id is null or (place <= ${cutoff} and (${all} or queues && ${reader.queues}::text[]))`,
  );
  const place = { tx: 0, entity: '', id: '', reference: 0 };
  return { ...place, cutoff, page: number, atMost: 0, isSettled: cutoff === everyone, rest: counted?.count ?? 0 };
};

const encode = (cursor: Cursor, scope: Scope, reader: Reader): string => {
  const { tx, entity, id, cutoff, reference, page: number, atMost, isSettled, rest } = cursor;
  const fields = [tx, entity, cutoff === everyone ? '' : cutoff, reference, number, atMost, isSettled ? 1 : 0, rest];
  // The id comes last: it may hold anything.
  const body = [scope.epoch, scopeMark(scope, reader), ...fields, id].join('~');
  return `${body}~${signature(body, scope, reader)}`;
};

const decode = (text: string, scope: Scope, reader: Reader): Kept | undefined => {
  const cut = text.lastIndexOf('~');
  const body = text.slice(0, cut);
  if (cut < 0 || !sameText(text.slice(cut + 1), signature(body, scope, reader))) return undefined;
  const [epoch, mark = '', tx, entity = '', cutoff, reference, number, atMost, isSettled, rest, ...id] =
    body.split('~');
  if (epoch !== scope.epoch || rest === undefined) return undefined;
  return {
    ...{ mark, tx: Number(tx), entity, id: id.join('~'), cutoff: cutoff === '' ? everyone : Number(cutoff) },
    ...{ reference: Number(reference), page: Number(number), atMost: Number(atMost) },
    ...{ isSettled: isSettled === '1', rest: Number(rest) },
  };
};

const signature = (body: string, scope: Scope, reader: Reader): string =>
  keyedHash(scope.cursorKey, `${reader.seatId}\n${reader.id}\n${body}`).slice(0, 22);

/** Changes when the agent's working set does. */
const scopeMark = (scope: Scope, reader: Reader): string =>
  createHash('sha256')
    .update(scope.kind === 'all' ? `all ${scope.cap}` : `queues ${scope.cap} ${[...reader.queues].sort().join(' ')}`)
    .digest('base64url')
    .slice(0, 8);
