import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { putQueue } from '../../central/agents.ts';
import { silent } from '../../central/ambient.ts';
import type { Database, Db } from '../../central/db.ts';
import { firstRow, openDatabase, rows, run, statement, transaction } from '../../central/db.ts';
import { newPostgresDatabase } from './fixture.ts';
import { hasPostgres } from './postgres.ts';

describe.runIf(hasPostgres)('statements that come often', () => {
  let database: Database;
  beforeAll(async () => {
    // One connection: whatever it keeps of one tenant's statement the next one meets.
    database = await openDatabase({ kind: 'postgres', url: await newPostgresDatabase(), poolSize: 1 }, silent);
  });
  afterAll(() => database.close());

  const times = Array.from({ length: 20 }, (_, n) => n);
  const kept = async (part: string): Promise<number> =>
    (
      await firstRow(
        database.db,
        statement<{ count: number }>`
          select count(*)::int as count from pg_prepared_statements where statement like ${`%${part}%`} and name <> ''`,
      )
    )?.count ?? 0;

  it('are read once by a connection; what comes seldom is not kept, nor what joins rows that were sent along', async () => {
    for (const n of times)
      expect(await firstRow(database.db, statement`select ${n}::int + 1 as often`)).toEqual({ often: n + 1 });
    for (const n of [1, 2]) await firstRow(database.db, statement`select ${n}::int as seldom`);
    for (const n of times)
      await firstRow(database.db, statement`select max(x) as joined from unnest(${[n]}::int[]) as x`);
    expect(await kept('as often')).toBe(1);
    expect(await kept('as joined')).toBe(0);
    expect(await kept('as seldom')).toBe(0);
  });

  it('security 47: show each tenant its own rows, in a transaction and outside of one, whoever asked before', async () => {
    const tenants = ['north', 'south'];
    for (const name of tenants) await putQueue(database.tenant(name), { id: `of-${name}`, zh: name, en: name });
    const seen = async (db: Db): Promise<readonly string[]> =>
      (await rows(db, statement<{ id: string }>`select id from queue where id > ${''} order by id`)).map(
        ({ id }) => id,
      );
    for (const n of times) {
      const name = tenants[n % 2] ?? '';
      expect(await seen(database.tenant(name))).toEqual([`of-${name}`]);
      expect(await transaction(database.tenant(name), seen)).toEqual([`of-${name}`]);
      if (n % 3 === 0) expect(await seen(database.db)).toEqual(['of-north', 'of-south']);
    }
    expect(await kept('select id from queue')).toBe(1);
  });

  it('go on after a newer instance has changed their table: what fails once is read anew', async () => {
    await run(database.db, statement`create table changing (one int)`);
    await run(database.db, statement`insert into changing values (1)`);
    const look = (): Promise<unknown> => firstRow(database.db, statement`select * from changing where 1 = ${1}::int`);
    for (const _ of times) await look();
    await run(database.db, statement`alter table changing add column two int default 2`);
    await expect(look()).rejects.toThrow('cached plan');
    expect(await look()).toEqual({ one: 1, two: 2 });
  });
});
