import { createServer } from 'node:http';
import { gzipSync } from 'node:zlib';
import { linesType } from '../../../shared/central-api.ts';
import { type RowChange, sampleRows } from './rows.ts';

/**
 * `feed-server.ts CUSTOMERS DELTA`: a central of which only the feed is there, with its pages made beforehand: what is measured is the
 * seat. In a process of its own, as central is. Rows come as an import of central leaves them: a thousand customers, then their
 * histories by id. `cursor=end` gives DELTA changed customers. Tells its port.
 */
const [customers = 0, delta = 0] = process.argv.slice(2).map(Number);
const perImport = 1_000;
const rows = sampleRows(Date.now());

const feed: RowChange[] = [...rows.reference];
for (let from = 0; from < customers; from += perImport) {
  const indexes = Array.from({ length: Math.min(perImport, customers - from) }, (_, n) => from + n);
  for (const index of indexes) {
    const row = rows.customerAt(index);
    feed.push({ entity: 'customer', id: row.id, row });
  }
  feed.push(...indexes.flatMap((index) => rows.historyAt(index)).sort((one, other) => (one.id < other.id ? -1 : 1)));
}
const changed: RowChange[] = Array.from({ length: delta }, (_, n) => {
  const row = { ...rows.customerAt((n * 7_919) % Math.max(1, customers)), refusesMarketing: true };
  return { entity: 'customer', id: row.id, row };
});

const pages = new Map<string, Buffer>();
const pageAt = (cursor: string, limit: number): Buffer => {
  const key = `${cursor} ${limit}`;
  const known = pages.get(key);
  if (known !== undefined) return known;
  const [, kind = 'load', at = '0'] = /^(load|delta)(\d+)$/.exec(cursor) ?? [];
  const all = kind === 'load' ? feed : changed;
  const from = Number(at);
  const changes = all.slice(from, from + limit);
  const end = from + changes.length;
  const more = end < all.length;
  // At the end of the load the seat is up to date until it is told of the changes: it asks with `delta0` then.
  const next = more ? `${kind}${end}` : 'delta0';
  const isIdle = cursor === 'delta0' && !isChanged;
  const head = isIdle
    ? { cursor, more: false, total: 0, count: 0 }
    : {
        cursor: more ? next : kind === 'load' ? 'delta0' : 'done',
        more,
        total: all.length - from,
        count: changes.length,
      };
  const lines = [head, ...(isIdle ? [] : changes)].map((line) => `${JSON.stringify(line)}\n`).join('');
  const made = gzipSync(lines, { level: 1 });
  if (!isIdle) pages.set(key, made);
  return made;
};
let isChanged = false;

const server = createServer((request, response) => {
  const url = new URL(request.url ?? '/', 'http://localhost');
  if (url.pathname === '/change') {
    isChanged = true;
    return void response.end();
  }
  if (url.pathname !== '/v1/changes') return void response.writeHead(404).end();
  const cursor = url.searchParams.get('cursor') ?? '';
  const limit = Number(url.searchParams.get('limit'));
  const page =
    cursor === 'done'
      ? gzipSync(`${JSON.stringify({ cursor, more: false, total: 0, count: 0 })}\n`)
      : pageAt(cursor, limit);
  response.writeHead(200, { 'content-type': linesType, 'content-encoding': 'gzip' }).end(page);
});
// Made before the seat asks: a whole load in the pages it asks for.
pageAt('', 1_000);
for (let at = 1_000; at < feed.length; at += 5_000) pageAt(`load${at}`, 5_000);
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.send?.({ port: typeof address === 'object' ? address?.port : 0, rows: feed.length });
});
process.on('disconnect', () => process.exit(0));
