import { z } from 'zod';
import { GrantId } from './ids.ts';
import { DialGrantRequest, taskRoutes } from './task-api.ts';
import { skipReasons } from './task.ts';

const done = z.object({});
const desk = ['desk'] as const;
/** A question to central that the seat only passes on. */
const asked = <Q, A>({ request, response }: { request: Q; response: A }) => ({ request, response, by: desk });

/** What the desk asks about outbound tasks (seat.ts). */
export const taskCalls = {
  /** Whether this agent takes customers of tasks when they are free (R19). */
  'task.take': { request: z.object({ on: z.boolean() }), response: done, by: desk },
  'task.next': { request: done, response: done, by: desk },
  'task.skip': { request: z.object({ grantId: GrantId, why: z.enum(skipReasons) }), response: done, by: desk },
  /** Leads and managers, on line only; central asks for the role. */
  'tasks.list': asked(taskRoutes.tasks),
  'tasks.save': asked(taskRoutes.taskSave),
  'tasks.estimate': asked(taskRoutes.taskEstimate),
  'tasks.move': asked(taskRoutes.taskMove),
  'tasks.pasteList': asked(taskRoutes.listPaste),
  /** R21: central's leave for a marketing call of no task; the phone dials with it. Service call-backs need none. */
  'dial.ask': { request: DialGrantRequest, response: z.object({ grantId: GrantId }), by: desk },
  /** R22: anybody asks, another person decides. */
  'necessity.ask': asked(taskRoutes.necessityAsk),
  'necessity.list': asked(taskRoutes.necessities),
  'necessity.decide': asked(taskRoutes.necessityDecide),
} as const;
