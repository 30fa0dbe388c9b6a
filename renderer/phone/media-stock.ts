import type { SipCredentials } from '../../shared/sip-credentials.ts';
import type { RelayState } from '../../shared/ice.ts';
import type { Clock } from './clock.ts';
import type { IceSetup } from './ice-gathering.ts';
import { watchRelay } from './relay-watch.ts';
import { type CallMedia, createCallMedia } from './sip-media.ts';

/**
 * Keeps what the next call needs: one connection that has its candidates, and the certainty that there is a relay where nothing may go
 * without one.
 *
 * - STOCK-1 The old connection is kept until the new one had time to gather: a call never finds the shelf empty between the two.
 * - STOCK-2 A connection's addresses are trusted 25 s. While it is open the browser keeps NAT bindings (a STUN request each 10 s) and
 *   allocations (a refresh before their 10 min are over) alive, so with relays it is four minutes: 800 seats would ask a relay for 32
 *   addresses a second otherwise. Newer credentials and a new network make a new one at once.
 */
export type MediaStock = {
  /** STUN and TURN servers from now on. */
  readonly setIce: (credentials: SipCredentials) => void;
  /** For a call: the warm one, or a new one. */
  readonly take: () => CallMedia;
  /** A new warm one: the network is another one, or what the old one has seen is no good. */
  readonly renew: () => void;
  /** Asks the relays again, because a call lost its way. */
  readonly askRelay: () => void;
  readonly stop: () => void;
};

export type MediaStockPlan = {
  readonly clock: Clock;
  readonly random: () => number;
  readonly microphone: () => MediaStreamTrack | undefined;
  /** During a call none is kept, except where the next one would have to wait for a relay. */
  readonly isInCall: () => boolean;
  readonly onRelay: (state: RelayState) => void;
};

/** STOCK-2 */
const warmForMs = { direct: 25_000, relayed: 240_000 } as const;
/** STOCK-1 */
const gatherMs = 2_000;

export const createMediaStock = (plan: MediaStockPlan): MediaStock => {
  const { clock, random, microphone, isInCall, onRelay } = plan;
  let ice: IceSetup = { servers: [], policy: 'all' };
  let isOn = false;
  let warm: CallMedia | undefined;
  let retiring: CallMedia | undefined;
  let stopTimer = (): void => {};
  let stopRetiring = (): void => {};

  const make = (): CallMedia => createCallMedia({ clock, ice: () => ice, microphone });
  const retire = (): void => {
    stopRetiring();
    retiring?.close();
    retiring = undefined;
  };
  const renew = (isOldGood = false): void => {
    stopTimer();
    retire();
    if (isOldGood) {
      retiring = warm;
      stopRetiring = clock.after(gatherMs, retire);
    } else warm?.close();
    warm = undefined;
    if (!isOn) return;
    if (!isInCall() || ice.policy === 'relay') warm = make();
    const forMs = ice.servers.length > 0 ? warmForMs.relayed : warmForMs.direct;
    stopTimer = clock.after(forMs, () => renew(true));
  };
  let relayState: RelayState | undefined;
  const relay = watchRelay({
    clock,
    random,
    ice: () => ice,
    onState: (state) => {
      const before = relayState;
      relayState = state;
      // What was gathered without a relay has none.
      if (state === 'ready' && before !== 'ready' && before !== 'asking') renew();
      if (state !== before) onRelay(state);
    },
  });

  return {
    setIce: (credentials) => {
      const next = setupOf(credentials);
      const isNew = !isOn || JSON.stringify(next) !== JSON.stringify(ice);
      if (!isNew) return;
      const isStricter = next.policy === 'relay' && ice.policy !== 'relay';
      ice = next;
      isOn = true;
      renew(!isStricter);
      if (isStricter) onRelay((relayState = 'asking'));
      relay.changed();
    },
    take: () => {
      const media = retiring ?? warm ?? make();
      if (media === retiring) {
        stopRetiring();
        retiring = undefined;
      } else warm = undefined;
      if (ice.policy === 'relay') {
        // After the call's own start: the second line would have to wait for a relay as well.
        stopTimer();
        stopTimer = clock.after(gatherMs, () => renew(true));
      }
      return media;
    },
    renew: () => {
      renew();
      relay.doubt();
    },
    askRelay: relay.doubt,
    stop: () => {
      isOn = false;
      relay.stop();
      renew();
      if (relayState !== undefined && relayState !== 'notNeeded') onRelay('notNeeded');
      relayState = undefined;
      ice = { servers: [], policy: 'all' };
    },
  };
};

const setupOf = ({ iceServers, icePolicy }: SipCredentials): IceSetup => ({
  servers: iceServers.map(({ urls, username, credential }) => ({
    urls,
    ...(username === undefined ? {} : { username }),
    ...(credential === undefined ? {} : { credential }),
  })),
  policy: icePolicy ?? 'all',
});
