import { z } from 'zod';
import { never } from './result.ts';

/** R19: when a queue is so loaded that its agents are given no customers of tasks, and when they are again. */
export const Blending = z.object({
  /** Callers whom nobody free will take, from which on a queue is loaded. */
  waiting: z.number().int().min(1).max(1_000),
  /** How long the first of them may wait; a caller of the service level (R36) is lost after 20. */
  waitSeconds: z.number().int().min(1).max(600),
  /** Agents who are to stay free for callers at any time; 0: none. */
  keepFree: z.number().int().min(0).max(1_000),
  /** It has to last so long before anything changes: strain, and calm. */
  strainSeconds: z.number().int().min(0).max(600),
  calmSeconds: z.number().int().min(10).max(3_600),
});
export type Blending = z.infer<typeof Blending>;
const usual: Blending = { waiting: 1, waitSeconds: 15, keepFree: 0, strainSeconds: 5, calmSeconds: 30 };
/** As a policy has it, in whole or in part. */
type Served = { readonly blending?: { readonly [K in keyof Blending]?: Blending[K] | undefined } | undefined };
export const blendingOf = ({ blending = {} }: Served): Blending => ({
  waiting: blending.waiting ?? usual.waiting,
  waitSeconds: blending.waitSeconds ?? usual.waitSeconds,
  keepFree: blending.keepFree ?? usual.keepFree,
  strainSeconds: blending.strainSeconds ?? usual.strainSeconds,
  calmSeconds: blending.calmSeconds ?? usual.calmSeconds,
});

/** Of one queue at one moment. */
export type QueueLoad = {
  /** Callers not yet connected, those whose agent's telephone is ringing included. */
  readonly waiting: number;
  readonly longestWaitMs: number;
  /** Agents of the queue who could take the next caller, and those whose telephone rings. */
  readonly free: number;
  readonly ringing: number;
};

/** Why a queue is loaded: key of a sentence (`task.shift.<key>`). */
export const shiftReasons = ['waiting', 'longWait', 'fewFree'] as const;
export type ShiftReason = (typeof shiftReasons)[number];

/**
 *   open ──strained for strainSeconds──▶ loaded ──calm for calmSeconds──▶ open
 *
 * Between strain and calm lies a band in which nothing changes (callers wait, and agents are free for all of them; or nobody waits and
 * nobody is free), so a queue that stays near a threshold does not flap. What nobody has looked at for a while begins anew.
 */
const at = { seenAtMs: z.number() };
const Strain = z.object({ why: z.enum(shiftReasons), sinceMs: z.number() });
export const QueueBlend = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('open'), strain: Strain.nullable(), ...at }),
  z.object({
    kind: z.literal('loaded'),
    why: z.enum(shiftReasons),
    sinceMs: z.number(),
    calmSinceMs: z.number().nullable(),
    ...at,
  }),
]);
export type QueueBlend = z.infer<typeof QueueBlend>;

/** Longer than several looks: nobody watches this queue any more. */
export const unseenMs = 15_000;
export const isCurrent = ({ seenAtMs }: QueueBlend, nowMs: number): boolean => Math.abs(nowMs - seenAtMs) <= unseenMs;

export const nextBlend = (
  before: QueueBlend | undefined,
  load: QueueLoad,
  limits: Blending,
  nowMs: number,
): QueueBlend => {
  const seen = { seenAtMs: nowMs };
  const blend: QueueBlend =
    before === undefined || !isCurrent(before, nowMs) ? { kind: 'open', strain: null, ...seen } : before;
  switch (blend.kind) {
    case 'open': {
      const why = strainOf(load, limits);
      if (why === null) return { kind: 'open', strain: null, ...seen };
      const sinceMs = blend.strain?.sinceMs ?? nowMs;
      return nowMs - sinceMs >= limits.strainSeconds * 1_000
        ? { kind: 'loaded', why, sinceMs: nowMs, calmSinceMs: null, ...seen }
        : { kind: 'open', strain: { why, sinceMs }, ...seen };
    }
    case 'loaded': {
      if (!isCalm(load, limits)) return { ...blend, calmSinceMs: null, ...seen };
      const calmSinceMs = blend.calmSinceMs ?? nowMs;
      return nowMs - calmSinceMs >= limits.calmSeconds * 1_000
        ? { kind: 'open', strain: null, ...seen }
        : { ...blend, calmSinceMs, ...seen };
    }
    default:
      return never(blend);
  }
};

const strainOf = ({ waiting, longestWaitMs, free, ringing }: QueueLoad, limits: Blending): ShiftReason | null => {
  if (waiting - free - ringing >= limits.waiting) return 'waiting';
  if (waiting > 0 && longestWaitMs >= limits.waitSeconds * 1_000) return 'longWait';
  return free < limits.keepFree ? 'fewFree' : null;
};
const isCalm = ({ waiting, free }: QueueLoad, { keepFree }: Blending): boolean => waiting === 0 && free > keepFree;

/** Why an agent is given no customers of tasks, as their seat is told. `forMs`: no clock has to agree with central's. */
export const Shift = z.object({
  queue: z.string().max(64),
  why: z.enum(shiftReasons),
  forMs: z.number().min(0),
});
export type Shift = z.infer<typeof Shift>;

/** An agent who would be given customers of tasks, and is not; by central's clock, as their state is. */
export const ShiftedAgent = z.object({ queue: z.string().max(64), why: z.enum(shiftReasons), sinceMs: z.number() });

/** How the switch of one queue stands, for whoever leads it. `easing`: still for callers, and tasks come back if it stays calm. */
export const QueueSwitch = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('open'), queue: z.string().max(64) }),
  z.object({
    kind: z.enum(['loaded', 'easing']),
    queue: z.string().max(64),
    why: z.enum(shiftReasons),
    sinceMs: z.number(),
  }),
]);
export type QueueSwitch = z.infer<typeof QueueSwitch>;
/** Undefined: nobody watches this queue, as while no task runs. */
export const switchOf = (queue: string, blend: QueueBlend | undefined, nowMs: number): QueueSwitch | undefined => {
  if (blend === undefined || !isCurrent(blend, nowMs)) return undefined;
  if (blend.kind === 'open') return { kind: 'open', queue };
  const { why, sinceMs, calmSinceMs } = blend;
  return { kind: calmSinceMs === null ? 'loaded' : 'easing', queue, why, sinceMs };
};

/** Of the loaded queues of an agent the one loaded longest; undefined: tasks go on. */
export const shiftOf = (
  blends: Readonly<Record<string, QueueBlend>>,
  queues: readonly string[],
  nowMs: number,
): Shift | undefined => {
  const [first] = queues
    .flatMap((queue) => {
      const blend = blends[queue];
      return blend?.kind === 'loaded' && isCurrent(blend, nowMs) ? [{ queue, ...blend }] : [];
    })
    .toSorted((one, other) => one.sinceMs - other.sinceMs || (one.queue < other.queue ? -1 : 1));
  return first === undefined
    ? undefined
    : { queue: first.queue, why: first.why, forMs: Math.max(0, nowMs - first.sinceMs) };
};
