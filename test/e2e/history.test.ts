import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AxeResults } from 'axe-core';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { rows, statement } from '../../central/db.ts';
import { systemClock } from '../../practice/clock.ts';
import { practiceTelephony } from '../../practice/telephony.ts';
import { inLanguage } from '../../shared/text.ts';
import type { DeskPage, Locale } from './browser.ts';
import { openBrowser, openDesk } from './browser.ts';
import { agentIs, answer, askForCall, becomeReady, button, shows, signIn, wrapUp } from './steps.ts';
import { startWorldWith, type World } from './world.ts';

/** R33, R34: a call of a moment ago is found, opened and heard again, and central knows of it. */
let world: World;
let browser: Browser;
const recordings = mkdtempSync(join(tmpdir(), 'zuoxi-e2e-recordings-'));
beforeAll(async () => {
  browser = await openBrowser();
});
beforeEach(async () => {
  const telephony = practiceTelephony({
    ...{ port: 0, clock: systemClock, random: Math.random, log: () => {} },
    recordings,
  });
  world = await startWorldWith(telephony, { customers: 200 });
  return () => world.close();
});
afterAll(async () => {
  await browser?.close();
  rmSync(recordings, { recursive: true, force: true });
});

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const axeFaults = async ({ page, desk }: DeskPage): Promise<readonly string[]> => {
  const element = await desk.locator('body').elementHandle();
  const frame = (await element?.ownerFrame()) ?? page.mainFrame();
  await frame.evaluate(axeSource);
  const { violations } = await frame.evaluate<AxeResults>(
    "axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] })",
  );
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 160)}`));
};
const audited = async (kind: string): Promise<readonly string[]> =>
  (
    await rows(
      world.practice.database.db,
      statement<{ result: string }>`select result from audit where kind = ${kind} order by seq`,
    )
  ).map(({ result }) => result);

describe.each<Locale>(['zh-CN'])('history in %s', (locale) => {
  it('a call is held, found, opened and heard again by keyboard', async () => {
    const at = await openDesk(browser, world.seat.host.freshAddress(), { locale, folder: 'history' });
    onTestFinished(async () => {
      await at.shot('9-end');
      await at.context.close();
    });
    const { words, desk, page } = at;
    await signIn(at);
    await becomeReady(at);
    const caller = world.practice.operator.callers.find((each) => each.request === 'details');
    if (caller === undefined) throw new Error('no caller');
    await askForCall(at, inLanguage(caller.label, locale));
    await answer(at);
    await shows(at, words['recording.running'], 15_000);
    await page.waitForTimeout(4_000);
    await page.keyboard.press('F4');
    await agentIs(at, 'agent.wrapUp');
    await wrapUp(at);
    await agentIs(at, 'agent.ready');
    await shows(at, words['sync.saved'], 15_000);

    await desk.getByRole('button', { name: words['rail.history'], exact: true }).click();
    const list = desk.getByRole('listbox', { name: words['history.results'] });
    await list.getByText(words['history.source.central']).first().waitFor();
    await at.shot('1-list');
    expect(await axeFaults(at)).toEqual([]);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    const slider = desk.getByRole('slider', { name: words['player.place'] });
    await slider.waitFor();
    await at.shot('2-contact');
    expect(await axeFaults(at)).toEqual([]);
    await slider.focus();
    await page.keyboard.press('Space');
    await expect.poll(() => slider.getAttribute('aria-valuetext')).toContain('00:02');
    await at.shot('3-playing');
    await page.keyboard.press('Space');
    await button(at, words['player.play']).waitFor();
    await expect.poll(async () => (await audited('playback')).at(-1)).toMatch(/^heard part 0 from 0 to [2-9]\d{3},/);
    expect((await audited('playback'))[0]).toMatch(/^sent part 0 from 0 to /);
    expect((await audited('opened')).at(-1)).toBe('contact from history');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    await agentIs(at, 'agent.ready');
    expect(at.complaints).toEqual([]);
  });
});
