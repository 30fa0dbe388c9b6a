import { z } from 'zod';
import type { AgentState } from './agent.ts';
import { QueueSwitch, ShiftedAgent } from './blending.ts';
import { AgentId } from './ids.ts';

/**
 * Central forces a state (R38): a lead sends somebody on a break, back to Ready, or home. Never in the middle of a call: what cannot be now
 * is done once the contact in hand is wrapped up. The agent is told who wanted it and why.
 *
 *   central: given ──▶ waiting ──▶ done | refused        (told by the seat's ops, `agent.obeyed`)
 *   seat:    told ──▶ waiting (a contact in hand) ──▶ done | refused ──seen by the agent──▶ nothing
 */
export const ForcedTo = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ready') }),
  z.object({ kind: z.literal('notReady'), reason: z.string().min(1).max(32) }),
  z.object({ kind: z.literal('signOut') }),
]);
export type ForcedTo = z.infer<typeof ForcedTo>;

const ForceId = z.uuid();
export const ForceOrder = z.object({
  id: ForceId,
  to: ForcedTo,
  why: z.string().max(200),
  byName: z.string().max(40),
  atMs: z.number(),
});
export type ForceOrder = z.infer<typeof ForceOrder>;

const outcomes = ['waiting', 'done', 'refused'] as const;
/** Why it could not be: a key of the locales. */
const whyNot = z.string().max(130).nullable();
export const Obeyed = z.object({
  name: z.literal('agent.obeyed'),
  orderId: ForceId,
  outcome: z.enum(outcomes),
  why: whyNot,
  atMs: z.number(),
});

/** At the seat, until the agent has seen it. */
export const Forced = z.object({ order: ForceOrder, outcome: z.enum(outcomes), why: whyNot });
export type Forced = z.infer<typeof Forced>;

const reason = z.string().trim().min(2).max(200);
export const AgentForceRequest = z.object({ id: ForceId, agentId: AgentId, to: ForcedTo, why: reason });
export const ForcedOrderResponse = z.object({ order: ForceOrder.nullable() });

/** One of the lead's team who is signed in, and what was last asked of them. */
export const TeamState = z.object({
  agentId: AgentId,
  agentName: z.string().max(40),
  agentNumber: z.string().max(20),
  state: z.enum(['notReady', 'ready', 'reserved', 'onCall', 'wrapUp', 'offline']),
  reason: z.string().max(32).nullable(),
  sinceMs: z.number(),
  /** Of today; null: nothing was. `given`: the seat has not heard of it yet. */
  forced: z
    .object({ to: ForcedTo, byName: z.string().max(40), outcome: z.enum(['given', ...outcomes]), why: whyNot })
    .nullable(),
  /** R19: takes tasks and is kept for callers. Absent: not so, or from a central of before. */
  shift: ShiftedAgent.optional(),
});
export type TeamState = z.infer<typeof TeamState>;
export const TeamStatesResponse = z.object({
  agents: z.array(TeamState).max(1_000),
  /** R19: queues whose agents take tasks and callers, while a task runs. Absent: from a central of before. */
  switches: z.array(QueueSwitch).max(200).optional(),
});
export type TeamStatesResponse = z.infer<typeof TeamStatesResponse>;

/** What a seat can do about an order at this moment. `afterwards`: the call goes on, and what follows it is set; `later`: somebody rings. */
export const forceStep = (state: AgentState): 'now' | 'afterwards' | 'later' => {
  if (state.kind === 'reserved') return 'later';
  return state.kind === 'onCall' || state.kind === 'wrapUp' ? 'afterwards' : 'now';
};

/** R38: how many of the agent's team have each reason that is capped, before one is chosen; `taken` null: central cannot be asked. */
export const ReasonRooms = z.object({
  rooms: z
    .array(z.object({ reason: z.string().max(32), limit: z.number().int(), taken: z.number().int().nullable() }))
    .max(50),
});
export type ReasonRooms = z.infer<typeof ReasonRooms>;
