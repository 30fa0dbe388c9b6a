import { z } from 'zod';
import { ContactId } from './ids.ts';
import type { Language } from './text.ts';
import { inLanguage, Text } from './text.ts';

/** Where a call may be handed to. `department` covers merchants as well (R37). */
export const targetKinds = ['colleague', 'queue', 'department'] as const;
export const TargetKind = z.enum(targetKinds);
export type TargetKind = z.infer<typeof TargetKind>;

/** A line of the directory (号码本): transfers reach these and nothing else (security 74). */
export const Target = z.object({
  /** `colleague:1002`, `queue:service`, `department:repair`. */
  id: z.string().max(80),
  kind: TargetKind,
  name: Text,
  /** What is dialled inside the operator's exchange: digits, at most a leading +. */
  number: z.string().regex(/^\+?\d{3,20}$/),
  /** R37; empty for colleagues and queues. */
  category: Text,
  /** R37: where it is, as people say it; absent for colleagues and queues, and from a central of before. */
  place: Text.optional(),
  /** Full pinyin and initials of the name, for the keyboard. */
  pinyin: z.array(z.string().max(80)).max(6),
});
export type Target = z.infer<typeof Target>;

/** What a colleague is doing, as far as central knows; `offline` has nobody signed in. */
export const ColleagueState = z.enum(['ready', 'busy', 'notReady', 'offline']);
export type ColleagueState = z.infer<typeof ColleagueState>;
export const ColleagueStates = z.object({
  colleagues: z.array(z.object({ number: z.string().max(20), state: ColleagueState })).max(5_000),
});
export type ColleagueStates = z.infer<typeof ColleagueStates>;

/**
 * A number this seat dialled or was called from. A customer's is masked (R44): it is dialled again by naming its contact, so the whole
 * number never reaches the desk.
 */
export const RecentNumber = z.object({
  contactId: ContactId,
  direction: z.enum(['inbound', 'outbound']),
  shown: z.string().max(64),
  /** Masked; null for somebody unknown. */
  name: z.string().max(40).nullable(),
  atMs: z.number(),
  wasAnswered: z.boolean(),
});
export type RecentNumber = z.infer<typeof RecentNumber>;

/** Everything one desk holds of it. */
export const mostTargets = 2_000;
export const mostRecent = 20;

const plain = (text: string): string => text.normalize('NFKC').toLowerCase().replaceAll(/[\s-]/g, '');

const order = { colleague: 0, queue: 1, department: 2 } as const satisfies Record<TargetKind, number>;

/** Fits best first: the number, then a name that begins so, then anything that holds it. Everything when nothing is typed. */
export const findTargets = (targets: readonly Target[], text: string): readonly Target[] => {
  const wanted = plain(text);
  const ranked = targets.flatMap((target) => {
    const rank = wanted === '' ? 0 : rankOf(target, wanted);
    return rank === undefined ? [] : [{ target, rank }];
  });
  return ranked
    .toSorted(
      (one, other) =>
        one.rank - other.rank ||
        order[one.target.kind] - order[other.target.kind] ||
        (one.target.number < other.target.number ? -1 : 1),
    )
    .map(({ target }) => target);
};

const rankOf = ({ number, name, pinyin, category, place }: Target, wanted: string): number | undefined => {
  if (number === wanted) return 0;
  const names = [name.zh, name.en, ...pinyin].map(plain);
  if (names.some((one) => one.startsWith(wanted))) return 1;
  if (number.startsWith(wanted)) return 2;
  if (names.some((one) => one.includes(wanted))) return 3;
  const about = [category.zh, category.en, place?.zh ?? '', place?.en ?? ''].map(plain);
  return about.some((one) => one !== '' && one.includes(wanted)) ? 4 : undefined;
};

export const targetName = (target: Target, language: Language): string => inLanguage(target.name, language);
