import type { NewId, SeatId } from '../../shared/ids.ts';
import type { Op } from '../../shared/op.ts';
import type { Refusal } from '../../shared/result.ts';
import type { Port } from '../../shared/rpc.ts';
import type { SeatOrder } from '../../shared/seat-order.ts';
import type { SeatSnapshot } from '../../shared/seat.ts';
import { emptyDay } from '../../shared/day.ts';
import { noWork } from '../../shared/work.ts';
import type { Calls } from './calls.ts';
import { createNewId } from './new-id.ts';
import { createCentralClient } from './central-client.ts';
import type { Clock } from './clock.ts';
import type { Day } from './day.ts';
import { guarded } from './clock.ts';
import { seatHandlers } from './handlers.ts';
import type { ForcedWork } from './forced.ts';
import type { Log } from './log.ts';
import type { Parts } from './parts.ts';
import { createParts } from './parts.ts';
import { reopened, viewOf } from './pop.ts';
import type { RecordingWork } from './recording.ts';
import { openSeatKeys } from './seat-key.ts';
import type { Part, Seat } from './seat.ts';
import type { Repair } from './repair.ts';
import type { SignIn } from './session.ts';
import type { StorageWatch } from './storage.ts';
import { watchStorage } from './storage.ts';
import { contactById } from './store/contacts.ts';
import type { Db } from './store/db.ts';
import { readFeed, readMeta, writeMeta } from './store/meta.ts';
import type { StoreKey } from './store/open-store.ts';
import { openStore } from './store/open-store.ts';
import { allOps } from './store/outbox.ts';
import { notices, topics } from './store/working-set.ts';
import type { SupervisionWork } from './supervision.ts';
import type { PopTrace } from './traces.ts';
import { createTraces } from './traces.ts';
import type { Sync } from './sync.ts';
import type { Standing } from './standing.ts';
import type { TaskSeat } from './tasks.ts';
import type { HowToConnect, Role } from './windows.ts';
import { createWindows } from './windows.ts';
import type { Work as OwedWork } from './work.ts';

export type EngineOptions = {
  /** Holds the store; made if it is not there. One engine per folder. */
  readonly profileDir: string;
  readonly storeKey: StoreKey;
  readonly centralUrl: string;
  readonly clock: Clock;
  /** Cryptographically strong. */
  readonly random: (bytes: number) => Uint8Array;
  /** UUIDv7 unless a test wants its own. */
  readonly newId?: NewId;
  readonly log: Log;
  /** Told of every change once it is on disk and before anybody else is: for a second record of what was promised. */
  readonly committed?: (ops: readonly Op[]) => void;
  /**
   * Central ordered everything here to be destroyed, and what could be delivered was: the host closes the engine and does it
   * (store/wipe.ts). Said again as long as it is not done.
   */
  readonly wipeOrdered?: (order: SeatOrder & { readonly seatId: SeatId }, unsent: readonly Op[]) => void;
  /** Where the host keeps a wipe's receipt; the profile's folder unless it is told otherwise. */
  readonly wipeDir?: string;
  /** Who opens the page of the company's provider: the desk, or the host by this. Without it that way in is not offered. */
  readonly signInPage?: 'desk' | ((url: string) => boolean) | undefined;
};

export interface Engine {
  readonly seatId: SeatId;
  connect(port: Port, role: Role, how?: HowToConnect): void;
  /** The last pops painted, oldest first. */
  traces(): readonly PopTrace[];
  /** Everything acknowledged is on disk already; this ends connections and timers and closes the store. */
  close(): Promise<void>;
}

/**
 * The seat engine: store, sync and everything the desk and the phone ask for. No window, no key store, no Electron.
 * @throws SeatFault when the store is in use, newer than this program, or unsafe, or the address of central is unusable
 */
export const createEngine = (options: EngineOptions): Engine => {
  const { random, log } = options;
  const clock = guarded(options.clock, log);
  let started = false;
  let closed = false;
  const newId = options.newId ?? createNewId(clock, random);
  const chance = (): number => (random(1)[0] ?? 0) / 255;
  const heard = (): void => {
    if (started && !closed) work.keeping.heard();
  };
  const client = createCentralClient(options.centralUrl, clock, log, heard, () => seatKeys.known());
  const { storage, db } = openWatched(options, clock, () => (started && !closed ? { tell, ...work } : undefined));
  const seatKeys = openSeatKeys(db, random);
  const seatId = ownSeatId(db, newId);
  const ambient = {
    ...{ db, client, clock, newId, chance, seatId, random, log, signInPage: options.signInPage },
    wipe: (order: SeatOrder) => options.wipeOrdered?.({ ...order, seatId }, allOps(db.read)),
    wipeDir: options.wipeDir ?? options.profileDir,
    isKeyInFile: options.storeKey.kept === 'keyFile',
    seatKeys,
  };
  const work = createParts(ambient, (part) => tell(part), options.committed);
  const { seat, signIn, calls, wrapUp, recording, supervision, reports } = work;
  const traces = createTraces(seat, log);
  const views = createViews({ ...work, db, clock, storage });
  const windows = createWindows({
    clock,
    log,
    state: views,
    handlers: seatHandlers({
      ...ambient,
      ...work,
      snapshot: (role) => ({
        ...snapshotOf(views),
        store: options.storeKey.kept,
        // The customer is none of the phone's business.
        ...(role === 'phone' ? { contact: null } : {}),
      }),
      painted: traces.painted,
    }),
    whyLocked: work.whyLocked,
    callRunning: () => ('callId' in seat.agent ? seat.agent.callId : undefined),
    phoneConnected: () => calls.phoneConnected(),
    // The sockets of a closing host fall after us: nothing may be armed on a store that is closed.
    phoneGone: () => {
      if (closed) return;
      calls.phoneGone();
      supervision.phoneGone();
    },
    deskGone: () => {
      if (!closed) recording.deskGone();
    },
  });

  const hear = hearer(work);
  const tell = (part: Part): void => {
    if (closed) return;
    // Sync and seat speak while they are being put together; there is no window yet to hear them.
    windows.tell(part);
    if (part === 'session') windows.tell('work');
    if (part === 'session') windows.tell('forced');
    // Each change of state ends a stretch of the shift.
    if (part === 'session' || part === 'agent') windows.tell('day');
    hear(part);
  };

  started = true;
  work.keeping.start();
  signIn.resume();
  reports.ask();
  // Until the phone page tells otherwise a call in hand may still live.
  if (takeUp(db, seat, clock) && seat.agent.kind !== 'wrapUp') calls.phoneGone();
  work.unknownCaller();
  wrapUp.arm();

  return {
    seatId,
    connect: (port, role, how) => windows.connect(port, role, how),
    traces: traces.all,
    close: async () => {
      if (closed) return;
      closed = true;
      await work.close();
      windows.close();
      db.close();
    },
  };
};

/** The parts that go by what another one does. */
const hearer =
  ({ wrapUp, calls, recording, supervision, standing, keeping, reports, seat, tasks, forced }: Parts) =>
  (part: Part): void => {
    if (part === 'agent') {
      wrapUp.arm();
      calls.beside();
      forced.review();
    }
    if (part === 'agent' || part === 'contact') {
      recording.review();
      supervision.review();
      standing.review();
    }
    if (part === 'agent' || part === 'session') tasks.review();
    if (part !== 'session') return;
    keeping.sessionChanged();
    if (seat.session !== null) return;
    supervision.signedOut();
    reports.ask();
  };

type Running = { readonly tell: (part: Part) => void; readonly sync: Sync; readonly calls: Calls };

/** @param running undefined while the engine is put together, and after its end */
const openWatched = (
  { profileDir, storeKey, log }: EngineOptions,
  clock: Clock,
  running: () => Running | undefined,
): { readonly storage: StorageWatch; readonly db: Db } => {
  const storage: StorageWatch = watchStorage(clock, log, {
    changed: () => {
      running()?.tell('storage');
      // A cache begun anew is loaded again at once.
      if (storage.state.kind === 'mended') running()?.sync.added();
    },
    back: () => running()?.calls.review(),
  });
  return { storage, db: storage.over(openStore(profileDir, storeKey, clock, log, (what) => storage.mended(what))) };
};

/** After a restart: the contact in hand again, with its answers and draft. */
const takeUp = (db: Db, seat: Seat, clock: Clock): boolean => {
  const contactId = 'contactId' in seat.agent ? seat.agent.contactId : undefined;
  const contact = contactId === undefined ? undefined : contactById(db.read, contactId);
  if (contact === undefined || seat.session === null) return false;
  seat.setWork(reopened(db.read, contact, clock.nowMs()));
  return true;
};

type Shown = {
  readonly db: Db;
  readonly seat: Seat;
  readonly signIn: SignIn;
  readonly sync: Sync;
  readonly clock: Clock;
  readonly recording: RecordingWork;
  readonly supervision: SupervisionWork;
  readonly standing: Standing;
  readonly storage: StorageWatch;
  readonly whyLocked: () => Refusal | undefined;
  readonly repair: Repair;
  readonly owed: OwedWork;
  readonly day: Day;
  readonly forced: ForcedWork;
  readonly tasks: TaskSeat;
};

/** What the windows are shown of each part, made when it is asked for. */
const createViews = ({ db, seat, signIn, sync, clock, ...work }: Shown) =>
  ({
    session: () => signIn.view(),
    agent: () => seat.agent,
    phone: () => seat.phone,
    sync: () => sync.state,
    asOfMs: () => readFeed(db.read, 'asOfMs') ?? null,
    contact: () => (work.whyLocked() !== undefined ? null : viewOf(db.read, seat, clock.nowMs())),
    callBack: () => (work.whyLocked() !== undefined ? null : work.standing.callBackOwed),
    recording: () => work.recording.state,
    supervision: () => work.supervision.own,
    supervised: () => work.supervision.supervised,
    reference: () => ({ topics: topics(db.read), notices: notices(db.read) }),
    refusedOps: () => (work.whyLocked() !== undefined ? [] : work.repair.view()),
    storage: () => work.storage.state,
    work: () => (work.whyLocked() !== undefined ? noWork : work.owed.view()),
    day: () => (work.whyLocked() !== undefined ? emptyDay : work.day.view()),
    forced: () => (work.whyLocked() !== undefined ? null : work.forced.view()),
    task: () => (work.whyLocked() !== undefined ? { kind: 'off' as const } : work.tasks.state),
    expected: () => ({ contactId: work.tasks.state.kind === 'arriving' ? work.tasks.state.contactId : null }),
  }) satisfies { readonly [P in Part]: () => SeatSnapshot[P] };

const snapshotOf = (views: ReturnType<typeof createViews>): Omit<SeatSnapshot, 'store'> => ({
  session: views.session(),
  agent: views.agent(),
  phone: views.phone(),
  sync: views.sync(),
  asOfMs: views.asOfMs(),
  contact: views.contact(),
  callBack: views.callBack(),
  recording: views.recording(),
  supervision: views.supervision(),
  supervised: views.supervised(),
  reference: views.reference(),
  refusedOps: views.refusedOps(),
  storage: views.storage(),
  work: views.work(),
  day: views.day(),
  forced: views.forced(),
  task: views.task(),
  expected: views.expected(),
});

const ownSeatId = (db: Db, newId: NewId): SeatId => {
  const known = readMeta(db.read, 'seatId');
  if (known !== undefined) return known;
  const made = newId() as SeatId;
  db.write('seat id', (write) => writeMeta(write, 'seatId', made));
  return made;
};
