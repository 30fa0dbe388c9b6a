import type { Policy } from './policy.ts';

/**
 * How long a seat may keep customers' data and show it without a word of central (security 32, 33; R39). Served hours may shorten these,
 * never lengthen them.
 *
 *   heard of central ──lockMs──▶ locked: nobody works, nothing is shown ──wipeMs──▶ purged; own unsent work stays
 *   signed out ──retentionMs──▶ purged
 */
export type KeepingLimits = { readonly lockMs: number; readonly wipeMs: number; readonly retentionMs: number };

/** Counted by the seat, and kept, so that neither a restart nor a clock put back begins anew. */
export type Keeping = {
  /** Since central was last heard. */
  readonly awayMs: number;
  /** Since somebody was last signed in. */
  readonly idleMs: number;
  /** The machine's clock when it was last looked at. */
  readonly wallMs: number;
  readonly limits: KeepingLimits;
  readonly isPurged: boolean;
};

const hour = 3_600_000;
export const keepingFloors = { lockHours: 8, wipeHours: 72, retentionHours: 24 } as const;

export const keepingOf = (
  policy: Pick<Policy, 'offlineLockHours' | 'offlineWipeHours' | 'retentionHours'> | undefined,
): KeepingLimits => {
  const least = (served: number | undefined, floor: number): number =>
    Math.max(0, Math.min(served ?? floor, floor)) * hour;
  return {
    lockMs: least(policy?.offlineLockHours, keepingFloors.lockHours),
    wipeMs: least(policy?.offlineWipeHours, keepingFloors.wipeHours),
    retentionMs: least(policy?.retentionHours, keepingFloors.retentionHours),
  };
};

/** What the clock says, but never less than a timer waited: a clock put back gains nothing. */
export const passed = (fromMs: number, toMs: number, waitedMs: number): number => Math.max(toMs - fromMs, waitedMs, 0);
