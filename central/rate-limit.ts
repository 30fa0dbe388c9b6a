/** How often something may be done within a minute; of this instance, in memory, and forgotten with the minute. */
export type RateLimit = {
  /** @returns undefined, or for how many seconds not again */
  readonly take: (key: string, perMinute: number) => number | undefined;
};

const minuteMs = 60_000;

export const makeRateLimit = (nowMs: () => number): RateLimit => {
  let beganAtMs = nowMs();
  const taken = new Map<string, number>();
  return {
    take: (key, perMinute) => {
      const now = nowMs();
      // A clock set back begins a minute as well.
      if (now - beganAtMs >= minuteMs || now < beganAtMs) {
        beganAtMs = now;
        taken.clear();
      }
      const before = taken.get(key) ?? 0;
      if (before >= perMinute) return Math.ceil((beganAtMs + minuteMs - now) / 1_000);
      taken.set(key, before + 1);
      return undefined;
    },
  };
};
