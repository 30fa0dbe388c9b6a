import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../../central/db.ts';
import { transaction } from '../../central/db.ts';
import { exported } from '../../central/exports-cli.ts';
import { publishReference } from '../../central/feed.ts';
import { putContact } from '../../central/contacts.ts';
import { momentOf } from '../../shared/calendar.ts';
import type { Contact } from '../../shared/contact.ts';
import { nextContact } from '../../shared/contact.ts';
import { AgentId, ScriptId, TopicId } from '../../shared/ids.ts';
import type { ContactOp } from '../../shared/op.ts';
import type { OpenedDatabase } from './fixture.ts';
import { clean, databaseKinds, newContactId, opened, openTestDatabase, putAgents } from './fixture.ts';

const text = (zh: string) => ({ zh, en: '' });
const atMs = momentOf('2026-11-28', 600) ?? 0;
const script = ScriptId.parse('care-survey');

describe.each(databaseKinds)('exports on %s', (kind) => {
  let openedDb: OpenedDatabase;
  let database: Database;
  beforeAll(async () => {
    openedDb = await openTestDatabase(kind);
    ({ database } = openedDb);
    await putAgents(database);
  });
  beforeEach(async () => {
    await clean(database);
    const leaf = { id: 'price', label: text('嫌贵'), outcome: 'feedback', children: [] };
    const roots = [
      { id: 'no', label: text('不办理'), outcome: '', children: [leaf] },
      { id: 'done', label: text('已办结'), outcome: 'done', children: [] },
    ];
    const answers = [
      { id: 'good', label: text('满意'), next: null },
      { id: 'bad', label: text('不满意'), next: 'why' },
    ];
    const steps = [
      { id: 'q1', part: 'opening', say: text('您满意吗?'), answers, next: null },
      { id: 'why', part: 'ending', say: text('=为什么?'), answers: [], next: null },
    ];
    const row = { id: script, version: 1, title: text('调查'), kind: 'survey', first: 'q1', steps, objections: [] };
    await transaction(database.db, async (tx) => {
      await publishReference(tx, 'tree', [{ id: 'export', row: { id: 'export', queues: ['export'], roots } }]);
      await publishReference(tx, 'script', [
        { id: `${script}@1`, row },
        { id: 'other@1', row: { ...row, id: 'other', kind: 'service' } },
      ]);
    });
  });
  afterAll(() => openedDb.close());

  const put = async (change: Partial<Contact>): Promise<void> => {
    const made = nextContact(undefined, opened(newContactId(), null, atMs) as ContactOp, AgentId.parse('A1001'));
    if (!made.ok) throw new Error('no contact');
    const over = { queue: 'export', answeredAtMs: atMs, endedAtMs: atMs, wrappedUpAtMs: atMs };
    await transaction(database.db, (tx) => putContact(tx, { ...made.value, ...over, ...change }));
  };
  const ask = (what: string, day = '2026-11-28', id: string | undefined = script) =>
    exported(database.db, { what, day, script: id });

  it('R31 a day’s feedback goes to marketing with its tag and words, without number or name', async () => {
    await put({ disposition: ['no', 'price'], note: '=HYPERLINK("x")', topicId: TopicId.parse('offer') });
    await put({ disposition: ['done'] });
    await put({ disposition: ['no', 'price'], wrappedUpAtMs: atMs + 86_400_000 });
    const { csv, summary } = await ask('feedback');
    expect(summary).toBe('2026-11-28: 1 of 2 contacts brought feedback');
    expect(csv.split('\r\n').slice(1)).toEqual([
      `"2026-11-28","export","offer","不办理 › 嫌贵","no/price","'=HYPERLINK(""x"")"`,
      '',
    ]);
  });

  it('R32 a survey’s answers, and how many of those asked came to its end', async () => {
    const of = { script: { id: script, version: 1 } };
    await put({ ...of, answers: [{ stepId: 'q1', answerId: 'good', atMs }] });
    await put({ ...of, answers: [{ stepId: 'q1', answerId: 'bad', atMs }] });
    await put({
      ...of,
      answers: [
        { stepId: 'q1', answerId: 'bad', atMs },
        { stepId: 'why', answerId: null, atMs },
      ],
    });
    await put({ ...of, answers: [] });
    await put({ ...of, answeredAtMs: null });
    const { csv, summary } = await ask('survey');
    expect(summary).toBe('4 asked, 2 finished: response rate 50.0 %');
    const lines = csv.slice(1).split('\r\n');
    expect(lines[0]).toBe('"day","version","finished","您满意吗?"');
    expect(lines.slice(1, 5).toSorted()).toEqual([
      '"2026-11-28","1","no",""',
      '"2026-11-28","1","no","不满意"',
      '"2026-11-28","1","yes","不满意"',
      '"2026-11-28","1","yes","满意"',
    ]);
  });

  it.each([
    ['nothing', '2026-11-28', script, '"export" takes feedback or survey.'],
    ['feedback', '2026-02-30', script, '--day is a day as 2026-11-28.'],
    ['survey', '', 'none', 'There is no script none.'],
    ['survey', '', 'other', 'The script other is no survey.'],
  ])('%s of %s %s: a sentence for who typed it', async (what, day, id, sentence) => {
    await expect(ask(what, day, id)).rejects.toThrow(sentence);
  });
});
