import type { Customer } from '../../shared/customer.ts';
import type { Op } from '../../shared/op.ts';
import type { Policy } from '../../shared/policy.ts';
import { withFloors } from '../../shared/policy.ts';
import type { Log } from './log.ts';
import { dropOwnLine, settledOwnLines } from './store/contacts.ts';
import { afterOp } from './profile.ts';
import type { CacheDb, Db, ReadDb } from './store/db.ts';
import type { Page } from './page.ts';
import type { Copied } from './store/loading.ts';
import { beginInMemory, copyNext, endInMemory, findAgain, isInMemory } from './store/loading.ts';
import { readFeed, readMeta, writeFeed } from './store/meta.ts';
import { waitingCustomerOps } from './store/outbox.ts';
import type { Row } from './store/rows.ts';
import { customerRow } from './store/rows.ts';
import { applyRow, clearWorkingSet, countCustomers, holdsCustomer } from './store/working-set.ts';

/** A transaction of a load is to take so long, ms: the engine's thread is never held up longer than a frame (16 ms). */
const sliceMs = 7;
const fewest = 50;
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
  await takeUpLoad(db, pace);
  const { rows } = page;
  const room = { left: 0, turnedAway: 0, own: ownWords(db.read) };
  let policy: Policy | undefined;
  let from = 0;
  let size = fewest;
  const isLoaded = isLoad && !page.more;
  for (;;) {
    const slice = rows.slice(from, from + size);
    const isFirst = from === 0;
    from += slice.length;
    const startMs = threadMs();
    const isThere = db.fill('apply page', (write) => {
      if (!isAt(write, cursor, isFirst)) return false;
      if (isFirst && cursor === '') begin(write);
      if (isFirst) room.left = cap(db) - countCustomers(write);
      for (const row of slice)
        if (row.entity === 'policy') policy = withFloors(row.row);
        else take(write, row, room);
      if (from >= rows.length && !isLoaded) writeFeed(write, 'cursor', page.cursor);
      return true;
    });
    if (!isThere) return 'lost';
    if (from >= rows.length) break;
    size = nextSize(size, threadMs() - startMs);
    if (!(await pace())) return undefined;
  }
  if (isLoaded) {
    const ended = await endLoad(db, page.cursor, pace);
    if (ended !== 'done') return ended === 'left' ? undefined : ended;
  }
  if (room.turnedAway > 0) log.warn('more customers than this seat may hold', { left: room.turnedAway, cap: cap(db) });
  return { policy };
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
  let size = fewest;
  let copied: Copied | null = null;
  do {
    const from: Copied | null = copied;
    const startMs = threadMs();
    const next: Copied | null | 'lost' = db.fill('keep keys', (write) =>
      isInMemory(write) ? copyNext(write, from, size) : 'lost',
    );
    if (next === 'lost') return next;
    copied = next;
    size = nextSize(size, threadMs() - startMs, mostKeys);
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
const mostKeys = 10_000;

const cap = (db: Db): number => readMeta(db.read, 'session')?.policy.cacheCap ?? 0;

const take = (
  write: CacheDb,
  row: Exclude<Row, { entity: 'policy' }>,
  room: { left: number; turnedAway: number; readonly own: OwnWords },
): void => {
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
