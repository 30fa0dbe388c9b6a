import { z } from 'zod';
import { AgentId } from './ids.ts';
import type { Result } from './result.ts';
import { never, ok, refusal, refused } from './result.ts';

/**
 * The life of one version of a script (R14). Whoever wrote a version never publishes it: that takes a second person.
 *
 *   draft ──reviewAsked──▶ review ──published──▶ published ──superseded──▶ superseded
 *     ▲  │                  │                        │                        │
 *     │  └─discarded─┐      ├─sentBack──▶ draft      └────────withdrawn───────┴──▶ withdrawn
 *   edited           ▼      └─discarded──▶ discarded
 */
const by = { by: AgentId, atMs: z.number() };
export const ScriptLife = z.discriminatedUnion('kind', [
  /** `note`: why it was sent back, as long as it was not sent in again. */
  z.object({ kind: z.literal('draft'), ...by, note: z.string().max(400).optional() }),
  z.object({ kind: z.literal('review'), ...by }),
  z.object({ kind: z.literal('published'), ...by }),
  /** A later version is published; calls that began with this one end with it. */
  z.object({ kind: z.literal('superseded'), ...by }),
  z.object({ kind: z.literal('withdrawn'), ...by, note: z.string().max(400) }),
  z.object({ kind: z.literal('discarded'), ...by }),
]);
export type ScriptLife = z.infer<typeof ScriptLife>;

export type ScriptLifeEvent = { readonly by: AgentId; readonly atMs: number } & (
  | { readonly kind: 'edited' }
  | { readonly kind: 'reviewAsked'; readonly faults: number }
  | { readonly kind: 'sentBack'; readonly note: string }
  | { readonly kind: 'published'; readonly faults: number }
  | { readonly kind: 'superseded' }
  | { readonly kind: 'withdrawn'; readonly note: string }
  | { readonly kind: 'discarded' }
);

/** What leads may do to a version by hand. */
export const scriptMoves = ['askReview', 'sendBack', 'publish', 'withdraw', 'discard'] as const;
export type ScriptMove = (typeof scriptMoves)[number];

/** @param authors everybody who wrote in this version */
export const nextScriptLife = (
  life: ScriptLife,
  event: ScriptLifeEvent,
  authors: readonly AgentId[],
): Result<ScriptLife> => {
  const { by: who, atMs } = event;
  const stamp = { by: who, atMs };
  const no = refused(refusal('conflict', 'scriptMoved'));
  switch (event.kind) {
    case 'edited':
      return life.kind === 'draft' ? ok({ ...life, ...stamp }) : no;
    case 'reviewAsked':
      if (life.kind !== 'draft') return no;
      return event.faults > 0 ? faulty(event.faults) : ok({ kind: 'review', ...stamp });
    case 'sentBack':
      if (life.kind !== 'review') return no;
      return event.note.trim() === ''
        ? refused(refusal('mandatory', 'scriptWhy'))
        : ok({ kind: 'draft', ...stamp, note: event.note });
    case 'published':
      if (life.kind !== 'review') return no;
      if (authors.includes(who)) return refused(refusal('forbidden', 'scriptSecondPerson'));
      return event.faults > 0 ? faulty(event.faults) : ok({ kind: 'published', ...stamp });
    case 'superseded':
      return life.kind === 'published' ? ok({ kind: 'superseded', ...stamp }) : no;
    case 'withdrawn':
      if (life.kind !== 'published' && life.kind !== 'superseded') return no;
      return event.note.trim() === ''
        ? refused(refusal('mandatory', 'scriptWhy'))
        : ok({ kind: 'withdrawn', ...stamp, note: event.note });
    case 'discarded':
      return life.kind === 'draft' || life.kind === 'review' ? ok({ kind: 'discarded', ...stamp }) : no;
    default:
      return never(event);
  }
};

const faulty = (count: number): Result<ScriptLife> => refused(refusal('policy', 'scriptFaults', { count }));

/** Moves that are open to this person now, for buttons; central decides. */
export const movesFor = (life: ScriptLife, who: AgentId, authors: readonly string[]): readonly ScriptMove[] => {
  switch (life.kind) {
    case 'draft':
      return ['askReview', 'discard'];
    case 'review':
      return authors.includes(who) ? ['sendBack', 'discard'] : ['publish', 'sendBack', 'discard'];
    case 'published':
      return ['withdraw'];
    case 'superseded':
    case 'withdrawn':
    case 'discarded':
      return [];
  }
};
