import { type Aside, type Call, type CallEvent, liveCalls } from '../../shared/call.ts';
import type { SipCredentials } from '../../shared/sip-credentials.ts';
import { whyNotOnLine } from '../../shared/degraded.ts';
import type { CallId, ContactId, SeatId } from '../../shared/ids.ts';
import type { DeviceState, EndedQuality, KeptCall, Levels, PhoneState, Quality, Trouble } from '../../shared/phone.ts';
import { ok, type Refusal, refusal, type Result } from '../../shared/result.ts';
import type { TakenCall } from '../../shared/supervision.ts';
import type { PhoneDevices } from './devices.ts';

/** The SIP account of a session, and the seat it is used at (the seat's id makes the registration recognisable, RFC 5626). */
export type PhoneAccount = { readonly credentials: SipCredentials; readonly seatId: SeatId };

/** The password alone may differ: it is renewed while calls go on (security 66). */
export const isSameAccount = (a: PhoneAccount, b: PhoneAccount): boolean =>
  a.seatId === b.seatId &&
  a.credentials.user === b.credentials.user &&
  a.credentials.server === b.credentials.server &&
  a.credentials.domain === b.credentials.domain;

/** `dial` is digits with at most a leading `+`; `contactId` travels to the PBX as X-Contact-Id. */
export type DialOrder = {
  readonly callId: CallId;
  readonly contactId: ContactId;
  readonly dial: string;
  readonly aside?: Aside;
};

export type Done = Record<string, never>;
export const done: Result<Done> = ok({});

/**
 * A telephone with two lines. Two real implementations pass the same contract test: sip-phone.ts and fake-phone.ts.
 *
 * Rules that hold for both:
 * - PHONE-1 The whole state is published after every change; a listener never sees a half-made one.
 * - PHONE-2 Losing the signalling never ends a call that is talking; hanging up works without it.
 * - PHONE-3 No customer rings while the seat is not available or in a call: such an INVITE is answered 486. A colleague may ring at any
 *   time, also beside one talking call; a third call never does.
 * - PHONE-4 A call is answered with a microphone or not at all; without one it keeps ringing and `answer` says why.
 * - PHONE-5 An ended call stays in the state until newer calls push it out, so that no listener misses how it ended.
 * - PHONE-6 Requests for a call in the wrong state are refused with a reason; a repeated one is done already and succeeds.
 * - PHONE-7 From the moment hold is asked for until the far end agreed to talk again it hears nothing of the agent, whatever the
 *   line does. Held is shown only once the far end agreed; the microphone's own state is the same before and after.
 * - PHONE-8 The agent's voice is in one call at a time unless two are merged: answering, dialling or resuming one holds the other first.
 * - PHONE-9 Only a call our own server announced (`expect`, `expectDialled`) is answered by itself, after a tone; any other that asks for it
 *   is refused 403.
 * - PHONE-11 A call handed on is held meanwhile; it ends with `transferred` when the new one stands, else it is the agent's again.
 * - PHONE-12 Merged calls hear each other and the agent. Mute silences the agent alone; holding one of them parts them first.
 */
export interface Phone extends PhoneDevices {
  state(): PhoneState;
  /** Called after each change with the whole state. Returns what takes the listener away. */
  onState(listener: (state: PhoneState) => void): () => void;
  /** About ten times a second during a call and while the devices are checked; dBFS, -100 is silence. */
  onLevels(listener: (levels: Levels) => void): () => void;
  /** Once a second while a call talks and sound is expected. */
  onQuality(listener: (quality: Quality) => void): () => void;
  /** Once per call that could be measured, when it is over. */
  onMeasured(listener: (ended: EndedQuality) => void): () => void;
  /** At once with what is now, then whenever the dead leg or what is done about it changes; null when all is well. */
  onTrouble(listener: (trouble: Trouble | null) => void): () => void;

  /** Registers the line and keeps it registered until `stop`. The same user again: newer credentials, calls go on. */
  start(account: PhoneAccount): void;
  /** Ends calls, unregisters (waiting at most half a second for the answer), closes the microphone. */
  stop(): Promise<void>;

  /** Refused before anything is sent for the reasons of `whyNotDial`; otherwise the call is in the state, also when it fails. */
  dial(order: DialOrder): Promise<Result<Done>>;
  /** Resolves when the answer is on its way. Refused with ('phone', 'microphone…'): the call keeps ringing (PHONE-4). */
  answer(callId: CallId): Promise<Result<Done>>;
  /** Declines a ringing call (SIP 603). */
  reject(callId: CallId): Result<Done>;
  /** Ends a call in any state: CANCEL, BYE or 603 as needed; at once here, on the wire as soon as there is one. */
  hangUp(callId: CallId): Result<Done>;
  mute(callId: CallId, isMuted: boolean): Result<Done>;
  /** Holds or resumes (PHONE-7); what the far end makes of it is seen in the state. */
  hold(callId: CallId, isHeld: boolean): Result<Done>;
  /** Holds the call that talks and takes the held one back. Refused unless there are two of them, apart. */
  swap(): Result<Done>;
  /** Hands the call on to a number without asking there first (RFC 5589 6). What becomes of it is seen in `talking.transfer`. */
  transfer(callId: CallId, dial: string): Result<Done>;
  /** Hands the call on to whoever talks in the other one (RFC 5589 7); then both end here. */
  completeTransfer(callId: CallId, consultId: CallId): Result<Done>;
  /** Three-way: PHONE-12. */
  merge(callId: CallId, otherId: CallId): Result<Done>;
  /** Ends the three-way: the customer's call goes on, the other is held. Without one there is nothing to do. */
  part(): Result<Done>;
  /** Sends a ringing call elsewhere (SIP 302). Permitting the number is the caller's business. */
  divert(callId: CallId, dial: string): Result<Done>;
  /** Telephone events in the media stream (RFC 4733), to both parties of merged calls. */
  sendDigits(callId: CallId, digits: string): Result<Done>;

  /** Opens the microphone, plays a tone, tells the state reached. Must follow a click: it also unlocks sound. */
  checkDevices(): Promise<DeviceState>;
  /** Tries to register now instead of at the next attempt. */
  reconnect(): void;
  /** The talking calls as another page could take them up; changes with the state. */
  kept(): readonly KeptCall[];
  /**
   * PHONE-10: calls of a page that died. They are in the state at once, talking without sound, and are taken over on the wire
   * (INVITE with Replaces, RFC 3891) as soon as the line is registered; what cannot be within 20 s ends with `network`.
   */
  takeUp(calls: readonly KeptCall[]): void;
  /** PHONE-9: a supervision leg with this id (X-Supervision) is on its way, and no other. Null: none any more. */
  expect(supervisionId: string | null): void;
  /**
   * PHONE-9: the call of this contact is on its way (R25), a customer whom central called for the agent (X-Dialled); taken by itself once it is
   * there. It may have come before the word. Null: none any more.
   */
  expectDialled(contactId: string | null): void;
  /** The supervision leg `callId` is the customer's call from now on (R35); nothing happens to any other. */
  tookOver(callId: CallId, taken: Pick<TakenCall, 'number' | 'queue' | 'exchangeId'>): void;
  /** Whether a caller may be offered (PHONE-3). False at first. */
  setAvailable(isAvailable: boolean): void;
  /** As `stop`, and nothing works afterwards. */
  close(): Promise<void>;
}

/** As the store's event. */
export const takeOverOf = (
  { number, queue, exchangeId }: Pick<TakenCall, 'number' | 'queue' | 'exchangeId'>,
  atMs: number,
): CallEvent => ({ kind: 'tookOver', number, exchangeId, ...(queue === null ? {} : { queue }), atMs });

export const isLive = (call: PhoneState['calls'][number]): boolean => call.state.kind !== 'ended';

/** What an INVITE is besides a customer's call, by what our own PBX says of it. */
export const asideOf = (supervisionId: string | undefined, colleague: string | undefined): Aside | undefined => {
  if (supervisionId !== undefined) return { kind: 'supervision', id: supervisionId };
  return colleague === undefined ? undefined : { kind: 'colleague', number: colleague };
};

/** PHONE-3 */
export const hasRoomFor = (aside: Aside | undefined, live: readonly Call[], isAvailable: boolean): boolean => {
  const [first] = live;
  if (first === undefined) return isAvailable || aside !== undefined;
  return live.length === 1 && aside?.kind === 'colleague' && first.state.kind === 'talking';
};

/** Why this cannot be dialled now, or undefined. An unchecked microphone is no reason: it is opened then. */
export const whyNotDial = (state: PhoneState, aside?: Aside): Refusal | undefined => {
  const live = liveCalls(state.calls);
  // Two lines: the second is for asking somebody about the customer on the first.
  if (aside?.kind === 'consult') {
    const about = live.find((call) => call.id === aside.of);
    if (live.length > 1) return refusal('conflict', 'callInProgress');
    if (about?.state.kind !== 'talking') return refusal('conflict', 'notTalking');
  } else if (live.length > 0) return refusal('conflict', 'callInProgress');
  return whyNotOnLine('dial', state.line) ?? whyNoRelay(state) ?? whyNoMicrophone(state.devices);
};

/** Why nobody could be heard at a seat that may only be relayed; undefined when all is well or not known yet. */
export const whyNoRelay = ({ relay }: PhoneState): Refusal | undefined => {
  if (relay === 'refused') return refusal('phone', 'relayRefused');
  return relay === 'unreachable' ? refusal('phone', 'relayUnreachable') : undefined;
};

/** Why there is no microphone, or undefined when there is one or nobody looked yet. */
export const whyNoMicrophone = (devices: DeviceState): Refusal | undefined => {
  switch (devices.kind) {
    case 'unchecked':
    case 'checking':
    case 'ready':
      return undefined;
    case 'refused':
      return refusal('phone', 'microphoneRefused');
    case 'absent':
      return refusal('phone', 'microphoneAbsent');
    case 'inUse':
      return refusal('phone', 'microphoneInUse');
    case 'failed':
      return refusal('phone', 'microphoneFailed');
  }
};

/** Digits with at most a leading plus, 24 characters: the only text that ever becomes part of a SIP URI (security 72). */
export const isDialable = (dial: string): boolean => /^\+?\d{1,23}$/.test(dial);
export const areDigits = (digits: string): boolean => /^[0-9*#ABCD]{1,32}$/.test(digits);
