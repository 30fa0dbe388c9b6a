import { soundRate } from '../../../shared/history.ts';

/** What plays pieces of sound one after the other: the headset, or a fake in tests. */
export type Speaker = {
  /** @param sinkId the device; empty: the system's default */
  readonly open: (sinkId: string) => Playing;
};
export type Playing = {
  /** Follows what is there without a gap. */
  readonly add: (samples: Float32Array) => void;
  /** Of all that was added, heard so far. */
  readonly playedMs: () => number;
  readonly stop: () => void;
};

/** Browsers without it play on the system's default. */
type Routable = { readonly setSinkId?: (sinkId: string) => Promise<void> };

/** A little ahead, so that the first sample is not late already. */
const leadS = 0.03;

export const webSpeaker = (): Speaker => ({
  open: (sinkId) => {
    const context = new AudioContext();
    const player: object = context;
    const routable: Routable = player;
    // A headset that was pulled in this moment: the default is better heard than nothing.
    if (sinkId !== '') void routable.setSinkId?.(sinkId).catch(() => undefined);
    // A page that may not sound yet has no audible beginning either: the key press that led here lets it.
    void context.resume().catch(() => undefined);
    const pieces: { readonly fromS: number; readonly toS: number }[] = [];
    let endS = 0;
    return {
      add: (samples) => {
        if (samples.length === 0) return;
        const buffer = context.createBuffer(1, samples.length, soundRate);
        buffer.copyToChannel(Float32Array.from(samples), 0);
        const source = context.createBufferSource();
        source.buffer = buffer;
        source.connect(context.destination);
        const fromS = Math.max(endS, context.currentTime + leadS);
        source.start(fromS);
        endS = fromS + buffer.duration;
        pieces.push({ fromS, toS: endS });
      },
      playedMs: () => {
        const nowS = context.currentTime;
        return pieces.reduce((sum, { fromS, toS }) => sum + Math.max(0, Math.min(nowS, toS) - fromS), 0) * 1_000;
      },
      stop: () => void context.close().catch(() => undefined),
    };
  },
});
