import { z } from 'zod';
import type { AgentState } from './agent.ts';
import { Text } from './text.ts';

/**
 * What an agent's time went to, to the second and also off line (R38). Closed stretches are kept at the seat in the same transaction
 * as the change of state that ends them; central makes its own out of the ops (`agent.stateChanged`), and an agent can compare the two.
 */
export const workedKinds = ['notReady', 'ready', 'reserved', 'onCall', 'wrapUp'] as const;
export const TimeSpan = z.object({
  kind: z.enum(workedKinds),
  /** Of Not ready; else null. */
  reason: z.string().max(32).nullable(),
  fromMs: z.number(),
  toMs: z.number(),
});
export type TimeSpan = z.infer<typeof TimeSpan>;

export const StateTime = z.object({
  kind: z.enum(workedKinds),
  reason: z.string().max(32).nullable(),
  ms: z.number(),
  times: z.number().int(),
});
export type StateTime = z.infer<typeof StateTime>;

/** A break the roster has for this agent. */
export const PlannedBreak = z.object({ reason: z.string().max(32), fromMs: z.number(), toMs: z.number() });
export type PlannedBreak = z.infer<typeof PlannedBreak>;
export const mostBreaks = 40;

/** A contact that is done with, as a count: no customer and no number (R44). */
export const DoneContact = z.object({
  atMs: z.number(),
  talkMs: z.number(),
  topic: Text.nullable(),
  outcome: Text.nullable(),
  /** The wrap-up timer chose (R28). */
  forced: z.boolean(),
});
export type DoneContact = z.infer<typeof DoneContact>;

/** The shift so far, up to the state the agent is in now. */
export const DayRecord = z.object({
  /** Null: it has not begun. */
  beganAtMs: z.number().nullable(),
  contacts: z.number().int(),
  talkMs: z.number(),
  /** Contacts the wrap-up timer closed. */
  unfinished: z.number().int(),
  states: z.array(StateTime).max(200),
  /** Most frequent first. */
  outcomes: z.array(z.object({ outcome: Text.nullable(), count: z.number().int() })).max(200),
  last: DoneContact.nullable(),
  /** Of the roster, those over and taken left out. */
  breaks: z.array(PlannedBreak).max(mostBreaks),
});
export type DayRecord = z.infer<typeof DayRecord>;
export const emptyDay: DayRecord = {
  ...{ beganAtMs: null, contacts: 0, talkMs: 0, unfinished: 0, states: [], outcomes: [], last: null, breaks: [] },
};

/** Central's own count of the same stretch, for the agent alone. */
export const OwnTimeRequest = z.object({ fromMs: z.number(), toMs: z.number() });
export const OwnTimeResponse = z.object({
  contacts: z.number().int(),
  talkMs: z.number(),
  unfinished: z.number().int(),
  states: z.array(StateTime).max(200),
});
export type OwnTimeResponse = z.infer<typeof OwnTimeResponse>;

export const RosterResponse = z.object({ breaks: z.array(PlannedBreak).max(mostBreaks) });
/** How many may be Not ready for this reason at once, and how many of the agent's team are; `limit` null: any number. */
export const ReasonRoomRequest = z.object({ reason: z.string().max(32) });
export const ReasonRoomResponse = z.object({ limit: z.number().int().nullable(), taken: z.number().int() });

/** Longer away than this is the end of a shift; one over midnight stays one. */
const shiftGapMs = 4 * 3_600_000;
/** What is older belongs to another shift in any case. */
export const longestShiftMs = 20 * 3_600_000;

/** When the shift that is going on began; `spans` oldest first. */
export const shiftBegan = (spans: readonly TimeSpan[], state: AgentState): number | null => {
  const now = spanOf(state, Math.max(state.sinceMs, spans.at(-1)?.toMs ?? 0));
  let beganAtMs: number | null = now?.fromMs ?? null;
  for (const span of spans.toReversed()) {
    if (beganAtMs !== null && beganAtMs - span.toMs > shiftGapMs) break;
    beganAtMs = span.fromMs;
  }
  return beganAtMs;
};

/** The stretch a state was, until `toMs`; undefined for one in which nobody works. */
export const spanOf = (state: AgentState, toMs: number): TimeSpan | undefined =>
  state.kind === 'offline'
    ? undefined
    : {
        kind: state.kind,
        reason: state.kind === 'notReady' ? state.reason : null,
        fromMs: state.sinceMs,
        // A clock put back does not make time less than nothing.
        toMs: Math.max(state.sinceMs, toMs),
      };

/** Sums by state and reason, longest first. */
export const sumsOf = (spans: readonly TimeSpan[]): StateTime[] => {
  const sums = new Map<string, StateTime>();
  for (const { kind, reason, fromMs, toMs } of spans) {
    const key = `${kind}:${reason ?? ''}`;
    const sum = sums.get(key) ?? { kind, reason, ms: 0, times: 0 };
    sum.ms += Math.max(0, toMs - fromMs);
    sum.times += 1;
    sums.set(key, sum);
  }
  return [...sums.values()].toSorted((one, other) => other.ms - one.ms);
};

export const recordOf = (
  spans: readonly TimeSpan[],
  contacts: readonly DoneContact[],
  state: AgentState,
  breaks: readonly PlannedBreak[],
): DayRecord => {
  const beganAtMs = shiftBegan(spans, state);
  const since = beganAtMs ?? Number.POSITIVE_INFINITY;
  const own = spans.filter(({ fromMs }) => fromMs >= since);
  const done = contacts.filter(({ atMs }) => atMs >= since);
  return {
    beganAtMs,
    contacts: done.length,
    talkMs: done.reduce((sum, { talkMs }) => sum + talkMs, 0),
    unfinished: done.filter(({ forced }) => forced).length,
    states: sumsOf(own),
    outcomes: outcomesOf(done),
    last: done.at(-1) ?? null,
    breaks: breaks.filter((planned) => !own.some((span) => isTaken(planned, span))).slice(0, mostBreaks),
  };
};

const outcomesOf = (done: readonly DoneContact[]): DayRecord['outcomes'] => {
  const counts = new Map<string, DayRecord['outcomes'][number]>();
  for (const { outcome } of done) {
    const key = outcome === null ? '' : `${outcome.zh}\n${outcome.en}`;
    const known = counts.get(key) ?? { outcome, count: 0 };
    known.count += 1;
    counts.set(key, known);
  }
  return [...counts.values()].toSorted((one, other) => other.count - one.count);
};

/** So much before or after its time a break is still the planned one. */
const earlyMs = 20 * 60_000;
const belongs = (planned: PlannedBreak, reason: string | null, atMs: number): boolean =>
  planned.reason === reason && atMs >= planned.fromMs - earlyMs && atMs <= planned.toMs;
const isTaken = (planned: PlannedBreak, { kind, reason, fromMs }: TimeSpan): boolean =>
  kind === 'notReady' && belongs(planned, reason, fromMs);

/** Minutes a reason may last, and how many agents of a team may have it at once; what is absent is not limited. */
export const ReasonCap = z.object({
  minutes: z.number().int().min(1).max(600).optional(),
  atOnce: z.number().int().min(1).max(1_000).optional(),
});
export type ReasonCap = z.infer<typeof ReasonCap>;

/** When the agent is expected back: as long as the roster planned, else as long as the policy allows; null: nobody says. */
export const backAtMs = (
  state: AgentState,
  breaks: readonly PlannedBreak[],
  caps: Readonly<Record<string, ReasonCap>> | undefined,
): number | null => {
  if (state.kind !== 'notReady') return null;
  const planned = breaks.find((one) => belongs(one, state.reason, state.sinceMs));
  if (planned !== undefined) return state.sinceMs + (planned.toMs - planned.fromMs);
  const minutes = caps?.[state.reason]?.minutes;
  return minutes === undefined ? null : state.sinceMs + minutes * 60_000;
};

/** The break that comes next, or is due now. */
export const nextBreak = (breaks: readonly PlannedBreak[], nowMs: number): PlannedBreak | undefined =>
  breaks.filter(({ toMs }) => toMs > nowMs).toSorted((one, other) => one.fromMs - other.fromMs)[0];
