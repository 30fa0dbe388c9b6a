import type { Floor } from '../../../central/dialler/pacing.ts';
import { chanceFrom } from './chance.ts';
import { createQueue } from './event-queue.ts';
import type { Method } from './methods.ts';

/** What the customers and agents of the simulated day are like; times in ms. */
export type DayOptions = {
  readonly agents: number;
  readonly hours: number;
  readonly seed: number;
  /** Share of the calls that somebody answers, by hour. */
  readonly answerRate: (hour: number) => number;
  readonly talkMs: (hour: number) => number;
  readonly wrapUpMs: number;
  readonly silenceMs: number;
  /** After a call an agent leaves for a while with this chance; that time is not the task's. */
  readonly breakShare: number;
  readonly breakMs: number;
};
export type Day = {
  readonly talkMinPerHour: number;
  readonly dialled: number;
  readonly answered: number;
  readonly abandoned: number;
  /** The worst of all windows of 30 minutes, every 10 s, in per cent of those who answered in it. */
  readonly worstWindowPct: number;
  /** What each answered customer heard before an agent or the message: ms. */
  readonly silencesMs: readonly number[];
};

type Agent = { state: 'free' | 'talking' | 'wrappingUp' | 'away'; sinceMs: number; answeredMs: number };
type Happening =
  | { readonly kind: 'tick' }
  | { readonly kind: 'rang'; readonly call: { readonly dialledMs: number }; readonly isAnswered: boolean }
  | { readonly kind: 'waited'; readonly caller: { answeredMs: number; isMet: boolean } }
  | { readonly kind: 'agent'; readonly agent: Agent };

const tickMs = 1_000;
const hourMs = 3_600_000;
const windowMs = 1_800_000;
const sliceMs = 10_000;

/** Plays a day of one task. The customers' traits are drawn by the same seed for every method. */
export const playDay = (method: Method, options: DayOptions): Day => {
  const { agents: count, hours, answerRate, talkMs, wrapUpMs, silenceMs } = options;
  const chance = chanceFrom(options.seed);
  const endMs = hours * hourMs;
  const events = createQueue<Happening>();
  const agents: Agent[] = Array.from({ length: count }, () => ({ state: 'free', sinceMs: 0, answeredMs: 0 }));
  const ringing = new Set<{ readonly dialledMs: number }>();
  const waiting: { answeredMs: number; isMet: boolean }[] = [];
  // Who has been free for longest comes first.
  const freed = createLine(agents);
  const silencesMs: number[] = [];
  const answeredIn = new Float64Array(Math.ceil(endMs / sliceMs) + 1);
  const abandonedIn = new Float64Array(answeredIn.length);
  const sums = { dialled: 0, answered: 0, abandoned: 0, talk: 0, away: 0 };
  const hourOf = (nowMs: number): number => Math.floor(nowMs / hourMs);

  const connect = (agent: Agent, caller: { answeredMs: number; isMet: boolean }, nowMs: number): void => {
    caller.isMet = true;
    silencesMs.push(nowMs - caller.answeredMs);
    method.connected(caller.answeredMs);
    const lasts = chance.around(talkMs(hourOf(nowMs)), 0.8);
    sums.talk += Math.min(lasts, endMs - nowMs);
    Object.assign(agent, { state: 'talking', sinceMs: nowMs, answeredMs: nowMs });
    events.add(nowMs + lasts, { kind: 'agent', agent });
  };
  const free = (agent: Agent, nowMs: number): void => {
    Object.assign(agent, { state: 'free', sinceMs: nowMs });
    const next = waiting.shift();
    if (next === undefined) freed.join(agent);
    else connect(agent, next, nowMs);
  };
  const agentEvent = (agent: Agent, nowMs: number): void => {
    if (agent.state === 'talking') {
      Object.assign(agent, { state: 'wrappingUp', sinceMs: nowMs });
      events.add(nowMs + chance.around(wrapUpMs, 0.5), { kind: 'agent', agent });
      return;
    }
    if (agent.state === 'wrappingUp') {
      method.handled(nowMs - agent.answeredMs, nowMs - agent.sinceMs, nowMs);
      if (chance.isOne(options.breakShare)) {
        const lasts = chance.around(options.breakMs, 0.5);
        sums.away += Math.min(lasts, endMs - nowMs);
        Object.assign(agent, { state: 'away', sinceMs: nowMs });
        events.add(nowMs + lasts, { kind: 'agent', agent });
        return;
      }
    }
    free(agent, nowMs);
  };
  const dial = (nowMs: number): void => {
    const call = { dialledMs: nowMs };
    sums.dialled += 1;
    ringing.add(call);
    const isAnswered = chance.isOne(answerRate(hourOf(nowMs)));
    const rings = isAnswered
      ? Math.min(28_000, 1_500 + chance.around(7_000, 0.6))
      : chance.isOne(0.25)
        ? chance.around(3_000, 0.3)
        : 25_000 + 5_000 * chance.unit();
    events.add(nowMs + rings, { kind: 'rang', call, isAnswered });
  };
  const rang = (call: { readonly dialledMs: number }, isAnswered: boolean, nowMs: number): void => {
    ringing.delete(call);
    method.rang(isAnswered ? 'answered' : 'over', nowMs - call.dialledMs, nowMs);
    if (!isAnswered) return;
    sums.answered += 1;
    answeredIn[Math.floor(nowMs / sliceMs)] = (answeredIn[Math.floor(nowMs / sliceMs)] ?? 0) + 1;
    const caller = { answeredMs: nowMs, isMet: false };
    const agent = freed.next();
    if (agent !== undefined) return connect(agent, caller, nowMs);
    waiting.push(caller);
    events.add(nowMs + silenceMs, { kind: 'waited', caller });
  };
  const waited = (caller: { answeredMs: number; isMet: boolean }, nowMs: number): void => {
    if (caller.isMet) return;
    waiting.splice(waiting.indexOf(caller), 1);
    sums.abandoned += 1;
    silencesMs.push(silenceMs);
    method.abandoned(nowMs);
    const slice = Math.floor(caller.answeredMs / sliceMs);
    abandonedIn[slice] = (abandonedIn[slice] ?? 0) + 1;
  };
  const tick = (nowMs: number): void => {
    const calls = method.decide(floorOf(agents, ringing, waiting.length, nowMs), nowMs);
    for (let at = 0; at < calls; at += 1) dial(nowMs);
    events.add(nowMs + tickMs, { kind: 'tick' });
  };

  events.add(0, { kind: 'tick' });
  for (let next = events.next(); next !== undefined && next.atMs < endMs; next = events.next()) {
    const { atMs, what } = next;
    if (what.kind === 'tick') tick(atMs);
    else if (what.kind === 'rang') rang(what.call, what.isAnswered, atMs);
    else if (what.kind === 'waited') waited(what.caller, atMs);
    else agentEvent(what.agent, atMs);
  }
  return {
    talkMinPerHour: (60 * sums.talk) / (count * endMs - sums.away),
    dialled: sums.dialled,
    answered: sums.answered,
    abandoned: sums.abandoned,
    worstWindowPct: worstWindow(answeredIn, abandonedIn),
    silencesMs,
  };
};

const floorOf = (
  agents: readonly Agent[],
  ringing: ReadonlySet<{ readonly dialledMs: number }>,
  waiting: number,
  nowMs: number,
): Floor => {
  const talking: number[] = [];
  const wrappingUp: number[] = [];
  let free = 0;
  for (const { state, sinceMs } of agents) {
    if (state === 'free') free += 1;
    else if (state === 'talking') talking.push(nowMs - sinceMs);
    else if (state === 'wrappingUp') wrappingUp.push(nowMs - sinceMs);
  }
  const rung: number[] = [];
  for (const { dialledMs } of ringing) rung.push(nowMs - dialledMs);
  return { free, waiting, talking, wrappingUp, ringing: rung };
};

/** First come, first served; taking the first does not move the others. */
const createLine = <T>(
  first: readonly T[],
): { readonly join: (one: T) => void; readonly next: () => T | undefined } => {
  let line = [...first];
  let served = 0;
  return {
    join: (one) => void line.push(one),
    next: () => {
      const one = line[served];
      if (one === undefined) return undefined;
      served += 1;
      if (served > 1_000 && served * 2 > line.length) [line, served] = [line.slice(served), 0];
      return one;
    },
  };
};

/** Of every whole window of 30 minutes, in per cent. */
const worstWindow = (answeredIn: Float64Array, abandonedIn: Float64Array): number => {
  const slices = windowMs / sliceMs;
  let answered = 0;
  let abandoned = 0;
  let worst = 0;
  for (const [at, calls] of answeredIn.entries()) {
    answered += calls - (answeredIn[at - slices] ?? 0);
    abandoned += (abandonedIn[at] ?? 0) - (abandonedIn[at - slices] ?? 0);
    if (at >= slices - 1 && answered > 0) worst = Math.max(worst, (100 * abandoned) / answered);
  }
  return worst;
};
