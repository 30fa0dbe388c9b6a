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
    microphone: z.enum(['open', 'muted']),
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
  | { readonly kind: 'ended'; readonly cause: EndCause; readonly atMs: number };

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
            { kind: 'talking', sinceMs: event.atMs, microphone: 'open', media: 'connecting' },
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
    case 'ended':
      return to(call, {
        kind: 'ended',
        atMs: event.atMs,
        cause: event.cause,
        talkMs: state.kind === 'talking' ? Math.max(0, event.atMs - state.sinceMs) : 0,
      });
  }
};

const to = (call: Call, state: CallState, trace: Partial<Call['trace']> = {}): Call => ({
  ...call,
  state,
  trace: { ...call.trace, ...trace },
});
