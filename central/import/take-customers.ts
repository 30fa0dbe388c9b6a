import type { Customer } from '../../shared/customer.ts';
import type { Db, Tx } from '../db.ts';
import { rows, statement } from '../db.ts';
import type { PrivateValues } from '../customers.ts';
import { importCustomers } from '../customers.ts';
import { assignQueues } from '../feed.ts';
import { customerReaders } from './customer-fields.ts';
import type { CustomerValues } from './customer-fields.ts';
import type { Held } from './merge-customer.ts';
import { keysOf, mergeCustomer } from './merge-customer.ts';
import { NumberOwners, ownerMark } from './number-owners.ts';
import type { RowFault } from './read-row.ts';
import { defaultFault, readRow } from './read-row.ts';
import { reasons } from './reasons.ts';
import type { SourceRow } from './source.ts';
import type { Decided, Taking, TakingPorts } from './taking.ts';

const mandatory = ['id', 'number', 'fullName'];
const mostNumbers = 20;

type HeldAt = Held & { readonly place: number };
type Wanted = { readonly row: number; readonly id: string; readonly values: CustomerValues };

/**
 * Customers: the same customer id is updated, a number has one customer unless the mapping says otherwise (R8). Numbers are compared
 * with the rows before and with the database.
 */
export const takeCustomers = ({ plan, mapping, rules, mark, nowMs }: TakingPorts): Taking => {
  const owners = new NumberOwners();
  /** Numbers this file took from whom the database still names; a dry run never gets there. */
  const released = new NumberOwners();
  let queueIds: ReadonlySet<string> | undefined;

  const takenBy = (key: string, id: string, holders: ReadonlyMap<string, readonly string[]>): RowFault | undefined => {
    const column = plan.header[plan.at.get('number') ?? -1] ?? 'number';
    const before = owners.get(key);
    if (before !== undefined && before.owner !== ownerMark(id))
      return { column, why: reasons.numberTakenInFile(before.row) };
    const other = holders.get(key)?.find((holder) => holder !== id && released.get(key)?.owner !== ownerMark(holder));
    return other === undefined || before !== undefined ? undefined : { column, why: reasons.numberTaken(other) };
  };

  const faultsOf = ({ id, values }: Wanted, known: Known): readonly RowFault[] => {
    const keys = keysOf(values) ?? [];
    if (keys.length > mostNumbers) return [{ column: null, why: reasons.tooManyNumbers(mostNumbers) }];
    const taken = mapping.sharedNumbers ? [] : keys.map((key) => takenBy(key, id, known.holders));
    const queue = values.queues?.find((name) => !known.queues.has(name));
    const column = plan.header[plan.at.get('queues') ?? -1] ?? 'queues';
    return [
      ...taken.filter((fault) => fault !== undefined).slice(0, 1),
      ...(queue === undefined ? [] : [{ column, why: reasons.unknownQueue(queue) }]),
    ];
  };

  return {
    secretFields: ['servicePassword'],
    fault: defaultFault(plan, customerReaders, rules),
    warnings: async () => [],
    decide: async (db, batch) => {
      const { bad, wanted } = readBatch(batch, (source) => readRow(source, plan, customerReaders, mandatory, rules));
      queueIds ??= new Set((await rows(db, statement<{ id: string }>`select id from queue`)).map(({ id }) => id));
      const known = { ...(await knownOf(db, wanted)), queues: queueIds };
      const merged = new Map<string, Held>();
      for (const one of wanted) {
        const faults = faultsOf(one, known);
        if (faults.length > 0) {
          bad.set(one.row, faults);
          continue;
        }
        const held = merged.get(one.id) ?? known.held.get(one.id);
        const next = mergeCustomer(held, one.id, one.values, { mark, nowMs });
        merged.set(one.id, next);
        const keys = next.customer.numbers.map(({ key }) => key);
        for (const key of keys) owners.set(key, ownerMark(one.id), one.row);
        for (const { key } of known.held.get(one.id)?.customer.numbers ?? [])
          if (!keys.includes(key)) released.set(key, ownerMark(one.id), one.row);
      }
      return decided(bad, merged, known);
    },
  };
};

const readBatch = (
  batch: readonly SourceRow[],
  read: (source: SourceRow) => ReturnType<typeof readRow<typeof customerReaders>>,
): { readonly bad: Map<number, readonly RowFault[]>; readonly wanted: readonly Wanted[] } => {
  const bad = new Map<number, readonly RowFault[]>();
  const wanted: Wanted[] = [];
  for (const source of batch) {
    const one = read(source);
    if (one.kind === 'bad') bad.set(source.row, one.faults);
    else wanted.push({ row: source.row, id: one.values.id ?? '', values: one.values });
  }
  return { bad, wanted };
};

const decided = (
  bad: Decided['bad'],
  merged: ReadonlyMap<string, Held>,
  known: Pick<Known, 'held' | 'buried'>,
): Decided => {
  const { held } = known;
  const changed = [...merged].filter(([id, next]) => !isSame(held.get(id), next));
  return {
    bad,
    changed: changed.length,
    write: async (tx) => {
      if (changed.length === 0) return [];
      await write(tx, changed, known);
      return [...new Set(changed.flatMap(([, { queues }]) => queues))];
    },
  };
};

/** Lists are written in a steady order, so that two that write at once wait for each other and do not lock up. */
const write = async (
  tx: Tx,
  changed: readonly (readonly [string, Held])[],
  { held, buried }: Pick<Known, 'held' | 'buried'>,
): Promise<void> => {
  const ordered = [...changed].sort(([one], [other]) => (one < other ? -1 : 1));
  for (const [id, { queues }] of ordered) {
    const was = held.get(id);
    if (was !== undefined && !isEqual(was.queues, queues)) await assignQueues(tx, id, queues);
  }
  await importCustomers(
    tx,
    ordered.map(([id, next]) => {
      const place = held.get(id)?.place;
      return { ...next, history: [], ...(place === undefined ? { isNew: !buried.has(id) } : { place }) };
    }),
    'later',
  );
};

const isSame = (held: HeldAt | undefined, next: Held): boolean =>
  held !== undefined &&
  isEqual(held.customer, next.customer) &&
  isEqual(held.private, next.private) &&
  isEqual(held.queues, next.queues);

/** Both were made by us and keep the order of their keys. */
const isEqual = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

type Known = {
  readonly held: ReadonlyMap<string, HeldAt>;
  /** Were there once: something of theirs may be left. */
  readonly buried: ReadonlySet<string>;
  /** Who has each number of the batch in the database. */
  readonly holders: ReadonlyMap<string, readonly string[]>;
  readonly queues: ReadonlySet<string>;
};

const knownOf = async (db: Db, wanted: readonly Wanted[]): Promise<Omit<Known, 'queues'>> => {
  const ids = [...new Set(wanted.map(({ id }) => id))];
  const keys = [...new Set(wanted.flatMap(({ values }) => keysOf(values) ?? []))];
  const found = await rows(
    db,
    statement<{
      id: string;
      place: number;
      queues: readonly string[] | null;
      row: Customer | null;
      fields: PrivateValues['fields'] | null;
      bill: number | null;
      names: readonly string[] | null;
      salt: string | null;
      mark: string | null;
    }>`
      select feed.id, feed.place, feed.queues, feed.row, kept.fields, kept.bill, kept.package_names as names,
        kept.password_salt as salt, kept.password_mark as mark
      from feed left join customer_private as kept on kept.customer_id = feed.id
      where feed.entity = 'customer' and feed.id = any(${ids}::text[])
      order by feed.id for update of feed`,
  );
  const numbers = await rows(
    db,
    statement<{ key: string; id: string }>`
      select key, customer_id as id from customer_number where key = any(${keys}::text[])`,
  );
  const holders = new Map<string, string[]>();
  for (const { key, id } of numbers) holders.set(key, [...(holders.get(key) ?? []), id]);
  const buried = new Set(found.flatMap(({ id, row }) => (row === null ? [id] : [])));
  const held = found.flatMap(({ id, place, queues, row, fields, bill, names, salt, mark }): [string, HeldAt][] => {
    if (row === null) return [];
    const kept: HeldAt = {
      customer: row,
      place,
      queues: queues ?? [],
      private: {
        fields: fields ?? {},
        bill,
        packageNames: names ?? [],
        password: salt === null || mark === null ? null : { salt, mark },
      },
    };
    return [[id, kept]];
  });
  return { held: new Map(held), buried, holders };
};
