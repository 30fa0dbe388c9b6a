import { z } from 'zod';
import { ContactId, CustomerId } from './ids.ts';
import { Text } from './text.ts';
import { AccountActionName } from './verification.ts';

/**
 * What a seat asks of central around a check, beside `check`, `sendCode` and `reveal` (central-api.ts). Names of factors and flags are texts
 * here, so that a later central may know more of them: a seat leaves out what it does not know, and central decides in any case.
 */
const about = { contactId: ContactId, customerId: CustomerId };
const name = z.string().max(40);

/**
 * Where a check stands before the first question: signs against the caller, failures at other seats, a lock, and what was proven in another
 * call and carried over, which this call takes up by asking. Asked again while a lead is to decide.
 */
export const StandingRequest = z.object(about);
export const StandingResponse = z.object({
  flags: z.array(name).max(20),
  lockedUntilMs: z.number().nullable(),
  /** Factors proven by a pass of central's (R12), now part of this call. */
  carried: z.array(name).max(20),
  /** The customer can key the service password in without anybody hearing it. */
  keypad: z.boolean(),
  /** What became of the last wish for an override in this call: "asked", "granted", "refused"; '' without one. */
  override: name,
});
export type StandingResponse = z.infer<typeof StandingResponse>;

/** The exchange takes the customer aside to key in the service password; answered when they are back, within a minute. */
export const KeypadRequest = z.object({ ...about, action: AccountActionName.optional() });
export const KeypadResponse = z.object({
  /** "matched", "noMatch"; "nothing": keyed in too little; "cancelled". */
  outcome: name,
  triesLeft: z.number().int(),
  lockedUntilMs: z.number().nullable(),
});
export const KeypadCancelRequest = z.object({ contactId: ContactId });

/** A pass for one call to the number on file (security 59), which the seat then dials by customer and index. */
export const CallBackRequest = z.object(about);
export const CallBackResponse = z.object({
  numberIndex: z.number().int(),
  masked: z.string().max(40),
  untilMs: z.number(),
});

/** Makes the level travel with a transfer, when the policy says so (R12). */
export const SendLevelRequest = z.object(about);
export const SendLevelResponse = z.object({ untilMs: z.number() });

/** Security 61: an agent never lets himself off; another person, with a reason, may. */
export const overrideReasons = ['noFactorLeft', 'phoneLost', 'forgotAll', 'technicalFault'] as const;
export type OverrideReason = (typeof overrideReasons)[number];
export const AskOverrideRequest = z.object({
  ...about,
  action: AccountActionName.optional(),
  reason: z.enum(overrideReasons),
});
export const AskOverrideResponse = z.object({ overrideId: z.string().max(64) });
/** Leads, managers and administrators: what waits for a decision, oldest first. */
export const OverridesResponse = z.object({
  overrides: z
    .array(
      z.object({
        id: z.string().max(64),
        agentName: z.string().max(40),
        agentNumber: z.string().max(20),
        customer: z.string().max(40),
        action: name.nullable(),
        reason: name,
        askedAtMs: z.number(),
      }),
    )
    .max(100),
});
export type OverridesResponse = z.infer<typeof OverridesResponse>;
export const DecideOverrideRequest = z.object({ id: z.string().max(64), granted: z.boolean() });

/**
 * One strict change, on line only (security 60). `changeId` is the seat's: asked again after a lost answer it is done once. `value` is
 * the new number of a `contactChange`, nothing for the others: a new password is keyed in by the customer.
 */
export const AccountChangeRequest = z.object({
  ...about,
  changeId: z.uuid(),
  action: AccountActionName,
  value: z.string().max(40).optional(),
});
export const AccountChangeResponse = z.object({
  /** "keyed": the customer chose a new password; "texted": a temporary one is on its way; "done"; "registered": the back office goes on. */
  how: name,
  atMs: z.number(),
  reference: Text.nullable(),
});

export const verificationRoutes = {
  standing: {
    method: 'POST',
    path: '/v1/verification/standing',
    request: StandingRequest,
    response: StandingResponse,
  },
  keypad: { method: 'POST', path: '/v1/verification/keypad', request: KeypadRequest, response: KeypadResponse },
  keypadCancel: {
    method: 'POST',
    path: '/v1/verification/keypad/cancel',
    request: KeypadCancelRequest,
    response: z.object({}),
  },
  callBack: {
    method: 'POST',
    path: '/v1/verification/call-back',
    request: CallBackRequest,
    response: CallBackResponse,
  },
  sendLevel: { method: 'POST', path: '/v1/verification/pass', request: SendLevelRequest, response: SendLevelResponse },
  askOverride: {
    method: 'POST',
    path: '/v1/verification/override',
    request: AskOverrideRequest,
    response: AskOverrideResponse,
  },
  overrides: {
    method: 'GET',
    path: '/v1/verification/overrides',
    request: z.object({}),
    response: OverridesResponse,
  },
  decideOverride: {
    method: 'POST',
    path: '/v1/verification/override/decision',
    request: DecideOverrideRequest,
    response: z.object({}),
  },
  accountChange: {
    method: 'POST',
    path: '/v1/account/changes',
    request: AccountChangeRequest,
    response: AccountChangeResponse,
  },
} as const;
