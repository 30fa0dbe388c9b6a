import type { Contact } from '../shared/contact.ts';
import type { Customer, PastContact } from '../shared/customer.ts';
import type { DispositionPath } from '../shared/disposition.ts';
import type { HistoryAnswer, HistoryDetail, HistoryFilter, HistoryRow } from '../shared/history.ts';
import {
  byTime,
  detailOf,
  historyPage,
  maskedOf,
  partsUsed,
  placeAfter,
  readPlace,
  talkMsOf,
} from '../shared/history.ts';
import type { AgentId, ContactId, CustomerId } from '../shared/ids.ts';
import type { Result } from '../shared/result.ts';
import { ok, refusal, refused } from '../shared/result.ts';
import type { Script } from '../shared/script.ts';
import { readSearch } from '../shared/search.ts';
import type { Clock } from './ambient.ts';
import type { AuditEvent } from './audit.ts';
import { audit } from './audit.ts';
import { contactById, dispositionTexts, topicName } from './contacts.ts';
import type { SearchPorts } from './customer-search.ts';
import { customersFound } from './customer-search.ts';
import type { Db } from './db.ts';
import { firstRow, rows, statement, transaction } from './db.ts';
import { lookedUp } from './holdings.ts';
import type { Playback } from './playback.ts';
import type { Session } from './sessions.ts';

/**
 * R34 at central: all contacts the asker may see. An agent: their own, and those of the customer in front of them; a lead: those of the
 * team and its queues; a manager: the tenant's, which the session's handle sees to (tenancy.ts). Each search, each page of it and each
 * contact opened is in the audit chain, without what was typed.
 */
type Ports = SearchPorts & { readonly clock: Clock; readonly playback: Playback };

/** A contact that was never wrapped up is somebody's in front for so long, and not for ever. */
const inFrontMs = 24 * 3_600_000;

export const openHistory = (ports: Ports) => ({
  search: async (filter: HistoryFilter, session: Session): Promise<Result<HistoryAnswer>> => {
    const named =
      filter.who === undefined || filter.who.trim() === '' ? null : await namedBy(ports, session, filter.who);
    if (named !== null && 'kind' in named) return ok(named);
    const found = await contactsFound(ports, session, filter, named);
    const page = found.slice(0, historyPage);
    const told = await rowsOf(session.db, page);
    const ids = [...new Set(told.flatMap(({ customerId }) => customerId ?? []))];
    const nowMs = ports.clock.nowMs();
    if (ids.length > 0) await lookedUp(session.db, session.seatId, ids, nowMs);
    const only = named?.ids.length === 1 ? (named.ids[0] ?? null) : null;
    await note(ports, session, {
      ...{ contactId: null, customerId: only, kind: 'history' },
      result: `found ${page.length} by ${partsUsed(filter)}${filter.cursor === undefined ? '' : ', further page'}`,
    });
    const last = page.at(-1);
    const cursor = found.length > page.length && last !== undefined ? placeAfter(last) : null;
    return ok({ kind: 'found', rows: told, cursor });
  },

  contact: async ({ contactId }: { contactId: ContactId }, session: Session): Promise<Result<HistoryDetail>> => {
    const [found] = await contactsFound(ports, session, {}, null, contactId);
    if (found === undefined) return refused(refusal('notFound', 'contact'));
    const [row] = await rowsOf(session.db, [found]);
    if (row === undefined) return refused(refusal('notFound', 'contact'));
    if (row.customerId !== null) await lookedUp(session.db, session.seatId, [row.customerId], ports.clock.nowMs());
    await note(ports, session, {
      ...{ contactId, customerId: row.customerId, kind: 'opened' },
      result: 'contact from history',
    });
    const contact = await contactById(session.db, contactId);
    if (contact === undefined) return ok(ofLine(row, found.past));
    const recordings = await ports.playback.listed(session, contact);
    return ok(detailOf(contact, row, await scriptOf(session.db, contact), recordings));
  },
});

const note = (
  { clock, secrets }: Ports,
  { agent, seatId, db }: Session,
  event: Pick<AuditEvent, 'contactId' | 'customerId' | 'kind' | 'result'>,
): Promise<void> =>
  transaction(db, (tx) =>
    audit(tx, secrets.auditKey, [{ atMs: clock.nowMs(), agentId: agent.id, seatId, factor: null, ...event }]),
  );

type Named = { readonly ids: readonly CustomerId[]; readonly key: string | null };

const namedBy = async (
  ports: Ports,
  session: Session,
  who: string,
): Promise<Named | Exclude<HistoryAnswer, { kind: 'found' }>> => {
  const read = readSearch(who);
  if (read.kind === 'unclear') return read;
  const key = read.search.number;
  const answer = await customersFound(ports, session, read.search);
  // A whole number stands for itself, whoever it belongs to.
  if (answer.kind !== 'found') return key === null ? answer : { ids: [], key };
  return { ids: answer.rows.map((row) => row.customer.id), key };
};

/** One found contact: its row, or only the line of an imported one. */
export type Found = {
  readonly contactId: ContactId;
  readonly startedAtMs: number;
  readonly customerId: CustomerId | null;
  readonly agentId: AgentId | null;
  readonly contact: Contact | null;
  readonly past: PastContact | null;
};

const contactsFound = async (
  { clock }: Ports,
  session: Session,
  filter: HistoryFilter,
  named: Named | null,
  only: ContactId | null = null,
): Promise<readonly Found[]> => {
  const { db } = session;
  const wanted = await wantedOf(db, filter, named, only);
  const seen = seenBy(session, clock.nowMs());
  const limit = historyPage + 1;
  const contacts = rows(
    db,
    statement<Found>`
      select contact.id as "contactId", contact.opened_at_ms as "startedAtMs", contact.customer_id as "customerId",
        contact.agent_id as "agentId", contact.row as contact, null as past
      from contact join agent on agent.id = contact.agent_id
      where ${seen.contact} and ${placed(wanted, statement`contact.opened_at_ms`, statement`contact.id`)}
        and (${wanted.isNamed} or contact.customer_id = any(${wanted.ids}::text[]) or contact.row ->> 'number' = ${wanted.key})
        and (${wanted.agent === ''} or agent.number = ${wanted.agent} or lower(agent.name) like ${wanted.like})
        and (${wanted.queue === ''} or contact.row ->> 'queue' = ${wanted.queue})
        and (${wanted.direction === ''} or contact.row ->> 'direction' = ${wanted.direction})
        and (${wanted.path.length === 0} or (
          select array_agg(id order by at) from json_array_elements_text(contact.row -> 'disposition') with ordinality as of_path (id, at)
          where json_typeof(contact.row -> 'disposition') = 'array' and at <= ${wanted.path.length}) = ${wanted.path}::text[])
      order by contact.opened_at_ms desc, contact.id desc limit ${limit}`,
  );
  const lines = rows(
    db,
    statement<Found>`
      select line.id as "contactId", line.at_ms as "startedAtMs", line.customer_id as "customerId",
        line.row -> 'past' ->> 'agentId' as "agentId", null as contact, line.row -> 'past' as past
      from feed as line
      where line.entity = 'history' and line.row is not null
        and not exists (select 1 from contact where contact.id = line.id)
        and ${seen.line} and ${placed(wanted, statement`line.at_ms`, statement`line.id`)}
        and (${wanted.isNamed} or line.customer_id = any(${wanted.ids}::text[]))
        and (${wanted.agent === ''} or lower(line.row -> 'past' ->> 'agentName') like ${wanted.like})
        and (${wanted.queue === ''} or line.row -> 'past' ->> 'queue' = ${wanted.queue})
        and (${wanted.direction === ''} or line.row -> 'past' ->> 'direction' = ${wanted.direction})
        and (${wanted.labels.length === 0} or (
          select array_agg(label ->> 'zh' order by at)
          from json_array_elements(line.row -> 'past' -> 'disposition') with ordinality as of_line (label, at)
          where at <= ${wanted.labels.length}) = ${wanted.labels}::text[])
      order by line.at_ms desc, line.id desc limit ${limit}`,
  );
  return [...(await contacts), ...(await lines)].toSorted(byTime).slice(0, limit);
};

type Wanted = {
  readonly isNamed: boolean;
  readonly ids: readonly string[];
  readonly key: string;
  readonly agent: string;
  readonly like: string;
  readonly queue: string;
  readonly direction: string;
  readonly path: DispositionPath;
  readonly labels: readonly string[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly beforeMs: number;
  readonly beforeId: string;
  readonly only: string;
};

const wantedOf = async (
  db: Db,
  filter: HistoryFilter,
  named: Named | null,
  only: ContactId | null,
): Promise<Wanted> => {
  const agent = (filter.agent ?? '').trim();
  const path = filter.disposition ?? [];
  const place = readPlace(filter.cursor);
  const labels = path.length === 0 ? [] : await dispositionTexts(db, filter.queue ?? null, path);
  return {
    isNamed: named === null,
    ids: named?.ids ?? [],
    key: named?.key ?? '',
    agent,
    // No character of it is an operator.
    like: `%${agent.toLowerCase().replace(/[\\%_]/g, String.raw`\$&`)}%`,
    queue: filter.queue ?? '',
    direction: filter.direction ?? '',
    path,
    labels: labels.map((label) => label.zh),
    fromMs: Math.floor(filter.fromMs ?? 0),
    toMs: Math.floor(filter.toMs ?? Number.MAX_SAFE_INTEGER),
    beforeMs: place?.startedAtMs ?? Number.MAX_SAFE_INTEGER,
    beforeId: place?.contactId ?? '',
    only: only ?? '',
  };
};

type Part = ReturnType<typeof statement>;

const placed = (wanted: Wanted, at: Part, id: Part): Part =>
  wanted.only === ''
    ? statement`(${at}, ${id}) < (${wanted.beforeMs}::bigint, ${wanted.beforeId}::text collate "C")
        and ${at} >= ${wanted.fromMs}::bigint and ${at} < ${wanted.toMs}::bigint`
    : statement`${id} = ${wanted.only}`;

/** Which rows this asker may see; other tenants' are not there at all. */
const seenBy = ({ agent }: Session, nowMs: number): { readonly contact: Part; readonly line: Part } => {
  const inFront = statement`(
    select open.customer_id from contact as open
    where open.agent_id = ${agent.id} and open.wrapped_up_at_ms is null and open.customer_id is not null
      and open.opened_at_ms > ${nowMs - inFrontMs})`;
  switch (agent.role) {
    case 'agent':
      return {
        contact: statement`(contact.agent_id = ${agent.id} or contact.customer_id in ${inFront})`,
        // An imported line says no id: then the name tells, as at the seat.
        line: statement`(line.row -> 'past' ->> 'agentId' = ${agent.id} or line.customer_id in ${inFront}
          or (line.row -> 'past' ->> 'agentId' is null and line.row -> 'past' ->> 'agentName' = ${agent.name}))`,
      };
    case 'lead':
      return {
        contact: statement`(agent.queues && ${agent.queues}::text[] or contact.row ->> 'queue' = any(${agent.queues}::text[]))`,
        line: statement`line.queues && ${agent.queues}::text[]`,
      };
    case 'manager':
      return { contact: statement`true`, line: statement`true` };
    case 'admin':
      return { contact: statement`false`, line: statement`false` };
  }
};

/** With names and numbers masked (R11). */
export const rowsOf = async (db: Db, found: readonly Found[]): Promise<HistoryRow[]> => {
  const ids = [...new Set(found.flatMap(({ customerId }) => customerId ?? []))];
  const customers = await rows(
    db,
    statement<{ id: string; row: Customer }>`
      select id, row from feed where entity = 'customer' and id = any(${ids}::text[]) and row is not null`,
  );
  const byId = new Map(customers.map(({ id, row }) => [id, row]));
  const names = await agentNames(db, found);
  const topicOf = once((id: string) => topicName(db, id));
  const outcomeOf = once((key: string) => {
    const { queue, path } = JSON.parse(key) as { queue: string | null; path: string[] };
    return dispositionTexts(db, queue, path);
  });
  const told: HistoryRow[] = [];
  for (const { contactId, startedAtMs, customerId, agentId, contact, past } of found) {
    const customer = customerId === null ? undefined : byId.get(customerId);
    const number = contact?.number ?? customer?.numbers[0]?.key ?? '';
    const base = { contactId, startedAtMs, customerId, who: customer?.nameMasked ?? null, number: maskedOf(number) };
    if (contact !== null)
      told.push({
        ...base,
        direction: contact.direction,
        queue: contact.queue,
        talkMs: talkMsOf(contact),
        topic: contact.topicId === null ? null : await topicOf(contact.topicId),
        disposition:
          contact.disposition === null
            ? []
            : await outcomeOf(JSON.stringify({ queue: contact.queue, path: contact.disposition })),
        agentName: names.get(agentId ?? '') ?? contact.agentId,
      });
    else if (past !== null) {
      const { direction, talkMs, topic, disposition, agentName, queue = null } = past;
      told.push({ ...base, direction, talkMs, topic, disposition, agentName, queue });
    }
  }
  return told;
};

/** Rows of one page share topics and dispositions. */
const once = <T>(ask: (key: string) => Promise<T>): ((key: string) => Promise<T>) => {
  const asked = new Map<string, Promise<T>>();
  return (key) => {
    const known = asked.get(key) ?? ask(key);
    asked.set(key, known);
    return known;
  };
};

const agentNames = async (db: Db, found: readonly Found[]): Promise<ReadonlyMap<string, string>> => {
  const ids = [...new Set(found.flatMap(({ agentId }) => agentId ?? []))];
  const named = await rows(
    db,
    statement<{ id: string; name: string }>`select id, name from agent where id = any(${ids}::text[])`,
  );
  return new Map(named.map(({ id, name }) => [id, name]));
};

const scriptOf = async (db: Db, contact: Contact): Promise<Script | undefined> => {
  if (contact.script === null) return undefined;
  const { id, version } = contact.script;
  return (
    await firstRow(
      db,
      statement<{ row: Script }>`
        select row from feed where entity = 'script' and id = ${`${id}@${version}`} and row is not null`,
    )
  )?.row;
};

/** An imported contact has its line and nothing more. */
const ofLine = (row: HistoryRow, past: PastContact | null): HistoryDetail => ({
  row,
  note: past?.note ?? '',
  ...{ forced: false, endedAtMs: null, wrappedUpAtMs: null, script: null, verifications: [], transfers: [] },
  recordings: { kind: 'listed', parts: [] },
});
