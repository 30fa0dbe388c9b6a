import { nextFigures, noFigures } from '../../shared/voice-figures.ts';
import type { Clock } from './clock.ts';
import type { Meter } from './meters.ts';

/**
 * Hears whether the agent talks into a microphone they muted themselves (R40). Muting silences the call's copy of the microphone; this
 * listens to the microphone itself, and only while it is muted.
 */
export type MutedEar = {
  /** Listens from now on, or no longer. */
  readonly listen: (isMuted: boolean) => void;
  readonly isSpeaking: () => boolean;
};

type MutedEarPlan = {
  readonly clock: Clock;
  readonly meter: (stream: MediaStream) => Meter;
  readonly microphone: () => MediaStreamTrack | undefined;
};

/** Half a second of speech is meant for somebody; it is over after three without any. A cough is shorter. */
const speech = { everyMs: 100, leastMs: 500, windowLooks: 30 } as const;

export const createMutedEar = ({ clock, meter, microphone }: MutedEarPlan): MutedEar => {
  let stop: (() => void) | undefined;
  let isSpeaking = false;

  const start = (track: MediaStreamTrack): (() => void) => {
    const ear = meter(new MediaStream([track]));
    let figures = noFigures;
    let talkMs: readonly number[] = [];
    let stopTimer = (): void => {};
    const look = (): void => {
      figures = nextFigures(figures, { atMs: clock.nowMs(), microphoneDb: ear.readDb(), customerDb: -100 });
      talkMs = [...talkMs, figures.talkMs].slice(-speech.windowLooks);
      const spokenMs = figures.talkMs - (talkMs[0] ?? 0);
      isSpeaking = isSpeaking ? spokenMs > 0 : spokenMs >= speech.leastMs;
      stopTimer = clock.after(speech.everyMs, look);
    };
    look();
    return () => {
      stopTimer();
      ear.stop();
      isSpeaking = false;
    };
  };

  return {
    listen: (isMuted) => {
      const track = isMuted ? microphone() : undefined;
      if ((stop !== undefined) === (track !== undefined)) return;
      stop?.();
      stop = track === undefined ? undefined : start(track);
    },
    isSpeaking: () => isSpeaking,
  };
};
