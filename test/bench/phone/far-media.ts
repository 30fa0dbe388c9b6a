import { frameSamples, tone } from '../../../practice/customers/g711.ts';
import { createMedia, type Media } from '../../../practice/customers/media.ts';
import { nowMs } from './journal.ts';

/** The far end's sound, and when the seat's arrived: every contender and the floor talk to the same one. */
export type FarMedia = Pick<Media, 'offer' | 'accept' | 'answer' | 'close'> & {
  /** Arrival of each packet with sound, epoch ms. */
  readonly arrivals: readonly number[];
  /** Of the first packet; undefined when none came within the limit. */
  readonly firstArrival: (limitMs: number) => Promise<number | undefined>;
};

const sound = tone(440, 1_000);

export const createFarMedia = (ice: 'lite' | 'full'): FarMedia => {
  const arrivals: number[] = [];
  const first = Promise.withResolvers<number>();
  let at = 0;
  const media = createMedia({
    ice,
    nextFrame: () => {
      const frame = sound.subarray(at, at + frameSamples);
      at = (at + frameSamples) % sound.length;
      return frame;
    },
    onFrame: () => {
      const atMs = nowMs();
      if (arrivals.length === 0) first.resolve(atMs);
      arrivals.push(atMs);
    },
    onDigit: () => {},
  });
  return {
    ...media,
    arrivals,
    firstArrival: (limitMs) =>
      new Promise((resolve) => {
        const timer = setTimeout(() => resolve(undefined), limitMs);
        void first.promise.then((atMs) => {
          clearTimeout(timer);
          resolve(atMs);
        });
      }),
  };
};
