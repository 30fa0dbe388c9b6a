import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { PushResponse } from '../shared/central-api.ts';
import type { Contact } from '../shared/contact.ts';
import { nextContact } from '../shared/contact.ts';
import type { ContactId, CustomerId, OpId, SeatId } from '../shared/ids.ts';
import { whyNotOutcome } from '../shared/follow-up.ts';
import { conflictRules } from '../shared/conflict.ts';
import { entityOf, isWorkOp, Op } from '../shared/op.ts';
import type { ContactOp } from '../shared/op.ts';
import type { Refusal, Result } from '../shared/result.ts';
import { ok, refusal, refused, SeatFault } from '../shared/result.ts';
import type { Factor } from '../shared/verification.ts';
import type { Log } from './ambient.ts';
import { faultFields } from './ambient.ts';
import { audit } from './audit.ts';
import { stateEntered } from './day.ts';
import { contactById, outcomeOf, putContact } from './contacts.ts';
import type { Db, Tx } from './db.ts';
import { asJson, firstRow, run, statement, transaction } from './db.ts';
import { tellDisclosed } from './disclosures.ts';
import { refuseMarketing, setField } from './profile.ts';
import { stateChanged } from './presence.ts';
import { hasWorkedAt } from './sessions.ts';
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
  /** Who brought it: the agent signed in at the seat now, or the seat itself. The author is in the op. */
  readonly deliveredBy: string;
  /** After the commit: the agent's state is another. */
  readonly agentChanged: (agentId: string) => void;
};

/**
 * Applies a batch of one seat, in the order of its sequence numbers, each op in a transaction of its own. The same op again gives
 * the same answer and changes nothing; the same id with another body is refused. A fault of the database is thrown, so that
 * the seat keeps the rest and sends it again.
 */
export const applyOps = async (
  ports: OpsPorts,
  seatId: SeatId,
  arrived: readonly ArrivedOp[],
): Promise<readonly OpResult[]> => {
  const rank = (op: ArrivedOp): number => (goesFirst(op) ? 0 : 1);
  const inOrder = [...arrived].sort((a, b) => rank(a) - rank(b) || Number(a['seq']) - Number(b['seq']));
  const results = new Map<ArrivedOp, OpResult>();
  for (const op of inOrder) results.set(op, await applyOne(ports, seatId, op));
  return arrived.flatMap((op) => results.get(op) ?? []);
};

const goesFirst = ({ body }: ArrivedOp): boolean => {
  const name = typeof body === 'object' && body !== null && 'name' in body ? body.name : undefined;
  return (
    typeof name === 'string' && Object.entries(conflictRules).some(([one, rule]) => one === name && rule.goesFirst)
  );
};

const applyOne = async (ports: OpsPorts, seatId: SeatId, arrived: ArrivedOp): Promise<OpResult> => {
  const parsed = Op.safeParse(arrived);
  // Not kept: an op that is not one has no body to be compared with, and the same answer follows from the same bytes.
  if (!parsed.success) return toResult(arrived.id, refused(refusal('invalid', 'opMalformed')));
  const op = parsed.data;
  try {
    return await transaction(ports.db, (tx) => applyIn(tx, ports, seatId, op));
  } catch (fault) {
    if (isForeign(fault)) return toResult(op.id, refused(refusal('forbidden', 'otherTenant')));
    if (!isPoison(fault)) throw fault;
    ports.log.error({ opId: op.id, name: op.body.name, ...faultFields(fault) }, 'op refused: it cannot be stored');
    return toResult(op.id, refused(refusal('internal', 'opPoison')));
  } finally {
    if (op.body.name === 'agent.stateChanged') ports.agentChanged(op.agentId);
  }
};

const applyIn = async (tx: Tx, ports: OpsPorts, seatId: SeatId, op: Op): Promise<OpResult> => {
  const entity = entityOf(op);
  // Two seats, or two requests of one, never work on the same contact at the same time.
  await run(tx, statement`select pg_advisory_xact_lock(hashtextextended(${entity}, 0))`);
  const before = await firstRow(
    tx,
    statement<{ body_hash: string; outcome: OpResult['outcome']; kind: Refusal['kind'] | null; reason: string | null }>`
      select body_hash, outcome, kind, reason from op where id = ${op.id}`,
  );
  const hash = bodyHash(op);
  if (before !== undefined) {
    if (before.body_hash !== hash) return toResult(op.id, refused(refusal('conflict', 'opIdReused')));
    if (before.outcome !== 'refused') return { opId: op.id, outcome: 'duplicate' };
    return toResult(op.id, refused(refusal(before.kind ?? 'internal', before.reason ?? undefined)));
  }
  const outcome = await effect(tx, ports, seatId, op);
  const result = toResult(op.id, outcome);
  const inserted = await firstRow(
    tx,
    statement`
      insert into op (id, seat_id, seq, agent_id, entity, body_hash, body, outcome, kind, reason, at_ms, delivered_by)
      values (${op.id}, ${op.seatId}, ${op.seq}, ${op.agentId}, ${entity}, ${hash}, ${asJson(op.body)}::json,
        ${result.outcome}, ${result.kind ?? null}, ${result.reason ?? null}, ${ports.nowMs()}, ${ports.deliveredBy})
      on conflict (id) do nothing returning id`,
  );
  // The same id for another entity, at the same moment: whoever came first has it.
  if (inserted === undefined) throw new SeatFault('op id used twice at once', refusal('conflict', 'opIdReused'));
  return result;
};

const effect = async (tx: Tx, ports: OpsPorts, seatId: SeatId, op: Op): Promise<Result<null>> => {
  if (op.seatId !== seatId) return refused(refusal('forbidden', 'opOfAnotherSeat'));
  // Not the agent of the session: work keeps its author when another agent signs in at the seat (security 86).
  if (!(await hasWorkedAt(tx, op.agentId, seatId))) return refused(refusal('forbidden', 'opOfAnotherAgent'));
  const { body } = op;
  if (body.name === 'agent.stateChanged') {
    await stateChanged(tx, { agentId: op.agentId, seatId, state: body.state, atMs: body.atMs });
    await stateEntered(tx, op, body.state, ports.nowMs());
    return ok(null);
  }
  if (body.name === 'customer.fieldSet') return setField(tx, { ...op, body }, ports.nowMs());
  if (body.name === 'customer.refused') return refuseMarketing(tx, { ...op, body }, ports.nowMs());
  if (isWorkOp(body)) return takeWork(tx, body, op.agentId, ports.nowMs());
  if (body.name === 'customer.opened' || body.name === 'recording.played') return seen(tx, ports, { ...op, body });
  if (body.name === 'op.discarded') return discardOp(tx, ports, { ...op, body });
  const contact = await contactById(tx, body.contactId);
  const checked = await withCentralsWord(tx, ports, body, contact);
  if (!checked.ok) return checked;
  const next = nextContact(contact, checked.value, op.agentId);
  if (!next.ok) return next;
  const early = body.name === 'contact.wrappedUp' ? await whyNotSold(tx, body) : undefined;
  if (early !== undefined) return refused(early);
  if (!isDeepStrictEqual(next.value, contact)) await putContact(tx, next.value);
  if (contact !== undefined) await tellDisclosed(tx, ports.auditKey, { op, contact, nowMs: ports.nowMs() });
  await followGrant(tx, checked.value, contact, next.value, ports.nowMs());
  return ok(null);
};

/** R41: whoever wraps up as "sold" has an order of this call that the customer confirmed, by central's own row of it. */
const whyNotSold = async (
  tx: Tx,
  { contactId, disposition }: Extract<ContactOp, { readonly name: 'contact.wrappedUp' }>,
): Promise<Refusal | undefined> => {
  const outcome = await outcomeOf(tx, disposition);
  return outcome === 'sold' ? whyNotOutcome(outcome, contactId, await workOfContact(tx, contactId)) : undefined;
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
