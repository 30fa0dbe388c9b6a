import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { inLanguage } from '../../shared/text.ts';
import { contactsAtCentral } from './central-record.ts';
import type { DeskPage, Locale } from './browser.ts';
import { openBrowser, openDesk } from './browser.ts';
import { agentIs, answer, becomeReady, button, runScript, shows, signIn } from './steps.ts';
import type { World } from './world.ts';
import { startWorld } from './world.ts';

/** A whole call without a mouse, as a newcomer with the tour running: no page hears of a pointer, from sign-in to sign-out. */
let world: World;
let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser?.close());
beforeEach(async () => {
  world = await startWorld({ customers: 300 });
  return () => world.close();
});

type Watched = { pointed?: string[] };
/** In every frame, from before its first script on. */
const watchPointers = (page: Page): Promise<unknown> =>
  page.context().addInitScript(() => {
    const seen: string[] = ((window as unknown as Watched).pointed = []);
    for (const kind of ['pointerdown', 'mousedown', 'pointermove', 'mousemove', 'touchstart', 'wheel'])
      addEventListener(kind, () => void seen.push(kind), true);
  });
const pointed = async (page: Page): Promise<readonly string[]> =>
  (
    await Promise.all(
      page.frames().map((frame) => frame.evaluate(() => (window as unknown as Watched).pointed ?? ['?'])),
    )
  ).flat();

/** Tab until the control of this name has the focus. */
const tabTo = async ({ page, desk }: DeskPage, name: string): Promise<void> => {
  for (let presses = 0; presses < 120; presses += 1) {
    await page.keyboard.press('Tab');
    const focused = desk.locator(':focus');
    if ((await focused.count()) === 0) continue;
    const label = (await focused.getAttribute('aria-label')) ?? (await focused.getAttribute('placeholder')) ?? '';
    if (`${label} ${await focused.innerText()}`.includes(name)) return;
  }
  throw new Error(`Tab does not reach "${name}"`);
};

const palette = async (at: DeskPage, text: string): Promise<void> => {
  await at.page.keyboard.press('Control+k');
  await at.desk.getByRole('dialog', { name: at.words['palette.title'] }).waitFor();
  await at.page.keyboard.type(text);
  await at.page.keyboard.press('Enter');
};

const colleague = { agentNumber: '1012', password: 'lanqiao-1012' };

describe.each<Locale>(['zh-CN', 'en'])('a whole call by keyboard alone, in %s', (locale) => {
  it('from sign-in to sign-out', async () => {
    const address = world.seat.host.freshAddress();
    const at = await openDesk(browser, 'about:blank', { locale, folder: 'keyboard', tour: true });
    onTestFinished(() => at.context.close());
    const { words, desk, page } = at;
    await watchPointers(page);
    await page.goto(address);
    const { operator } = world.practice;
    const caller = operator.callers.find((each) => each.request === 'details');
    const customer = caller?.customerId == null ? undefined : operator.answersOf(caller.customerId);
    if (caller?.customerId == null || customer === undefined) throw new Error('no caller who wants call details');

    await signIn(at);
    const tour = desk.getByRole('region', { name: words['tour.title'] });
    await tour.getByText(words['tour.shift']).waitFor();
    await becomeReady(at);
    await tour.getByText(words['tour.call']).waitFor();
    await tabTo(at, inLanguage(caller.label, locale));
    await page.keyboard.press('Enter');
    await button(at, words['call.answer']).first().waitFor({ timeout: 15_000 });
    await at.shot('1-ringing');
    await answer(at);

    // The topic by its initials, the check, and the script.
    const strict = operator.topics.find((topic) => topic.class === 3 && topic.scriptId !== null);
    if (strict === undefined) throw new Error('no topic of class 3');
    await palette(at, strict.pinyin.at(-1) ?? '');
    await desk.getByRole('region', { name: words['verify.region'] }).first().waitFor();
    await page.keyboard.press('1');
    const field = desk.getByLabel(words['verify.typed'].replace('{factor}', words['factor.servicePassword']));
    await field.waitFor();
    await expect.poll(() => field.evaluate((element) => element === document.activeElement)).toBe(true);
    await page.keyboard.type(customer.servicePassword);
    await page.keyboard.press('Enter');
    await desk.getByRole('region', { name: words['script.region'], exact: true }).first().waitFor();
    expect(await runScript(at)).toBeGreaterThan(0);

    // Another customer is looked up, and the panel closed again.
    await page.keyboard.press('Control+f');
    await desk.getByRole('combobox').first().waitFor();
    await page.keyboard.type(customer.fullName.slice(0, 1) + '1380');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');

    // What comes after the call, then the note, the outcome with its follow-up, and hang-up.
    await page.keyboard.press('F8');
    await page.keyboard.press('2');
    await page.keyboard.press('F10');
    await tabTo(at, words['wrapUp.notePlaceholder']);
    await page.keyboard.type('keyboard only');
    await page.keyboard.press('Escape');
    await page.keyboard.press('F4');
    await agentIs(at, 'agent.wrapUp');
    await at.shot('2-wrap-up');
    // To follow up › call back, of the tree of the service queue.
    await page.keyboard.press('3', { delay: 150 });
    await page.keyboard.press('1', { delay: 150 });
    await shows(at, (words['follow.callback'].split('{')[0] ?? '').trim());
    await page.keyboard.press('Control+Enter');
    await agentIs(at, 'agent.notReady');
    await shows(at, words['sync.saved'], 15_000);
    await desk
      .getByRole('region', { name: words['due.title'] })
      .getByText(words['due.kind.callback'])
      .first()
      .waitFor();
    await tour.getByText(words['tour.done']).waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(() => tour.count()).toBe(0);
    await at.shot('3-done');

    // The shift as seat and central have it, and out.
    await palette(at, 'qc');
    await desk.getByRole('dialog', { name: words['day.sheet'] }).waitFor();
    await shows(at, (words['day.central.same'].split('{')[0] ?? '').trim());
    await at.shot('4-shift');
    await page.keyboard.press('1');
    await button(at, words['signIn.signIn']).first().waitFor();

    const [record] = await contactsAtCentral(world.practice.centralUrl, colleague, caller.customerId);
    expect(record).toMatchObject({ note: 'keyboard only', disposition: ['follow', 'callback'], topicId: strict.id });
    expect(await pointed(page)).toEqual([]);
    expect(at.complaints).toEqual([]);
  });
});
