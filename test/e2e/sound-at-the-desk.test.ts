import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { inLanguage } from '../../shared/text.ts';
import { type DeskPage, type Locale, openBrowser, openDesk } from './browser.ts';
import { agentIs, answer, askForCall, button, becomeReady, shows, signIn } from './steps.ts';
import { startWorld, type World } from './world.ts';

/** The sound as the agent sees it: checked before the shift, judged in the call, told of at its end, and copied for support. */
let world: World;
let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser?.close());
beforeEach(async () => {
  world = await startWorld();
  return () => world.close();
});

/** Whatever the bar has to show, hanging up and the number stay in view. */
const barFits = async (at: DeskPage): Promise<void> => {
  for (const part of ['.callbar .button.danger', '.callbar-who .figure']) {
    const box = await at.desk.locator(part).last().boundingBox();
    expect(box?.width ?? 0).toBeGreaterThan(60);
    expect((box?.x ?? 9_999) + (box?.width ?? 0)).toBeLessThanOrEqual(1_366);
  }
};

describe.each<Locale>(['zh-CN', 'en'])('the sound at the desk, in %s', (locale) => {
  it('from the shift-start check to the line in the wrap-up', async () => {
    const at = await openDesk(browser, world.seat.host.freshAddress(), { locale, folder: 'sound' });
    onTestFinished(() => at.context.close());
    await signIn(at);
    await shows(at, at.words['shift.title']);
    expect(await button(at, at.words['idle.ready']).first().isEnabled()).toBe(false);
    await shows(at, at.words['reason.shiftCheckFirst']);
    // The fake microphone beeps: it is heard without a key.
    await shows(at, at.words['shift.microphone.heard'], 15_000);
    await at.shot('1-shift-check');
    await at.page.keyboard.press('1');
    await expect.poll(() => at.desk.locator('.shift').count()).toBe(0);
    await at.page.reload();
    await shows(at, at.words['line.registered'], 15_000);
    await expect.poll(() => button(at, at.words['idle.ready']).first().isEnabled(), { timeout: 15_000 }).toBe(true);
    expect(await at.desk.locator('.shift').count()).toBe(0);

    await becomeReady(at);
    const caller = world.practice.operator.callers.find((each) => each.request === 'details');
    if (caller === undefined) throw new Error('no caller');
    await askForCall(at, inLanguage(caller.label, locale));
    await answer(at);
    await shows(at, at.words['quality.rating.good'], 15_000);
    await at.page.keyboard.press('Control+i');
    await shows(at, at.words['quality.rtt']);
    await at.shot('2-figures');
    await barFits(at);
    await at.page.keyboard.press('F5');
    await shows(at, at.words['call.muted']);
    await at.shot('2-muted');
    await barFits(at);
    await at.page.keyboard.press('F5');
    await at.page.keyboard.press('Escape');
    await expect.poll(() => at.desk.locator('.quality-figures').count()).toBe(0);

    await at.page.keyboard.press('Control+d');
    await shows(at, at.words['diagnostics.copied']);
    const text = await at.desk.getByLabel(at.words['diagnostics.text']).inputValue();
    expect(text).toContain('line registered');
    expect(text).toMatch(/call=\d+ direction=inbound to=talking/);
    await at.shot('3-diagnostics');
    await at.page.keyboard.press('Escape');

    await at.page.keyboard.press('F4');
    await agentIs(at, 'agent.wrapUp');
    await at.desk.locator('.quality-summary').waitFor();
    await at.shot('4-summary');
    expect(await at.desk.locator('.quality-summary').innerText()).toMatch(/MOS \d\.\d/);
  });
});
