import type { Contact } from '../../shared/contact.ts';
import type { Customer, Notice, PastContact, QueryClass } from '../../shared/customer.ts';
import type { AnyDispositionNode, DispositionTree } from '../../shared/disposition.ts';
import { type OutcomeUse, recentOf, withUse } from '../../shared/disposition-search.ts';
import type { AgentId, CustomerId } from '../../shared/ids.ts';
import { parseNumber, printable } from '../../shared/phone-number.ts';
import type { ContactView, PopMatch } from '../../shared/seat.ts';
import { opens } from '../../shared/verification.ts';
import type { CentralClient } from './central-client.ts';
import type { Clock } from './clock.ts';
import { scriptView } from './script.ts';
import type { Candidates, Met, Seat, Work } from './seat.ts';
import { findCustomer, notVerifying } from './seat.ts';
import { draftOf, pastOf } from './store/contacts.ts';
import { spokenLabel } from './pinyin.ts';
import type { ReadDb, WriteDb } from './store/db.ts';
import { readMeta, writeMeta } from './store/meta.ts';
import { customerById, customersByNumber, noticesAt, treeFor } from './store/working-set.ts';
import { failuresOf } from './verification.ts';

const lastContacts = 20;
/** Central's look-up for a caller outside the working set; the pop is on the screen meanwhile. */
const lookupMs = 2_000;

export type Caller = {
  /** As the contact keeps it: E.164 key, what was presented, or '' when withheld. */
  readonly number: string;
  readonly candidates: Candidates;
  readonly met: ReadonlyMap<CustomerId, Met>;
};

/** Who it may be, from the working set alone (R8); `chosen`: somebody else has found out already. */
export const callerOf = (db: ReadDb, presented: string, chosen: CustomerId | null = null): Caller => {
  const caller = callerByNumber(db, presented);
  const known = chosen === null ? undefined : customerById(db, chosen);
  const isSame = caller.candidates.kind === 'one' && caller.candidates.id === known?.id;
  if (known === undefined || isSame) return caller;
  return {
    ...caller,
    candidates: { kind: 'one', id: known.id, certainty: 'certain' },
    met: new Map(caller.met).set(known.id, { customer: known, past: [] }),
  };
};

const callerByNumber = (db: ReadDb, presented: string): Caller => {
  const parsed = parseNumber(presented);
  const nobody = (number: string, why: 'withheld' | 'malformed' | 'unknown'): Caller => ({
    number,
    candidates: { kind: 'none', why },
    met: new Map(),
  });
  if (parsed.kind === 'withheld') return nobody('', 'withheld');
  if (parsed.kind === 'malformed') return nobody(printable(parsed.shown), 'malformed');
  const rows = customersByNumber(db, parsed.key);
  const [first] = rows;
  if (first === undefined) return nobody(parsed.key, 'unknown');
  return {
    number: parsed.key,
    candidates:
      rows.length === 1
        ? { kind: 'one', id: first.customer.id, certainty: first.confidence }
        : { kind: 'several', ids: rows.map((row) => row.customer.id) },
    met: new Map(rows.map(({ customer }) => [customer.id, { customer, past: [] }])),
  };
};

/** The contact belongs to the customer of the only match; a doubtful one is asked for by name first (R8). */
export const customerOf = (candidates: Candidates): CustomerId | null =>
  candidates.kind === 'one' ? candidates.id : null;

/** Takes up a contact again after a restart. A level is not: it is proven anew (security 51). */
export const reopened = (db: ReadDb, contact: Contact, nowMs: number): Work => {
  const { candidates, met } = callerOf(db, contact.number, contact.customerId);
  return {
    contact,
    candidates,
    source: 'seat',
    met,
    verification: failuresOf(contact),
    triedBefore: new Map(),
    revealed: {},
    verifying: notVerifying,
    readyAtMs: nowMs,
  };
};

/** Everything the desk paints of the contact in hand. */
export const viewOf = (db: ReadDb, seat: Pick<Seat, 'session' | 'work'>, nowMs: number): ContactView | null => {
  const { work, session } = seat;
  if (work === null || session === null) return null;
  const { contact } = work;
  const customer = contact.customerId === null ? undefined : findCustomer(db, work, contact.customerId);
  const match = matchOf(db, work, customer);
  const tree = dispositionTree(db, contact);
  return {
    contact,
    match,
    source: work.source,
    notices: customer === undefined ? noticesForAny(db, match, nowMs) : noticesFor(db, customer, nowMs),
    history: earlierContacts(db, work),
    verification: work.verification,
    revealed: work.revealed,
    verifying: work.verifying,
    ...(work.calledIn === undefined ? {} : { calledIn: work.calledIn }),
    script: scriptView(db, contact, {
      match,
      customer,
      level: work.verification.level,
      revealed: work.revealed,
      agent: session.agent,
      queue: contact.queue,
    }),
    draft: draftOf(db, contact.id),
    tree,
    finding: {
      spoken: spokenTree(tree),
      recent: [...recentOf(outcomeUses(db, session.agent.id), tree, contact.topicId)],
    },
    readyAtMs: work.readyAtMs,
  };
};

const outcomeUses = (db: ReadDb, agentId: AgentId): readonly OutcomeUse[] => {
  const kept = readMeta(db, 'outcomes');
  return kept?.of === agentId ? kept.uses : [];
};

/** R28: what a call about this matter ended with is found first in the next one. */
export const keepOutcome = (write: WriteDb, agentId: AgentId, use: OutcomeUse): void =>
  writeMeta(write, 'outcomes', { of: agentId, uses: withUse(outcomeUses(write, agentId), use) });

/** The same tree call after call: spoken once. */
const spokenTrees = new WeakMap<DispositionTree, Record<string, string[]>>();
const spokenTree = (tree: DispositionTree): Record<string, string[]> => {
  const known = spokenTrees.get(tree);
  if (known !== undefined) return known;
  const found: Record<string, string[]> = {};
  const walk = (nodes: readonly AnyDispositionNode[]): void => {
    for (const { label, children } of nodes) {
      found[label.zh] = [...spokenLabel(label.zh)];
      walk(children);
    }
  };
  walk(tree.roots);
  spokenTrees.set(tree, found);
  return found;
};

/** Central tells of a contact while it is still going on: it is not one of the earlier ones. */
const earlierContacts = (db: ReadDb, work: Work): PastContact[] => {
  const { id, customerId } = work.contact;
  if (customerId === null) return [];
  return historyOf(db, work, customerId, lastContacts + 1)
    .filter((past) => past.contactId !== id)
    .slice(0, lastContacts);
};

/** The package's name answers a simple check (R10): until level 2 the desk has a blank in its place (R11). */
const unnamed = (customer: Customer, level: QueryClass): Customer =>
  opens(level, 2) ? customer : { ...customer, package: { ...customer.package, name: { zh: '', en: '' } } };

/** @param shown whose contact it is, already read */
const matchOf = (db: ReadDb, work: Work, shown: Customer | undefined): PopMatch => {
  const { candidates } = work;
  const { level } = work.verification;
  switch (candidates.kind) {
    case 'none':
      return candidates;
    case 'one': {
      const customer = shown?.id === candidates.id ? shown : findCustomer(db, work, candidates.id);
      return customer === undefined
        ? { kind: 'none', why: 'unknown' }
        : { kind: 'one', customer: unnamed(customer, level), certainty: candidates.certainty };
    }
    case 'several':
      return {
        kind: 'several',
        customers: candidates.ids
          .flatMap((id) => findCustomer(db, work, id) ?? [])
          .slice(0, 10)
          .map((customer) => unnamed(customer, 1)),
      };
  }
};

/** R6: those of everybody, and those of the customer's area and package. */
const noticesFor = (db: ReadDb, customer: Customer, nowMs: number): Notice[] =>
  noticesAt(db, nowMs).filter(
    (notice) => isOfArea(notice, customer) && (notice.packageId === null || notice.packageId === customer.package.id),
  );

/** While it is not settled who calls: of whoever it may be, their areas. A package's would tell whose package it is (R11). */
const noticesForAny = (db: ReadDb, match: PopMatch, nowMs: number): Notice[] => {
  const may = match.kind === 'several' ? match.customers : [];
  return noticesAt(db, nowMs).filter(
    (notice) =>
      notice.packageId === null && (notice.area === null || may.some((customer) => isOfArea(notice, customer))),
  );
};

const isOfArea = ({ area }: Notice, customer: Customer): boolean =>
  area === null || area === customer.area.zh || area === customer.area.en;

/** The seat's own lines and central's, each contact once, newest first. */
export const historyOf = (db: ReadDb, work: Work | null, id: CustomerId, limit: number): PastContact[] => {
  const own = pastOf(db, id, limit);
  const told = work?.met.get(id)?.past ?? [];
  if (told.length === 0) return own;
  const known = new Set<string>(own.map((past) => past.contactId));
  return [...own, ...told.filter((past) => !known.has(past.contactId))]
    .sort((one, other) => other.startedAtMs - one.startedAtMs)
    .slice(0, limit);
};

/** A seat whose working set never came can still finish its contacts. */
const lastResort: DispositionTree = {
  id: 'seat',
  queues: [],
  roots: [{ id: 'other', label: { zh: '其他', en: 'Other' }, outcome: 'other', children: [] }],
};
export const dispositionTree = (db: ReadDb, contact: Pick<Contact, 'queue' | 'grant'> | undefined): DispositionTree =>
  treeFor(db, contact?.queue ?? null, contact?.grant?.treeId) ?? lastResort;

/** Asks central who it is, when the working set does not know; the contact in hand is brought up to date if it still is. */
export const lookUp = async (seat: Seat, client: CentralClient, clock: Clock): Promise<void> => {
  const before = seat.work;
  if (before?.candidates.kind !== 'none' || before.candidates.why !== 'unknown') return;
  const key = before.contact.number;
  const answer = await client.call('lookup', { key }, seat.session?.token ?? null, lookupMs);
  const { work } = seat;
  // Meanwhile the call may be over, or the agent has chosen a customer by hand.
  if (work?.contact.id !== before.contact.id || work.candidates.kind !== 'none') return;
  if (!answer.ok) return seat.setWork({ ...work, source: 'unavailable' });
  const met = new Map(work.met);
  const { customers, history } = answer.value;
  for (const customer of customers)
    met.set(customer.id, {
      customer,
      past: history.filter((line) => line.customerId === customer.id).map((line) => line.past),
    });
  const told = amongTold(customers, key);
  // After a restart: the agent had chosen already.
  const chosen = work.contact.customerId;
  const candidates: Candidates =
    told.kind === 'several' && chosen !== null && told.ids.includes(chosen)
      ? { kind: 'one', id: chosen, certainty: 'certain' }
      : told;
  const next: Work = { ...work, candidates, met, source: 'central' };
  const customerId = customerOf(candidates);
  if (customerId === null || work.contact.customerId === customerId || work.contact.wrappedUpAtMs !== null)
    return seat.setWork(next);
  const identified = seat.commit({
    ops: [{ name: 'contact.identified', contactId: work.contact.id, customerId, atMs: clock.nowMs() }],
    work: (contact) => ({ ...next, contact: contact ?? work.contact }),
  });
  if (!identified.ok) seat.setWork(next);
};

const amongTold = (customers: readonly Customer[], key: string): Candidates => {
  const [first] = customers;
  if (first === undefined) return { kind: 'none', why: 'unknown' };
  if (customers.length > 1) return { kind: 'several', ids: customers.map((customer) => customer.id) };
  const confidence = first.numbers.find((number) => number.key === key)?.confidence;
  return { kind: 'one', id: first.id, certainty: confidence ?? 'low' };
};
