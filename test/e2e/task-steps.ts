import type { Browser } from 'playwright-core';
import { expect } from 'vitest';
import type { DeskPage, Locale } from './browser.ts';
import { openDesk } from './browser.ts';
import { button, shows } from './steps.ts';
import type { World } from './world.ts';

/** What leads and agents do around outbound tasks (R20, R25). */

export const as = async (
  { browser, world, folder }: { readonly browser: Browser; readonly world: World; readonly folder: string },
  agentNumber: string,
  locale: Locale,
): Promise<DeskPage> => {
  const at = await openDesk(browser, world.seat.host.freshAddress(), { locale, folder });
  await at.desk.getByLabel(at.words['signIn.number']).fill(agentNumber);
  await at.desk.getByLabel(at.words['signIn.password']).fill(`lanqiao-${agentNumber}`);
  await at.page.keyboard.press('Enter');
  // A seat of practice mode holds all customers: with 30,000 of them that takes a while on a busy machine.
  await shows(at, at.words['sync.saved'], 120_000);
  return at;
};
export const leave = async (at: DeskPage, agentNumber: string): Promise<void> => {
  await at.desk
    .getByRole('button', { name: new RegExp(agentNumber) })
    .first()
    .click();
  await button(at, at.words['account.signOut']).click();
  const sure = button(at, at.words['day.signOut']);
  await sure.or(button(at, at.words['signIn.signIn'])).first().waitFor();
  if ((await sure.count()) > 0) await sure.click();
  await button(at, at.words['signIn.signIn']).first().waitFor();
  expect(at.complaints).toEqual([]);
  await at.context.close();
};

/** A file that the lead chooses, how many of its lines are numbers that may be called, and how many are not. */
export type ListFile = { readonly file: string; readonly entries: number; readonly faulty: number };
export type NewTask = {
  readonly title: string;
  readonly mode: 'preview' | 'progressive' | 'predictive';
  /** Pasted; or in a file. */
  readonly numbers: readonly string[] | ListFile;
  /** By their labels; the first ones of the form without them. */
  readonly script?: string;
  readonly tree?: string;
};
/** Of a list that is pasted two lines are no numbers that may be called. */
export const startTask = async (at: DeskPage, { title, mode, numbers, script, tree }: NewTask): Promise<void> => {
  const { words, desk } = at;
  await button(at, words['tasks.new']).click();
  await desk.getByLabel(words['tasks.field.title'], { exact: true }).fill(title);
  await desk.getByLabel(words['tasks.field.mode']).selectOption(mode);
  await desk.getByLabel(words['tasks.field.box']).fill(mode === 'preview' ? '120' : '5');
  if (script !== undefined) await desk.getByLabel(words['tasks.field.script']).selectOption({ label: script });
  if (tree !== undefined) await desk.getByLabel(words['tasks.field.tree']).selectOption({ label: tree });
  await ('file' in numbers ? chooseList(at, title, numbers) : pasteList(at, title, numbers));
  // The whole day, so that the test runs at any hour.
  const [from, to] = [
    desk.getByLabel(words['tasks.field.from'], { exact: true }),
    desk.getByLabel(words['tasks.field.to'], { exact: true }),
  ];
  await from.first().fill('00:00');
  await to.first().fill('23:59');
  await button(at, words['tasks.estimate']).first().click();
  await desk.locator('.task-callable').waitFor({ timeout: 90_000 });
  await at.shot(`${title}-estimated`);
  expect(await desk.locator('.task-callable').innerText()).toContain(
    ('file' in numbers ? numbers.entries : numbers.length).toLocaleString('en-US'),
  );
  await desk.locator('.task-beside').getByRole('button', { name: words['tasks.start'] }).click();
  await desk
    .getByRole('row', { name: new RegExp(title) })
    .getByText(words['tasks.state.running'])
    .waitFor({ timeout: 90_000 });
  await at.shot(`${title}-running`);
};

const pasteList = async (at: DeskPage, name: string, numbers: readonly string[]): Promise<void> => {
  const { words, desk } = at;
  await desk.getByText(words['tasks.paste']).click();
  await desk.getByLabel(words['tasks.listName']).fill(name);
  await desk.getByLabel(words['tasks.listText']).fill([...numbers, '+44 20 7946 0000', 'abc'].join('\n'));
  await button(at, words['tasks.takeList']).click();
  await shows(at, words['reason.numberMalformed'], 30_000);
};

const chooseList = async (at: DeskPage, name: string, { file, entries, faulty }: ListFile): Promise<void> => {
  const { words, desk } = at;
  const count = (n: number): string => n.toLocaleString('en-US');
  await desk.getByText(words['tasks.paste']).click();
  await desk.getByLabel(words['tasks.listName']).fill(name);
  await desk.getByLabel(words['tasks.listFile']).setInputFiles(file);
  await shows(at, `${count(entries)} numbers, ${count(faulty)} lines`, 20_000);
  await at.shot(`${name}-read`);
  await button(at, words['tasks.takeList']).click();
  await desk.getByRole('progressbar', { name: words['tasks.sendingList'] }).waitFor();
  await at.shot(`${name}-sending`);
  await shows(at, `${count(entries)} numbers imported`, 120_000);
  await at.shot(`${name}-taken`);
};
