import type { SipCredentials } from '../../shared/central-api.ts';
import type { CallId, ContactId, SeatId } from '../../shared/ids.ts';
import type { DeviceState, EndedQuality, Levels, PhoneState, Quality, Trouble } from '../../shared/phone.ts';
import { ok, type Refusal, refusal, type Result } from '../../shared/result.ts';

/** The SIP account of a session, and the seat it is used at (the seat's id makes the registration recognisable, RFC 5626). */
export type PhoneAccount = { readonly credentials: SipCredentials; readonly seatId: SeatId };

/** `dial` is digits with at most a leading `+`; `contactId` travels to the PBX as X-Contact-Id. */
export type DialOrder = { readonly callId: CallId; readonly contactId: ContactId; readonly dial: string };

export type Done = Record<string, never>;
export const done: Result<Done> = ok({});

/**
 * A telephone with one line. Two real implementations pass the same contract test: sip-phone.ts and fake-phone.ts.
 *
 * Rules that hold for both:
 * - PHONE-1 The whole state is published after every change; a listener never sees a half-made one.
 * - PHONE-2 Losing the signalling never ends a call that is talking; hanging up works without it.
 * - PHONE-3 Nothing rings while the seat is not available or in a call: such an INVITE is answered 486.
 * - PHONE-4 A call is answered with a microphone or not at all; without one it keeps ringing and `answer` says why.
 * - PHONE-5 An ended call stays in the state until newer calls push it out, so that no listener misses how it ended.
 * - PHONE-6 Requests for a call in the wrong state are refused with a reason; a repeated one is done already and succeeds.
 * - PHONE-7 From the moment hold is asked for until the far end agreed to talk again it hears nothing of the agent, whatever the
 *   line does. Held is shown only once the far end agreed; the microphone's own state is the same before and after.
 */
export interface Phone {
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
  /** Telephone events in the media stream (RFC 4733). */
  sendDigits(callId: CallId, digits: string): Result<Done>;

  /** Opens the microphone, plays a tone, tells the state reached. Must follow a click: it also unlocks sound. */
  checkDevices(): Promise<DeviceState>;
  /** Tries to register now instead of at the next attempt. */
  reconnect(): void;
  /** Whether a caller may be offered (PHONE-3). False at first. */
  setAvailable(isAvailable: boolean): void;
  /** As `stop`, and nothing works afterwards. */
  close(): Promise<void>;
}

export const isLive = (call: PhoneState['calls'][number]): boolean => call.state.kind !== 'ended';

/** Why nothing can be dialled now, or undefined. An unchecked microphone is no reason: it is opened then. */
export const whyNotDial = (state: PhoneState): Refusal | undefined => {
  if (state.calls.some(isLive)) return refusal('conflict', 'callInProgress');
  if (state.line.kind === 'refused') return refusal('phone', 'lineRefused');
  if (state.line.kind !== 'registered') return refusal('phone', 'lineLost');
  return whyNoMicrophone(state.devices);
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
