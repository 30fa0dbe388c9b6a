import { z } from 'zod';
import { AgentState } from './agent.ts';
import { EndCause } from './call.ts';
import { RecordingMark } from './disclosure.ts';
import { DispositionPath } from './disposition.ts';
import { Obeyed } from './forced-state.ts';
import { AgentId, CallId, ContactId, CustomerId, GrantId, OpId, ScriptId, SeatId, TaskId, TopicId } from './ids.ts';
import { CallSummary } from './quality.ts';
import { TransferKind } from './transfer.ts';
import { Factor } from './verification.ts';
import { type WorkOp, workOps } from './work.ts';

/**
 * Every change a seat makes is a named op. The engine applies it at once (rule: `nextContact`), writes it to the outbox in the
 * same transaction, and central runs the same rule again with authority over time, identity and limits.
 */
const of = { contactId: ContactId, atMs: z.number() };

export const OpBody = z.discriminatedUnion('name', [
  z.object({
    name: z.literal('contact.opened'),
    ...of,
    callId: CallId,
    direction: z.enum(['inbound', 'outbound']),
    number: z.string().max(64),
    queue: z.string().max(64).nullable(),
    customerId: CustomerId.nullable(),
    /** What the exchange calls it, recordings and supervision too, when that is another id: a caller offered again after a miss. */
    exchangeId: ContactId.optional(),
    /** Called with central's leave (R21), and the script of its task (R17). */
    grant: z.object({ id: GrantId, taskId: TaskId.nullable(), treeId: z.string().max(64).nullable() }).optional(),
    script: z.object({ id: ScriptId, version: z.number().int() }).optional(),
  }),
  z.object({ name: z.literal('contact.identified'), ...of, customerId: CustomerId.nullable() }),
  z.object({ name: z.literal('contact.answered'), ...of }),
  z.object({
    name: z.literal('contact.topicChosen'),
    ...of,
    topicId: TopicId,
    script: z.object({ id: ScriptId, version: z.number().int() }).nullable(),
  }),
  /** R26: this caller has had a text of a task, whose contact the call is. */
  z.object({
    name: z.literal('contact.calledIn'),
    ...of,
    grant: z.object({ id: GrantId, taskId: TaskId.nullable(), treeId: z.string().max(64).nullable() }),
    script: z.object({ id: ScriptId, version: z.number().int() }).nullable(),
  }),
  z.object({
    name: z.literal('contact.scriptAnswered'),
    ...of,
    /** The whole path so far: a later one replaces an earlier one, so "back" needs no op of its own. */
    answers: z
      .array(z.object({ stepId: z.string().max(40), answerId: z.string().max(40).nullable(), atMs: z.number() }))
      .max(500),
  }),
  /** R42: a mandatory item was said to the customer, here in the recording. There is no op that takes it back. */
  z.object({
    name: z.literal('contact.disclosed'),
    ...of,
    stepId: z.string().min(1).max(40),
    itemId: z.string().min(1).max(40),
    mark: RecordingMark,
  }),
  z.object({
    name: z.literal('contact.verified'),
    ...of,
    factor: Factor,
    matched: z.boolean(),
    level: z.number().int(),
  }),
  /** Somebody else was brought into the contact, or was to be. */
  z.object({
    name: z.literal('contact.transferred'),
    ...of,
    kind: TransferKind,
    target: z.string().max(24),
    outcome: z.enum(['done', 'failed', 'cancelled']),
    status: z.number().int().optional(),
  }),
  z.object({ name: z.literal('contact.ended'), ...of, cause: EndCause }),
  /** R40: the whole call as the phone page measured it; around its end, before or after. */
  z.object({ name: z.literal('contact.quality'), ...of, quality: CallSummary }),
  z.object({
    name: z.literal('contact.wrappedUp'),
    ...of,
    disposition: DispositionPath,
    forced: z.boolean(),
    note: z.string().max(4_000),
  }),
  z.object({ name: z.literal('agent.stateChanged'), state: AgentState, atMs: z.number() }),
  /** R38: what became of a state a lead wanted this agent in. */
  Obeyed,
  /** R7: a field of the customer as the caller gave it in this call; `editableFields` in profile.ts. */
  z.object({
    name: z.literal('customer.fieldSet'),
    customerId: CustomerId,
    contactId: ContactId,
    key: z.string().max(40),
    value: z.string().max(400),
    atMs: z.number(),
  }),
  /** R22: "do not call me". Nothing a seat sends takes it back. */
  z.object({
    name: z.literal('customer.refused'),
    customerId: CustomerId,
    contactId: ContactId.nullable(),
    atMs: z.number(),
  }),
  /** Obligations (R24), cases (R29) and orders (R30); rule: `nextWork`. */
  ...workOps,
  /**
   * R13: masked records were opened at the desk, a customer's or a contact's with its note; no row changes. Also off line, where nobody
   * else would know of it.
   */
  z.object({
    name: z.literal('customer.opened'),
    customerId: CustomerId.nullable(),
    contactId: ContactId.nullable(),
    from: z.enum(['search', 'history']),
    atMs: z.number(),
  }),
  /** R33: a stretch of a recording was heard, in milliseconds of its part. */
  z.object({
    name: z.literal('recording.played'),
    contactId: ContactId,
    part: z.number().int().min(0).max(99),
    fromMs: z.number().int().min(0),
    toMs: z.number().int().min(0),
    atMs: z.number(),
  }),
  /** The agent gave up an op central had refused, and said why: kept at central, so that nothing vanishes. */
  z.object({
    name: z.literal('op.discarded'),
    opId: OpId,
    /** Name and contact of the refused op, and why central refused it. */
    of: z.string().max(64),
    contactId: ContactId.nullable(),
    refused: z.string().max(130),
    reason: z.string().min(1).max(200),
    atMs: z.number(),
  }),
]);
export type OpBody = z.infer<typeof OpBody>;
export type ContactOp = Extract<OpBody, { readonly name: `contact.${string}` }>;
/** About a customer or their affairs rather than a contact: nothing of it waits for the contact's own ops. */
export type BesideOp = Exclude<OpBody, ContactOp | { readonly name: 'agent.stateChanged' | 'op.discarded' }>;
export const isWorkOp = (body: OpBody): body is WorkOp =>
  body.name.startsWith('obligation.') || body.name.startsWith('case.') || body.name.startsWith('order.');
export const isContactOp = (body: OpBody): body is ContactOp => body.name.startsWith('contact.');

export const Op = z.object({
  id: OpId,
  seatId: SeatId,
  /** Order per seat; gapless within the outbox. Order is by this, never by clocks. */
  seq: z.number().int().positive(),
  agentId: AgentId,
  body: OpBody,
});
export type Op = z.infer<typeof Op>;

/** The entity an op belongs to: order holds within it, and a poison op blocks only ops of its own (conflict.ts). */
export const entityOf = ({ agentId, body }: Pick<Op, 'agentId' | 'body'>): string => {
  switch (body.name) {
    case 'agent.stateChanged':
    case 'agent.obeyed':
      return `agent:${agentId}`;
    case 'customer.fieldSet':
      return `field:${body.customerId}:${body.key}`;
    case 'customer.refused':
      return `refusal:${body.customerId}`;
    case 'customer.opened':
    case 'recording.played':
      return `seen:${body.contactId ?? ('customerId' in body ? body.customerId : null) ?? ''}`;
    case 'op.discarded':
      return `op:${body.opId}`;
    case 'obligation.opened':
    case 'obligation.moved':
    case 'obligation.done':
    case 'case.opened':
    case 'case.stepped':
    case 'case.escalated':
    case 'case.taken':
    case 'case.handedBack':
    case 'order.opened':
    case 'order.stepped':
      return `work:${body.workId}`;
    default:
      return `contact:${body.contactId}`;
  }
};
