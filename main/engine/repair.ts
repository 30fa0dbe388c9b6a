import { conflictRules } from '../../shared/conflict.ts';
import type { DispositionPath, DispositionTree } from '../../shared/disposition.ts';
import { isComplete } from '../../shared/disposition.ts';
import type { NewId, OpId } from '../../shared/ids.ts';
import type { Op, OpBody } from '../../shared/op.ts';
import type { Result } from '../../shared/result.ts';
import { ok, refusal, refused } from '../../shared/result.ts';
import type { RefusedOp } from '../../shared/seat.ts';
import { storable } from '../../shared/text.ts';
import type { Clock } from './clock.ts';
import type { Log } from './log.ts';
import { dispositionTree } from './pop.ts';
import type { Seat } from './seat.ts';
import { contactById, putContact } from './store/contacts.ts';
import type { Db, ReadDb, WriteDb } from './store/db.ts';
import type { Quarantined } from './store/outbox.ts';
import { lastSeq } from './store/op-places.ts';
import { appendOp, confirmOp, quarantined, quarantinedOps } from './store/outbox.ts';
import { customerById } from './store/working-set.ts';

type Done = Result<Record<string, never>>;
export type Mended = { readonly note?: string; readonly disposition?: DispositionPath; readonly value?: string };

/**
 * What central refused waits here until the agent decides (security 86): the same again, changed, or given up with a reason, which central
 * is told. Central remembers a refusal by the op's id, so whatever is sent again is a new op of the same author.
 */
export interface Repair {
  view(): RefusedOp[];
  tree(opId: string): Result<{ tree: DispositionTree }>;
  retry(opId: string): Done;
  edit(opId: string, mended: Mended): Done;
  discard(opId: string, reason: string): Done;
}

export type RepairNeeds = {
  readonly db: Db;
  readonly seat: Seat;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly log: Log;
  /** These ops are on disk, and those shown as refused are others. */
  readonly changed: (added: readonly Op[]) => void;
};

const gone = refused(refusal('notFound', 'refusedOp'));

export const createRepair = ({ db, seat, clock, newId, log, changed }: RepairNeeds): Repair => {
  const write = (name: string, change: (write: WriteDb) => readonly Op[]): Done => {
    changed(db.write(name, change));
    return ok({});
  };
  const append = (to: WriteDb, like: Pick<Op, 'seatId' | 'agentId'>, body: OpBody): Op => {
    const seq = lastSeq(to) + 1;
    const op: Op = { id: newId() as OpId, seatId: like.seatId, seq, agentId: like.agentId, body };
    appendOp(to, op);
    return op;
  };
  /** Nothing of a contact stands without its opening: they go together, in their order. */
  const together = (op: Quarantined): readonly Quarantined[] => {
    const all = quarantinedOps(db.read, op.entity);
    return all.some((one) => one.op.body.name === 'contact.opened') ? all : [op];
  };
  const own = (opId: string): Result<Quarantined> => {
    const found = quarantined(db.read, opId);
    if (found === undefined) return gone;
    if (seat.session === null) return refused(refusal('unauthorised', 'signInFirst'));
    // What another agent wrote is theirs to change or give up; sending it again as it is harms nobody.
    return found.op.agentId === seat.session.agent.id ? ok(found) : refused(refusal('forbidden', 'opOfAnotherAgent'));
  };

  return {
    view: () => quarantinedOps(db.read).map((found) => shown(db.read, seat, found)),
    tree: (opId) => {
      const found = quarantined(db.read, opId);
      return found === undefined ? gone : ok({ tree: treeOf(db.read, found.op) });
    },
    retry: (opId) => {
      const found = quarantined(db.read, opId);
      if (found === undefined) return gone;
      const all = together(found);
      log.info('refused ops sent again', { ops: all.length });
      return write('send again', (to) => {
        for (const { op } of all) confirmOp(to, op.id);
        return all.map(({ op }) => append(to, op, op.body));
      });
    },
    edit: (opId, mended) => {
      const found = own(opId);
      if (!found.ok) return found;
      const { op } = found.value;
      const body = mend(db.read, op, mended, clock.nowMs());
      if (!body.ok) return body;
      log.info('refused op changed', { opId });
      return write('send changed', (to) => {
        confirmOp(to, op.id);
        const added = append(to, op, body.value);
        if (body.value.name === 'contact.wrappedUp') {
          const { contactId, note, disposition, forced } = body.value;
          const contact = contactById(to, contactId);
          if (contact !== undefined) putContact(to, { ...contact, note, disposition, forced });
        }
        return [added];
      });
    },
    discard: (opId, reason) => {
      const found = own(opId);
      if (!found.ok) return found;
      const why = storable(reason).trim();
      if (why === '') return refused(refusal('mandatory', 'reason'));
      const all = found.value.op.body.name === 'contact.opened' ? together(found.value) : [found.value];
      log.warn('refused ops given up', { ops: all.length });
      return write('give up', (to) => {
        for (const { op } of all) confirmOp(to, op.id);
        return all.map(({ op, kind, reason: said }) =>
          append(to, op, {
            ...{ name: 'op.discarded', opId: op.id, of: op.body.name, contactId: contactOf(op) },
            ...{ refused: said === null ? kind : `${kind}.${said}`, reason: why, atMs: clock.nowMs() },
          }),
        );
      });
    },
  };
};

const contactOf = ({ body }: Op) => ('contactId' in body ? body.contactId : null);

const treeOf = (db: ReadDb, op: Op): DispositionTree => {
  const contactId = contactOf(op);
  return dispositionTree(db, contactId === null ? undefined : contactById(db, contactId));
};

/** The op as the agent wants it now; what may not be changed stays. */
const mend = (db: ReadDb, op: Op, { note, disposition, value }: Mended, atMs: number): Result<OpBody> => {
  const { body } = op;
  switch (body.name) {
    case 'contact.wrappedUp': {
      const path = disposition ?? body.disposition;
      if (!isComplete(treeOf(db, op), path)) return refused(refusal('mandatory', 'disposition'));
      return ok({ ...body, disposition: path, note: storable(note ?? body.note), forced: false });
    }
    case 'customer.fieldSet':
      return ok({ ...body, value: storable(value ?? body.value), atMs });
    default:
      return refused(refusal('policy', 'notEditable'));
  }
};

const shown = (db: ReadDb, seat: Seat, { op, kind, reason }: Quarantined): RefusedOp => {
  const { body } = op;
  const contactId = contactOf(op);
  const contact = contactId === null ? undefined : contactById(db, contactId);
  const customerId = 'customerId' in body ? (body.customerId ?? null) : (contact?.customerId ?? null);
  const isOwn = seat.session?.agent.id === op.agentId;
  return {
    ...{ opId: op.id, name: body.name, contactId, atMs: body.atMs, kind, reason },
    repair: {
      customer: customerId === null ? null : (customerById(db, customerId)?.nameMasked ?? null),
      isOwn,
      edit: isOwn && conflictRules[body.name].mayEdit !== null ? editable(body) : null,
    },
  };
};

const editable = (body: OpBody): NonNullable<RefusedOp['repair']>['edit'] => {
  if (body.name === 'contact.wrappedUp') return { kind: 'wrapUp', note: body.note, disposition: body.disposition };
  return body.name === 'customer.fieldSet' ? { kind: 'field', key: body.key, value: body.value } : null;
};
