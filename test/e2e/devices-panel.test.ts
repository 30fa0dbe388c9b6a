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

declare global {
  interface Window {
    asked: { pages: number[]; isActive: boolean; sent: number[][] };
  }
  interface Document {
    readonly featurePolicy?: { allowsFeature: (name: string) => boolean };
  }
}

/** In the phone page: the agent will pick this headset when the browser asks. */
function giveHeadset(): void {
  const bit = (usages: readonly number[], isAbsolute: boolean) => ({
    usages,
    isAbsolute,
    reportSize: 1,
    reportCount: usages.length,
  });
  const device = Object.assign(new EventTarget(), {
    opened: false,
    productName: 'Test headset',
    collections: [
      {
        usagePage: 0x0b,
        usage: 5,
        inputReports: [{ reportId: 1, items: [bit([0x0b_0020], true), bit([0x0b_002f], false)] }],
        outputReports: [{ reportId: 2, items: [bit([0x08_0017, 0x08_0009, 0x08_0018], true)] }],
      },
    ],
    open: async () => {
      device.opened = true;
    },
    close: async () => {},
    sendReport: async (reportId: number, bytes: Uint8Array) => {
      window.asked.sent.push([reportId, ...bytes]);
    },
  });
  const { hid } = navigator as unknown as {
    hid: { requestDevice: (options: { filters: readonly { usagePage: number }[] }) => Promise<unknown[]> };
  };
  hid.requestDevice = async ({ filters }) => {
    const pages = filters.map(({ usagePage }) => usagePage);
    window.asked = { pages, isActive: navigator.userActivation.isActive, sent: [] };
    return [device];
  };
}

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

  it('the click on "connect" reaches the browser’s own question, in the page that may ask it', async () => {
    await at.page.evaluate(giveHeadset);
    await button(at, at.words['headset.connect']).click();
    await shows(at, at.words['headset.connected'].replace('{name}', 'Test headset'));
    expect(await at.page.evaluate(() => window.asked)).toEqual({ pages: [0x0b], isActive: true, sent: [[2, 0]] });
    const isOffered = await at.desk.locator('body').evaluate(() => document.featurePolicy?.allowsFeature('hid'));
    expect(isOffered).not.toBe(true);
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
