import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { inLanguage } from '../../shared/text.ts';
import type { Locale } from './browser.ts';
import { openBrowser, openDesk } from './browser.ts';
import { agentIs, answer, askForCall, becomeReady, button, shows, signIn, wrapUp } from './steps.ts';
import type { World } from './world.ts';
import { startWorld } from './world.ts';

/** R24, R29: what is promised and complained of in a call is there after it, at the seat and at central. */
let world: World;
let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser?.close());
beforeEach(async () => {
  world = await startWorld({ customers: 200 });
  return () => world.close();
});

describe.each<Locale>(['zh-CN'])('what outlives a call, in %s', (locale) => {
  it('a case and a promise are entered in the call and listed after it', async () => {
    const at = await openDesk(browser, world.seat.host.freshAddress(), { locale, folder: 'work-owed' });
    onTestFinished(() => at.context.close());
    const { words, desk, page } = at;
    await signIn(at);
    await becomeReady(at);
    const caller = world.practice.operator.callers.find((each) => each.request === 'details');
    if (caller === undefined) throw new Error('no caller');
    await askForCall(at, inLanguage(caller.label, locale));
    await answer(at);

    await desk.getByRole('button', { name: words['rail.cases'], exact: true }).click();
    await desk.getByLabel(words['case.titleField']).fill('室内无信号');
    await desk.getByLabel(words['case.departmentField']).fill('网络部');
    await at.shot('1-new-case');
    await page.keyboard.press('Enter');
    await shows(at, words['case.opened']);
    // In the customer's pop at once, as a reason to call again.
    await desk.locator('.cases').getByText('室内无信号').waitFor();

    await desk.getByRole('button', { name: words['rail.due'], exact: true }).click();
    await page.keyboard.type('告知处理结果');
    await page.keyboard.press('Enter');
    await shows(at, words['due.promised']);
    await at.shot('2-promise');

    await desk.getByRole('button', { name: words['rail.cases'], exact: true }).click();
    await desk
      .getByRole('complementary')
      .getByRole('button', { name: /室内无信号/ })
      .click();
    await desk.getByLabel(words['case.note']).fill('已派单勘察');
    await button(at, words['case.do.noted']).click();
    await shows(at, '已派单勘察');
    await at.shot('3-case');
    await page.keyboard.press('F4');
    await agentIs(at, 'agent.wrapUp');
    await wrapUp(at);
    await agentIs(at, 'agent.ready');
    await desk.getByRole('region', { name: words['due.title'] }).getByText('告知处理结果').first().waitFor();
    await at.shot('4-idle');
    await shows(at, words['sync.saved'], 15_000);
    // Central has it: what is shown now is its answer, for nothing of this seat waits any more.
    await expect.poll(() => desk.locator('.duechip').count()).toBe(1);
    expect(at.complaints).toEqual([]);
  });
});
