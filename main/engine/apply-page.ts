import type { Customer } from '../../shared/customer.ts';
import type { Op } from '../../shared/op.ts';
import type { Policy } from '../../shared/policy.ts';
import { withFloors } from '../../shared/policy.ts';
import type { Log } from './log.ts';
import { dropOwnLine, settledOwnLines } from './store/contacts.ts';
import { afterOp } from './profile.ts';
import type { CacheDb, Db, ReadDb } from './store/db.ts';
import type { Page } from './page.ts';
import { createSlices } from './slices.ts';
import type { Copied } from './store/loading.ts';
import { beginInMemory, copyNext, endInMemory, findAgain, isInMemory } from './store/loading.ts';
import { readFeed, readMeta, writeFeed } from './store/meta.ts';
import { waitingCustomerOps } from './store/outbox.ts';
import type { Row } from './store/rows.ts';
import { customerRow } from './store/rows.ts';
import { flushed, leaveToSystem } from './store/unflushed.ts';
import {
  applyRow,
  applyRows,
  clearSome,
  clearWorkingSet,
  countCustomers,
  customersAtMost,
  holdsCustomer,
} from './store/working-set.ts';

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
 * @returns undefined when the page was left because nobody waits for it any longer; `lost`: the cache was found damaged meanwhile and begun
 *   anew, so that the feed has to be asked for from where that one is
 */
export const applyPage = async (
  { db, log, isCurrent }: Applying,
  page: Page,
  cursor: string,
): Promise<{ readonly policy: Policy | undefined } | 'lost' | undefined> => {
  giveWay(db, page);
  const pace = createPace(isCurrent);
  const isLoad = cursor === '' || readFeed(db.read, 'loaded') !== true;
  if (isLoad) leaveToSystem(db);
  await takeUpLoad(db, pace);
  if (cursor === '' && !(await clear(db, pace))) return undefined;
  const { rows } = page;
  const room: Room = { left: 0, isCounted: false, turnedAway: 0, own: ownWords(db.read) };
  let from = 0;
  const slices = createSlices();
  const isLoaded = isLoad && !page.more;
  for (;;) {
    const begun = from;
    const done = slices.timed((isOver) =>
      db.fill('apply page', (write) => {
        const isFirst = begun === 0;
        if (!isAt(write, cursor, isFirst)) return undefined;
        if (isFirst && cursor === '') begin(write);
        if (isFirst) room.left = cap(db) - customersAtMost(write);
        // Its own count: a cache found damaged in here is mended, and this begun again.
        let upTo = begun;
        do {
          const some = rows.slice(upTo, upTo + atOnce);
          upTo += some.length;
          takeAll(write, some, room, () => cap(db) - countCustomers(write));
        } while (upTo < rows.length && !isOver());
        if (upTo >= rows.length && !isLoaded) writeFeed(write, 'cursor', page.cursor);
        return upTo;
      }),
    );
    if (done === undefined) return 'lost';
    from = done;
    if (from >= rows.length) break;
    if (!(await pace())) return undefined;
  }
  if (isLoaded) {
    const ended = await endLoad(db, page.cursor, pace);
    if (ended !== 'done') return ended === 'left' ? undefined : ended;
    await flushed(db);
  }
  if (room.turnedAway > 0) log.warn('more customers than this seat may hold', { left: room.turnedAway, cap: cap(db) });
  return { policy: policyIn(rows) };
};

/** Is this the cache the page was asked for? */
const isAt = (db: ReadDb, cursor: string, isFirst: boolean): boolean =>
  (readFeed(db, 'cursor') ?? '') === cursor && (cursor !== '' || isFirst || readFeed(db, 'loaded') === false);

/** Lets calls and windows have the thread. False: nobody waits for this page any longer. */
type Pace = () => Promise<boolean>;
const createPace =
  (isCurrent: () => boolean): Pace =>
  async () => {
    await new Promise((next) => setImmediate(next));
    return isCurrent();
  };

/** What the seat held before a load goes in slices. One that dies in between asks for the load from its beginning, as it would have. */
const clear = async (db: Db, pace: Pace): Promise<boolean> => {
  const slices = createSlices();
  db.fill('forget the load', (write) => {
    endInMemory(write);
    writeFeed(write, 'loaded', false);
  });
  for (let isMore = true; isMore;) {
    isMore = slices.timed((isOver) =>
      db.fill('clear some', (write) => {
        let isLeft = true;
        do isLeft = clearSome(write, atOnce);
        while (isLeft && !isOver());
        return isLeft;
      }),
    );
    if (isMore && !(await pace())) return false;
  }
  return true;
};

const begin = (write: CacheDb): void => {
  clearWorkingSet(write);
  writeFeed(write, 'loaded', false);
  beginInMemory(write);
};

/**
 * A load that another process began: what its customers are found by was in that one's memory, and is found again in their rows. At the
 * start of a seat, too: who is here can be found before central is reached.
 */
export const takeUpLoad = async (db: Db, pace: Pace = createPace(() => true)): Promise<void> => {
  const isBrokenOff = readFeed(db.read, 'loaded') !== true && (readFeed(db.read, 'cursor') ?? '') !== '';
  if (!isBrokenOff || isInMemory(db.read)) return;
  db.fill('keys into memory', beginInMemory);
  try {
    for (let after: string | null = ''; after !== null; await pace()) {
      const from: string = after;
      after = db.fill('find keys again', (write) => findAgain(write, from));
    }
  } catch (fault) {
    // Some of them are worse than none: they would be taken for all.
    db.fill('keys from memory', endInMemory);
    throw fault;
  }
};

/** The last page's cursor comes with the mark of a finished load: should the seat die in between, the page is asked for again. */
const endLoad = async (db: Db, cursor: string, pace: Pace): Promise<'done' | 'left' | 'lost'> => {
  const slices = createSlices();
  let copied: Copied | null = null;
  do {
    const next = slices.timed((isOver) =>
      db.fill('keep keys', (write) => {
        if (!isInMemory(write)) return 'lost';
        let at: Copied | null = copied;
        do at = copyNext(write, at, keysAtOnce);
        while (at !== null && !isOver());
        return at;
      }),
    );
    if (next === 'lost') return next;
    copied = next;
    if (!(await pace())) return 'left';
  } while (copied !== null);
  return db.fill('loaded', (write) => {
    if (!isInMemory(write)) return 'lost';
    writeFeed(write, 'cursor', cursor);
    writeFeed(write, 'loaded', true);
    endInMemory(write);
    return 'done';
  });
};
/** They are written in their order: many to a page. */
const keysAtOnce = 400;
/** Rows between two looks at the clock: some 2 ms, three whole statements (many-rows.ts). */
const atOnce = 48;

const cap = (db: Db): number => readMeta(db.read, 'session')?.policy.cacheCap ?? 0;

/** `left`: customers there is room for; until it is counted, for so many at least. */
type Room = { left: number; isCounted: boolean; turnedAway: number; readonly own: OwnWords };
type Taken = Exclude<Row, { entity: 'policy' }>;

const policyIn = (rows: readonly Row[]): Policy | undefined => {
  const found = rows.findLast((row) => row.entity === 'policy');
  return found === undefined ? undefined : withFloors(found.row);
};

const takeAll = (write: CacheDb, rows: readonly Row[], room: Room, count: () => number): void => {
  const taken = rows.filter((row) => row.entity !== 'policy');
  // To count is to go through all of them, and a large seat's page would wait for it: only near the cap it matters.
  if (room.left < taken.length && !room.isCounted) Object.assign(room, { left: count(), isCounted: true });
  // While there is room for all of them nobody need be counted one by one.
  if (room.left < taken.length || taken.some(({ entity, row }) => entity === 'customer' && row === null))
    for (const row of taken) take(write, row, room);
  else room.left -= applyRows(write, room.own.size === 0 ? taken : taken.map((row) => withOwnWord(row, room.own)));
};

const take = (write: CacheDb, row: Taken, room: Room): void => {
  if (row.entity !== 'customer') return void applyRow(write, row);
  if (row.row === null && holdsCustomer(write, row.id)) room.left += 1;
  if (row.row !== null && room.left <= 0 && !holdsCustomer(write, row.id)) {
    room.turnedAway += 1;
    return;
  }
  if (applyRow(write, withOwnWord(row, room.own)) === 'added') room.left -= 1;
};

/** What this seat said of customers and central has not taken yet (R7, R22): central's row does not hide it meanwhile. */
type OwnWords = ReadonlyMap<string, readonly Op[]>;
const ownWords = (db: ReadDb): OwnWords =>
  Map.groupBy(waitingCustomerOps(db), ({ body }) => ('customerId' in body ? (body.customerId ?? '') : ''));

const withOwnWord = <R extends Row>(row: R, own: OwnWords): R => {
  const said = row.entity === 'customer' && row.row !== null ? own.get(row.id) : undefined;
  if (said === undefined || row.entity !== 'customer' || row.row === null) return row;
  const told = JSON.parse(row.row.doc) as Customer;
  return { ...row, row: customerRow(said.reduce((customer, { body }) => afterOp(customer, body), told)) };
};

/**
 * Own lines of the timeline that this page has the last word on. They go before the page comes: if the seat dies between the two
 * the page is asked for again, for its cursor was not kept; the other way round an outdated line would stay.
 */
const giveWay = (db: Db, { rows }: Page): void => {
  const own = settledOwnLines(db.read);
  if (own.length === 0) return;
  const told = new Set<string>(rows.flatMap(({ entity, id }) => (entity === 'history' ? [id] : [])));
  const gone = new Set<string>(
    rows.flatMap(({ entity, id, row }) => (entity === 'customer' && row === null ? [id] : [])),
  );
  const over = own.filter(({ contactId, customerId }) => told.has(contactId) || gone.has(customerId));
  if (over.length === 0) return;
  db.write('own lines told by central', (write) => {
    for (const { contactId } of over) dropOwnLine(write, contactId);
  });
};
