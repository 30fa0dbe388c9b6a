import type { Durations, HowMany } from './durations.ts';
import { createDurations } from './durations.ts';
import { createAnswerRate, createWindow, type Rate } from './memory.ts';

/**
 * R25: how many customers to call this second. Looks ahead to the moments at which a call begun now may be answered, and asks for each
 * of them how many agents will be free by then and how many customers will have answered. Whoever answers without a free agent within
 * `silenceMs` hears the abandonment message and counts as abandoned.
 */
export type PacingRule = {
  /**
   * Of the answered calls of a window, of this one and of every one that begins later with what it has of this one, where dialling ahead
   * stops. Below the 3 % of R25: calls already ringing may still be lost.
   */
  readonly mostAbandoned: number;
  /** Where nothing is risked any more that the forecast can see. */
  readonly careful: number;
  /** What is aimed at, below it: chance needs room. */
  readonly aim: number;
  readonly windowMs: number;
  /** How long a customer may hear nothing before an agent speaks. */
  readonly silenceMs: number;
  /** With fewer agents in sight at the moment of an answer, calls go out one per free agent (progressive). */
  readonly fewestAgents: number;
};
export const defaultPacing: PacingRule = {
  mostAbandoned: 0.028,
  careful: 0.025,
  aim: 0.015,
  windowMs: 30 * 60_000,
  silenceMs: 2_000,
  fewestAgents: 5,
};

/** The task's floor at a moment. Times since it began, in ms; one entry per agent or call. */
export type Floor = {
  readonly free: number;
  /** Customers who have answered and wait for the next free agent. */
  readonly waiting: number;
  /** Since the customer answered. */
  readonly talking: readonly number[];
  /** Since the customer hung up. */
  readonly wrappingUp: readonly number[];
  /** Since it was dialled. */
  readonly ringing: readonly number[];
};

export type PacingWhy =
  /** Few agents in sight. */
  | 'fewAgents'
  /** Too few answered calls in the window to bear one that is lost. */
  | 'learning'
  /** One more lost call could break the promise. */
  | 'promise'
  | 'forecast';
export type PacingDecision = {
  readonly mode: 'progressive' | 'predictive';
  readonly why: PacingWhy;
  /** Calls to begin now. */
  readonly dial: number;
};

export type Pacing = {
  readonly decide: (floor: Floor, nowMs: number) => PacingDecision;
  /** A call that is no longer ringing: answered by somebody, or over (busy, nobody, refused, machine). */
  readonly rang: (end: 'answered' | 'over', ringMs: number, atMs: number) => void;
  /** An answered customer who met nobody. */
  readonly abandoned: (atMs: number) => void;
  /** An answered customer who met an agent. */
  readonly connected: (atMs: number) => void;
  /** A finished call: from the answer until the agent was free again, and the wrap-up of it. */
  readonly handled: (handleMs: number, wrapUpMs: number, atMs: number) => void;
};

/** Shares of the answers by which a call begun now is looked at. */
const horizonShares = [0.25, 0.5, 0.75, 0.95];
const controlEveryMs = 30_000;
const controlGain = 0.15;

/** When dialling ahead stops, fewer customers answer: at this share of the pace of the window. */
const slowest = 0.6;
const surpriseMemoryMs = 12_000;
const surpriseEveryMs = 1_000;
const nextLook = Float64Array.of(surpriseEveryMs);

/** A quarter of an hour: the afternoon is unlike the morning. */
const memoryMs = 15 * 60_000;

export const createPacing = (rule: PacingRule = defaultPacing): Pacing => {
  const handle = createDurations({ binMs: 2_000, bins: 600, priorMeanMs: 180_000, priorWeight: 20, memoryMs });
  const wrapUp = createDurations({ binMs: 1_000, bins: 300, priorMeanMs: 30_000, priorWeight: 20, memoryMs });
  /** Ring times of those who answered, and of all: together the chance that a ringing call is answered, and when. */
  const toAnswer = createDurations({ binMs: 500, bins: 120, priorMeanMs: 9_000, priorWeight: 10, memoryMs });
  const toEnd = createDurations({ binMs: 500, bins: 120, priorMeanMs: 15_000, priorWeight: 10, memoryMs });
  const answerRate = createAnswerRate({ rate: 0.3, weight: 20 });
  const window = createWindow(rule.windowMs);
  /**
   * Share of the answered that one forecast may lose. Far below what is lost in the end: every second brings a new forecast, lucky ones
   * are filled up and unlucky ones cannot take calls back. So it is not computed but moved until what is measured meets the aim.
   */
  let allowed = 0.001;
  let controlledMs = Number.NEGATIVE_INFINITY;

  const control = (nowMs: number): void => {
    if (nowMs - controlledMs < controlEveryMs) return;
    controlledMs = nowMs;
    const { answered, abandoned } = window.sum(nowMs);
    if (answered < 1 / rule.aim) return;
    const error = Math.max(-1, Math.min(1, (rule.aim - abandoned / answered) / rule.aim));
    allowed = Math.max(1e-9, Math.min(0.1, allowed * Math.exp(controlGain * error)));
  };
  const learnt: Learnt = { handle, wrapUp, toAnswer, toEnd, answered: { rate: 0.3, weight: 20 } };
  const outlook = (floor: Floor, boost: number): Outlook[] => outlookOf(floor, learnt, boost, rule);
  const surprise = createSurprise(learnt);

  return {
    decide: (floor, nowMs) => {
      control(nowMs);
      const progressive = (why: PacingWhy): PacingDecision => ({
        mode: 'progressive',
        why,
        dial: Math.max(0, floor.free - floor.ringing.length),
      });
      handle.running(floor.talking);
      wrapUp.running(floor.wrappingUp);
      learnt.answered = answerRate.look(floor.ringing, (ms) => toAnswer.endsWithin(0, ms), nowMs);
      const boost = surprise.look(floor.ringing, nowMs);
      const { answered } = window.sum(nowMs);
      if (rule.mostAbandoned * answered < 1) return progressive('learning');
      const ahead = outlook(floor, boost);
      const middle = ahead[1];
      if (middle === undefined || middle.supply < rule.fewestAgents) return progressive('fewAgents');
      const risk = Math.max(...ahead.map((at) => shortage(at, 0)));
      const windows = window.ahead(nowMs, slowest);
      if (windows.some((one) => one.abandoned + risk + 1 > rule.mostAbandoned * one.answered))
        return progressive('promise');
      // The nearer the window is to its limit, the less is risked: to stop at the limit alone would leave agents idle.
      const share = Math.max(...windows.map((one) => (one.abandoned + risk) / one.answered));
      const room = Math.max(0, Math.min(1.5, (rule.careful - share) / (rule.careful - rule.aim)));
      const agents = floor.free + floor.talking.length + floor.wrappingUp.length;
      const dial = mostCalls(ahead, allowed * room, agents);
      return { mode: 'predictive', why: 'forecast', dial };
    },
    rang: (end, ringMs, atMs) => {
      toEnd.add(ringMs, atMs);
      if (end === 'answered') {
        toAnswer.add(ringMs, atMs);
        surprise.answered();
      }
      answerRate.add(end === 'answered', ringMs, atMs);
    },
    abandoned: (atMs) => window.add(atMs, true),
    connected: (atMs) => window.add(atMs, false),
    handled: (handleMs, wrapUpMs, atMs) => {
      handle.add(handleMs, atMs);
      wrapUp.add(wrapUpMs, atMs);
    },
  };
};

type Learnt = {
  readonly handle: Durations;
  readonly wrapUp: Durations;
  readonly toAnswer: Durations;
  readonly toEnd: Durations;
  /** As of the last look. */
  answered: Rate;
};
/** Agents free and customers answering until one moment: means and variances of sums of independent yes-or-no events. */
type Outlook = {
  readonly supply: number;
  readonly supplyVar: number;
  readonly demand: number;
  readonly demandVar: number;
  /** Of the demand, customers who ring now; all of them, and those begun now, answer by one share, of which only an estimate is known. */
  readonly answering: number;
  /** Variance of that estimate, as a share of its square. On a big floor it is what makes most of the chance. */
  readonly rateVar: number;
  /** The chance that a call begun now is answered by then. */
  readonly chance: number;
};

const outlookOf = (floor: Floor, learnt: Learnt, boost: number, rule: PacingRule): Outlook[] => {
  const { handle, wrapUp, toAnswer } = learnt;
  const inMs = Float64Array.from(horizonShares, (share) => toAnswer.quantileMs(share));
  const freeInMs = inMs.map((ms) => ms + rule.silenceMs);
  const talking = handle.ending(floor.talking, freeInMs);
  const wrappingUp = wrapUp.ending(floor.wrappingUp, freeInMs);
  const customers = answering(learnt, floor.ringing, inMs, boost);
  const { rate, weight } = learnt.answered;
  const rateVar = (1 - rate) / (rate * weight);
  const of = (values: Float64Array, at: number): number => values[at] ?? 0;
  return horizonShares.map((_, at) => ({
    supply: floor.free + of(talking.means, at) + of(wrappingUp.means, at),
    supplyVar: of(talking.variances, at) + of(wrappingUp.variances, at),
    demand: floor.waiting + of(customers.means, at),
    demandVar: of(customers.variances, at),
    ...{ answering: of(customers.means, at), rateVar },
    chance: Math.min(1, boost * rate) * toAnswer.endsWithin(0, inMs[at] ?? 0),
  }));
};

/** How many of those ringing answer within each of `inMs`. Those begun in one round are alike, and stand side by side. */
const answering = (learnt: Learnt, ringing: readonly number[], inMs: Float64Array, boost: number): HowMany => {
  const means = new Float64Array(inMs.length);
  const variances = new Float64Array(inMs.length);
  const chances = new Float64Array(inMs.length);
  let beforeMs = Number.NaN;
  for (const ms of ringing) {
    if (ms !== beforeMs) answerWithin(learnt, ms, inMs, boost, chances);
    beforeMs = ms;
    for (let at = 0; at < inMs.length; at += 1) {
      const chance = chances[at] ?? 0;
      means[at] = (means[at] ?? 0) + chance;
      variances[at] = (variances[at] ?? 0) + chance * (1 - chance);
    }
  }
  return { means, variances };
};

/** Bayes over the ring: of those still ringing after `ms`, who would have answered, and does so within each of `inMs`. */
const answerWithin = (
  { toAnswer, toEnd, answered }: Learnt,
  ms: number,
  inMs: Float64Array,
  boost: number,
  chances: Float64Array,
): void => {
  const stillToAnswer = answered.rate * (1 - toAnswer.endsWithin(0, ms));
  const stillRinging = Math.max(stillToAnswer, 1 - toEnd.endsWithin(0, ms), 1e-9);
  toAnswer.endWithin(ms, inMs, chances);
  for (let at = 0; at < chances.length; at += 1)
    chances[at] = Math.min(1, boost * Math.min(1, (stillToAnswer / stillRinging) * (chances[at] ?? 0)));
};

/**
 * How many times more customers answered within the last seconds than the calls in flight promised; 1 when chance explains it. On a big floor a
 * sudden better part of the list shows here seconds after the first calls to it, long before the share of the finished ones does.
 */
const createSurprise = (
  learnt: Learnt,
): { readonly answered: () => void; readonly look: (ringing: readonly number[], nowMs: number) => number } => {
  let seen = 0;
  let foreseen = 0;
  let promised = 0;
  let lookedMs = Number.NEGATIVE_INFINITY;
  return {
    answered: () => {
      seen += 1;
    },
    look: (ringing, nowMs) => {
      const sinceMs = nowMs - lookedMs;
      lookedMs = nowMs;
      // After a pause nothing is known of the calls between.
      if (sinceMs > surpriseMemoryMs) [seen, foreseen] = [0, 0];
      else {
        const fade = Math.exp(-sinceMs / surpriseMemoryMs);
        foreseen = (foreseen + promised * (sinceMs / surpriseEveryMs)) * fade;
        seen *= fade;
      }
      promised = answering(learnt, ringing, nextLook, 1).means[0] ?? 0;
      return foreseen < 1 ? 1 : Math.max(1, (seen - Math.sqrt(seen)) / foreseen);
    },
  };
};

/** Customers expected to meet nobody if `more` calls are begun now: E[max(0, demand − supply)], both near normal. */
const shortage = (at: Outlook, more: number): number => {
  const { supply, supplyVar, demand, demandVar, answering, rateVar, chance } = at;
  const mean = demand + more * chance - supply;
  const alike = (answering + more * chance) ** 2 * rateVar;
  const deviation = Math.sqrt(supplyVar + demandVar + more * chance * (1 - chance) + alike);
  if (deviation < 1e-9) return Math.max(0, mean);
  const z = mean / deviation;
  return mean * normalBelow(z) + deviation * normalDensity(z);
};

/** The most calls with which no moment ahead loses more than `allowed` of those who answer by then. */
const mostCalls = (ahead: readonly Outlook[], allowed: number, cap: number): number => {
  const bears = (more: number): boolean =>
    ahead.every((at) => shortage(at, more) <= allowed * (at.demand + more * at.chance));
  let low = 0;
  let high = cap;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (bears(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
};

const normalDensity = (z: number): number => Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
/** Abramowitz and Stegun 26.2.17; error below 7.5e-8. */
const normalBelow = (z: number): number => {
  const t = 1 / (1 + 0.231_641_9 * Math.abs(z));
  const tail =
    normalDensity(z) *
    t *
    (0.319_381_53 + t * (-0.356_563_782 + t * (1.781_477_937 + t * (-1.821_255_978 + t * 1.330_274_429))));
  return z >= 0 ? 1 - tail : tail;
};
