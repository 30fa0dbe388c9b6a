import { z } from 'zod';

/**
 * R21: how often a customer was called by all seats, tasks and firms together, as central counts it and as it tells the seat that is to
 * call. Times are central's.
 */
export const DialCounters = z.object({
  /** Of the last days; also of calls that nobody answered. */
  attemptsAtMs: z.array(z.number()).max(100),
  contactedAtMs: z.number().nullable(),
  /** A long survey. */
  surveyedAtMs: z.number().nullable(),
  /** R22: said to any firm, about this customer or this number. */
  refusedAtMs: z.number().nullable(),
  /** Somebody else has leave to call them until then. */
  heldUntilMs: z.number().nullable(),
});
export type DialCounters = z.infer<typeof DialCounters>;
export const noCounters: DialCounters = {
  attemptsAtMs: [],
  contactedAtMs: null,
  surveyedAtMs: null,
  refusedAtMs: null,
  heldUntilMs: null,
};

/**
 * Leave to call one customer once. It is given before the call, so that two seats never call the same customer, and counts as the
 * call itself until its seat has told what became of it:
 *
 *   held ──▶ unused                       given back: nothing happened
 *     │
 *     ├────▶ dialled ──▶ reached | unreached
 *     │
 *     └ over, and no word (the seat is off line, or dead): as if the customer had been reached in its last second
 */
export const grantStates = ['held', 'unused', 'dialled', 'unreached', 'reached'] as const;
export type GrantState = (typeof grantStates)[number];
export type CountedGrant = {
  readonly state: GrantState;
  /** Of the state; bounded by central, whatever a seat's clock says. */
  readonly atMs: number;
  readonly untilMs: number;
  readonly isMarketing: boolean;
  readonly isSurvey: boolean;
};

/** What may follow; everything else leaves the grant as it is. A call told of after all corrects what was assumed. */
export const nextGrantState = (state: GrantState, told: Exclude<GrantState, 'held'>): GrantState => {
  if (state === 'held') return told;
  if (state === 'dialled' && (told === 'reached' || told === 'unreached')) return told;
  return state;
};

export const countersOf = (
  grants: readonly CountedGrant[],
  refusedAtMs: number | null,
  nowMs: number,
): DialCounters => {
  const counted = { attempts: [] as number[], contacts: [] as number[], surveys: [] as number[], heldUntil: 0 };
  for (const { state, atMs, untilMs, isMarketing, isSurvey } of grants) {
    if (state === 'unused') continue;
    if (state === 'held' && untilMs > nowMs) {
      counted.heldUntil = Math.max(counted.heldUntil, untilMs);
      continue;
    }
    const calledAtMs = state === 'held' ? untilMs : atMs;
    counted.attempts.push(calledAtMs);
    if (state === 'unreached') continue;
    if (isMarketing) counted.contacts.push(calledAtMs);
    if (isSurvey) counted.surveys.push(calledAtMs);
  }
  const latest = (times: readonly number[]): number | null => (times.length === 0 ? null : Math.max(...times));
  return {
    attemptsAtMs: counted.attempts.toSorted((one, other) => one - other).slice(-100),
    contactedAtMs: latest(counted.contacts),
    surveyedAtMs: latest(counted.surveys),
    refusedAtMs,
    heldUntilMs: counted.heldUntil === 0 ? null : counted.heldUntil,
  };
};
