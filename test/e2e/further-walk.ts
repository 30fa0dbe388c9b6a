import type { Page } from 'playwright-core';
import { type Hands, handsOn, type Look } from './gallery-hands.ts';

/**
 * The screens the walk (desk-walk.ts) does not come by: what a lead plans, the past, wishes that wait for a second person, orders and new cases in a
 * call, what the library answers, and a server's no. Goes on where the walk ended: a manager is signed in, between calls.
 */
export const walkFurther = async (page: Page, look: Look): Promise<void> => {
  const hands = handsOn(page, look);
  await planning(page, hands);
  await past(page, hands);
  await deciding(page, hands);
  await inACall(page, hands);
  await atTheDoor(page, hands);
};

const planning = async (page: Page, { look, gallery }: Hands): Promise<void> => {
  await gallery(({ stage }) => {
    const { tasks } = stage.engine.world;
    tasks.give();
    const item = tasks.state.kind === 'preview' ? tasks.state.item : undefined;
    if (item === undefined) throw new Error('no customer of a task');
    const plan = {
      ...{
        title: '畅享套餐推荐',
        kind: 'marketing' as const,
        mode: 'progressive' as const,
        scriptId: null,
        treeId: null,
      },
      source: { kind: 'query' as const, tiers: [], packages: [], areas: [] },
      ...{ offer: '畅享 129，多 20GB', callerNumber: '95001', boxSeconds: 30, weight: 1, agents: [] },
      ...{ hours: item.hours, endsAtMs: Date.now() + 9 * 86_400_000 },
      again: {
        ...{ noAnswer: { afterMinutes: 120, times: 2 }, busy: { afterMinutes: 30, times: 3 } },
        failed: { afterMinutes: 60, times: 1 },
      },
    };
    const counts = { total: 1_200, waiting: 700, tried: 480, reached: 312, succeeded: 41, refused: 9, out: 20 };
    const of = { ownerId: 'A8001' as never, revision: 1, figures: { ...counts, attempts: 650 } };
    const by = { by: 'A8001' as never, atMs: Date.now() };
    tasks.tasks.push(
      {
        ...{ id: item.taskId, plan: { ...plan, predictive: { ringSeconds: 25, detectsMachines: true } }, ...of },
        state: { kind: 'running', ...by },
        pacing: {
          ...{ mode: 'progressive' as const, why: 'promise' as const, free: 2, talking: 11, ringing: 3, waiting: 0 },
          ...{ answered: 120, abandoned: 3 },
        },
      },
      {
        ...{ id: '01900000-0000-7000-8000-00000000aaab' as never, plan, ...of },
        state: { kind: 'paused', why: 'scriptWithdrawn', ...by },
      },
      { ...{ id: '01900000-0000-7000-8000-00000000aaac' as never, plan, ...of }, state: { kind: 'draft', ...by } },
    );
  });
  await page.locator('.task-preview').waitFor();
  await look('50-task-preview');
  await gallery(({ desk }) => desk.ui.setState({ tasks: true }));
  await page.locator('.task-table').waitFor();
  await look('51-tasks', reopenTasks);
  await page.locator('.tasks-head button').click();
  await page.locator('.task-form').waitFor();
  await page.locator('.task-beside .pair button').first().click();
  await page.locator('.task-estimate').waitFor();
  await page.locator('.list-paste summary').click();
  await page.locator('.list-paste input').first().fill('春季名单');
  await page.locator('.list-paste textarea').fill('13800138000,李\n12,王');
  await page.locator('.list-paste > button').click();
  await page.locator('.list-paste [role="status"]').first().waitFor();
  await look('52-task-form');
  await gallery(({ desk, stage }) => {
    stage.engine.world.tasks.on({ kind: 'turnedOff' });
    desk.ui.setState({ tasks: false });
  });
};

const reopenTasks: Parameters<Look>[1] = async ({ desk }) => {
  desk.ui.setState({ tasks: false });
  await new Promise((drawn) => setTimeout(drawn));
  desk.ui.setState({ tasks: true });
};

/** R33, R34. */
const past = async (page: Page, { look, gallery }: Hands): Promise<void> => {
  await gallery(({ desk, stage }) => {
    const startedAtMs = Date.now() - 3_600_000;
    const detail = (n: number) => ({
      row: {
        ...{ contactId: `01900000-0000-7000-8000-00000000ee0${n}` as never, customerId: 'C-1001' as never },
        ...{ who: '王**', number: '138****8000', direction: 'inbound' as const, queue: 'service' },
        ...{ startedAtMs: startedAtMs - n * 600_000, talkMs: 95_000, topic: { zh: '话费查询', en: 'Bill' } },
        ...{ disposition: [{ zh: '咨询', en: 'Question' }], agentName: '林小满' },
      },
      ...{ note: '客户问漫游费，已说明。', forced: false, endedAtMs: null, wrappedUpAtMs: null },
      script: {
        ...{ title: { zh: '账单说明', en: 'Bill explained' }, version: 3 },
        answers: [
          {
            ...{ say: { zh: '请问您想查哪个月？', en: 'Which month?' }, atMs: startedAtMs + 8_000 },
            answer: { zh: '上个月', en: 'Last month' },
          },
        ],
      },
      verifications: [{ factor: 'servicePassword' as const, matched: true, atMs: startedAtMs + 4_000 }],
      transfers: [],
      recordings: {
        kind: 'listed' as const,
        parts: [
          {
            ...{ part: 0, startedAtMs, lengthMs: 95_000, state: 'ready' as const },
            ...{
              pauses: [{ fromMs: 3_000, toMs: 6_000 }],
              peaks: Array.from({ length: 240 }, (_, at) => (at * 7) % 100),
            },
          },
        ],
      },
    });
    stage.engine.world.history.here = [detail(1), detail(2)];
    stage.engine.world.history.atCentral = [detail(2), detail(3)];
    desk.ui.setState({ history: true });
  });
  await page.locator('.history [role="option"]').first().waitFor();
  await look('53-history', ({ desk }) => desk.history.search());
  await gallery(({ desk }) => desk.history.open('01900000-0000-7000-8000-00000000ee02' as never));
  await page.waitForTimeout(400);
  await look('54-history-contact', ({ desk }) => desk.history.open('01900000-0000-7000-8000-00000000ee02' as never));
  await gallery(({ desk }) => {
    desk.history.back();
    desk.ui.setState({ history: false });
  });
};

/** Security 61, R22: what agents ask a second person for. */
const deciding = async (page: Page, { look, gallery }: Hands): Promise<void> => {
  await gallery(({ desk, stage }) => {
    const who = { agentName: '周南乔', agentNumber: '1002', customer: '李*', askedAtMs: Date.now() - 60_000 };
    stage.engine.world.overrides = [{ id: 'v1', ...who, action: 'simChange', reason: 'phoneLost' }];
    stage.engine.world.tasks.wishes.push({ id: 'n1', ...who, reason: '客户来信要求当面解释', customerId: 'C-1001' });
    desk.ui.setState({ side: 'board' });
  });
  await page.locator('.board .pair').first().waitFor();
  await look('55-second-person', async ({ desk }) => {
    desk.ui.setState({ side: null });
    await new Promise((drawn) => setTimeout(drawn));
    desk.ui.setState({ side: 'board' });
  });
  await gallery(({ desk, stage }) => {
    stage.engine.world.overrides = [];
    stage.engine.world.tasks.wishes.length = 0;
    desk.ui.setState({ side: null });
  });
};

/** R18, R26, R29, R30: what a call can open beside its script. */
const inACall = async (page: Page, { look, keys, gallery, until }: Hands): Promise<void> => {
  await gallery(({ stage }) => {
    const entry = (id: string, zh: string, en: string) => ({
      ...{
        id,
        label: { zh, en },
        say: { zh: `${zh}：请放心，随时可以退订。`, en: `${en}: you can leave at any time.` },
      },
      ...{ category: 'trust' as const, steps: [], pinyin: [] },
    });
    stage.engine.world.libraryEntries = [
      entry('o-1', '再考虑一下', 'I have to think about it'),
      entry('o-2', '怕被套牢', 'I do not want to be tied'),
    ];
  });
  await page.locator('.shift').waitFor();
  await keys('1', '3');
  await page.locator('.shift').waitFor({ state: 'detached' });
  await keys('F8', '1');
  await until(({ stage }) => stage.engine.agent().kind === 'ready');
  await gallery(({ stage }) => void stage.far.call({ number: '13800138000', queue: 'service', display: 'LI WEI' }));
  await page.locator('.contact').waitFor();
  await look('56-ringing-display-name');
  await keys('F2');
  await until(({ stage }) => stage.engine.agent().kind === 'onCall');
  await gallery(({ desk, stage }) => {
    const id = stage.engine.snapshot().contact?.contact.id;
    const topic = stage.engine
      .snapshot()
      .reference.topics.find(({ scriptId, class: of }) => scriptId !== null && of === 1);
    return id === undefined || topic === undefined ? undefined : desk.actions.chooseTopic(topic.id);
  });
  await until(({ stage }) => stage.engine.snapshot().contact?.script != null);
  await keys('F9');
  await look('57-library-in-call');
  await gallery(({ desk }) => desk.ui.setState({ objections: { kind: 'one', id: 'o-1' } }));
  await look('58-library-answer');
  await keys('Escape');
  await gallery(({ desk }) => desk.ui.setState({ flow: 'order' }));
  await page.locator('.order').waitFor();
  await look('59-new-order');
  await page.locator('.order .answers button').last().click();
  await until(({ stage }) => stage.engine.snapshot().work.rows.some(({ row }) => row.record === 'order'));
  await look('60-order');
  await gallery(({ desk }) => desk.ui.setState({ side: 'orders' }));
  await look('61-orders');
  await gallery(({ desk }) => desk.ui.setState({ side: 'cases' }));
  await page.locator('.repair-form').waitFor();
  await look('62-new-case');
  await gallery(({ desk }) => desk.ui.setState({ side: null, flow: null }));
  await page.locator('.profile > button').click();
  await page.locator('.profile-form').waitFor();
  await look('63-profile');
  await page.locator('.profile > button').click();
  await gallery(({ stage }) => stage.engine.world.supervise('whisper'));
  await gallery(({ stage }) => void stage.far.call({ colleague: '1002', number: '1002', display: 'Zhou' }));
  await page.waitForTimeout(200);
  await look('64-colleague-calls');
  await keys('Shift+F2');
  await gallery(({ stage }) => stage.engine.world.supervise(null));
  await look('65-refused-by-central', async ({ desk, stage }) => {
    stage.engine.world.refuseNext = { kind: 'policy', reason: 'tooManyDials', params: { perMinute: 'x' } };
    await desk.actions.stepBack();
  });
  await keys('F4');
  await until(({ stage }) => stage.engine.agent().kind === 'wrapUp');
  await gallery(({ desk }) => {
    desk.actions.editNote('客户嫌贵，约明天再打。');
  });
  await look('66-wrap-up-after-order');
};

/** Turned away at the door, and the text for support. */
const atTheDoor = async (page: Page, { look, keys, gallery, until }: Hands): Promise<void> => {
  await keys('Control+d');
  await page.waitForTimeout(150);
  await look('67-diagnostics');
  await keys('Escape');
  await page.locator('.answers button, .choices button').first().waitFor();
  await keys('1', '1', '1', 'Control+Enter');
  await until(({ stage }) => stage.engine.snapshot().contact === null);
  await gallery(({ desk }) => void desk.actions.leave());
  await until(({ stage }) => stage.engine.snapshot().session.kind === 'signedOut');
  await page.locator('form, .samples').first().waitFor();
  await look('68-turned-away', async ({ desk }) => desk.actions.signIn('8001', 'wrong'));
  await gallery(({ stage }) =>
    stage.engine.world.setCompany({ kind: 'waiting', url: 'https://id.example/x', untilMs: Date.now() + 600_000 }),
  );
  await look('69-company-sign-in');
};
