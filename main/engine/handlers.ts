import type { NewId, ContactId } from '../../shared/ids.ts';
import type { Result } from '../../shared/result.ts';
import { ok, refusal, refused } from '../../shared/result.ts';
import type { Handlers } from '../../shared/rpc.ts';
import type { SeatContract, SeatSnapshot } from '../../shared/seat.ts';
import { createByHand } from './by-hand.ts';
import type { Calls } from './calls.ts';
import type { CentralClient } from './central-client.ts';
import type { Clock } from './clock.ts';
import type { Day } from './day.ts';
import { createCustomers } from './customers.ts';
import { createDialling } from './dial.ts';
import { createDirectory } from './directory.ts';
import { createHistory } from './history.ts';
import { askable } from './in-call.ts';
import type { ForcedWork } from './forced.ts';
import type { Log } from './log.ts';
import type { MissedWork } from './missed.ts';
import type { RecordingWork } from './recording.ts';
import { createKeptCalls } from './kept-calls.ts';
import { whyNotReady } from './ready.ts';
import { createProfile } from './profile.ts';
import type { Repair } from './repair.ts';
import type { Reveals } from './reveals.ts';
import type { ScriptWork } from './script.ts';
import type { Seat } from './seat.ts';
import type { SignIn } from './session.ts';
import { createSipAccount } from './sip-account.ts';
import type { Db } from './store/db.ts';
import type { TaskSeat } from './tasks.ts';
import type { SupervisionWork } from './supervision.ts';
import type { Standing } from './standing.ts';
import type { Checks } from './verification.ts';
import type { Caller, Role } from './windows.ts';
import type { Work } from './work.ts';
import type { WrapUp } from './wrap-up.ts';

export type HandlerNeeds = {
  readonly db: Db;
  readonly seat: Seat;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly client: CentralClient;
  readonly signIn: SignIn;
  readonly calls: Calls;
  readonly wrapUp: WrapUp;
  readonly script: ScriptWork;
  readonly reveals: Reveals;
  readonly checks: Checks;
  readonly standing: Standing;
  readonly recording: RecordingWork;
  readonly supervision: SupervisionWork;
  readonly repair: Repair;
  readonly owed: Work;
  readonly day: Day;
  readonly forced: ForcedWork;
  readonly missed: MissedWork;
  readonly tasks: TaskSeat;
  readonly log: Log;
  readonly snapshot: (role: Role) => SeatSnapshot;
  readonly painted: (contactId: ContactId, atMs: number) => void;
};

const done = (result: Result<unknown>): Result<Record<string, never>> => (result.ok ? ok({}) : result);

const notOffered = refused(refusal('notFound', 'companyNotOffered'));

const companyOf = ({ company }: SignIn) =>
  ({
    'session.company': async () => company?.begin() ?? notOffered,
    'session.companyTakeOver': async () => company?.takeOver() ?? notOffered,
    'session.companyCancel': () => {
      company?.cancel();
      return ok({});
    },
  }) satisfies Partial<Handlers<SeatContract, Caller>>;

/** What the desk and the phone may ask, call by call; the contract has checked shape and role before. */
export const seatHandlers = (needs: HandlerNeeds): Handlers<SeatContract, Caller> => {
  const { db, seat, clock, log, client, signIn, calls, wrapUp, script, reveals, recording, supervision } = needs;
  const { repair } = needs;
  const customers = createCustomers(db, seat, client, clock);
  const keptCalls = createKeptCalls(db, seat);
  const profile = createProfile(db, seat, clock);
  const account = createSipAccount({ seat, client, clock, log });
  const token = (): string | null => seat.session?.token ?? null;
  return {
    'seat.snapshot': (_, { role }) => ok(needs.snapshot(role)),
    'session.signIn': ({ agentNumber, password, takeOver }) => signIn.signIn(agentNumber, password, takeOver),
    ...companyOf(signIn),
    'session.signOut': async () => {
      await supervision.stop();
      return signIn.signOut();
    },
    ...shiftOf(needs),
    'contact.identify': ({ contactId, customerId }) => customers.identify(contactId, customerId),
    'contact.chooseTopic': ({ contactId, topicId }) => {
      const chosen = script.chooseTopic(contactId, topicId);
      if (chosen.ok) reveals.forTopic();
      return chosen;
    },
    'script.answer': ({ contactId, stepId, answerId }) =>
      script.step(contactId, { kind: 'answered', stepId, answerId }),
    'script.tell': ({ contactId, stepId, itemId }) => script.tell(contactId, { stepId, itemId }),
    'script.back': ({ contactId }) => script.step(contactId, { kind: 'back' }),
    ...verifyingOf(needs),
    'recording.pause': ({ contactId, reason }) => recording.pause(contactId, reason),
    'recording.resume': ({ contactId }) => recording.resume(contactId),
    'supervise.calls': () => supervision.calls(),
    'supervise.start': ({ agentId, mode }) => supervision.start(agentId, mode),
    'supervise.switch': ({ mode }) => supervision.change(mode),
    'supervise.stop': () => supervision.stop(),
    'draft.save': ({ contactId, note, disposition }) => wrapUp.saveDraft(contactId, { note, disposition }),
    'contact.wrapUp': ({ contactId, note, disposition }) => wrapUp.finish(contactId, { note, disposition }),
    'customer.search': ({ text, where }) => customers.search(text, where),
    'customer.setField': ({ contactId, key, value }) => profile.setField(contactId, key, value),
    'customer.refuse': ({ contactId }) => profile.refuse(contactId),
    ...{ ...needs.owed.handlers, ...needs.missed.handlers, ...calendarOf(needs) },
    ...{ ...needs.day.handlers, ...needs.forced.handlers, ...tasksOf(needs), ...figuresOf(needs) },
    'refused.retry': ({ opId }) => repair.retry(opId),
    'refused.edit': ({ opId, note, disposition, value }) =>
      repair.edit(opId, {
        ...(note === undefined ? {} : { note }),
        ...(disposition === undefined ? {} : { disposition }),
        ...(value === undefined ? {} : { value }),
      }),
    'refused.discard': ({ opId, reason }) => repair.discard(opId, reason),
    'refused.tree': ({ opId }) => repair.tree(opId),
    'history.of': ({ customerId }) => ok({ contacts: customers.history(customerId) }),
    ...historyOf(needs),
    'practice.callers': () => client.call('practiceCallers', {}, token()),
    'practice.callMe': async ({ callerId }) => done(await client.call('practiceCall', { callerId }, token())),
    'practice.cue': ({ customerId }) => client.call('practiceCue', { customerId }, token()),
    ...scriptsOf(needs),
    'trace.popPainted': ({ contactId, atMs }) => {
      needs.painted(contactId, atMs);
      return ok({});
    },
    'phone.credentials': () => account.credentials(),
    'phone.report': (state) => {
      calls.report(state);
      supervision.review();
      return ok({});
    },
    'phone.keep': (kept) => {
      keptCalls.keep(kept.calls);
      return ok({});
    },
    'phone.kept': () => ok({ calls: keptCalls.kept() }),
    'phone.quality': ({ callId, quality }) => {
      const contact = seat.work?.contact;
      // Wrapped up before it arrived: there is no contact in hand to keep it with.
      if (contact?.callId !== callId) return refused(refusal('notFound', 'contact'));
      const atMs = clock.nowMs();
      return done(seat.commit({ ops: [{ name: 'contact.quality', contactId: contact.id, quality, atMs }] }));
    },
    ...wayOut(needs),
  };
};

/** R14: scripts are written at central; the seat passes on what a lead asks. */
const scriptsOf = ({ client, seat }: HandlerNeeds) => {
  const token = (): string | null => seat.session?.token ?? null;
  return {
    'scripts.list': () => client.call('scripts', {}, token()),
    'scripts.uses': () => client.call('scriptUses', {}, token()),
    'scripts.open': (asked) => client.call('scriptVersion', asked, token()),
    'scripts.save': (asked) => client.call('scriptSave', asked, token()),
    'scripts.move': (asked) => client.call('scriptMove', asked, token()),
    'scripts.coverage': (asked) => client.call('scriptCoverage', asked, token()),
  } satisfies Partial<Handlers<SeatContract, Caller>>;
};

/** Tasks are written and moved at central; taking the next customer is the seat's own. */
const tasksOf = ({ client, seat, tasks }: HandlerNeeds) => {
  const token = (): string | null => seat.session?.token ?? null;
  return {
    'task.take': ({ on }) => tasks.turn(on),
    'task.next': () => tasks.next(),
    'task.skip': ({ grantId, why }) => tasks.skip(grantId, why),
    'tasks.list': () => client.call('tasks', {}, token()),
    'tasks.save': (asked) => client.call('taskSave', asked, token()),
    'tasks.estimate': (asked) => client.call('taskEstimate', asked, token(), longMs),
    'tasks.move': (asked) => client.call('taskMove', asked, token(), longMs),
    'tasks.pasteList': (asked) => client.call('listPaste', asked, token(), longMs),
    'necessity.ask': (asked) => client.call('necessityAsk', asked, token()),
    'necessity.list': () => client.call('necessities', {}, token()),
    'necessity.decide': async (asked) => done(await client.call('necessityDecide', asked, token())),
  } satisfies Partial<Handlers<SeatContract, Caller>>;
};
/** R36: figures are central's; the seat passes on what a lead asks and keeps none of it. */
const figuresOf = ({ client, seat }: HandlerNeeds) => {
  const token = (): string | null => seat.session?.token ?? null;
  return {
    'figures.of': (asked) => client.call('figures', asked, token(), longMs),
    'figures.list': (asked) => client.call('figureList', asked, token(), longMs),
    'figures.export': (asked) => client.call('figureExport', asked, token(), longMs),
    'figures.exportList': (asked) => client.call('figureListExport', asked, token(), longMs),
    'figures.rates': () => client.call('rates', {}, token()),
    'figures.setRate': async (asked) => done(await client.call('rateSet', asked, token())),
    'feedback.of': (asked) => client.call('feedback', asked, token(), longMs),
    'feedback.list': (asked) => client.call('feedbackList', asked, token(), longMs),
    'feedback.export': (asked) => client.call('feedbackExport', asked, token(), longMs),
    'surveys.all': () => client.call('surveys', {}, token()),
    'surveys.of': (asked) => client.call('survey', asked, token(), longMs),
    'surveys.list': (asked) => client.call('surveyList', asked, token(), longMs),
    'surveys.export': (asked) => client.call('surveyExport', asked, token(), longMs),
  } satisfies Partial<Handlers<SeatContract, Caller>>;
};
/** R24: the calendar is central's; this seat's copy comes with its work. */
const calendarOf = ({ client, seat }: HandlerNeeds) => {
  const token = (): string | null => seat.session?.token ?? null;
  return {
    'calendar.read': () => client.call('calendar', {}, token()),
    'calendar.try': (asked) => client.call('calendarTry', asked, token(), longMs),
    'calendar.set': (asked) => client.call('calendarSet', asked, token(), longMs),
  } satisfies Partial<Handlers<SeatContract, Caller>>;
};
/** Fifty thousand customers are looked at one by one. */
const longMs = 60_000;

/** R9–R12, R44: checks, what they open, and what they allow to be done. */
const verifyingOf = ({ seat, client, checks, reveals, standing }: HandlerNeeds) =>
  ({
    'verification.try': ({ contactId, factor, value, action }) => checks.tryFactor(contactId, factor, value, action),
    'verification.sendCode': ({ contactId, action }) => checks.sendCode(contactId, action),
    'verification.keypad': ({ contactId, action }) => checks.keypad(contactId, action),
    'verification.keypadCancel': ({ contactId }) => checks.keypadCancel(contactId),
    'verification.callBack': ({ contactId }) => standing.callBack(contactId),
    'verification.askOverride': ({ contactId, action, reason }) => standing.askOverride(contactId, action, reason),
    'override.list': () => client.call('overrides', {}, seat.session?.token ?? null),
    'override.decide': async (asked) => done(await client.call('decideOverride', asked, seat.session?.token ?? null)),
    'field.reveal': ({ contactId, key }) => {
      const asked = askable(seat, contactId);
      return asked.ok ? reveals.one(asked.value, key) : asked;
    },
    'account.change': ({ contactId, action, value }) => standing.change(contactId, action, value),
  }) satisfies Partial<Handlers<SeatContract, Caller>>;

/** R33, R34: contacts of before, and what they sounded like. */
const historyOf = ({ db, seat, client, clock }: HandlerNeeds) => {
  const history = createHistory(db, seat, client, clock);
  return {
    'history.search': ({ filter, where }) => history.search(filter, where),
    'history.open': ({ contactId }) => history.open(contactId),
    'history.choices': () => history.choices(),
    'customer.opened': ({ customerId }) => history.customerOpened(customerId),
    'recording.sound': (asked) => history.sound(asked),
    'recording.marks': (asked) => client.call('recordingMarks', asked, seat.session?.token ?? null),
    'recording.played': (heard) => history.played(heard),
  } satisfies Partial<Handlers<SeatContract, Caller>>;
};

/** Whom one may call, and who there is to be called (R21, R37). */
const wayOut = (needs: HandlerNeeds) => {
  const byHand = createByHand(needs);
  const dialling = createDialling({ ...needs, byHand });
  const directory = createDirectory(needs.db, needs.seat, needs.client);
  return {
    'dial.ask': (asked) => byHand.ask(asked),
    'directory.list': () => directory.list(),
    'directory.states': () => directory.states(),
    'dial.authorise': (asked) => {
      const permit = dialling(asked);
      if (permit.ok) needs.calls.authorised(asked, permit.value);
      if (permit.ok && asked.purpose === 'transfer') needs.standing.handingOver(permit.value.contactId);
      return permit;
    },
  } satisfies Partial<Handlers<SeatContract, Caller>>;
};

/** The check at the beginning of a shift, and the states of the agent. */
const shiftOf = ({ seat, clock, log, day }: HandlerNeeds) =>
  ({
    'shift.checked': ({ microphone }) => {
      const { session } = seat;
      if (session === null) return refused(refusal('unauthorised', 'signInFirst'));
      seat.setSession({ ...session, shiftCheckedAtMs: clock.nowMs() });
      log.info('shift checked', { microphone });
      return ok({});
    },
    'agent.ready': () => {
      const why = whyNotReady(seat);
      if (why !== undefined) return refused(why);
      return done(seat.commit({ agent: { kind: 'readyAsked', atMs: clock.nowMs() } }));
    },
    'agent.notReady': async ({ reason }) => {
      if (seat.session !== null && !seat.session.policy.notReadyReasons.includes(reason))
        return refused(refusal('invalid', 'notReadyReason'));
      const room = await day.roomFor(reason);
      if (!room.ok) return room;
      return done(seat.commit({ agent: { kind: 'notReadyAsked', reason, atMs: clock.nowMs() } }));
    },
  }) satisfies Partial<Handlers<SeatContract, Caller>>;
