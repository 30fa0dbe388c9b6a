import type { Page } from 'playwright-core';
import { startPractice } from '../../practice/practice.ts';
import { practiceTelephony } from '../../practice/telephony.ts';
import { systemClock } from '../../practice/clock.ts';
import { silent, systemRandom } from '../../central/ambient.ts';
import zh from '../../renderer/desk/locales/zh-CN.json' with { type: 'json' };

/** Steps of an agent's day, on any page that shows the desk, and the operator's side to have them with. */
export const operatorSide = async () => {
  const telephony = await practiceTelephony({ port: 0, clock: systemClock, random: Math.random, log: () => undefined });
  const practice = await startPractice({
    dataDir: null,
    seed: 1,
    customers: 200,
    port: 0,
    clock: systemClock,
    random: systemRandom,
    log: silent,
    telephony: Promise.resolve(telephony),
    isAutomatic: false,
  });
  const agent = practice.operator.agents[0];
  if (agent === undefined) throw new Error('the sample operator has no agents');
  return {
    agent,
    centralUrl: practice.centralUrl,
    sipOrigin: new URL(telephony.origin).origin,
    /** The simulated customers on the line now. */
    onTheLine: () => telephony.customers.active(),
    close: practice.close,
  };
};
export type OperatorSide = Awaited<ReturnType<typeof operatorSide>>;

const button = (desk: Page, name: string) => desk.getByRole('button', { name }).first();

export const signIn = async (desk: Page, agent: OperatorSide['agent']): Promise<void> => {
  await desk.locator('#agent-number').fill(agent.agentNumber);
  await desk.locator('#password').fill(agent.password);
  await button(desk, zh['signIn.signIn']).click();
  await desk.locator('.agentstate').waitFor();
};

export const becomeReady = async (desk: Page): Promise<void> => {
  const ready = button(desk, zh['idle.ready']);
  const toneHeard = button(desk, zh['shift.toneHeard']);
  if (await toneHeard.isVisible()) {
    await toneHeard.click();
    await button(desk, zh['shift.confirmMicrophone']).click();
  }
  await desk.waitForFunction(
    (label) => [...document.querySelectorAll('button')].some((one) => one.textContent.includes(label) && !one.disabled),
    zh['idle.ready'],
  );
  await ready.click();
  await desk.locator('.agentstate[data-state="ready"]').waitFor();
};

/** A simulated customer calls, and is answered when the card is there. */
export const takeCall = async (desk: Page): Promise<void> => {
  const anyone = button(desk, zh['practice.any']);
  if (!(await anyone.isVisible())) await button(desk, zh['rail.practice']).click();
  await anyone.click();
  await button(desk, zh['call.answer']).click();
  await desk.locator('.callbar[data-state="talking"]').waitFor();
};

export const hangUpLabel = zh['call.hangUp'];
export const hangUp = (desk: Page): Promise<void> => button(desk, hangUpLabel).click();
