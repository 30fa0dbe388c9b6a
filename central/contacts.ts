import type { Contact } from '../shared/contact.ts';
import type { PastContact } from '../shared/customer.ts';
import type { DispositionTree } from '../shared/disposition.ts';
import { follow, unfinished } from '../shared/disposition.ts';
import type { Topic } from '../shared/script.ts';
import type { Text } from '../shared/text.ts';
import type { Db, Tx } from './db.ts';
import { asJson, firstRow, rows, run, statement } from './db.ts';
import type { Line } from './feed.ts';
import { publishLines } from './feed.ts';

export const contactById = async (db: Db, id: string): Promise<Contact | undefined> =>
  (await firstRow(db, statement<{ row: Contact }>`select row from contact where id = ${id}`))?.row;

/** The newest contact of a call by the exchange's name for it: a customer who was handed on is a contact of several agents. */
export const contactOfCall = async (db: Db, exchangeId: string): Promise<Contact | undefined> =>
  (
    await firstRow(
      db,
      statement<{ row: Contact }>`
        select row from contact where id = ${exchangeId} or row ->> 'exchangeId' = ${exchangeId}
        order by opened_at_ms desc limit 1`,
    )
  )?.row;

/** This agent's own contact of a call by the exchange's name for it. */
export const contactOfAgent = async (db: Db, exchangeId: string, agentId: string): Promise<Contact | undefined> =>
  (
    await firstRow(
      db,
      statement<{ row: Contact }>`
        select row from contact where agent_id = ${agentId} and (id = ${exchangeId} or row ->> 'exchangeId' = ${exchangeId})
        order by opened_at_ms desc limit 1`,
    )
  )?.row;

/** Newest first. */
export const contactsOf = async (db: Db, customerId: string, atMost: number): Promise<readonly Contact[]> =>
  (
    await rows(
      db,
      statement<{ row: Contact }>`
        select row from contact where customer_id = ${customerId} order by opened_at_ms desc limit ${atMost}`,
    )
  ).map((found) => found.row);

export const putContact = (tx: Tx, contact: Contact): Promise<void> => putContacts(tx, [contact]);

/**
 * Stores contacts and shows them in their customers' timelines, open ones too: another agent sees them while they go on.
 * @param fresh ids of those that were not there before
 */
export const putContacts = async (
  tx: Tx,
  contacts: readonly Contact[],
  fresh: ReadonlySet<string> = new Set(),
): Promise<void> => {
  const written = contacts.map((row) => ({
    ...{ id: row.id, agent: row.agentId, customer: row.customerId, opened: row.openedAtMs },
    ...{ wrapped: row.wrappedUpAtMs, row },
  }));
  await run(
    tx,
    statement`
      insert into contact (id, agent_id, customer_id, opened_at_ms, wrapped_up_at_ms, row)
      select x.id, x.agent, x.customer, x.opened, x.wrapped, x.row
      from json_to_recordset(${asJson(written)}::json)
        as x (id text, agent text, customer text, opened bigint, wrapped bigint, row json)
      on conflict (id) do update set customer_id = excluded.customer_id, wrapped_up_at_ms = excluded.wrapped_up_at_ms,
        row = excluded.row`,
  );
  const named = contacts.filter(({ customerId }) => customerId !== null);
  const known = await wordsFor(tx, named);
  const lines = contacts.flatMap((contact): readonly (readonly [string, Line | null])[] => {
    const { id, customerId } = contact;
    // One without a customer that is new was in no timeline.
    if (customerId === null) return fresh.has(id) ? [] : [[id, null]];
    return [[id, { customerId, past: lineOf(contact, known) }]];
  });
  await publishLines(tx, new Map(lines));
};

/** What lines say in words instead of ids. */
type Words = {
  readonly topics: Readonly<Record<string, Text>> | null;
  readonly trees: readonly DispositionTree[] | null;
  readonly agents: Readonly<Record<string, string>> | null;
  readonly recorded: readonly string[] | null;
};
const noWords: Words = { topics: null, trees: null, agents: null, recorded: null };

const wordsFor = async (tx: Tx, contacts: readonly Contact[]): Promise<Words> => {
  if (contacts.length === 0) return noWords;
  const topics = contacts.flatMap(({ topicId }) => topicId ?? []);
  const agents = [...new Set(contacts.map(({ agentId }) => agentId))];
  const isDisposed = contacts.some(({ disposition }) => disposition !== null);
  const found = await firstRow(
    tx,
    statement<Words>`
      select
        (select json_object_agg(id, row -> 'name') from feed
          where entity = 'topic' and id = any(${topics}::text[]) and row is not null) as topics,
        (select json_agg(row order by id) from feed
          where ${isDisposed}::boolean and entity = 'tree' and row is not null) as trees,
        (select json_object_agg(id, name) from agent where id = any(${agents}::text[])) as agents,
        (select json_agg(distinct contact_id) from recording
          where contact_id = any(${contacts.map(({ id }) => id)}::text[])) as recorded`,
  );
  return found ?? noWords;
};

const lineOf = (contact: Contact, { topics, trees, agents, recorded }: Words): PastContact => ({
  contactId: contact.id,
  direction: contact.direction,
  startedAtMs: contact.openedAtMs,
  talkMs:
    contact.answeredAtMs === null || contact.endedAtMs === null
      ? 0
      : Math.max(0, contact.endedAtMs - contact.answeredAtMs),
  topic: contact.topicId === null ? null : (topics?.[contact.topicId] ?? asWritten(contact.topicId)),
  disposition: contact.disposition === null ? [] : textsOf(trees ?? [], contact.queue, contact.disposition),
  agentName: agents?.[contact.agentId] ?? contact.agentId,
  agentId: contact.agentId,
  queue: contact.queue,
  note: contact.note,
  // R33. Absent rather than false, as in lines of before.
  ...(recorded?.includes(contact.id) === true ? { recorded: true } : {}),
});

export const topicName = async (tx: Db, id: string): Promise<Text> => {
  const topic = await firstRow(
    tx,
    statement<{ row: Topic }>`select row from feed where entity = 'topic' and id = ${id} and row is not null`,
  );
  return topic?.row.name ?? asWritten(id);
};

/** What a disposition means (R28), by the newest tree that has it. */
export const outcomeOf = async (tx: Tx, path: readonly string[]): Promise<string | undefined> => {
  const trees = await rows(
    tx,
    statement<{ row: DispositionTree }>`select row from feed where entity = 'tree' and row is not null`,
  );
  return trees
    .map(({ row }) => follow(row, [...path]))
    .find((found) => found !== undefined)
    ?.at(-1)?.outcome;
};

export const dispositionTexts = async (tx: Db, queue: string | null, path: readonly string[]): Promise<Text[]> => {
  if (path[0] === unfinished[0]) return textsOf([], queue, path);
  const trees = await rows(
    tx,
    statement<{ row: DispositionTree }>`
      select row from feed where entity = 'tree' and row is not null order by id`,
  );
  return textsOf(
    trees.map(({ row }) => row),
    queue,
    path,
  );
};

/** A path the newest tree no longer has is shown by its ids: the agent chose it in good faith. */
const textsOf = (trees: readonly DispositionTree[], queue: string | null, path: readonly string[]): Text[] => {
  if (path[0] === unfinished[0]) return [{ zh: '未完成', en: 'Unfinished' }];
  const own = trees.filter((tree) => queue !== null && tree.queues.includes(queue));
  const labels = [...own, ...trees]
    .map((tree) => follow(tree, [...path]))
    .find((found) => found !== undefined)
    ?.map((node) => node.label);
  return labels ?? path.map(asWritten);
};

const asWritten = (id: string): Text => ({ zh: id, en: id });
