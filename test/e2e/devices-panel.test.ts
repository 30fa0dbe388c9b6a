import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Browser } from 'playwright-core';
import { type DeskPage, openBrowser, openDesk } from './browser.ts';
import { button, shows, signIn } from './steps.ts';
import { startWorld, type World } from './world.ts';

/** The device panel on the real seat: what was chosen outlives a reload, and the echo test is a call with sound both ways. */
let world: World;
let browser: Browser;
let at: DeskPage;

beforeAll(async () => {
  [world, browser] = await Promise.all([startWorld({ customers: 200 }), openBrowser()]);
  at = await openDesk(browser, world.seat.host.freshAddress(), { folder: 'devices' });
  await signIn(at);
});
afterAll(async () => {
  await browser?.close();
  await world?.close();
});

const openPanel = async (): Promise<void> => {
  await at.page.keyboard.press('Control+k');
  await at.page.keyboard.type('yysb');
  await at.page.keyboard.press('Enter');
  await at.desk.getByRole('region', { name: at.words['devices.choose'] }).waitFor();
};
const field = (name: string) => at.desk.getByRole('combobox', { name });
const chosen = (name: string): Promise<string> =>
  field(name).evaluate((select) =>
    select instanceof HTMLSelectElement ? (select.selectedOptions[0]?.text ?? '') : '',
  );

describe('the device panel on the real seat', () => {
  it('is used by keyboard; the choice outlives the tab, and a speaker of its own can be tried', async () => {
    await openPanel();
    await field(at.words['devices.microphone']).selectOption({ label: 'Fake Audio Input 2' });
    await field(at.words['devices.speaker']).selectOption({ label: 'Fake Audio Output 1' });
    await field(at.words['devices.ring']).selectOption({ label: 'Fake Audio Output 2' });
    await button(at, at.words['devices.testSpeaker']).click();
    await button(at, at.words['devices.testRing']).click();
    const level = at.desk.getByRole('meter', { name: at.words['devices.speak'] });
    await expect.poll(() => level.getAttribute('aria-valuenow').then(Number)).toBeGreaterThan(10);
    await at.shot('panel');
    await at.page.reload();
    await shows(at, at.words['line.registered'], 30_000);
    await openPanel();
    await expect.poll(() => chosen(at.words['devices.microphone'])).toBe('Fake Audio Input 2');
    await expect.poll(() => chosen(at.words['devices.speaker'])).toBe('Fake Audio Output 1');
    await expect.poll(() => chosen(at.words['devices.ring'])).toBe('Fake Audio Output 2');
  });

  it('the echo test gives the agent’s own voice back over the exchange, opens no contact, and ends by itself', async () => {
    await button(at, at.words['echo.start']).click();
    await shows(at, at.words['echo.talking']);
    // The fake microphone beeps once a second; what comes back is what the exchange heard.
    const [call] = world.practice.telephony.customers.active();
    await expect.poll(() => call?.heard.levelDb() ?? -100, { timeout: 10_000 }).toBeGreaterThan(-40);
    await at.shot('echo');
    expect(await at.desk.locator('.callbar').count()).toBe(0);
    await shows(at, at.words['echo.over'], 30_000);
    expect(await call?.done).toMatchObject({ kind: 'agentHungUp' });
    expect(at.complaints).toEqual([]);
  });
});
