import type { Speaker } from '../../../renderer/desk/history/speaker.ts';
import { soundRate } from '../../../shared/history.ts';

/** Plays as long as the real one would, and is silent. */
export type FakeSpeaker = Speaker & {
  readonly opened: { readonly sinkId: string; pieces: number; isStopped: boolean }[];
};

export const fakeSpeaker = (nowMs: () => number): FakeSpeaker => {
  const opened: FakeSpeaker['opened'] = [];
  return {
    opened,
    open: (sinkId) => {
      const one = { sinkId, pieces: 0, isStopped: false };
      opened.push(one);
      const pieces: { fromMs: number; toMs: number }[] = [];
      return {
        add: (samples) => {
          const fromMs = Math.max(nowMs(), pieces.at(-1)?.toMs ?? 0);
          pieces.push({ fromMs, toMs: fromMs + (samples.length * 1_000) / soundRate });
          one.pieces += 1;
        },
        playedMs: () =>
          pieces.reduce((sum, { fromMs, toMs }) => sum + Math.max(0, Math.min(nowMs(), toMs) - fromMs), 0),
        stop: () => {
          one.isStopped = true;
        },
      };
    },
  };
};
