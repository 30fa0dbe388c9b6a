import { isFree } from '../../shared/agent.ts';
import type { Call } from '../../shared/call.ts';
import type { LiveMessage } from '../../shared/central-api.ts';
import type { GrantId } from '../../shared/ids.ts';
import type { Result } from '../../shared/result.ts';
import { ok, refusal, refused } from '../../shared/result.ts';
import type { TaskItem } from '../../shared/task-api.ts';
import type { SkipReason } from '../../shared/task.ts';
import type { TaskWork, TaskWorkEvent } from '../../shared/task-work.ts';
import { answerOnItsWayMs } from '../../shared/task-api.ts';
import { grantShown, nextTaskWork } from '../../shared/task-work.ts';
import type { CentralClient } from './central-client.ts';
import type { Clock } from './clock.ts';
import type { Log } from './log.ts';
import { faultFields } from './log.ts';
import type { Seat } from './seat.ts';
import type { Db, WriteDb } from './store/db.ts';
import type { KeptTasks } from './store/meta.ts';
import { readMeta, writeMeta } from './store/meta.ts';

type Back = KeptTasks['unused'][number];
const nothingKept: KeptTasks = { on: null, unused: [], used: [] };
const mostKept = 40;

type Shown = Extract<TaskWork, { readonly kind: 'preview' }>;

/** The agent's part in outbound tasks (R19–R21): the next customer, shown for a while, dialled or given back. */
export interface TaskSeat {
  readonly state: TaskWork;
  /** After every change of agent or session. */
  review(): void;
  turn(on: boolean): Result<Record<string, never>>;
  /** The agent asks for the next one. */
  next(): Result<Record<string, never>>;
  skip(grantId: GrantId, why: SkipReason): Result<Record<string, never>>;
  /** What may be dialled with this leave now. */
  shown(grantId: GrantId): Result<Shown>;
  /** Around the change that opens the contact: the customer is no longer put back. */
  dialling<T>(commit: () => Result<T>): Result<T>;
  /** In the transaction that opens the contact. */
  noteUsed(write: WriteDb, grantId: GrantId): void;
  /** R26: whom this leave is for is calling in themselves. */
  calledIn(grantId: GrantId): void;
  /** Leave that was noted as used and was not: told to central with the next question, at once. */
  giveBack(grantId: GrantId): void;
  /** R25: a customer whom central called is about to come to this agent's telephone. */
  announced(message: Announced): void;
  /** What was announced of this call, which is at the telephone now; undefined when it was not. */
  arrived(call: Call): TaskItem | undefined;
  close(): void;
}
type Announced = Extract<LiveMessage, { readonly t: 'dialled' }>;

export type TaskNeeds = {
  readonly db: Db;
  readonly seat: Seat;
  readonly clock: Clock;
  readonly client: CentralClient;
  readonly log: Log;
  readonly whyLocked: () => unknown;
  readonly changed: () => void;
};

/** A desk that is there dials in time; without one the customer goes back. */
const lateMs = 3_000;
const offlineMs = 15_000;
/** The customer waits no longer than two seconds for it. */
const arrivesMs = 4_000;

/** Whether a question is waiting that asks central to take back what it holds for this seat unseen. */
type Owed = { readonly kind: 'none' } | { readonly kind: 'waiting'; readonly cancel: () => void };
type Inside = TaskNeeds & { state: TaskWork; cancel: () => void; owed: Owed; isTelling: boolean };

export const createTasks = (needs: TaskNeeds): TaskSeat => {
  const inside: Inside = {
    ...{ ...needs, state: { kind: 'off' }, cancel: () => {} },
    ...{ owed: { kind: 'none' }, isTelling: false },
  };
  const { seat } = needs;
  return {
    get state() {
      return inside.state;
    },
    review: () => review(inside),
    turn: (isWanted) => {
      if (seat.session === null) return refused(refusal('unauthorised', 'signInFirst'));
      keep(inside, { on: isWanted ? seat.session.agent.id : null });
      review(inside);
      return ok({});
    },
    next: () => {
      if (inside.state.kind === 'nobody' && mayWork(inside)) start(inside, true);
      return ok({});
    },
    skip: (grantId, why) => {
      if (grantShown(inside.state) !== grantId) return refused(refusal('conflict', 'grantOver'));
      pass(inside, why, 'taskSkipped');
      start(inside, true);
      return ok({});
    },
    shown: (grantId) =>
      inside.state.kind === 'preview' && inside.state.item.grantId === grantId
        ? ok(inside.state)
        : refused(refusal('conflict', 'grantOver')),
    dialling: (commit) => {
      const before = inside.state;
      // Before the agent's state is another: what is dialled is not put back.
      inside.state = nextTaskWork(before, { kind: 'dialling' });
      inside.cancel();
      const done = commit();
      if (!done.ok) {
        inside.state = before;
        arm(inside);
      } else needs.changed();
      return done;
    },
    noteUsed: (write, grantId) => {
      const before = readMeta(write, 'tasks') ?? nothingKept;
      writeMeta(write, 'tasks', { ...before, used: [...before.used, grantId].slice(-mostKept) });
    },
    calledIn: (grantId) => {
      if (grantShown(inside.state) !== grantId) return;
      pass(inside, 'putBack', 'customerCallsIn');
      start(inside, true);
    },
    giveBack: (grantId) => {
      keep(inside, { used: kept(inside).used.filter((one) => one !== grantId) });
      owe(inside, { grantId, why: 'putBack' });
      if (seat.session !== null) start(inside, false);
    },
    announced: ({ item, contactId }) => {
      // Whoever is with somebody, or takes no tasks any more, lets it pass: central asks the next one.
      if (mayWork(inside)) tell(inside, { kind: 'announced', item, contactId });
    },
    arrived: ({ exchangeId }) => {
      const { state } = inside;
      if (state.kind !== 'arriving' || state.contactId !== exchangeId) return undefined;
      tell(inside, { kind: 'dialling' });
      return state.item;
    },
    close: () => {
      inside.cancel();
      if (inside.owed.kind === 'waiting') inside.owed.cancel();
    },
  };
};

const kept = ({ db }: Inside): KeptTasks => readMeta(db.read, 'tasks') ?? nothingKept;
const keep = (inside: Inside, change: Partial<KeptTasks>): void =>
  inside.db.write('tasks', (write) => writeMeta(write, 'tasks', { ...kept(inside), ...change }));
const isOn = (inside: Inside): boolean => {
  const { session } = inside.seat;
  return session !== null && kept(inside).on === session.agent.id;
};
const mayWork = (inside: Inside): boolean =>
  isOn(inside) && inside.whyLocked() === undefined && isFree(inside.seat.agent);

const tell = (inside: Inside, event: TaskWorkEvent): void => {
  const before = inside.state;
  inside.state = nextTaskWork(before, event);
  if (inside.state === before) return;
  inside.cancel();
  arm(inside);
  inside.changed();
};

const arm = (inside: Inside): void => {
  const { state, clock } = inside;
  const nowMs = clock.nowMs();
  if (state.kind === 'nobody' && state.againAtMs !== null)
    inside.cancel = clock.after(Math.max(0, state.againAtMs - nowMs), () => start(inside, true));
  if (state.kind === 'arriving')
    inside.cancel = clock.after(arrivesMs, () => {
      tell(inside, { kind: 'notDialled' });
      review(inside);
    });
  if (state.kind !== 'preview') return;
  const { item, endsAtMs, boxEndsAtMs } = state;
  const lastMs = Math.min(endsAtMs, boxEndsAtMs + (item.mode === 'progressive' ? lateMs : 0));
  inside.cancel = clock.after(Math.max(0, lastMs - nowMs), () => {
    pass(inside, 'putBack', 'boxOver');
    start(inside, false);
  });
};

/** What is shown goes back; the others may have the customer as soon as central knows. */
const pass = (inside: Inside, why: Back['why'], said: string): void => {
  const grantId = grantShown(inside.state);
  if (grantId === null) return;
  owe(inside, { grantId, why });
  tell(inside, { kind: 'passed', why: said });
};
/**
 * R21: an answer that never came may have been a customer, whom central holds for this seat and nobody was shown. It takes them back when
 * it is asked again by a seat that does not know of them, but not while the answer may be on its way: so asked once more after that,
 * whether or not the agent still takes tasks.
 */
const settleLater = (inside: Inside): void => {
  if (inside.owed.kind === 'waiting') return;
  const cancel = inside.clock.after(answerOnItsWayMs + offlineMs, () => {
    inside.owed = { kind: 'none' };
    void ask(inside, { wanted: false, settles: true }).catch((fault: unknown) =>
      inside.log.error('tasks not settled', faultFields(fault)),
    );
  });
  inside.owed = { kind: 'waiting', cancel };
};
const owe = (inside: Inside, back: Back): void =>
  keep(inside, { unused: [...kept(inside).unused, back].slice(-mostKept) });

const start = (inside: Inside, wanted: boolean): void =>
  void ask(inside, { wanted, settles: false }).catch((fault: unknown) =>
    inside.log.error('tasks not asked for', faultFields(fault)),
  );

type Question = {
  readonly wanted: boolean;
  /** Late enough for central to take back what it holds for this seat unseen. */
  readonly settles: boolean;
};

const ask = async (inside: Inside, { wanted, settles }: Question): Promise<void> => {
  const { seat, clock, client, log } = inside;
  const token = seat.session?.token;
  // Whoever waits for an answer reviews what is owed when it comes.
  if (token === undefined || inside.isTelling) return settles && token !== undefined ? settleLater(inside) : undefined;
  if (wanted) tell(inside, { kind: 'asked' });
  if (wanted && inside.state.kind !== 'asking') return;
  inside.isTelling = true;
  const askedAtMs = clock.nowMs();
  const { unused, used, isUnanswered = false } = kept(inside);
  if (wanted && !isUnanswered) keep(inside, { isUnanswered: true });
  const shown = grantShown(inside.state);
  const known = shown === null ? [...used] : [...used, shown];
  const asked = { unused: [...unused], used: known, wanted, takesDialled: true as const };
  const answer = await client
    .call('taskNext', settles ? { ...asked, isSettled: true } : asked, token)
    .finally(() => (inside.isTelling = false));
  if (seat.session?.token !== token) return;
  if (!answer.ok) {
    if (kept(inside).isUnanswered === true) settleLater(inside);
    log.debug('no task told', { kind: answer.error.kind });
    // A central of before has no such route.
    const isNever = answer.error.kind === 'notFound';
    const againAtMs = isNever ? null : clock.nowMs() + offlineMs;
    tell(inside, { kind: 'nobody', why: isNever ? 'noTasks' : 'tasksOffline', againAtMs, tasks: [] });
    // What is owed goes with the next question; asking for that alone again at once would go on for as long as central is away.
    if (inside.state.kind === 'aside' && mayWork(inside)) start(inside, true);
    return;
  }
  const told = new Set(unused.map(({ grantId }) => grantId));
  const left = kept(inside).unused.filter(({ grantId }) => !told.has(grantId));
  // Answered now: only what was asked before that is still open.
  keep(inside, { unused: left, isUnanswered: isUnanswered && !settles });
  if (isUnanswered && !settles) settleLater(inside);
  const { item, why, againInMs, tasks, shift } = answer.value;
  if (item !== null) take(inside, item, askedAtMs, tasks);
  else {
    const nowMs = clock.nowMs();
    const againAtMs = againInMs === null ? null : nowMs + againInMs;
    const shifted =
      shift === undefined ? {} : { shift: { queue: shift.queue, why: shift.why, sinceMs: nowMs - shift.forMs } };
    tell(inside, { kind: 'nobody', why: why ?? 'taskNobodyNow', againAtMs, tasks, ...shifted });
  }
  review(inside);
};

/** Counted from before it was asked for: no clock has to agree with central's. */
const take = (inside: Inside, item: TaskItem, askedAtMs: number, tasks: Shown['tasks']): void => {
  const boxEndsAtMs = inside.clock.nowMs() + item.boxSeconds * 1_000;
  tell(inside, { kind: 'given', item, askedAtMs, endsAtMs: askedAtMs + item.ttlMs, boxEndsAtMs, tasks });
  // A call came in meanwhile.
  if (grantShown(inside.state) !== item.grantId) owe(inside, { grantId: item.grantId, why: 'putBack' });
};

const review = (inside: Inside): void => {
  const isWorking = mayWork(inside);
  if (!isWorking) pass(inside, 'putBack', 'boxOver');
  tell(inside, { kind: isOn(inside) ? 'turnedOn' : 'turnedOff' });
  tell(inside, { kind: isWorking ? 'free' : 'taken' });
  if (isWorking && inside.state.kind === 'aside') return start(inside, true);
  if (inside.seat.session === null) return;
  if (kept(inside).unused.length > 0) start(inside, false);
  if (kept(inside).isUnanswered === true && !inside.isTelling) settleLater(inside);
};
