import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { silent } from '../../central/ambient.ts';
import type { Database } from '../../central/db.ts';
import { notify, openDatabase, statement, transaction } from '../../central/db.ts';
import { openNatsBus } from '../../central/nats-bus.ts';
import { databaseKinds, newPostgresDatabase } from './fixture.ts';
import type { NatsServer } from './nats.ts';
import { freePort, hasNats, startNats } from './nats.ts';

// One contract, whatever carries the news between the instances of central.

const carriers = databaseKinds.includes('postgres') ? ['LISTEN/NOTIFY', ...(hasNats ? ['NATS'] : [])] : [];

describe.each(carriers)('news between two instances by %s', (carrier) => {
  const opened: Database[] = [];
  let url: string;
  let port = 0;
  let nats: NatsServer | undefined;
  const open = async (): Promise<Database> => {
    const bus =
      carrier === 'NATS' ? (name: string) => openNatsBus(`nats://127.0.0.1:${port}`, name, silent) : undefined;
    const database = await openDatabase({ kind: 'postgres', url }, silent, bus);
    opened.push(database);
    return database;
  };
  const hearing = async (database: Database, channel: string) => {
    const heard: string[] = [];
    let resumed = 0;
    const stop = await database.listen(
      channel,
      (payload) => void heard.push(payload),
      () => {
        resumed += 1;
      },
    );
    return { heard, stop, resumed: () => resumed };
  };
  const say = (db: Database['db'], channel: string, text: string): Promise<void> =>
    notify(db, channel, statement`${text}::text`);
  const soon = { timeout: 20_000 };

  beforeAll(async () => {
    url = await newPostgresDatabase();
    if (carrier !== 'NATS') return;
    port = await freePort();
    nats = await startNats(port);
  });
  afterEach(async () => {
    for (const database of opened.splice(0)) await database.close();
  });
  afterAll(async () => {
    await nats?.stop();
  });

  it('reach every instance, the one that tells as well, on their channel only, in order', async () => {
    const [one, two] = [await open(), await open()];
    const here = await hearing(one, 'news');
    const there = await hearing(two, 'news');
    const other = await hearing(two, 'other');
    for (const text of ['a', 'b', '{"c":"坐席"}']) await say(one.db, 'news', text);
    await expect.poll(() => there.heard, soon).toEqual(['a', 'b', '{"c":"坐席"}']);
    await expect.poll(() => here.heard, soon).toEqual(there.heard);
    expect(other.heard).toEqual([]);
    await there.stop();
    await say(one.db, 'news', 'd');
    await expect.poll(() => here.heard.length, soon).toBe(4);
    expect(there.heard).toHaveLength(3);
  });

  it('of a transaction come once it has committed, and never when it is rolled back, also for a tenant', async () => {
    const [one, two] = [await open(), await open()];
    const there = await hearing(two, 'news');
    await transaction(one.tenant('firm'), async (tx) => {
      await say(tx, 'news', 'committed');
      await say(two.db, 'news', 'meanwhile');
      await expect.poll(() => there.heard, soon).toEqual(['meanwhile']);
    });
    await expect.poll(() => there.heard, soon).toEqual(['meanwhile', 'committed']);
    const undone = transaction(one.db, async (tx) => {
      await say(tx, 'news', 'undone');
      throw new Error('no');
    });
    await expect(undone).rejects.toThrow('no');
    await say(one.db, 'news', 'last');
    await expect.poll(() => there.heard, soon).toEqual(['meanwhile', 'committed', 'last']);
  });

  it('are heard again after the carrier was away, and whoever hears is told so', async () => {
    const [one, two] = [await open(), await open()];
    const there = await hearing(two, 'news');
    if (carrier === 'NATS') {
      await nats?.stop();
      nats = await startNats(port);
    } else {
      const listeners = statement`
        select pg_terminate_backend(pid) from pg_stat_activity where query like 'listen %' and datname = current_database()`;
      await listeners.execute(one.db);
    }
    await expect.poll(() => there.resumed(), soon).toBe(1);
    await expect
      .poll(async () => {
        await say(one.db, 'news', 'again');
        return there.heard.length;
      }, soon)
      .toBeGreaterThan(0);
  });
});
