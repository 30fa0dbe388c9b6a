import type { Call } from '../../shared/call.ts';
import type { CallId } from '../../shared/ids.ts';
import type { PhoneState } from '../../shared/phone.ts';
import type { SeatSnapshot } from '../../shared/seat.ts';
import type { Clock } from './clock.ts';
import type { LinkState } from './link.ts';

/**
 * A ring comes to the desk twice: from the phone, and a few milliseconds later from the engine, with who it is. Drawn by itself the first
 * word costs a drawing of the bars and a frame of the browser, and the second one, with the customer, waits for the next frame. So the
 * phone's word waits for the engine's, a moment at most: without an engine it rings all the same.
 */
export type RingTogether = {
  /** What the phone says. */
  readonly heard: (state: PhoneState) => void;
  /** The engine said something. */
  readonly told: () => void;
  /** What was kept is over: the phone was asked anew. */
  readonly forget: () => void;
};

/** What the desk knows of the engine. */
type Seat = { readonly link: LinkState; readonly snapshot: Pick<SeatSnapshot, 'agent' | 'contact'> | null };

type RingPlan = {
  /** Calls on view now. */
  readonly shown: () => readonly Call[];
  readonly seat: () => Seat;
  readonly take: (state: PhoneState) => void;
  readonly clock: Clock;
};

/** The engine needs a tenth of it; longer, and the agent would see it. */
const longestMs = 60;

export const ringTogether = ({ shown, seat, take, clock }: RingPlan): RingTogether => {
  let kept: { readonly state: PhoneState; readonly callId: CallId } | undefined;
  let cancel = (): void => {};
  const forget = (): void => {
    cancel();
    kept = undefined;
  };
  const release = (): void => {
    const state = kept?.state;
    forget();
    if (state !== undefined) take(state);
  };
  return {
    heard: (state) => {
      const ring = ringIn(state, shown(), seat());
      if (ring === undefined) {
        forget();
        return take(state);
      }
      // States are whole: of what came while it waits the newest counts, and the first one's time.
      if (kept?.callId !== ring.id) {
        cancel();
        cancel = clock.after(longestMs, release);
      }
      kept = { state, callId: ring.id };
    },
    told: () => {
      if (kept !== undefined && !isAwaited(kept.callId, seat())) release();
    },
    forget,
  };
};

/** A customer's call that is not on view yet and of which the engine has said nothing. */
const ringIn = ({ calls }: PhoneState, shown: readonly Call[], seat: Seat): Call | undefined =>
  calls.find(
    ({ id, direction, state, aside }) =>
      state.kind === 'ringing' &&
      direction === 'inbound' &&
      aside === undefined &&
      !shown.some((call) => call.id === id) &&
      isAwaited(id, seat),
  );

/** An engine that can be asked opens a contact for an agent who is free. */
const isAwaited = (callId: CallId, { link, snapshot }: Seat): boolean => {
  const kind = link.kind === 'up' ? snapshot?.agent.kind : undefined;
  return (kind === 'ready' || kind === 'notReady') && snapshot?.contact?.contact.callId !== callId;
};
