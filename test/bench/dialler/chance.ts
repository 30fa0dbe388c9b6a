/** Seeded chance (mulberry32): the same seed, the same day. */
export type Chance = {
  /** 0 ≤ x < 1. */
  readonly unit: () => number;
  readonly isOne: (share: number) => boolean;
  /** Log-normal of this mean; `spread` is its standard deviation as a share of the mean. */
  readonly around: (mean: number, spread: number) => number;
};

export const chanceFrom = (seed: number): Chance => {
  let state = seed >>> 0;
  const unit = (): number => {
    state = (state + 0x6d_2b_79_f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return {
    unit,
    isOne: (share) => unit() < share,
    around: (mean, spread) => {
      const variance = Math.log(1 + spread * spread);
      const normal = Math.sqrt(-2 * Math.log(1 - unit())) * Math.cos(2 * Math.PI * unit());
      return Math.exp(Math.log(mean) - variance / 2 + Math.sqrt(variance) * normal);
    },
  };
};
