import type { DialledCall, DialledEvent, PacingView } from '../../shared/dialler.ts';
import { nextDialled, unansweredBy } from '../../shared/dialler.ts';
import type { TaskId } from '../../shared/ids.ts';
import { parseNumber } from '../../shared/phone-number.ts';
import type { TaskItem } from '../../shared/task-api.ts';
import type { Clock, Log } from '../ambient.ts';
import { faultFields } from '../ambient.ts';
import type { Db } from '../db.ts';
import { transaction } from '../db.ts';
import { lookedUp } from '../holdings.ts';
import { PbxFault } from '../pbx.ts';
import type { EntryGranted } from '../task-next.ts';
import { itemOf, nextEntry } from '../task-next.ts';
import type { TaskPorts, TaskRow } from '../tasks.ts';
import { taskById } from '../tasks.ts';
import type { UnderWay } from '../under-way.ts';
import { makeUnderWay } from '../under-way.ts';
import type { Dialler, DiallerEvent } from './dialler-port.ts';
import { createAgents } from './floor.ts';
import type { Pacing, PacingDecision } from './pacing.ts';
import { createPacing, defaultPacing } from './pacing.ts';
import { showPacing } from './pacing-view.ts';
import {
  claim,
  type Claimant,
  entryOf,
  floorAgents,
  keptCalls,
  letGo,
  mayDialStill,
  noteAnswered,
  noteMet,
  settle,
  waitsNoMore,
  writeDown,
} from './reservations.ts';

/** R25, the promise: from the customer's answer to the agent's voice, or to the message. */
export const silenceMs = 2_000;
/** What an agent's telephone takes, tone included: with less left nobody is asked any more. */
const connectMs = 800;
const roundMs = 250;
const secondMs = 1_000;
/** The last moments of a ring time: the exchange's timer and ours are two. */
const rungOutMs = 400;
const ringMsOf = ({ plan }: TaskRow): number => (plan.predictive?.ringSeconds ?? 25) * secondMs;

export type PacerPorts = {
  /** Of the task's tenant. */
  readonly db: Db;
  readonly taskId: TaskId;
  readonly me: Claimant;
  readonly clock: Clock;
  readonly log: Log;
  readonly dialler: Dialler;
  readonly tasks: TaskPorts;
  /** To the agent's seat, before its telephone rings. */
  readonly announce: (agentId: string, contactId: string, item: TaskItem) => Promise<void>;
};

/** Dials one task, as the only one of all instances, until it is over, paused, or another instance has it. */
export type Pacer = {
  readonly hear: (event: DiallerEvent, atMs: number) => void;
  /** Resolves when it has ended. */
  readonly ended: Promise<void>;
  /** Lets go: calls go on, and whoever comes next finds them written down. Resolves when nothing of it is under way. */
  readonly close: () => Promise<void>;
};

type Own = {
  readonly id: string;
  readonly given: EntryGranted;
  call: DialledCall;
  /** An agent's telephone is being rung for it. */
  isOffered: boolean;
  isStopped: boolean;
  cause: number | null;
};

type Inside = PacerPorts & {
  task: TaskRow;
  readonly pacing: Pacing;
  readonly agents: ReturnType<typeof createAgents>;
  readonly calls: Map<string, Own>;
  /** Changes of one call reach the database in their order. */
  readonly writes: Map<string, Promise<void>>;
  /** Those, and the agents' telephones being rung. */
  readonly underWay: UnderWay;
  decision: PacingDecision;
  decidedMs: number;
  claimedMs: number;
  readMs: number;
  /** The exchange did not answer: nobody is called until it says what there is. */
  isAway: boolean;
  isClosed: boolean;
  readonly counted: { answered: number[]; abandoned: number[] };
};

/** @returns undefined when another instance has the task */
export const startPacer = async (ports: PacerPorts): Promise<Pacer | undefined> => {
  const { db, taskId, me, clock, log } = ports;
  if (!(await claim(db, taskId, me, clock.nowMs()))) return undefined;
  const task = await taskById(db, taskId);
  if (task === undefined) return undefined;
  // Less than the whole silence: what is left of it an agent's telephone takes.
  const pacing = createPacing({ ...defaultPacing, silenceMs: silenceMs - connectMs });
  const inside: Inside = {
    ...{ ...ports, task, pacing, agents: createAgents(), calls: new Map(), writes: new Map() },
    underWay: makeUnderWay(),
    ...{
      decision: { mode: 'progressive', why: 'learning', dial: 0 },
      decidedMs: 0,
      claimedMs: clock.nowMs(),
      readMs: 0,
    },
    ...{ isAway: true, isClosed: false, counted: { answered: [], abandoned: [] } },
  };
  await takeOver(inside);
  log.info({ taskId, calls: inside.calls.size }, 'task dialled here');
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  let cancel = (): void => {};
  let round: Promise<void> = Promise.resolve();
  const go = async (): Promise<void> => {
    const goesOn = await oneRound(inside).catch((fault: unknown) => {
      log.warn(faultFields(fault), 'dialler round failed; tried again');
      return true;
    });
    if (goesOn && !inside.isClosed) {
      cancel = clock.after(roundMs, begin);
      return;
    }
    await inside.underWay.settled();
    if (!inside.isClosed) await letGo(db, taskId, me.instance).catch(() => undefined);
    resolve();
  };
  const begin = (): void => {
    round = go();
  };
  begin();
  return {
    hear: (event, atMs) => hear(inside, event, atMs),
    ended,
    close: async () => {
      inside.isClosed = true;
      cancel();
      await round;
      await inside.underWay.settled();
    },
  };
};

/** The window goes on where another instance left it, and so do its calls. */
const takeOver = async (inside: Inside): Promise<void> => {
  const { db, task, pacing, agents, calls, clock } = inside;
  const kept = await keptCalls(db, task.id, clock.nowMs() - defaultPacing.windowMs);
  for (const one of kept) {
    const { outcome, answeredAtMs, metAtMs, reservedAtMs, endedAtMs } = one;
    if (outcome !== null) {
      const endMs = answeredAtMs ?? endedAtMs ?? reservedAtMs;
      pacing.rang(answeredAtMs === null ? 'over' : 'answered', endMs - reservedAtMs, endMs);
      if (answeredAtMs !== null) count(inside, outcome === 'abandoned', answeredAtMs, outcome !== 'leftEarly');
      continue;
    }
    const given = await entryOf(db, task, one);
    if (given === undefined) continue;
    const call: DialledCall =
      answeredAtMs === null
        ? { kind: 'ringing', sinceMs: reservedAtMs }
        : metAtMs === null || one.agentId === null
          ? { kind: 'waiting', dialledMs: reservedAtMs, answeredMs: answeredAtMs }
          : { kind: 'connected', answeredMs: answeredAtMs, metMs: metAtMs, agentId: one.agentId };
    calls.set(one.id, { id: one.id, given, call, isOffered: false, isStopped: false, cause: null });
    if (call.kind !== 'connected') continue;
    count(inside, false, call.answeredMs, true);
    agents.give(call.agentId, one.id);
    agents.met(call.agentId, call.answeredMs);
  }
};

const count = ({ pacing, counted }: Inside, isAbandoned: boolean, atMs: number, isCounted: boolean): void => {
  if (!isCounted) return;
  if (isAbandoned) pacing.abandoned(atMs);
  else pacing.connected(atMs);
  counted.answered.push(atMs);
  if (isAbandoned) counted.abandoned.push(atMs);
};

/** @returns whether there is something left to do here */
const oneRound = async (inside: Inside): Promise<boolean> => {
  const { db, taskId, me, clock, agents, pacing, calls } = inside;
  const nowMs = clock.nowMs();
  if (nowMs - inside.claimedMs >= secondMs) {
    if (!(await claim(db, taskId, me, nowMs))) return false;
    inside.claimedMs = nowMs;
  }
  if (nowMs - inside.readMs >= 2 * roundMs) {
    const task = await taskById(db, taskId);
    if (task === undefined) return false;
    inside.task = task;
    inside.readMs = nowMs;
  }
  for (const one of agents.look(await floorAgents(db, taskId), clock.nowMs()))
    pacing.handled(one.handleMs, one.wrapUpMs, clock.nowMs());
  if (inside.isAway) await reconcile(inside);
  const isRunning = inside.task.state.kind === 'running';
  if (!isRunning) stopAll(inside);
  assign(inside);
  giveUp(inside);
  if (isRunning && !inside.isAway && clock.nowMs() - inside.decidedMs >= secondMs) await decide(inside);
  return isRunning || calls.size > 0;
};

const decide = async (inside: Inside): Promise<void> => {
  const { clock, pacing, agents, calls, db, taskId, me } = inside;
  const nowMs = clock.nowMs();
  inside.decidedMs = nowMs;
  const all = [...calls.values()];
  const floor = {
    ...{ free: agents.free(nowMs), talking: agents.talking(nowMs), wrappingUp: agents.wrappingUp(nowMs) },
    waiting: all.filter(({ call, isOffered }) => call.kind === 'waiting' && !isOffered).length,
    ringing: all.flatMap(({ call }) =>
      call.kind === 'reserved' || call.kind === 'ringing' ? [Math.max(0, nowMs - call.sinceMs)] : [],
    ),
  };
  inside.decision = pacing.decide(floor, nowMs);
  const { mode, why, dial } = inside.decision;
  for (let at = 0; at < dial; at += 1) if (!(await dialOne(inside))) break;
  const recent = (times: readonly number[]): number[] => times.filter((atMs) => nowMs - atMs < defaultPacing.windowMs);
  inside.counted.answered = recent(inside.counted.answered);
  inside.counted.abandoned = recent(inside.counted.abandoned);
  const view: PacingView = {
    ...{ mode, why, free: floor.free, talking: floor.talking.length, waiting: floor.waiting },
    ringing: floor.ringing.length + dial,
    ...{ answered: inside.counted.answered.length, abandoned: inside.counted.abandoned.length },
  };
  await showPacing(db, taskId, me.instance, view);
};

/** @returns whether another one may be called in this round */
const dialOne = async (inside: Inside): Promise<boolean> => {
  const { db, taskId, me, clock, tasks, task, calls, dialler } = inside;
  const id = tasks.newId();
  const by = { agentId: 'dialler', seatId: '', role: 'agent' } as const;
  const given = await transaction(db, async (tx) => {
    if (!(await mayDialStill(tx, taskId, me.instance, clock.nowMs()))) return undefined;
    const next = await nextEntry(tx, tasks, by, task);
    if (!next.ok) return undefined;
    await writeDown(tx, id, next.value, clock.nowMs());
    return next.value;
  });
  if (given === undefined || inside.isClosed) return false;
  const own: Own = {
    ...{ id, given, isOffered: false, isStopped: false, cause: null },
    call: { kind: 'reserved', sinceMs: clock.nowMs() },
  };
  calls.set(id, own);
  const number = parseNumber(given.entry.key);
  const { predictive, callerNumber } = task.plan;
  try {
    await dialler.dial({
      ...{ id, callerNumber, silenceMs, detectsMachines: predictive?.detectsMachines ?? false },
      number: 'national' in number ? number.national.replace(/[^\d+]/g, '') : given.entry.key,
      ringMs: ringMsOf(task),
    });
    step(inside, own, { kind: 'dialled', atMs: clock.nowMs() });
    return true;
  } catch (fault) {
    if (fault instanceof PbxFault && fault.kind === 'refused')
      step(inside, own, { kind: 'ended', why: 'failed', atMs: clock.nowMs() });
    // It may be ringing all the same: what is true is asked for once the exchange is back.
    else inside.isAway = true;
    inside.log.warn(faultFields(fault), 'customer not called');
    return false;
  }
};

const hear = (inside: Inside, event: DiallerEvent, atMs: number): void => {
  if (event.kind === 'synced') {
    inside.isAway = true;
    return;
  }
  const own = inside.calls.get(event.id);
  if (own === undefined) return;
  switch (event.kind) {
    case 'answered':
      step(inside, own, { kind: 'answered', atMs });
      return assign(inside);
    case 'machine':
      return step(inside, own, { kind: 'machine', atMs });
    case 'abandoned':
      return step(inside, own, { kind: 'lost', atMs });
    case 'ended': {
      own.cause = event.cause;
      const why = own.isStopped
        ? 'stopped'
        : unansweredBy(event.cause, event.hasRungOut || hasRungOut(inside, own, atMs));
      return step(inside, own, { kind: 'ended', why, atMs });
    }
  }
};

/** Of a call that another instance began the exchange here does not know how long it was to ring. */
const hasRungOut = ({ task }: Inside, { call }: Own, atMs: number): boolean =>
  'sinceMs' in call && atMs - call.sinceMs > ringMsOf(task) - rungOutMs;

/** One event of one call: what pacing learns of it, and what is written down. */
const step = (inside: Inside, own: Own, event: DialledEvent): void => {
  const { pacing, agents, calls } = inside;
  const before = own.call;
  const now = nextDialled(before, event);
  if (now === before) return;
  own.call = now;
  const { grantId } = own.given.granted;
  const ringMs = 'sinceMs' in before ? event.atMs - before.sinceMs : 0;
  if (now.kind === 'waiting') {
    pacing.rang('answered', ringMs, event.atMs);
    write(inside, own, (db) => transaction(db, (tx) => noteAnswered(tx, own.id, grantId, event.atMs)));
  }
  if (now.kind === 'connected') {
    count(inside, false, now.answeredMs, true);
    agents.met(now.agentId, now.answeredMs);
    write(inside, own, (db) => transaction(db, (tx) => noteMet(tx, own.id, grantId, now.agentId, now.metMs)));
  }
  if (now.kind !== 'over') return;
  if ('sinceMs' in before && now.outcome !== 'stopped') pacing.rang('over', ringMs, event.atMs);
  if (now.outcome === 'abandoned') count(inside, true, event.atMs, true);
  agents.callEnded(own.id, event.atMs);
  calls.delete(own.id);
  const { task } = inside;
  const at = { id: own.id, grantId, task };
  write(inside, own, (db) => transaction(db, (tx) => settle(tx, at, now, own.cause)));
};

const write = ({ db, writes, underWay, log }: Inside, { id }: Own, work: (db: Db) => Promise<void>): void => {
  const done = (writes.get(id) ?? Promise.resolve())
    .then(() => work(db))
    .catch((fault: unknown) => log.error(faultFields(fault), 'call of the dialler not written down'))
    .finally(() => {
      if (writes.get(id) === done) writes.delete(id);
    });
  writes.set(id, done);
  void underWay.track(done);
};

/** Who answered first meets whoever waits longest. */
const assign = (inside: Inside): void => {
  const { calls, agents, clock, underWay } = inside;
  if (inside.isClosed) return;
  const waiting = [...calls.values()].flatMap((own) =>
    own.call.kind === 'waiting' && !own.isOffered ? [{ own, answeredMs: own.call.answeredMs }] : [],
  );
  for (const { own, answeredMs } of waiting.toSorted((one, other) => one.answeredMs - other.answeredMs)) {
    const nowMs = clock.nowMs();
    const leftMs = answeredMs + silenceMs - nowMs;
    if (leftMs < connectMs / 2) continue;
    const agent = agents.next(nowMs);
    if (agent === undefined) return;
    own.isOffered = true;
    agents.give(agent.agentId, own.id);
    const connected = connect(inside, own, agent, leftMs).catch((fault: unknown) => {
      inside.log.warn(faultFields(fault), 'customer not connected');
      own.isOffered = false;
      agents.notTaken(agent.agentId, clock.nowMs());
    });
    void underWay.track(connected);
  }
};

/** The seat is told first: it takes no call by itself that central has not announced, and shows whose it is before they are heard. */
const connect = async (
  inside: Inside,
  own: Own,
  agent: { readonly agentId: string; readonly number: string; readonly seatId: string },
  withinMs: number,
): Promise<void> => {
  const { dialler, agents, clock, db, announce } = inside;
  await announce(agent.agentId, own.id, itemOf(own.given));
  const came = await dialler.connect(own.id, agent.number, withinMs);
  own.isOffered = false;
  const nowMs = clock.nowMs();
  if (came === 'connected') {
    step(inside, own, { kind: 'met', agentId: agent.agentId, atMs: nowMs });
    const { customer } = own.given;
    if (customer !== undefined) await lookedUp(db, agent.seatId, [customer.id], nowMs);
    return;
  }
  agents.notTaken(agent.agentId, came === 'over' ? 0 : nowMs);
  // Not at the telephone, or no longer one who takes tasks: until the seat says again that it waits.
  if (came === 'notTaken') await waitsNoMore(db, agent.agentId);
  assign(inside);
};

/** With too little time left for an agent, the message comes now rather than after the whole silence. */
const giveUp = ({ calls, clock, dialler, log }: Inside): void => {
  for (const { id, call, isOffered } of calls.values())
    if (call.kind === 'waiting' && !isOffered && clock.nowMs() - call.answeredMs > silenceMs - connectMs / 2)
      dialler.abandon(id).catch((fault: unknown) => log.warn(faultFields(fault), 'message not asked for'));
};

/** R25: within a second of being told. Who has answered is not hung up on. */
const stopAll = ({ calls, dialler, log }: Inside): void => {
  for (const own of calls.values()) {
    if (own.isStopped || (own.call.kind !== 'reserved' && own.call.kind !== 'ringing')) continue;
    own.isStopped = true;
    dialler.stop(own.id).catch((fault: unknown) => {
      own.isStopped = false;
      log.warn(faultFields(fault), 'call not stopped');
    });
  }
};

/** Events were missed: what the exchange has is what is. */
const reconcile = async (inside: Inside): Promise<void> => {
  const { dialler, calls, clock } = inside;
  const before = [...calls.values()];
  const running = new Map((await dialler.calls()).map(({ id, state }) => [id, state]));
  inside.isAway = false;
  const atMs = clock.nowMs();
  for (const own of before) {
    const state = running.get(own.id);
    if (state === undefined) step(inside, own, { kind: 'ended', why: own.isStopped ? 'stopped' : 'failed', atMs });
    else if (state !== 'ringing') step(inside, own, { kind: 'answered', atMs });
  }
};
