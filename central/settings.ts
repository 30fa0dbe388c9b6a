import type { Db } from './db.ts';
import { asJson, firstRow, run, statement } from './db.ts';

/** What central remembers about itself, by key; any JSON. */
export const settingOf = async (db: Db, key: string): Promise<unknown> =>
  (await firstRow(db, statement<{ value: unknown }>`select value from setting where key = ${key}`))?.value;

export const putSetting = (db: Db, key: string, value: unknown): Promise<void> =>
  run(
    db,
    statement`
      insert into setting (key, value) values (${key}, ${asJson(value)}::json)
      on conflict (key) do update set value = excluded.value`,
  );
