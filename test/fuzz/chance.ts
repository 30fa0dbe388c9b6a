/** Repeatable chance: the same seed and number draw the same. */
export type Chance = {
  /** 0 ≤ whole number < below. */
  readonly below: (below: number) => number;
  readonly oneOf: <T>(values: readonly [T, ...T[]]) => T;
  /** True once in `every` times. */
  readonly once: (every: number) => boolean;
};

/** mulberry32, seeded by both numbers: mutant `index` is the same however many came before it. */
export const chanceOf = (seed: number, index: number): Chance => {
  const draw = drawer(Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(index + 1, 0xc2b2ae35));
  const below = (limit: number): number => Math.floor(draw() * limit);
  return { below, oneOf: (values) => values[below(values.length)] ?? values[0], once: (every) => below(every) === 0 };
};

/** 0–1, in place of `Math.random`. */
export const drawer = (seed: number): (() => number) => {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};
