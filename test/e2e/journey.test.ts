import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { Contact } from '../../shared/contact.ts';
import type { Topic } from '../../shared/script.ts';
import { inLanguage } from '../../shared/text.ts';
import type { DeskPage, Locale } from './browser.ts';
import { openBrowser, openDesk } from './browser.ts';
import { contactsAtCentral } from './central-record.ts';
import {
  agentIs,
  answer,
  askForCall,
  becomeReady,
  button,
  chooseTopic,
  prove,
  runScript,
  shows,
  signIn,
  wrapUp,
} from './steps.ts';
import type { World } from './world.ts';
import { startWorld } from './world.ts';

/** The journey of issue-one size: sign in → call → verification → script → wrap-up → central's record, in both languages. */
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

const topicOf = (queryClass: Topic['class']): Topic => {
  const found = world.practice.operator.topics.find((topic) => topic.class === queryClass && topic.scriptId !== null);
  if (found === undefined) throw new Error(`no topic of class ${queryClass}`);
  return found;
};
const colleague = { agentNumber: '1012', password: 'lanqiao-1012' };
const recordOf = async (customerId: string): Promise<Contact | undefined> =>
  (await contactsAtCentral(world.practice.centralUrl, colleague, customerId)).toSorted(
    (a, b) => b.openedAtMs - a.openedAtMs,
  )[0];

/** What the agent's own meter of the customer shows, per cent. */
const customerMeter = async (at: DeskPage): Promise<number> =>
  Number(await at.desk.getByRole('meter', { name: at.words['call.meter.customer'] }).getAttribute('aria-valuenow'));

describe.each<Locale>(['zh-CN', 'en'])('the journey in %s', (locale) => {
  it('takes a call from greeting to central’s record, by keyboard', async () => {
    const at = await openDesk(browser, world.seat.host.freshAddress(), { locale });
    onTestFinished(async () => {
      await at.shot('15-end');
      await at.context.close();
    });
    const { words, desk, page } = at;
    await button(at, words['signIn.signIn']).first().waitFor();
    await at.shot('01-sign-in');
    await signIn(at);
    await at.shot('02-not-ready');
    await becomeReady(at);
    await at.shot('03-ready');

    const caller = world.practice.operator.callers.find((each) => each.request === 'details');
    if (caller?.customerId == null) throw new Error('no caller who wants call details');
    await askForCall(at, inLanguage(caller.label, locale));
    await agentIs(at, 'agent.reserved');
    const customer = world.practice.operator.answersOf(caller.customerId);
    if (customer === undefined) throw new Error('no such customer');
    // R8: greeted by surname and title, in the customer's language, as soon as it rings; R11: nothing beyond the mask is in the page.
    const pop = await desk.locator('body').innerText();
    expect(pop).toMatch(new RegExp(`${customer.fullName.slice(0, 1)}(先生|女士)`));
    const pane = await desk.getByRole('region', { name: words['customer.region'], exact: true }).innerText();
    for (const secret of [customer.fullName, customer.idNumber, customer.address]) expect(pane).not.toContain(secret);
    await at.shot('04-ringing');

    await answer(at);
    const [call] = world.practice.telephony.customers.active();
    if (call === undefined) throw new Error('the customer is not on the phone');
    // Audio both ways: the customer hears the agent's microphone, and the agent's page hears the customer.
    await expect.poll(() => call.heard.frames(), { timeout: 5_000 }).toBeGreaterThan(25);
    await expect.poll(() => call.heard.levelDb(), { timeout: 5_000 }).toBeGreaterThan(-50);
    await expect.poll(() => customerMeter(at), { timeout: 5_000, interval: 50 }).toBeGreaterThan(0);
    await at.shot('05-talking');

    // Class 1 needs nothing; class 2 the simple check; class 3 the strict one (R9, R10).
    await chooseTopic(at, inLanguage(topicOf(1).name, locale));
    await desk.getByRole('region', { name: words['script.region'], exact: true }).first().waitFor();
    await at.shot('06-script-class-1');
    await chooseTopic(at, inLanguage(topicOf(2).name, locale));
    await prove(at, 'fullName', customer.fullName);
    await expect.poll(() => desk.getByText(customer.fullName).count()).toBeGreaterThan(0);
    await at.shot('07-simple-check-done');
    const strict = topicOf(3);
    await chooseTopic(at, inLanguage(strict.name, locale));
    await at.shot('08-strict-check');
    await prove(at, 'servicePassword', '000000', 'wrong');
    await at.shot('09-no-match');
    await prove(at, 'servicePassword', customer.servicePassword);
    await desk.getByRole('region', { name: words['script.region'], exact: true }).first().waitFor();
    await at.shot('10-script');

    // A reload of the desk leaves the audio alone and finds call, script position and draft again.
    await desk.getByRole('textbox', { name: words['wrapUp.note'] }).fill('要求寄送详单 <b>');
    await expect.poll(() => desk.getByText(words['draft.saved'].split('{')[0] ?? '').count()).toBeGreaterThan(0);
    const heardBefore = call.heard.frames();
    const reloadedAt = Date.now();
    await page.locator('iframe').evaluate((frame: HTMLIFrameElement) => frame.contentWindow?.location.reload());
    await button(at, words['call.hangUp']).first().waitFor();
    await desk.getByRole('region', { name: words['script.region'], exact: true }).first().waitFor();
    expect(await desk.getByRole('textbox', { name: words['wrapUp.note'] }).inputValue()).toBe('要求寄送详单 <b>');
    const secondsGone = (Date.now() - reloadedAt) / 1_000;
    // 50 frames a second: a gap in the audio would be missing here.
    await expect.poll(() => call.heard.frames() - heardBefore).toBeGreaterThan(secondsGone * 45);
    await at.shot('11-after-reload');

    expect(await runScript(at)).toBeGreaterThan(0);
    await at.shot('12-script-finished');
    await page.keyboard.press('F4');
    await agentIs(at, 'agent.wrapUp');
    await at.shot('13-wrap-up');
    await wrapUp(at);
    await agentIs(at, 'agent.ready');
    await shows(at, words['sync.saved']);
    await at.shot('14-ready-again');

    await expect.poll(async () => (await recordOf(caller.customerId ?? ''))?.wrappedUpAtMs ?? null).not.toBeNull();
    const record = await recordOf(caller.customerId);
    expect(record).toMatchObject({
      direction: 'inbound',
      topicId: strict.id,
      script: { id: strict.scriptId },
      endCause: 'agentHungUp',
      forced: false,
      note: '要求寄送详单 <b>',
    });
    expect(record?.answers.length).toBeGreaterThan(0);
    expect(record?.disposition?.length).toBeGreaterThan(0);
    expect(record?.verifications.map(({ factor, matched }) => [factor, matched])).toEqual([
      ['fullName', true],
      ['servicePassword', false],
      ['servicePassword', true],
    ]);
    const times = [record?.openedAtMs, record?.answeredAtMs, record?.endedAtMs, record?.wrappedUpAtMs];
    expect(times).toEqual(times.toSorted((a, b) => (a ?? 0) - (b ?? 0)));
    expect(at.complaints).toEqual([]);
  });
});
