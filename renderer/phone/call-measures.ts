import type { CallId } from '../../shared/ids.ts';
import type { EndedQuality, Levels, Quality } from '../../shared/phone.ts';
import type { CallReading } from './call-stats.ts';
import type { Clock } from './clock.ts';
import type { PhoneStore } from './phone-store.ts';
import { type QualityWatch, watchQuality } from './quality-watch.ts';

/** Measures every call for as long as it talks (R40). */
export type CallMeasures = {
  readonly heard: (levels: Levels) => void;
  readonly onQuality: (listener: (quality: Quality) => void) => () => void;
  readonly onMeasured: (listener: (ended: EndedQuality) => void) => () => void;
};

type MeasuredMedia = { readonly reading: () => Promise<CallReading>; readonly expectsSound: () => boolean };

type MeasuresPlan = {
  readonly clock: Clock;
  readonly store: Pick<PhoneStore, 'onState'>;
  /** Of the call that just began to talk. */
  readonly media: () => MeasuredMedia | undefined;
};

export const measureCalls = ({ clock, store, media }: MeasuresPlan): CallMeasures => {
  const qualityEars = new Set<(quality: Quality) => void>();
  const endEars = new Set<(ended: EndedQuality) => void>();
  const watches = new Map<CallId, QualityWatch>();

  const begin = (callId: CallId): void => {
    const its = media();
    if (its === undefined) return;
    const emit = (quality: Quality): void => {
      for (const listener of qualityEars) listener(quality);
    };
    const { reading, expectsSound } = its;
    watches.set(callId, watchQuality({ clock, callId, reading, expectsSound, emit }));
  };
  const end = (callId: CallId): void => {
    const quality = watches.get(callId)?.stop();
    watches.delete(callId);
    if (quality !== undefined) for (const listener of endEars) listener({ callId, quality });
  };
  store.onState(({ calls }) => {
    for (const { id, state } of calls) {
      if (state.kind === 'talking' && !watches.has(id)) begin(id);
      if (state.kind === 'ended' && watches.has(id)) end(id);
    }
  });

  return {
    heard: (levels) => {
      if (levels.callId !== null) watches.get(levels.callId)?.heard(levels);
    },
    onQuality: (listener) => {
      qualityEars.add(listener);
      return () => qualityEars.delete(listener);
    },
    onMeasured: (listener) => {
      endEars.add(listener);
      return () => endEars.delete(listener);
    },
  };
};
