import { nextWorkingDay, shippedCalendar } from '../../../shared/calendar.ts';
import { leadDueOf } from '../../../shared/case-escalation.ts';
import type { Contact } from '../../../shared/contact.ts';
import type { AgentId, CustomerId, NewId, WorkId } from '../../../shared/ids.ts';
import type { Order } from '../../../shared/order.ts';
import { ok, refusal, refused, type Result } from '../../../shared/result.ts';
import type { Handlers } from '../../../shared/rpc.ts';
import type { SeatContract } from '../../../shared/seat.ts';
import {
  byDue,
  isOpen,
  nextWork,
  type WorkOp,
  type WorkRow,
  type WorkView,
  type workCalls,
} from '../../../shared/work.ts';

type Needs = {
  readonly agentId: AgentId;
  readonly role: () => 'agent' | 'lead' | 'manager';
  readonly nowMs: () => number;
  readonly newId: NewId;
  readonly inHand: () => Contact | null;
  readonly nameOf: (id: CustomerId) => string | null;
  /** Mandatory items not told in the call. */
  readonly missing: () => number;
  readonly changed: () => void;
};

/** Obligations and cases of the fake engine: the shared rule over rows in memory. */
export const fakeWork = ({ agentId, role, nowMs, newId, inHand, nameOf, missing, changed }: Needs) => {
  const rows = new Map<string, WorkRow>();
  const run = (...ops: readonly WorkOp[]): Result<{ workId: WorkId }> => {
    for (const op of ops) {
      const next = nextWork(
        rows.get(op.workId),
        op,
        { agentId, role: role(), name: '林小满', missing: missing() },
        shippedCalendar,
      );
      if (!next.ok) return next;
      rows.set(op.workId, next.value);
    }
    changed();
    return ok({ workId: ops[0]?.workId ?? (newId() as WorkId) });
  };
  const done = (result: Result<unknown>): Result<Record<string, never>> => (result.ok ? ok({}) : result);
  const handlers: Pick<Handlers<SeatContract, { readonly role: string }>, keyof typeof workCalls> = {
    'obligation.open': ({ contactId, ...asked }) => {
      const customerId = inHand()?.customerId ?? null;
      if (customerId === null) return refused(refusal('conflict', 'customerFirst'));
      const of = { workId: newId() as WorkId, atMs: nowMs(), customerId, contactId, caseId: null };
      return run({ name: 'obligation.opened', ...of, ...asked });
    },
    'obligation.move': ({ workId, dueAtMs }) => done(run({ name: 'obligation.moved', workId, dueAtMs, atMs: nowMs() })),
    'obligation.finish': ({ workId, outcome }) =>
      done(run({ name: 'obligation.done', workId, outcome, atMs: nowMs() })),
    'case.open': ({ contactId, ...asked }) => {
      const customerId = inHand()?.customerId ?? null;
      if (customerId === null) return refused(refusal('conflict', 'customerFirst'));
      if (asked.title === '') return refused(refusal('mandatory', 'caseTitle'));
      return run({ name: 'case.opened', workId: newId() as WorkId, atMs: nowMs(), customerId, contactId, ...asked });
    },
    'order.open': ({ contactId, name, flow, payment, delivery, note }) => {
      const contact = inHand();
      if (contact?.customerId == null) return refused(refusal('conflict', 'customerFirst'));
      const of = { workId: newId() as WorkId, atMs: nowMs() };
      const offer = { name, tariffId: flow === 'lead' ? null : 'T-10G' };
      const script = flow === 'lead' ? null : contact.script;
      const { customerId } = contact;
      const op = { ...of, customerId, contactId, flow, offer, script, payment, delivery, note };
      const told: WorkOp = { name: 'order.stepped', ...of, step: 'disclosed', note: '', mark: null };
      return run({ name: 'order.opened', ...op }, ...(flow !== 'lead' && missing() === 0 ? [told] : []));
    },
    'order.step': ({ workId, step, note }) =>
      done(run({ name: 'order.stepped', workId, atMs: nowMs(), step, note, mark: null })),
    'case.step': ({ workId, ...step }) => done(run({ name: 'case.stepped', workId, atMs: nowMs(), ...step })),
    'case.escalate': (asked) => done(run({ name: 'case.escalated', atMs: nowMs(), ...asked })),
    'case.take': (asked) => done(run({ name: 'case.taken', atMs: nowMs(), ...asked })),
    'case.handBack': (asked) => done(run({ name: 'case.handedBack', atMs: nowMs(), ...asked })),
  };
  return {
    handlers,
    /** A row as central would tell it. */
    put: (row: WorkRow): void => {
      rows.set(row.id, row);
      changed();
    },
    rows: () => [...rows.values()],
    /** What central does by itself of a sale. */
    central: (change: (order: Order) => Order): void => {
      for (const row of rows.values()) if (row.record === 'order') rows.set(row.id, change(row));
      changed();
    },
    view: (): WorkView => {
      const all = [...rows.values()].toSorted(
        (one, other) => Number(isOpen(other)) - Number(isOpen(one)) || byDue(one, other),
      );
      return {
        rows: all.map((row) => ({
          row,
          customer: nameOf(row.customerId),
          ...(row.record === 'case' ? { leadDue: leadDueOf(row, shippedCalendar) } : {}),
        })),
        nextCallMs: nextWorkingDay(shippedCalendar, nowMs(), 600),
        missingYear: all.find((row) => row.missingYear !== null)?.missingYear ?? null,
      };
    },
  };
};
