import { z } from 'zod';
import { EndCause } from './call.ts';
import { isTold, mostTold, Told } from './disclosure.ts';
import { DispositionPath } from './disposition.ts';
import { AgentId, CallId, ContactId, CustomerId, GrantId, ScriptId, TaskId, TopicId } from './ids.ts';
import { CallSummary } from './quality.ts';
import { mostTransfers, TransferRecord } from './transfer.ts';
import { Factor } from './verification.ts';
import type { ContactOp } from './op.ts';
import type { Result } from './result.ts';
import { never, ok, refusal, refused } from './result.ts';

export const ContactGrant = z.object({
  id: GrantId,
  taskId: TaskId.nullable(),
  treeId: z.string().max(64).nullable(),
});
export type ContactGrant = z.infer<typeof ContactGrant>;

/** A contact (接触): one call and everything that was done with it. The row seat and central share. */
export const Contact = z.object({
  id: ContactId,
  /** By which the exchange knows the call, when it is not `id`: a caller offered again after a miss. */
  exchangeId: ContactId.optional(),
  callId: CallId,
  agentId: AgentId,
  direction: z.enum(['inbound', 'outbound']),
  /** E.164 key, or what was presented when it could not be read; empty when withheld. */
  number: z.string().max(64),
  queue: z.string().max(64).nullable(),
  /** R21: called with this leave of central's, or called in (R26); of a task, with its disposition tree, or of none. Absent: no such call. */
  grant: ContactGrant.optional(),
  customerId: CustomerId.nullable(),
  openedAtMs: z.number(),
  answeredAtMs: z.number().nullable(),
  endedAtMs: z.number().nullable(),
  endCause: EndCause.nullable(),
  /** R40; absent when nobody talked, or nothing could be measured. */
  quality: CallSummary.optional(),
  /** Absent when nobody else was brought in. */
  transfers: z.array(TransferRecord).max(mostTransfers).optional(),
  topicId: TopicId.nullable(),
  script: z.object({ id: ScriptId, version: z.number().int() }).nullable(),
  answers: z.array(z.object({ stepId: z.string().max(40), answerId: z.string().max(40).nullable(), atMs: z.number() })),
  /** R42: what was disclosed; absent: nothing yet. */
  told: z.array(Told).max(mostTold).optional(),
  /** R13: factor and outcome, never the typed value. */
  verifications: z.array(z.object({ factor: Factor, matched: z.boolean(), level: z.number().int(), atMs: z.number() })),
  disposition: DispositionPath.nullable(),
  forced: z.boolean(),
  note: z.string().max(4_000),
  wrappedUpAtMs: z.number().nullable(),
});
export type Contact = z.infer<typeof Contact>;

/**
 * The one rule for contact ops, run at the seat and again at central (architecture: changes).
 * Refuses what cannot follow; the same op again gives the same row.
 */
export const nextContact = (contact: Contact | undefined, op: ContactOp, agentId: AgentId): Result<Contact> => {
  if (op.name === 'contact.opened') {
    if (contact !== undefined) return refused(refusal('conflict', 'contactExists'));
    return ok(opened(op, agentId));
  }
  if (contact === undefined) return refused(refusal('notFound', 'contact'));
  if (contact.agentId !== agentId) return refused(refusal('forbidden', 'contactOfAnother'));
  if (contact.wrappedUpAtMs !== null) return refused(refusal('conflict', 'contactClosed'));
  switch (op.name) {
    case 'contact.identified':
      return ok({ ...contact, customerId: op.customerId });
    case 'contact.answered':
      return ok({ ...contact, answeredAtMs: contact.answeredAtMs ?? op.atMs });
    case 'contact.topicChosen':
      return ok(withScript({ ...contact, topicId: op.topicId }, op.script));
    case 'contact.calledIn': {
      if (contact.grant !== undefined || contact.direction !== 'inbound') return ok(contact);
      const known: Contact = { ...contact, grant: op.grant };
      // Whoever talks about something already goes on with that.
      const isFresh = contact.topicId === null && contact.answers.length === 0 && op.script !== null;
      return ok(isFresh ? withScript(known, op.script) : known);
    }
    case 'contact.disclosed':
      return told(contact, op);
    case 'contact.scriptAnswered':
      return ok({ ...contact, answers: op.answers });
    case 'contact.verified':
      return ok({
        ...contact,
        verifications: [
          ...contact.verifications,
          { factor: op.factor, matched: op.matched, level: op.level, atMs: op.atMs },
        ],
      });
    case 'contact.transferred': {
      const { kind, target, outcome, status, atMs } = op;
      const record = { kind, target, outcome, atMs, ...(status === undefined ? {} : { status }) };
      return ok({ ...contact, transfers: [...(contact.transfers ?? []), record].slice(-mostTransfers) });
    }
    case 'contact.ended':
      // At the wire a take-over looks like the customer hanging up: our own word for it counts, also when it comes second.
      return ok({
        ...contact,
        endedAtMs: contact.endedAtMs ?? op.atMs,
        endCause: op.cause === 'takenOver' ? op.cause : (contact.endCause ?? op.cause),
      });
    case 'contact.quality':
      return ok({ ...contact, quality: op.quality });
    case 'contact.wrappedUp':
      if (contact.endedAtMs === null) return refused(refusal('conflict', 'callRunning'));
      if (op.disposition.length === 0) return refused(refusal('mandatory', 'disposition'));
      return ok({
        ...contact,
        disposition: op.disposition,
        forced: op.forced,
        note: op.note,
        wrappedUpAtMs: op.atMs,
      });
    default:
      return never(op);
  }
};

/** Answers and ticks belong to the script they were given in; another script starts afresh. The ledger keeps every tick. */
const withScript = (contact: Contact, script: Contact['script']): Contact => {
  if (sameScript(contact.script, script)) return contact;
  const { told: _, ...kept } = contact;
  return { ...kept, script, answers: [] };
};

/** Ticked once is ticked: the same item again is the same row. */
const told = (contact: Contact, op: Extract<ContactOp, { name: 'contact.disclosed' }>): Result<Contact> => {
  const before = contact.told ?? [];
  if (isTold(before, op)) return ok(contact);
  if (before.length >= mostTold) return refused(refusal('policy', 'tooMuchTold'));
  const { stepId, itemId, atMs, mark } = op;
  return ok({ ...contact, told: [...before, { stepId, itemId, atMs, mark }] });
};

const opened = (op: Extract<ContactOp, { name: 'contact.opened' }>, agentId: AgentId): Contact => ({
  id: op.contactId,
  ...(op.exchangeId === undefined ? {} : { exchangeId: op.exchangeId }),
  callId: op.callId,
  agentId,
  direction: op.direction,
  number: op.number,
  queue: op.queue,
  customerId: op.customerId,
  openedAtMs: op.atMs,
  answeredAtMs: null,
  endedAtMs: null,
  endCause: null,
  topicId: null,
  ...(op.grant === undefined ? {} : { grant: op.grant }),
  script: op.script ?? null,
  answers: [],
  verifications: [],
  disposition: null,
  forced: false,
  note: '',
  wrappedUpAtMs: null,
});

const sameScript = (one: Contact['script'], other: Contact['script']): boolean =>
  one?.id === other?.id && one?.version === other?.version;

/** The id of the call at the exchange: in its recordings' names, and in what it tells of supervision. */
export const exchangeIdOf = ({ id, exchangeId }: Pick<Contact, 'id' | 'exchangeId'>): ContactId => exchangeId ?? id;
