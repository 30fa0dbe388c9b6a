import type { FulfilmentResult } from '../shared/fulfilment.ts';
import type { Fulfilment, FulfilmentAsked } from './fulfilment-port.ts';

/** What the simulated carrier does with one wish: its words, each so long after it. `twice`: the same word again. */
export type CarrierHabit = readonly {
  readonly afterMs: number;
  readonly outcome: 'done' | 'failed';
  readonly why: string;
  readonly twice?: true;
}[];

type Clock = { readonly nowMs: () => number; readonly after: (ms: number, run: () => void) => () => void };

export type PracticeCarrier = Fulfilment & {
  /** What it was asked, each wish once. */
  readonly asked: () => readonly FulfilmentAsked[];
  /** It says something by itself, as after a repair by hand. */
  readonly bring: (result: FulfilmentResult) => Promise<void>;
};

const againMs = 5_000;

/**
 * A carrier as carriers are: it takes a wish at once or not at all, does it a while later, fails now and then, says the same thing twice,
 * and says it until somebody listens. The same wish asked again is not done again.
 */
export const makePracticeCarrier = (
  clock: Clock,
  habit: (asked: FulfilmentAsked) => CarrierHabit | 'refuses',
): PracticeCarrier => {
  const known = new Map<string, FulfilmentAsked>();
  const listeners = new Set<(result: FulfilmentResult) => Promise<void>>();
  const waiting = new Set<() => void>();
  const later = (ms: number, run: () => void): void => {
    const cancel = clock.after(ms, () => {
      waiting.delete(cancel);
      run();
    });
    waiting.add(cancel);
  };
  const bring = async (result: FulfilmentResult): Promise<void> => {
    if (listeners.size === 0) throw new Error('nobody listens');
    for (const take of listeners) await take(result);
  };
  const insist = (result: FulfilmentResult): void =>
    void bring(result).catch(() => later(againMs, () => insist(result)));
  return {
    ask: async (asked) => {
      if (known.has(asked.key)) return;
      const words = habit(asked);
      if (words === 'refuses') throw new Error('the carrier took nothing');
      known.set(asked.key, asked);
      for (const [nth, { afterMs, outcome, why, twice }] of words.entries()) {
        const say = (): void =>
          insist({ id: `${asked.key}#${nth}`, key: asked.key, outcome, why, atMs: clock.nowMs() });
        later(afterMs, say);
        if (twice === true) later(afterMs + 1, say);
      }
    },
    onResult: (take) => {
      listeners.add(take);
      return () => void listeners.delete(take);
    },
    asked: () => [...known.values()],
    bring,
    close: () => {
      for (const cancel of waiting) cancel();
      waiting.clear();
    },
  };
};

/** @param chance 0 ≤ n < 1 */
export const carrierHabit =
  (chance: () => number): ((asked: FulfilmentAsked) => CarrierHabit | 'refuses') =>
  () => {
    const afterMs = Math.round(2_000 + chance() * 6_000);
    const draw = chance();
    if (draw < 0.7) return [{ afterMs, outcome: 'done', why: '' }];
    if (draw < 0.8) return [{ afterMs, outcome: 'done', why: '', twice: true }];
    if (draw < 0.85) return [{ afterMs: afterMs + 60_000, outcome: 'done', why: '' }];
    if (draw < 0.95) return [{ afterMs, outcome: 'failed', why: '资源不足' }];
    return 'refuses';
  };
