import { z } from 'zod';
import { CallId, ContactId } from './ids.ts';

/**
 * A telephone call as the phone page sees it (RFC 3261 dialog plus media).
 *
 *   dialling ──progress──▶ ringingOut ──answered──▶ talking ──▶ ended
 *   ringing (inbound) ──answer──▶ answering ──answered──▶ talking ──▶ ended
 *
 * `ended` absorbs everything. An event that means nothing in a state returns the same object.
 */
const since = { sinceMs: z.number() };

/**
 * Hold (RFC 3264 section 8.4), within `talking`. The agent's sound is cut off the moment hold is asked for and comes back when the
 * far end has agreed to talk again; `sinceMs` is when it was cut off. Agreed is only what the far end said yes to.
 *
 *   none ──asked──▶ holding ──agreed──▶ held ──asked back──▶ resuming ──agreed──▶ none
 *    ▲                 └─refused─▶ holdFailed                    └─refused─▶ resumeFailed ──asked back──▶ resuming
 *    └──asked back (never held over there)──┘
 */
export const Hold = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('none') }),
  z.object({ kind: z.literal('holding'), ...since }),
  z.object({ kind: z.literal('held'), ...since }),
  z.object({ kind: z.literal('resuming'), ...since }),
  /** The far end would not: it is not held and hears nothing of the agent. */
  z.object({ kind: z.literal('holdFailed'), ...since }),
  /** The far end would not: it is still held. */
  z.object({ kind: z.literal('resumeFailed'), ...since }),
]);
export type Hold = z.infer<typeof Hold>;

/** Whether the agent's sound is kept from the far end. */
export const isCutOff = (hold: Hold): boolean => hold.kind !== 'none';
/** Whether the next offer asks the far end to be held. */
export const asksToHold = ({ kind }: Hold): boolean => kind === 'holding' || kind === 'held' || kind === 'resumeFailed';

export const EndCause = z.enum([
  'agentHungUp',
  'customerHungUp',
  'rejected', // the agent declined
  'missed', // ring time over at the seat or caller gave up
  'busy', // SIP 486/600
  'noAnswer', // SIP 408/480
  'notFound', // SIP 404/410/484/604
  'declined', // SIP 603/403
  'microphone', // no microphone when it was needed
  'media', // ICE or DTLS failed, no common codec
  'network', // signalling lost for good
  'server', // SIP 5xx
]);
export type EndCause = z.infer<typeof EndCause>;

export const CallState = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('dialling'), ...since }),
  z.object({ kind: z.literal('ringingOut'), ...since }),
  z.object({ kind: z.literal('ringing'), ...since }),
  z.object({ kind: z.literal('answering'), ...since }),
  z.object({
    kind: z.literal('talking'),
    ...since,
    /** The agent's own choice; survives hold and resume. */
    microphone: z.enum(['open', 'muted']),
    hold: Hold,
    /** `connecting` until RTP was seen in both directions. */
    media: z.enum(['connecting', 'flowing', 'lost']),
  }),
  z.object({ kind: z.literal('ended'), atMs: z.number(), cause: EndCause, talkMs: z.number() }),
]);
export type CallState = z.infer<typeof CallState>;

export const Call = z.object({
  id: CallId,
  direction: z.enum(['inbound', 'outbound']),
  /** As presented in From or as dialled; inert text, at most 64 characters. */
  number: z.string().max(64),
  /** Unverified display name from the wire; never trusted, shown only as such. */
  display: z.string().max(64),
  /** From our own PBX only: X-Queue and X-Contact-Id. */
  queue: z.string().max(64).optional(),
  contactId: ContactId,
  state: CallState,
  /** The call's own measurements, epoch milliseconds: INVITE seen/sent, answer clicked, 200 sent, RTP both ways. */
  trace: z.object({
    inviteMs: z.number(),
    answerClickedMs: z.number().optional(),
    establishedMs: z.number().optional(),
    mediaBothMs: z.number().optional(),
  }),
});
export type Call = z.infer<typeof Call>;

export type CallEvent =
  | { readonly kind: 'progress'; readonly atMs: number }
  | { readonly kind: 'answerClicked'; readonly atMs: number }
  | { readonly kind: 'established'; readonly atMs: number }
  | { readonly kind: 'mediaFlowing'; readonly atMs: number }
  | { readonly kind: 'mediaLost'; readonly atMs: number }
  | { readonly kind: 'microphone'; readonly to: 'open' | 'muted'; readonly atMs: number }
  | HoldEvent
  | { readonly kind: 'ended'; readonly cause: EndCause; readonly atMs: number };

export type HoldEvent =
  | { readonly kind: 'holdAsked'; readonly atMs: number }
  | { readonly kind: 'resumeAsked'; readonly atMs: number }
  /** The far end took an offer that asked for this. */
  | { readonly kind: 'holdAgreed'; readonly to: 'held' | 'open'; readonly atMs: number }
  /** It refused, or gave no answer in time. */
  | { readonly kind: 'holdRefused'; readonly atMs: number };

export const nextCall = (call: Call, event: CallEvent): Call => {
  const { state } = call;
  if (state.kind === 'ended') return call;
  switch (event.kind) {
    case 'progress':
      return state.kind === 'dialling' ? to(call, { kind: 'ringingOut', sinceMs: event.atMs }) : call;
    case 'answerClicked':
      return state.kind === 'ringing'
        ? to(call, { kind: 'answering', sinceMs: event.atMs }, { answerClickedMs: event.atMs })
        : call;
    case 'established':
      return state.kind === 'talking'
        ? call
        : to(
            call,
            { kind: 'talking', sinceMs: event.atMs, microphone: 'open', hold: { kind: 'none' }, media: 'connecting' },
            { establishedMs: event.atMs },
          );
    case 'mediaFlowing':
      return state.kind === 'talking' && state.media !== 'flowing'
        ? to(call, { ...state, media: 'flowing' }, { mediaBothMs: call.trace.mediaBothMs ?? event.atMs })
        : call;
    case 'mediaLost':
      return state.kind === 'talking' && state.media === 'flowing' ? to(call, { ...state, media: 'lost' }) : call;
    case 'microphone':
      return state.kind === 'talking' && state.microphone !== event.to
        ? to(call, { ...state, microphone: event.to })
        : call;
    case 'holdAsked':
    case 'resumeAsked':
    case 'holdAgreed':
    case 'holdRefused': {
      if (state.kind !== 'talking') return call;
      const hold = nextHold(state.hold, event);
      return hold === state.hold ? call : to(call, { ...state, hold });
    }
    case 'ended':
      return to(call, {
        kind: 'ended',
        atMs: event.atMs,
        cause: event.cause,
        talkMs: state.kind === 'talking' ? Math.max(0, event.atMs - state.sinceMs) : 0,
      });
  }
};

const nextHold = (hold: Hold, event: HoldEvent): Hold => {
  const sinceMs = hold.kind === 'none' ? event.atMs : hold.sinceMs;
  switch (event.kind) {
    case 'holdAsked':
      if (hold.kind === 'holding' || hold.kind === 'held') return hold;
      // A resume the far end refused: it never stopped being held.
      return { kind: hold.kind === 'resumeFailed' ? 'held' : 'holding', sinceMs };
    case 'resumeAsked':
      if (hold.kind === 'none' || hold.kind === 'resuming') return hold;
      return hold.kind === 'holdFailed' ? { kind: 'none' } : { kind: 'resuming', sinceMs };
    case 'holdAgreed':
      if (hold.kind === 'holding' && event.to === 'held') return { kind: 'held', sinceMs };
      return hold.kind === 'resuming' && event.to === 'open' ? { kind: 'none' } : hold;
    case 'holdRefused':
      if (hold.kind === 'holding') return { kind: 'holdFailed', sinceMs };
      return hold.kind === 'resuming' ? { kind: 'resumeFailed', sinceMs } : hold;
  }
};

const to = (call: Call, state: CallState, trace: Partial<Call['trace']> = {}): Call => ({
  ...call,
  state,
  trace: { ...call.trace, ...trace },
});
