import { z } from 'zod';
import type { SeatReportRequest, SeatReportResponse, SignInRequest } from '../shared/central-api.ts';
import { OpId } from '../shared/ids.ts';
import type { Refusal, Result } from '../shared/result.ts';
import { ok, refusal, refused } from '../shared/result.ts';
import { keyedProtocol } from '../shared/seat-proof.ts';
import type { SeatOrder, SeatReceipt, SeatStatus } from '../shared/seat-order.ts';
import type { Log } from './ambient.ts';
import { audit } from './audit.ts';
import type { Db, Tx } from './db.ts';
import { asJson, firstRow, rows, run, statement, transaction } from './db.ts';
import { holdsNothing } from './holdings.ts';
import type { From } from './http.ts';
import { tellEnded } from './live.ts';
import type { ArrivedOp, OpResult } from './ops.ts';
import { signedOut } from './presence.ts';
import { sealTo, unsealed } from './seal.ts';
import type { Secrets } from './secrets.ts';
import { sameText } from './secrets.ts';

/**
 * The seats central knows, what it last heard of each, and the orders they are under (security 34, 44, 47). A seat under an order is held
 * here: its sessions end, nobody signs in there, and what it still does by itself reaches nobody.
 */
export type SeatRow = {
  readonly seatId: string;
  readonly agentId: string;
  readonly agentNumber: string;
  readonly agentName: string;
  readonly seenAtMs: number;
  readonly protocol: number;
  /** Ops it had and central did not, when it last said so. */
  readonly waiting: number | null;
  readonly held: number;
  readonly lookedUp: number;
  readonly status: SeatStatus;
};

export const seatsNow = (db: Db): Promise<readonly SeatRow[]> =>
  rows(
    db,
    statement<SeatRow>`
      select seat.id as "seatId", seat.agent_id as "agentId", coalesce(agent.number, '') as "agentNumber",
        coalesce(agent.name, '') as "agentName", seat.seen_at_ms as "seenAtMs", seat.protocol, seat.waiting, seat.status,
        (select count(*)::int from seat_holding where seat_id = seat.id) as held,
        (select count(*)::int from seat_lookup where seat_id = seat.id) as "lookedUp"
      from seat left join agent on agent.id = seat.agent_id order by seat.seen_at_ms desc, seat.id limit 10000`,
  );

/** What a seat says of itself at every sign-in. */
export type AtSeat = Pick<z.output<typeof SignInRequest>, 'seatId' | 'seatSecret' | 'seatKey' | 'protocol'>;

type Known = { readonly secret: string | null; readonly key: string | null; readonly status: SeatStatus };
const known = (db: Db, seatId: string): Promise<Known | undefined> =>
  firstRow(db, statement<Known>`select secret, key, status from seat where id = ${seatId}`);

/** What it holds is shown to those who see the seat; the lists themselves are of no tenant. */
export const isKnownSeat = async (db: Db, seatId: string): Promise<boolean> => (await known(db, seatId)) !== undefined;

const proof = ({ mark }: Secrets, seatId: string, secret: string): string => mark(`seat ${seatId}`, secret);

/** Whose seat it is: the tenant's whose agent was the last to work there. */
export const tenantOfSeat = async (db: Db, seatId: string): Promise<string | undefined> =>
  (
    await firstRow(
      db,
      statement<{ tenant: string }>`
        select agent.tenant from seat join agent on agent.id = seat.agent_id where seat.id = ${seatId}`,
    )
  )?.tenant;

/** A seat that may hold customers of one tenant takes no agent of another (R39): it is wiped first. */
export const whyOtherTenant = async (
  db: Db,
  { seatId, agentNumber }: Pick<z.output<typeof SignInRequest>, 'seatId' | 'agentNumber'>,
): Promise<Refusal | undefined> => {
  const other = await firstRow(
    db,
    statement`
      select 1 as one from seat
        join agent as last on last.id = seat.agent_id
        join agent as next on next.number = ${agentNumber}
      where seat.id = ${seatId} and last.tenant <> next.tenant
        and exists (select 1 from seat_holding where seat_id = seat.id union all
          select 1 from seat_lookup where seat_id = seat.id)`,
  );
  return other === undefined ? undefined : refusal('forbidden', 'otherTenant');
};

/** Why nobody may sign in at this seat, or undefined. */
export const whyNotAtSeat = async (
  { db, secrets, lowestProtocol }: { readonly db: Db; readonly secrets: Secrets; readonly lowestProtocol: number },
  { seatId, seatSecret, seatKey }: AtSeat,
  { whyNotSignedWith }: From,
): Promise<Refusal | undefined> => {
  if (seatKey === undefined && lowestProtocol >= keyedProtocol) return refusal('tooOld', 'updateNeeded');
  const whyNot = seatKey === undefined ? undefined : whyNotSignedWith(seatKey);
  if (whyNot !== undefined) return whyNot;
  const seat = await known(db, seatId);
  if (seat === undefined) return undefined;
  if (seat.status !== 'open') return refusal('locked', 'seatLocked');
  if (seat.key !== null && seat.key !== seatKey) return refusal('forbidden', 'seatUnknown');
  if (seat.secret === null) return undefined;
  const isIt = seatSecret !== undefined && sameText(proof(secrets, seatId, seatSecret), seat.secret);
  return isIt ? undefined : refusal('forbidden', 'seatUnknown');
};

export const seatSignedIn = (
  db: Db,
  secrets: Secrets,
  { seatId, seatSecret, seatKey, protocol }: AtSeat,
  { agentId, nowMs }: { readonly agentId: string; readonly nowMs: number },
): Promise<void> => {
  const secret = seatSecret === undefined ? null : proof(secrets, seatId, seatSecret);
  return run(
    db,
    statement`
      insert into seat (id, secret, key, agent_id, protocol, first_seen_at_ms, seen_at_ms)
      values (${seatId}, ${secret}, ${seatKey ?? null}, ${agentId}, ${protocol}, ${nowMs}, ${nowMs})
      on conflict (id) do update set secret = coalesce(seat.secret, excluded.secret),
        key = coalesce(seat.key, excluded.key), agent_id = excluded.agent_id,
        protocol = excluded.protocol, seen_at_ms = excluded.seen_at_ms`,
  );
};

const seenEveryMs = 15_000;

/** A sign of life. Written when it says something new, and now and then: a poll that finds nothing costs no write. */
export const seatSeen = (
  db: Db,
  seatId: string,
  { waiting, nowMs }: { readonly waiting: number | undefined; readonly nowMs: number },
): Promise<void> =>
  run(
    db,
    statement`
      update seat set seen_at_ms = ${nowMs}, waiting = coalesce(${waiting ?? null}::bigint, waiting)
      where id = ${seatId} and (seen_at_ms < ${nowMs - seenEveryMs}
        or waiting is distinct from coalesce(${waiting ?? null}::bigint, waiting))`,
  );

export type Ordered = {
  readonly seatId: string;
  readonly kind: 'lock' | 'wipe' | 'unlock';
  readonly reason: string;
  /** Agent id of who ordered it, or `operator` from the command line. */
  readonly by: string;
};

/**
 * Puts a seat under an order. Its sessions end at once and what it sends as an agent is refused from then on; it learns why when it
 * reports by itself, which it does as soon as it notices.
 */
export const orderSeat = (
  db: Db,
  secrets: Secrets,
  { seatId, kind, reason, by }: Ordered,
  { id, nowMs }: { readonly id: string; readonly nowMs: number },
): Promise<Result<{ readonly status: SeatStatus }>> =>
  transaction(db, async (tx) => {
    const seat = await firstRow(
      tx,
      statement<{ status: SeatStatus }>`select status from seat where id = ${seatId} for update`,
    );
    if (seat === undefined) return refused(refusal('notFound', 'seat'));
    const isOver = seat.status === 'wiping' || seat.status === 'wiped';
    if (isOver) return kind === 'wipe' ? ok({ status: seat.status }) : refused(refusal('conflict', 'seatWiped'));
    if ((kind === 'unlock') === (seat.status === 'open') && kind !== 'wipe') return ok({ status: seat.status });
    const status = kind === 'lock' ? 'locked' : kind === 'wipe' ? 'wiping' : 'open';
    await run(
      tx,
      statement`update seat_order set done_at_ms = ${nowMs} where seat_id = ${seatId} and done_at_ms is null`,
    );
    await run(
      tx,
      statement`
        insert into seat_order (id, seat_id, kind, reason, ordered_by, ordered_at_ms, done_at_ms)
        values (${id}, ${seatId}, ${kind}, ${reason}, ${by}, ${nowMs}, ${kind === 'unlock' ? nowMs : null})`,
    );
    await run(tx, statement`update seat set status = ${status} where id = ${seatId}`);
    if (kind !== 'unlock') await endSessions(tx, seatId, nowMs);
    await note(tx, secrets, { seatId, agentId: by, nowMs, result: `${kind} ${id}: ${reason}` });
    return ok({ status });
  });

const endSessions = async (tx: Tx, seatId: string, nowMs: number): Promise<void> => {
  const ended = await rows(
    tx,
    statement<{ id: string; agentId: string }>`
      update session set ended_at_ms = ${nowMs} where seat_id = ${seatId} and ended_at_ms is null
      returning id, agent_id as "agentId"`,
  );
  for (const { id, agentId } of ended) {
    await signedOut(tx, agentId, id);
    await tellEnded(tx, id, 'unauthorised');
  }
};

const note = (
  tx: Tx,
  { auditKey }: Secrets,
  { seatId, agentId, nowMs, result }: { seatId: string; agentId: string; nowMs: number; result: string },
): Promise<void> =>
  audit(tx, auditKey, [
    { atMs: nowMs, agentId, seatId, contactId: null, customerId: null, kind: 'seat', factor: null, result },
  ]);

type ReportPorts = {
  readonly db: Db;
  readonly log: Log;
  readonly secrets: Secrets;
  readonly nowMs: number;
  /** Ops of any agent who has worked at the seat, brought by the seat itself. */
  readonly take: (ops: readonly ArrivedOp[]) => Promise<readonly OpResult[]>;
  readonly from: From;
};

/** The seat speaks for itself, without an agent. */
export const seatReport = async (
  ports: ReportPorts,
  asked: Omit<z.output<typeof SeatReportRequest>, 'ops'> & { readonly ops?: readonly ArrivedOp[] | undefined },
): Promise<Result<z.input<typeof SeatReportResponse>>> => {
  const { db, secrets, nowMs } = ports;
  const { seatId, receipt, sealed } = asked;
  const seat = await known(db, seatId);
  // The same answer whether there is no such seat or it is another one: nobody learns which seats there are.
  const isIt = seat?.secret != null && sameText(proof(secrets, seatId, asked.seatSecret), seat.secret);
  // A wiped seat has no secret any more: the order's id, which only that seat was told, speaks for its receipt and for nothing else.
  const isWiped = !isIt && receipt !== undefined && asked.seatSecret === receipt.orderId && asked.ops === undefined;
  if (seat === undefined || !(isIt || (isWiped && (await wasOrdered(db, seatId, receipt.orderId)))))
    return refused(refusal('forbidden', 'seatUnknown'));
  const whyNot = isIt && seat.key !== null ? ports.from.whyNotSignedWith(seat.key) : undefined;
  if (whyNot !== undefined) return refused(whyNot);
  await seatSeen(db, seatId, { waiting: asked.waiting, nowMs });
  if (sealed !== undefined && !(await takeSealed(ports, seatId, sealed)))
    return refused(refusal('invalid', 'sealBroken'));
  const results = asked.ops === undefined ? [] : await ports.take(asked.ops);
  if (receipt !== undefined) await takeReceipt(ports, seatId, receipt);
  const now = await known(db, seatId);
  return ok({
    status: now?.status ?? seat.status,
    order: (await orderOf(ports, seatId)) ?? null,
    results: [...results],
  });
};

const Sealed = z.object({ ops: z.array(z.looseObject({ id: OpId })).max(100_000) });

/** In the order it was sealed; what is refused stays in the record of ops, for there is no seat to show it to. */
const takeSealed = async ({ secrets, take, log }: ReportPorts, seatId: string, box: string): Promise<boolean> => {
  const text = unsealed(secrets.sealKey, box);
  if (text === undefined) return false;
  const { ops } = Sealed.parse(JSON.parse(text));
  const results = await take(ops);
  log.info(
    { seatId, ops: ops.length, refused: results.filter((one) => one.outcome === 'refused').length },
    'sealed ops',
  );
  return true;
};

const orderOf = async ({ db, secrets, nowMs }: ReportPorts, seatId: string): Promise<SeatOrder | undefined> => {
  const order = await firstRow(
    db,
    statement<{ id: string; kind: SeatOrder['kind']; atMs: number; toldAtMs: number | null }>`
      select id, kind, ordered_at_ms as "atMs", told_at_ms as "toldAtMs" from seat_order
      where seat_id = ${seatId} and done_at_ms is null order by ordered_at_ms desc, id desc limit 1`,
  );
  if (order === undefined) return undefined;
  if (order.toldAtMs === null)
    await run(db, statement`update seat_order set told_at_ms = ${nowMs} where id = ${order.id}`);
  return { id: order.id, kind: order.kind, atMs: order.atMs, sealTo: sealTo(secrets.sealKey) };
};

const wasOrdered = async (db: Db, seatId: string, orderId: string): Promise<boolean> =>
  (await firstRow(
    db,
    statement`select 1 as one from seat_order where seat_id = ${seatId} and id = ${orderId} and kind = 'wipe'`,
  )) !== undefined;

/** Once; the same receipt again changes nothing. */
const takeReceipt = ({ db, secrets, nowMs, log }: ReportPorts, seatId: string, receipt: SeatReceipt): Promise<void> =>
  transaction(db, async (tx) => {
    const order = await firstRow(
      tx,
      statement<{ kind: 'lock' | 'wipe' }>`
        update seat_order set done_at_ms = ${nowMs}, receipt = ${asJson(receipt)}::json
        where id = ${receipt.orderId} and seat_id = ${seatId} and done_at_ms is null and kind in ('lock', 'wipe')
        returning kind`,
    );
    if (order === undefined) return;
    if (order.kind === 'wipe' && receipt.outcome === 'wiped') {
      await run(
        tx,
        statement`update seat set status = 'wiped', waiting = 0, secret = null, key = null where id = ${seatId}`,
      );
      await holdsNothing(tx, seatId);
    }
    log.info({ seatId, outcome: receipt.outcome }, 'the seat obeyed');
    await note(tx, secrets, { seatId, agentId: 'seat', nowMs, result: `${receipt.outcome} ${receipt.orderId}` });
  });
