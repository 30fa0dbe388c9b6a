import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { auditEntries } from '../../central/audit.ts';
import type { Database } from '../../central/db.ts';
import { transaction } from '../../central/db.ts';
import { publishReference } from '../../central/feed.ts';
import { dayOf } from '../../shared/calendar.ts';
import type { Contact } from '../../shared/contact.ts';
import type { FeedbackGroup, SurveyPick } from '../../shared/feedback-api.ts';
import { ScriptId, TopicId, type ContactId, type CustomerId } from '../../shared/ids.ts';
import type { OpBody } from '../../shared/op.ts';
import type { OpenedDatabase, Rig, Seat } from './fixture.ts';
import { ask, clean, customerId, databaseKinds, newContactId, opened, openTestDatabase } from './fixture.ts';
import { putAgents, putCustomers, putLead, signIn, startRig } from './fixture.ts';

const text = (zh: string) => ({ zh, en: '' });
const scriptId = ScriptId.parse('care-survey');
const survey = (version: number, extra: readonly object[] = []) => ({
  ...{ id: scriptId, version, title: text('满意度'), kind: 'survey', first: 'q1', objections: [] },
  steps: [
    {
      ...{ id: 'q1', part: 'opening', say: text('您满意吗？'), next: null },
      answers: [
        { id: 'good', label: text('满意'), next: null },
        { id: 'bad', label: text('不满意'), next: 'why' },
      ],
    },
    { id: 'why', part: 'ending', say: text('为什么？'), answers: [], next: null },
    ...extra,
  ],
});
const day = 24 * 3_600_000;
const byKey = ([one]: readonly [string, ...unknown[]], [other]: readonly [string, ...unknown[]]): number =>
  one < other ? -1 : 1;

describe.each(databaseKinds)('R31 feedback, R32 surveys on %s', (kind) => {
  let openedDb: OpenedDatabase;
  let database: Database;
  let rig: Rig;
  let seat: Seat;
  let other: Seat;
  let lead: Seat;
  let manager: Seat;
  let nowMs: number;
  beforeAll(async () => {
    openedDb = await openTestDatabase(kind);
    ({ database } = openedDb);
    await putAgents(database);
    await putLead(database, { queues: ['vip'] });
    await putLead(database, { number: '2001', name: '苏经理', role: 'manager', queues: [] });
    await transaction(database.db, (tx) =>
      publishReference(
        tx,
        'script',
        [survey(1), survey(2)].map((row) => ({ id: `${scriptId}@${row.version}`, row })),
      ),
    );
  });
  beforeEach(async () => {
    await clean(database);
    await putCustomers(database, 2);
    rig = await startRig(database);
    [seat, other, lead, manager] = [
      await signIn(rig, '1001'),
      await signIn(rig, '1002'),
      await signIn(rig, '1003'),
      await signIn(rig, '2001'),
    ];
    nowMs = rig.clock.nowMs();
  });
  afterEach(() => rig.close());
  afterAll(() => openedDb.close());

  type About = {
    readonly queue?: string;
    readonly customer?: CustomerId | null;
    readonly path?: readonly string[];
    readonly note?: string;
    readonly topic?: string;
    readonly script?: number;
    readonly answers?: Contact['answers'];
    readonly atMs?: number;
  };
  const call = async (who: Seat, about: About): Promise<ContactId> => {
    const contactId = newContactId();
    const { queue = 'marketing', customer = customerId(1), path = ['declined', 'why', 'price'], atMs = nowMs } = about;
    const first = opened(contactId, customer, atMs) as Extract<OpBody, { name: 'contact.opened' }>;
    const script = about.script === undefined ? {} : { script: { id: scriptId, version: about.script } };
    const told: OpBody[] = [
      { ...first, queue, ...script },
      { name: 'contact.answered', contactId, atMs },
    ];
    if (about.topic !== undefined)
      told.push({ name: 'contact.topicChosen', contactId, topicId: TopicId.parse(about.topic), script: null, atMs });
    if (about.answers !== undefined)
      told.push({ name: 'contact.scriptAnswered', contactId, answers: about.answers, atMs });
    told.push({ name: 'contact.ended', contactId, cause: 'customerHungUp', atMs: atMs + 60_000 });
    const wrapped = { disposition: [...path], forced: false, note: about.note ?? '', atMs: atMs + 90_000 };
    told.push({ name: 'contact.wrappedUp', contactId, ...wrapped });
    expect((await who.push(...told)).map(({ outcome }) => outcome)).not.toContain('refused');
    return contactId;
  };
  const period = () => ({ fromDay: dayOf(nowMs - 3 * day), toDay: dayOf(nowMs) });
  const feedback = async (by: FeedbackGroup, who = manager) =>
    (await ask(rig, 'feedback', { ...period(), by }, who.token)).value;
  const counts = async (by: FeedbackGroup, who = manager) =>
    (await feedback(by, who)).rows.map(({ key, name, count }) => [key, name?.zh ?? null, count] as const);
  const listed = async (by: FeedbackGroup, row: string | null) =>
    (await ask(rig, 'feedbackList', { ...period(), by, row }, manager.token)).value;

  it('R31 counts by what was said, topic, queue, agent and day; what is no feedback is in the total only', async () => {
    const dear = await call(seat, { note: '=嫌套餐贵', topic: 'bill' });
    await call(seat, { path: ['declined', 'why', 'need'], atMs: nowMs - day });
    await call(other, { queue: 'vip', path: ['stay', 'leaves', 'price'] });
    await call(other, { path: ['declined', 'never'] });
    // An older call is none of these days'.
    await call(seat, { atMs: nowMs - 10 * day });
    expect((await feedback('said')).contacts).toBe(4);
    expect((await counts('said')).toSorted(byKey)).toEqual([
      ['declined/why/need', '不办理 › 原因 › 用不上', 1],
      ['declined/why/price', '不办理 › 原因 › 嫌贵', 1],
      ['stay/leaves/price', '挽留 › 坚持离网 › 价格', 1],
    ]);
    expect((await counts('agent')).toSorted(byKey)).toEqual([
      ['A1001', '林小禾', 2],
      ['A1002', '周南乔', 1],
    ]);
    expect(await counts('day')).toEqual([
      [dayOf(nowMs - day), null, 1],
      [dayOf(nowMs), null, 2],
    ]);
    expect((await counts('queue')).toSorted(byKey)).toEqual([
      ['marketing', null, 2],
      ['vip', 'vip', 1],
    ]);
    expect((await counts('topic')).toSorted(byKey)).toMatchObject([
      ['', null, 2],
      ['bill', expect.any(String), 1],
    ]);
    // A lead sees their team's: who shares a desk with them, and what came to it.
    expect((await counts('agent', lead)).toSorted(byKey)).toEqual([
      ['A1001', '林小禾', 2],
      ['A1002', '周南乔', 1],
    ]);

    expect(await listed('said', 'declined/why/price')).toMatchObject({
      total: 1,
      rows: [{ contactId: dear, who: '欧阳***', number: '138****0001', note: '=嫌套餐贵', agentName: '林小禾' }],
    });
    for (const [by, row, total] of [
      ['agent', 'A1001', 2],
      ['topic', '', 2],
      ['day', dayOf(nowMs), 2],
      ['queue', 'vip', 1],
      ['said', null, 3],
    ] as const)
      expect([by, row, (await listed(by, row)).total]).toEqual([by, row, total]);
  });

  it('R31 the file has no number, no name and no formula, and is a manager’s', async () => {
    await call(seat, { note: '=嫌套餐贵' });
    const asked = { ...period(), language: 'en', heads: ['Day', 'Queue', 'Topic', 'Said', 'Tag', 'Note'] };
    expect((await ask(rig, 'feedbackExport', asked, lead.token)).error?.reason).toBe('figureExport');
    const { name, base64 } = (await ask(rig, 'feedbackExport', asked, manager.token)).value;
    expect(name).toBe(`feedback_${period().fromDay}_${period().toDay}.csv`);
    expect(Buffer.from(base64, 'base64').toString().split('\r\n').slice(1)).toEqual([
      `"${dayOf(nowMs)}","marketing","","Declined › Reason › Too dear","declined/why/price","'=嫌套餐贵"`,
      '',
    ]);
    const kinds: string[] = [];
    for await (const { kind: of, result } of auditEntries(database.db)) kinds.push(`${of} ${result}`);
    expect(kinds).toContain(`export feedback ${name}, 1 rows`);
    const wrong = { fromDay: '2026-02-30', toDay: '2026-03-01', by: 'said' };
    expect((await ask(rig, 'feedback', wrong, manager.token)).error?.reason).toBe('figureDays');
  });

  it('R32 says how many were asked and finished, counts answers over versions, and lists who gave one', async () => {
    const at = (stepId: string, answerId: string | null) => ({ stepId, answerId, atMs: nowMs });
    const of = { path: ['declined', 'never'] };
    const good = await call(seat, { ...of, script: 1, answers: [at('q1', 'good')] });
    await call(seat, { ...of, script: 2, answers: [at('q1', 'bad')] });
    const whole = await call(other, {
      ...of,
      script: 2,
      answers: [at('q1', 'bad'), at('why', null)],
      queue: 'service',
    });
    await call(other, { ...of, script: 2, answers: [], queue: 'service' });
    // An answer that no version has is shown by its id.
    await call(seat, { ...of, script: 1, answers: [at('q1', 'gone')], atMs: nowMs - day });
    await call(seat, { ...of, script: 1, answers: [at('q1', 'good')], atMs: nowMs - 10 * day });
    const asked = { ...period(), scriptId };
    expect((await ask(rig, 'surveys', {}, lead.token)).value.surveys).toEqual([
      { id: scriptId, title: text('满意度') },
    ]);
    const { value } = await ask(rig, 'survey', asked, manager.token);
    expect(value).toMatchObject({ asked: 5, finished: 2, mayExport: true });
    expect(value.questions).toEqual([
      {
        ...{ stepId: 'q1', say: text('您满意吗？') },
        answers: [
          { id: 'good', label: text('满意'), count: 1 },
          { id: 'bad', label: text('不满意'), count: 2 },
          { id: 'gone', label: null, count: 1 },
        ],
      },
    ]);
    expect(value.agents.map(({ id, asked: n, finished }) => [id, n, finished])).toEqual([
      ['A1001', 3, 1],
      ['A1002', 2, 1],
    ]);
    expect(value.days).toEqual([
      { day: dayOf(nowMs - day), asked: 1, finished: 0 },
      { day: dayOf(nowMs), asked: 4, finished: 2 },
    ]);
    const list = async (pick: SurveyPick) =>
      (await ask(rig, 'surveyList', { ...asked, pick }, manager.token)).value.rows.map(({ contactId }) => contactId);
    expect(await list({ kind: 'answer', stepId: 'q1', answerId: 'good' })).toEqual([good]);
    expect(await list({ kind: 'finished', agentId: 'A1002', day: null })).toEqual([whole]);
    expect(await list({ kind: 'asked', agentId: null, day: dayOf(nowMs - day) })).toHaveLength(1);

    const words = { language: 'zh-CN', heads: ['日期', '版本', '完成'], yes: '是', no: '否' };
    const { base64 } = (await ask(rig, 'surveyExport', { ...asked, ...words }, manager.token)).value;
    const lines = Buffer.from(base64, 'base64').toString().slice(1).split('\r\n');
    expect(lines[0]).toBe('"日期","版本","完成","您满意吗？"');
    expect(lines).toContain(`"${dayOf(nowMs)}","2","是","不满意"`);
    expect((await ask(rig, 'survey', { ...asked, scriptId: 'none' }, manager.token)).error?.reason).toBe('survey');
    expect((await ask(rig, 'survey', asked, seat.token)).error?.kind).toBe('forbidden');
  });
});
