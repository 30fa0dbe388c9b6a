import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { measureCentral } from './data/central.ts';
import { measureDay } from './data/day.ts';
import { type Figure, figuresOf, figureTable } from './data/figures.ts';
import { measureLoad } from './data/load.ts';
import { measureLookup } from './data/lookup.ts';
import { measureOps } from './data/ops.ts';
import { openPeers } from './data/peers.ts';
import { measureReconnect } from './data/reconnect.ts';
import { watchLog } from './data/stores.ts';
import { lineOf } from './measure/metric-line.ts';

/**
 * `npm run bench -- data`: the seat's store and sync beside a store without a key, IndexedDB (Dexie), PouchDB and the bare disk; and
 * central with the seats it carries. Contender and baselines alternate in one run.
 *
 *   --parts a,b     only these of: lookup, ops, load, day, central, reconnect
 *   --sizes a,b     customers in the store looked up in (100000)
 *   --stores DIR    where stores of these sizes are kept between runs (.cache/bench; 5000000 customers are 25 GB)
 *   --prepare S     seconds this run may fill them (240); the next one goes on where it stopped
 *   --lookups N     of each store (2000)
 *   --peers-up-to N customers the peers are filled with (100000)
 *   --customers N   of the load (20000, some 80,000 rows); --rounds N (3)
 *   --calls N       of the day (200), with the customers of --sizes
 *   --delta N       changed customers after it (10000)
 *   --seats N       that come back at once (2000)
 *   --seconds N     of each measurement of central (10)
 *   --instances a,b of central, one after the other (1,2)
 */
const parts = ['lookup', 'ops', 'load', 'day', 'central', 'reconnect'] as const;
type Part = (typeof parts)[number];

const { values } = parseArgs({
  options: {
    parts: { type: 'string', default: parts.join(',') },
    sizes: { type: 'string', default: '100000' },
    stores: { type: 'string', default: fileURLToPath(new URL('../../.cache/bench', import.meta.url)) },
    prepare: { type: 'string', default: '240' },
    lookups: { type: 'string', default: '2000' },
    'peers-up-to': { type: 'string', default: '100000' },
    customers: { type: 'string', default: '20000' },
    rounds: { type: 'string', default: '3' },
    delta: { type: 'string', default: '10000' },
    calls: { type: 'string', default: '200' },
    seats: { type: 'string', default: '2000' },
    seconds: { type: 'string', default: '10' },
    instances: { type: 'string', default: '1,2' },
  },
});

const figures: Figure[] = [];
const print = (measured: readonly Figure[]): void => {
  for (const figure of measured) {
    figures.push(figure);
    process.stdout.write(`${lineOf(figure)}\n`);
  }
};
const say = (what: string): void => void process.stderr.write(`${(performance.now() / 1_000).toFixed(0)} s: ${what}\n`);

const instances = values.instances.split(',').map(Number);
const dir = mkdtempSync(join(tmpdir(), 'zuoxi-bench-data-'));
const watch = watchLog();
const tools = { watch, say, peers: openPeers(say) };
const measure: Readonly<Record<Part, () => Promise<void>>> = {
  lookup: async () => {
    const untilMs = performance.now() + Number(values.prepare) * 1_000;
    const keeping = { root: values.stores, hasTime: () => performance.now() < untilMs };
    const wish = { lookups: Number(values.lookups), peersUpTo: Number(values['peers-up-to']) };
    for (const size of values.sizes.split(',').map(Number))
      print(await measureLookup({ ...wish, size }, { ...tools, ...keeping }));
  },
  ops: async () => print(await measureOps(dir, 100, watch)),
  load: async () =>
    print(
      await measureLoad(
        dir,
        {
          ...{ customers: Number(values.customers), delta: Number(values.delta) },
          ...{ rounds: Number(values.rounds), seconds: 300 },
        },
        tools,
      ),
    ),
  day: async () => {
    for (const customers of values.sizes.split(',').map(Number))
      print(await measureDay(dir, { customers, calls: Number(values.calls) }, tools));
  },
  central: async () => print(await measureCentral(dir, { seconds: Number(values.seconds), instances }, say)),
  reconnect: async () => print(await measureReconnect(Number(values.seats), instances, say)),
};

const run = async (): Promise<void> => {
  const [cpu] = cpus();
  say(
    `${cpus().length} × ${cpu?.model ?? '?'}, ${Math.round(totalmem() / 2 ** 30)} GB, load ${loadavg()[0]?.toFixed(1)}`,
  );
  const wanted = values.parts.split(',');
  for (const part of parts)
    if (wanted.includes(part)) {
      say(part);
      await measure[part]();
    }
  if (wanted.some((part) => part !== 'central' && part !== 'reconnect'))
    print(figuresOf({ metric: 'slow_statements', unit: '', samples: [watch.slow.length] }, ['max']));
  process.stderr.write(`${figureTable(figures)}\n`);
  for (const { name, tookMs } of watch.slow.slice(0, 5)) say(`over 40 ms: ${name}, ${tookMs} ms`);
};

const end = (code: number): never => {
  rmSync(dir, { recursive: true, force: true });
  process.exit(code);
};
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => end(130));
run().then(
  () => end(0),
  (fault: unknown) => {
    process.stderr.write(`${fault instanceof Error ? fault.stack : String(fault)}\n`);
    end(1);
  },
);
