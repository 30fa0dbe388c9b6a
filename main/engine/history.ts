import type { Contact } from '../../shared/contact.ts';
import type { PastContact } from '../../shared/customer.ts';
import { afterCentral } from '../../shared/degraded.ts';
import type { DispositionPath } from '../../shared/disposition.ts';
import { follow, unfinished } from '../../shared/disposition.ts';
import type { HistoryAnswer, HistoryDetail, HistoryFilter, HistoryRow, SoundResponse } from '../../shared/history.ts';
import {
  byTime,
  detailOf,
  historyPage,
  isBehind,
  maskedOf,
  placeAfter,
  readPlace,
  talkMsOf,
} from '../../shared/history.ts';
import type { ContactId, CustomerId } from '../../shared/ids.ts';
import type { Result } from '../../shared/result.ts';
import { ok, refusal, refused } from '../../shared/result.ts';
import { readSearch } from '../../shared/search.ts';
import type { CentralClient } from './central-client.ts';
import type { Clock } from './clock.ts';
import { dispositionTree } from './pop.ts';
import { searchHere } from './search.ts';
import type { Seat, Signed } from './seat.ts';
import { findCustomer } from './seat.ts';
import { contactById, pastOf } from './store/contacts.ts';
import type { Db, ReadDb } from './store/db.ts';
import type { Line } from './store/history.ts';
import { heldSinceMs, lineOf, linesByTime, ownContacts } from './store/history.ts';
import { customerById, newestScript, scriptAt, topicById, trees } from './store/working-set.ts';

const centralMs = 6_000;
const mostOfCustomer = 200;
const searchingMs = 1_500;

/** Whose history a seat may show of what it holds: an agent their own, and of customers they named or have in hand (R34). */
export type HistoryAsking = {
  readonly session: Pick<Signed, 'agent' | 'policy' | 'practice'>;
  readonly inHand: CustomerId | null;
};

export const historyHere = (db: ReadDb, filter: HistoryFilter, asking: HistoryAsking): HistoryAnswer => {
  const named = filter.who === undefined || filter.who.trim() === '' ? null : namedBy(db, filter.who, asking);
  if (named !== null && 'kind' in named) return named;
  const { agent } = asking.session;
  const place = readPlace(filter.cursor);
  const fits = fitting(db, filter);
  const own = ownContacts(db, agent.id)
    .filter((contact) => named === null || isNamed(contact, named))
    .map((contact) => ofContact(db, contact, agent.name))
    .filter(({ row, past }) => isBehind(row, place) && fits(past));
  const known = new Set<string>(own.map(({ row }) => row.contactId));
  const told = named === null ? linesOf(db, filter, asking, fits) : linesOfNamed(db, named.ids, fits, filter);
  const rows = [
    ...own.map(({ row }) => row),
    ...told.lines.filter(({ past }) => !known.has(past.contactId)).map((line) => rowOfLine(db, line)),
  ].sort(byTime);
  // Lines go on behind `next`: what is older among the own ones comes with them.
  const upTo = told.next === null ? rows : rows.filter((row) => byTime(row, told.next ?? row) <= 0);
  const page = upTo.slice(0, historyPage);
  const last = page.at(-1);
  if (upTo.length > page.length && last !== undefined) return { kind: 'found', rows: page, cursor: placeAfter(last) };
  return { kind: 'found', rows: page, cursor: told.next === null ? null : placeAfter(told.next) };
};

type Named = { readonly ids: readonly CustomerId[]; readonly key: string | null };

const namedBy = (
  db: ReadDb,
  who: string,
  { session, inHand }: HistoryAsking,
): Named | Exclude<HistoryAnswer, { kind: 'found' }> => {
  const found = searchHere(db, who, { policy: session.policy, practice: session.practice, role: session.agent.role });
  const read = readSearch(who);
  const key = read.kind === 'search' ? read.search.number : null;
  if (found.kind !== 'found') return key === null ? found : { ids: [], key };
  const ids = found.rows.map((row) => row.customer.id);
  const isHeld = inHand !== null && read.kind === 'search' && read.search.account === inHand;
  return { ids: isHeld ? [inHand, ...ids] : ids, key };
};

const isNamed = ({ customerId, number }: Contact, { ids, key }: Named): boolean =>
  (customerId !== null && ids.includes(customerId)) || (key !== null && number === key);

/** The parts of the filter that are compared line by line. */
const fitting = (db: ReadDb, filter: HistoryFilter): ((past: PastContact) => boolean) => {
  const agent = (filter.agent ?? '').trim().toLowerCase();
  const outcome = labelsOf(db, filter.disposition);
  return (past) => {
    const key = past.disposition.map((label) => label.zh).join('›');
    return (
      (filter.direction === undefined || past.direction === filter.direction) &&
      (filter.queue === undefined || past.queue === filter.queue) &&
      (agent === '' || `${past.agentId ?? ''} ${past.agentName}`.toLowerCase().includes(agent)) &&
      (outcome === '' || key === outcome || key.startsWith(`${outcome}›`)) &&
      past.startedAtMs >= (filter.fromMs ?? 0) &&
      past.startedAtMs < (filter.toMs ?? Number.POSITIVE_INFINITY)
    );
  };
};

/** Lines keep the words of the disposition, not its ids: a tree that has changed since still finds them. */
const labelsOf = (db: ReadDb, path: DispositionPath | undefined): string => {
  if (path === undefined || path.length === 0) return '';
  if (path[0] === unfinished[0]) return unfinishedLabel.zh;
  const nodes = trees(db)
    .map((tree) => follow(tree, path))
    .find((found) => found !== undefined);
  return nodes === undefined ? path.join('›') : nodes.map((node) => node.label.zh).join('›');
};
const unfinishedLabel = { zh: '未完成', en: 'Unfinished' };

const linesOf = (
  db: ReadDb,
  filter: HistoryFilter,
  { session: { agent } }: HistoryAsking,
  fits: (past: PastContact) => boolean,
) => {
  // An imported line, or one of a central of before, says no id: then the name tells, as at central.
  const isOwn = ({ agentId, agentName }: PastContact): boolean =>
    agentId === undefined ? agentName === agent.name : agentId === agent.id;
  return linesByTime(
    db,
    {
      fromMs: Math.floor(filter.fromMs ?? 0),
      toMs: Math.floor(filter.toMs ?? Number.MAX_SAFE_INTEGER),
      after: readPlace(filter.cursor),
    },
    agent.role === 'agent' ? (past) => isOwn(past) && fits(past) : fits,
    historyPage,
  );
};

const linesOfNamed = (
  db: ReadDb,
  ids: readonly CustomerId[],
  fits: (past: PastContact) => boolean,
  filter: HistoryFilter,
): { readonly lines: readonly Line[]; readonly next: null } => {
  const place = readPlace(filter.cursor);
  const lines = [...new Set(ids)].flatMap((customerId) =>
    pastOf(db, customerId, mostOfCustomer)
      .filter((past) => isBehind(past, place) && fits(past))
      .map((past) => ({ customerId, past })),
  );
  return { lines, next: null };
};

const rowOfLine = (db: ReadDb, { customerId, past }: Line): HistoryRow => {
  const customer = customerById(db, customerId);
  const { contactId, direction, queue, startedAtMs, talkMs, topic, disposition, agentName } = past;
  return {
    ...{ contactId, direction, startedAtMs, talkMs, topic, disposition, agentName },
    customerId: customerId as CustomerId,
    who: customer?.nameMasked ?? null,
    number: maskedOf(customer?.numbers[0]?.key ?? ''),
    queue: queue ?? null,
  };
};

const ofContact = (db: ReadDb, contact: Contact, agentName: string) => {
  const { id: contactId, direction, queue, openedAtMs: startedAtMs, customerId, agentId } = contact;
  const path = contact.disposition ?? [];
  const disposition =
    path[0] === unfinished[0]
      ? [unfinishedLabel]
      : (follow(dispositionTree(db, contact), path) ?? []).map((node) => node.label);
  const topic = contact.topicId === null ? null : (topicById(db, contact.topicId)?.name ?? null);
  const told = { contactId, direction, queue, startedAtMs, talkMs: talkMsOf(contact), topic, disposition, agentName };
  const who = customerId === null ? null : (customerById(db, customerId)?.nameMasked ?? null);
  return {
    row: { ...told, customerId, who, number: maskedOf(contact.number) },
    past: { ...told, agentId, note: contact.note },
  };
};

export const createHistory = (db: Db, seat: Seat, client: CentralClient, clock: Clock) => {
  const asking = (session: Signed): HistoryAsking => ({ session, inHand: seat.work?.contact.customerId ?? null });
  const noted = (customerId: CustomerId | null, contactId: ContactId | null): Result<void> =>
    seat.commit({
      besideOps: [
        {
          name: 'customer.opened',
          ...{ customerId, contactId, from: contactId === null ? 'search' : 'history' },
          atMs: clock.nowMs(),
        },
      ],
    });

  /** Written down before it is shown (R13). */
  const openHere = (session: Signed, contactId: ContactId): Result<{ detail: HistoryDetail; from: 'seat' }> => {
    const detail = detailHere(db.read, session, contactId);
    if (detail === undefined) return refused(refusal('notFound', 'contact'));
    const done = noted(detail.row.customerId, contactId);
    return done.ok ? ok({ detail, from: 'seat' }) : done;
  };

  /** Slice by slice, so that a ringing call comes first; what fits rarely comes in pages that are not full. */
  const pageHere = async (session: Signed, filter: HistoryFilter): Promise<HistoryAnswer> => {
    const untilMs = clock.nowMs() + searchingMs;
    const rows: HistoryRow[] = [];
    let answer = historyHere(db.read, filter, asking(session));
    while (answer.kind === 'found' && answer.cursor !== null && rows.length + answer.rows.length < historyPage) {
      rows.push(...answer.rows);
      const { cursor } = answer;
      answer = { ...answer, rows: [] };
      if (clock.nowMs() > untilMs) break;
      await new Promise((next) => setImmediate(next));
      if (seat.session?.token !== session.token) break;
      answer = historyHere(db.read, { ...filter, cursor }, asking(session));
    }
    if (answer.kind !== 'found') return answer;
    const all = [...rows, ...answer.rows];
    const page = all.slice(0, historyPage);
    const last = page.at(-1);
    return {
      ...answer,
      rows: page,
      cursor: all.length > page.length && last !== undefined ? placeAfter(last) : answer.cursor,
    };
  };

  return {
    search: async (filter: HistoryFilter, where: 'seat' | 'central'): Promise<Result<HistoryAnswer>> => {
      const { session } = seat;
      if (session === null) return refused(refusal('unauthorised', 'signInFirst'));
      if (where === 'seat') return ok(await pageHere(session, filter));
      return client.call('history', filter, session.token, centralMs);
    },
    open: async (contactId: ContactId): Promise<Result<{ detail: HistoryDetail; from: 'seat' | 'central' }>> => {
      const { session } = seat;
      if (session === null) return refused(refusal('unauthorised', 'signInFirst'));
      const told = await client.call('historyContact', { contactId }, session.token, centralMs);
      if (told.ok) return ok({ detail: told.value, from: 'central' });
      const held = openHere(session, contactId);
      return held.ok ? held : told;
    },
    choices: () => ok({ trees: trees(db.read), sinceMs: heldSinceMs(db.read) }),
    /** A customer whose row this seat showed in a search. */
    customerOpened: (customerId: CustomerId): Result<Record<string, never>> => {
      const known = findCustomer(db.read, seat.work, customerId) ?? seat.strangers.get(customerId);
      if (known === undefined) return refused(refusal('notFound', 'customer'));
      const done = noted(customerId, null);
      return done.ok ? ok({}) : done;
    },
    /** Through memory to the desk: nothing of it is ever in the store (R33). */
    sound: async (asked: { contactId: ContactId; part: number; fromMs: number }): Promise<Result<SoundResponse>> => {
      const answer = await client.call('recordingSound', asked, seat.session?.token ?? null, centralMs);
      return answer.ok ? answer : refused(afterCentral('supervise', answer.error));
    },
    played: (heard: { contactId: ContactId; part: number; fromMs: number; toMs: number }) => {
      const done = seat.commit({ besideOps: [{ name: 'recording.played', ...heard, atMs: clock.nowMs() }] });
      return done.ok ? ok({}) : done;
    },
  };
};

const detailHere = (db: ReadDb, session: Signed, contactId: ContactId): HistoryDetail | undefined => {
  const contact = contactById(db, contactId);
  const isOwn = contact?.agentId === session.agent.id;
  if (contact !== undefined && isOwn) {
    const { row } = ofContact(db, contact, session.agent.name);
    const script =
      contact.script === null
        ? undefined
        : (scriptAt(db, contact.script.id, contact.script.version) ?? newestScript(db, contact.script.id));
    return detailOf(contact, row, script, { kind: 'askCentral' });
  }
  const line = lineOf(db, contactId);
  if (line === undefined) return undefined;
  return {
    row: rowOfLine(db, line),
    note: line.past.note,
    ...{ forced: false, endedAtMs: null, wrappedUpAtMs: null, script: null, verifications: [], transfers: [] },
    recordings: { kind: 'askCentral' },
  };
};
