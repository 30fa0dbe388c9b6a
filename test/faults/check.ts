import { isDeepStrictEqual } from 'node:util';
import { conflictRules } from '../../shared/conflict.ts';
import type { Op } from '../../shared/op.ts';
import { entityOf } from '../../shared/op.ts';
import type { WorkRow } from '../../shared/work.ts';
import { centralRows } from './check-rows.ts';
import { replies } from './check-orders.ts';
import { stillReserved } from './check-tasks.ts';
import type { CentralOp, History, Line, SeatAtEnd, Violation } from './history.ts';
import { nameOf } from './history.ts';

/** Decides over a history: nothing lost, nothing twice, in order, unaltered, and what central refused is seen. */
export const check = (history: History): readonly Violation[] => [
  ...promisesKept(history),
  ...history.seats.flatMap((seat) => [
    ...seatAgainstCentral(seat, history),
    ...sequence(seat, history),
    ...vanished(seat),
  ]),
  ...strangers(history),
  ...centralRows(history),
  ...replies(history),
  ...stillReserved(history),
  ...history.failures.map((what) => ({ kind: 'failure' as const, what })),
  ...history.seats.flatMap((seat) => [...timelines(seat, history), ...ownWork(seat, history)]),
];

/** What other seats, or central, said last is on its way to this one for a moment. */
export const passes = ({ kind }: Violation): boolean =>
  kind === 'timeline' || kind === 'ownWork' || kind === 'reservation';

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
  found.push(...takenInOrder(arrived));
  if (seat.waiting > 0) found.push({ kind: 'outbox', what: `${seat.waiting} ops of ${seat.seatId} still wait` });
  return found;
};

/**
 * A refusal of the customer's overtakes what waits (R22), never another one. What follows a contact's refused opening is no longer sent, and
 * the rest goes on without it: when a late copy of an earlier push brings it after that, central refuses it as well, which has no order.
 */
const takenInOrder = (arrived: readonly CentralOp[]): Violation[] => {
  const found: Violation[] = [];
  const unopened = new Set(
    arrived.flatMap(({ outcome, body }) =>
      outcome === 'refused' && body.name === 'contact.opened' ? [body.contactId as string] : [],
    ),
  );
  const isFollower = ({ outcome, body }: CentralOp): boolean =>
    outcome === 'refused' && 'contactId' in body && unopened.has(body.contactId ?? '');
  const inOrder = [...arrived].sort((one, other) => one.seq - other.seq);
  const goesFirst = ({ body }: CentralOp): boolean => conflictRules[body.name].goesFirst;
  for (const [index, op] of inOrder.entries()) {
    const before = inOrder[index - 1];
    if (before?.seq === op.seq) found.push({ kind: 'doubled', what: `${nameOf(op)} and ${before.id}` });
  }
  const ordered = inOrder.filter((op) => !isFollower(op));
  for (const lane of [ordered.filter(goesFirst), ordered.filter((op) => !goesFirst(op))])
    for (const [index, op] of lane.entries()) {
      const before = lane[index - 1];
      if (before !== undefined && before.seq !== op.seq && before.tx > op.tx)
        found.push({
          kind: 'order',
          what: `${nameOf(op)} was taken before ${nameOf(before)} (transactions ${op.tx} and ${before.tx})`,
        });
    }
  return found;
};

/** Gapless: a number that is missing was a commit that vanished, unless a kill came between it and the journal, at that very place. */
const sequence = (seat: SeatAtEnd, { central }: History): Violation[] => {
  const found: Violation[] = [];
  const killedAt = new Set(seat.kills);
  const journalled = new Set(seat.journal.map((op) => op.id));
  const unwritten = central.filter((op) => op.seatId === seat.seatId && !journalled.has(op.id));
  const hidden = new Set<number>();
  let last = 0;
  for (const [index, op] of seat.journal.entries()) {
    if (op.seq <= last) found.push({ kind: 'doubled', what: `${nameOf(op)}: its number was given twice` });
    for (let seq = last + 1; seq < op.seq; seq += 1) {
      // Committed, killed before the journal: at central, or held back as the follower of a refused opening.
      if (killedAt.has(index)) hidden.add(seq);
      else found.push({ kind: 'hole', what: `number ${seq} of ${seat.seatId} is missing` });
    }
    last = Math.max(last, op.seq);
  }
  const afterLast = killedAt.has(seat.journal.length);
  for (const op of unwritten)
    if (!hidden.has(op.seq) && !(afterLast && op.seq > last))
      found.push({ kind: 'stranger', what: `${nameOf(op)} was never written down` });
  return found;
};

/** Every refused op is still shown, or was sent again (changed or not), or given up with a word of why. */
const vanished = (seat: SeatAtEnd): Violation[] => {
  const given = new Set(
    seat.journal.flatMap(({ body }) => (body.name === 'op.discarded' ? [body.opId as string] : [])),
  );
  const lastOf = new Map<string, number>();
  const like = (op: Op): string => `${op.body.name} ${entityOf(op)}`;
  for (const op of seat.journal) lastOf.set(like(op), op.seq);
  return seat.journal
    .filter(({ id }) => seat.shownRefused.has(id) && !seat.stillRefused.has(id) && !given.has(id))
    .filter((op) => (lastOf.get(like(op)) ?? 0) <= op.seq)
    .map((op) => ({
      kind: 'vanished',
      what: `${nameOf(op)} was refused and is neither shown nor repaired nor given up`,
    }));
};

const strangers = ({ central, seats, sent }: History): Violation[] => {
  const journalled = new Set(seats.flatMap(({ journal }) => journal.map((op) => op.id)));
  return central
    .filter((op) => !journalled.has(op.id) && !sent.has(op.id))
    .map((op) => ({ kind: 'stranger', what: `${nameOf(op)} left no seat` }));
};

/** Open obligations are their agent's: what this seat shows of them is what central has. */
const ownWork = (seat: SeatAtEnd, { work }: History): Violation[] => {
  const { agentId, stillRefused, journal } = seat;
  if (agentId === undefined) return [];
  // What was refused is the seat's own word until it is repaired.
  const disputed = new Set(
    journal.flatMap(({ id, body }) => (stillRefused.has(id) && 'workId' in body ? [body.workId as string] : [])),
  );
  const owed = (rows: readonly WorkRow[]): Map<string, WorkRow> =>
    new Map(
      rows
        .filter((row) => row.record === 'obligation' && row.agentId === agentId && row.state.kind === 'open')
        .filter(({ id }) => !disputed.has(id))
        .map((row) => [row.id, row]),
    );
  const here = owed(seat.work);
  const there = owed(work);
  return [...new Set([...here.keys(), ...there.keys()])]
    .filter((id) => !isDeepStrictEqual(here.get(id), there.get(id)))
    .map((id) => ({
      kind: 'ownWork',
      what: `${id} at ${seat.seatId}: ${here.has(id)} here, ${there.has(id)} at central`,
    }));
};

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
