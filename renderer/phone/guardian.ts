import { type CallTrouble, type Guard, nextGuard, type Observation, wellGuarded } from '../../shared/guardian.ts';
import { type CallReading, isFlatBetween } from './call-stats.ts';
import type { Clock } from './clock.ts';

/** Four looks a second: a name within two seconds needs them that often. */
export const guardEveryMs = 250;

/** What is seen besides the counts. */
export type Seen = Pick<
  Observation,
  'microphone' | 'ice' | 'expectsSound' | 'expectsVoice' | 'isHoldPending' | 'isLineOpen'
> &
  Partial<Pick<Observation, 'isOtherMicrophone' | 'speaksMuted'>>;

type GuardPlan = {
  readonly clock: Clock;
  readonly reading: () => Promise<CallReading>;
  readonly see: () => Seen | undefined;
  /** Takes this step; called once when it is reached. */
  readonly repair: (doing: CallTrouble['doing']) => void;
  readonly emit: (trouble: CallTrouble | null) => void;
};

/** The far end counts in 256ths. */
const missedAll = 0.99;

/** Watches over one call until the returned function is called. */
export const guardCall = ({ clock, reading, see, repair, emit }: GuardPlan): (() => void) => {
  let guard: Guard = wellGuarded;
  let isOver = false;
  let last: CallReading | undefined;
  let isFlat = false;
  let stopTimer = (): void => {};

  const look = async (): Promise<void> => {
    const counts = await reading().catch(() => undefined);
    if (isOver) return;
    const seen = see();
    if (counts !== undefined && seen !== undefined) judge(counts, seen);
    stopTimer = clock.after(guardEveryMs, () => void look());
  };
  const judge = (counts: CallReading, seen: Seen): void => {
    const { packetsSent, packetsReceived, packetsMissed, missedThere } = counts;
    const before = guard.trouble;
    // What cannot be told has not changed: a fresh copy of a silent microphone counts from zero.
    isFlat = isFlatBetween(last, counts) ?? isFlat;
    last = counts;
    guard = nextGuard(guard, {
      isOtherMicrophone: false,
      speaksMuted: false,
      ...seen,
      atMs: clock.nowMs(),
      packetsSent,
      packetsReceived,
      packetsMissed,
      isUnheard: (missedThere ?? 0) >= missedAll,
      isFlat,
    });
    const { trouble } = guard;
    if (trouble?.leg === before?.leg && trouble?.doing === before?.doing) return;
    emit(trouble === null ? null : { leg: trouble.leg, doing: trouble.doing });
    if (trouble !== null && trouble.doing !== before?.doing) repair(trouble.doing);
  };

  void look();
  return () => {
    isOver = true;
    stopTimer();
  };
};
