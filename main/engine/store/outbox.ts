import type { Op } from '../../../shared/op.ts';
import { entityOf } from '../../../shared/op.ts';
import type { RefusalKind } from '../../../shared/result.ts';
import type { ReadDb, WriteDb } from './db.ts';
import { keepNumberOf, placed } from './op-places.ts';

/** Ops written but not yet acknowledged by central, in the order of this seat. A refused one stays until it is repaired. */
export const appendOp = (db: WriteDb, op: Op): void => {
  const entity = entityOf(op);
  db.run('append op', appending, op.seq, op.id, entity, JSON.stringify(op), entity, entity, entity);
};

/**
 * Nothing of a contact can stand whose opening was refused. After any other refusal central decides op by op, by the same rule:
 * a disposition must not be lost because a verification record was not accepted.
 */
const blocked = `EXISTS (SELECT 1 FROM outbox INDEXED BY outbox_refused
  WHERE state = 'refused' AND entity = ? AND doc ->> '$.body.name' = 'contact.opened')`;

/** One statement: every one costs an op some microseconds, and those that nothing was refused of are nearly all. */
const appending = `INSERT INTO outbox (seq, op_id, entity, doc, state, kind, reason) VALUES (?, ?, ?, ?,
  iif(${blocked}, 'refused', 'waiting'), iif(${blocked}, 'conflict', NULL), iif(${blocked}, 'earlierRefused', NULL))`;

const isBlocked = (db: ReadDb, entity: string): boolean =>
  db.get<{ blocked: number }>('blocked entity', `SELECT ${blocked} AS blocked`, entity)?.blocked === 1;

/** In the order of this seat; a refusal of the customer's goes before everything else that waits (R22, conflict.ts). */
export const waitingOps = (db: ReadDb, limit: number): Op[] => {
  const first = waitingBy(db, `AND ${placed(ofKind('refusal'))}`, limit);
  if (first.length === limit) return first;
  return [...first, ...waitingBy(db, `AND NOT (${ofKind('refusal')})`, limit - first.length)];
};

/** About customers themselves, not about a contact. */
export const waitingCustomerOps = (db: ReadDb): Op[] =>
  waitingBy(db, `AND (${placed(ofKind('refusal'))} OR ${placed(ofKind('field'))})`, 1_000);

/** SQL, by the index: ';' comes right after ':'. */
const ofKind = (kind: string): string => `entity >= '${kind}:' AND entity < '${kind};'`;

const waitingBy = (db: ReadDb, which: string, limit: number): Op[] =>
  db
    .all<{ doc: string }>(
      'waiting ops',
      `SELECT doc FROM outbox WHERE state = 'waiting' ${which} ORDER BY seq LIMIT ?`,
      limit,
    )
    .map((row) => JSON.parse(row.doc) as Op);

/** Everything central has not taken, refused ops included. */
export const allOps = (db: ReadDb): Op[] =>
  db.all<{ doc: string }>('all ops', 'SELECT doc FROM outbox ORDER BY seq').map((row) => JSON.parse(row.doc) as Op);

export const countWaiting = (db: ReadDb): number =>
  db.get<{ n: number }>(
    'count waiting',
    "SELECT (SELECT count(*) FROM op_place) - (SELECT count(*) FROM outbox WHERE state = 'refused') AS n",
  )?.n ?? 0;

/** SQL: is there something of this contact that central does not know, or never will? */
export const unsynced = (contactId: string): string =>
  `EXISTS (SELECT 1 FROM outbox WHERE ${placed(`entity = 'contact:' || ${contactId}`)}
     AND (state = 'waiting' OR doc ->> '$.body.name' = 'contact.opened'))`;

export const confirmOp = (db: WriteDb, opId: string): void => {
  keepNumberOf(db, opId);
  db.run('confirm op', `DELETE FROM outbox WHERE ${placed('op_id = ?')}`, opId);
};

/** Marks an op refused, and with the opening of a contact everything of it that still waits. */
export const refuseOp = (db: WriteDb, opId: string, kind: RefusalKind, reason: string | null): void => {
  db.run(
    'refuse op',
    `UPDATE outbox SET state = 'refused', kind = ?, reason = ? WHERE ${placed('op_id = ?')}`,
    kind,
    reason,
    opId,
  );
  const row = db.get<{ entity: string }>('entity of op', 'SELECT entity FROM op_place WHERE op_id = ?', opId);
  if (row === undefined || !isBlocked(db, row.entity)) return;
  db.run(
    'refuse followers',
    `UPDATE outbox SET state = 'refused', kind = 'conflict', reason = 'earlierRefused'
     WHERE ${placed('entity = ?')} AND state = 'waiting'`,
    row.entity,
  );
};

/** Whether one with this number or a later one is refused: of a contact whose opening was, an op is so from the beginning. */
export const isRefusedFrom = (db: ReadDb, seq: number): boolean =>
  db.get<{ found: number }>(
    'refused from',
    "SELECT EXISTS (SELECT 1 FROM outbox INDEXED BY outbox_refused WHERE state = 'refused' AND seq >= ?) AS found",
    seq,
  )?.found === 1;

/** What central refused and why, newest first; of one entity: in the order of this seat. */
export type Quarantined = {
  readonly op: Op;
  readonly entity: string;
  readonly kind: RefusalKind;
  readonly reason: string | null;
};
type QuarantinedRow = Omit<Quarantined, 'op'> & { readonly doc: string };
const asQuarantined = ({ doc, ...rest }: QuarantinedRow): Quarantined => ({ op: JSON.parse(doc) as Op, ...rest });

export const quarantinedOps = (db: ReadDb, entity?: string): Quarantined[] =>
  (entity === undefined
    ? db.all<QuarantinedRow>(
        'refused ops',
        "SELECT doc, entity, kind, reason FROM outbox WHERE state = 'refused' ORDER BY seq DESC LIMIT 200",
      )
    : db.all<QuarantinedRow>(
        'refused ops of entity',
        "SELECT doc, entity, kind, reason FROM outbox WHERE state = 'refused' AND entity = ? ORDER BY seq",
        entity,
      )
  ).map(asQuarantined);

export const quarantined = (db: ReadDb, opId: string): Quarantined | undefined => {
  const row = db.get<QuarantinedRow>(
    'refused op',
    "SELECT doc, entity, kind, reason FROM outbox WHERE state = 'refused' AND op_id = ?",
    opId,
  );
  return row === undefined ? undefined : asQuarantined(row);
};
