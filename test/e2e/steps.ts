import { expect } from 'vitest';
import type { Locator } from 'playwright-core';
import type { DeskPage, Words } from './browser.ts';

/** What an agent does, by keyboard, as steps a test can name. Each waits for what the agent would wait to see. */

const named = (text: string): RegExp => new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
/** The words of a text before its first placeholder. */
const beginning = (text: string): string => text.split('{')[0]?.trim() ?? '';

export const button = (at: DeskPage, text: string): Locator =>
  at.desk.getByRole('button', { name: named(beginning(text)) });
export const shows = (at: DeskPage, text: string | RegExp, timeout = 10_000): Promise<void> =>
  at.desk
    .getByText(typeof text === 'string' ? named(text) : text)
    .first()
    .waitFor({ timeout });

/** Signs in with the n-th sample account by its digit, and waits until the seat is loaded and on the line. */
export const signIn = async (at: DeskPage, digit = '1'): Promise<void> => {
  await button(at, at.words['signIn.signIn']).first().waitFor();
  await at.page.keyboard.press(digit);
  await shows(at, at.words['sync.saved'], 30_000);
  await shows(at, at.words['line.registered'], 15_000);
};

/** The shift-start check, if it is due: the tone was heard, and the microphone works whether or not it beeped yet. */
const checkShift = async (at: DeskPage): Promise<void> => {
  if ((await at.desk.locator('.shift').count()) === 0) return;
  await at.page.keyboard.press('1');
  await at.page.keyboard.press('3');
};

export const becomeReady = async (at: DeskPage): Promise<void> => {
  // Not before the microphone was checked: an agent sees the button wake up.
  await expect
    .poll(async () => {
      await checkShift(at);
      return button(at, at.words['idle.ready']).first().isEnabled();
    })
    .toBe(true);
  await at.page.keyboard.press('F8');
  await at.page.keyboard.press('1');
  await agentIs(at, 'agent.ready');
};

export const agentIs = async (at: DeskPage, word: keyof Words): Promise<void> => {
  // From its first word on: "wrap-up, then: Ready" is not Ready.
  const state = at.desk.getByRole('button', { name: new RegExp(`^${named(beginning(at.words[word])).source}`) });
  await state.first().waitFor();
};

/** Asks for a simulated customer by the label in the practice drawer, and waits until the phone rings. */
export const askForCall = async (at: DeskPage, label: string): Promise<void> => {
  await button(at, label).click();
  await button(at, at.words['call.answer']).first().waitFor({ timeout: 15_000 });
};

export const answer = async (at: DeskPage): Promise<void> => {
  await at.page.keyboard.press('F2');
  await button(at, at.words['call.hangUp']).first().waitFor({ timeout: 10_000 });
};

export const chooseTopic = async (at: DeskPage, name: string): Promise<void> => {
  const search = at.desk.getByRole('search').getByRole('textbox').or(at.desk.getByRole('searchbox'));
  const step = at.desk.getByRole('list', { name: at.words['flow.region'] }).getByRole('button').first();
  await step.waitFor();
  if ((await search.count()) === 0) await step.click();
  await search.fill(name);
  await at.page.keyboard.press('Enter');
  await expect.poll(() => search.count()).toBe(0);
};

/** Goes through the script, always with the first answer, until it says that it is finished. @returns steps taken */
export const runScript = async (at: DeskPage, most = 30): Promise<number> => {
  const finished = at.desk.getByText(named(at.words['script.finished']));
  for (let steps = 0; steps < most; steps += 1) {
    if ((await finished.count()) > 0) return steps;
    const before = await sentence(at);
    const answers = at.desk.getByRole('group', { name: named(at.words['script.answers']) }).getByRole('button');
    // Held as long as a finger does: the desk takes the same key sooner for a bounce.
    await at.page.keyboard.press((await answers.count()) > 0 ? '1' : 'Enter', { delay: 150 });
    await expect
      .poll(async () => (await finished.count()) > 0 || (await sentence(at)) !== before, { timeout: 5_000 })
      .toBe(true);
  }
  return most;
};

const sentence = (at: DeskPage): Promise<string> =>
  at.desk.getByRole('region', { name: at.words['script.region'], exact: true }).first().innerText();

/** Asks for a factor (by its key on the list) and types what the customer said. */
export const prove = async (
  at: DeskPage,
  factor: 'fullName' | 'servicePassword',
  value: string,
  expected: 'right' | 'wrong' = 'right',
): Promise<void> => {
  const field = at.desk.getByLabel(named(at.words['verify.typed'].replace('{factor}', at.words[`factor.${factor}`])));
  if ((await field.count()) === 0)
    await at.desk
      .getByRole('button', { name: named(at.words[`factor.${factor}`]) })
      .first()
      .click();
  await field.fill(value);
  await at.page.keyboard.press('Enter');
  if (expected === 'wrong') await shows(at, beginning(at.words['verify.noMatch']));
  // What the caller said does not stay on the screen (R13).
  else await expect.poll(() => field.count()).toBe(0);
};

/** After hang-up: goes down the tree by its first choices and finishes, by keyboard alone. */
export const wrapUp = async (at: DeskPage): Promise<void> => {
  await agentIs(at, 'agent.wrapUp');
  const choose = at.desk.getByText(named(at.words['wrapUp.chooseFirst']));
  for (let level = 0; level < 3 && (await choose.count()) > 0; level += 1) {
    await at.page.keyboard.press('1');
    await at.page.waitForTimeout(100);
  }
  await at.page.keyboard.press('Control+Enter');
};
