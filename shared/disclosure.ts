import { z } from 'zod';
import { ContactId } from './ids.ts';
import type { Recording } from './recording.ts';
import { Text } from './text.ts';

/**
 * Where in the recording something was said (R42). `at`: heard there. `paused`: the recorder was silent then (R33). `none`: nobody records
 * this call. `unknown`: the seat could not know; the offset is counted from the answer.
 */
export const RecordingMark = z.object({
  recording: z.enum(['at', 'paused', 'none', 'unknown']),
  /** Milliseconds from the beginning of the recording. */
  offsetMs: z.number().int().min(0).nullable(),
});
export type RecordingMark = Readonly<z.infer<typeof RecordingMark>>;

const itemId = z.string().min(1).max(40);
/** A mandatory item, said to the customer. Kept with the contact, and by central in the ledger. Never taken back. */
export const Told = z.object({ stepId: itemId, itemId, atMs: z.number(), mark: RecordingMark });
export type Told = z.infer<typeof Told>;
export const mostTold = 200;

/** @param startedAtMs of the recording by the seat's clock, as far as central said; null: it did not */
export const markOf = (
  recording: Recording,
  { startedAtMs, answeredAtMs }: { readonly startedAtMs: number | null; readonly answeredAtMs: number | null },
  atMs: number,
): RecordingMark => {
  const fromMs = startedAtMs ?? answeredAtMs;
  const offsetMs = fromMs === null ? null : Math.max(0, Math.round(atMs - fromMs));
  switch (recording.kind) {
    case 'none':
      return { recording: 'none', offsetMs: null };
    case 'unknown':
      return { recording: 'unknown', offsetMs };
    case 'running':
      return { recording: startedAtMs === null ? 'unknown' : 'at', offsetMs };
    case 'pausing':
    case 'paused':
    case 'resuming':
      return { recording: 'paused', offsetMs };
  }
};

/** A script as far as it matters here; script.ts asks this page, not the other way round. */
type Step<D extends { readonly id: string }> = { readonly id: string; readonly disclosures?: readonly D[] | undefined };
type Steps = { readonly steps: readonly Step<{ readonly id: string }>[] };

export type Item = { readonly stepId: string; readonly itemId: string };
/** All that a version of a script demands, in its order. */
export const itemsOf = (script: Steps): readonly Item[] =>
  script.steps.flatMap(({ id: stepId, disclosures = [] }) => disclosures.map(({ id }) => ({ stepId, itemId: id })));

export const isTold = (told: readonly Item[], { stepId, itemId: id }: Item): boolean =>
  told.some((one) => one.stepId === stepId && one.itemId === id);

export const missingOf = (script: Steps, told: readonly Item[]): readonly Item[] =>
  itemsOf(script).filter((item) => !isTold(told, item));

/** What is still to be said before the step is left. */
export const leftIn = <D extends { readonly id: string }>(step: Step<D>, told: readonly Item[]): readonly D[] =>
  (step.disclosures ?? []).filter(({ id }) => !isTold(told, { stepId: step.id, itemId: id }));

/** What a player shows on a recording. `offsetMs` null: there is no place in it. */
export const RecordingMarks = z.object({
  marks: z
    .array(
      z.object({
        offsetMs: z.number().int().min(0).nullable(),
        recording: RecordingMark.shape.recording,
        kind: z.string().max(40),
        label: Text,
        atMs: z.number(),
      }),
    )
    .max(500),
});
export type RecordingMarks = z.infer<typeof RecordingMarks>;
export const MarksRequest = z.object({ contactId: ContactId });
