import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Script } from '../../shared/script.ts';
import { inLanguage } from '../../shared/text.ts';
import type { DeskPage, Locale } from './browser.ts';
import { openBrowser, openDesk } from './browser.ts';
import { answer, askForCall, becomeReady, button, chooseTopic, shows } from './steps.ts';
import type { World } from './world.ts';
import { startWorld } from './world.ts';

/** R14, R17: a lead writes, another publishes, and the next call of an agent is led by it. One seat, three people after each other. */
let world: World;
let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
  world = await startWorld({ customers: 200 });
});
afterAll(async () => {
  await browser?.close();
  await world?.close();
});

const as = async (agentNumber: string, locale: Locale): Promise<DeskPage> => {
  const at = await openDesk(browser, world.seat.host.freshAddress(), { locale, folder: 'scripts' });
  await at.desk.getByLabel(at.words['signIn.number']).fill(agentNumber);
  await at.desk.getByLabel(at.words['signIn.password']).fill(`lanqiao-${agentNumber}`);
  await at.page.keyboard.press('Enter');
  await shows(at, at.words['sync.saved'], 30_000);
  return at;
};
const leave = async (at: DeskPage): Promise<void> => {
  await at.desk
    .getByRole('button', { name: /1011|1012/ })
    .first()
    .click();
  await button(at, at.words['account.signOut']).click();
  await button(at, at.words['day.signOut']).click();
  await button(at, at.words['signIn.signIn']).first().waitFor();
  // Nothing the content policy forbids was tried by any screen.
  expect(at.complaints).toEqual([]);
  await at.context.close();
};

/** In the graph, a way is led elsewhere with the mouse, and back where it was with keys alone. */
const drawWays = async (at: DeskPage, { steps, first }: Script): Promise<void> => {
  await button(at, at.words['scripts.graph']).click();
  const nodes = at.desk.locator('.graph-step');
  await nodes.first().waitFor();
  expect(await nodes.count()).toBe(steps.length);
  const own = steps.find(({ id }) => id === first);
  const was = own === undefined ? undefined : (own.answers[0]?.next ?? own.next);
  const other = steps.find(({ id }) => id !== first && id !== was);
  if (own === undefined || other === undefined || was == null) throw new Error('no script to draw in');
  await button(at, at.words['scripts.zoomAll']).click();
  const card = (id: string) => at.desk.locator('.graph-card').filter({ has: at.desk.locator(`[data-step="${id}"]`) });
  await card(first).locator('.graph-way .graph-handle').first().dragTo(card(other.id).locator('.graph-into'));
  await card(first).locator('.graph-way button').first().click();
  const target = at.desk.locator('.graph-bar select');
  await expect.poll(() => target.inputValue()).toBe(other.id);
  await at.shot('04-graph');
  await at.page.keyboard.press('Escape');
  await expect.poll(() => nodes.and(at.desk.locator(':focus')).getAttribute('data-step')).toBe(first);
  await at.page.keyboard.press('1');
  await expect.poll(() => target.and(at.desk.locator(':focus')).count()).toBe(1);
  await target.selectOption(was);
  await at.page.keyboard.press('Escape');
  await at.page.keyboard.press('ArrowRight');
  await expect.poll(() => nodes.and(at.desk.locator(':focus')).getAttribute('data-step')).not.toBe(first);
  // From the step to its text, and the graph shows what is written.
  await at.page.keyboard.press('Enter');
  await expect.poll(() => at.desk.locator('.script-form textarea:focus').count()).toBe(1);
  await button(at, at.words['scripts.graph']).click();
};

/** Before any call: who would get it, and why. */
const tryACall = async (at: DeskPage, topic: string, script: string): Promise<void> => {
  await button(at, at.words['scripts.back']).click();
  await button(at, at.words['scripts.section.assignment']).click();
  const sample = at.desk.getByRole('region', { name: at.words['assignment.sample'] });
  await sample.getByLabel(at.words['assignment.topic']).selectOption({ label: topic });
  await expect.poll(() => sample.getByRole('status').textContent()).toContain(`“${script}”, version 2: it says`);
  await at.shot('06-assignment');
  await button(at, at.words['scripts.section.library']).click();
  await at.shot('06-library');
};

it('a lead writes, a second one publishes, and the agent’s next call runs it', async () => {
  const topic = world.practice.operator.topics.find(
    ({ class: queryClass, scriptId }) => queryClass === 1 && scriptId !== null,
  );
  const script = world.practice.operator.scripts.find(({ id }) => id === topic?.scriptId);
  if (topic === undefined || script === undefined) throw new Error('no topic of class 1 with a script');
  const said = { zh: '您好，新版话术已经生效，请讲。', en: 'Hello, this is the new script. Please go on.' };

  const writer = await as('1011', 'zh-CN');
  await button(writer, writer.words['rail.scripts']).click();
  const row = writer.desk.getByRole('listitem').filter({ hasText: script.title.zh }).first();
  await row.waitFor();
  await writer.shot('01-list');
  await row.getByRole('button').first().click();
  await writer.shot('02-published');
  await button(writer, writer.words['scripts.newVersion']).click();
  await button(writer, writer.words['scriptMove.askReview']).waitFor();
  // By keyboard: from the settings down to the first step.
  const outline = writer.desk.getByRole('navigation', { name: writer.words['scripts.outline'] });
  await outline.getByRole('button').first().focus();
  await writer.page.keyboard.press('ArrowDown');
  await writer.desk.getByLabel('要说的话（中文）').fill(said.zh);
  await writer.desk.getByLabel('要说的话（英文）').fill(said.en);
  await writer.shot('03-writing');
  await shows(writer, writer.words['scripts.keeping.kept']);
  await button(writer, writer.words['scripts.changes']).click();
  await writer.shot('04-changes');
  // R17: the version says itself which calls it is for.
  await outline.getByRole('button').first().click();
  await button(writer, writer.words['scripts.addUse']).click();
  await writer.desk.getByLabel(writer.words['scripts.useTopics']).last().selectOption({ label: topic.name.zh });
  await button(writer, `${topic.name.zh} ×`).waitFor();
  await writer.shot('04-calls');
  await drawWays(writer, script);
  await button(writer, writer.words['scriptMove.askReview']).click();
  await shows(writer, writer.words['scriptLife.review']);
  expect(await button(writer, writer.words['scriptMove.sendBack']).count()).toBe(1);
  expect(await button(writer, writer.words['scriptMove.publish']).count()).toBe(0);
  await leave(writer);

  const second = await as('1012', 'en');
  await button(second, second.words['rail.scripts']).click();
  await second.desk
    .getByRole('listitem')
    .filter({ hasText: script.title.en })
    .first()
    .getByRole('button')
    .first()
    .click();
  await button(second, second.words['scripts.preview']).click();
  await shows(second, said.en);
  await second.shot('05-review');
  await button(second, second.words['scripts.graph']).click();
  await second.desk.locator('.graph-step').first().waitFor();
  await second.shot('05-review-graph');
  await button(second, second.words['scriptMove.publish']).click();
  await button(second, second.words['scriptMove.withdraw']).waitFor();
  await second.shot('06-published');
  await tryACall(second, topic.name.en, script.title.en);
  await leave(second);

  const agent = await as('1001', 'zh-CN');
  await becomeReady(agent);
  const caller = world.practice.operator.callers.find(({ customerId }) => customerId !== null);
  if (caller === undefined) throw new Error('nobody to call');
  await askForCall(agent, inLanguage(caller.label, 'zh-CN'));
  await answer(agent);
  await chooseTopic(agent, topic.name.zh);
  await shows(agent, new RegExp(`${said.zh.slice(3, 11)}|${said.en.slice(7, 30)}`));
  await agent.shot('07-call');
  expect(agent.complaints).toEqual([]);
});
