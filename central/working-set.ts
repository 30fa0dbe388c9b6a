import { createHash } from 'node:crypto';
import type { Change, ChangesResponse } from '../shared/central-api.ts';
import type { Agent } from './agents.ts';
import type { Db } from './db.ts';
import { firstRow, rows, statement } from './db.ts';
import { keyedHash, sameText } from './secrets.ts';

/**
 * What a seat holds, and how it is kept up to date. A cursor is signed, for the seat may be hostile: it carries how many
 * customers the seat may hold, decided once at the beginning of a load.
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

type Reader = Pick<Agent, 'id' | 'queues'>;

/**
 * `purge`: the agent's queues have changed, so rows that fell out of the working set are sent as tombstones until the end of
 * the feed is reached once.
 */
type Cursor = {
  readonly tx: number;
  readonly entity: string;
  readonly id: string;
  /** Highest place of a customer the seat holds. */
  readonly cutoff: number;
  readonly mode: 'follow' | 'purge';
  /** Estimate of rows still to come in this load. */
  readonly rest: number;
};

type PageRow = {
  readonly entity: string;
  readonly id: string;
  readonly tx: number;
  readonly row: unknown;
};

/**
 * The next page after the cursor. An unknown, forged or foreign cursor begins from the beginning: rows are whole, so applying
 * them again changes nothing.
 */
export const readChanges = async (
  db: Db,
  scope: Scope,
  reader: Reader,
  asked: { readonly cursor: string; readonly limit: number },
): Promise<ChangesResponse> => {
  const from = decode(asked.cursor, scope, reader) ?? (await begin(db, scope, reader, asked.cursor !== ''));
  const found = await page(db, scope, reader, from, asked.limit + 1);
  const given = found.slice(0, asked.limit);
  const last = given.at(-1);
  const more = found.length > asked.limit;
  const rest = Math.max(from.rest, found.length) - given.length;
  const next: Cursor = {
    ...(last === undefined ? from : { ...from, tx: last.tx, entity: last.entity, id: last.id }),
    mode: more ? from.mode : 'follow',
    rest: more ? rest : 0,
  };
  return {
    // Checked against the contract on its way out (http.ts).
    changes: given.map(({ entity, id, row }) => ({ entity, id, row }) as Change),
    cursor: encode(next, scope, reader),
    more,
    total: Math.max(from.rest, found.length),
  };
};

const page = (db: Db, scope: Scope, reader: Reader, from: Cursor, limit: number): Promise<readonly PageRow[]> => {
  const all = scope.kind === 'all';
  return rows(
    db,
    // The horizon and the rows are read by one statement, hence in one snapshot.
    statement<PageRow>`
      select entity, id, tx, case when held then row end as row
      from (
        select entity, id, tx, row, left_queues,
          customer_id is null or (place <= ${from.cutoff} and (${all} or queues && ${reader.queues}::text[])) as held
        from feed
        where (tx, entity, id) > (${from.tx}::bigint, ${from.entity}::text, ${from.id}::text)
          and tx < (select pg_snapshot_xmin(pg_current_snapshot())::text::bigint)
      ) as candidate
      where held or ${from.mode === 'purge'} or left_queues && ${reader.queues}::text[]
      order by tx, entity, id
      limit ${limit}`,
  );
};

/** From the beginning; `held` when the seat may hold rows of an earlier working set. */
const begin = async (db: Db, scope: Scope, reader: Reader, mayHold: boolean): Promise<Cursor> => {
  const all = scope.kind === 'all';
  const last = await firstRow(
    db,
    statement<{ place: number }>`
      select place from feed
      where entity = 'customer' and row is not null and (${all} or queues && ${reader.queues}::text[])
      order by place offset ${Math.max(0, scope.cap - 1)} limit 1`,
  );
  const cutoff = scope.cap === 0 ? -1 : (last?.place ?? Number.MAX_SAFE_INTEGER);
  const start: Cursor = { tx: 0, entity: '', id: '', cutoff, mode: mayHold ? 'purge' : 'follow', rest: 0 };
  const counted = await firstRow(
    db,
    statement<{ count: number }>`
      select count(*)::int as count from feed
      where customer_id is null or ${mayHold}
        or (place <= ${cutoff} and (${all} or queues && ${reader.queues}::text[]))`,
  );
  return { ...start, rest: counted?.count ?? 0 };
};

const encode = (cursor: Cursor, scope: Scope, reader: Reader): string => {
  const { tx, entity, id, cutoff, mode, rest } = cursor;
  const body = [scope.epoch, scopeMark(scope, reader), tx, entity, id, cutoff, mode, rest].join('~');
  return `${body}~${signature(body, scope, reader)}`;
};

const decode = (text: string, scope: Scope, reader: Reader): Cursor | undefined => {
  const cut = text.lastIndexOf('~');
  const body = text.slice(0, cut);
  if (cut < 0 || !sameText(text.slice(cut + 1), signature(body, scope, reader))) return undefined;
  const [epoch, mark, tx, entity, id, cutoff, mode, rest] = body.split('~');
  if (epoch !== scope.epoch || mark !== scopeMark(scope, reader)) return undefined;
  if (entity === undefined || id === undefined || (mode !== 'follow' && mode !== 'purge')) return undefined;
  return { tx: Number(tx), entity, id, cutoff: Number(cutoff), mode, rest: Number(rest) };
};

const signature = (body: string, scope: Scope, reader: Reader): string =>
  keyedHash(scope.cursorKey, `${reader.id}\n${body}`).slice(0, 22);

/** Changes when the agent's working set does, which then is loaded anew. */
const scopeMark = (scope: Scope, reader: Reader): string =>
  createHash('sha256')
    .update(scope.kind === 'all' ? `all ${scope.cap}` : `queues ${scope.cap} ${[...reader.queues].sort().join(' ')}`)
    .digest('base64url')
    .slice(0, 8);
