import type { Customer, PastContact, QueryClass } from '../shared/customer.ts';
import { marksOf } from '../shared/name-key.ts';
import { coarseUsage } from '../shared/tier.ts';
import { putCustomerKeys } from './customer-keys.ts';
import type { Db, Tx } from './db.ts';
import { asJson, firstRow, rows, run, statement } from './db.ts';
import { publish } from './feed.ts';
import { spoken } from './pinyin.ts';

/** Full values of a customer. They never reach a seat but through a reveal. */
export type PrivateValues = {
  readonly fields: Readonly<Record<string, { readonly class: QueryClass; readonly value: string }>>;
  /** CNY of the last bill. */
  readonly bill: number | null;
  /** Names and synonyms of the package, in any language. */
  readonly packageNames: readonly string[];
  /** Keyed hash (secrets.ts) of the service password with its salt; the password itself is kept nowhere. */
  readonly password: { readonly salt: string; readonly mark: string } | null;
};

export type ImportedCustomer = {
  readonly customer: Customer;
  readonly private: PrivateValues;
  readonly history: readonly PastContact[];
  /** Queues whose agents hold this customer. */
  readonly queues: readonly string[];
  /** Of one who is known already and stays where seats hold it; a new one gets the next. */
  readonly place?: number;
  /** Known to be nobody's record yet: nothing of it has to be looked for and replaced. */
  readonly isNew?: boolean;
};

/** Takes customers in, in bulk; whoever is known already is replaced. A thousand at a time is quick. */
export const importCustomers = async (
  tx: Tx,
  imported: readonly ImportedCustomer[],
  poking: 'now' | 'later' = 'now',
): Promise<void> => {
  const places = await rows(
    tx,
    statement<{ place: number }>`select nextval('customer_place') as place from generate_series(1, ${imported.length})`,
  );
  await publish(
    tx,
    imported.flatMap(({ customer, private: kept, history, queues, place }, index) => {
      const held = { customerId: customer.id, place: place ?? places[index]?.place ?? 0, queues };
      // What is published is what seats hold: amounts stay here, with the private values.
      const full = fullNameOf(kept);
      const marks = full === undefined ? {} : { nameMarks: marksOf(full, customer.surname, spoken) };
      const row = { ...customer, ...marks, usage: coarseUsage(customer.usage) };
      return [
        { entity: 'customer' as const, id: customer.id, ...held, atMs: null, row },
        ...history.map((past) => ({
          entity: 'history' as const,
          id: past.contactId,
          ...held,
          atMs: past.startedAtMs,
          row: { customerId: customer.id, past },
        })),
      ];
    }),
    { poking, fresh: new Set(imported.flatMap(({ customer, isNew }) => (isNew === true ? [customer.id] : []))) },
  );
  await putNumbers(tx, imported);
  await putPrivate(tx, imported);
  await putCustomerKeys(
    tx,
    imported.map(({ customer, private: kept, isNew }) => ({ customer, fullName: fullNameOf(kept), isNew })),
  );
};

const fullNameOf = (kept: PrivateValues): string | undefined => kept.fields['fullName']?.value;

const putNumbers = async (tx: Tx, imported: readonly ImportedCustomer[]): Promise<void> => {
  const numbers = imported.flatMap(({ customer }) =>
    customer.numbers.map(({ key }, position) => ({ key, customer: customer.id, position })),
  );
  const ids = imported.flatMap(({ customer, isNew }) => (isNew === true ? [] : [customer.id]));
  if (ids.length > 0) await run(tx, statement`delete from customer_number where customer_id = any(${ids}::text[])`);
  await run(
    tx,
    statement`
      insert into customer_number (key, customer_id, position)
      select x.key, x.customer, x.position
      from json_to_recordset(${asJson(numbers)}::json) as x (key text, customer text, position int)
      on conflict (key, customer_id) do nothing`,
  );
};

const putPrivate = (tx: Tx, imported: readonly ImportedCustomer[]): Promise<void> => {
  const values = imported.map(({ customer, private: kept }) => ({
    id: customer.id,
    fields: kept.fields,
    bill: kept.bill,
    names: kept.packageNames,
    salt: kept.password?.salt ?? null,
    mark: kept.password?.mark ?? null,
  }));
  return run(
    tx,
    statement`
      insert into customer_private (customer_id, fields, bill, package_names, password_salt, password_mark)
      select x.id, x.fields, x.bill, x.names, x.salt, x.mark
      from json_to_recordset(${asJson(values)}::json)
        as x (id text, fields json, bill double precision, names json, salt text, mark text)
      on conflict (customer_id) do update set fields = excluded.fields, bill = excluded.bill,
        package_names = excluded.package_names, password_salt = excluded.password_salt,
        password_mark = excluded.password_mark`,
  );
};

export const customerById = async (db: Db, id: string): Promise<Customer | undefined> =>
  (
    await firstRow(
      db,
      statement<{ row: Customer }>`select row from feed where entity = 'customer' and id = ${id} and row is not null`,
    )
  )?.row;

/** Everyone who has this number (E.164 key), main number first; at most ten. */
export const customersByNumber = async (db: Db, key: string): Promise<readonly Customer[]> =>
  (
    await rows(
      db,
      statement<{ row: Customer }>`
        select feed.row from customer_number join feed on feed.entity = 'customer' and feed.id = customer_number.customer_id
        where customer_number.key = ${key} and feed.row is not null
        order by customer_number.position, feed.id limit 10`,
    )
  ).map((found) => found.row);

/** The newest lines of their timelines, at most `each` per customer, newest first. */
export const historyOf = async (
  db: Db,
  customerIds: readonly string[],
  each: number,
): Promise<readonly { readonly customerId: Customer['id']; readonly past: PastContact }[]> =>
  (
    await rows(
      db,
      statement<{ row: { customerId: Customer['id']; past: PastContact } }>`
        select line.row from unnest(${customerIds}::text[]) as wanted (id)
        cross join lateral (
          select row, at_ms from feed
          where customer_id = wanted.id and entity = 'history' and row is not null
          order by at_ms desc limit ${each}
        ) as line
        order by line.at_ms desc`,
    )
  ).map((found) => found.row);

/** The main number, as customers are texted at; undefined for an unknown customer. */
export const mainNumberOf = async (db: Db, customerId: string): Promise<string | undefined> =>
  (
    await firstRow(
      db,
      statement<{ key: string }>`
      select key from customer_number where customer_id = ${customerId} order by position limit 1`,
    )
  )?.key;

/** Full values, locked against other checks of the same customer until the transaction ends. */
export const lockPrivate = async (
  tx: Tx,
  customerId: string,
): Promise<(PrivateValues & { readonly lockedUntilMs: number | null }) | undefined> => {
  const row = await firstRow(
    tx,
    statement<{
      fields: PrivateValues['fields'];
      bill: number | null;
      package_names: readonly string[];
      password_salt: string | null;
      password_mark: string | null;
      locked_until_ms: number | null;
    }>`
      select fields, bill, package_names, password_salt, password_mark, locked_until_ms
      from customer_private where customer_id = ${customerId} for update`,
  );
  if (row === undefined) return undefined;
  const { password_salt: salt, password_mark: mark } = row;
  return {
    fields: row.fields,
    bill: row.bill,
    packageNames: row.package_names,
    password: salt === null || mark === null ? null : { salt, mark },
    lockedUntilMs: row.locked_until_ms,
  };
};

export const lockClassThree = (tx: Tx, customerId: string, untilMs: number): Promise<void> =>
  run(tx, statement`update customer_private set locked_until_ms = ${untilMs} where customer_id = ${customerId}`);
