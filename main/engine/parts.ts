import type { Call } from '../../shared/call.ts';
import { isBusy } from '../../shared/agent.ts';
import type { Change } from '../../shared/central-api.ts';
import type { NewId, SeatId } from '../../shared/ids.ts';
import type { Op } from '../../shared/op.ts';
import type { Policy } from '../../shared/policy.ts';
import type { Refusal } from '../../shared/result.ts';
import { refusal } from '../../shared/result.ts';
import type { SeatOrder } from '../../shared/seat-order.ts';
import { createCalls } from './calls.ts';
import type { CentralClient } from './central-client.ts';
import type { Clock } from './clock.ts';
import { createDay } from './day.ts';
import type { ForcedWork } from './forced.ts';
import { createForced } from './forced.ts';
import { createKeepingWatch } from './keeping.ts';
import { createMissed } from './missed.ts';
import type { Log } from './log.ts';
import { faultFields } from './log.ts';
import { askCalledIn } from './hot-call.ts';
import { lookUp } from './pop.ts';
import { createRecording } from './recording.ts';
import { whyNotReady } from './ready.ts';
import { createRehearsal } from './rehearsal.ts';
import { createRepair } from './repair.ts';
import { createReveals } from './reveals.ts';
import { createScriptWork } from './script.ts';
import { createSeatReports, seatSecretOf } from './seat-report.ts';
import type { SeatKeys } from './seat-key.ts';
import type { Part, Seat } from './seat.ts';
import { createSeat } from './seat.ts';
import type { SignIn, SignInNeeds } from './session.ts';
import { createSignIn } from './session.ts';
import { createStanding } from './standing.ts';
import type { Db } from './store/db.ts';
import { isRefusedFrom } from './store/outbox.ts';
import type { SupervisionWork } from './supervision.ts';
import { createSupervision } from './supervision.ts';
import type { Sync } from './sync.ts';
import { createSync } from './sync.ts';
import { createTasks, type TaskSeat } from './tasks.ts';
import { createChecks } from './verification.ts';
import { createWipeReceiptBearer } from './wipe-receipt.ts';
import { createWork as createOwedWork } from './work.ts';
import { createWrapUp } from './wrap-up.ts';

export type Ambient = {
  readonly db: Db;
  readonly client: CentralClient;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly chance: () => number;
  readonly seatId: SeatId;
  readonly random: (bytes: number) => Uint8Array;
  readonly log: Log;
  readonly signInPage: SignInNeeds['signInPage'];
  readonly wipe: (order: SeatOrder) => void;
  readonly wipeDir: string;
  readonly isKeyInFile: boolean;
  readonly seatKeys: SeatKeys;
};

type Tell = (part: Part) => void;
export type Parts = ReturnType<typeof createParts>;

/** What the seat does, part by part; each knows those it needs. */
export const createParts = (ambient: Ambient, tell: Tell, committed: ((ops: readonly Op[]) => void) | undefined) => {
  const { db, client, clock, log } = ambient;
  const opsAdded = (ops: readonly Op[]): void => {
    committed?.(ops);
    // Central is not asked about these: nobody else would tell of them.
    if (ops[0] !== undefined && isRefusedFrom(db.read, ops[0].seq)) tell('refusedOps');
    sync.added();
  };
  const seat = createSeat({ ...ambient, tell, opsAdded });
  const sync = createSync({
    ...ambient,
    isBusy: () => seat.work !== null,
    changed: (what) => tell(what === 'state' ? 'sync' : what),
    pulled: (entities, policy) => pulled(seat, tell, entities, policy),
    supervised: (message) => supervision.heard(message),
    dialled: (message) => tasks.announced(message),
    calledIn: ({ grantId }) => tasks.calledIn(grantId),
    forced: () => forced.heard(),
    ousted: () => guards.signIn.ousted(),
    caughtUp: () => void [owed, day, rehearsal].map((one) => one.caughtUp()),
    ...{ shutOut: () => guards.reports.ask(), met: () => seat.work?.met.size ?? 0 },
    keepContactsMs: () => guards.keeping.keepContactsMs,
  });
  const guards = createGuards(ambient, seat, sync, tell);
  const repair = createRepair({
    ...{ ...ambient, seat },
    changed: (added) => {
      opsAdded(added);
      tell('refusedOps');
    },
  });
  const unknownCaller = lookerUp(ambient, seat, () => tasks);
  const supervision = createSupervision({
    ...{ ...ambient, seat, changed: tell },
    takenOver: () => calls.takenOver(),
  });
  const recording = createRecording({ ...ambient, seat, changed: () => tell('recording') });
  const missed = createMissed({ ...ambient, seat });
  const calls = createCalls({
    ...{ ...ambient, seat, unknownCaller, ...aboutOthers(() => ({ supervision, tasks })) },
    colleagues: (seen) => missed.seen(seen),
    goOnWith: (...of) => void script.chooseTopic(...of),
  });
  const wrapUp = createWrapUp(db, seat, clock, log, {
    follow: (...of) => owed.follow(...of),
    finished: () => {
      tell('work');
      guards.signIn.endIfOver();
      calls.review();
    },
  });
  const owed = createOwedWork({
    ...{ ...ambient, seat, mark: recording.mark },
    changed: () => {
      tell('work');
      if (seat.work !== null) tell('contact');
    },
  });
  const day = createDay({ ...ambient, seat, changed: () => tell('day') });
  const forced = forcedIn(ambient, seat, { signIn: guards.signIn, supervision, tell });
  const tasks = createTasks({ ...ambient, seat, whyLocked: guards.whyLocked, changed: taskChanged(tell) });
  const [rehearsal, reveals] = [createRehearsal({ ...ambient, seat }), createReveals({ ...ambient, seat })];
  const checks = createChecks({ ...ambient, seat, reveals });
  const script = createScriptWork(db, seat, clock, log, recording.mark);
  const standing = createStanding({
    ...{ ...ambient, seat, checks, chooseTopic: (...of) => script.chooseTopic(...of) },
    changed: () => tell('callBack'),
  });
  return {
    ...{ ...guards, seat, sync, repair, supervision, recording, calls, wrapUp, script },
    ...{ reveals, checks, standing, owed, day, forced, missed, tasks, unknownCaller },
    /** Ends timers and what is under way. */
    close: async () => {
      const { keeping, receipt, signIn, reports } = guards;
      const own = [calls, wrapUp, checks, reveals, standing, recording, tasks, rehearsal, client];
      for (const one of [keeping, receipt, signIn, reports, ...own]) one.close();
      await sync.close();
    },
  };
};

/** What central knows of a caller that this seat does not: who it is, and whether a task wrote to them (R26). */
const lookerUp = (ambient: Ambient, seat: Seat, tasks: () => TaskSeat): (() => void) => {
  const { client, clock, log } = ambient;
  const failed = (fault: unknown): void => log.error('look-up failed', faultFields(fault));
  return () => {
    const contact = seat.work?.contact;
    // After the windows were told of the call: what is asked is work of this thread as well, and the pop is due.
    setImmediate(() => {
      void lookUp(seat, client, clock).catch(failed);
      void askCalledIn(contact, { ...ambient, seat, tasks: tasks() }).catch(failed);
    });
  };
};

/** R38: as if the agent had asked themselves. */
const forcedIn = (
  ambient: Ambient,
  seat: Seat,
  {
    signIn,
    supervision,
    tell,
  }: { readonly signIn: SignIn; readonly supervision: SupervisionWork; readonly tell: Tell },
): ForcedWork =>
  createForced({
    ...{ ...ambient, seat, whyNotReady: () => whyNotReady(seat), changed: () => tell('forced') },
    signOut: async () => {
      await supervision.stop();
      return signIn.signOut();
    },
  });

/** Who may work at this seat, and whether anybody may (security 32-34). */
const createGuards = (ambient: Ambient, seat: Seat, sync: Sync, tell: Tell) => {
  const { db, client, clock, log } = ambient;
  const receipt = createWipeReceiptBearer({ folder: ambient.wipeDir, client, clock, log });
  const signIn = createSignIn({
    ...{ ...ambient, seat, sync, samplesChanged: () => tell('session') },
    seatSecret: () => seatSecretOf(db, ambient.random),
    seatKey: () => ambient.seatKeys.own().publicKey,
    whyLocked: () => (reports.isLocked ? 'locked' : keeping.isLocked ? 'away' : undefined),
    wasWiped: receipt.isOwed,
  });
  const lockChanged = (): void => {
    signIn.lockChanged();
    for (const part of ['session', 'contact', 'callBack', 'refusedOps', 'work', 'day', 'forced', 'task'] as const)
      tell(part);
  };
  const reports = createSeatReports({
    ...ambient,
    isSignedIn: () => seat.session !== null,
    lockChanged,
    opsChanged: () => {
      sync.recount();
      tell('refusedOps');
    },
    wipe: ambient.wipe,
  });
  const keeping = createKeepingWatch({
    ...{ ...ambient, lockChanged },
    policy: () => seat.session?.policy,
    isBusy: () => isBusy(seat.agent),
    purged: () => {
      seat.strangers.clear();
      tell('reference');
    },
    ask: () => {
      sync.added();
      reports.ask();
    },
  });
  const whyLocked = (): Refusal | undefined =>
    reports.isLocked
      ? refusal('locked', 'seatLocked')
      : keeping.isLocked
        ? refusal('locked', 'seatAway', { hours: keeping.lockHours })
        : undefined;
  return { receipt, signIn, reports, keeping, whyLocked };
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

/** What the calls ask of the lead's and the agent's side of R35, and of what central has called (R25). */
const aboutOthers = (others: () => { readonly supervision: SupervisionWork; readonly tasks: TaskSeat }) => ({
  isTakenOver: () => others().supervision.isTakenOver(),
  taken: (call: Call) => others().supervision.taken(call),
  announced: (call: Call) => others().tasks.arrived(call),
});

/** What the phone takes by itself goes by what the agent is shown. */
const taskChanged = (tell: Tell) => (): void => {
  tell('task');
  tell('expected');
};
