import type { Page } from 'playwright-core';
import { type Gallery, type Hands, handsOn, type Look, type Run } from './gallery-hands.ts';
import { walkAsLead } from './lead-walk.ts';

/** From sign-in to wrap-up, what stands beside it, and what leads see. Further screens: further-walk.ts. */
export const walk = async (page: Page, look: Look): Promise<void> => {
  const hands = handsOn(page, look);
  const { keys, typed, gallery, until } = hands;
  const isReady = (): Promise<unknown> => until(({ stage }) => stage.engine.agent().kind === 'ready');

  await page.locator('.samples, form').first().waitFor();
  await look('01-sign-in');
  await keys('1');
  await page.locator('.rail').waitFor();
  await until(({ desk }) => desk.phone.getState().state.line.kind === 'registered');
  await look('02-shift-start');
  await keys('1', '3');
  await page.locator('.shift').waitFor({ state: 'detached' });
  await look('03-between-calls');
  await gallery(({ stage }) => {
    stage.engine.world.rooms = [
      { reason: 'break', limit: 2, taken: 2 },
      { reason: 'meal', limit: 5, taken: 1 },
    ];
    stage.engine.world.force({
      ...{ outcome: 'waiting', why: null },
      order: {
        ...{ id: '01900000-0000-7000-8000-0000000000f1', why: '排队人多，请提前轮休', byName: '叶长歌', atMs: 1 },
        to: { kind: 'notReady', reason: 'break' },
      },
    });
  });
  await keys('F8');
  // A reason nobody knows is not counted: in a hostile world there are only such.
  if (!page.url().includes('hostile')) await page.locator('.room').first().waitFor();
  await look('04-states');
  await gallery(({ stage }) => stage.engine.world.force(null));
  await keys('1');
  await isReady();
  await page.locator('.whoami').click();
  await look('05-account');
  await keys('Escape', 'F1');
  await look('06-help');
  await keys('Escape', 'Control+k');
  await look('07-palette');
  await keys('Escape');
  await gallery(({ desk, stage }) => {
    stage.engine.world.dayAtCentral = { contacts: 3, talkMs: 60_000, unfinished: 0, states: [] };
    desk.ui.setState({ overlay: 'day' });
  });
  await look('08-shift-summary');
  await keys('Escape');
  await missed(page, hands);
  await besides(gallery, look, typed);
  await gallery(({ stage }) => {
    const retryAtMs = Date.now() + 60_000;
    stage.engine.world.setSync({ kind: 'offline', waiting: 12, why: 'offline', attempt: 3, retryAtMs });
    stage.far.cutLine();
  });
  await page.locator('.banner').first().waitFor();
  await look('16-off-line');
  await gallery(({ stage }) => {
    stage.engine.world.setSync({ kind: 'idle', waiting: 0, atMs: Date.now() });
    stage.far.restoreLine();
  });
  await until(({ desk }) => desk.phone.getState().state.line.kind === 'registered');
  for (const [name, number] of [
    ['17-several-customers', '13700137000'],
    ['18-unknown-caller', '13000130000'],
  ] as const) {
    await page.evaluate((caller) => {
      void (window as unknown as Gallery).stage.far.call({ number: caller, queue: 'service' });
    }, number);
    await page.locator('.contact').waitFor();
    await look(name);
    await gallery(({ stage }) => stage.far.hangUp());
    await isReady();
  }
  await inCall(page, hands);
  await walkAsLead(page, hands);
};

/** R38: who was not answered, and what became of it. */
const missed = async (page: Page, { look, gallery }: Pick<Hands, 'look' | 'gallery'>): Promise<void> => {
  await gallery(({ stage }) => {
    const call = (n: number, over: object) => ({
      ...{ contactId: `01900000-0000-7000-8000-00000000d00${n}` as never, shown: '138****8000', name: '李*' },
      ...{ queue: 'service', how: 'rangOut' as const, atMs: Date.now() - n * 600_000, times: n },
      state: { kind: 'open' as const, triedAtMs: null },
      ...over,
    });
    stage.engine.world.missed.list = {
      calls: [
        call(1, {}),
        call(2, { name: null, shown: '', how: 'gaveUp' }),
        call(3, { how: 'declined', state: { kind: 'colleague', atMs: Date.now() - 60_000, by: '周南乔' } }),
      ],
      colleagues: [{ number: '1003', name: { zh: '叶长歌', en: 'Ye Changge' }, atMs: Date.now() - 120_000, times: 1 }],
    };
    stage.engine.world.setAsOf(Date.now());
  });
  await page.locator('.missed').first().waitFor();
  await look('08-missed-calls', ({ desk }) => desk.actions.loadMissed(`${Math.random()}`));
};

/** The panels on the right, one after the other. */
const besides = async (
  gallery: (run: Run) => Promise<void>,
  look: Look,
  typed: (text: string) => Promise<void>,
): Promise<void> => {
  await gallery(({ stage }) =>
    stage.engine.world.setRefusedOps([
      {
        ...{ opId: 'o1', name: 'contact.wrappedUp', contactId: null, atMs: Date.now(), kind: 'conflict' },
        reason: 'contactClosed',
        repair: { customer: '李**', isOwn: true, edit: { kind: 'wrapUp', note: 'x', disposition: [] } },
      },
    ]),
  );
  await gallery(({ desk }) => {
    desk.run({ kind: 'find' });
  });
  await typed('王');
  await look('09-find', ({ desk }) => {
    desk.finding.type('');
    desk.finding.type('王');
  });
  await gallery(({ desk }) => desk.ui.setState({ side: 'dial' }));
  await look('10-dial', ({ desk }) => desk.actions.loadDirectory());
  for (const [name, run] of [
    ['11-due', ({ desk }: Gallery) => desk.ui.setState({ side: 'due' })],
    ['12-cases', ({ desk }: Gallery) => desk.ui.setState({ side: 'cases' })],
    ['13-practice', ({ desk }: Gallery) => desk.ui.setState({ side: 'practice' })],
    ['14-devices', ({ desk }: Gallery) => desk.ui.setState({ side: 'devices' })],
    ['15-sync', ({ desk }: Gallery) => desk.ui.setState({ side: 'sync' })],
  ] as const) {
    await gallery(run);
    await look(name);
  }
  await gallery(({ desk, stage }) => {
    stage.engine.world.setRefusedOps([]);
    desk.ui.setState({ side: null });
  });
};

const inCall = async (page: Page, { look, keys, typed, gallery, until }: Hands): Promise<void> => {
  await gallery(({ stage }) => void stage.far.call({ number: '13800138000', queue: 'service' }));
  await page.locator('.contact').waitFor();
  await look('19-ringing');
  await keys('F2');
  await until(({ stage }) => stage.engine.agent().kind === 'onCall');
  await look('20-topics');
  await keys('2');
  await until(({ stage }) => stage.engine.snapshot().contact?.contact.topicId != null);
  await gallery(({ stage }) => stage.engine.world.flag(['simChanged', 'callerMismatch', 'failedElsewhere']));
  await look('21-verification');
  await keys('1');
  await typed('000000');
  await keys('Enter');
  await look('22-no-match');
  await typed('258036');
  await keys('Enter');
  await until(({ stage }) => stage.engine.snapshot().contact?.verification.level === 3);
  await look('23-script');
  await keys('F9');
  await look('24-objections');
  await keys('1');
  await look('25-objection');
  await keys('Escape', 'F7', 'Control+i');
  await look('26-keypad-figures');
  await keys('Escape', 'Escape', 'F3');
  await look('27-held');
  await keys('F3', 'F6');
  await look('28-transfer', ({ desk }) => desk.actions.loadDirectory());
  await typed('1002');
  await keys('Enter');
  await until(({ stage }) =>
    stage.phone.state().calls.some(({ aside, state }) => aside !== undefined && state.kind === 'talking'),
  );
  await look('29-consulting');
  await keys('Shift+F4');
  await until(({ stage }) =>
    stage.phone.state().calls.every(({ aside, state }) => aside === undefined || state.kind === 'ended'),
  );
  await keys('F10');
  await look('30-wrap-up-in-call');
  await keys('F4');
  await until(({ stage }) => stage.engine.agent().kind === 'wrapUp');
  await look('31-wrap-up');
  await keys('/');
  await typed('j');
  await look('31-outcome-found');
  await keys('Escape');
  await keys('1', '1');
  await look('32-outcome');
  await keys('Control+Enter');
  await until(({ stage }) => stage.engine.snapshot().contact === null);
  await look('33-tour-done');
  await keys('Escape');
};
