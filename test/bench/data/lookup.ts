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
import { type Keeping, keptNowMs, preparedPeer, preparedStores, sampleOf } from './prepared.ts';
import { chance, keyAt } from './rows.ts';
import { openPlain, openSeatStore, type Watch } from './stores.ts';

export type LookupWish = {
  readonly size: number;
  readonly lookups: number;
  /** Peers are filled up to so many customers: they need minutes for what the store does in seconds. */
  readonly peersUpTo: number;
};

/**
 * Everything a pop shows, by the product's own functions: who has the number, the customer with cases and offers, the last 20 contacts,
 * notices, the tree of dispositions, the draft.
 */
export const popOf = (db: ReadDb, number: string, nowMs: number): number => {
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

type Tools = Keeping & { readonly watch: Watch; readonly peers: Peers };

/** No figures when the stores are not whole yet: the next run goes on preparing them. */
export const measureLookup = async ({ size, lookups, peersUpTo }: LookupWish, tools: Tools): Promise<Figure[]> => {
  const { watch, peers, say } = tools;
  const sample = sampleOf(size);
  const stores = preparedStores(sample, tools);
  const later = (what: string): Figure[] => {
    say(`${size}: ${what} not whole yet, run the same again: it goes on from here`);
    return [];
  };
  if (stores === undefined) return later('the stores are');
  const isSmall = size <= peersUpTo;
  const dexie = isSmall ? await preparedPeer('dexie', sample, (dir) => openDexie(peers, dir), tools) : undefined;
  if (isSmall && dexie === undefined) return later('Dexie is');
  const pouch = isSmall ? await preparedPeer('pouchdb', sample, (dir) => openPouch(peers, dir), tools) : undefined;
  if (isSmall && pouch === undefined) {
    await dexie?.close();
    return later('PouchDB is');
  }
  const ours = openSeatStore(stores.seatDir, watch.log);
  const plain = openPlain(stores.plainDir);
  const taken = { ours: [] as number[], plain: [] as number[], dexie: [] as number[], pouchdb: [] as number[] };
  const next = chance(size);
  const { called } = sample;
  const someKey = (): string => keyAt(called[Math.floor(next() * called.length)] ?? 0);
  const timed = (read: ReadDb, key: string): number => {
    const startMs = performance.now();
    const lines = popOf(read, key, keptNowMs);
    const tookUs = (performance.now() - startMs) * 1_000;
    if (lines === 0) throw new Error('a lookup found nothing');
    return tookUs;
  };
  // Statements prepared, functions compiled; the pages of the callers are read as they come.
  for (let n = 0; n < 300; n += 1) for (const { read } of [ours, plain]) timed(read, someKey());
  for (let n = 0; n < lookups; n += 1) {
    // Whoever is first in a pair pays for what the other one pushed out of the processor's caches.
    const order = n % 2 === 0 ? (['ours', 'plain'] as const) : (['plain', 'ours'] as const);
    const key = someKey();
    for (const one of order) taken[one].push(timed(one === 'ours' ? ours.read : plain.read, key));
    if (n % 10 === 0 && dexie !== undefined) taken.dexie.push(await dexie.lookupUs(someKey()));
    if (n % 10 === 0 && pouch !== undefined) taken.pouchdb.push(await pouch.lookupUs(someKey()));
  }
  ours.close();
  plain.close();
  await dexie?.close();
  await pouch?.close();
  const baselines = (['plain', 'dexie', 'pouchdb'] as const)
    .map((name) => ({ name, samples: taken[name] }))
    .filter(({ samples }) => samples.length > 0);
  return figuresOf({ metric: 'lookup_us', unit: 'µs', samples: taken.ours }, ['p50', 'p95', 'p99'], baselines, {
    size,
  });
};
