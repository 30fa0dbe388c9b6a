import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { DeskPage } from './browser.ts';
import { openBrowser, openDesk } from './browser.ts';
import type { World } from './world.ts';
import { startWorld } from './world.ts';

/** The company's account in a real browser: the provider's page opens beside the desk, and the desk signs in by itself. */
let world: World;
let browser: Browser;
let opened: DeskPage;
beforeAll(async () => {
  world = await startWorld({ customers: 50, hasCompany: true });
  browser = await openBrowser();
  opened = await openDesk(browser, world.seat.host.address);
});
afterAll(async () => {
  await browser.close();
  await world.close();
});

it('by keyboard: cancelled at the provider, then signed in there with a wrong and the right password', async () => {
  const { desk, context, words, shot } = opened;
  const begin = desk.getByRole('button', { name: words['signIn.company'] });
  const away = async () => {
    const coming = context.waitForEvent('page');
    await begin.focus();
    await begin.press('Enter');
    const page = await coming;
    await page.getByLabel('账号 · Account').waitFor();
    return page;
  };

  const first = await away();
  await desk.getByText(words['signIn.companyWaiting']).waitFor();
  await shot('company-waiting');
  await first.getByRole('button', { name: '取消 · Cancel' }).press('Enter');
  await first.getByText('请回到坐席窗口').waitFor();
  await desk.getByText(words['reason.companySignInCancelled']).waitFor();
  await first.close();

  const page = await away();
  const signIn = async (password: string) => {
    await page.getByLabel('账号 · Account').fill('1001');
    await page.getByLabel('密码 · Password').fill(password);
    await page.getByLabel('密码 · Password').press('Enter');
  };
  await signIn('wrong');
  await page.getByText('账号或密码不正确').waitFor();
  await signIn('lanqiao-1001');
  await page.getByText('请回到坐席窗口').waitFor();
  await desk.getByRole('navigation', { name: words['rail.region'] }).waitFor();
  expect(opened.complaints).toEqual([]);
});
