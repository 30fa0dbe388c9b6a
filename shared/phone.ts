import { z } from 'zod';
import { Call } from './call.ts';
import type { Contract } from './rpc.ts';
import { Diagnostics } from './diagnostics.ts';
import { DevicesView, DeviceUse, HeadsetView } from './devices.ts';
import { Doing, Leg } from './guardian.ts';
import { RelayState } from './ice.ts';
import { CallId, ContactId, CustomerId, GrantId } from './ids.ts';
import { ShownMute } from './mute.ts';
import { CallSummary, Codec, mos, QualityReason, Rating } from './quality.ts';
import { VoicePrompt, VoiceSummary } from './voice-figures.ts';

/** The registration of the line (RFC 3261 section 10). Losing signalling never ends a call. */
export const LineState = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('off') }),
  z.object({ kind: z.literal('connecting'), attempt: z.number().int() }),
  z.object({ kind: z.literal('registered'), sinceMs: z.number() }),
  z.object({
    kind: z.literal('lost'),
    sinceMs: z.number(),
    attempt: z.number().int(),
    retryAtMs: z.number(),
    why: z.enum(['socket', 'noAnswer', 'server']),
  }),
  /** The PBX said no (wrong credentials, forbidden): retrying alone will not help. */
  z.object({ kind: z.literal('refused'), status: z.number().int() }),
]);
export type LineState = z.infer<typeof LineState>;

/** Microphone and speaker, checked before Ready. */
export const DeviceState = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('unchecked') }),
  z.object({ kind: z.literal('checking') }),
  z.object({ kind: z.literal('ready'), microphone: z.string().max(200), speaker: z.string().max(200) }),
  z.object({ kind: z.literal('refused') }), // permission denied by user or system
  z.object({ kind: z.literal('absent') }), // no microphone
  z.object({ kind: z.literal('inUse') }), // another program holds it
  z.object({ kind: z.literal('failed') }),
]);
export type DeviceState = z.infer<typeof DeviceState>;

/** What waits in the agent's own mailbox (RFC 3842). */
const waiting = z.number().int().min(0).max(9_999);
export const Voicemail = z.object({ new: waiting, old: waiting });
export type Voicemail = z.infer<typeof Voicemail>;

/** Whole state of the phone page; published on every change to desk and engine. */
export const PhoneState = z.object({
  line: LineState,
  devices: DeviceState,
  /** Live and just-ended calls; at most two. */
  calls: z.array(Call).max(4),
  /** Only where a relay is needed: without one nobody would be heard. Absent: not needed. */
  relay: RelayState.optional(),
  /** Absent: the exchange has no mailbox for this agent, or nothing was heard of it yet. */
  voicemail: Voicemail.optional(),
});
export type PhoneState = z.infer<typeof PhoneState>;

export const phoneOff: PhoneState = { line: { kind: 'off' }, devices: { kind: 'unchecked' }, calls: [] };

/** Meters, ~10 per second during a call: dBFS, -100 is silence. */
export const Levels = z.object({ callId: CallId.nullable(), microphoneDb: z.number(), customerDb: z.number() });
export type Levels = z.infer<typeof Levels>;

/** How a talking call sounds, once a second (R40): milliseconds, loss in per cent of the worse direction. */
export const Quality = z.object({
  callId: CallId,
  mos,
  rating: Rating,
  /** What costs most; null while the call is good. */
  why: QualityReason.nullable(),
  jitterMs: z.number().min(0),
  rttMs: z.number().min(0).nullable(),
  lossPct: z.number().min(0).max(100),
  codec: Codec,
  /** Since the call began. */
  voice: VoiceSummary,
  /** The one thing worth telling the agent now. */
  prompt: VoicePrompt.nullable(),
});
export type Quality = z.infer<typeof Quality>;

/** The leg of a call's sound that is dead, and what is being done about it. */
export const Trouble = z.object({ callId: CallId, leg: Leg, doing: Doing });
export type Trouble = z.infer<typeof Trouble>;

/** What is left of a call's measurements when it is over. */
export const EndedQuality = z.object({ callId: CallId, quality: CallSummary });
export type EndedQuality = z.infer<typeof EndedQuality>;

/**
 * What an INVITE with Replaces needs to take a call over (RFC 3891). Whoever knows it can have the call: it goes from phone to engine
 * and back, and into no log.
 */
export const SipDialog = z.object({
  sipCallId: z.string().min(1).max(256),
  localTag: z.string().min(1).max(256),
  remoteTag: z.string().min(1).max(256),
});
export type SipDialog = z.infer<typeof SipDialog>;

/** A talking call as the next phone page can take it up if this one dies. */
export const KeptCall = z.object({ call: Call, dialog: SipDialog });
export type KeptCall = z.infer<typeof KeptCall>;
export const KeptCalls = z.object({ calls: z.array(KeptCall).max(2) });
export type KeptCalls = z.infer<typeof KeptCalls>;

export const noArgs = z.object({});
const done = z.object({});

/**
 * What to dial: typed text or a number of the directory, a customer's number by click, or the number of a contact again (the desk need
 * not know it); the engine turns each into a permitted target.
 */
export const DialWhat = z.union([
  z.object({ text: z.string().max(64) }),
  z.object({ customerId: CustomerId, numberIndex: z.number().int().min(0).max(9) }),
  z.object({ contactId: ContactId }),
  /** The customer a task shows (R21): by central's leave, not by number. */
  z.object({ grantId: GrantId }),
]);
export type DialWhat = z.infer<typeof DialWhat>;

/** Desk → phone, on a port of their own so that hang-up and mute work even while the engine restarts. */
export const phoneContract = {
  calls: {
    dial: { request: z.object({ what: DialWhat }), response: z.object({ callId: CallId }), by: ['desk'] },
    answer: { request: z.object({ callId: CallId }), response: done, by: ['desk'] },
    reject: { request: z.object({ callId: CallId }), response: done, by: ['desk'] },
    hangUp: { request: z.object({ callId: CallId }), response: done, by: ['desk'] },
    mute: { request: z.object({ callId: CallId, muted: z.boolean() }), response: done, by: ['desk'] },
    /** Refused only for a call that is not talking; what the far end makes of it is seen in the state. */
    hold: { request: z.object({ callId: CallId, held: z.boolean() }), response: done, by: ['desk'] },
    /** Hands a customer's call on without asking there first. What becomes of it is seen in the state. */
    transfer: { request: z.object({ callId: CallId, to: DialWhat }), response: done, by: ['desk'] },
    /** Calls somebody about the customer of `callId`, who is held meanwhile. */
    consult: {
      request: z.object({ callId: CallId, to: DialWhat }),
      response: z.object({ callId: CallId }),
      by: ['desk'],
    },
    /** Hands the customer on to whoever talks in the consultation. */
    completeTransfer: { request: z.object({ callId: CallId, consultId: CallId }), response: done, by: ['desk'] },
    /** Ends the consultation and takes the customer back. */
    cancelConsult: { request: z.object({ consultId: CallId }), response: done, by: ['desk'] },
    swap: { request: noArgs, response: done, by: ['desk'] },
    /** Three-way. */
    merge: { request: z.object({ callId: CallId, otherId: CallId }), response: done, by: ['desk'] },
    part: { request: noArgs, response: done, by: ['desk'] },
    /** Passes a ringing call on to somebody else. */
    divert: { request: z.object({ callId: CallId, to: DialWhat }), response: done, by: ['desk'] },
    sendDigits: {
      request: z.object({ callId: CallId, digits: z.string().regex(/^[0-9*#ABCD]{1,32}$/) }),
      response: done,
      by: ['desk'],
    },
    /** Opens the microphone, plays a tone; answers with the state reached. */
    checkDevices: { request: noArgs, response: DeviceState, by: ['desk'] },
    devices: {
      request: noArgs,
      response: z.object({ devices: DevicesView, headset: HeadsetView, mute: ShownMute }),
      by: ['desk'],
    },
    /** Null: the system's default. */
    chooseDevice: {
      request: z.object({ use: DeviceUse, id: z.string().max(300).nullable() }),
      response: done,
      by: ['desk'],
    },
    /** Speaker and ring answer once their tone is over; the microphone's meter runs until 'none', a call, or for a minute. */
    testDevice: {
      request: z.object({ what: z.enum([...DeviceUse.options, 'none']) }),
      response: done,
      by: ['desk'],
    },
    /** Lets the agent pick a headset, in a dialog of the browser. */
    connectHeadset: { request: noArgs, response: done, by: ['desk'] },
    /** A call that gives the agent's own voice back; ends by itself. Refused while customers may be offered. */
    testEcho: { request: noArgs, response: z.object({ callId: CallId }), by: ['desk'] },
    state: { request: noArgs, response: PhoneState, by: ['desk'] },
    diagnostics: { request: noArgs, response: Diagnostics, by: ['desk'] },
    /** Registers again at once instead of waiting for the next attempt. */
    reconnect: { request: noArgs, response: done, by: ['desk'] },
  },
  events: {
    phone: PhoneState,
    levels: Levels,
    quality: Quality,
    trouble: Trouble.nullable(),
    devices: DevicesView,
    headset: HeadsetView,
    /** Whether the customer of the call in front hears the agent, and whose hand keeps it from that. */
    mute: ShownMute,
  },
} as const satisfies Contract;
export type PhoneContract = typeof phoneContract;
