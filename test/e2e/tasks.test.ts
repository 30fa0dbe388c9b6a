import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { isHoliday, shippedCalendar } from '../../shared/calendar.ts';
import { defaultPolicy } from '../../shared/policy.ts';
import { putCalendar } from '../../central/work.ts';
import { firstRow, statement } from '../../central/db.ts';
import type { Contact } from '../../shared/contact.ts';
import { groupNumber, parseNumber } from '../../shared/phone-number.ts';
import type { DeskPage } from './browser.ts';
import { openBrowser } from './browser.ts';
import { agentIs, becomeReady, button, shows } from './steps.ts';
import { as, leave, startTask } from './task-steps.ts';
import type { World } from './world.ts';
import { startWorld } from './world.ts';

/** R19–R21, R25: a lead pastes a list and starts a task; an agent works it in preview, and another in progressive. */
let world: World;
let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
  // The test runs at any hour of any day; what the hours do is proven elsewhere.
  const policy = { ...defaultPolicy, callingHours: [{ fromMinute: 0, toMinute: 1_440 }] };
  world = await startWorld({ customers: 200, policy });
  const year = new Date(Date.now() + 8 * 3_600_000).getUTCFullYear();
  await putCalendar(world.practice.database.db, { years: [{ year, source: 'for this test', off: [], work: [] }] });
});
afterAll(async () => {
  await browser?.close();
  await world?.close();
});

/** Customers nobody protects, and their numbers as people write them. */
const callable = (count: number): readonly string[] => {
  const numbers: string[] = [];
  for (let n = 30; numbers.length < count; n += 1) {
    const { customer } = world.practice.operator.customerAt(n, () => '');
    const number = parseNumber(customer.numbers[0]?.key ?? '');
    if (customer.list === 'normal' && !customer.refusesMarketing && 'national' in number) numbers.push(number.national);
  }
  return numbers;
};

const wrapsUp = async (at: DeskPage): Promise<void> => {
  await button(at, at.words['call.hangUp']).first().waitFor({ timeout: 15_000 });
  await shows(at, at.words['call.state.talking'], 20_000);
  // R15: the task brings its script; nobody is asked what the call is about.
  await at.desk.getByRole('region', { name: at.words['script.region'], exact: true }).first().waitFor();
  await at.shot('talking');
  await at.page.keyboard.press('F4');
  await agentIs(at, 'agent.wrapUp');
  await at.page.keyboard.press('F10');
  for (const key of ['1', '1', '1']) await at.page.keyboard.press(key, { delay: 150 });
  await at.page.keyboard.press('Control+Enter');
};

it('a lead starts a task from a pasted list, an agent works it in preview and in progressive', async () => {
  expect(isHoliday(shippedCalendar, Date.parse('2026-10-01T04:00:00Z'))).toBe(true);
  const [one = '', two = '', three = ''] = callable(3);
  const lead = await as({ browser, world, folder: 'tasks' }, '1012', 'zh-CN');
  await lead.desk.getByRole('button', { name: lead.words['rail.tasks'], exact: true }).click();
  await startTask(lead, { title: '春季升级', mode: 'preview', numbers: [one, two] });
  await leave(lead, '1012');

  const agent = await as({ browser, world, folder: 'tasks' }, '1001', 'en');
  await shows(agent, agent.words['line.registered'], 15_000);
  await button(agent, agent.words['task.take']).click();
  await becomeReady(agent);
  await shows(agent, agent.words['task.may'], 15_000);
  // R44: whom, but not by which number.
  const text = await agent.desk.locator('.task').innerText();
  expect([one, two].some((number) => text.includes(number) || text.includes(groupNumber(number)))).toBe(false);
  await agent.shot('preview');
  await agent.page.keyboard.press('F2');
  await wrapsUp(agent);
  await shows(agent, agent.words['task.may'], 15_000);
  // The second is passed by: nobody is left, and the agent reads why.
  await agent.page.keyboard.press('3');
  await shows(agent, agent.words['reason.noTasks'], 15_000);
  await agent.shot('nobody');
  const { db } = world.practice.database;
  const called = await firstRow(
    db,
    statement<{ row: Contact }>`select row from contact where row -> 'grant' ->> 'taskId' is not null`,
  );
  expect(called?.row).toMatchObject({ direction: 'outbound', endCause: 'agentHungUp' });
  expect(called?.row.script).not.toBeNull();
  await leave(agent, '1001');

  const again = await as({ browser, world, folder: 'tasks' }, '1012', 'en');
  await again.desk.getByRole('button', { name: again.words['rail.tasks'], exact: true }).click();
  await shows(again, again.words['tasks.why.done']);
  await startTask(again, { title: 'Autumn', mode: 'progressive', numbers: [three] });
  await leave(again, '1012');

  const second = await as({ browser, world, folder: 'tasks' }, '1001', 'zh-CN');
  await shows(second, second.words['line.registered'], 15_000);
  // The wish to take tasks was kept.
  await becomeReady(second);
  await shows(second, second.words['task.dialsIn'], 15_000);
  await second.shot('progressive');
  await wrapsUp(second);
  await leave(second, '1001');
}, 180_000);
