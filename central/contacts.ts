import type { Contact } from '../shared/contact.ts';
import type { PastContact } from '../shared/customer.ts';
import type { DispositionTree } from '../shared/disposition.ts';
import { follow, unfinished } from '../shared/disposition.ts';
import type { Topic } from '../shared/script.ts';
import type { Text } from '../shared/text.ts';
import { agentById } from './agents.ts';
import type { Db, Tx } from './db.ts';
import { asJson, firstRow, rows, run, statement } from './db.ts';
import { publishHistory } from './feed.ts';
import { wasRecorded } from './recordings.ts';

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

/** Stores the contact and shows it in the customer's timeline, open ones too: another agent sees it while it goes on. */
export const putContact = async (tx: Tx, contact: Contact): Promise<void> => {
  await run(
    tx,
    statement`
      insert into contact (id, agent_id, customer_id, opened_at_ms, wrapped_up_at_ms, row)
      values (${contact.id}, ${contact.agentId}, ${contact.customerId}, ${contact.openedAtMs},
        ${contact.wrappedUpAtMs}, ${asJson(contact)}::json)
      on conflict (id) do update set customer_id = excluded.customer_id, wrapped_up_at_ms = excluded.wrapped_up_at_ms,
        row = excluded.row`,
  );
  const { customerId } = contact;
  await publishHistory(tx, contact.id, customerId === null ? null : { customerId, past: await lineOf(tx, contact) });
};

const lineOf = async (tx: Tx, contact: Contact): Promise<PastContact> => ({
  contactId: contact.id,
  direction: contact.direction,
  startedAtMs: contact.openedAtMs,
  talkMs:
    contact.answeredAtMs === null || contact.endedAtMs === null
      ? 0
      : Math.max(0, contact.endedAtMs - contact.answeredAtMs),
  topic: contact.topicId === null ? null : await topicName(tx, contact.topicId),
  disposition: contact.disposition === null ? [] : await dispositionTexts(tx, contact.queue, contact.disposition),
  agentName: (await agentById(tx, contact.agentId))?.name ?? contact.agentId,
  agentId: contact.agentId,
  queue: contact.queue,
  note: contact.note,
  // R33. Absent rather than false, as in lines of before.
  ...((await wasRecorded(tx, contact.id)) ? { recorded: true } : {}),
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

/** A path the newest tree no longer has is shown by its ids: the agent chose it in good faith. */
export const dispositionTexts = async (tx: Db, queue: string | null, path: readonly string[]): Promise<Text[]> => {
  if (path[0] === unfinished[0]) return [{ zh: '未完成', en: 'Unfinished' }];
  const trees = (
    await rows(tx, statement<{ row: DispositionTree }>`select row from feed where entity = 'tree' and row is not null`)
  ).map((found) => found.row);
  const own = trees.filter((tree) => queue !== null && tree.queues.includes(queue));
  const labels = [...own, ...trees]
    .map((tree) => follow(tree, [...path]))
    .find((found) => found !== undefined)
    ?.map((node) => node.label);
  return labels ?? path.map(asWritten);
};

const asWritten = (id: string): Text => ({ zh: id, en: id });
