import { z } from 'zod';
import { AgentId, ContactId, CustomerId, SupervisionId, TopicId } from './ids.ts';

/**
 * How a lead takes part in an agent's call (R35). `listen`: nobody hears the lead; `whisper`: the agent does, the customer never;
 * `barge`: everyone hears everyone; `takeOver`: lead and customer talk, the agent's leg is released. From `takeOver` nothing leads back.
 */
export const supervisionModes = ['listen', 'whisper', 'barge', 'takeOver'] as const;
export const SupervisionMode = z.enum(supervisionModes);
export type SupervisionMode = z.infer<typeof SupervisionMode>;

/** Who may ask for it; central decides, the seat only saves the others the question. */
const supervisorRoles = ['lead', 'manager', 'admin'] as const;
export const maySupervise = (role: string): boolean => supervisorRoles.some((one) => one === role);

/** One agent of the lead's team who has a call in hand, as central sees it now. */
export const TeamCall = z.object({
  agentId: AgentId,
  agentName: z.string().max(40),
  agentNumber: z.string().max(20),
  state: z.enum(['ringing', 'talking', 'wrapUp']),
  /** By the agent's seat, epoch milliseconds. */
  sinceMs: z.number(),
  contactId: ContactId.nullable(),
  direction: z.enum(['inbound', 'outbound']).nullable(),
  queue: z.string().max(64).nullable(),
  /** Somebody is in this call already. */
  supervisedBy: z.string().max(40).nullable(),
});
export type TeamCall = z.infer<typeof TeamCall>;

/**
 * The call a lead took over, as central has the agent's contact of it: what the lead's own contact begins with. Nothing that was proven
 * comes along: the lead checks anew (R12).
 */
export const TakenCall = z.object({
  /** The exchange's name for the call; recordings of both contacts go by it. */
  exchangeId: ContactId,
  direction: z.enum(['inbound', 'outbound']),
  number: z.string().max(64),
  queue: z.string().max(64).nullable(),
  customerId: CustomerId.nullable(),
  topicId: TopicId.nullable(),
});
export type TakenCall = z.infer<typeof TakenCall>;

const session = { id: SupervisionId, agentId: AgentId, agentName: z.string().max(40), mode: SupervisionMode };

/**
 * A lead's own session, at the lead's seat. Its telephone takes the call with this id and no other (security 75).
 *
 *   none ──asked──▶ asking ──began──▶ on ──changed──▶ on …        refused, ended ──▶ none
 *
 * With `taken` the customer is the lead's: the leg becomes a call like any other, and the session ends here with that.
 */
export const OwnSupervision = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('none') }),
  z.object({ kind: z.literal('asking'), ...session, sinceMs: z.number() }),
  z.object({
    kind: z.literal('on'),
    ...session,
    contactId: ContactId.nullable(),
    sinceMs: z.number(),
    /** Only after a take-over; absent where central does not know the contact. */
    taken: TakenCall.optional(),
  }),
]);
export type OwnSupervision = z.infer<typeof OwnSupervision>;

export type OwnSupervisionEvent =
  | {
      readonly kind: 'asked';
      readonly id: SupervisionId;
      readonly agentId: AgentId;
      readonly agentName: string;
      readonly mode: SupervisionMode;
      readonly atMs: number;
    }
  | {
      readonly kind: 'began';
      readonly id: SupervisionId;
      readonly contactId: ContactId | null;
      readonly mode: SupervisionMode;
      readonly taken?: TakenCall;
      readonly atMs: number;
    }
  | {
      readonly kind: 'changed';
      readonly id: SupervisionId;
      readonly mode: SupervisionMode;
      readonly taken?: TakenCall;
    }
  /** Never begun, stopped by the lead, or over because the call is. */
  | { readonly kind: 'ended'; readonly id: SupervisionId };

export const notSupervising: OwnSupervision = { kind: 'none' };

/** Events of another session than the present one mean nothing: the same object comes back. */
export const nextOwnSupervision = (state: OwnSupervision, event: OwnSupervisionEvent): OwnSupervision => {
  if (event.kind === 'asked') {
    const { id, agentId, agentName, mode, atMs } = event;
    return state.kind === 'none' ? { kind: 'asking', id, agentId, agentName, mode, sinceMs: atMs } : state;
  }
  if (state.kind === 'none' || state.id !== event.id) return state;
  switch (event.kind) {
    case 'began':
      return state.kind === 'asking'
        ? {
            ...{ ...state, kind: 'on', contactId: event.contactId, mode: event.mode, sinceMs: event.atMs },
            ...withTaken(event),
          }
        : state;
    case 'changed':
      return state.kind === 'on' && state.mode !== event.mode
        ? { ...state, mode: event.mode, ...withTaken(event) }
        : state;
    case 'ended':
      return notSupervising;
  }
};

const withTaken = ({ taken }: { readonly taken?: TakenCall }) => (taken === undefined ? {} : { taken });

/** A lead is in this agent's call, as far as the policy lets the agent know. */
export const Supervised = z.object({ contactId: ContactId.nullable(), mode: SupervisionMode, sinceMs: z.number() });
export type Supervised = z.infer<typeof Supervised>;
