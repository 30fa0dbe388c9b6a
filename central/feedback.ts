import type { z } from 'zod';
import type { Contact } from '../shared/contact.ts';
import type { AnyDispositionNode, DispositionTree } from '../shared/disposition.ts';
import { follow } from '../shared/disposition.ts';
import type { ContactsBehind, Feedback, feedbackRoutes } from '../shared/feedback-api.ts';
import { mostFeedbackRows } from '../shared/feedback-api.ts';
import { ok, refusal, refused } from '../shared/result.ts';
import type { Text } from '../shared/text.ts';
import { type Behind, note, pageBehind } from './contacts-behind.ts';
import type { Db } from './db.ts';
import { firstRow, rows, statement } from './db.ts';
import { outcomeIn } from './facts.ts';
import type { FigurePorts } from './figure-rates.ts';
import { mayExport, namesOf, seenBy, whyNotDays } from './figures.ts';
import type { Handlers } from './http.ts';
import type { Session } from './sessions.ts';
import { csvOf } from '../shared/csv-text.ts';

type Asked = z.output<typeof feedbackRoutes.feedback.request>;
type ListAsked = z.output<typeof feedbackRoutes.feedbackList.request>;
type Part = ReturnType<typeof statement>;

/**
 * R31: what customers praise or complain about, as the wrap-ups have it: counts, the contacts behind each, and the words as a file. Whether
 * an outcome is feedback is said by the tree it was chosen from, so it is asked there, and kept nowhere else.
 */
export const feedbackHandlers = (ports: FigurePorts): Partial<Handlers> => ({
  feedback: async (asked, session) =>
    whyNotDays({ ...asked, by: 'day' }) ?? ok(await feedbackFor(ports, session, asked)),
  feedbackList: async (asked, session) =>
    whyNotDays({ ...asked, by: 'day' }) ?? ok(await listBehind(ports, session, asked)),
  feedbackExport: async ({ fromDay, toDay, language, heads }, session) => {
    if (!mayExport(ports.policy, session)) return refused(refusal('forbidden', 'figureExport'));
    const fault = whyNotDays({ fromDay, toDay, by: 'day' });
    if (fault !== undefined) return fault;
    const trees = await treesOf(session.db);
    const said = await saidBy(session, trees, { fromDay, toDay, by: 'said' });
    const found = await rows(
      session.db,
      statement<{ row: Contact; day: string }>`
        select contact.row, fact.day from ${behindOf(session, said, { fromDay, toDay, by: 'said' }, null)} as behind
          join contact on contact.id = behind.id join contact_fact as fact on fact.contact_id = behind.id
        order by behind.at_ms, behind.id limit ${mostLines}`,
    );
    const lines = found.map(({ row, day }) => {
      const labels = nodesOf(trees, row).map(({ label }) =>
        language === 'en' ? label.en || label.zh : label.zh || label.en,
      );
      return [day, row.queue ?? '', row.topicId ?? '', labels.join(' › '), (row.disposition ?? []).join('/'), row.note];
    });
    const name = `feedback_${fromDay}_${toDay}.csv`;
    await note(ports, session, { kind: 'export', result: `feedback ${name}, ${lines.length} rows` });
    return ok({ name, base64: Buffer.from(csvOf([heads, ...lines])).toString('base64') });
  },
});

const mostLines = 50_000;

export const treesOf = async (db: Db): Promise<readonly DispositionTree[]> =>
  (
    await rows(db, statement<{ row: DispositionTree }>`select row from feed where entity = 'tree' and row is not null`)
  ).map(({ row }) => row);

export const nodesOf = (
  trees: readonly DispositionTree[],
  { queue, disposition }: Pick<Contact, 'queue' | 'disposition'>,
): readonly AnyDispositionNode[] => {
  const own = trees.filter((tree) => queue !== null && tree.queues.includes(queue));
  const found = [...own, ...trees].map((tree) => follow(tree, [...(disposition ?? [])]));
  return found.find((nodes) => nodes !== undefined) ?? [];
};

/** One way of saying it in one place, and how often. */
type Said = {
  readonly path: string;
  readonly queue: string;
  readonly tree: string;
  readonly key: string;
  readonly count: number;
};

const keyOf = (by: Asked['by']): Part => {
  switch (by) {
    case 'said':
      return statement`contact.row ->> 'disposition'`;
    case 'topic':
      return statement`coalesce(contact.row ->> 'topicId', '')`;
    case 'queue':
      return statement`coalesce(fact.queue, '')`;
    case 'agent':
      return statement`fact.agent_id`;
    case 'day':
      return statement`fact.day`;
  }
};

const inPeriod = (session: Session, { fromDay, toDay }: Pick<Asked, 'fromDay' | 'toDay'>): Part => statement`
  contact_fact as fact join agent on agent.id = fact.agent_id join contact on contact.id = fact.contact_id
  where fact.day >= ${fromDay} and fact.day <= ${toDay} and contact.wrapped_up_at_ms is not null and ${seenBy(session)}`;

/** Grouped first, judged then: there are few ways of saying something, and many who say it. */
const saidBy = async (
  session: Session,
  trees: readonly DispositionTree[],
  asked: Pick<Asked, 'fromDay' | 'toDay' | 'by'>,
): Promise<readonly Said[]> => {
  const found = await rows(
    session.db,
    statement<Said>`
      select contact.row ->> 'disposition' as path, coalesce(fact.queue, '') as queue,
        coalesce(contact.row -> 'grant' ->> 'treeId', '') as tree, ${keyOf(asked.by)} as key, count(*)::int as count
      from ${inPeriod(session, asked)} and contact.row ->> 'disposition' is not null
      group by 1, 2, 3, 4`,
  );
  return found.filter(({ path, queue, tree }) => {
    const of = { disposition: pathOf(path), queue: queue === '' ? null : queue };
    const grant = { grant: { id: '', taskId: null, treeId: tree } };
    return outcomeIn(trees, { ...of, ...grant } as unknown as Contact) === 'feedback';
  });
};

const pathOf = (text: string): string[] => JSON.parse(text) as string[];

const feedbackFor = async (ports: FigurePorts, session: Session, asked: Asked): Promise<Feedback> => {
  const { db } = session;
  const trees = await treesOf(db);
  const said = await saidBy(session, trees, asked);
  const all = await firstRow(db, statement<{ n: number }>`select count(*)::int as n from ${inPeriod(session, asked)}`);
  const counts = new Map<string, number>();
  for (const { key, count } of said) counts.set(key, (counts.get(key) ?? 0) + count);
  const names = await namesFor(db, trees, asked.by, said);
  const found = [...counts].map(([key, count]) => ({
    ...{ key: asked.by === 'said' ? pathOf(key).join('/') : key, count },
    name: names.get(key) ?? null,
  }));
  return {
    rows: found
      .toSorted((one, other) => (asked.by === 'day' ? (one.key < other.key ? -1 : 1) : other.count - one.count))
      .slice(0, mostFeedbackRows),
    total: found.reduce((sum, { count }) => sum + count, 0),
    contacts: all?.n ?? 0,
    mayExport: mayExport(ports.policy, session),
  };
};

const namesFor = async (
  db: Db,
  trees: readonly DispositionTree[],
  by: Asked['by'],
  said: readonly Said[],
): Promise<ReadonlyMap<string, Text>> => {
  if (by === 'said')
    return new Map(
      said.map(({ key, path, queue }) => {
        const nodes = nodesOf(trees, { queue, disposition: pathOf(path) });
        const joined = (language: 'zh' | 'en'): string =>
          nodes.map(({ label }) => label[language] || label.zh || label.en).join(' › ');
        return [key, { zh: joined('zh'), en: joined('en') }];
      }),
    );
  const keys = [...new Set(said.map(({ key }) => key))];
  if (by === 'agent') return namesOf(db, 'agent', keys);
  if (by === 'queue') return namesOf(db, 'team', keys);
  if (by === 'day') return new Map();
  const topics = await rows(
    db,
    statement<{ id: string; name: Text }>`
      select id, row -> 'name' as name from feed where entity = 'topic' and row is not null and id = any(${keys}::text[])`,
  );
  return new Map(topics.map(({ id, name }) => [id, name]));
};

const behindOf = (
  session: Session,
  said: readonly Said[],
  asked: Pick<Asked, 'fromDay' | 'toDay' | 'by'>,
  row: string | null,
): Behind => {
  const wanted = said.filter(({ key }) => row === null || (asked.by === 'said' ? pathOf(key).join('/') : key) === row);
  const keys = wanted.map(({ path, queue, tree, key }) => JSON.stringify([path, queue, tree, key]));
  // The same group again, by all it was grouped by: what is listed is what was counted.
  return statement`(
    select contact.id, contact.id as contact_id, fact.opened_at_ms as at_ms, null::text as name
    from ${inPeriod(session, asked)} and exists (
      select 1 from unnest(${keys}::text[]) as said (text)
      where said.text::json ->> 0 = contact.row ->> 'disposition' and said.text::json ->> 1 = coalesce(fact.queue, '')
        and said.text::json ->> 2 = coalesce(contact.row -> 'grant' ->> 'treeId', '')
        and said.text::json ->> 3 = ${keyOf(asked.by)}))`;
};

const listBehind = async (ports: FigurePorts, session: Session, asked: ListAsked): Promise<ContactsBehind> => {
  const said = await saidBy(session, await treesOf(session.db), asked);
  const behind = behindOf(session, said, asked, asked.row);
  const result = `feedback by ${asked.by} ${asked.row ?? 'all'}, ${asked.fromDay} to ${asked.toDay}`;
  return contactsBehind(ports, session, behind, { cursor: asked.cursor, result });
};

/** A page of contacts with what was noted of them. */
export const contactsBehind = async (
  ports: FigurePorts,
  session: Session,
  behind: Behind,
  about: Parameters<typeof pageBehind>[3],
): Promise<ContactsBehind> => {
  const page = await pageBehind(ports, session, behind, about);
  return { ...page, rows: page.rows.map(({ told, contact }) => ({ ...told, note: contact.note })) };
};
