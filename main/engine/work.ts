import type { WorkCalendar } from '../../shared/calendar.ts';
import { nextWorkingDay, shippedCalendar } from '../../shared/calendar.ts';
import { caseKinds } from '../../shared/case.ts';
import { leadDueOf } from '../../shared/case-escalation.ts';
import type { Contact } from '../../shared/contact.ts';
import type { AnyDispositionNode } from '../../shared/disposition.ts';
import { followUpOf } from '../../shared/follow-up.ts';
import type { ContactId, CustomerId, NewId, WorkId } from '../../shared/ids.ts';
import type { BesideOp } from '../../shared/op.ts';
import type { Result } from '../../shared/result.ts';
import { ok, refusal, refused } from '../../shared/result.ts';
import type { Handlers } from '../../shared/rpc.ts';
import type { SeatContract } from '../../shared/seat.ts';
import {
  byDue,
  isOpen,
  nextWork,
  noWork,
  type WorkOp,
  type WorkRow,
  type WorkView,
  type workCalls,
} from '../../shared/work.ts';
import { storable } from '../../shared/text.ts';
import { isAwaitingCentral } from '../../shared/order.ts';
import type { CentralClient } from './central-client.ts';
import type { Clock } from './clock.ts';
import type { Log } from './log.ts';
import { byOf, orderHandlers } from './orders.ts';
import type { RecordingMark } from '../../shared/disclosure.ts';
import { faultFields } from './log.ts';
import type { Seat } from './seat.ts';
import { findCustomer } from './seat.ts';
import type { Db, ReadDb, WriteDb } from './store/db.ts';
import { readFeed, writeFeed } from './store/meta.ts';
import { lastSeq } from './store/op-places.ts';
import { allWork, dropOwnWork, putOwnWork, replaceWork, settledWork, workById } from './store/work.ts';
import { customerById, targets, topicById } from './store/working-set.ts';
import type { Caller } from './windows.ts';

/** Obligations (R24), cases (R29) and orders (R30) of this seat. */
export interface Work {
  view(): WorkView;
  /** R28: what the disposition of the contact in hand brings about; its ops and rows belong to the wrap-up's own change. */
  follow(contact: Contact, nodes: readonly AnyDispositionNode[], note: string): Following;
  /** A sync round is over: asks central for its rows, if that is due. */
  caughtUp(): void;
  readonly handlers: Pick<Handlers<SeatContract, Caller>, keyof typeof workCalls>;
}

export type Following = { readonly besideOps: readonly BesideOp[]; readonly also: (write: WriteDb) => void };

export type WorkNeeds = {
  readonly db: Db;
  readonly seat: Seat;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly client: CentralClient;
  readonly log: Log;
  readonly changed: () => void;
  readonly mark: (atMs: number) => RecordingMark;
};

/** Nothing of this seat's waits for an answer: others' words may take so long. */
const calmMs = 30_000;
/** A customer's reply is waited for, in the call. */
const awaitingMs = 500;
const mostShown = 1_000;

const awaits = (db: ReadDb): boolean => allWork(db).some((row) => row.record === 'order' && isAwaitingCentral(row));

export const createWork = (needs: WorkNeeds): Work => {
  const commit = committer(needs);
  return {
    view: () => viewOf(needs),
    follow: (...of) => following(needs, ...of),
    caughtUp: asker(needs),
    handlers: { ...obligationHandlers(needs, commit), ...caseHandlers(needs, commit), ...orderHandlers(needs, commit) },
  };
};

const calendarOf = (db: ReadDb): WorkCalendar => readFeed(db, 'calendar') ?? shippedCalendar;
/** Ten in the morning: within every calling hour (R21). */
const callMinutes = 10 * 60;

/** Ops by the outcome, and their rows by the same rule as everything else; a rule's no leaves the wrap-up as it is. */
const following = (
  { db, seat, clock, newId }: WorkNeeds,
  { id: contactId, customerId, topicId }: Contact,
  nodes: readonly AnyDispositionNode[],
  note: string,
): Following => {
  const none: Following = { besideOps: [], also: () => {} };
  const { session } = seat;
  const leaf = nodes.at(-1);
  if (customerId === null || session === null || leaf === undefined) return none;
  const refuses = findCustomer(db.read, seat.work, customerId)?.refusesMarketing ?? false;
  const kind = followUpOf(leaf.outcome, contactId, allWork(db.read), refuses);
  if (kind === null) return none;
  const atMs = clock.nowMs();
  if (kind === 'refusal') return { ...none, besideOps: [{ name: 'customer.refused', customerId, contactId, atMs }] };
  const of = { workId: newId() as WorkId, atMs, customerId, contactId };
  const topic = topicId === null ? undefined : topicById(db.read, topicId)?.name;
  const department = targets(db.read).find((target) => target.kind === 'department')?.name.zh;
  const calendar = calendarOf(db.read);
  const promised = { caseId: null, what: note.slice(0, 400), dueAtMs: nextWorkingDay(calendar, atMs, callMinutes) };
  const op: WorkOp =
    kind === 'callback' || department === undefined
      ? { name: 'obligation.opened', ...of, ...promised, kind: 'callback' }
      : {
          ...{ name: 'case.opened', ...of, text: note.slice(0, 2_000), department: department.slice(0, 60) },
          kind: caseKinds.find((one) => one === leaf.id) ?? 'request',
          title: (topic?.zh ?? leaf.label.zh).slice(0, 120) || leaf.id,
        };
  const row = nextWork(undefined, op, byOf(db.read, session, undefined), calendar);
  if (!row.ok) return none;
  return { besideOps: [op], also: (write) => putOwnWork(write, row.value, lastSeq(write)) };
};

type Commit = (ops: readonly WorkOp[]) => Result<void>;

/** Rules first, then rows and outbox in one transaction. */
const committer =
  ({ db, seat, changed }: WorkNeeds): Commit =>
  (ops) => {
    if (seat.session === null) return refused(refusal('unauthorised', 'signInFirst'));
    const calendar = calendarOf(db.read);
    const made = new Map<string, WorkRow>();
    for (const op of ops) {
      const before = made.get(op.workId) ?? workById(db.read, op.workId);
      const next = nextWork(before, op, byOf(db.read, seat.session, before), calendar);
      if (!next.ok) return next;
      made.set(op.workId, next.value);
    }
    const done = seat.commit({
      besideOps: ops,
      also: (write) => {
        const rev = lastSeq(write);
        for (const row of made.values()) putOwnWork(write, row, rev);
      },
    });
    if (done.ok) changed();
    return done;
  };

const nothing = (done: Result<void>): Result<Record<string, never>> => (done.ok ? ok({}) : done);
/** The id goes back to whoever asked once everything is on disk. */
const withId = (done: Result<void>, workId: WorkId): Result<{ workId: WorkId }> => (done.ok ? ok({ workId }) : done);

const customerIn = (seat: Seat, contactId: ContactId): Result<CustomerId> => {
  const found = seat.inHand(contactId);
  if (!found.ok) return found;
  const { customerId } = found.value.contact;
  return customerId === null ? refused(refusal('conflict', 'customerFirst')) : ok(customerId);
};

const obligationHandlers = ({ db, seat, clock, newId }: WorkNeeds, commit: Commit) =>
  ({
    'obligation.open': ({ contactId, kind, what, dueAtMs }) => {
      const customer = customerIn(seat, contactId);
      if (!customer.ok) return customer;
      const of = { workId: newId() as WorkId, atMs: clock.nowMs(), customerId: customer.value, contactId };
      const op = { ...of, caseId: null, kind, what: storable(what), dueAtMs };
      return withId(commit([{ name: 'obligation.opened', ...op }]), of.workId);
    },
    'obligation.move': ({ workId, dueAtMs }) =>
      nothing(commit([{ name: 'obligation.moved', workId, dueAtMs, atMs: clock.nowMs() }])),
    'obligation.finish': ({ workId, outcome }) => {
      const atMs = clock.nowMs();
      const row = workById(db.read, workId);
      const about = row?.record === 'obligation' && row.caseId !== null ? workById(db.read, row.caseId) : undefined;
      const isTold = outcome === 'reached' && about?.record === 'case' && about.state === 'resolved';
      const closing: readonly WorkOp[] = isTold
        ? (['fedBack', 'closed'] as const).map((step) => ({
            ...{ name: 'case.stepped', workId: about.id, step, note: '', department: null, atMs },
          }))
        : [];
      return nothing(commit([{ name: 'obligation.done', workId, outcome, atMs }, ...closing]));
    },
  }) satisfies Partial<Work['handlers']>;

const caseHandlers = ({ db, seat, clock, newId }: WorkNeeds, commit: Commit) =>
  ({
    'case.open': ({ contactId, kind, title, text, department }) => {
      const customer = customerIn(seat, contactId);
      if (!customer.ok) return customer;
      if (title.trim() === '') return refused(refusal('mandatory', 'caseTitle'));
      if (department.trim() === '') return refused(refusal('mandatory', 'department'));
      const of = { workId: newId() as WorkId, atMs: clock.nowMs(), customerId: customer.value, contactId };
      const words = { title: storable(title.trim()), text: storable(text), department: storable(department.trim()) };
      return withId(commit([{ name: 'case.opened', ...of, kind, ...words }]), of.workId);
    },
    'case.step': ({ workId, step, note, department }) => {
      const atMs = clock.nowMs();
      const row = workById(db.read, workId);
      const where = department === null || department.trim() === '' ? null : storable(department.trim());
      const ops: WorkOp[] = [{ name: 'case.stepped', workId, step, note: storable(note), department: where, atMs }];
      // R29: the result is owed to the customer by the case's own day; once that is over, by the rule's.
      if (step === 'resolved' && row?.record === 'case')
        ops.push({
          ...{ name: 'obligation.opened', workId: newId() as WorkId, atMs, customerId: row.customerId },
          ...{ contactId: null, caseId: workId, kind: 'caseResult', what: storable(note).slice(0, 400) },
          dueAtMs: row.dueAtMs > atMs ? row.dueAtMs : null,
        });
      return nothing(commit(ops));
    },
    'case.escalate': ({ workId, level, note }) =>
      nothing(commit([{ name: 'case.escalated', workId, level, note: storable(note), atMs: clock.nowMs() }])),
    'case.take': ({ workId }) => nothing(commit([{ name: 'case.taken', workId, atMs: clock.nowMs() }])),
    'case.handBack': ({ workId, note }) =>
      nothing(commit([{ name: 'case.handedBack', workId, note: storable(note), atMs: clock.nowMs() }])),
  }) satisfies Partial<Work['handlers']>;

/** Of the store, or met in this call. Many rows are about the same few people. */
const names = ({ db, seat }: Pick<WorkNeeds, 'db' | 'seat'>): ((id: CustomerId) => string | null) => {
  const known = new Map<CustomerId, string | null>();
  return (id) => {
    const before = known.get(id);
    if (before !== undefined) return before;
    const customer = customerById(db.read, id) ?? seat.work?.met.get(id)?.customer;
    const name = customer?.nameMasked ?? null;
    known.set(id, name);
    return name;
  };
};

/** What breaches first is in front; what is done comes last, the newest first. */
const viewOf = ({ db, seat, clock }: WorkNeeds): WorkView => {
  const { session } = seat;
  if (session === null) return noWork;
  const all = allWork(db.read).filter((row) => row.record !== 'obligation' || row.agentId === session.agent.id);
  const open = all.filter(isOpen).toSorted(byDue);
  const calendar = calendarOf(db.read);
  const over = all.filter((row) => !isOpen(row)).toSorted((one, other) => byDue(other, one));
  const nameOf = names({ db, seat });
  return {
    rows: [...open, ...over].slice(0, mostShown).map((row) => ({
      row,
      customer: nameOf(row.customerId),
      ...(row.record === 'case' ? { leadDue: leadDueOf(row, calendar) } : {}),
    })),
    nextCallMs: nextWorkingDay(calendar, clock.nowMs(), callMinutes),
    missingYear: open.find((row) => row.missingYear !== null)?.missingYear ?? null,
  };
};

/** One request at a time; own rows leave once central's answer was asked for after it had taken all of their ops. */
const asker = ({ db, seat, clock, client, log, changed }: WorkNeeds): (() => void) => {
  let isAsking = false;
  let askedAtMs = Number.NEGATIVE_INFINITY;
  let askedBy = '';
  const ask = async (token: string): Promise<void> => {
    const settled = settledWork(db.read);
    const answer = await client.call('work', { mark: readFeed(db.read, 'workMark') ?? '', orders: 'yes' }, token);
    if (seat.session?.token !== token) return;
    // A central of before has no such route: the seat's own rows stay with it.
    if (!answer.ok) return log.debug('work not told', { kind: answer.error.kind });
    const { mark, rows, orders = [], calendar } = answer.value;
    db.fill('work', (write) => {
      if (rows !== null) replaceWork(write, [...rows, ...orders]);
      writeFeed(write, 'workMark', mark);
      writeFeed(write, 'calendar', calendar);
    });
    if (settled.length > 0) db.write('own work told by central', (write) => dropOwnWork(write, settled));
    if (rows !== null || settled.length > 0) changed();
  };
  return () => {
    const token = seat.session?.token;
    const nowMs = clock.nowMs();
    if (token === undefined || isAsking) return;
    const isCalm = nowMs - askedAtMs < (awaits(db.read) ? awaitingMs : calmMs);
    if (token === askedBy && isCalm && settledWork(db.read).length === 0) return;
    isAsking = true;
    askedBy = token;
    askedAtMs = nowMs;
    void ask(token)
      .catch((fault: unknown) => log.error('work could not be kept', faultFields(fault)))
      .finally(() => (isAsking = false));
  };
};
