import type { Customer } from '../shared/customer.ts';
import { nameKeys } from '../shared/name-key.ts';
import type { Db, Tx } from './db.ts';
import { rows, run, statement, transaction } from './db.ts';
import { spoken } from './pinyin.ts';

/**
 * What customers are found by, in one clustered-by-index table whose first letter says what a key is: t a number from its end, h from its
 * beginning, n p i the name (`nameKeys`). Byte order, so that "begins with" is a range of the primary key.
 */
export const reversed = (digits: string): string => Array.from(digits).reverse().join('');

type Keyed = {
  readonly customer: Pick<Customer, 'id' | 'surname' | 'numbers'>;
  readonly fullName: string | undefined;
  /** Has no keys yet. */
  readonly isNew?: boolean | undefined;
};

const keysOf = ({ customer, fullName }: Keyed): readonly string[] => [
  ...customer.numbers.flatMap(({ key }) => [`t${reversed(key)}`, `h${key}`]),
  ...(fullName === undefined ? [] : nameKeys(fullName, customer.surname, spoken)),
];

/** Replaces what these customers are found by. */
export const putCustomerKeys = async (tx: Tx, keyed: readonly Keyed[]): Promise<void> => {
  const made = keyed.flatMap((one) => keysOf(one).map((key) => ({ key, id: one.customer.id })));
  const ids = keyed.flatMap(({ customer, isNew }) => (isNew === true ? [] : [customer.id]));
  if (ids.length > 0) await run(tx, statement`delete from customer_key where customer_id = any(${ids}::text[])`);
  await run(
    tx,
    statement`
      insert into customer_key (key, customer_id)
      select key, id
      from unnest(${made.map((one) => one.key)}::text[], ${made.map((one) => one.id)}::text[]) as made (key, id)
      on conflict do nothing`,
  );
};

const batch = 1_000;

/** Customers taken in before central could search: their keys are made now, a thousand at a time. @returns how many */
export const addMissingKeys = async (db: Db): Promise<number> => {
  let after = '';
  let added = 0;
  for (;;) {
    const page = await rows(
      db,
      statement<{ row: Customer; name: string | null }>`
        select feed.row, customer_private.fields -> 'fullName' ->> 'value' as name
        from feed left join customer_private on customer_private.customer_id = feed.id
        where feed.entity = 'customer' and feed.row is not null and feed.id > ${after}
          and not exists (select 1 from customer_key where customer_key.customer_id = feed.id)
        order by feed.id limit ${batch}`,
    );
    if (page.length === 0) return added;
    await transaction(db, async (tx) => {
      await putCustomerKeys(
        tx,
        page.map(({ row, name }) => ({ customer: row, fullName: name ?? undefined, isNew: true })),
      );
      const ids = page.map(({ row }) => row.id);
      await run(
        tx,
        statement`
          update customer_key set tenant = feed.tenant from feed
          where feed.entity = 'customer' and feed.id = customer_key.customer_id and feed.tenant is not null
            and customer_key.customer_id = any(${ids}::text[])`,
      );
    });
    added += page.length;
    after = page.at(-1)?.row.id ?? after;
  }
};
