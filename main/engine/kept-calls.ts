import { asksToHold, type Call } from '../../shared/call.ts';
import type { KeptCall } from '../../shared/phone.ts';
import type { Seat } from './seat.ts';
import type { Db } from './store/db.ts';
import { readMeta, writeMeta } from './store/meta.ts';

/**
 * Remembers the calls that talk, so that a phone page (or a whole program) that died is followed by one that goes on with them.
 *
 * KEPT-1 Given out are only the call in hand and the consultation about it: what the agent is not working on is nobody's any more.
 * KEPT-2 The customer first; who was on hold stays on hold, or would hear what is said in a room that thinks itself unheard.
 */
export interface KeptCalls {
  keep(calls: readonly KeptCall[]): void;
  kept(): KeptCall[];
}

export const createKeptCalls = (db: Db, seat: Pick<Seat, 'agent'>): KeptCalls => ({
  keep: (calls) => db.write('kept calls', (write) => writeMeta(write, 'keptCalls', calls)),
  kept: () => {
    const { agent } = seat;
    if (agent.kind !== 'onCall') return [];
    const isOurs = ({ id, aside }: Call): boolean =>
      id === agent.callId || (aside?.kind === 'consult' && aside.of === agent.callId);
    return (readMeta(db.read, 'keptCalls') ?? [])
      .filter(({ call }) => isOurs(call))
      .toSorted((one, other) => Number(other.call.id === agent.callId) - Number(one.call.id === agent.callId))
      .map((kept) => ({ ...kept, call: orphaned(kept.call) }));
  },
});

/** As it is while nobody is at the telephone (KEPT-2). A transfer or a three-way conversation under way is not gone on with. */
const orphaned = (call: Call): Call => {
  const { state } = call;
  if (state.kind !== 'talking') return call;
  const { sinceMs, microphone, hold } = state;
  const isHeld = asksToHold(hold) || hold.kind === 'resuming' || state.merged === true;
  return {
    ...call,
    state: {
      kind: 'talking',
      sinceMs,
      microphone,
      media: 'lost',
      hold: isHeld ? { kind: 'held', sinceMs: hold.kind === 'none' ? sinceMs : hold.sinceMs } : hold,
    },
  };
};
