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

/**
 * Transfer (RFC 5589), within `talking`; absent while none is asked for. It succeeds by ending the call with `transferred`.
 *
 *   (absent) ──asked──▶ asked ──accepted there (202, NOTIFY 100)──▶ trying ──NOTIFY 200──▶ call ended: transferred
 *                         └──────────────refused, or NOTIFY 3xx–6xx──────────────▶ failed ──asked──▶ asked
 */
export const Transfer = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('asked'), ...since }),
  z.object({ kind: z.literal('trying'), ...since }),
  /** The customer is still here. `status` is what the target, or the exchange, answered (SIP). */
  z.object({ kind: z.literal('failed'), status: z.number().int(), ...since }),
]);
export type Transfer = z.infer<typeof Transfer>;

/** Why a call has no contact of its own. Absent: a customer's call. */
export const Aside = z.discriminatedUnion('kind', [
  /** The agent asks someone about the customer of another call. */
  z.object({ kind: z.literal('consult'), of: CallId }),
  /** From a colleague, said so by our own PBX (X-Colleague: the colleague's number). */
  z.object({ kind: z.literal('colleague'), number: z.string().max(20) }),
  /** A lead's ear in another agent's call; the id is central's. */
  z.object({ kind: z.literal('supervision'), id: z.string().max(64) }),
  /** The echo test. */
  z.object({ kind: z.literal('check') }),
  z.object({ kind: z.literal('voicemail') }),
]);
export type Aside = z.infer<typeof Aside>;

export const EndCause = z.enum([
  'agentHungUp',
  'customerHungUp',
  'transferred', // handed on to somebody else
  'takenOver', // a lead talks with the customer now
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
  /** `earlyMedia`: the network speaks or rings for itself (183 with a description, RFC 3960). */
  z.object({ kind: z.literal('ringingOut'), ...since, earlyMedia: z.literal(true).optional() }),
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
    transfer: Transfer.optional(),
    /** In one conversation with the seat's other call (three-way). */
    merged: z.literal(true).optional(),
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
  /** From our own PBX only: X-Queue. */
  queue: z.string().max(64).optional(),
  /** Made by this seat: a customer offered to several agents, or handed on, is a contact of each of them. */
  contactId: ContactId,
  /** What the PBX calls it (X-Contact-Id), and its recordings with it; absent where that is `contactId`. */
  exchangeId: ContactId.optional(),
  aside: Aside.optional(),
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
  /** What the network says before it is answered can be heard now. */
  | { readonly kind: 'earlyMedia'; readonly atMs: number }
  | { readonly kind: 'answerClicked'; readonly atMs: number }
  | { readonly kind: 'established'; readonly atMs: number }
  | { readonly kind: 'mediaFlowing'; readonly atMs: number }
  | { readonly kind: 'mediaLost'; readonly atMs: number }
  | { readonly kind: 'microphone'; readonly to: 'open' | 'muted'; readonly atMs: number }
  | HoldEvent
  | TransferEvent
  /** Our exchange joined us with somebody else (an attended transfer to here). */
  | {
      readonly kind: 'identified';
      readonly number: string;
      readonly display: string;
      readonly exchangeId?: ContactId;
      readonly queue?: string;
      readonly atMs: number;
    }
  /** A lead's ear in an agent's call has become the customer's call (R35). */
  | {
      readonly kind: 'tookOver';
      readonly number: string;
      readonly exchangeId: ContactId;
      readonly queue?: string;
      readonly atMs: number;
    }
  /** Joined with the other call, or apart again. */
  | { readonly kind: 'merged'; readonly to: boolean; readonly atMs: number }
  | { readonly kind: 'ended'; readonly cause: EndCause; readonly atMs: number };

export type HoldEvent =
  | { readonly kind: 'holdAsked'; readonly atMs: number }
  | { readonly kind: 'resumeAsked'; readonly atMs: number }
  /** The far end took an offer that asked for this. */
  | { readonly kind: 'holdAgreed'; readonly to: 'held' | 'open'; readonly atMs: number }
  /** It refused, or gave no answer in time. */
  | { readonly kind: 'holdRefused'; readonly atMs: number };

export type TransferEvent =
  | { readonly kind: 'transferAsked'; readonly atMs: number }
  | { readonly kind: 'transferTrying'; readonly atMs: number }
  | { readonly kind: 'transferFailed'; readonly status: number; readonly atMs: number };

export const nextCall = (call: Call, event: CallEvent): Call => {
  const { state } = call;
  if (state.kind === 'ended') return call;
  switch (event.kind) {
    case 'progress':
      return state.kind === 'dialling' ? to(call, { kind: 'ringingOut', sinceMs: event.atMs }) : call;
    case 'earlyMedia':
      if (state.kind !== 'dialling' && (state.kind !== 'ringingOut' || state.earlyMedia === true)) return call;
      return to(call, {
        kind: 'ringingOut',
        sinceMs: state.kind === 'dialling' ? event.atMs : state.sinceMs,
        earlyMedia: true,
      });
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
    case 'transferAsked':
    case 'transferTrying':
    case 'transferFailed': {
      if (state.kind !== 'talking') return call;
      const transfer = nextTransfer(state.transfer, event);
      return transfer === state.transfer || transfer === undefined ? call : to(call, { ...state, transfer });
    }
    case 'identified':
      return identified(call, event);
    case 'tookOver': {
      if (state.kind !== 'talking' || call.aside?.kind !== 'supervision') return call;
      const { aside: _, ...own } = call;
      const { number, exchangeId, queue } = event;
      return { ...own, number, display: '', exchangeId, ...(queue === undefined ? {} : { queue }) };
    }
    case 'merged': {
      if (state.kind !== 'talking' || (state.merged === true) === event.to) return call;
      const { merged: _, ...apart } = state;
      return to(call, event.to ? { ...apart, merged: true } : apart);
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

/** A colleague's call becomes the customer's when somebody other than the colleague is there. */
const identified = (call: Call, event: CallEvent & { kind: 'identified' }): Call => {
  const isHandedOn = call.aside?.kind === 'colleague' && event.number !== '' && event.number !== call.aside.number;
  const { display, exchangeId = call.exchangeId, queue = call.queue } = event;
  // Withheld is no reason to forget.
  const number = event.number === '' ? call.number : event.number;
  const isKnown = number === call.number && display === call.display && exchangeId === call.exchangeId;
  if (!isHandedOn && isKnown && queue === call.queue) return call;
  const { aside: _, ...own } = call;
  return {
    ...(isHandedOn ? own : call),
    number,
    display,
    ...(exchangeId === undefined ? {} : { exchangeId }),
    ...(queue === undefined ? {} : { queue }),
  };
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

const nextTransfer = (transfer: Transfer | undefined, event: TransferEvent): Transfer | undefined => {
  const isUnderWay = transfer?.kind === 'asked' || transfer?.kind === 'trying';
  switch (event.kind) {
    case 'transferAsked':
      return isUnderWay ? transfer : { kind: 'asked', sinceMs: event.atMs };
    case 'transferTrying':
      return transfer?.kind === 'asked' ? { kind: 'trying', sinceMs: transfer.sinceMs } : transfer;
    case 'transferFailed':
      return isUnderWay ? { kind: 'failed', status: event.status, sinceMs: transfer.sinceMs } : transfer;
  }
};

/** The name the exchange knows a call by. */
export const exchangeName = ({ contactId, exchangeId }: Pick<Call, 'contactId' | 'exchangeId'>): ContactId =>
  exchangeId ?? contactId;

/** Live calls: two lines, so at most two. */
export const liveCalls = (calls: readonly Call[]): readonly Call[] =>
  calls.filter(({ state }) => state.kind !== 'ended');

/** The call that has the agent's ear: one that talks before one that is being made, that before one that rings, held ones last. */
export const foreground = (calls: readonly Call[]): Call | undefined =>
  liveCalls(calls).toSorted((one, other) => rank(one.state) - rank(other.state))[0];

const rank = (state: CallState): number => {
  switch (state.kind) {
    case 'talking':
      return asksToHold(state.hold) ? 3 : 0;
    case 'answering':
    case 'dialling':
    case 'ringingOut':
      return 1;
    case 'ringing':
      return 2;
    case 'ended':
      return 4;
  }
};

const to = (call: Call, state: CallState, trace: Partial<Call['trace']> = {}): Call => ({
  ...call,
  state,
  trace: { ...call.trace, ...trace },
});
