import { z } from 'zod';
import { ContactId, GrantId, ScriptId, TaskId } from './ids.ts';

/**
 * Hot call (热呼, R26): a task writes to its customers first; one who calls from that number within a week gets the task's script, and
 * that call is the task's contact.
 */
export const hotCallMs = 7 * 24 * 3_600_000;

/** Part of a task's plan. */
export const HotText = z.object({
  text: z.string().trim().min(5).max(200),
  /** Those who have not called by then are called. */
  waitHours: z.number().int().min(1).max(168),
});
export type HotText = z.infer<typeof HotText>;

/** A seat asks when its telephone rings, with the number that is presented. */
export const CalledIn = z.object({ contactId: ContactId, number: z.string().max(64) });
export type CalledIn = z.infer<typeof CalledIn>;
export const CalledInAnswer = z.object({
  /** Null: a call like any other. */
  hot: z
    .object({
      grant: z.object({ id: GrantId, taskId: TaskId, treeId: z.string().max(64).nullable() }),
      title: z.string().max(80),
      offer: z.string().max(200),
      scriptId: ScriptId.nullable(),
    })
    .nullable(),
});
export type CalledInAnswer = z.infer<typeof CalledInAnswer>;
