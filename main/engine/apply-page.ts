import type { Change, ChangesResponse } from '../../shared/central-api.ts';
import type { Op } from '../../shared/op.ts';
import type { Policy } from '../../shared/policy.ts';
import { withFloors } from '../../shared/policy.ts';
import type { Log } from './log.ts';
import { dropOwnLine, settledOwnLines } from './store/contacts.ts';
import { afterOp } from './profile.ts';
import type { CacheDb, Db, ReadDb } from './store/db.ts';
import type { Places } from './store/history-places.ts';
import {
  beginLoadingPlaces,
  endLoadingPlaces,
  findPlaces,
  hasLoadingPlaces,
  keepPlaces,
} from './store/history-places.ts';
import { readFeed, readMeta, writeFeed } from './store/meta.ts';
import { waitingCustomerOps } from './store/outbox.ts';
import { applyChange, clearWorkingSet, countCustomers, holdsCustomer } from './store/working-set.ts';

/** A transaction of a load is to take so long, ms: the engine's thread is never held up longer than a frame (16 ms). */
const sliceMs = 7;
/** Up to so many rows are one transaction, which every page but those of a load is. */
const oneSlice = 500;
const fewest = 100;
const most = 1_000;

type Applying = {
  readonly db: Db;
  readonly log: Log;
  /** False: the agent signed out, or in again, since the page was asked for. */
  readonly isCurrent: () => boolean;
};

/**
 * Applies a page of central's feed. Its cursor, and the mark of a finished load, come with its last rows, in one transaction: a seat
 * that dies before is given the page again, and rows are whole, so nothing is there twice. What this seat did and central does not
 * know yet is not among these rows: it covers them when they are read (`pastOf`), before and after any crash.
 * @returns undefined when the page was left because nobody waits for it any longer
 */
export const applyPage = async (
  { db, log, isCurrent }: Applying,
  page: ChangesResponse,
  cursor: string,
): Promise<{ readonly policy: Policy | undefined } | undefined> => {
  giveWay(db, page);
  const pace = createPace(isCurrent);
  const places: Places =
    cursor !== '' && readFeed(db.read, 'loaded') === true ? 'history_place' : await loadingPlaces(db, cursor, pace);
  const rows = page.changes.length > oneSlice ? besideEachOther(page.changes) : page.changes;
  const room = { left: 0, turnedAway: 0, own: ownWords(db.read), places };
  let policy: Policy | undefined;
  let from = 0;
  let size = Math.min(rows.length, rows.length > oneSlice ? fewest : oneSlice);
  const isLoaded = !page.more && places === 'loading_place';
  for (;;) {
    const slice = rows.slice(from, from + size);
    const isFirst = from === 0;
    from += slice.length;
    const startMs = threadMs();
    db.fill('apply page', (write) => {
      if (isFirst && cursor === '') begin(write);
      if (isFirst) room.left = cap(db) - countCustomers(write);
      for (const change of slice)
        if (change.entity === 'policy') policy = withFloors(change.row);
        else take(write, change, room);
      if (from >= rows.length && !isLoaded) writeFeed(write, 'cursor', page.cursor);
    });
    if (from >= rows.length) break;
    size = nextSize(size, threadMs() - startMs);
    if (!(await pace())) return undefined;
  }
  if (isLoaded && !(await endLoad(db, page.cursor, pace))) return undefined;
  if (room.turnedAway > 0) log.warn('more customers than this seat may hold', { left: room.turnedAway, cap: cap(db) });
  return { policy };
};

/** Lets calls and windows have the thread. False: nobody waits for this page any longer. */
type Pace = () => Promise<boolean>;
const createPace =
  (isCurrent: () => boolean): Pace =>
  async () => {
    await new Promise((next) => setImmediate(next));
    return isCurrent();
  };

const begin = (write: CacheDb): void => {
  clearWorkingSet(write);
  writeFeed(write, 'loaded', false);
  beginLoadingPlaces(write);
};

/** A load goes on that another process began: what it had is found again. */
const loadingPlaces = async (db: Db, cursor: string, pace: Pace): Promise<Places> => {
  if (cursor === '' || hasLoadingPlaces(db.read)) return 'loading_place';
  db.fill('loading places', beginLoadingPlaces);
  try {
    for (let after: string | null = ''; after !== null; await pace()) {
      const from: string = after;
      after = db.fill('find places', (write) => findPlaces(write, from));
    }
  } catch (fault) {
    // Some of them are worse than none: they would be taken for all.
    db.fill('end loading places', endLoadingPlaces);
    throw fault;
  }
  return 'loading_place';
};

/** The last page's cursor comes with the mark of a finished load: should the seat die in between, the page is asked for again. */
const endLoad = async (db: Db, cursor: string, pace: Pace): Promise<boolean> => {
  let size = fewest;
  for (let after: string | null = ''; after !== null;) {
    const from: string = after;
    const startMs = threadMs();
    after = db.fill('keep places', (write) => keepPlaces(write, from, size));
    size = nextSize(size, threadMs() - startMs, mostPlaces);
    if (!(await pace())) return false;
  }
  db.fill('loaded', (write) => {
    writeFeed(write, 'cursor', cursor);
    writeFeed(write, 'loaded', true);
    endLoadingPlaces(write);
  });
  return true;
};
/** They are written in their order: many to a page. */
const mostPlaces = 10_000;

const cap = (db: Db): number => readMeta(db.read, 'session')?.policy.cacheCap ?? 0;

const take = (
  write: CacheDb,
  change: Exclude<Change, { entity: 'policy' }>,
  room: { left: number; turnedAway: number; readonly own: OwnWords; readonly places: Places },
): void => {
  if (change.entity === 'customer' && change.row === null && holdsCustomer(write, change.id)) room.left += 1;
  if (change.entity === 'customer' && change.row !== null && !holdsCustomer(write, change.id)) {
    if (room.left <= 0) {
      room.turnedAway += 1;
      return;
    }
    room.left -= 1;
  }
  applyChange(write, withOwnWord(change, room.own), room.places);
};

/** What this seat said of customers and central has not taken yet (R7, R22): central's row does not hide it meanwhile. */
type OwnWords = ReadonlyMap<string, readonly Op[]>;
const ownWords = (db: ReadDb): OwnWords =>
  Map.groupBy(waitingCustomerOps(db), ({ body }) => ('customerId' in body ? (body.customerId ?? '') : ''));

const withOwnWord = <C extends Change>(change: C, own: OwnWords): C => {
  if (own.size === 0 || change.entity !== 'customer' || change.row === null) return change;
  return { ...change, row: (own.get(change.id) ?? []).reduce((row, { body }) => afterOp(row, body), change.row) };
};

/**
 * What this thread worked: the clock of the wall would make slices small where other programs, or the disk, take the time, and a smaller
 * slice does not make these any quicker.
 */
const threadMs = (): number => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
};

/** As many rows as the last slice's pace allows, at most twice as many as then: one quick slice proves little. */
const nextSize = (size: number, tookMs: number, atMost = most): number =>
  Math.round(Math.min(atMost, size * 2, Math.max(fewest, (size * sliceMs) / Math.max(tookMs, 0.1))));

/**
 * Who leaves first, then what belongs to one customer beside each other: such rows lie on the same pages of the store, and a page is
 * written and encrypted once for all of them. No row is in a page twice, so their order says nothing.
 */
const besideEachOther = (changes: readonly Change[]): Change[] =>
  changes
    .map((change) => ({ change, of: placeOf(change) }))
    .sort((one, other) => (one.of < other.of ? -1 : one.of > other.of ? 1 : 0))
    .map(({ change }) => change);

const placeOf = (change: Change): string => {
  if (change.row === null) return '';
  if (change.entity === 'customer') return `2${change.id} `;
  return change.entity === 'history' ? `2${change.row.customerId} ${change.row.past.startedAtMs}` : '1';
};

/**
 * Own lines of the timeline that this page has the last word on. They go before the page comes: if the seat dies between the two
 * the page is asked for again, for its cursor was not kept; the other way round an outdated line would stay.
 */
const giveWay = (db: Db, { changes }: ChangesResponse): void => {
  const own = settledOwnLines(db.read);
  if (own.length === 0) return;
  const told = new Set<string>(changes.flatMap(({ entity, id }) => (entity === 'history' ? [id] : [])));
  const gone = new Set<string>(
    changes.flatMap(({ entity, id, row }) => (entity === 'customer' && row === null ? [id] : [])),
  );
  const over = own.filter(({ contactId, customerId }) => told.has(contactId) || gone.has(customerId));
  if (over.length === 0) return;
  db.write('own lines told by central', (write) => {
    for (const { contactId } of over) dropOwnLine(write, contactId);
  });
};
