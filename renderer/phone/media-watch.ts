import type { Clock } from './clock.ts';
import type { MediaCounters } from './sip-media.ts';

/**
 * Tells when sound flows both ways and when the customer's stops (performance.md: the app measures itself).
 *
 *   waiting ──packets counted out and in──▶ flowing ──3 s without one, while some are expected──▶ lost ──packet──▶ flowing
 */
export const watchTimes = { fastMs: 20, slowMs: 1_000, lostAfterMs: 3_000 } as const;

type WatchPlan = {
  readonly clock: Clock;
  readonly counters: () => Promise<MediaCounters>;
  readonly expectsSound: () => boolean;
  readonly onFlowing: (atMs: number) => void;
  readonly onLost: (atMs: number) => void;
};

/** Starts watching; the returned function ends it. */
export const watchMedia = ({ clock, counters, expectsSound, onFlowing, onLost }: WatchPlan): (() => void) => {
  let isOver = false;
  let stopTimer = (): void => {};
  let isFlowing = false;
  let hasFlowed = false;
  let lastReceived = 0;
  let lastSoundMs = clock.nowMs();

  const look = async (): Promise<void> => {
    const now = await counters().catch(() => undefined);
    if (isOver) return;
    if (now !== undefined) judge(now);
    const delayMs = hasFlowed ? watchTimes.slowMs : watchTimes.fastMs;
    stopTimer = clock.after(delayMs, () => void look());
  };
  const judge = (now: MediaCounters): void => {
    const atMs = clock.nowMs();
    const isHeard = now.packetsReceived > lastReceived;
    lastReceived = now.packetsReceived;
    if (isHeard || !expectsSound()) lastSoundMs = atMs;
    if (isHeard && now.packetsSent > 0 && !isFlowing) {
      isFlowing = true;
      hasFlowed = true;
      onFlowing(atMs);
    } else if (isFlowing && atMs - lastSoundMs >= watchTimes.lostAfterMs) {
      isFlowing = false;
      onLost(atMs);
    }
  };

  void look();
  return () => {
    isOver = true;
    stopTimer();
  };
};
