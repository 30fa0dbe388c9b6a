import type { WorkCalendar } from '../../shared/calendar.ts';
import { shippedCalendar } from '../../shared/calendar.ts';
import type { ContactId, CustomerId, NewId, WorkId } from '../../shared/ids.ts';
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
import type { CentralClient } from './central-client.ts';
import type { Clock } from './clock.ts';
import type { Log } from './log.ts';
import { faultFields } from './log.ts';
import type { Seat } from './seat.ts';
import { findCustomer } from './seat.ts';
import type { Db } from './store/db.ts';
import { readFeed, readMeta, writeFeed } from './store/meta.ts';
import { allWork, dropOwnWork, putOwnWork, replaceWork, settledWork, workById } from './store/work.ts';
import type { Caller } from './windows.ts';

/** Obligations (R24) and cases (R29) of this seat. */
export interface Work {
  view(): WorkView;
  /** A sync round is over: asks central for its rows, if that is due. */
  caughtUp(): void;
  readonly handlers: Pick<Handlers<SeatContract, Caller>, keyof typeof workCalls>;
}

export type WorkNeeds = {
  readonly db: Db;
  readonly seat: Seat;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly client: CentralClient;
  readonly log: Log;
  readonly changed: () => void;
};

/** Nothing of this seat's waits for an answer: others' words may take so long. */
const calmMs = 30_000;
const mostShown = 1_000;

export const createWork = (needs: WorkNeeds): Work => {
  const commit = committer(needs);
  return {
    view: () => viewOf(needs.db, needs.seat),
    caughtUp: asker(needs),
    handlers: { ...obligationHandlers(needs, commit), ...caseHandlers(needs, commit) },
  };
};

type Commit = (ops: readonly WorkOp[]) => Result<void>;

/** Rules first, then rows and outbox in one transaction. */
const committer =
  ({ db, seat, changed }: WorkNeeds): Commit =>
  (ops) => {
    if (seat.session === null) return refused(refusal('unauthorised', 'signInFirst'));
    const { agent } = seat.session;
    const calendar: WorkCalendar = readFeed(db.read, 'calendar') ?? shippedCalendar;
    const made = new Map<string, WorkRow>();
    for (const op of ops) {
      const next = nextWork(made.get(op.workId) ?? workById(db.read, op.workId), op, agent.id, calendar);
      if (!next.ok) return next;
      made.set(op.workId, next.value);
    }
    const done = seat.commit({
      besideOps: ops,
      also: (write) => {
        const rev = readMeta(write, 'seq') ?? 0;
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
  }) satisfies Partial<Work['handlers']>;

/** What breaches first is in front; what is done comes last, the newest first. */
const viewOf = (db: Db, seat: Seat): WorkView => {
  const { session } = seat;
  if (session === null) return noWork;
  const all = allWork(db.read).filter((row) => row.record === 'case' || row.agentId === session.agent.id);
  const open = all.filter(isOpen).toSorted(byDue);
  const over = all.filter((row) => !isOpen(row)).toSorted((one, other) => byDue(other, one));
  return {
    rows: [...open, ...over].slice(0, mostShown).map((row) => ({
      row,
      customer: findCustomer(db.read, seat.work, row.customerId)?.nameMasked ?? null,
    })),
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
    const answer = await client.call('work', { mark: readFeed(db.read, 'workMark') ?? '' }, token);
    if (seat.session?.token !== token) return;
    // A central of before has no such route: the seat's own rows stay with it.
    if (!answer.ok) return log.debug('work not told', { kind: answer.error.kind });
    const { mark, rows, calendar } = answer.value;
    db.fill('work', (write) => {
      if (rows !== null) replaceWork(write, rows);
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
    if (token === askedBy && nowMs - askedAtMs < calmMs && settledWork(db.read).length === 0) return;
    isAsking = true;
    askedBy = token;
    askedAtMs = nowMs;
    void ask(token)
      .catch((fault: unknown) => log.error('work could not be kept', faultFields(fault)))
      .finally(() => (isAsking = false));
  };
};
