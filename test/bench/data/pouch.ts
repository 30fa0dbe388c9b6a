import { join } from 'node:path';
import type { Peers, Pouch } from './peers.ts';
import type { RowChange } from './rows.ts';

/** Rows as documents whose ids can be read in order: a number, a customer, its contacts by time. */
const documents = (row: RowChange): readonly object[] => {
  if (row.entity === 'customer' && row.row !== null)
    return [
      { ...row.row, _id: `customer:${row.id}` },
      ...row.row.numbers.map(({ key }) => ({ _id: `number:${key}:${row.id}`, customerId: row.id })),
    ];
  if (row.entity === 'history' && row.row !== null) {
    const { customerId, past } = row.row;
    return [{ ...past, _id: `history:${customerId}:${String(past.startedAtMs).padStart(14, '0')}:${row.id}` }];
  }
  return [];
};

const put = async (pouch: Pouch, rows: Iterable<RowChange>): Promise<number> => {
  let count = 0;
  let waiting: object[] = [];
  for (const row of rows) {
    const made = documents(row);
    if (made.length > 0) count += 1;
    waiting.push(...made);
    if (waiting.length < 2_000) continue;
    await pouch.bulkDocs(waiting);
    waiting = [];
  }
  if (waiting.length > 0) await pouch.bulkDocs(waiting);
  return count;
};

/** PouchDB on LevelDB in this process: without the browser's hops, hence kinder than where a web application would have it. */
export const openPouch = async (peers: Peers, dir: string) => {
  const PouchDb = await peers.pouchDb();
  const pouch = new PouchDb(join(dir, 'pouch'));
  return {
    put: async (rows: Iterable<RowChange>): Promise<void> => void (await put(pouch, rows)),
    lookupUs: async (key: string): Promise<number> => {
      const startMs = performance.now();
      const numbers = await pouch.allDocs({
        startkey: `number:${key}:`,
        endkey: `number:${key}:\uFFF0`,
        include_docs: true,
        limit: 10,
      });
      const owner = numbers.rows[0]?.doc as { customerId: string } | undefined;
      const customerId = owner?.customerId ?? '';
      await pouch.get(`customer:${customerId}`);
      const prefix = `history:${customerId}:`;
      const history = await pouch.allDocs({
        startkey: `${prefix}\uFFF0`,
        endkey: prefix,
        descending: true,
        include_docs: true,
        limit: 20,
      });
      const tookMs = performance.now() - startMs;
      if (history.rows.length === 0) throw new Error('a lookup found nothing');
      return tookMs * 1_000;
    },
    close: () => pouch.close(),
  };
};

/** Rows a second of a replication from one database of this process into another: no network, hence kinder than in the field. */
export const replicationRowsS = async (peers: Peers, dir: string, rows: Iterable<RowChange>): Promise<number> => {
  const PouchDb = await peers.pouchDb();
  const [source, target] = [new PouchDb(`${dir}-source`), new PouchDb(`${dir}-target`)];
  const count = await put(source, rows);
  const startMs = performance.now();
  await PouchDb.replicate(source, target, { batch_size: 1_000, batches_limit: 10 });
  const tookS = (performance.now() - startMs) / 1_000;
  await source.close();
  await target.close();
  return count / tookS;
};
