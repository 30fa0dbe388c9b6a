import { z } from 'zod';
import type { RefusalKind } from './result.ts';
import { refusalKinds } from './result.ts';

/**
 * Between seat and central. `waiting` is the number of ops not yet acknowledged: the badge ("3 未同步").
 *
 *   signedOut ──▶ loading ──▶ idle ◀──▶ pushing
 *                    └──fault──▶ offline ──retry──▶ loading | pushing
 *   any ──tooOld──▶ stopped (until the app is updated)
 */
export const SyncState = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('signedOut'), waiting: z.number().int() }),
  z.object({ kind: z.literal('loading'), waiting: z.number().int(), rows: z.number().int(), total: z.number().int() }),
  z.object({ kind: z.literal('idle'), waiting: z.number().int(), atMs: z.number() }),
  z.object({ kind: z.literal('pushing'), waiting: z.number().int() }),
  z.object({
    kind: z.literal('offline'),
    waiting: z.number().int(),
    why: z.enum(refusalKinds),
    attempt: z.number().int(),
    retryAtMs: z.number(),
  }),
  z.object({ kind: z.literal('stopped'), waiting: z.number().int(), why: z.enum(refusalKinds) }),
]);
export type SyncState = z.infer<typeof SyncState>;

export type SyncEvent =
  | { readonly kind: 'signedIn' }
  | { readonly kind: 'signedOut' }
  | { readonly kind: 'waitingChanged'; readonly waiting: number }
  | { readonly kind: 'loaded'; readonly rows: number; readonly total: number }
  | { readonly kind: 'pushStarted' }
  | { readonly kind: 'caughtUp'; readonly atMs: number }
  /** `random` 0–1 spreads the retries of many seats (jitter ± 25 %). */
  | {
      readonly kind: 'failed';
      readonly why: RefusalKind;
      readonly atMs: number;
      readonly random: number;
      readonly waitMs?: number;
    };

export const nextSync = (state: SyncState, event: SyncEvent): SyncState => {
  const { waiting } = state;
  if (event.kind === 'waitingChanged') return event.waiting === waiting ? state : { ...state, waiting: event.waiting };
  if (event.kind === 'signedOut') return { kind: 'signedOut', waiting };
  if (state.kind === 'stopped') return state;
  switch (event.kind) {
    case 'signedIn':
      return { kind: 'loading', waiting, rows: 0, total: 0 };
    case 'loaded':
      return { kind: 'loading', waiting, rows: event.rows, total: event.total };
    case 'pushStarted':
      return state.kind === 'signedOut' ? state : { kind: 'pushing', waiting };
    case 'caughtUp':
      return state.kind === 'signedOut' ? state : { kind: 'idle', waiting, atMs: event.atMs };
    case 'failed': {
      if (state.kind === 'signedOut') return state;
      if (event.why === 'tooOld') return { kind: 'stopped', waiting, why: event.why };
      const attempt = state.kind === 'offline' ? state.attempt + 1 : 1;
      return {
        kind: 'offline',
        waiting,
        why: event.why,
        attempt,
        retryAtMs: event.atMs + Math.max(backOffMs(attempt, event.random), askedToWait(event)),
      };
    }
  }
};

/** Central said when to come again (`Retry-After`): not before, at most ten minutes, and not all seats at that very moment. */
const askedToWait = ({ waitMs, random }: Extract<SyncEvent, { kind: 'failed' }>): number =>
  waitMs === undefined ? 0 : Math.round(Math.min(waitMs, 600_000) * (1 + random / 4));

/** A seat that is on line hears of everything within two minutes; what it has not heard for longer than this is shown with its age. */
export const staleAfterMs = 5 * 60_000;

/** 0.5 s doubling to 15 s, ± 25 %. */
export const backOffMs = (attempt: number, random: number): number =>
  Math.round(Math.min(15_000, 500 * 2 ** (attempt - 1)) * (0.75 + random / 2));
