import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { callerOf, viewOf } from '../../../main/engine/pop.ts';
import type { Seat, Work } from '../../../main/engine/seat.ts';
import { notVerifying } from '../../../main/engine/seat.ts';
import type { ReadDb } from '../../../main/engine/store/db.ts';
import { CallId, ContactId } from '../../../shared/ids.ts';
import { unverified } from '../../../shared/verification.ts';
import { openDexie } from './dexie.ts';
import type { Figure } from './figures.ts';
import { figuresOf } from './figures.ts';
import type { Peers } from './peers.ts';
import { openPouch } from './pouch.ts';
import { callersOf, chance, keyAt, rowsOf, sampleRows } from './rows.ts';
import { copyPlain, fillWith, openPlain, openSeatStore, type Watch } from './stores.ts';

export type LookupWish = {
  readonly size: number;
  readonly lookups: number;
  /** Peers are filled up to so many customers: they need minutes for what the store does in seconds. */
  readonly peersUpTo: number;
};

const callers = 2_000;

/**
 * Everything a pop shows, by the product's own functions: who has the number, the customer with cases and offers, the last 20 contacts,
 * notices, the tree of dispositions, the draft.
 */
const popOf = (db: ReadDb, number: string, nowMs: number): number => {
  const caller = callerOf(db, number);
  const { candidates } = caller;
  const customerId = candidates.kind === 'one' ? candidates.id : null;
  const work = {
    contact: { ...contact, number: caller.number, customerId },
    candidates,
    source: 'seat',
    met: caller.met,
    verification: unverified,
    triedBefore: new Map(),
    revealed: {},
    verifying: notVerifying,
    readyAtMs: nowMs,
  } satisfies Work;
  const seat = { work, session: { agent: { id: 'A1', number: '8001', name: '林小禾', role: 'agent', queues: [] } } };
  return viewOf(db, seat as unknown as Seat, nowMs)?.history.length ?? 0;
};

const contact: Work['contact'] = {
  id: ContactId.parse('018f0000-0000-7000-8000-00000000000a'),
  callId: CallId.parse('018f0000-0000-7000-8000-00000000000b'),
  agentId: 'A1' as Work['contact']['agentId'],
  direction: 'inbound',
  number: '',
  queue: 'service',
  customerId: null,
  openedAtMs: 1,
  answeredAtMs: null,
  endedAtMs: null,
  endCause: null,
  topicId: null,
  script: null,
  answers: [],
  verifications: [],
  disposition: null,
  forced: false,
  note: '',
  wrappedUpAtMs: null,
};

export const measureLookup = async (
  dir: string,
  wish: LookupWish,
  { watch, peers, say }: { readonly watch: Watch; readonly peers: Peers; readonly say: (what: string) => void },
): Promise<Figure[]> => {
  const { size } = wish;
  const [seatDir, plainDir] = [join(dir, `seat-${size}`), join(dir, `plain-${size}`)];
  for (const one of [seatDir, plainDir]) mkdirSync(one, { recursive: true });
  const nowMs = Date.now();
  const rows = sampleRows(nowMs);
  const called = callersOf(size, callers);
  const filling = openSeatStore(seatDir, { ...watch.log, warn: () => {} });
  const count = fillWith(filling, rowsOf(rows, size, called), (done) => say(`${size}: ${done} rows`));
  filling.close();
  copyPlain(seatDir, plainDir);
  say(`${size}: ${count} rows in the store and its plain copy`);
  const ours = openSeatStore(seatDir, watch.log);
  const plain = openPlain(plainDir);
  const dexie = size <= wish.peersUpTo ? await openDexie(peers, rowsOf(rows, size, called)) : undefined;
  if (dexie !== undefined) say(`${size}: Dexie filled`);
  const pouch =
    size <= wish.peersUpTo ? await openPouch(peers, join(dir, `pouch-${size}`), rowsOf(rows, size, called)) : undefined;
  if (pouch !== undefined) say(`${size}: PouchDB filled`);

  const taken = { ours: [] as number[], plain: [] as number[], dexie: [] as number[], pouchdb: [] as number[] };
  const next = chance(size);
  const someKey = (): string => keyAt(called[Math.floor(next() * called.length)] ?? 0);
  const timed = (read: ReadDb): number => {
    const key = someKey();
    const startMs = performance.now();
    const lines = popOf(read, key, nowMs);
    const tookUs = (performance.now() - startMs) * 1_000;
    if (lines === 0) throw new Error('a lookup found nothing');
    return tookUs;
  };
  // Statements prepared, functions compiled; the pages of the callers are read as they come.
  for (let n = 0; n < 200; n += 1) for (const { read } of [ours, plain]) timed(read);
  for (let n = 0; n < wish.lookups; n += 1) {
    // Whoever is first in a pair pays for what the other one pushed out of the processor's caches.
    const order = n % 2 === 0 ? (['ours', 'plain'] as const) : (['plain', 'ours'] as const);
    for (const one of order) taken[one].push(timed(one === 'ours' ? ours.read : plain.read));
    if (n % 10 === 0 && dexie !== undefined) taken.dexie.push(await dexie.lookupUs(someKey()));
    if (n % 10 === 0 && pouch !== undefined) taken.pouchdb.push(await pouch.lookupUs(someKey()));
  }
  ours.close();
  plain.close();
  await dexie?.close();
  await pouch?.close();
  for (const one of [seatDir, plainDir, join(dir, `pouch-${size}`)]) rmSync(one, { recursive: true, force: true });
  const baselines = (['plain', 'dexie', 'pouchdb'] as const)
    .map((name) => ({ name, samples: taken[name] }))
    .filter(({ samples }) => samples.length > 0);
  return figuresOf({ metric: 'lookup_us', unit: 'µs', samples: taken.ours }, ['p50', 'p95', 'p99'], baselines, {
    size,
  });
};
