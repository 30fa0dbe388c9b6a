import { z } from 'zod';
import { CallId, ContactId } from './ids.ts';
import type { Result } from './result.ts';
import { never, ok, refusal, refused } from './result.ts';

/**
 * Agent state (R38). Times are epoch milliseconds kept on the seat, also off line.
 *
 *   offline ─signIn─▶ notReady ◀─▶ ready ─offered─▶ reserved ─answered─▶ onCall ─ended─▶ wrapUp ─finished─▶ ready | notReady
 *                        └────────────dialled──────────────────────────▶ onCall
 *   reserved ─missed─▶ notReady(missed): an agent who did not answer is not offered the next caller at once.
 */
/** What follows the wrap-up; chosen during the call ("after this one: break"). */
export const AfterCall = z.union([
  z.object({ kind: z.literal('ready') }),
  z.object({ kind: z.literal('notReady'), reason: z.string().max(32) }),
]);
export type AfterCall = z.infer<typeof AfterCall>;

const since = { sinceMs: z.number() };
export const AgentState = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('offline'), ...since }),
  z.object({ kind: z.literal('notReady'), reason: z.string().max(32), ...since }),
  /** `aside`: Ready, and in a call that is no customer's (a colleague's, the echo test): nobody is offered meanwhile. */
  z.object({ kind: z.literal('ready'), ...since, aside: z.literal(true).optional() }),
  z.object({ kind: z.literal('reserved'), callId: CallId, contactId: ContactId, then: AfterCall, ...since }),
  z.object({ kind: z.literal('onCall'), callId: CallId, contactId: ContactId, then: AfterCall, ...since }),
  z.object({ kind: z.literal('wrapUp'), contactId: ContactId, then: AfterCall, deadlineMs: z.number(), ...since }),
]);
export type AgentState = z.infer<typeof AgentState>;

export type AgentEvent =
  | { readonly kind: 'signedIn'; readonly atMs: number }
  | { readonly kind: 'signedOut'; readonly atMs: number }
  | { readonly kind: 'readyAsked'; readonly atMs: number }
  | { readonly kind: 'notReadyAsked'; readonly reason: string; readonly atMs: number }
  | { readonly kind: 'offered'; readonly callId: CallId; readonly contactId: ContactId; readonly atMs: number }
  | { readonly kind: 'dialled'; readonly callId: CallId; readonly contactId: ContactId; readonly atMs: number }
  | { readonly kind: 'answered'; readonly callId: CallId; readonly atMs: number }
  | { readonly kind: 'missed'; readonly callId: CallId; readonly by: 'agent' | 'caller'; readonly atMs: number }
  | { readonly kind: 'callEnded'; readonly callId: CallId; readonly wrapUpMs: number; readonly atMs: number }
  /** A call that is no customer's began, or the last of them is over. */
  | { readonly kind: 'aside'; readonly is: boolean; readonly atMs: number }
  | { readonly kind: 'wrappedUp'; readonly contactId: ContactId; readonly atMs: number };

/** Next agent state, or why not. Returns the same object when the event means nothing here. */
export const nextAgent = (state: AgentState, event: AgentEvent): Result<AgentState> => {
  switch (event.kind) {
    case 'signedIn':
      return ok(state.kind === 'offline' ? { kind: 'notReady', reason: 'signedIn', sinceMs: event.atMs } : state);
    case 'signedOut':
      return isBusy(state)
        ? refused(refusal('conflict', 'finishCallFirst'))
        : ok({ kind: 'offline', sinceMs: event.atMs });
    case 'readyAsked':
    case 'notReadyAsked':
      return chosen(state, event);
    case 'offered':
      return state.kind === 'ready' || state.kind === 'notReady'
        ? ok({
            kind: 'reserved',
            callId: event.callId,
            contactId: event.contactId,
            then: same(state),
            sinceMs: event.atMs,
          })
        : ok(state);
    case 'dialled':
      return state.kind === 'ready' || state.kind === 'notReady'
        ? ok({
            kind: 'onCall',
            callId: event.callId,
            contactId: event.contactId,
            then: same(state),
            sinceMs: event.atMs,
          })
        : refused(refusal('conflict', state.kind === 'offline' ? 'signInFirst' : 'finishCallFirst'));
    case 'answered':
      return ok(
        state.kind === 'reserved' && state.callId === event.callId
          ? { kind: 'onCall', callId: state.callId, contactId: state.contactId, then: state.then, sinceMs: event.atMs }
          : state,
      );
    case 'missed':
      if (state.kind !== 'reserved' || state.callId !== event.callId) return ok(state);
      return ok(
        event.by === 'caller'
          ? { ...state.then, sinceMs: event.atMs }
          : { kind: 'notReady', reason: 'missed', sinceMs: event.atMs },
      );
    case 'callEnded':
      return ok(
        state.kind === 'onCall' && state.callId === event.callId
          ? {
              kind: 'wrapUp',
              contactId: state.contactId,
              then: state.then,
              deadlineMs: event.atMs + event.wrapUpMs,
              sinceMs: event.atMs,
            }
          : state,
      );
    case 'aside':
      if (state.kind !== 'ready' || (state.aside === true) === event.is) return ok(state);
      // Ready for as long as before: the clock of the state goes on.
      return ok({ kind: 'ready', sinceMs: state.sinceMs, ...(event.is ? { aside: true } : {}) });
    case 'wrappedUp':
      if (state.kind !== 'wrapUp' || state.contactId !== event.contactId) return ok(state);
      return ok({ ...state.then, sinceMs: event.atMs });
  }
};

const same = (state: Extract<AgentState, { kind: 'ready' | 'notReady' }>): AfterCall =>
  state.kind === 'ready' ? { kind: 'ready' } : { kind: 'notReady', reason: state.reason };

/** Ready before a disposition is refused (R28); during a call the choice is kept for afterwards. */
const chosen = (
  state: AgentState,
  event: Extract<AgentEvent, { kind: 'readyAsked' | 'notReadyAsked' }>,
): Result<AgentState> => {
  const then: AfterCall = event.kind === 'readyAsked' ? { kind: 'ready' } : { kind: 'notReady', reason: event.reason };
  switch (state.kind) {
    case 'offline':
      return refused(refusal('conflict', 'signInFirst'));
    case 'ready':
    case 'notReady':
      if (
        state.kind === then.kind &&
        (then.kind === 'ready' || (state.kind === 'notReady' && state.reason === then.reason))
      )
        return ok(state);
      return ok({ ...then, sinceMs: event.atMs });
    case 'reserved':
      return refused(refusal('conflict', 'callWaiting'));
    case 'onCall':
    case 'wrapUp':
      return ok({ ...state, then });
    default:
      return never(state);
  }
};

export const isBusy = (state: AgentState): boolean =>
  state.kind === 'reserved' || state.kind === 'onCall' || state.kind === 'wrapUp';

/** What the PBX must know: only a Ready agent is offered calls. */
export const isAvailable = (state: AgentState): boolean => state.kind === 'ready';
/** Ready, and nothing stands in the way of the next customer. */
export const isFree = (state: AgentState): boolean => state.kind === 'ready' && state.aside !== true;
