import type { CallId } from '../../shared/ids.ts';
import type { Guarding } from './call-measures.ts';
import type { Clock } from './clock.ts';
import type { Microphone } from './microphone.ts';
import { createMutedEar } from './muted-ear.ts';
import type { PhoneStore } from './phone-store.ts';
import type { Switchboard } from './sip-switchboard.ts';
import type { Meter } from './meters.ts';

/** What the guardian sees of the real calls, and what it can do for them. */
export type CallGuarding = Guarding & {
  /** The microphone's track was exchanged. */
  readonly took: (track: MediaStreamTrack) => void;
  /** The agent chose a device: what follows surprises nobody. */
  readonly chosen: () => void;
};

type CallGuardingPlan = {
  readonly clock: Clock;
  readonly store: Pick<PhoneStore, 'state' | 'onState' | 'find' | 'foreground'>;
  readonly board: () => Pick<Switchboard, 'find' | 'media' | 'useMicrophone'>;
  readonly microphone: Pick<Microphone, 'open' | 'track'>;
  readonly meter: (stream: MediaStream) => Meter;
  readonly onPath: (callId: CallId, ice: RTCIceConnectionState) => void;
};

/** How long a new microphone is told of, and how long a choice may take to be carried out. */
const swapTimes = { toldMs: 8_000, choiceMs: 3_000 } as const;

export const createCallGuarding = (plan: CallGuardingPlan): CallGuarding => {
  const { clock, store, board, microphone, meter, onPath } = plan;
  const ear = createMutedEar({ clock, meter, microphone: microphone.track });
  let name = '';
  let swappedAtMs = Number.NEGATIVE_INFINITY;
  let chosenAtMs = Number.NEGATIVE_INFINITY;

  /** The call whose customer would hear the agent, were the microphone not muted. */
  const mutedInFront = (): CallId | undefined => {
    const front = store.foreground();
    if (front?.state.kind !== 'talking' || front.state.microphone === 'open') return undefined;
    return front.state.hold.kind === 'none' ? front.id : undefined;
  };
  store.onState(() => ear.listen(mutedInFront() !== undefined));

  /** Another copy of the microphone, opened again when it is gone. */
  const freshTrack = async (): Promise<void> => {
    await microphone.open();
    const track = microphone.track();
    if (track !== undefined) board().useMicrophone(track);
  };

  return {
    took: (track) => {
      const before = name;
      name = nameOf(track);
      const isSurprise = clock.nowMs() - chosenAtMs > swapTimes.choiceMs;
      if (isSurprise && before !== '' && name !== '' && before !== name) swappedAtMs = clock.nowMs();
    },
    chosen: () => {
      chosenAtMs = clock.nowMs();
    },
    see: (callId) => {
      const state = store.find(callId)?.state;
      const media = board().media(callId);
      if (state?.kind !== 'talking' || media === undefined) return undefined;
      const health = media.health();
      onPath(callId, health.ice);
      return {
        ...health,
        expectsSound: media.expectsSound(),
        expectsVoice: state.microphone === 'open' && state.hold.kind === 'none',
        isHoldPending: state.hold.kind === 'holding' || state.hold.kind === 'resuming',
        isLineOpen: store.state().line.kind === 'registered',
        // A swap before the call is the shift check's business.
        isOtherMicrophone: swappedAtMs > state.sinceMs && clock.nowMs() - swappedAtMs < swapTimes.toldMs,
        speaksMuted: mutedInFront() === callId && ear.isSpeaking(),
      };
    },
    repair: (callId, doing) => {
      if (doing === 'replaceTrack') void freshTrack();
      if (doing === 'restartIce' || doing === 'renew') board().find(callId)?.repair(doing);
    },
  };
};

/** Chromium calls the system's default by a second name; empty when the browser does not say. */
const nameOf = (track: MediaStreamTrack): string =>
  track.label.replace(/^Default - /, '') || (track.getSettings().groupId ?? '');
