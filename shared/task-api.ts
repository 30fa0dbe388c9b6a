import { z } from 'zod';
import { Shift } from './blending.ts';
import { Customer } from './customer.ts';
import { DialCounters } from './dial-counters.ts';
import { PacingView } from './dialler.ts';
import { CalledIn, CalledInAnswer } from './hot-call.ts';
import { AgentId, CustomerId, GrantId, ScriptId, TaskId } from './ids.ts';
import { DueDay, dueDays, dueKinds } from './task-due.ts';
import { skipReasons, taskKinds, taskModes, taskMoves, TaskPlan, TaskState } from './task.ts';
import { Text } from './text.ts';

/** Why this customer, and why now; the desk says it (`task.why.<key>`). */
export const whyKeys = ['again', 'tierHigh', 'tierMid', 'tierStandard', 'listed', 'fitting'] as const;

/** Leave to call this customer once (dial-counters.ts), with what an agent has to know before. */
export const TaskItem = z.object({
  grantId: GrantId,
  /** From the moment it was asked for. */
  ttlMs: z.number().positive(),
  taskId: TaskId,
  title: z.string().max(80),
  kind: z.enum(taskKinds),
  mode: z.enum(taskModes),
  boxSeconds: z.number().int().min(3).max(300),
  scriptId: ScriptId.nullable(),
  treeId: z.string().max(64).nullable(),
  offer: z.string().max(200),
  callerNumber: z.string().max(24),
  hours: TaskPlan.shape.hours,
  endsAtMs: z.number(),
  /** E.164 key. */
  number: z.string().max(20),
  /** Null: a prospect of the list, who is no customer yet (R20). */
  customer: Customer.nullable(),
  prospect: z.string().max(40),
  note: z.string().max(1_000),
  why: z
    .array(z.object({ key: z.enum(whyKeys), params: z.record(z.string(), z.union([z.string(), z.number()])) }))
    .max(8),
  tries: z.number().int(),
  isNecessary: z.boolean(),
  counters: DialCounters,
});
export type TaskItem = z.infer<typeof TaskItem>;

/** What an agent's seat is told of a task. */
export const OwnTask = z.object({
  taskId: TaskId,
  title: z.string().max(80),
  waiting: z.number().int(),
  done: z.number().int(),
});
export type OwnTask = z.infer<typeof OwnTask>;

/** The answer to a question for the next customer may be so long under way; central takes nobody back before. */
export const answerOnItsWayMs = 30_000;

/** Grants given back unused: the customer may be called by others at once. */
export const GivenBack = z.object({ grantId: GrantId, why: z.enum([...skipReasons, 'putBack']) });
export type GivenBack = z.infer<typeof GivenBack>;
/**
 * `used`: those dialled with, whose ops may still be on their way. What this seat holds at central and does not name here never
 * arrived, and goes back.
 */
export const TaskNextRequest = z.object({
  unused: z.array(GivenBack).max(50),
  used: z.array(GrantId).max(50),
  wanted: z.boolean(),
  /** This seat takes calls that central announces (R25); one that does not say so dials by itself as in progressive. */
  takesDialled: z.literal(true).optional(),
  /**
   * Every question of this seat was answered or asked longer ago than an answer is on its way, by the seat's own timer: then no clock of
   * an instance, which may be wrong, has to say how old the leave is.
   */
  isSettled: z.literal(true).optional(),
});
export const TaskNextResponse = z.object({
  item: TaskItem.nullable(),
  /** Key of a sentence (`reason.<key>`): why there is nobody to call now. */
  why: z.string().max(64).nullable(),
  /** Asking again before is of no use. */
  againInMs: z.number().nullable(),
  /** R19: with nobody to call, because inbound comes first. */
  shift: Shift.optional(),
  tasks: z.array(OwnTask).max(100),
});
export type TaskNextResponse = z.infer<typeof TaskNextResponse>;

/** A marketing call that belongs to no task, asked for just before it is made. */
export const DialGrantRequest = z.object({ customerId: CustomerId, numberIndex: z.number().int().min(0).max(9) });
export const DialGrantResponse = z.object({
  grantId: GrantId,
  ttlMs: z.number(),
  isNecessary: z.boolean(),
  counters: DialCounters,
});

/** R22: one call that the rules forbid and a second person agrees to, with the reason in writing. */
export const NecessityAskRequest = z.object({ customerId: CustomerId, reason: z.string().trim().min(5).max(400) });
export const NecessityAskResponse = z.object({ id: z.string().max(64) });
export const NecessitiesResponse = z.object({
  wishes: z
    .array(
      z.object({
        id: z.string().max(64),
        agentName: z.string().max(40),
        agentNumber: z.string().max(20),
        customer: z.string().max(40),
        reason: z.string().max(400),
        askedAtMs: z.number(),
      }),
    )
    .max(100),
});
export type NecessitiesResponse = z.infer<typeof NecessitiesResponse>;
export const NecessityDecideRequest = z.object({ id: z.string().max(64), granted: z.boolean() });

/** People, not calls; `reached` ÷ `total` is R27's, `reached` ÷ `tried` the contact rate, `succeeded` ÷ `reached` the success rate (R36). */
export const TaskFigures = z.object({
  total: z.number().int(),
  waiting: z.number().int(),
  tried: z.number().int(),
  reached: z.number().int(),
  succeeded: z.number().int(),
  refused: z.number().int(),
  /** Not called, or no longer: invalid, tried too often, passed by. */
  out: z.number().int(),
  attempts: z.number().int(),
});
export type TaskFigures = z.infer<typeof TaskFigures>;
export const Task = z.object({
  id: TaskId,
  plan: TaskPlan,
  state: TaskState,
  ownerId: AgentId,
  revision: z.number().int(),
  figures: TaskFigures,
  /** While central dials it. */
  pacing: PacingView.optional(),
  /** R24: of a task that takes up what is due, the last days on which something was, newest first. */
  dueDays: z.array(DueDay).max(dueDays).optional(),
});
export type Task = z.infer<typeof Task>;

export const TasksResponse = z.object({
  tasks: z.array(Task).max(500),
  names: z.record(z.string(), z.string().max(40)),
  /** What there is to choose from when a task is written. */
  lists: z.array(z.object({ id: z.string().max(64), name: z.string().max(80), entries: z.number().int() })).max(500),
  scripts: z.array(z.object({ id: ScriptId, title: Text })).max(2_000),
  trees: z.array(z.object({ id: z.string().max(64), label: Text })).max(200),
  packages: z.array(z.object({ id: z.string().max(40), name: Text })).max(200),
  areas: z.array(Text).max(200),
  agents: z.array(z.object({ id: AgentId, name: z.string().max(40), number: z.string().max(20) })).max(2_000),
  /** R24: obligations due within the week that no running task takes up, by kind. */
  uncovered: z
    .array(z.object({ kind: z.enum(dueKinds), count: z.number().int() }))
    .max(dueKinds.length)
    .optional(),
});
export type TasksResponse = z.infer<typeof TasksResponse>;

/** `taskId: null` begins a draft; else `revision` is the one that was seen. */
export const TaskSaveRequest = z.object({ taskId: TaskId.nullable(), revision: z.number().int(), plan: TaskPlan });
export type TaskSaveRequest = z.infer<typeof TaskSaveRequest>;
export const TaskSaved = z.object({ taskId: TaskId, revision: z.number().int() });
export type TaskSaved = z.infer<typeof TaskSaved>;
export const TaskMoveRequest = z.object({ taskId: TaskId, revision: z.number().int(), move: z.enum(taskMoves) });
export type TaskMoveRequest = z.infer<typeof TaskMoveRequest>;
export const TaskMoved = z.object({ state: TaskState, revision: z.number().int() });

export const TaskEstimateRequest = z.object({ plan: TaskPlan });
/** Each person once, under the first reason the dial policy has; hours and today's attempts do not count: they pass. */
export const TaskEstimate = z.object({
  targeted: z.number().int(),
  callable: z.number().int(),
  /** May be called some day, though not today: too many attempts, a colleague about to call. */
  notYet: z.number().int(),
  byTier: z.object({
    high: z.number().int(),
    mid: z.number().int(),
    standard: z.number().int(),
    prospect: z.number().int(),
  }),
  /** Keys of sentences (`reason.<key>`), the most frequent first. */
  excluded: z.array(z.object({ reason: z.string().max(64), count: z.number().int() })).max(30),
  /** R20: more than 30,000. */
  isMany: z.boolean(),
  /** Why it could not be started as it is. */
  faults: z.array(z.string().max(64)).max(10),
});
export type TaskEstimate = z.infer<typeof TaskEstimate>;

/** A contact list from text pasted by a lead: a number a line, then a name and a note, separated by commas or tabs. */
export const ListPasteRequest = z.object({ name: z.string().trim().min(1).max(80), text: z.string().max(2_000_000) });
export const ListPasted = z.object({
  listId: z.string().max(64),
  added: z.number().int(),
  known: z.number().int(),
  /** Lines that were not taken, the first hundred, and how many there were. */
  faults: z.array(z.object({ line: z.number().int(), reason: z.string().max(64) })).max(100),
  faulty: z.number().int(),
});
export type ListPasted = z.infer<typeof ListPasted>;

const none = z.object({});
export const taskRoutes = {
  tasks: { method: 'GET', path: '/v1/tasks', request: none, response: TasksResponse },
  taskSave: { method: 'POST', path: '/v1/tasks/save', request: TaskSaveRequest, response: TaskSaved },
  taskEstimate: { method: 'POST', path: '/v1/tasks/estimate', request: TaskEstimateRequest, response: TaskEstimate },
  taskMove: { method: 'POST', path: '/v1/tasks/move', request: TaskMoveRequest, response: TaskMoved },
  listPaste: { method: 'POST', path: '/v1/tasks/list', request: ListPasteRequest, response: ListPasted },
  /** An agent's next customer; what was not called goes back with it. */
  taskNext: { method: 'POST', path: '/v1/tasks/next', request: TaskNextRequest, response: TaskNextResponse },
  /** R26: whether who is calling has had a text of a task. */
  calledIn: { method: 'POST', path: '/v1/tasks/called-in', request: CalledIn, response: CalledInAnswer },
  dialGrant: { method: 'POST', path: '/v1/dial/grant', request: DialGrantRequest, response: DialGrantResponse },
  necessityAsk: {
    method: 'POST',
    path: '/v1/dial/necessity',
    request: NecessityAskRequest,
    response: NecessityAskResponse,
  },
  necessities: { method: 'GET', path: '/v1/dial/necessities', request: none, response: NecessitiesResponse },
  necessityDecide: {
    method: 'POST',
    path: '/v1/dial/necessity/decide',
    request: NecessityDecideRequest,
    response: none,
  },
} as const;
