import { itemsOf, missingOf, type RecordingMark } from '../../shared/disclosure.ts';
import type { Contact } from '../../shared/contact.ts';
import type { NewId, WorkId } from '../../shared/ids.ts';
import type { Order, OrderBy } from '../../shared/order.ts';
import type { Result } from '../../shared/result.ts';
import { ok, refusal, refused } from '../../shared/result.ts';
import type { Handlers } from '../../shared/rpc.ts';
import type { Script } from '../../shared/script.ts';
import type { SeatContract } from '../../shared/seat.ts';
import { storable } from '../../shared/text.ts';
import type { WorkOp, WorkRow } from '../../shared/work.ts';
import type { Clock } from './clock.ts';
import type { Seat, Signed } from './seat.ts';
import { contactById } from './store/contacts.ts';
import type { Db, ReadDb } from './store/db.ts';
import { workById } from './store/work.ts';
import { scriptAt } from './store/working-set.ts';
import type { Caller } from './windows.ts';

type Needs = {
  readonly db: Db;
  readonly seat: Seat;
  readonly clock: Clock;
  readonly newId: NewId;
  /** Where in the recording of the call in hand this moment is (R42). */
  readonly mark: (atMs: number) => RecordingMark;
};

/** As far as the seat knows: central has the ledger, and the last word. */
export const byOf = (db: ReadDb, { agent }: Pick<Signed, 'agent'>, before: WorkRow | undefined): OrderBy => ({
  agentId: agent.id,
  role: agent.role,
  name: agent.name,
  missing: before?.record === 'order' ? missingFor(db, before) : 0,
});

const missingFor = (db: ReadDb, { contactId, script: pinned }: Order): number => {
  const contact = contactById(db, contactId);
  const script = pinned === null ? undefined : scriptAt(db, pinned.id, pinned.version);
  if (contact === undefined || script === undefined) return 1;
  const isSame = contact.script?.id === pinned?.id && contact.script?.version === pinned?.version;
  return missingOf(script, isSame ? (contact.told ?? []) : []).length;
};

/** The script of a tariff that this call goes by; nothing else can be sold in it. */
const tariffScript = (db: ReadDb, { script: pinned }: Contact): Script | undefined => {
  const script = pinned === null ? undefined : scriptAt(db, pinned.id, pinned.version);
  return script?.tariffId !== undefined && itemsOf(script).length > 0 ? script : undefined;
};

type Commit = (ops: readonly WorkOp[]) => Result<void>;

/** Orders (R30) and the agent's part of the sale loop (R41). */
export const orderHandlers = ({ db, seat, clock, newId, mark }: Needs, commit: Commit) =>
  ({
    'order.open': ({ contactId, flow, name, payment, delivery, note }) => {
      const found = seat.inHand(contactId);
      if (!found.ok) return found;
      const { contact } = found.value;
      if (contact.customerId === null) return refused(refusal('conflict', 'customerFirst'));
      if (name.trim() === '') return refused(refusal('mandatory', 'orderName'));
      const script = tariffScript(db.read, contact);
      const of = { workId: newId() as WorkId, atMs: clock.nowMs() };
      const op: WorkOp = {
        ...{ name: 'order.opened', ...of, customerId: contact.customerId, contactId, flow, payment, delivery },
        offer: { name: storable(name.trim()).slice(0, 120), tariffId: script?.tariffId ?? null },
        script: script === undefined ? null : { id: script.id, version: script.version },
        note: storable(note),
      };
      const isAllTold = script !== undefined && missingOf(script, contact.told ?? []).length === 0;
      const told: readonly WorkOp[] =
        flow !== 'lead' && isAllTold ? [{ name: 'order.stepped', ...of, step: 'disclosed', note: '', mark: null }] : [];
      const done = commit([op, ...told]);
      return done.ok ? ok({ workId: of.workId }) : done;
    },
    'order.step': ({ workId, step, note }) => {
      const row = workById(db.read, workId);
      const order = row?.record === 'order' ? row : undefined;
      const atMs = clock.nowMs();
      const isInHand = order !== undefined && seat.work?.contact.id === order.contactId;
      const one: WorkOp = {
        ...{ name: 'order.stepped', workId, atMs, step, note: storable(note) },
        mark: step === 'consented' ? (isInHand ? mark(atMs) : { recording: 'unknown', offsetMs: null }) : null,
      };
      const done = commit([...before(order, one), one, ...after(order, one, seat.session, newId)]);
      return done.ok ? ok({}) : done;
    },
  }) satisfies Partial<Handlers<SeatContract, Caller>>;

type Stepped = Extract<WorkOp, { readonly name: 'order.stepped' }>;

/** The last item was told after the order was opened: the customer's yes says so as well. */
const before = (order: Order | undefined, op: Stepped): readonly WorkOp[] =>
  op.step === 'consented' && order?.sale?.kind === 'disclosing'
    ? [{ ...op, step: 'disclosed', note: '', mark: null }]
    : [];

/** R24: who got a new service is asked how it goes, one to two months later. */
const after = (
  order: Order | undefined,
  { step, atMs }: Stepped,
  session: Signed | null,
  newId: NewId,
): readonly WorkOp[] => {
  if (step !== 'provisioned' || order === undefined || order.agentId !== session?.agent.id) return [];
  const { customerId, contactId, offer } = order;
  const of = { workId: newId() as WorkId, atMs, customerId, contactId, caseId: null };
  return [{ name: 'obligation.opened', ...of, kind: 'newService', what: offer.name, dueAtMs: null }];
};
