import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { inLanguage } from '../../shared/text.ts';
import { type Locale, openBrowser, openDesk } from './browser.ts';
import { agentIs, answer, askForCall, becomeReady, shows, signIn } from './steps.ts';
import { startWorld, type World } from './world.ts';

/** Hold and keypad from the desk, by keyboard: measured at a simulated customer's ear. */
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

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe.each<Locale>(['zh-CN', 'en'])('a call in hand, in %s', (locale) => {
  it('RFC 4733: digits from the keypad arrive as telephone events, each once and in order', async () => {
    const at = await openDesk(browser, world.seat.host.freshAddress(), { locale });
    onTestFinished(() => at.context.close());
    await signIn(at);
    await becomeReady(at);
    const caller = world.practice.operator.callers.find((each) => each.request === 'details');
    if (caller === undefined) throw new Error('no caller');
    await askForCall(at, inLanguage(caller.label, locale));
    await answer(at);
    const call = world.practice.telephony.customers.active()[0];
    if (call === undefined) throw new Error('the customer is not on the phone');
    await expect.poll(() => call.heard.levelDb(), { timeout: 5_000 }).toBeGreaterThan(-50);
    await at.page.keyboard.press('F7');
    await at.desk.getByRole('region', { name: at.words['keypad.title'] }).waitFor();
    await at.page.keyboard.type('1233*0#');
    await expect.poll(() => call.heard.digits(), { timeout: 8_000 }).toBe('1233*0#');
  });

  it('PHONE-7 F3: the customer hears nothing while held, and the agent again after F3; the contact stays in hand', async () => {
    const at = await openDesk(browser, world.seat.host.freshAddress(), { locale });
    onTestFinished(() => at.context.close());
    await signIn(at);
    await becomeReady(at);
    const caller = world.practice.operator.callers.find((each) => each.request === 'details');
    if (caller === undefined) throw new Error('no caller');
    await askForCall(at, inLanguage(caller.label, locale));
    await answer(at);
    const call = world.practice.telephony.customers.active()[0];
    if (call === undefined) throw new Error('the customer is not on the phone');
    await expect.poll(() => call.heard.levelDb(), { timeout: 5_000 }).toBeGreaterThan(-50);

    const pressedMs = Date.now();
    await at.page.keyboard.press('F3');
    await shows(at, at.words['hold.held']);
    const heldMs = Date.now() - pressedMs;
    await at.shot('hold-1-held');
    // The ear keeps half a second; the microphone beeps once a second.
    await pause(600);
    const whileHeld: number[] = [];
    for (let look = 0; look < 30; look += 1) {
      whileHeld.push(call.heard.levelDb());
      await pause(50);
    }
    expect(Math.max(...whileHeld)).toBeLessThan(-70);
    await agentIs(at, 'agent.onCall');

    await at.page.keyboard.press('F3');
    await expect.poll(() => call.heard.levelDb(), { timeout: 5_000 }).toBeGreaterThan(-50);
    await expect.poll(() => at.desk.getByText(at.words['hold.held']).count()).toBe(0);
    // A re-INVITE through the exchange and back, with its description; slack for a busy machine.
    expect(heldMs).toBeLessThan(2_000);
    await at.page.keyboard.press('F4');
    await agentIs(at, 'agent.wrapUp');
    expect(await call.done).toMatchObject({ kind: 'agentHungUp' });
  });
});
