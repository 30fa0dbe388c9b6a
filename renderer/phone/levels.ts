import type { CallId } from '../../shared/ids.ts';
import type { Levels } from '../../shared/phone.ts';
import type { Clock } from './clock.ts';
import { type Meter, silenceDb } from './meters.ts';

const everyMs = 100;

type LevelsPlan = {
  readonly clock: Clock;
  readonly callId: CallId | null;
  readonly meter: (stream: MediaStream) => Meter;
  /** Asked each time: a replaced headset is another stream. */
  readonly microphone: () => MediaStream | undefined;
  readonly customer: () => MediaStream | undefined;
  readonly emit: (levels: Levels) => void;
};

/** Measures both sides ten times a second until told to stop. */
export const startLevels = ({ clock, callId, meter, microphone, customer, emit }: LevelsPlan): (() => void) => {
  const ears = { microphone: earOf(meter, microphone), customer: earOf(meter, customer) };
  let stopTimer = (): void => {};
  const tick = (): void => {
    emit({ callId, microphoneDb: ears.microphone.readDb(), customerDb: ears.customer.readDb() });
    stopTimer = clock.after(everyMs, tick);
  };
  tick();
  return () => {
    stopTimer();
    ears.microphone.stop();
    ears.customer.stop();
  };
};

/** A meter that follows its stream when that is exchanged. */
const earOf = (meter: (stream: MediaStream) => Meter, stream: () => MediaStream | undefined): Meter => {
  let heard: MediaStream | undefined;
  let current: Meter | undefined;
  return {
    readDb: () => {
      const now = stream();
      if (now !== heard) {
        current?.stop();
        heard = now;
        current = now === undefined || now.getAudioTracks().length === 0 ? undefined : meter(now);
      }
      return current?.readDb() ?? silenceDb;
    },
    stop: () => current?.stop(),
  };
};
