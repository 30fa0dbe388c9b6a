import { z } from 'zod';
import type { Policy } from './policy.ts';
import type { Factor } from './verification.ts';

/**
 * The recording of the call in hand, as far as the seat knows (R33, security 84). Times are the seat's, milliseconds since the epoch.
 *
 *   unknown ──told──▶ none | running ──asked──▶ pausing ──acknowledged──▶ paused ──asked back──▶ resuming ──done──▶ running
 *                               ▲                │  ▲                       └─────── limit ────────┴────────────────▲
 *                               └──── refused ───┘  └────────────────── asked again ──────────────┘
 * Asked in `none` or `unknown`, the state stays as it is until somebody has said something.
 */
export const Recording = z.discriminatedUnion('kind', [
  /** No call, or one that nobody records. */
  z.object({ kind: z.literal('none') }),
  /** Nobody has said yet, or whoever knows cannot be asked. */
  z.object({ kind: z.literal('unknown') }),
  z.object({ kind: z.literal('running') }),
  z.object({ kind: z.literal('pausing'), sinceMs: z.number() }),
  /** Silent. The recorder goes on by itself at `resumesAtMs`, whatever the seat does. */
  z.object({ kind: z.literal('paused'), sinceMs: z.number(), resumesAtMs: z.number() }),
  z.object({ kind: z.literal('resuming'), sinceMs: z.number(), resumesAtMs: z.number() }),
]);
export type Recording = z.infer<typeof Recording>;

export type RecordingEvent =
  | { readonly kind: 'callBegan' }
  | { readonly kind: 'callOver' }
  /** Central has said whether this call is recorded; null: it cannot say. */
  | { readonly kind: 'told'; readonly isRecorded: boolean | null }
  | { readonly kind: 'pauseAsked'; readonly atMs: number }
  | { readonly kind: 'acknowledged'; readonly atMs: number; readonly resumesAtMs: number }
  /** `isRecorded` as in `told`. */
  | { readonly kind: 'pauseRefused'; readonly isRecorded: boolean | null }
  | { readonly kind: 'resumeAsked' }
  | { readonly kind: 'resumed' }
  | { readonly kind: 'limitReached' };

export const notRecorded: Recording = { kind: 'none' };
const running: Recording = { kind: 'running' };

/** Returns the same object when the event means nothing here. */
export const nextRecording = (state: Recording, event: RecordingEvent): Recording => {
  switch (event.kind) {
    case 'callBegan':
      return { kind: 'unknown' };
    case 'callOver':
      return state.kind === 'none' ? state : notRecorded;
    case 'told':
      // What was asked for since is newer than what was looked up.
      return isAsked(state) ? state : said(state, event.isRecorded);
    case 'pauseAsked':
      // Also while it is being let go on: that may have happened already.
      return state.kind === 'running' || state.kind === 'resuming' ? { kind: 'pausing', sinceMs: event.atMs } : state;
    case 'acknowledged':
      if (state.kind === 'paused' || state.kind === 'resuming') return state;
      return { kind: 'paused', sinceMs: event.atMs, resumesAtMs: event.resumesAtMs };
    case 'pauseRefused':
      if (state.kind === 'paused' || state.kind === 'resuming') return state;
      // Nobody could say: what ran before runs on.
      if (event.isRecorded === null) return state.kind === 'pausing' ? running : state;
      return said(state, event.isRecorded);
    case 'resumeAsked':
      return state.kind === 'paused' ? { ...state, kind: 'resuming' } : state;
    case 'resumed':
      return isAsked(state) ? running : state;
    case 'limitReached':
      return state.kind === 'paused' || state.kind === 'resuming' ? running : state;
  }
};

const isAsked = ({ kind }: Recording): boolean => kind === 'pausing' || kind === 'paused' || kind === 'resuming';

const said = (state: Recording, isRecorded: boolean | null): Recording => {
  const kind = isRecorded === null ? 'unknown' : isRecorded ? 'running' : 'none';
  return state.kind === kind ? state : { kind };
};

/** Answers that must not be in a recording (R33): what opens an account wherever it is heard. */
export const isSecret = (factor: Factor): boolean => secrets.has(factor);
const secrets: ReadonlySet<Factor> = new Set<Factor>(['servicePassword', 'smsCode', 'idNumber']);

/** Whether something secret may be asked for and typed now (security 84). */
export const maySaySecret = ({ kind }: Recording, policy: Pick<Policy, 'secretsWhileRecorded'>): boolean =>
  kind === 'none' || kind === 'paused' || policy.secretsWhileRecorded === true;
