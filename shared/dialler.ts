import { z } from 'zod';
import { never } from './result.ts';

/**
 * A customer called by central's dialler (R25). Reserved is written down before the exchange is asked, so that whoever takes over from an
 * instance that died knows of every call that may have been made.
 *
 *   reserved ──dialled──▶ ringing ──answered──▶ waiting ──met──▶ connected ──ended──▶ over(connected)
 *      │                     │                     ├──lost──▶ over(abandoned)   no agent in time: the message is played
 *      │                     │                     ├──ended─▶ over(leftEarly)   hung up within the time to find one
 *      │                     │                     └──machine▶ over(machine)
 *      └──ended──────────────┴──ended──▶ over(noAnswer | busy | rejected | invalid | congestion | failed | stopped)
 */
export const diallerOutcomes = [
  ...(['connected', 'abandoned', 'leftEarly', 'machine', 'noAnswer'] as const),
  ...(['busy', 'rejected', 'invalid', 'congestion', 'failed', 'stopped'] as const),
] as const;
export type DiallerOutcome = (typeof diallerOutcomes)[number];
/** Of a call nobody answered. */
export type Unanswered = Exclude<DiallerOutcome, 'connected' | 'abandoned' | 'leftEarly' | 'machine'>;

export type DialledCall =
  | { readonly kind: 'reserved'; readonly sinceMs: number }
  | { readonly kind: 'ringing'; readonly sinceMs: number }
  | { readonly kind: 'waiting'; readonly dialledMs: number; readonly answeredMs: number }
  | { readonly kind: 'connected'; readonly answeredMs: number; readonly metMs: number; readonly agentId: string }
  | { readonly kind: 'over'; readonly outcome: DiallerOutcome; readonly atMs: number };

export type DialledEvent = { readonly atMs: number } & (
  | { readonly kind: 'dialled' | 'answered' | 'lost' | 'machine' }
  | { readonly kind: 'met'; readonly agentId: string }
  /** `why`: what it was if nobody had answered. */
  | { readonly kind: 'ended'; readonly why: Unanswered }
);

export const nextDialled = (call: DialledCall, event: DialledEvent): DialledCall => {
  const { atMs } = event;
  if (call.kind === 'over') return call;
  switch (event.kind) {
    case 'dialled':
      return call.kind === 'reserved' ? { kind: 'ringing', sinceMs: atMs } : call;
    case 'answered':
      return call.kind === 'reserved' || call.kind === 'ringing'
        ? { kind: 'waiting', dialledMs: call.sinceMs, answeredMs: atMs }
        : call;
    case 'machine':
      return call.kind === 'connected' ? call : { kind: 'over', outcome: 'machine', atMs };
    case 'met':
      return call.kind === 'waiting'
        ? { kind: 'connected', answeredMs: call.answeredMs, metMs: atMs, agentId: event.agentId }
        : call;
    case 'lost':
      return call.kind === 'waiting' ? { kind: 'over', outcome: 'abandoned', atMs } : call;
    case 'ended': {
      if (call.kind === 'waiting') return { kind: 'over', outcome: 'leftEarly', atMs };
      if (call.kind === 'connected') return { kind: 'over', outcome: 'connected', atMs };
      return { kind: 'over', outcome: event.why, atMs };
    }
    default:
      return never(event);
  }
};

/**
 * Why a call that nobody answered ended, by its cause as ITU-T Q.850 numbers them (what SIP said arrives as one: RFC 3398 7.2.4).
 * @param hasRungOut we gave up after the whole ring time: whatever the cause says
 */
export const unansweredBy = (cause: number, hasRungOut: boolean): Unanswered => {
  switch (cause) {
    case 17:
      return 'busy';
    case 21:
      return 'rejected';
    // No such number, no route, changed, not in service, incomplete.
    case 1:
    case 2:
    case 3:
    case 22:
    case 28:
      return 'invalid';
    case 18:
    case 19:
    // Switched off or out of reach: nobody is there now.
    case 20:
      return 'noAnswer';
    case 34:
    case 38:
    case 41:
    case 42:
    case 44:
    case 27:
      return 'congestion';
    default:
      return hasRungOut ? 'noAnswer' : 'failed';
  }
};

/** What follows for the task (`afterAttempt`): a machine is nobody, and what the network could not do is tried again. */
export const attemptOf = (
  outcome: Exclude<DiallerOutcome, 'connected' | 'abandoned' | 'leftEarly'>,
): 'noAnswer' | 'busy' | 'failed' | 'invalid' => {
  switch (outcome) {
    case 'machine':
    case 'noAnswer':
    case 'stopped':
      return 'noAnswer';
    case 'busy':
    case 'rejected':
      return 'busy';
    case 'invalid':
      return 'invalid';
    case 'congestion':
    case 'failed':
      return 'failed';
    default:
      return never(outcome);
  }
};

export const pacingReasons = ['fewAgents', 'learning', 'promise', 'forecast'] as const;
/** How a task is being dialled now, as a lead sees it. Counts of the last half hour; `abandoned` ÷ `answered` is what may be 3 %. */
export const PacingView = z.object({
  mode: z.enum(['progressive', 'predictive']),
  /** Why it is as it is: key of a sentence (`tasks.pacing.<key>`). */
  why: z.enum(pacingReasons),
  free: z.number().int(),
  talking: z.number().int(),
  ringing: z.number().int(),
  waiting: z.number().int(),
  answered: z.number().int(),
  abandoned: z.number().int(),
});
export type PacingView = z.infer<typeof PacingView>;

/** How a task that central dials is dialled (R25). Absent in a plan: the seats dial. */
export const Predictive = z.object({
  ringSeconds: z.number().int().min(5).max(60),
  /** Costs up to a second of silence before an agent is looked for. */
  detectsMachines: z.boolean(),
});
export type Predictive = z.infer<typeof Predictive>;
