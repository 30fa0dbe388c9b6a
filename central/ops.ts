import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { PushResponse } from '../shared/central-api.ts';
import type { Contact } from '../shared/contact.ts';
import { nextContact } from '../shared/contact.ts';
import type { ContactId, CustomerId, OpId, SeatId } from '../shared/ids.ts';
import { whyNotOutcome } from '../shared/follow-up.ts';
import { conflictRules } from '../shared/conflict.ts';
import { isContactOp, isWorkOp, Op } from '../shared/op.ts';
import type { ContactOp } from '../shared/op.ts';
import type { Policy } from '../shared/policy.ts';
import type { Refusal, RefusalKind, Result } from '../shared/result.ts';
import { ok, refusal, refused, SeatFault } from '../shared/result.ts';
import type { Factor } from '../shared/verification.ts';
import type { Log } from './ambient.ts';
import { faultFields } from './ambient.ts';
import { audit } from './audit.ts';
import { contactById, outcomeOf } from './contacts.ts';
import { isCrossed } from './database-faults.ts';
import type { Db, Tx } from './db.ts';
import { asJson, firstRow, statement, transaction } from './db.ts';
import { tellDisclosed } from './disclosures.ts';
import { obeyed } from './forced-state.ts';
import { OpBatch } from './op-batch.ts';
import { refuseMarketing, setField } from './profile.ts';
import { followGrant } from './task-contacts.ts';
import { takeWork, workOfContact } from './work.ts';

export type OpResult = PushResponse['results'][number];

/** An op as it came: its id could be read, the rest is checked one by one, so that one bad op does not block the others. */
export type ArrivedOp = { readonly id: OpId } & Readonly<Record<string, unknown>>;

export type OpsPorts = {
  readonly db: Db;
  readonly log: Log;
  readonly nowMs: () => number;
  /** What central itself knows of a check the op claims; central's word counts, not the seat's (R12). */
  readonly provenLevel: (
    tx: Tx,
    about: { readonly contactId: ContactId; readonly customerId: CustomerId; readonly factor: Factor },
  ) => Promise<number>;
  readonly auditKey: Uint8Array;
  readonly policy: Policy;
  /** Who brought it: the agent signed in at the seat now, or the seat itself. The author is in the op. */
  readonly deliveredBy: string;
  /** After the commit: the agent's state is another. */
  readonly agentChanged: (agentId: string) => void;
};

/** In one transaction. Others wait for what it has locked, and the feed for its end. */
const mostTogether = 25;
const mostTries = 4;

/**
 * Applies ops of one seat in the order of their sequence numbers, some at a time in one transaction. The same op again gives the same
 * answer and changes nothing; the same id with another body is refused. One that cannot be stored is taken out and the others go on
 * by themselves. A fault of the database is thrown, so that the seat keeps the rest and sends it again.
 */
export const applyOps = async (
  ports: OpsPorts,
  seatId: SeatId,
  arrived: readonly ArrivedOp[],
): Promise<readonly OpResult[]> => {
  const rank = (op: ArrivedOp): number => (goesFirst(op) ? 0 : 1);
  const inOrder = [...arrived].sort((a, b) => rank(a) - rank(b) || Number(a['seq']) - Number(b['seq']));
  const results = new Map<ArrivedOp, OpResult>();
  const ops: Arrived[] = [];
  for (const one of inOrder) {
    const parsed = Op.safeParse(one);
    if (parsed.success) ops.push({ arrived: one, op: parsed.data });
    // Not kept: an op that is not one has no body to be compared with, and the same answer follows from the same bytes.
    else results.set(one, toResult(one.id, refused(refusal('invalid', 'opMalformed'))));
  }
  try {
    for (let from = 0; from < ops.length; from += mostTogether)
      await together(ports, seatId, ops.slice(from, from + mostTogether), results);
  } finally {
    const changed = ops.flatMap(({ op }) => (op.body.name === 'agent.stateChanged' ? [op.agentId] : []));
    for (const agentId of new Set(changed)) ports.agentChanged(agentId);
  }
  return arrived.flatMap((op) => results.get(op) ?? []);
};

type Arrived = { readonly arrived: ArrivedOp; readonly op: Op };

const goesFirst = ({ body }: ArrivedOp): boolean => {
  const name = typeof body === 'object' && body !== null && 'name' in body ? body.name : undefined;
  return (
    typeof name === 'string' && Object.entries(conflictRules).some(([one, rule]) => one === name && rule.goesFirst)
  );
};

/** All of them, or, when one of them or somebody beside them is in the way, each by itself. */
const together = async (
  ports: OpsPorts,
  seatId: SeatId,
  ops: readonly Arrived[],
  results: Map<ArrivedOp, OpResult>,
  tries = 1,
): Promise<void> => {
  try {
    const taken = await transaction(ports.db, (tx) => takeIn(tx, ports, seatId, ops));
    for (const [arrived, result] of taken) results.set(arrived, result);
  } catch (fault) {
    const [one] = ops;
    const isTheirs = isForeign(fault) || isPoison(fault);
    if (one === undefined || !(isTheirs || isCrossed(fault)) || tries === mostTries) throw fault;
    if (ops.length > 1) for (const each of ops) await together(ports, seatId, [each], results);
    else if (!isTheirs) await together(ports, seatId, ops, results, tries + 1);
    else results.set(one.arrived, whyNotStored(ports, one.op, fault));
  }
};

const whyNotStored = ({ log }: OpsPorts, op: Op, fault: unknown): OpResult => {
  if (isForeign(fault)) return toResult(op.id, refused(refusal('forbidden', 'otherTenant')));
  log.error({ opId: op.id, name: op.body.name, ...faultFields(fault) }, 'op refused: it cannot be stored');
  return toResult(op.id, refused(refusal('internal', 'opPoison')));
};

const takeIn = async (
  tx: Tx,
  ports: OpsPorts,
  seatId: SeatId,
  ops: readonly Arrived[],
): Promise<readonly (readonly [ArrivedOp, OpResult])[]> => {
  const by = { nowMs: ports.nowMs(), deliveredBy: ports.deliveredBy, policy: ports.policy };
  const batch = await OpBatch.open(
    tx,
    seatId,
    by,
    ops.map(({ op }) => op),
  );
  const taken: (readonly [ArrivedOp, OpResult])[] = [];
  for (const { arrived, op } of ops) taken.push([arrived, await take(tx, ports, batch, op)]);
  await batch.flush();
  return taken;
};

const take = async (tx: Tx, ports: OpsPorts, batch: OpBatch, op: Op): Promise<OpResult> => {
  const before = batch.known(op.id);
  const hash = bodyHash(op);
  if (before !== undefined) {
    if (before.hash !== hash) return toResult(op.id, refused(refusal('conflict', 'opIdReused')));
    if (before.outcome !== 'refused') return { opId: op.id, outcome: 'duplicate' };
    return toResult(
      op.id,
      refused(refusal((before.kind as RefusalKind | null) ?? 'internal', before.reason ?? undefined)),
    );
  }
  const outcome = await effect(tx, ports, batch, op);
  const { kind = null, reason = null } = outcome.ok ? {} : outcome.error;
  batch.took(op, { hash, outcome: outcome.ok ? 'applied' : 'refused', kind, reason });
  return toResult(op.id, outcome);
};

const effect = async (tx: Tx, ports: OpsPorts, batch: OpBatch, op: Op): Promise<Result<null>> => {
  if (op.seatId !== batch.seatId) return refused(refusal('forbidden', 'opOfAnotherSeat'));
  // Not the agent of the session: work keeps its author when another agent signs in at the seat (security 86).
  if (!batch.hasWorked(op.agentId)) return refused(refusal('forbidden', 'opOfAnotherAgent'));
  const { body } = op;
  if (body.name === 'agent.stateChanged') {
    batch.entered(op, body.state, body.atMs);
    return ok(null);
  }
  if (isContactOp(body)) return contactEffect(tx, ports, batch, { ...op, body });
  await batch.flush();
  if (body.name === 'agent.obeyed')
    return obeyed(tx, { ...op, body }, { nowMs: ports.nowMs(), auditKey: ports.auditKey });
  if (body.name === 'customer.fieldSet') return setField(tx, { ...op, body }, ports.nowMs());
  if (body.name === 'customer.refused') return refuseMarketing(tx, { ...op, body }, ports.nowMs());
  if (isWorkOp(body)) return takeWork(tx, body, op.agentId, ports.nowMs());
  if (body.name === 'op.discarded') return discardOp(tx, ports, { ...op, body });
  return seen(tx, ports, { ...op, body });
};

const contactEffect = async (
  tx: Tx,
  ports: OpsPorts,
  batch: OpBatch,
  op: Op & { readonly body: ContactOp },
): Promise<Result<null>> => {
  const { body } = op;
  const contact = batch.contact(body.contactId);
  // What was checked is looked up in the tables, and an earlier op may say that it counts no more.
  if (body.name === 'contact.verified') await batch.flush();
  const checked = await withCentralsWord(tx, ports, body, contact);
  if (!checked.ok) return checked;
  const next = nextContact(contact, checked.value, op.agentId);
  if (!next.ok) return next;
  const early = body.name === 'contact.wrappedUp' ? await whyNotSold(tx, batch, body) : undefined;
  if (early !== undefined) return refused(early);
  if (!isDeepStrictEqual(next.value, contact)) batch.putContact(next.value);
  if (contact !== undefined) await tellDisclosed(tx, ports.auditKey, { op, contact, nowMs: ports.nowMs() });
  await followGrant(tx, checked.value, contact, next.value, ports.nowMs());
  return ok(null);
};

/** R41: whoever wraps up as "sold" has an order of this call that the customer confirmed, by central's own row of it. */
const whyNotSold = async (
  tx: Tx,
  batch: OpBatch,
  { contactId, disposition }: Extract<ContactOp, { readonly name: 'contact.wrappedUp' }>,
): Promise<Refusal | undefined> => {
  const outcome = await outcomeOf(tx, disposition);
  if (outcome !== 'sold') return undefined;
  await batch.flush();
  return whyNotOutcome(outcome, contactId, await workOfContact(tx, contactId));
};

/**
 * The refused op stays as it is; who gave it up, and why, stands beside it and in the audit chain. One that was never sent because an
 * earlier one was refused is not known here: its name is kept.
 */
const discardOp = async (
  tx: Tx,
  ports: OpsPorts,
  { agentId, seatId, body }: Op & { readonly body: Extract<Op['body'], { name: 'op.discarded' }> },
): Promise<Result<null>> => {
  const given = await firstRow(
    tx,
    statement<{ outcome: OpResult['outcome']; agent_id: string; seat_id: string }>`
      select outcome, agent_id, seat_id from op where id = ${body.opId}`,
  );
  if (given !== undefined && given.outcome !== 'refused') return refused(refusal('conflict', 'opNotRefused'));
  if (given !== undefined && (given.agent_id !== agentId || given.seat_id !== seatId))
    return refused(refusal('forbidden', 'opOfAnotherAgent'));
  const event = { atMs: ports.nowMs(), agentId, seatId, contactId: body.contactId, customerId: null, factor: null };
  const result = `${body.opId} ${body.of} (${body.refused}): ${body.reason}`;
  await audit(tx, ports.auditKey, [{ ...event, kind: 'opDiscarded', result }]);
  return ok(null);
};

/** R13, R33: what was opened and heard at a seat, off line too. When, by the seat's own clock, stands in the entry. */
const seen = async (
  tx: Tx,
  ports: OpsPorts,
  {
    agentId,
    seatId,
    body,
  }: Op & { readonly body: Extract<Op['body'], { name: 'customer.opened' | 'recording.played' }> },
): Promise<Result<null>> => {
  const at = `at ${new Date(body.atMs).toISOString()}`;
  const event = { atMs: ports.nowMs(), agentId, seatId, contactId: body.contactId, factor: null };
  if (body.name === 'customer.opened') {
    const result = `${body.contactId === null ? 'customer' : 'contact'} from ${body.from}, ${at}`;
    await audit(tx, ports.auditKey, [{ ...event, customerId: body.customerId, kind: 'opened', result }]);
    return ok(null);
  }
  const customerId = (await contactById(tx, body.contactId))?.customerId ?? null;
  const result = `heard part ${body.part} from ${body.fromMs} to ${body.toMs}, ${at}`;
  await audit(tx, ports.auditKey, [{ ...event, customerId, kind: 'playback', result }]);
  return ok(null);
};

/** A claimed match central knows nothing of is refused, a claimed level above central's is lowered. */
const withCentralsWord = async (
  tx: Tx,
  ports: OpsPorts,
  body: ContactOp,
  contact: Contact | undefined,
): Promise<Result<ContactOp>> => {
  if (body.name !== 'contact.verified' || !body.matched || contact === undefined) return ok(body);
  const { customerId } = contact;
  const about = { contactId: contact.id, factor: body.factor };
  const level = customerId === null ? 0 : await ports.provenLevel(tx, { ...about, customerId });
  return level === 0 ? refused(refusal('policy', 'notVerified')) : ok({ ...body, level: Math.min(level, body.level) });
};

/** Faults that would come again with the same op: bad data (SQLSTATE 22, 23) and our own contradictions. */
const isPoison = (fault: unknown): boolean => {
  if (fault instanceof SeatFault) return true;
  const code = fault instanceof Error && 'code' in fault ? String(fault.code) : '';
  return /^2[23]\w{3}$/.test(code);
};

/** A row of this id is another tenant's (SQLSTATE 42501, row level security). */
const isForeign = (fault: unknown): boolean => fault instanceof Error && 'code' in fault && fault.code === '42501';

const toResult = (opId: OpId, outcome: Result<null>): OpResult =>
  outcome.ok
    ? { opId, outcome: 'applied' }
    : {
        opId,
        outcome: 'refused',
        kind: outcome.error.kind,
        ...(outcome.error.reason === undefined ? {} : { reason: outcome.error.reason }),
      };

/** Of everything but the id; keys in the schema's order, so equal ops hash alike whatever the order on the wire. */
const bodyHash = (op: Op): string =>
  createHash('sha256')
    .update(asJson([op.seatId, op.seq, op.agentId, op.body]))
    .digest('base64url');
