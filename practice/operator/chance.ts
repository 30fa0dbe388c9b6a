/**
 * Repeatable chance: the same seed and keys give the same draws on every machine, and each customer draws from a source of its
 * own, so customer 17 is the same person among a hundred and among a hundred thousand.
 */
export type Chance = {
  /** 0 ≤ n < 1 */
  readonly next: () => number;
  /** A whole number, 0 ≤ n < below. */
  readonly below: (below: number) => number;
  /** A whole number, both ends included. */
  readonly between: (low: number, high: number) => number;
  /** True this often (0–1). */
  readonly happens: (share: number) => boolean;
  readonly pick: <T>(from: readonly [T, ...T[]]) => T;
  /** An index, drawn by the weights. */
  readonly weighted: (weights: readonly number[]) => number;
  /** About normal: mean 0, deviation 1, never beyond ± 3. */
  readonly spread: () => number;
};

export const chanceOf = (...keys: readonly (number | string)[]): Chance => {
  let state = 0x9e3779b9;
  for (const key of keys) {
    const text = `${key}|`;
    for (let at = 0; at < text.length; at += 1) state = mix(state ^ text.charCodeAt(at));
  }
  const next = (): number => {
    state = (state + 0x9e3779b9) | 0;
    return mix(state) / 2 ** 32;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    next,
    below,
    between: (low, high) => low + below(high - low + 1),
    happens: (share) => next() < share,
    pick: (from) => from[below(from.length)] ?? from[0],
    weighted: (weights) => {
      let left = next() * totalOf(weights);
      const found = weights.findIndex((weight) => {
        left -= weight;
        return left < 0;
      });
      return Math.max(0, found);
    },
    spread: () => (next() + next() + next() + next() + next() + next() - 3) * Math.SQRT2,
  };
};

const totals = new WeakMap<readonly number[], number>();
const totalOf = (weights: readonly number[]): number => {
  const known = totals.get(weights);
  if (known !== undefined) return known;
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  totals.set(weights, total);
  return total;
};

/** The finaliser of MurmurHash3 (public domain): every bit of the input reaches every bit of the result. */
const mix = (value: number): number => {
  let bits = value | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
};
