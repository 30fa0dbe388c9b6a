import type { Change, LiveMessage, PushResponse } from '../../shared/central-api.ts';
import type { Op } from '../../shared/op.ts';
import type { Policy } from '../../shared/policy.ts';
import type { Refusal, Result } from '../../shared/result.ts';
import { ok, refusal, refused } from '../../shared/result.ts';
import type { SyncEvent, SyncState } from '../../shared/sync.ts';
import { nextSync } from '../../shared/sync.ts';
import { applyPage, takeUpLoad } from './apply-page.ts';
import type { BatchSize } from './batch-size.ts';
import { createBatchSize } from './batch-size.ts';
import type { CentralClient } from './central-client.ts';
import type { LiveLine } from './live-line.ts';
import { createLiveLine } from './live-line.ts';
import type { Clock } from './clock.ts';
import type { Log } from './log.ts';
import { faultFields } from './log.ts';
import { forgetContacts } from './store/contacts.ts';
import type { Db } from './store/db.ts';
import { readFeed, readMeta, writeFeed } from './store/meta.ts';
import { confirmOp, countWaiting, refuseOp, waitingOps } from './store/outbox.ts';

export interface Sync {
  readonly state: SyncState;
  /** Begins, or begins again with a fresh token. */
  start(token: string): void;
  /** Forgets the token. What waits stays in the outbox for the next sign-in. */
  stop(): void;
  /** Ops were written. */
  added(): void;
  /** Ops were taken by central on another way. */
  recount(): void;
  /** One round now; resolves when it is over or `limitMs` have passed. */
  settle(limitMs: number): Promise<void>;
  /** Ends timers and the live connection; resolves when no answer can touch the store any more. */
  close(): Promise<void>;
}

export type SyncNeeds = {
  readonly db: Db;
  readonly client: CentralClient;
  readonly clock: Clock;
  /** 0–1, spreads retries. */
  readonly chance: () => number;
  readonly log: Log;
  /** Smaller pages keep the engine free for the call (milliseconds per transaction). */
  readonly isBusy: () => boolean;
  readonly changed: (what: 'state' | 'asOfMs' | 'refusedOps') => void;
  readonly pulled: (entities: ReadonlySet<Change['entity']>, policy: Policy | undefined) => void;
  /** A lead is in this agent's call, or no longer; null: the line is new, and what was told before may be over. */
  readonly ousted: () => void;
  /** Central no longer takes the token: it ran out, or the seat is under an order. */
  readonly shutOut: () => void;
  /** Finished contacts are kept so long. */
  readonly keepContactsMs: () => number;
  /** Customers outside the working set in memory now. */
  readonly met: () => number;
  /** A round came to its end: nothing waits, everything was read. */
  readonly caughtUp: () => void;
  /** A lead may want this agent in another state: told now, or while the line was away. */
  readonly forced: () => void;
  readonly supervised: (message: Extract<LiveMessage, { t: 'supervised' }> | null) => void;
  readonly dialled: (message: Extract<LiveMessage, { t: 'dialled' }>) => void;
  readonly calledIn: (message: Extract<LiveMessage, { t: 'calledIn' }>) => void;
};

export const mostOps = 200;
/** Rows of one answer in a load; they are applied in slices (apply-page.ts). */
const loadSize = 5_000;
/** Of its first one: something to store while the thread that reads the large ones starts. */
const firstSize = 1_000;
const leastRows = 50;
const pollMs = 15_000;
/** With the live connection open polling only covers a peer that fell silent. */
const slowPollMs = 120_000;

/**
 * One round at a time: push what waits, in order; then pull to the end of the feed. Nothing is held across the network:
 * every answer is applied in a transaction of its own, and an answer that comes after `stop` is thrown away.
 */
export const createSync = (needs: SyncNeeds): Sync => {
  const { clock, log } = needs;
  const told = createTold(needs);
  const sizes = { ops: createBatchSize(mostOps), rows: createBatchSize(loadSize, leastRows) };
  let token: string | null = null;
  let running: Promise<void> | null = null;
  let again = false;
  let cancelTimer = (): void => {};
  const live = createLiveLine(needs, () => kick());

  const kick = (): void => {
    if (token === null || told.state().kind === 'stopped') return;
    cancelTimer();
    if (running === null) running = rounds();
    else again = true;
  };
  const wait = (ms: number): void => {
    cancelTimer();
    cancelTimer = clock.after(ms, kick);
  };

  const rounds = async (): Promise<void> => {
    // Not at once: `running` must be set before the first round can end, and what the windows are told of a change goes first.
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    try {
      // Before central is asked, which may not be there: who came in a load that was broken off can be found meanwhile.
      await takeUpLoad(needs.db);
      do {
        again = false;
        const mine = token;
        if (mine === null) return;
        const result = await round({ ...needs, ...told, sizes, token: mine, isCurrent: () => token === mine });
        if (token !== mine) again = true;
        else if (!result.ok) return fail(result.error);
        else caughtUp(needs, told, live);
      } while (again);
      needs.caughtUp();
      wait(live.isOpen() ? slowPollMs : pollMs);
    } catch (fault) {
      log.error('sync round broke off', faultFields(fault));
      fail(refusal('internal'));
    } finally {
      running = null;
    }
  };

  const fail = (why: Refusal): void => failed(needs, { told, live, wait }, why);

  return {
    get state() {
      return told.state();
    },
    start: (fresh) => {
      token = fresh;
      told.recount();
      told.on({ kind: 'signedIn' });
      live.start(fresh);
      kick();
    },
    stop: () => {
      token = null;
      cancelTimer();
      live.stop();
      told.on({ kind: 'signedOut' });
    },
    added: () => {
      told.recount();
      // Off line the back-off decides when to try again, not the agent's typing.
      if (told.state().kind !== 'offline') kick();
    },
    recount: () => void told.recount(),
    settle: async (limitMs) => {
      if (told.state().kind !== 'offline') kick();
      await orAfter(clock, limitMs, running);
    },
    close: async () => {
      token = null;
      cancelTimer();
      live.stop();
      await running;
    },
  };
};

/** An age is told in minutes: a seat in a busy hour does not write down every few hundred milliseconds that it knows everything. */
const asOfStepMs = 10_000;

const caughtUp = ({ db, clock, changed }: SyncNeeds, told: Told, live: Pick<LiveLine, 'answered'>): void => {
  const atMs = clock.nowMs();
  const before = readFeed(db.read, 'asOfMs');
  // Before the state: who sees that the seat is up to date finds the time of it. A clock put back counts as well.
  if (before === undefined || Math.abs(atMs - before) >= asOfStepMs) {
    db.fill('as of', (write) => writeFeed(write, 'asOfMs', atMs));
    changed('asOfMs');
  }
  const wasAway = told.state().kind === 'offline';
  told.on({ kind: 'caughtUp', atMs });
  // Not whenever a round went well: a line that alone cannot be opened would be tried without end.
  if (wasAway) live.answered();
};

const orAfter = async (clock: Clock, limitMs: number, work: Promise<void> | null): Promise<void> => {
  const limit = Promise.withResolvers<void>();
  const cancel = clock.after(limitMs, limit.resolve);
  await Promise.race([work, limit.promise]);
  cancel();
};

/** The state tells of it; without a valid token retrying alone will not help: the next sign-in starts again. */
const failed = (
  { clock, chance, log, shutOut }: SyncNeeds,
  { told, live, wait }: { readonly told: Told; readonly live: { stop(): void }; readonly wait: (ms: number) => void },
  why: Refusal,
): void => {
  const nowMs = clock.nowMs();
  const state = told.on({ kind: 'failed', why: why.kind, atMs: nowMs, random: chance(), ...askedToWait(why) });
  log.warn('sync round failed', { kind: why.kind, waiting: state.waiting });
  if (why.kind === 'unauthorised') {
    live.stop();
    shutOut();
  } else if (state.kind === 'offline') wait(state.retryAtMs - nowMs);
};

const askedToWait = ({ params }: Refusal): { readonly waitMs?: number } => {
  const waitMs = params?.['retryAfterMs'];
  return typeof waitMs === 'number' ? { waitMs } : {};
};

/** The state shown to the agent, moved by `nextSync` alone. */
type Told = {
  readonly state: () => SyncState;
  readonly on: (event: SyncEvent) => SyncState;
  /** The number of waiting ops may have changed. */
  readonly recount: () => SyncState;
};

const createTold = ({ db, log, changed }: SyncNeeds): Told => {
  let state: SyncState = { kind: 'signedOut', waiting: countWaiting(db.read) };
  const on = (event: SyncEvent): SyncState => {
    const next = nextSync(state, event);
    if (next === state) return state;
    if (next.kind !== state.kind) log.info('sync', { state: next.kind, waiting: next.waiting });
    state = next;
    changed('state');
    return state;
  };
  return {
    state: () => state,
    on,
    recount: () => on({ kind: 'waitingChanged', waiting: countWaiting(db.read) }),
  };
};

/** One round with one token. `isCurrent` turns false when the agent signed out or in again meanwhile. */
type Round = SyncNeeds &
  Told & {
    readonly token: string;
    readonly isCurrent: () => boolean;
    readonly sizes: { readonly ops: BatchSize; readonly rows: BatchSize };
  };

const round = async (now: Round): Promise<Result<void>> => {
  const pushed = await pushAll(now);
  return pushed.ok ? pullAll(now) : pushed;
};

const pushAll = async (now: Round): Promise<Result<void>> => {
  const { db, client, changed, log, token, isCurrent, on, state, recount, sizes } = now;
  const seatId = readMeta(db.read, 'seatId');
  let oneByOne = false;
  for (;;) {
    const ops = waitingOps(db.read, oneByOne ? 1 : sizes.ops.most);
    if (ops.length === 0 || seatId === undefined || !isCurrent()) return ok(undefined);
    // While off line the state tells of the retries until one succeeds.
    if (state().kind === 'idle') on({ kind: 'pushStarted' });
    const answer = await client.call('push', { seatId, ops }, token);
    if (!isCurrent()) return ok(undefined);
    const notTaken = answer.ok ? undefined : answer.error;
    if (notTaken === undefined) sizes.ops.answered(ops.length);
    if (notTaken?.kind === 'offline') sizes.ops.unanswered(ops.length);
    if (notTaken !== undefined && notTaken.kind !== 'invalid') return refused(notTaken);
    // A request central cannot take as a whole (too large, one op it cannot read) is sent op by op: one must not block the rest.
    if (notTaken !== undefined && ops.length > 1) {
      oneByOne = true;
      continue;
    }
    const results: readonly OpResult[] = answer.ok
      ? answer.value.results
      : ops.map((op) => notTakenResult(op, answer.error));
    const settled = settle(db, ops, results, log);
    // An answer that says nothing about what was asked would be asked again for ever.
    if (settled.known === 0) return refused(refusal('garbled'));
    recount();
    if (settled.refused > 0) changed('refusedOps');
  }
};

/** Central's word on ops it was sent; what it says of others is not listened to. */
export const settle = (
  db: Db,
  ops: readonly Op[],
  results: readonly OpResult[],
  log: Log,
): { readonly known: number; readonly refused: number } => {
  const sent = new Set<string>(ops.map((op) => op.id));
  const known = results.filter((result) => sent.has(result.opId));
  if (known.length === 0) return { known: 0, refused: 0 };
  db.write('push answered', (write) => {
    for (const result of known)
      if (result.outcome === 'refused') refuseOp(write, result.opId, result.kind ?? 'internal', result.reason ?? null);
      else confirmOp(write, result.opId);
  });
  const refusals = known.filter((result) => result.outcome === 'refused');
  for (const result of refusals) log.warn('op refused', { opId: result.opId, kind: result.kind ?? 'internal' });
  return { known: known.length, refused: refusals.length };
};

type OpResult = PushResponse['results'][number];

const notTakenResult = (op: Op, why: Refusal): OpResult => ({
  opId: op.id,
  outcome: 'refused',
  kind: why.kind,
  ...(why.reason === undefined ? {} : { reason: why.reason }),
});

const pullAll = async (now: Round): Promise<Result<void>> => {
  const { db, clock, log, isBusy, isCurrent, on, sizes } = now;
  let rows = 0;
  let ahead: Asked | undefined;
  for (;;) {
    const cursor = readFeed(db.read, 'cursor') ?? '';
    const loading = readFeed(db.read, 'loaded') !== true;
    const most = (from: string): number =>
      Math.min(isBusy() ? 200 : !loading ? 500 : from === '' ? firstSize : loadSize, sizes.rows.most);
    const asked = ahead?.cursor === cursor ? ahead : ask(now, cursor, most(cursor));
    ahead = undefined;
    const answer = await asked.answer;
    if (!isCurrent()) return ok(undefined);
    if (answer.ok) sizes.rows.answered(asked.limit);
    else if (answer.error.kind === 'offline') sizes.rows.unanswered(asked.limit);
    if (!answer.ok) {
      if (cursor === '' || !cursorUnknown(answer.error)) return answer;
      // Central was set up anew or no longer knows where we were: from the beginning.
      log.warn('central does not know the cursor: loading again');
      db.fill('forget cursor', (write) => {
        writeFeed(write, 'cursor', '');
        writeFeed(write, 'loaded', false);
      });
      continue;
    }
    const page = answer.value;
    if (page.more && page.rows.length === 0 && page.cursor === cursor) return refused(refusal('garbled'));
    // A load's next page is on its way, and read, while this one is stored.
    if (loading && page.more && most(page.cursor) > leastAhead && !isBusy())
      ahead = ask(now, page.cursor, most(page.cursor));
    const applied = await applyPage({ db, log, isCurrent }, page, cursor);
    if (applied === undefined) return ok(undefined);
    if (applied === 'lost') continue;
    rows += page.rows.length;
    if (loading) on({ kind: 'loaded', rows, total: Math.max(rows, rows - page.rows.length + page.total) });
    now.pulled(new Set(page.rows.map((row) => row.entity)), applied.policy);
    if (!page.more) {
      if (loading) log.info('working set loaded', { rows });
      db.write('forget contacts', (write) => forgetContacts(write, clock.nowMs() - now.keepContactsMs()));
      return ok(undefined);
    }
    // Between two pages a ringing call comes first.
    await new Promise((next) => setImmediate(next));
  }
};

/** Where central has trouble to answer in time one page after the other is enough. */
const leastAhead = 1_000;

type Asked = {
  readonly cursor: string;
  readonly limit: number;
  readonly answer: ReturnType<typeof askChanges>;
};
const ask = (now: Round, cursor: string, limit: number): Asked => ({
  ...{ cursor, limit },
  answer: askChanges(now, cursor, limit),
});
const askChanges = ({ db, client, met, token }: Round, cursor: string, limit: number) =>
  client.call('changes', { cursor, limit, waiting: countWaiting(db.read), met: met() }, token);

const cursorUnknown = (why: Refusal): boolean =>
  why.reason !== undefined && /cursor/i.test(why.reason) && ['conflict', 'notFound', 'invalid'].includes(why.kind);
