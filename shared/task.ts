import { z } from 'zod';
import type { EndCause } from './call.ts';
import { tiers } from './customer.ts';
import type { Hours } from './dial-policy.ts';
import { Due, isStanding } from './task-due.ts';
import { Predictive } from './dialler.ts';
import { HotText } from './hot-call.ts';
import { AgentId, ScriptId } from './ids.ts';
import type { Result } from './result.ts';
import { never, ok, refusal, refused } from './result.ts';

/** R20: whom one task may target, and from where on a lead is warned. */
export const mostTargeted = 50_000;
export const manyTargeted = 30_000;
/** R27: of a list, when a new service is recommended. */
export const reachWanted = 0.7;

export const taskKinds = ['marketing', 'survey', 'care'] as const;
export type TaskKind = (typeof taskKinds)[number];
/** Care keeps a promise or looks after somebody: no telemarketing (R21). A survey is one, and a long one. */
export const purposeOf = (kind: TaskKind): 'marketing' | 'service' => (kind === 'care' ? 'service' : 'marketing');

/**
 * R25. In preview the agent dials when they have seen whom; in progressive the seat does when the box is over. A predictive task is a
 * progressive one with `predictive` in its plan: central dials, and where there is no dialler the seats do as they always did.
 */
export const taskModes = ['preview', 'progressive'] as const;

const minuteOfDay = z.number().int().min(0).max(1_440);
/** Empty lists: of any. */
export const TaskSource = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('query'),
    tiers: z.array(z.enum(tiers)).max(3),
    packages: z.array(z.string().max(40)).max(20),
    areas: z.array(z.string().max(40)).max(20),
  }),
  z.object({ kind: z.literal('list'), listId: z.string().max(64) }),
]);
export type TaskSource = z.infer<typeof TaskSource>;

/** What follows when nobody answered: again after so long, so many times at most. */
const Again = z.object({ afterMinutes: z.number().int().min(30).max(10_080), times: z.number().int().min(0).max(9) });
export const attemptOutcomes = ['noAnswer', 'busy', 'failed'] as const;

/** A task as a lead writes it. */
export const TaskPlan = z.object({
  title: z.string().trim().min(1).max(80),
  kind: z.enum(taskKinds),
  mode: z.enum(taskModes),
  source: TaskSource,
  scriptId: ScriptId.nullable(),
  treeId: z.string().max(64).nullable(),
  /** In one sentence, as agents read it before the call. */
  offer: z.string().max(200),
  /** R41: telemarketing leaves from marketing numbers; empty: the exchange's own choice. */
  callerNumber: z.string().max(24),
  hours: z.array(z.object({ fromMinute: minuteOfDay, toMinute: minuteOfDay })).max(4),
  endsAtMs: z.number(),
  /** Seconds to look at a customer before the call. */
  boxSeconds: z.number().int().min(3).max(300),
  /** Share of an agent's calls among the tasks they have. */
  weight: z.number().int().min(1).max(9),
  /** Empty: everybody who takes tasks. */
  agents: z.array(AgentId).max(500),
  again: z.object({ noAnswer: Again, busy: Again, failed: Again }),
  predictive: Predictive.optional(),
  /** R26: customers are written to first. */
  hot: HotText.optional(),
  /** R24: takes up what is due while it runs; its `source` is an empty list then. */
  due: Due.optional(),
});
export type TaskPlan = z.infer<typeof TaskPlan>;

/**
 *   draft ──started──▶ running ◀──resumed── paused          paused also by central: its script was withdrawn
 *     │                  │ └─────paused──────▶ │
 *     └──────ended───────┴──────────ended──────┴──▶ ended    also by central: its end has come, or everybody was called
 */
const by = { by: AgentId.nullable(), atMs: z.number() };
export const pauseReasons = ['lead', 'scriptWithdrawn'] as const;
export const endReasons = ['lead', 'over', 'done'] as const;
export const TaskState = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('draft'), ...by }),
  z.object({ kind: z.literal('running'), ...by }),
  z.object({ kind: z.literal('paused'), why: z.enum(pauseReasons), ...by }),
  z.object({ kind: z.literal('ended'), why: z.enum(endReasons), ...by }),
]);
export type TaskState = z.infer<typeof TaskState>;

/** `by` null: central. */
export type TaskEvent = { readonly by: AgentId | null; readonly atMs: number } & (
  | { readonly kind: 'saved' }
  | { readonly kind: 'started' | 'resumed'; readonly faults: readonly string[] }
  | { readonly kind: 'paused'; readonly why: (typeof pauseReasons)[number] }
  | { readonly kind: 'ended'; readonly why: (typeof endReasons)[number] }
);
export const taskMoves = ['start', 'pause', 'resume', 'end'] as const;

export const nextTask = (state: TaskState, event: TaskEvent): Result<TaskState> => {
  const at = { by: event.by, atMs: event.atMs };
  if (state.kind === 'ended') return refused(refusal('conflict', 'taskEnded'));
  switch (event.kind) {
    case 'saved':
      // Whom it calls was settled at the start, and agents work with what they were told.
      return state.kind === 'draft' ? ok({ kind: 'draft', ...at }) : refused(refusal('conflict', 'taskStarted'));
    case 'started':
    case 'resumed': {
      const wanted = event.kind === 'started' ? 'draft' : 'paused';
      if (state.kind === 'running') return ok(state);
      if (state.kind !== wanted) return refused(refusal('conflict', 'taskStarted'));
      const [fault] = event.faults;
      return fault === undefined ? ok({ kind: 'running', ...at }) : refused(refusal('mandatory', fault));
    }
    case 'paused':
      if (state.kind === 'draft') return refused(refusal('conflict', 'taskNotStarted'));
      return ok(state.kind === 'paused' ? state : { kind: 'paused', why: event.why, ...at });
    case 'ended':
      return ok({ kind: 'ended', why: event.why, ...at });
    default:
      return never(event);
  }
};

export type TaskFacts = {
  readonly nowMs: number;
  readonly callingHours: Hours;
  readonly scriptPublished: boolean;
  readonly treeKnown: boolean;
  /** Central can send texts. */
  readonly sendsTexts: boolean;
  /** How many may be called some day, and how many there are. */
  readonly callable: number;
  readonly targeted: number;
};

/** Why it cannot run, the first to mend in front; keys of sentences (`reason.<key>`). */
export const taskFaults = (plan: TaskPlan, facts: TaskFacts): readonly string[] => {
  const overlaps = plan.hours.some((own) =>
    facts.callingHours.some((open) => own.fromMinute < open.toMinute && open.fromMinute < own.toMinute),
  );
  const faults: readonly (readonly [string, boolean])[] = [
    ['taskNoHours', plan.hours.length === 0 || plan.hours.some((one) => one.fromMinute >= one.toMinute)],
    ['taskHoursClosed', plan.hours.length > 0 && !overlaps],
    ['taskEndsPast', plan.endsAtMs <= facts.nowMs && !isStanding(plan)],
    ['taskNoScript', plan.scriptId === null],
    ['taskScriptWithdrawn', plan.scriptId !== null && !facts.scriptPublished],
    ['taskNoTree', plan.treeId !== null && !facts.treeKnown],
    ['taskNoTexts', plan.hot !== undefined && !facts.sendsTexts],
    ['taskTooMany', facts.targeted > mostTargeted],
    ['taskDueCare', plan.due !== undefined && plan.kind !== 'care'],
    // What is due comes while it runs.
    ['taskNobody', facts.callable === 0 && plan.due === undefined],
  ];
  return faults.flatMap(([fault, is]) => (is ? [fault] : []));
};

/** R28: outcomes of a disposition by which a task has succeeded. */
export const isSuccess = (outcome: string): boolean =>
  outcome === 'order' || outcome === 'sold' || outcome === 'accepted';

/** What a call that was never answered says about calling again. */
export const outcomeOf = (cause: EndCause | null): (typeof attemptOutcomes)[number] | 'invalid' => {
  if (cause === 'busy' || cause === 'declined') return 'busy';
  if (cause === 'notFound') return 'invalid';
  return cause === 'noAnswer' || cause === 'agentHungUp' || cause === 'missed' ? 'noAnswer' : 'failed';
};

export type Afterwards =
  | { readonly state: 'waiting'; readonly nextAtMs: number }
  | { readonly state: 'out'; readonly why: 'usedUp' | 'invalid' };

/** @param tries with this one */
export const afterAttempt = (
  { again }: Pick<TaskPlan, 'again'>,
  outcome: ReturnType<typeof outcomeOf>,
  tries: number,
  nowMs: number,
): Afterwards => {
  if (outcome === 'invalid') return { state: 'out', why: 'invalid' };
  const { afterMinutes, times } = again[outcome];
  return tries > times
    ? { state: 'out', why: 'usedUp' }
    : { state: 'waiting', nextAtMs: nowMs + afterMinutes * 60_000 };
};

/** Why an agent passes a customer by; the first comes back later, the others are not called in this task. */
export const skipReasons = ['later', 'wrongNumber', 'settled', 'sensitive'] as const;
export type SkipReason = (typeof skipReasons)[number];
export const laterMs = 2 * 3_600_000;

/** An agent's calls are shared among their tasks by weight: the one furthest behind its share comes first. */
export const pickTasks = <T extends { readonly weight: number; readonly given: number; readonly id: string }>(
  tasks: readonly T[],
): readonly T[] =>
  tasks.toSorted(
    (one, other) => (one.given + 1) / one.weight - (other.given + 1) / other.weight || (one.id < other.id ? -1 : 1),
  );
