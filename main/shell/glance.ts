import { z } from 'zod';
import { AgentState } from '../../shared/agent.ts';
import { PhoneState } from '../../shared/phone.ts';
import { SyncState } from '../../shared/sync.ts';

/** All the shell knows of the seat: enough for the tray and for questions before leaving. No ids, no names, no numbers. */
export const Glance = z.object({
  agent: z.enum(['offline', 'notReady', 'ready', 'reserved', 'onCall', 'wrapUp']),
  /** A call that rings, is dialled or talks. */
  inCall: z.boolean(),
  /** Changes central has not acknowledged. */
  unsynced: z.number().int().min(0),
});
export type Glance = z.infer<typeof Glance>;

/** By the phone's own word or by the agent's state: either may be known first, and either is enough to be careful. */
export const isInCall = (glance: Glance): boolean =>
  glance.inCall || glance.agent === 'reserved' || glance.agent === 'onCall';

export const firstGlance: Glance = Object.freeze({ agent: 'offline', inCall: false, unsynced: 0 });

/** Takes in a state the engine has published; anything else, and anything that changes nothing, returns the same object. */
export const nextGlance = (glance: Glance, event: string, payload: unknown): Glance => {
  switch (event) {
    case 'agent': {
      const agent = AgentState.safeParse(payload);
      return agent.success && agent.data.kind !== glance.agent ? { ...glance, agent: agent.data.kind } : glance;
    }
    case 'phone': {
      const phone = PhoneState.safeParse(payload);
      if (!phone.success) return glance;
      const inCall = phone.data.calls.some((call) => call.state.kind !== 'ended');
      return inCall === glance.inCall ? glance : { ...glance, inCall };
    }
    case 'sync': {
      const sync = SyncState.safeParse(payload);
      return sync.success && sync.data.waiting !== glance.unsynced
        ? { ...glance, unsynced: sync.data.waiting }
        : glance;
    }
    default:
      return glance;
  }
};
