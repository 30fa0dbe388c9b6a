import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { customerById, applyChange } from '../../../main/engine/store/working-set.ts';
import { pastOf } from '../../../main/engine/store/contacts.ts';
import { writeFeed } from '../../../main/engine/store/meta.ts';
import { openBulk } from './bulk.ts';
import { callersOf, contactsOfCallers, pool, type RowChange, rowsOf, sampleRows, type Rows } from './rows.ts';
import { ciphers, copyPlain, openPlain, openSeatStore, storeSecret, type Watch } from './stores.ts';

/** Stores that take longer to fill than to be looked up in: filled once, kept, and gone on with where the last run stopped. */
export type Keeping = {
  /** Where they are kept. */
  readonly root: string;
  /** False once this run has prepared long enough. */
  readonly hasTime: () => boolean;
  readonly say: (what: string) => void;
};

/** Rows the same in every run, so that a store of before is one of today. */
export const keptNowMs = 1_795_000_000_000;
const callers = 2_000;

export type Sample = { readonly size: number; readonly rows: Rows; readonly called: readonly number[] };
export const sampleOf = (size: number): Sample => ({
  size,
  rows: sampleRows(keptNowMs),
  called: callersOf(size, callers),
});

type Done = { readonly customers: number; readonly keys: number; readonly isOpen?: boolean };
const readDone = (file: string): Done =>
  existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Done) : { customers: 0, keys: 0 };

const quiet: Watch['log'] = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} };

/** A seat's store with only what every centre has, and what names it: schema, pages and rows. */
const emptyStore = ({ rows }: Sample): { readonly dir: string; readonly hash: string } => {
  const dir = mkdtempSync(join(tmpdir(), 'zuoxi-bench-empty-'));
  const db = openSeatStore(dir, quiet);
  db.fill('reference', (write) => {
    for (const change of rows.reference) applyChange(write, change);
    writeFeed(write, 'loaded', true);
  });
  const hash = createHash('sha256');
  const told = db.read.all<{ sql: string | null }>('schema', 'SELECT sql FROM cache.sqlite_schema ORDER BY name');
  hash.update(JSON.stringify([told, db.read.all('pages', 'PRAGMA cache.page_size'), ciphers, db.schema]));
  for (let n = 0; n < pool; n += 50) hash.update(JSON.stringify([rows.customerAt(n), rows.historyAt(n)]));
  hash.update(readFileSync(new URL('bulk.ts', import.meta.url)));
  db.close();
  return { dir, hash: hash.digest('hex').slice(0, 12) };
};

/** The folder of this name; others of the same size are of a schema, or of rows, of before. */
const folderOf = (root: string, kind: string, hash: string): string => {
  const name = `${kind}-${hash}`;
  mkdirSync(root, { recursive: true });
  for (const other of readdirSync(root))
    if (other.startsWith(`${kind}-`) && other !== name) rmSync(join(root, other), { recursive: true, force: true });
  return join(root, name);
};

const perSlice = 50_000;

export type Stores = { readonly seatDir: string; readonly plainDir: string };

/** @returns undefined when there was not the time: the next run goes on */
export const preparedStores = (sample: Sample, { root, hasTime, say }: Keeping): Stores | undefined => {
  const { size } = sample;
  const empty = emptyStore(sample);
  const folder = folderOf(root, `stores-${size}`, empty.hash);
  const [seatDir, plainDir, state] = [join(folder, 'seat'), join(folder, 'plain'), join(folder, 'done.json')];
  try {
    // Cut off in the middle of a slice: its pages are of nobody knows when.
    if (readDone(state).isOpen === true) rmSync(folder, { recursive: true, force: true });
    if (!existsSync(state)) {
      rmSync(folder, { recursive: true, force: true });
      for (const dir of [seatDir, plainDir]) mkdirSync(dir, { recursive: true });
      for (const name of readdirSync(empty.dir)) renameOrCopy(join(empty.dir, name), join(seatDir, name));
      copyPlain(seatDir, plainDir);
      writeFileSync(state, JSON.stringify({ customers: 0, keys: 0 }));
    }
  } finally {
    rmSync(empty.dir, { recursive: true, force: true });
  }
  const isWhole = fillBoth(sample, { seatDir, plainDir, state }, hasTime, say);
  if (!isWhole) return undefined;
  for (const dir of [seatDir, plainDir])
    say(`${size}: ${(statSync(join(dir, 'cache.db')).size / 2 ** 30).toFixed(2)} GB in ${dir}`);
  return { seatDir, plainDir };
};

const renameOrCopy = (from: string, to: string): void => {
  try {
    renameSync(from, to);
  } catch {
    writeFileSync(to, readFileSync(from));
  }
};

const fillBoth = (
  sample: Sample,
  { seatDir, plainDir, state }: Stores & { readonly state: string },
  hasTime: () => boolean,
  say: (what: string) => void,
): boolean => {
  const { size } = sample;
  let done = readDone(state);
  const begun = done;
  const keyCount = 4;
  if (done.customers >= size && done.keys >= keyCount) return true;
  const mark = (next: Done): void => {
    done = next;
    writeFileSync(state, JSON.stringify({ ...done, isOpen: true }));
  };
  mark(done);
  const both = [
    openBulk(seatDir, { cipher: ciphers.cache, secret: storeSecret }, sample),
    openBulk(plainDir, { cipher: ciphers.cache, secret: null }, sample),
  ];
  const startMs = performance.now();
  while (done.customers < size && hasTime()) {
    const to = Math.min(size, done.customers + perSlice);
    for (const one of both) one.rows(done.customers, to);
    mark({ ...done, customers: to });
    if (to % 500_000 === 0 || to === size) say(`${size}: ${to} customers in`);
  }
  while (done.customers >= size && done.keys < keyCount && hasTime()) {
    for (const one of both) one.keys[done.keys]?.write();
    say(`${size}: ${both[0]?.keys[done.keys]?.name ?? ''} in`);
    mark({ ...done, keys: done.keys + 1 });
  }
  for (const one of both) one.close();
  writeFileSync(state, JSON.stringify(done));
  const tookS = (performance.now() - startMs) / 1_000;
  say(`${size}: ${done.customers - begun.customers} customers prepared in ${tookS.toFixed(0)} s`);
  if (done.customers < size || done.keys < keyCount) return false;
  mustBeThoseRows(sample, { seatDir, plainDir });
  return true;
};

/** Put together by SQL they are what the product would have written. */
const mustBeThoseRows = ({ size, rows, called }: Sample, { seatDir, plainDir }: Stores): void => {
  const [seat, plain] = [openSeatStore(seatDir, quiet), openPlain(plainDir)];
  const some = [0, 1, Math.floor(size / 2), size - 1].filter((index) => !called.includes(index));
  for (const { read } of [seat, plain])
    for (const index of [...some, ...called.slice(0, 3)]) {
      const wanted = rows.customerAt(index);
      const lines = rows.historyAt(index, called.includes(index) ? contactsOfCallers : undefined);
      const found = pastOf(read, wanted.id, 1_000);
      if (
        JSON.stringify(customerById(read, wanted.id)) !== JSON.stringify(wanted) ||
        found.length !== lines.length ||
        !found.every((past) => lines.some(({ row }) => row !== null && 'past' in row && same(row.past, past)))
      )
        throw new Error(`the prepared rows of ${wanted.id} are not those of the sample`);
    }
  seat.close();
  plain.close();
};
const same = (one: object, other: object): boolean => JSON.stringify(one) === JSON.stringify(other);

const perPeerSlice = 2_500;

/** Fills another program's store, which takes the same rows again without harm. @returns undefined when there was not the time */
export const preparedPeer = async <
  P extends { readonly put: (rows: Iterable<RowChange>) => Promise<void>; readonly close: () => Promise<unknown> },
>(
  name: string,
  { size, rows, called }: Sample,
  open: (dir: string) => Promise<P>,
  { root, hasTime, say }: Keeping,
): Promise<P | undefined> => {
  const hash = createHash('sha256').update(JSON.stringify([rows.customerAt(0), rows.historyAt(0)]));
  const folder = folderOf(root, `${name}-${size}`, hash.digest('hex').slice(0, 12));
  const state = join(folder, 'done.json');
  mkdirSync(folder, { recursive: true });
  const peer = await open(folder);
  let { customers } = readDone(state);
  const startMs = performance.now();
  const from = customers;
  while (customers < size && hasTime()) {
    const to = Math.min(size, customers + perPeerSlice);
    await peer.put(rowsOf(rows, { from: customers, to }, called));
    customers = to;
    writeFileSync(state, JSON.stringify({ customers, keys: 0 }));
  }
  if (customers > from)
    say(`${name}: ${customers} of ${size} customers, ${((performance.now() - startMs) / 1_000).toFixed(0)} s`);
  if (customers >= size) return peer;
  await peer.close();
  return undefined;
};
