import { createHash } from 'node:crypto';
import type { Db, Tx } from '../db.ts';
import { asJson, firstRow, rows, run, statement } from '../db.ts';
import type { Read } from './cells.ts';
import * as cell from './cells.ts';
import type { ListField } from './columns.ts';
import { NumberOwners } from './number-owners.ts';
import type { RowFault } from './read-row.ts';
import { defaultFault, readRow } from './read-row.ts';
import { reasons } from './reasons.ts';
import type { Taking, TakingPorts } from './taking.ts';

/** R20: whom one task may target, and from where on to warn. */
export const mostListed = 50_000;
export const manyListed = 30_000;

const readers = {
  number: cell.phoneKey,
  customerId: cell.customerId,
  name: cell.textUpTo(40),
  note: cell.textUpTo(1_000),
} as const satisfies Record<ListField, Read<unknown>>;

type Entry = {
  readonly key: string;
  readonly position: number;
  readonly customer: string | null;
  readonly name: string;
  readonly note: string;
};

/**
 * A contact list under a name: customers, found by id or number, and prospects who are none yet. Who of them may be called is the dial
 * policy's word at the time of dialling (R21), so nobody is left out here but the same number twice.
 */
export const takeLists = ({ plan, rules, nowMs }: TakingPorts, list: string): Taking => {
  const listId = createHash('sha256').update(`zuoxi list\n${list}`).digest('hex').slice(0, 32);
  const before = new NumberOwners();
  const isNamed = list.trim() === list && list !== '' && list.length <= 80;
  let added = 0;
  return {
    secretFields: [],
    fault: isNamed ? defaultFault(plan, readers, rules) : reasons.listName,
    warnings: async (db) => ((await countOf(db, listId)) > manyListed ? [reasons.listLong(manyListed)] : []),
    decide: async (db, batch) => {
      const bad = new Map<number, readonly RowFault[]>();
      const refuse = (row: number, field: ListField | null, why: RowFault['why']) =>
        void bad.set(row, [{ column: plan.header[plan.at.get(field ?? '') ?? -1] ?? null, why }]);
      const wanted: { row: number; key: string; customerId: string | undefined; name: string; note: string }[] = [];
      for (const source of batch) {
        const one = readRow(source, plan, readers, ['number'], rules);
        if (one.kind === 'bad') {
          bad.set(source.row, one.faults);
          continue;
        }
        const { number: key = '', customerId, name = '', note = '' } = one.values;
        const earlier = before.get(key);
        if (earlier !== undefined) refuse(source.row, 'number', reasons.listedInFile(earlier.row));
        else wanted.push({ row: source.row, key, customerId, name, note });
        before.set(key, 0, earlier?.row ?? source.row);
      }
      const known = await knownOf(db, listId, wanted);
      let room = mostListed - (await countOf(db, listId));
      const changed: Entry[] = [];
      for (const { row, key, customerId, name, note } of wanted) {
        if (customerId !== undefined && !known.customers.has(customerId)) {
          refuse(row, 'customerId', reasons.unknownCustomer);
          continue;
        }
        const holders = known.byNumber.get(key) ?? [];
        const customer = customerId ?? (holders.length === 1 ? (holders[0] ?? null) : null);
        const was = known.entries.get(key);
        if (was === undefined && room <= 0) {
          refuse(row, null, reasons.listFull(mostListed));
          continue;
        }
        if (was === undefined) room -= 1;
        else if (was.customer === customer && was.name === name && was.note === note) continue;
        added += 1;
        changed.push({ key, position: was?.position ?? row, customer, name, note });
      }
      return {
        bad,
        changed: changed.length,
        write: async (tx) => {
          if (added > 0) await put(tx, { id: listId, name: list, nowMs }, changed);
          return [];
        },
      };
    },
  };
};

const countOf = async (db: Db, listId: string): Promise<number> =>
  (
    await firstRow(
      db,
      statement<{ count: number }>`select count(*)::int as count from contact_list_entry where list_id = ${listId}`,
    )
  )?.count ?? 0;

const knownOf = async (
  db: Db,
  listId: string,
  wanted: readonly { readonly key: string; readonly customerId: string | undefined }[],
): Promise<{
  readonly customers: ReadonlySet<string>;
  readonly byNumber: ReadonlyMap<string, readonly string[]>;
  readonly entries: ReadonlyMap<string, Entry>;
}> => {
  const keys = wanted.map(({ key }) => key);
  const ids = wanted.flatMap(({ customerId }) => customerId ?? []);
  const customers = await rows(
    db,
    statement<{ id: string }>`
      select id from feed where entity = 'customer' and id = any(${ids}::text[]) and row is not null`,
  );
  const byNumber = new Map<string, string[]>();
  for (const { key, id } of await rows(
    db,
    statement<{ key: string; id: string }>`
      select key, customer_id as id from customer_number where key = any(${keys}::text[])`,
  ))
    byNumber.set(key, [...(byNumber.get(key) ?? []), id]);
  const entries = await rows(
    db,
    statement<Entry>`
      select key, position, customer_id as customer, name, note from contact_list_entry
      where list_id = ${listId} and key = any(${keys}::text[])`,
  );
  return {
    customers: new Set(customers.map(({ id }) => id)),
    byNumber,
    entries: new Map(entries.map((entry) => [entry.key, entry])),
  };
};

const put = async (
  tx: Tx,
  list: { readonly id: string; readonly name: string; readonly nowMs: number },
  entries: readonly Entry[],
): Promise<void> => {
  await run(
    tx,
    statement`
      insert into contact_list (id, name, created_at_ms) values (${list.id}, ${list.name}, ${list.nowMs})
      on conflict (id) do nothing`,
  );
  await run(
    tx,
    statement`
      insert into contact_list_entry (list_id, key, position, customer_id, name, note)
      select ${list.id}, x.key, x.position, x.customer, x.name, x.note
      from json_to_recordset(${asJson(entries)}::json)
        as x (key text, position bigint, customer text, name text, note text)
      on conflict (list_id, key) do update set customer_id = excluded.customer_id, name = excluded.name,
        note = excluded.note`,
  );
};
