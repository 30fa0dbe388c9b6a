import type { CallId } from '../../shared/ids.ts';
import type { EndedQuality, Levels, Quality, Trouble } from '../../shared/phone.ts';
import type { CallReading } from './call-stats.ts';
import type { Clock } from './clock.ts';
import { guardCall, type Seen } from './guardian.ts';
import type { PhoneStore } from './phone-store.ts';
import { type QualityWatch, watchQuality } from './quality-watch.ts';

/** Measures every call for as long as it talks (R40). */
export type CallMeasures = {
  readonly heard: (levels: Levels) => void;
  readonly onQuality: (listener: (quality: Quality) => void) => () => void;
  readonly onMeasured: (listener: (ended: EndedQuality) => void) => () => void;
  readonly onTrouble: (listener: (trouble: Trouble | null) => void) => () => void;
};

type MeasuredMedia = { readonly reading: () => Promise<CallReading>; readonly expectsSound: () => boolean };

/** Eyes and hands of the guardian; a phone without wires has nothing to watch over. */
export type Guarding = {
  /** Undefined once the call is over. */
  readonly see: (callId: CallId) => Seen | undefined;
  readonly repair: (callId: CallId, doing: Trouble['doing']) => void;
};

type MeasuresPlan = {
  readonly clock: Clock;
  readonly store: Pick<PhoneStore, 'onState'>;
  readonly media: (callId: CallId) => MeasuredMedia | undefined;
  readonly guarding?: Guarding;
};

export const measureCalls = ({ clock, store, media, guarding }: MeasuresPlan): CallMeasures => {
  const qualityEars = new Set<(quality: Quality) => void>();
  const endEars = new Set<(ended: EndedQuality) => void>();
  const troubleEars = new Set<(trouble: Trouble | null) => void>();
  const watches = new Map<CallId, QualityWatch>();
  const guards = new Map<CallId, () => void>();
  const troubles = new Map<CallId, Trouble>();
  /** The newest trouble there is. */
  let told: Trouble | null = null;

  const begin = (callId: CallId): void => {
    const its = media(callId);
    if (its === undefined) return;
    const emit = (quality: Quality): void => {
      for (const listener of qualityEars) listener(quality);
    };
    const { reading, expectsSound } = its;
    watches.set(callId, watchQuality({ clock, callId, reading, expectsSound, emit }));
    if (guarding === undefined) return;
    const stop = guardCall({
      clock,
      reading,
      see: () => guarding.see(callId),
      repair: (doing) => guarding.repair(callId, doing),
      emit: (now) => tell(callId, now === null ? null : { callId, ...now }),
    });
    guards.set(callId, stop);
  };
  const tell = (callId: CallId, next: Trouble | null): void => {
    troubles.delete(callId);
    if (next !== null) troubles.set(callId, next);
    const newest = [...troubles.values()].at(-1) ?? null;
    if (newest === told) return;
    told = newest;
    for (const listener of troubleEars) listener(told);
  };
  const end = (callId: CallId): void => {
    const quality = watches.get(callId)?.stop();
    watches.delete(callId);
    guards.get(callId)?.();
    guards.delete(callId);
    tell(callId, null);
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
    onTrouble: (listener) => {
      troubleEars.add(listener);
      listener(told);
      return () => troubleEars.delete(listener);
    },
  };
};
