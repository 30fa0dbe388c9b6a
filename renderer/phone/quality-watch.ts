import type { CallId } from '../../shared/ids.ts';
import type { Levels, Quality } from '../../shared/phone.ts';
import {
  type CallQuality,
  callSummary,
  type CallSummary,
  mosOf,
  nextQuality,
  noLooks,
  rounded,
  tallied,
} from '../../shared/quality.ts';
import { nextFigures, noFigures, promptOf, summaryOf } from '../../shared/voice-figures.ts';
import { type CallReading, figuresBetween } from './call-stats.ts';
import type { Clock } from './clock.ts';

/**
 * Looks once a second at how a call sounds and says so (R40); keeps the sums for its summary. Network figures are those of the last
 * five seconds: 50 packets a second are too few to tell one per cent from none.
 */
export const qualityTimes = { everyMs: 1_000, windowLooks: 5, silentAfterMs: 2_000 } as const;

export type QualityWatch = {
  readonly heard: (levels: Levels) => void;
  /** Stops looking; gives the summary, or undefined when there was nothing to look at yet. */
  readonly stop: () => CallSummary | undefined;
};

type QualityPlan = {
  readonly clock: Clock;
  readonly callId: CallId;
  readonly reading: () => Promise<CallReading>;
  /** False while either side holds: no packets are no fault then, and silence is nobody's. */
  readonly expectsSound: () => boolean;
  readonly emit: (quality: Quality) => void;
};

export const watchQuality = ({ clock, callId, reading, expectsSound, emit }: QualityPlan): QualityWatch => {
  let voice = noFigures;
  let tally = noLooks;
  let quality: CallQuality | undefined;
  let readings: readonly CallReading[] = [];
  let lastPacketMs = clock.nowMs();
  let isOver = false;
  let stopTimer = (): void => {};

  const look = async (): Promise<void> => {
    const now = await reading().catch(() => undefined);
    if (isOver) return;
    if (now !== undefined) judge(now);
    stopTimer = clock.after(qualityTimes.everyMs, () => void look());
  };
  const judge = (now: CallReading): void => {
    const last = readings.at(-1);
    const atMs = clock.nowMs();
    // A hold in between: what was counted before it says nothing about now.
    if (!expectsSound()) {
      readings = [];
      lastPacketMs = atMs;
      return;
    }
    if (last === undefined || now.packetsReceived > last.packetsReceived) lastPacketMs = atMs;
    readings = [...readings, now].slice(-qualityTimes.windowLooks - 1);
    const [first] = readings;
    // Nothing came yet: the call bar says that it is connecting.
    if (last === undefined || first === undefined || now.packetsReceived === 0) return;
    const isSilent = atMs - lastPacketMs >= qualityTimes.silentAfterMs;
    const figures = figuresBetween(first, now, isSilent);
    quality = nextQuality(quality, figures);
    tally = tallied(tally, figures, quality);
    emit({
      callId,
      mos: rounded(mosOf(quality.r), 100),
      rating: quality.rating,
      why: quality.why,
      jitterMs: rounded(figures.jitterMs, 10),
      rttMs: figures.rttMs === null ? null : rounded(figures.rttMs, 10),
      lossPct: rounded(figures.lossPct, 100),
      codec: figures.codec,
      voice: summaryOf(voice),
      prompt: promptOf(voice),
    });
  };

  void look();
  return {
    heard: ({ microphoneDb, customerDb }) => {
      if (expectsSound()) voice = nextFigures(voice, { atMs: clock.nowMs(), microphoneDb, customerDb });
    },
    stop: () => {
      isOver = true;
      stopTimer();
      return callSummary(tally, summaryOf(voice));
    },
  };
};
