import type { Customer } from '../shared/customer.ts';
import type { Policy } from '../shared/policy.ts';
import type { Result } from '../shared/result.ts';
import { ok, refusal, refused } from '../shared/result.ts';
import type { FoundBy, FoundCustomer, NameTyped, NumberPart, Search, SearchAnswer } from '../shared/search.ts';
import {
  fitsSurname,
  foundBy,
  mostFound,
  numberWith,
  readSearch,
  whyUnspecific,
  wholeSubscriber,
} from '../shared/search.ts';
import type { Clock } from './ambient.ts';
import { audit } from './audit.ts';
import { reversed } from './customer-keys.ts';
import { customerById } from './customers.ts';
import type { Db } from './db.ts';
import { rows, statement, transaction } from './db.ts';
import { spoken } from './pinyin.ts';
import type { Secrets } from './secrets.ts';
import type { Session } from './sessions.ts';

/**
 * Customers by what an agent typed (security 46): the seat's own language and masking, over everybody the agent may see. Full names and
 * their pinyin are keys here and leave central never; a search is kept in the audit chain without what was typed.
 */
export type SearchPorts = {
  readonly clock: Clock;
  readonly secrets: Secrets;
  readonly policy: Policy;
  readonly practice: boolean;
  /** All customers for every agent (practice mode), or those of the agent's queues. */
  readonly everyone: boolean;
};

const usualPerMinute = 60;
const minuteMs = 60_000;
/** Rows looked through for one answer. */
const mostCandidates = 400;

/** A session's searches of the last minute. In memory: an instance that starts anew forgives a minute. */
const openCap = (clock: Clock, perMinute: number): ((sessionId: string) => boolean) => {
  const asked = new Map<string, readonly number[]>();
  return (sessionId) => {
    const nowMs = clock.nowMs();
    const recent = (asked.get(sessionId) ?? []).filter((atMs) => nowMs - atMs < minuteMs);
    if (recent.length >= perMinute) return false;
    if (asked.size > 5_000) asked.clear();
    asked.set(sessionId, [...recent, nowMs]);
    return true;
  };
};

export const openCustomerSearch = (
  ports: SearchPorts,
): ((asked: { readonly text: string }, session: Session) => Promise<Result<SearchAnswer>>) => {
  const { clock, secrets, policy } = ports;
  const perMinute = policy.searchesPerMinute ?? usualPerMinute;
  const mayAsk = openCap(clock, perMinute);
  return async ({ text }, session) => {
    if (!mayAsk(session.id)) return refused(refusal('locked', 'tooManyRequests', { perMinute }));
    const read = readSearch(text);
    if (read.kind === 'unclear') return ok(read);
    const answer = await customersFound(ports, session, read.search);
    if (answer.kind === 'unclear') return ok(answer);
    const found = answer.kind === 'found' ? answer.rows.map((row) => row.customer.id) : [];
    const result = answer.kind === 'found' ? `found ${found.length}` : answer.kind;
    const about = { atMs: clock.nowMs(), agentId: session.agent.id, seatId: session.seatId, contactId: null };
    // One entry per customer shown: who saw whom is the question an audit asks.
    const shown = found.length === 0 ? [null] : found;
    await transaction(session.db, (tx) =>
      audit(
        tx,
        secrets.auditKey,
        shown.map((customerId) => ({ ...about, customerId, kind: 'search' as const, factor: null, result })),
      ),
    );
    return ok(answer);
  };
};

/** Without the audit trail's entry: that is the asker's business. */
export const customersFound = async (ports: SearchPorts, session: Session, search: Search): Promise<SearchAnswer> => {
  const { policy, practice } = ports;
  const found = new Map<string, FoundCustomer>();
  const add = (rows: readonly FoundCustomer[]): void => {
    for (const row of rows) if (!found.has(row.customer.id)) found.set(row.customer.id, row);
  };
  const { number, account, parts } = search;
  if (number !== null) add(await byNumber(ports, session, search, number));
  const seen = account === null ? undefined : await byAccount(ports, session, account);
  if (seen !== undefined) add([{ customer: seen, by: 'account', numberIndex: null }]);
  // A whole number nobody has is no reason to look for the name beside it.
  if (!(number !== null && parts.length === 0) && seen === undefined) {
    const why = whyUnspecific(search, policy, { role: session.agent.role, practice });
    if (why !== undefined) return { kind: 'unclear', why };
    const more = await byDetails(ports, session, search);
    if (more === 'tooMany') return { kind: 'tooBroad' };
    add(more);
  }
  if (found.size > mostFound) return { kind: 'tooBroad' };
  const ranked = [...found.values()].sort(
    (one, other) =>
      foundBy.indexOf(one.by) - foundBy.indexOf(other.by) || (one.customer.id < other.customer.id ? -1 : 1),
  );
  return { kind: 'found', rows: ranked };
};

type Held = { readonly row: Customer };

/** A given name is not compared with whoever a whole number found: that would be a way to guess it (R11). */
const byNumber = async (
  { everyone }: SearchPorts,
  { agent, db }: Session,
  { name }: Search,
  key: string,
): Promise<readonly FoundCustomer[]> => {
  const found = await rows(
    db,
    statement<Held>`
      select feed.row from customer_number join feed on feed.entity = 'customer' and feed.id = customer_number.customer_id
      where customer_number.key = ${key} and feed.row is not null
        and (${everyone} or feed.queues && ${agent.queues}::text[])
      order by customer_number.position, feed.id limit ${mostFound + 1}`,
  );
  return found
    .filter(({ row }) => name === null || fitsSurname(name, row.surname, spoken) !== undefined)
    .map(({ row }) => {
      const index = row.numbers.findIndex((number) => number.key === key);
      return { customer: row, by: 'number', numberIndex: index < 0 ? null : index };
    });
};

const byAccount = async (ports: SearchPorts, session: Session, account: string): Promise<Customer | undefined> => {
  const customer = (await customerById(session.db, account)) ?? (await customerById(session.db, account.toUpperCase()));
  if (customer === undefined || ports.everyone) return customer;
  const [seen] = await held(ports, session, [customer.id]);
  return seen?.row;
};

const held = ({ everyone }: SearchPorts, { agent, db }: Session, ids: readonly string[]): Promise<readonly Held[]> =>
  rows(
    db,
    statement<Held>`
      select row from feed where entity = 'customer' and id = any(${ids}::text[]) and row is not null
        and (${everyone} or queues && ${agent.queues}::text[]) order by id`,
  );

const byDetails = async (
  ports: SearchPorts,
  session: Session,
  { parts, name }: Search,
): Promise<readonly FoundCustomer[] | 'tooMany'> => {
  const ranges = name === null ? [] : rangesOf(name);
  const ids =
    parts.length > 0
      ? await idsByParts(session.db, parts, ranges)
      : await idsIn(session.db, ranges, [], mostCandidates + 1);
  if (ids.length > mostCandidates) return 'tooMany';
  const by: FoundBy = name === null ? 'numberPart' : name.script === 'han' ? 'name' : 'pinyin';
  const found = (await held(ports, session, ids)).flatMap(({ row }): readonly FoundCustomer[] => {
    const indexes = parts.map((part) => numberWith(part, row));
    return indexes.includes(undefined) ? [] : [{ customer: row, by, numberIndex: indexes[0] ?? null }];
  });
  return found.length > mostFound ? 'tooMany' : found;
};

type Range = { readonly from: string; readonly to: string };
/** Every key that begins so; keys are compared byte by byte. */
const beginning = (key: string): Range => ({ from: key, to: `${key}\u{10FFFF}` });

const rangesOf = (name: NameTyped): readonly Range[] => {
  if (name.script === 'han') return [beginning(`n${name.text}`)];
  const letters = name.words.join('');
  return [`p${letters}`, `i${letters}`, `n${name.words.join(' ')}`].map(beginning);
};

const idsByParts = async (
  db: Db,
  parts: readonly NumberPart[],
  names: readonly Range[],
): Promise<readonly string[]> => {
  const length = ({ head, tail }: NumberPart): number => Math.max(head.length, tail.length);
  const { head, tail, either } = parts.reduce((one, other) => (length(other) > length(one) ? other : one));
  const limit = mostCandidates + 1;
  const useTail = tail !== '' && (either || tail.length >= head.length);
  const ends = useTail ? await idsIn(db, [beginning(`t${reversed(tail)}`)], names, limit) : [];
  const useHead =
    head !== '' && (either ? tail.length >= wholeSubscriber || ends.length === 0 : head.length > tail.length);
  const begins = useHead
    ? await idsIn(
        db,
        ['h+86', 'h+'].map((at) => beginning(at + head)),
        names,
        limit,
      )
    : [];
  return [...new Set([...ends, ...begins])];
};

const idsIn = async (
  db: Db,
  ranges: readonly Range[],
  names: readonly Range[],
  limit: number,
): Promise<readonly string[]> => {
  const [from, to] = [ranges.map((one) => one.from), ranges.map((one) => one.to)];
  const [nameFrom, nameTo] = [names.map((one) => one.from), names.map((one) => one.to)];
  const found = await rows(
    db,
    statement<{ id: string }>`
      select distinct hit.customer_id as id
      from unnest(${from}::text[], ${to}::text[]) as wanted (low, high)
      join customer_key as hit on hit.key >= wanted.low collate "C" and hit.key < wanted.high collate "C"
      where ${names.length === 0} or exists (
        select 1 from unnest(${nameFrom}::text[], ${nameTo}::text[]) as named (low, high)
        join customer_key as name on name.customer_id = hit.customer_id
          and name.key >= named.low collate "C" and name.key < named.high collate "C")
      limit ${limit}`,
  );
  return found.map((row) => row.id);
};
