import type { Change } from '../../shared/central-api.ts';
import type { ContactId, NewId, SeatId } from '../../shared/ids.ts';
import { uuidv7 } from '../../shared/ids.ts';
import type { Op } from '../../shared/op.ts';
import type { Policy } from '../../shared/policy.ts';
import type { Port } from '../../shared/rpc.ts';
import type { SeatOrder } from '../../shared/seat-order.ts';
import type { SeatSnapshot } from '../../shared/seat.ts';
import { noWork } from '../../shared/work.ts';
import type { Calls } from './calls.ts';
import { createCalls } from './calls.ts';
import type { CentralClient } from './central-client.ts';
import { createCentralClient } from './central-client.ts';
import type { Clock } from './clock.ts';
import { guarded } from './clock.ts';
import { seatHandlers } from './handlers.ts';
import type { Log } from './log.ts';
import { faultFields } from './log.ts';
import { lookUp, reopened, viewOf } from './pop.ts';
import type { RecordingWork } from './recording.ts';
import { createRecording } from './recording.ts';
import type { Part, Seat } from './seat.ts';
import { createSeat } from './seat.ts';
import type { Repair } from './repair.ts';
import { createRepair } from './repair.ts';
import type { SeatReports } from './seat-report.ts';
import { createSeatReports, seatSecretOf } from './seat-report.ts';
import type { SignIn } from './session.ts';
import { createSignIn } from './session.ts';
import type { StorageWatch } from './storage.ts';
import { watchStorage } from './storage.ts';
import { contactById } from './store/contacts.ts';
import type { Db } from './store/db.ts';
import { readMeta, writeMeta } from './store/meta.ts';
import type { StoreKey } from './store/open-store.ts';
import { openStore } from './store/open-store.ts';
import { notices, topics } from './store/working-set.ts';
import type { SupervisionWork } from './supervision.ts';
import { createSupervision } from './supervision.ts';
import type { Sync } from './sync.ts';
import { createSync } from './sync.ts';
import { createReveals } from './reveals.ts';
import { createScriptWork } from './script.ts';
import type { Standing } from './standing.ts';
import { createStanding } from './standing.ts';
import { createChecks } from './verification.ts';
import type { HowToConnect, Role } from './windows.ts';
import { createWindows } from './windows.ts';
import { createWork as createOwedWork, type Work as OwedWork } from './work.ts';
import { createWrapUp } from './wrap-up.ts';

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
  /** Central ordered everything here to be destroyed, and what could be delivered was: the host closes the engine and does it. */
  readonly wipeOrdered?: (order: SeatOrder) => void;
  /** Who opens the page of the company's provider: the desk, or the host by this. Without it that way in is not offered. */
  readonly signInPage?: 'desk' | ((url: string) => void) | undefined;
};

/** Epoch milliseconds of one pop, for benches: INVITE seen, pop ready in the engine, painted by the desk. */
export type PopTrace = {
  readonly contactId: ContactId;
  readonly inviteMs: number | null;
  readonly readyMs: number;
  readonly paintedMs: number;
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
  const newId = options.newId ?? (() => uuidv7(clock.nowMs(), random(10)));
  const chance = (): number => (random(1)[0] ?? 0) / 255;
  const client = createCentralClient(options.centralUrl, clock, log);
  const { storage, db } = openWatched(options, clock, () => (started && !closed ? { tell, ...work } : undefined));
  const seatId = ownSeatId(db, newId);
  const { signInPage, wipeOrdered: wipe = () => {} } = options;
  const ambient = { db, client, clock, newId, chance, seatId, random, log, wipe, signInPage };
  const work = createWork(ambient, (part) => tell(part), options.committed);
  const { seat, sync, signIn, calls, wrapUp, recording, supervision, reports } = work;
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

  const tell = (part: Part): void => {
    if (closed) return;
    // Sync and seat speak while they are being put together; there is no window yet to hear them.
    windows.tell(part);
    if (part === 'agent') wrapUp.arm();
    if (part === 'agent' || part === 'contact') {
      recording.review();
      supervision.review();
      work.standing.review();
    }
    if (part === 'session') windows.tell('work');
    if (part === 'session' && seat.session === null) {
      supervision.signedOut();
      reports.ask();
    }
  };

  started = true;
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
      const { checks, reveals, standing } = work;
      for (const one of [signIn, reports, calls, wrapUp, checks, reveals, standing, recording, client]) one.close();
      await sync.close();
      windows.close();
      db.close();
    },
  };
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

type Ambient = {
  readonly db: Db;
  readonly client: CentralClient;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly chance: () => number;
  readonly seatId: SeatId;
  readonly random: (bytes: number) => Uint8Array;
  readonly log: Log;
  readonly wipe: (order: SeatOrder) => void;
  readonly signInPage: EngineOptions['signInPage'];
};

/** What the seat does, part by part; each knows those it needs. */
const createWork = (ambient: Ambient, tell: (part: Part) => void, committed: EngineOptions['committed']) => {
  const { db, client, clock, log } = ambient;
  const opsAdded = (ops: readonly Op[]): void => {
    committed?.(ops);
    sync.added();
  };
  const seat = createSeat({ ...ambient, tell, opsAdded });
  const sync = createSync({
    ...ambient,
    isBusy: () => seat.work !== null,
    changed: (what) => tell(what === 'state' ? 'sync' : what),
    pulled: (entities, policy) => pulled(seat, tell, entities, policy),
    supervised: (message) => supervision.heard(message),
    ousted: () => signIn.ousted(),
    caughtUp: () => owed.caughtUp(),
    shutOut: () => reports.ask(),
    met: () => seat.work?.met.size ?? 0,
  });
  const signIn = createSignIn({
    ...{ ...ambient, seat, sync, samplesChanged: () => tell('session') },
    seatSecret: () => seatSecretOf(db, ambient.random),
    isLocked: () => reports.isLocked,
    signInPage: ambient.signInPage,
  });
  const reports = createSeatReports({
    ...ambient,
    isSignedIn: () => seat.session !== null,
    lockChanged: () => {
      signIn.lockChanged();
      tell('session');
      tell('contact');
    },
    opsChanged: () => {
      sync.recount();
      tell('refusedOps');
    },
    wipe: ambient.wipe,
  });
  const repair = createRepair({
    ...{ ...ambient, seat },
    changed: () => {
      sync.added();
      tell('refusedOps');
    },
  });
  const unknownCaller = (): void =>
    void lookUp(seat, client, clock).catch((fault: unknown) => log.error('look-up failed', faultFields(fault)));
  const supervision = createSupervision({
    ...{ ...ambient, seat, changed: tell },
    takenOver: () => calls.takenOver(),
  });
  const recording = createRecording({ ...ambient, seat, changed: () => tell('recording') });
  const calls = createCalls({ ...ambient, seat, unknownCaller, isTakenOver: () => supervision.isTakenOver() });
  const wrapUp = createWrapUp(db, seat, clock, log, () => {
    signIn.endIfOver();
    calls.review();
  });
  const owed = createOwedWork({
    ...{ ...ambient, seat },
    changed: () => {
      tell('work');
      if (seat.work !== null) tell('contact');
    },
  });
  const reveals = createReveals({ ...ambient, seat });
  const checks = createChecks({ ...ambient, seat, reveals });
  const script = createScriptWork(db, seat, clock, log);
  const standing = createStanding({
    ...{ ...ambient, seat, checks, chooseTopic: (...of) => script.chooseTopic(...of) },
    changed: () => tell('callBack'),
  });
  return {
    ...{ seat, sync, signIn, reports, repair, supervision, recording, calls, wrapUp, script },
    ...{ reveals, checks, standing, owed, unknownCaller },
  };
};

/** Central's rows arrived: a policy counts at once, and what is on the screen is painted from the rows. */
const pulled = (
  seat: Seat,
  tell: (part: Part) => void,
  entities: ReadonlySet<Change['entity']>,
  policy: Policy | undefined,
): void => {
  if (policy !== undefined && seat.session !== null) seat.setSession({ ...seat.session, policy });
  if (entities.has('topic') || entities.has('notice')) tell('reference');
  if (seat.work !== null && entities.size > 0) tell('contact');
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
  readonly reports: SeatReports;
  readonly repair: Repair;
  readonly owed: OwedWork;
};

/** What the windows are shown of each part, made when it is asked for. */
const createViews = ({ db, seat, signIn, sync, clock, ...work }: Shown) =>
  ({
    session: () => signIn.view(),
    agent: () => seat.agent,
    phone: () => seat.phone,
    sync: () => sync.state,
    contact: () => (work.reports.isLocked ? null : viewOf(db.read, seat, clock.nowMs())),
    callBack: () => (work.reports.isLocked ? null : work.standing.callBackOwed),
    recording: () => work.recording.state,
    supervision: () => work.supervision.own,
    supervised: () => work.supervision.supervised,
    reference: () => ({ topics: topics(db.read), notices: notices(db.read) }),
    refusedOps: () => (work.reports.isLocked ? [] : work.repair.view()),
    storage: () => work.storage.state,
    work: () => (work.reports.isLocked ? noWork : work.owed.view()),
  }) satisfies { readonly [P in Part]: () => SeatSnapshot[P] };

const snapshotOf = (views: ReturnType<typeof createViews>): Omit<SeatSnapshot, 'store'> => ({
  session: views.session(),
  agent: views.agent(),
  phone: views.phone(),
  sync: views.sync(),
  contact: views.contact(),
  callBack: views.callBack(),
  recording: views.recording(),
  supervision: views.supervision(),
  supervised: views.supervised(),
  reference: views.reference(),
  refusedOps: views.refusedOps(),
  storage: views.storage(),
  work: views.work(),
});

/** The last thousand pops, measured. */
const createTraces = (seat: Seat, log: Log) => {
  const traces: PopTrace[] = [];
  return {
    all: (): readonly PopTrace[] => traces,
    painted: (contactId: ContactId, paintedMs: number): void => {
      const { work } = seat;
      if (work?.contact.id !== contactId) return;
      const call = seat.phone.calls.find((other) => other.id === work.contact.callId);
      const trace = { contactId, inviteMs: call?.trace.inviteMs ?? null, readyMs: work.readyAtMs, paintedMs };
      traces.push(trace);
      if (traces.length > 1_000) traces.shift();
      log.info('pop painted', trace);
    },
  };
};

const ownSeatId = (db: Db, newId: NewId): SeatId => {
  const known = readMeta(db.read, 'seatId');
  if (known !== undefined) return known;
  const made = newId() as SeatId;
  db.write('seat id', (write) => writeMeta(write, 'seatId', made));
  return made;
};
