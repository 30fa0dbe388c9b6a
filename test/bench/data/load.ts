import { fork } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { createCentralClient } from '../../../main/engine/central-client.ts';
import { systemClock } from '../../../main/engine/clock.ts';
import type { Db } from '../../../main/engine/store/db.ts';
import { writeMeta } from '../../../main/engine/store/meta.ts';
import { createSync } from '../../../main/engine/sync.ts';
import { defaultPolicy } from '../../../shared/policy.ts';
import type { Figure } from './figures.ts';
import { figuresOf } from './figures.ts';
import type { Peers } from './peers.ts';
import { replicationRowsS } from './pouch.ts';
import { rowsOf, sampleRows } from './rows.ts';
import { type Dump, dumpOf, insertRaw, openSeatStore, type Watch } from './stores.ts';

const program = fileURLToPath(new URL('feed-server.ts', import.meta.url));
const rawBatch = 1_000;
const pouchCustomers = 2_500;

export type LoadWish = {
  readonly customers: number;
  readonly delta: number;
  readonly rounds: number;
  readonly seconds: number;
};

type Feed = { readonly url: string; readonly rows: number; readonly stop: () => void };
const startFeed = async ({ customers, delta }: LoadWish): Promise<Feed> => {
  const child = fork(program, [String(customers), String(delta)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const told = await new Promise<{ port: number; rows: number }>((done, failed) => {
    child.once('message', (message) => done(message as { port: number; rows: number }));
    child.once('exit', () => failed(new Error('the feed ended')));
  });
  return { url: `http://127.0.0.1:${told.port}`, rows: told.rows, stop: () => void child.kill() };
};

/** One seat's store and sync, without windows. */
const openSeat = (dir: string, url: string, watch: Watch) => {
  mkdirSync(dir, { recursive: true });
  const db = openSeatStore(dir, watch.log);
  db.write('session', (write) =>
    writeMeta(write, 'session', {
      ...{ token: 't', policy: { ...defaultPolicy, cacheCap: 200_000 }, practice: false, sinceMs: 0 },
      agent: { id: 'A1' as never, number: '8001', name: 'A', role: 'agent', queues: [] },
    }),
  );
  const sync = createSync({
    ...{ db, client: createCentralClient(url, systemClock, watch.log), clock: systemClock, chance: Math.random },
    ...{
      log: watch.log,
      isBusy: () => false,
      shutOut: () => {},
      met: () => 0,
      keepContactsMs: () => 24 * 3_600_000,
      changed: () => {},
      pulled: () => {},
      ousted: () => {},
      caughtUp: () => {},
      supervised: () => {},
      dialled: () => {},
      calledIn: () => {},
      forced: () => {},
    },
  });
  return { db, sync };
};

/** What writing held up: each transaction's time, and in it the processor's time of this thread alone. */
const watchWriting = (db: Db) => {
  const taken = { wallMs: [] as number[], cpuMs: [] as number[] };
  const fill: Db['fill'] = db.fill.bind(db);
  const watched: Db['fill'] = (name, change) => {
    const [startMs, cpu] = [performance.now(), process.threadCpuUsage()];
    const result = fill(name, change);
    const used = process.threadCpuUsage(cpu);
    taken.wallMs.push(performance.now() - startMs);
    taken.cpuMs.push((used.user + used.system) / 1_000);
    return result;
  };
  Object.assign(db, { fill: watched });
  return taken;
};

const untilIdle = async (sync: { readonly state: { readonly kind: string } }, limitS: number): Promise<void> => {
  const endMs = performance.now() + limitS * 1_000;
  while (sync.state.kind !== 'idle') {
    if (performance.now() > endMs) throw new Error(`the load did not come to its end in ${limitS} s`);
    await new Promise((next) => setTimeout(next, 2));
  }
};

const rawRowsS = (dir: string, dump: Dump, rows: number, watch: Watch) => {
  mkdirSync(dir, { recursive: true });
  const db = openSeatStore(dir, { ...watch.log, warn: () => {} });
  const [startMs, cpu] = [performance.now(), process.threadCpuUsage()];
  insertRaw(db, dump, rawBatch);
  const used = process.threadCpuUsage(cpu);
  const tookS = (performance.now() - startMs) / 1_000;
  db.close();
  rmSync(dir, { recursive: true, force: true });
  return { rowsS: rows / tookS, rowsCpuS: rows / ((used.user + used.system) / 1e6) };
};

export const measureLoad = async (
  dir: string,
  wish: LoadWish,
  { watch, peers, say }: { readonly watch: Watch; readonly peers: Peers; readonly say: (what: string) => void },
): Promise<Figure[]> => {
  const taken = {
    load: [] as number[],
    loadCpu: [] as number[],
    raw: [] as number[],
    rawCpu: [] as number[],
    delta: [] as number[],
  };
  const blocks = { wall: [] as number[], cpu: [] as number[], turn: [] as number[] };
  for (let round = 0; round < wish.rounds; round += 1) {
    const feed = await startFeed(wish);
    const seatDir = join(dir, `load-${round}`);
    const { db, sync } = openSeat(seatDir, feed.url, watch);
    const writing = watchWriting(db);
    const turns = monitorEventLoopDelay({ resolution: 1 });
    turns.enable();
    const [startMs, cpu] = [performance.now(), process.threadCpuUsage()];
    sync.start('token');
    await untilIdle(sync, wish.seconds);
    const used = process.threadCpuUsage(cpu);
    taken.load.push((feed.rows * 1_000) / (performance.now() - startMs));
    taken.loadCpu.push(feed.rows / ((used.user + used.system) / 1e6));
    turns.disable();
    blocks.turn.push(turns.max / 1e6);
    blocks.wall.push(...writing.wallMs);
    blocks.cpu.push(...writing.cpuMs);
    // Whole tables are read for the baseline: no statement of the product's.
    const [dump, { slow }] = [dumpOf(db), watch];
    for (let at = slow.length - 1; at >= 0; at -= 1) if (slow[at]?.name === 'rows') slow.splice(at, 1);
    if (wish.delta > 0) {
      await fetch(`${feed.url}/change`);
      const changedMs = performance.now();
      await sync.settle(wish.seconds * 1_000);
      taken.delta.push((wish.delta * 1_000) / (performance.now() - changedMs));
    }
    await sync.close();
    db.close();
    feed.stop();
    rmSync(seatDir, { recursive: true, force: true });
    const raw = rawRowsS(join(dir, `raw-${round}`), dump, feed.rows, watch);
    taken.raw.push(raw.rowsS);
    taken.rawCpu.push(raw.rowsCpuS);
    say(`load ${round + 1}: ${Math.round(taken.load.at(-1) ?? 0)} rows/s, raw ${Math.round(raw.rowsS)} rows/s`);
  }
  const pouch = await replicationRowsS(
    peers,
    join(dir, 'replication'),
    rowsOf(sampleRows(Date.now()), { to: pouchCustomers }, []),
  );
  const rate = (metric: string, samples: readonly number[]) => ({ metric, unit: 'rows/s', samples });
  return [
    ...figuresOf(
      rate('first_load_rows_s', taken.load),
      ['p50', 'max'],
      [
        { name: 'raw', samples: taken.raw },
        { name: 'pouchdb', samples: [pouch] },
      ],
    ),
    // On a machine that others use too: rows for each second the seat's thread had.
    ...figuresOf(
      rate('first_load_rows_cpu_s', taken.loadCpu),
      ['p50', 'max'],
      [{ name: 'raw', samples: taken.rawCpu }],
    ),
    ...(taken.delta.length === 0 ? [] : figuresOf(rate('delta_rows_s', taken.delta), ['p50'])),
    ...figuresOf({ metric: 'writer_block_ms', unit: 'ms', samples: blocks.wall }, ['p50', 'p99', 'max']),
    ...figuresOf({ metric: 'writer_block_cpu_ms', unit: 'ms', samples: blocks.cpu }, ['p50', 'p99', 'max']),
    ...figuresOf({ metric: 'load_turn_ms', unit: 'ms', samples: blocks.turn }, ['max']),
  ];
};
