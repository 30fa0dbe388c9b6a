import type { Change } from '../shared/central-api.ts';
import type { Customer, PastContact } from '../shared/customer.ts';
import type { Db, Tx } from './db.ts';
import { asJson, atCommit, firstRow, notify, rows, run, statement } from './db.ts';

/**
 * The change feed: one row per entity a seat may hold, in the shape of the contract, marked with the transaction that last wrote it.
 *
 * A reader takes rows by (tx, entity, id) and only below the horizon, the oldest transaction still running
 * (`pg_snapshot_xmin`). Everything below it has ended, so no row can ever appear behind a reader's cursor: a number handed out by a
 * sequence, or a time, could not promise that, for transactions do not commit in the order they began. A transaction that runs long
 * holds the horizon back, in any database of the cluster; it delays the feed and never makes it skip.
 */
export type Entity = Change['entity'];

export type FeedRow = {
  readonly entity: Entity;
  readonly id: string;
  /** Whose row it is; null: reference data, for every seat. */
  readonly customerId: string | null;
  /** Order of arrival of the customer, for the cap on what a seat holds. */
  readonly place: number | null;
  /** Queues whose agents hold it; null with `customerId`: held where all customers are. */
  readonly queues: readonly string[] | null;
  readonly atMs: number | null;
  /** In the shape of the contract; null deletes. */
  readonly row: unknown;
};

/** Heard by every instance of central after a commit: payload `{tx, queues}`, `queues: null` concerns every seat. */
export const feedChannel = 'zuoxi_feed';

type Publishing = {
  /** `later`: the caller pokes for many transactions together (`pokeQueues`); until then seats find the rows when they ask. */
  readonly poking?: 'now' | 'later';
  /** Customers that were not there before, and have no timeline that would have to follow them. */
  readonly fresh?: ReadonlySet<string>;
};

/** Writes rows and pokes whom they concern once the transaction has committed. */
export const publish = async (
  tx: Tx,
  changed: readonly FeedRow[],
  { poking = 'now', fresh = new Set() }: Publishing = {},
): Promise<void> => {
  if (changed.length === 0) return;
  await run(
    tx,
    statement`
      insert into feed (entity, id, tx, customer_id, place, queues, at_ms, row, tenant)
      select x.entity, x.id, pg_current_xact_id()::text::bigint, x."customerId", x.place, x.queues, x."atMs", x.row,
        coalesce(current_tenant(), case when x."customerId" is not null then 'default' end)
      from json_to_recordset(${asJson(changed)}::json) as
        x (entity text, id text, "customerId" text, place bigint, queues text[], "atMs" bigint, row json)
      on conflict (entity, id) do update set
        tx = excluded.tx, customer_id = excluded.customer_id, place = excluded.place, queues = excluded.queues,
        at_ms = excluded.at_ms, row = excluded.row,
        moved = feed.moved or feed.customer_id is distinct from excluded.customer_id`,
  );
  const customers = changed.flatMap(({ entity, id }) => (entity === 'customer' && !fresh.has(id) ? [id] : []));
  if (customers.length > 0) await linesFollow(tx, customers);
  if (poking === 'now') await poke(tx, changed);
};

/** A timeline is held where its customer is, and goes with it. */
const linesFollow = (tx: Tx, customers: readonly string[]): Promise<void> =>
  run(
    tx,
    statement`
      update feed as line set tx = pg_current_xact_id()::text::bigint, queues = customer.queues, place = customer.place,
        row = case when customer.row is null then null else line.row end
      from feed as customer
      where customer.entity = 'customer' and customer.id = any(${customers}::text[])
        and line.customer_id = customer.id and line.entity = 'history'
        and (line.queues is distinct from customer.queues or line.place is distinct from customer.place
          or (customer.row is null and line.row is not null))`,
  );

const poke = (tx: Tx, changed: readonly FeedRow[]): Promise<void> =>
  pokeQueues(tx, [...new Set(changed.flatMap((row) => row.queues ?? ['*']))]);

const poked = new WeakMap<Db, Set<string>>();

/** "Pull now" to the seats of these queues, once for each transaction; `*` concerns every seat. */
export const pokeQueues = async (tx: Tx, queues: readonly string[]): Promise<void> => {
  const before = poked.get(tx);
  for (const queue of before === undefined ? [] : queues) before?.add(queue);
  if (before !== undefined) return;
  const all = new Set(queues);
  if (atCommit(tx, 'poke', (last) => tellOf(last, [...all]))) poked.set(tx, all);
  else await tellOf(tx, queues);
};

const tellOf = (tx: Tx, queues: readonly string[]): Promise<void> => {
  // A NOTIFY carries at most 8,000 bytes: names of queues only, and "everyone" when there are many.
  const concerned = queues.includes('*') || queues.length > 50 ? null : queues;
  return notify(
    tx,
    feedChannel,
    statement`json_build_object('tx', pg_current_xact_id()::text::bigint, 'queues', ${asJson(concerned)}::json)::text`,
  );
};

/** Reference data of one kind: topics, scripts, trees, notices, the policy. */
export const publishReference = (
  tx: Tx,
  entity: Exclude<Entity, 'customer' | 'history'>,
  changed: readonly { readonly id: string; readonly row: unknown }[],
): Promise<void> =>
  publish(
    tx,
    changed.map(({ id, row }) => ({ entity, id, row, customerId: null, place: null, queues: null, atMs: null })),
  );

/** Changes a customer that is in the feed; its place and queues stay. */
export const publishCustomer = async (tx: Tx, customer: Customer): Promise<void> => {
  const held = await holding(tx, customer.id);
  if (held === undefined) throw new Error('only a customer already imported can be changed');
  await publish(tx, [
    { entity: 'customer', id: customer.id, customerId: customer.id, ...held, atMs: null, row: customer },
  ]);
};

export type Line = { readonly customerId: string; readonly past: PastContact };
type Held = Pick<FeedRow, 'place' | 'queues'> & { readonly id: string };

/** A line of a customer's timeline, to every seat that holds the customer. `null` takes the line away. */
export const publishHistory = (tx: Tx, contactId: string, line: Line | null): Promise<void> =>
  publishLines(tx, new Map([[contactId, line]]));

/** Lines of timelines by contact, each to every seat that holds its customer. */
export const publishLines = async (tx: Tx, lines: ReadonlyMap<string, Line | null>): Promise<void> => {
  const gone = [...lines].flatMap(([id, line]) => (line === null ? [id] : []));
  const customers = [...new Set([...lines.values()].flatMap((line) => line?.customerId ?? []))];
  const held = new Map((await holdings(tx, customers)).map(({ id, ...at }) => [id, at]));
  const shown = [...lines].flatMap(([id, line]): FeedRow[] => {
    const at = line === null ? undefined : held.get(line.customerId);
    if (line === null || at === undefined) return [];
    return [{ entity: 'history', id, customerId: line.customerId, ...at, atMs: line.past.startedAtMs, row: line }];
  });
  const known =
    gone.length === 0
      ? []
      : await rows(
          tx,
          statement<Held & { readonly customerId: string | null }>`
            select id, customer_id as "customerId", place, queues from feed
            where entity = 'history' and id = any(${gone}::text[])`,
        );
  const taken = known.map((line): FeedRow => ({ entity: 'history', ...line, atMs: null, row: null }));
  await publish(tx, [...shown, ...taken]);
};

/** Moves a customer with its history to other queues; seats that no longer hold it get tombstones. */
export const assignQueues = async (tx: Tx, customerId: string, queues: readonly string[]): Promise<void> => {
  const moved = await firstRow(
    tx,
    statement<{ queues: readonly string[] | null }>`
      select queues from feed where entity = 'customer' and id = ${customerId} for update`,
  );
  await run(
    tx,
    statement`
      update feed set tx = pg_current_xact_id()::text::bigint, queues = ${queues}::text[]
      where customer_id = ${customerId}`,
  );
  const concerned = [...queues, ...(moved?.queues ?? ['*'])];
  await poke(tx, [
    { entity: 'customer', id: customerId, customerId, place: null, queues: concerned, atMs: null, row: null },
  ]);
};

/** For whoever reads the row and writes it changed: one at a time. */
export const lockCustomer = (tx: Tx, customerId: string): Promise<void> =>
  run(tx, statement`select 1 from feed where entity = 'customer' and id = ${customerId} for update`);

const holding = async (tx: Tx, customerId: string): Promise<Pick<FeedRow, 'place' | 'queues'> | undefined> => {
  const [held] = await holdings(tx, [customerId]);
  return held && { place: held.place, queues: held.queues };
};

/** Locked: whoever moves a customer to other queues at this moment comes before or after, never between. */
const holdings = async (tx: Tx, customerIds: readonly string[]): Promise<readonly Held[]> =>
  customerIds.length === 0
    ? []
    : rows(
        tx,
        statement<Held>`
          select id, place, queues from feed
          where entity = 'customer' and id = any(${customerIds}::text[]) and row is not null order by id for update`,
      );

/** The newest change there is, readable or not yet. */
export const newestChange = async (db: Db): Promise<number> =>
  (await firstRow(db, statement<{ tx: number }>`select coalesce(max(tx), 0) as tx from feed`))?.tx ?? 0;

/** An SQL expression: the oldest transaction still running. Rows written by older ones can be read. */
export const horizonNow = statement`pg_snapshot_xmin(pg_current_snapshot())::text::bigint`;

export const horizonOf = async (db: Db): Promise<number> =>
  (await firstRow(db, statement<{ xmin: number }>`select ${horizonNow} as xmin`))?.xmin ?? 0;

/**
 * The feed's name, in every cursor. A database restored into another cluster counts its transactions anew: rows "from the future"
 * would stay invisible, so they are marked as written now and old cursors start from the beginning.
 */
export const openFeed = async (tx: Tx, newEpoch: () => string): Promise<string> => {
  const kept = await firstRow(
    tx,
    statement<{ value: string }>`select value from setting where key = 'feedEpoch' for update`,
  );
  const ahead = await firstRow(
    tx,
    statement<{ ahead: boolean }>`
      select coalesce(max(tx) > pg_current_xact_id()::text::bigint, false) as ahead from feed`,
  );
  if (kept !== undefined && ahead?.ahead !== true) return kept.value;
  if (ahead?.ahead === true) await run(tx, statement`update feed set tx = pg_current_xact_id()::text::bigint`);
  const epoch = newEpoch();
  await run(
    tx,
    statement`
      insert into setting (key, value) values ('feedEpoch', ${asJson(epoch)}::json)
      on conflict (key) do update set value = excluded.value`,
  );
  return epoch;
};
