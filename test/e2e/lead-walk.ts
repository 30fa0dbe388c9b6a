import type { Page } from 'playwright-core';
import type { Hands } from './gallery-hands.ts';

/** What leads and managers see (R24, R29, R31, R32, R35, R36), after the walk of an agent (desk-walk.ts). */
export const walkAsLead = async (page: Page, hands: Hands): Promise<void> => {
  const { look, keys, gallery, until } = hands;
  await gallery(({ desk, stage }) => {
    stage.engine.world.role = 'lead';
    const sinceMs = Date.now() - 65_000;
    stage.engine.world.team = ['周南乔', '陈一诺'].map((agentName, n) => ({
      ...{
        agentId: `A100${n + 2}` as never,
        agentName,
        agentNumber: `100${n + 2}`,
        state: 'talking' as const,
        sinceMs,
      },
      ...{ contactId: null, direction: 'inbound' as const, queue: 'service', supervisedBy: n === 0 ? null : '顾千帆' },
    }));
    stage.engine.world.missed.team = [
      {
        ...{ contactId: '01900000-0000-7000-8000-00000000d001' as never, agentId: 'A1002' as never, who: '李*' },
        ...{ agentName: '周南乔', agentNumber: '1002', number: '138****8000', queue: 'service', how: 'rangOut' },
        ...{ atMs: sinceMs, settled: null },
      },
    ];
    stage.engine.world.states = [
      {
        ...{ agentId: 'A1004' as never, agentName: '许青禾', agentNumber: '1004', state: 'notReady', reason: 'break' },
        ...{ sinceMs, forced: null },
      },
      {
        ...{
          agentId: 'A1005' as never,
          agentName: '周南乔',
          agentNumber: '1005',
          state: 'onCall',
          reason: null,
          sinceMs,
        },
        forced: { to: { kind: 'notReady', reason: 'meal' }, byName: '林小满', outcome: 'waiting', why: null },
      },
    ];
    stage.engine.putWork({
      ...{ record: 'case', id: '01900000-0000-7000-8000-0000000000c1' as never, customerId: 'c-li' as never },
      ...{
        agentId: 'a-2' as never,
        kind: 'complaint',
        title: '多次断网，客户要求主管回电',
        text: '',
        department: '网络部',
      },
      ...{ contactId: '01900000-0000-7000-8000-0000000000c2' as never, openedAtMs: Date.now() - 9e8, steps: [] },
      ...{ dueAtMs: Date.now() - 9e6, missingYear: null, state: 'inProgress' },
    });
    void desk.actions.leave();
  });
  await until(({ stage }) => stage.engine.snapshot().session.kind === 'signedOut');
  await page.locator('.samples, form').first().waitFor();
  await keys('2');
  await page.locator('.rail').waitFor();
  await gallery(({ desk }) => desk.ui.setState({ side: 'board' }));
  await page.waitForTimeout(300);
  await look('34-board');
  await page.locator('.panel > section > .pair > button').first().click();
  await page.locator('.panel > section > .board').last().locator('li').last().waitFor();
  await look('34-missed-today', () => {
    const buttons = document.querySelectorAll<HTMLElement>('.panel > section > .pair > button');
    buttons[buttons.length - 1]?.click();
  });
  await gallery(({ desk }) => desk.ui.setState({ side: 'cases' }));
  await look('34-cases');
  await page.locator('.owed-open').last().click();
  await look('34-case');
  await gallery(({ desk }) => desk.ui.setState({ side: null, scripts: true }));
  await page.locator('.scripts').first().waitFor();
  await page.waitForTimeout(400);
  await look('35-scripts', ({ desk }) => desk.scripts.load());
  await page.locator('.script-list button').first().click();
  await page.waitForTimeout(500);
  await look('36-script-editor', ({ desk }) => {
    const open = desk.scripts.store.getState().open;
    return open === null ? undefined : desk.scripts.open(open.script.id, open.script.version);
  });
  await writing(page, hands);
  await gallery(({ desk, stage }) => {
    stage.engine.world.role = 'manager';
    desk.ui.setState({ scripts: false, figuresScreen: true });
  });
  await page.locator('.figures-table').waitFor();
  await page.waitForTimeout(500);
  await look('37-figures', otherView);
  await page.locator('.figures-cell').nth(1).click();
  await page.locator('.figures-list li').first().waitFor();
  await page.locator('.figures > header button').last().click();
  await page.locator('.figures-rates').waitFor();
  await look('38-figures-list-and-costs', () => {
    document.querySelectorAll<HTMLElement>('.figures-cell')[1]?.click();
    document.querySelectorAll<HTMLElement>('.figures-cell')[0]?.click();
  });
  for (const [nth, name] of [
    [1, '44-feedback'],
    [2, '45-survey'],
  ] as const) {
    await page.locator('.figures > header [role="group"] button').nth(nth).click();
    await page.locator('.figures-counts .figures-cell').first().click();
    await page.locator('.figures-list li').first().waitFor();
    await look(name, otherView);
  }
  await gallery(({ desk }) => desk.ui.setState({ figuresScreen: false, calendarScreen: true }));
  await page.locator('.calendar-year').waitFor();
  await look('46-calendar', async ({ desk }) => {
    desk.ui.setState({ calendarScreen: false });
    await new Promise((drawn) => setTimeout(drawn));
    desk.ui.setState({ calendarScreen: true });
  });
  await page.locator('.calendar > header button').last().click();
  await page.locator('.calendar-year input').fill('国务院办公厅关于部分节假日安排的通知');
  await page.locator('.calendar-year textarea').first().fill('01-01 ~ 01-03\n02-30');
  await page.locator('.calendar-year .outcome').waitFor();
  await look('47-calendar-year');
  await gallery(({ stage }) => {
    const of = { workId: '01900000-0000-7000-8000-0000000000c1' as never, agentName: '周南乔' };
    const days = { fromMs: Date.now() + 3 * 86_400_000, toMs: Date.now() + 6 * 86_400_000 };
    stage.engine.world.calendar.changes = {
      ...{ total: 3, late: 2, shown: [{ ...of, record: 'case', kind: 'complaint', ...days }] },
      others: [
        { ...of, record: 'escalation', kind: 'second', ...days },
        { ...of, record: 'order', kind: 'delivered', ...days },
      ],
    };
  });
  await page.locator('.calendar-year textarea').first().fill('01-01 ~ 01-03');
  await page.locator('.calendar-year button[type="submit"]').click();
  await page.locator('.calendar-year .task-table').waitFor();
  await look('48-calendar-changes', () => {
    const days = document.querySelector<HTMLTextAreaElement>('.calendar-year textarea');
    if (days === null) return;
    // As typed: React looks for what the browser itself has changed.
    days.setRangeText(days.value.includes('01-05') ? '01-01 ~ 01-03' : '01-01 ~ 01-05', 0, days.value.length);
    days.dispatchEvent(new Event('input', { bubbles: true }));
    document.querySelector<HTMLElement>('.calendar-year button[type="submit"]')?.click();
  });
  await gallery(({ desk }) => desk.ui.setState({ calendarScreen: false }));
  await owedInAWeek(page, hands);
};

/** Another kind of figures and back, and the first number opened: central is asked for all of it again. */
const otherView = async (): Promise<void> => {
  const views = [...document.querySelectorAll<HTMLElement>('.figures > header [role="group"] button')];
  const at = views.findIndex((one) => one.getAttribute('aria-pressed') === 'true');
  views[at === 0 ? 1 : 0]?.click();
  await new Promise((drawn) => setTimeout(drawn));
  document.querySelectorAll<HTMLElement>('.figures > header [role="group"] button')[at]?.click();
  for (let frame = 0; frame < 3; frame += 1) await new Promise((drawn) => setTimeout(drawn));
  document.querySelector<HTMLElement>('.figures-counts .figures-cell')?.click();
};

/** R24: the week of what is owed. R19: why no customers of tasks come. */
const owedInAWeek = async (page: Page, { look, gallery }: Pick<Hands, 'look' | 'gallery'>): Promise<void> => {
  await gallery(({ desk, stage }) => {
    const at = new Date();
    at.setHours(10, 30, 0, 0);
    const owed = (n: number, days: number, hours: number, kind: 'callback' | 'vipCare' | 'trialEnd') =>
      stage.engine.putWork({
        ...{ record: 'obligation', id: `01900000-0000-7000-8000-0000000000f${n}` as never, kind, what: '账单复核结果' },
        ...{ customerId: 'C-1002' as never, agentId: 'A-801' as never, contactId: null, caseId: null },
        ...{ openedAtMs: 0, limitMs: null, missingYear: null, state: { kind: 'open' } },
        dueAtMs: at.getTime() + days * 86_400_000 + hours * 3_600_000,
      });
    owed(1, 0, 0, 'callback');
    owed(2, 0, 5, 'vipCare');
    owed(3, 1, 0, 'callback');
    owed(4, 1, 0, 'trialEnd');
    owed(5, 1, 0, 'callback');
    desk.ui.setState({ figuresScreen: false, week: true });
  });
  await page.locator('.week-grid').waitFor();
  await look('43-week');
  await gallery(({ desk, stage }) => {
    const { tasks } = stage.engine.world;
    const shift = { queue: 'service', why: 'waiting', sinceMs: Date.now() - 90_000 } as const;
    for (const kind of ['turnedOn', 'asked'] as const) tasks.on({ kind });
    tasks.on({ kind: 'nobody', why: 'inboundFirst', againAtMs: null, tasks: [], shift });
    desk.ui.setState({ week: false });
  });
  await page.locator('.task-shifted').waitFor();
  await look('44-callers-first');
};

/** The graph of a script, what scripts share, and which call gets which. */
const writing = async (page: Page, { look, keys, gallery }: Hands): Promise<void> => {
  await gallery(({ desk }) => {
    const open = desk.scripts.store.getState().open;
    if (open !== null) void desk.scripts.begin(open.script);
  });
  await page.waitForTimeout(300);
  await page.locator('.script-editor-head button[aria-pressed]').click();
  await page.locator('.graph-step').first().waitFor();
  await look('39-script-graph');
  await page.locator('.graph-step').first().focus();
  await keys('1');
  await page.locator('.graph-bar').waitFor();
  await look('40-script-graph-way');
  await gallery(({ desk, stage }) => {
    const { versions } = stage.engine.world.scripts;
    const [first] = versions;
    const answer = { id: 'answer', part: 'objections' as const, answers: [], next: null };
    const entry = (id: string, zh: string, en: string, category: 'price' | 'trust') => ({
      ...{
        id: id as never,
        version: 1,
        title: { zh, en },
        kind: 'information' as const,
        first: 'answer',
        objections: [],
      },
      ...{
        steps: [{ ...answer, say: { zh: `${zh}：可以这样说。`, en: `${en}: say this.` } }],
        objection: { category },
      },
    });
    const refers =
      first === undefined
        ? null
        : { ...first.script, id: 'other' as never, library: [{ id: 'o-1' as never, steps: [] }] };
    const life = { kind: 'published' as const, by: 'A1002' as never, atMs: 0 };
    const made = [
      entry('o-1', '太贵了', 'Too dear', 'price'),
      entry('o-2', '是不是诈骗', 'Is this a scam?', 'trust'),
      refers,
    ];
    for (const script of made) if (script !== null) versions.push({ script, life, authors: [], revision: 1 });
    return desk.scripts.close();
  });
  const section = page.locator('.script-editor-head .pair button');
  await section.nth(1).click();
  await page.waitForTimeout(300);
  await look('41-objections-library', ({ desk }) => desk.scripts.load());
  await page.locator('.script-list button').first().click();
  await page.waitForTimeout(300);
  await look('42-objection');
  await gallery(({ desk }) => desk.scripts.close());
  await section.nth(2).click();
  await page.waitForTimeout(300);
  await page.locator('.sample-call select').first().selectOption({ index: 1 });
  await look('43-assignment', ({ desk }) => desk.scripts.load());
};
