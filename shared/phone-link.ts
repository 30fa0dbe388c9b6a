import { z } from 'zod';
import { AgentState } from './agent.ts';
import { CallId, ContactId, SeatId } from './ids.ts';
import { DialWhat, EndedQuality, KeptCalls, noArgs, PhoneState } from './phone.ts';
import type { Contract } from './rpc.ts';
import { SipCredentials } from './sip-credentials.ts';
import { OwnSupervision } from './supervision.ts';

/** The call that central has announced (R25): the phone takes it by itself, and no other (PHONE-9). */
export const Expected = z.object({ contactId: ContactId.nullable() });
export type Expected = z.infer<typeof Expected>;

const done = z.object({});
const phone = ['phone'] as const;

/** What only the phone page asks of the engine. */
export const phoneCalls = {
  'phone.credentials': { request: noArgs, response: SipCredentials.nullable(), by: phone },
  'phone.report': { request: PhoneState, response: done, by: phone },
  /** The talking calls, after each change: what a phone page that comes after this one needs to go on with them. */
  'phone.keep': { request: KeptCalls, response: done, by: phone },
  /** Asked once by a new phone page: the calls of one that died, as far as they belong to the contact in hand. */
  'phone.kept': { request: noArgs, response: KeptCalls, by: phone },
  /** Once, after a call was talked: goes with its contact (R40). */
  'phone.quality': { request: EndedQuality, response: done, by: phone },
  /**
   * Turns what the agent asked for into a permitted target (R21). `dial` is digits and + only. To call a customer opens a contact;
   * to call a colleague does not (`colleague`). To consult, transfer, divert or check does not either: `callId` is then the call it is
   * about, `contactId` that call's, and `consultId` the consultation a transfer completes.
   */
  'dial.authorise': {
    request: z.object({
      callId: CallId,
      what: DialWhat,
      purpose: z.enum(['service', 'marketing', 'consult', 'transfer', 'divert', 'check']),
      consultId: CallId.optional(),
    }),
    response: z.object({
      contactId: ContactId,
      dial: z.string().max(24),
      warnings: z.array(z.literal('roaming')),
      colleague: z.string().max(20).optional(),
    }),
    by: phone,
  },
} as const;

/** Of the session the phone needs whose line it is, and whether there is one. */
export const PhoneSession = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('signedOut') }),
  z.object({ kind: z.literal('signedIn'), seatId: SeatId }),
]);
export type PhoneSession = z.infer<typeof PhoneSession>;

/** The engine as the phone page sees it: no customer, script or work. The engine serves it out of the seat's contract. */
export const phoneEngineContract = {
  calls: {
    'seat.snapshot': {
      request: noArgs,
      response: z.object({ session: PhoneSession, agent: AgentState, supervision: OwnSupervision, expected: Expected }),
      by: phone,
    },
    ...phoneCalls,
  },
  events: {
    ...{ session: PhoneSession, agent: AgentState, supervision: OwnSupervision, expected: Expected },
    displaced: z.object({}),
  },
} as const satisfies Contract;
export type PhoneEngineContract = typeof phoneEngineContract;
