import type { RelayState } from '../../shared/ice.ts';
import type { Clock } from './clock.ts';
import { hasRelays, type IceSetup } from './ice-gathering.ts';

/**
 * Knows whether a seat that may only be relayed has a relay, before a call needs one. Only an address given out by a relay shows that
 * secret, clock and way are right, so one is asked for as a call would, and given back.
 *
 *   notNeeded ──relay-only──▶ asking ──address──▶ ready ──asked again each minute──▶ …
 *                                └──401 / silence──▶ refused / unreachable ──asked again soon──▶ …
 */
export type RelayWatch = {
  /** Servers, credentials or policy changed: asks again when a relay is needed. */
  readonly changed: () => void;
  /** Is it still there? Asked now instead of at the next look. */
  readonly doubt: () => void;
  readonly stop: () => void;
};

export type RelayPlan = {
  readonly clock: Clock;
  readonly random: () => number;
  readonly ice: () => IceSetup;
  readonly onState: (state: RelayState) => void;
  readonly tryRelay?: typeof tryRelay;
};

const times = { wellMs: 60_000, firstAgainMs: 1_000, slowestMs: 10_000, answerMs: 3_000 } as const;

export const watchRelay = (plan: RelayPlan): RelayWatch => {
  const { clock, random, ice, onState } = plan;
  let round = 0;
  let failures = 0;
  let isAsking = false;
  let stopTimer = (): void => {};

  const look = async (): Promise<void> => {
    stopTimer();
    round += 1;
    const mine = round;
    isAsking = true;
    const found = await (plan.tryRelay ?? tryRelay)(ice(), clock);
    if (mine !== round) return;
    isAsking = false;
    failures = found === 'ready' ? 0 : failures + 1;
    onState(found);
    const failedMs = Math.min(times.slowestMs, times.firstAgainMs * 2 ** Math.min(failures - 1, 10));
    const againMs = found === 'ready' ? times.wellMs : failedMs;
    // 800 seats lose the same relay in the same second.
    stopTimer = clock.after(againMs * (0.75 + random() / 2), () => void look());
  };
  const stop = (): void => {
    round += 1;
    failures = 0;
    isAsking = false;
    stopTimer();
  };

  return {
    changed: () => {
      if (ice().policy === 'relay') return void look();
      stop();
      onState('notNeeded');
    },
    doubt: () => {
      if (ice().policy === 'relay' && !isAsking) void look();
    },
    stop,
  };
};

type Found = 'ready' | 'refused' | 'unreachable';

/** RFC 8656: 401 wrong or expired credentials, 403 forbidden, 441 wrong credentials for this allocation, 486 quota reached. */
const refusals: readonly number[] = [401, 403, 441, 486];

const tryRelay = async (setup: IceSetup, clock: Clock): Promise<Found> => {
  if (!hasRelays(setup)) return 'unreachable';
  const connection = new RTCPeerConnection({ iceServers: [...setup.servers], iceTransportPolicy: 'relay' });
  let isRefused = false;
  const found = new Promise<Found>((resolve) => {
    const giveUp = (): void => resolve(isRefused ? 'refused' : 'unreachable');
    connection.addEventListener('icecandidate', ({ candidate }) => {
      if (candidate === null) giveUp();
      else if (candidate.type === 'relay') resolve('ready');
    });
    connection.addEventListener('icecandidateerror', ({ errorCode }) => {
      if (refusals.includes(errorCode)) isRefused = true;
    });
    clock.after(times.answerMs, giveUp);
  });
  try {
    // A channel needs a transport as sound does, and no codecs.
    connection.createDataChannel('');
    await connection.setLocalDescription(await connection.createOffer());
    return await found;
  } finally {
    connection.close();
  }
};
