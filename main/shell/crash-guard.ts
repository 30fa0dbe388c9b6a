/** Security 25: the third crash of a page within five minutes is told, not just repaired again. */
const windowMs = 5 * 60_000;
const tooMany = 3;

export type Crashes = { readonly atMs: readonly number[]; readonly next: 'reload' | 'safeMode' };
export const noCrashes: Crashes = Object.freeze({ atMs: [], next: 'reload' });

export const nextCrash = (before: Crashes, nowMs: number): Crashes => {
  const atMs = [...before.atMs.filter((then) => nowMs - then < windowMs && then <= nowMs), nowMs];
  return atMs.length >= tooMany ? { atMs: [], next: 'safeMode' } : { atMs, next: 'reload' };
};
