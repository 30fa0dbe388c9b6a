import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { texts } from '../../renderer/phone/texts.ts';
import type { DeskPage } from './browser.ts';
import { openBrowser, openDesk } from './browser.ts';
import type { Shift } from './fault-desk.ts';
import { finish, onBreak, openShift, readsWell, talk, tidy } from './fault-desk.ts';
import { button, shows } from './steps.ts';

/** One seat, one window; and no call without a microphone. */
let shift: Shift;
beforeAll(async () => {
  shift = await openShift();
});
afterAll(() => shift?.end());

const secondTab = async (): Promise<Page> => {
  const tab = await shift.at.context.newPage();
  await tab.goto(`http://127.0.0.1:${shift.world.seat.host.port}/`);
  return tab;
};
const says = (tab: Page, text: { readonly zh: string; readonly en: string }): Promise<void> =>
  Promise.all([text.zh, text.en].map((words) => tab.getByText(words).first().waitFor({ timeout: 10_000 }))).then(
    () => undefined,
  );
const takeOver = (tab: Page): Promise<void> => tab.getByRole('button', { name: texts.takeOver.zh }).click();

describe('a second tab of the seat', () => {
  afterEach(async () => {
    await readsWell(shift.at);
    await tidy(shift);
    expect(shift.at.complaints).toEqual([]);
  });

  it('is told so in a call, may not take over, and the call does not notice', async () => {
    const { at } = shift;
    const call = await talk(shift, 'unknown');
    const tab = await secondTab();
    await says(tab, texts.seatOpenElsewhere);
    const heard = call.heard.frames();
    await takeOver(tab);
    await says(tab, texts.callRunningElsewhere);
    await tab.screenshot({ path: 'screenshots/faults/zh-CN/second-tab-in-call.png' });
    await expect.poll(() => call.heard.frames() - heard).toBeGreaterThan(25);
    await button(at, at.words['call.hangUp']).first().waitFor();
    await finish(at);
    await tab.close();
  });

  it('takes over when no call runs; the first is told, and can have the seat back', async () => {
    const { at } = shift;
    const tab = await secondTab();
    await says(tab, texts.seatOpenElsewhere);
    await takeOver(tab);
    await says(at.page, texts.displaced);
    await at.shot('displaced');
    const second: DeskPage = { ...at, page: tab, desk: tab.frameLocator('iframe') };
    await shows(second, at.words['line.registered'], 15_000);
    await onBreak(second);
    await takeOver(at.page);
    await says(tab, texts.displaced);
    await tab.close();
    await shows(at, at.words['line.registered'], 15_000);
    const call = await talk(shift, 'withheld');
    expect(call.state().kind).toBe('talking');
    await finish(at);
  });
});

describe.each([
  ['refused', 'devices.refused'],
  ['absent', 'devices.absent'],
] as const)('a microphone that is %s', (microphone, sentence) => {
  it('is said in words; Ready is refused with a reason, and a call put through all the same fails aloud', async () => {
    const { world } = shift;
    const browser = await openBrowser(microphone);
    try {
      // The seat is one: this window takes it over from the other.
      const at = await openDesk(browser, world.seat.host.freshAddress(), { folder: 'faults' });
      await takeOver(at.page);
      await shows(at, at.words['line.registered'], 15_000);
      await shows(at, at.words[sentence]);
      await shows(at, at.words['reason.devicesFirst']);
      expect(await button(at, at.words['idle.ready']).isDisabled()).toBe(true);
      await at.page.keyboard.press('F8');
      await at.page.keyboard.press('1');
      await shows(at, at.words['reason.devicesFirst']);
      expect(await at.desk.locator('.agentstate').getAttribute('data-state')).toBe('notReady');
      await at.page.keyboard.press('Escape');
      await at.shot(`microphone-${microphone}`);
      const call = world.practice.telephony.customers.call({ from: { number: '13900009999' }, to: '1001' });
      const outcome = await call.done;
      expect(outcome).toMatchObject({ kind: 'refused' });
      await readsWell(at);
      await at.context.close();
    } finally {
      await browser.close();
    }
    await takeOver(shift.at.page);
    await shows(shift.at, shift.at.words['line.registered'], 15_000);
    await onBreak(shift.at);
  });
});
