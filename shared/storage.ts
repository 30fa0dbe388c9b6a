import { z } from 'zod';
import { never } from './result.ts';

/**
 * Whether this machine keeps what the agent does (security 87).
 *
 *   sound ──refused──▶ refuses ──wrote──▶ sound
 *     └──mended──▶ mended (stays until the program ends: the agent should read it) ──refused──▶ refuses
 */
export const Storage = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('sound') }),
  /** Nothing can be saved: every change is refused with the same reason, and tried again when there is room. */
  z.object({
    kind: z.literal('refuses'),
    why: z.enum(['diskFull', 'diskReadOnly', 'diskFails']),
    sinceMs: z.number(),
  }),
  /** A file was damaged and is begun anew: `cache` is loaded from central again, of `work` so much could be read. */
  z.object({
    kind: z.literal('mended'),
    part: z.enum(['work', 'cache']),
    ops: z.number().int(),
    contacts: z.number().int(),
    atMs: z.number(),
  }),
]);
export type Storage = z.infer<typeof Storage>;
type Of<K extends Storage['kind']> = Extract<Storage, { kind: K }>;

export type StorageEvent =
  | { readonly kind: 'refused'; readonly why: Of<'refuses'>['why']; readonly atMs: number }
  | { readonly kind: 'wrote' }
  | Of<'mended'>;

export const storageReasons: ReadonlySet<string> = new Set<Of<'refuses'>['why']>([
  'diskFull',
  'diskReadOnly',
  'diskFails',
]);
export const isStorageReason = (reason: string | undefined): reason is Of<'refuses'>['why'] =>
  reason !== undefined && storageReasons.has(reason);

export const nextStorage = (state: Storage, event: StorageEvent): Storage => {
  switch (event.kind) {
    case 'refused':
      return state.kind === 'refuses' && state.why === event.why
        ? state
        : { kind: 'refuses', why: event.why, sinceMs: state.kind === 'refuses' ? state.sinceMs : event.atMs };
    case 'wrote':
      return state.kind === 'refuses' ? { kind: 'sound' } : state;
    case 'mended':
      // Lost work is worse news than a cache that loads again.
      return state.kind === 'mended' && state.part === 'work' && event.part === 'cache' ? state : event;
    default:
      return never(event);
  }
};
