import { isDeepStrictEqual } from 'node:util';
import type { Contact } from '../../shared/contact.ts';
import { nextContact } from '../../shared/contact.ts';
import type { PastContact } from '../../shared/customer.ts';
import type { Op, OpBody } from '../../shared/op.ts';
import { entityOf, isContactOp } from '../../shared/op.ts';

/** What an engine answered "ok" to, noted by who asked: it must be found among what the seat committed. */
export type Promised = {
  readonly seatId: string;
  readonly agentId: string;
  readonly what: string;
  readonly holds: (body: OpBody) => boolean;
};

/** A row of central's `op` table. `tx` is the transaction that wrote it: the order in which central took them. */
export type CentralOp = Op & {
  readonly outcome: 'applied' | 'refused';
  readonly reason: string | null;
  readonly tx: number;
};

export type Line = Pick<PastContact, 'contactId' | 'note' | 'disposition' | 'topic'>;

/** One seat at the end, after everything was healed and settled. */
export type SeatAtEnd = {
  readonly seatId: string;
  /** Committed, in the order written down. */
  readonly journal: readonly Op[];
  /** How often it was killed: a kill between a commit and the journal leaves a hole of at most one commit. */
  readonly kills: number;
  readonly waiting: number;
  /** Ids of refused ops the agent was shown. */
  readonly shownRefused: ReadonlySet<string>;
  /** The timelines it shows, by customer; only customers it holds. */
  readonly timelines: ReadonlyMap<string, readonly Line[]>;
};

export type History = {
  readonly promises: readonly Promised[];
  readonly seats: readonly SeatAtEnd[];
  readonly central: readonly CentralOp[];
  readonly contacts: readonly Contact[];
  /** Central's word on the timelines, by customer. */
  readonly timelines: ReadonlyMap<string, readonly Line[]>;
  /** Ids of ops seen leaving a seat. */
  readonly sent: ReadonlySet<string>;
};

export type Violation = {
  readonly kind:
    | 'promise' // answered ok, never committed
    | 'lost'
    | 'doubled'
    | 'order'
    | 'altered'
    | 'author'
    | 'unseenRefusal'
    | 'stranger' // at central, from no seat
    | 'hole' // in the sequence of a seat
    | 'contact' // the row is not what its ops say
    | 'outbox'
    | 'timeline'
    | 'crash' // a process ended by itself
    | 'draft'; // saved, and gone after a kill
  readonly what: string;
};

/** One commit makes at most this many ops: two of a contact and one of the agent. */
const mostOpsAtOnce = 3;

/** Decides over a history: nothing lost, nothing twice, in order, unaltered, and what central refused is seen. */
export const check = (history: History): readonly Violation[] => [
  ...promisesKept(history),
  ...history.seats.flatMap((seat) => [...seatAgainstCentral(seat, history), ...sequence(seat, history)]),
  ...strangers(history),
  ...contactRows(history),
  ...history.seats.flatMap((seat) => timelines(seat, history)),
];

const promisesKept = ({ promises, seats }: History): Violation[] => {
  const byName = new Map<string, Op[]>();
  for (const { journal } of seats)
    for (const op of journal) {
      const key = `${op.seatId} ${op.body.name}`;
      const ops = byName.get(key);
      if (ops === undefined) byName.set(key, [op]);
      else ops.push(op);
    }
  return promises.flatMap(({ seatId, agentId, what, holds }) => {
    const [name = ''] = what.split(' ');
    const kept = byName.get(`${seatId} ${name}`)?.some((op) => op.agentId === agentId && holds(op.body)) === true;
    return kept ? [] : [{ kind: 'promise', what: `${what} at ${seatId} was answered ok and never committed` }];
  });
};

const seatAgainstCentral = (seat: SeatAtEnd, { central }: History): Violation[] => {
  const found: Violation[] = [];
  const arrived = central.filter((op) => op.seatId === seat.seatId);
  const byId = new Map(arrived.map((op) => [op.id, op]));
  for (const op of seat.journal) {
    const there = byId.get(op.id);
    const name = nameOf(op);
    if (there === undefined) {
      if (!seat.shownRefused.has(op.id)) found.push({ kind: 'lost', what: name });
      continue;
    }
    if (!isDeepStrictEqual(there.body, op.body)) found.push({ kind: 'altered', what: name });
    if (there.agentId !== op.agentId) found.push({ kind: 'author', what: `${name}: ${there.agentId}` });
    if (there.outcome === 'refused' && !seat.shownRefused.has(op.id)) found.push({ kind: 'unseenRefusal', what: name });
    if (there.seq !== op.seq) found.push({ kind: 'order', what: `${name} has number ${there.seq} at central` });
  }
  const inOrder = [...arrived].sort((one, other) => one.seq - other.seq);
  for (const [index, op] of inOrder.entries()) {
    const before = inOrder[index - 1];
    if (before?.seq === op.seq) found.push({ kind: 'doubled', what: `${nameOf(op)} and ${before.id}` });
    else if (before !== undefined && before.tx >= op.tx)
      found.push({ kind: 'order', what: `${nameOf(op)} was taken before ${nameOf(before)}` });
  }
  if (seat.waiting > 0) found.push({ kind: 'outbox', what: `${seat.waiting} ops of ${seat.seatId} still wait` });
  return found;
};

/** Gapless: a number that is missing was a commit that vanished, unless a kill came between it and the journal. */
const sequence = (seat: SeatAtEnd, { central }: History): Violation[] => {
  const known = new Set<number>();
  const journalled = new Set(seat.journal.map((op) => op.id));
  const found: Violation[] = [];
  for (const op of seat.journal) {
    if (known.has(op.seq)) found.push({ kind: 'doubled', what: `${nameOf(op)}: its number was given twice` });
    known.add(op.seq);
  }
  const unwritten = central.filter((op) => op.seatId === seat.seatId && !journalled.has(op.id));
  for (const op of unwritten) known.add(op.seq);
  if (unwritten.length > seat.kills * mostOpsAtOnce)
    found.push({ kind: 'stranger', what: `${unwritten.length} ops of ${seat.seatId} that it never wrote down` });
  const last = Math.max(0, ...known);
  let missing = 0;
  for (let seq = 1; seq <= last; seq += 1) if (!known.has(seq)) missing += 1;
  // Committed, killed before the journal, and then held back as the follower of a refused opening: shown, but with no number.
  if (missing > seat.kills * mostOpsAtOnce - unwritten.length)
    found.push({ kind: 'hole', what: `${missing} numbers of ${seat.seatId} are missing` });
  return found;
};

const strangers = ({ central, seats, sent }: History): Violation[] => {
  const journalled = new Set(seats.flatMap(({ journal }) => journal.map((op) => op.id)));
  return central
    .filter((op) => !journalled.has(op.id) && !sent.has(op.id))
    .map((op) => ({ kind: 'stranger', what: `${nameOf(op)} left no seat` }));
};

/** Central's contacts are what the one rule makes of the ops it took, in the order it took them. */
const contactRows = ({ central, contacts }: History): Violation[] => {
  const found: Violation[] = [];
  const folded = new Map<string, Contact>();
  for (const op of [...central].sort((one, other) => one.tx - other.tx)) {
    const { body } = op;
    if (op.outcome === 'refused' || !isContactOp(body)) continue;
    const next = nextContact(folded.get(body.contactId), body, op.agentId);
    if (next.ok) folded.set(body.contactId, next.value);
    else found.push({ kind: 'contact', what: `${nameOf(op)} was taken although ${next.error.reason}` });
  }
  const rows = new Map(contacts.map((contact) => [contact.id as string, contact]));
  for (const [id, contact] of folded) {
    const row = rows.get(id);
    if (row === undefined) found.push({ kind: 'contact', what: `${id} is missing` });
    else if (!isDeepStrictEqual(withLevelsOf(contact, row), row))
      found.push({ kind: 'contact', what: `${id} is not what its ops say` });
  }
  for (const id of rows.keys()) if (!folded.has(id)) found.push({ kind: 'contact', what: `${id} has no ops` });
  return found;
};

/** Central may lower the level an op claims (R12), never raise it. */
const withLevelsOf = (contact: Contact, row: Contact): Contact => ({
  ...contact,
  verifications: contact.verifications.map((one, index) => {
    const level = row.verifications[index]?.level ?? one.level;
    return level < one.level ? { ...one, level } : one;
  }),
});

const timelines = (seat: SeatAtEnd, history: History): Violation[] => {
  const refused = new Set(
    seat.journal.flatMap(({ id, body }) =>
      seat.shownRefused.has(id) && body.name === 'contact.opened' ? [body.contactId as string] : [],
    ),
  );
  const found: Violation[] = [];
  for (const [customerId, shown] of seat.timelines) {
    // A contact whose opening central refused is this seat's own until it is repaired.
    const plain = (lines: readonly Line[]): unknown[] =>
      lines
        .filter(({ contactId }) => !refused.has(contactId))
        .map(({ contactId, note, disposition, topic }) => ({ contactId, note, disposition, topic }))
        .sort((one, other) => (one.contactId < other.contactId ? -1 : 1));
    const here = plain(shown);
    const there = plain(history.timelines.get(customerId) ?? []);
    if (!isDeepStrictEqual(here, there))
      found.push({ kind: 'timeline', what: `of ${customerId} at ${seat.seatId}: ${difference(here, there)}` });
  }
  return found;
};

const difference = (here: readonly unknown[], there: readonly unknown[]): string => {
  const texts = new Set(there.map((line) => JSON.stringify(line)));
  const own = new Set(here.map((line) => JSON.stringify(line)));
  const only = [...own].find((line) => !texts.has(line));
  const missing = [...texts].find((line) => !own.has(line));
  return `${here.length} lines for ${there.length}; here only ${only ?? 'none'}; missing ${missing ?? 'none'}`;
};

const nameOf = (op: Pick<Op, 'id' | 'seatId' | 'seq' | 'agentId' | 'body'>): string =>
  `op ${op.seq} of ${op.seatId} (${op.body.name} ${entityOf(op)}, ${op.id})`;
