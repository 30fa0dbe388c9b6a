import { notSupervising, type OwnSupervision } from '../../shared/supervision.ts';
import type { Phone } from './phone.ts';

/**
 * The lead's telephone follows what the engine says of the lead's session (R35): takes the one call that was asked for and no other
 * (security 75), is mute while the lead only listens, and hangs up when the session is over. The mixing is the exchange's: being mute
 * here is the second lock on the same door. After a take-over the leg is the customer's call, and the lead's like any other.
 */
export const followSupervision = (phone: Phone): ((own: OwnSupervision) => void) => {
  let own = notSupervising;
  /** What was done to which call: the lead may mute by hand afterwards. */
  let done = '';
  const apply = (): void => {
    for (const { id, aside, state } of phone.state().calls) {
      if (aside?.kind !== 'supervision' || state.kind === 'ended') continue;
      if (own.kind === 'none' || own.id !== aside.id) {
        phone.hangUp(id);
        continue;
      }
      const wanted = `${id} ${own.mode === 'listen' ? 'mute' : 'open'}`;
      if (state.kind !== 'talking') continue;
      if (wanted !== done) {
        done = wanted;
        phone.mute(id, own.mode === 'listen');
      }
      if (own.kind === 'on' && own.taken !== undefined) phone.tookOver(id, own.taken);
    }
  };
  phone.onState(apply);
  return (next) => {
    own = next;
    phone.expect(own.kind === 'asking' ? own.id : null);
    apply();
  };
};
