import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { CustomerCall } from '../../practice/customers/customer-call.ts';
import { tone } from '../../practice/customers/g711.ts';
import { practiceColleague } from '../../practice/operator/agents.ts';
import type { Contact } from '../../shared/contact.ts';
import type { DeskPage, Locale } from './browser.ts';
import { openBrowser, openDesk } from './browser.ts';
import { contactsAtCentral } from './central-record.ts';
import { agentIs, answer, becomeReady, button, shows, signIn, wrapUp } from './steps.ts';
import type { World } from './world.ts';
import { startSecondSeat, startWorld } from './world.ts';

/** A customer is handed over by keyboard, on a real telephone line: who hears whom is measured at the far ends. */
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

const lead = { agentNumber: '1012', password: 'lanqiao-1012' };
const patient = { timeout: 20_000, interval: 100 };

/** One known customer whose voice is a tone. */
const customerCalls = (): CustomerCall => {
  const { customer } = world.practice.operator.customerAt(41, () => '');
  const number = (customer.numbers[0]?.key ?? '').replace('+86', '');
  return world.practice.telephony.customers.call({
    from: { number },
    to: 'service',
    sound: tone(900, 1_000, -16),
    talkMs: 600_000,
  });
};
const record = async (): Promise<Contact | undefined> => {
  const { customer } = world.practice.operator.customerAt(41, () => '');
  const contacts = await contactsAtCentral(world.practice.centralUrl, lead, customer.id);
  return contacts.toSorted((one, other) => other.openedAtMs - one.openedAtMs)[0];
};
const at = (number: string): CustomerCall | undefined =>
  [...world.practice.telephony.customers.active(), ...world.practice.telephony.departments.active()].find(
    (call) => call.number === number && call.state().kind === 'talking',
  );

const open = async (locale: Locale, end: string, seat = world.seat, digit = '1'): Promise<DeskPage> => {
  const desk = await openDesk(browser, seat.host.freshAddress(), { locale, folder: 'transfer' });
  onTestFinished(async () => {
    await desk.shot(end);
    await desk.context.close();
  });
  await signIn(desk, digit);
  return desk;
};

const takeCall = async (desk: DeskPage): Promise<CustomerCall> => {
  await becomeReady(desk);
  const call = customerCalls();
  await button(desk, desk.words['call.answer']).first().waitFor({ timeout: 15_000 });
  await answer(desk);
  await expect.poll(() => call.heard.frames(), patient).toBeGreaterThan(10);
  return call;
};

const choose = async (desk: DeskPage, text: string): Promise<void> => {
  await desk.page.keyboard.press('F6');
  const field = desk.desk.getByRole('combobox', { name: desk.words['transfer.search'] });
  await field.waitFor();
  await desk.desk.getByRole('option').first().waitFor();
  await field.pressSequentially(text);
};

describe.each<Locale>(['zh-CN', 'en'])('handing a customer over, in %s', (locale) => {
  it('asks the practice colleague, switches, talks with both, hands over; central has it', async () => {
    const desk = await open(locale, '05-end');
    const { words, page } = desk;
    const customer = await takeCall(desk);
    await choose(desk, 'xl');
    await desk.shot('01-choosing');
    await page.keyboard.press('Enter');
    await shows(desk, words['line.held'], 20_000);
    await expect.poll(() => at(practiceColleague.number)?.heard.frames() ?? 0, patient).toBeGreaterThan(10);
    await desk.shot('02-consulting');
    await page.keyboard.press('Shift+F3');
    await button(desk, words['consult.end']).first().waitFor();
    await desk.shot('03-switched');
    await page.keyboard.press('Shift+F6');
    await shows(desk, words['conference.all'], 20_000);
    await desk.shot('04-three');
    await page.keyboard.press('Shift+F6');
    await button(desk, words['conference.join']).first().waitFor();
    await page.keyboard.press('F6');
    await agentIs(desk, 'agent.wrapUp');
    await shows(desk, words['endCause.transferred']);
    await desk.shot('05-handed-over');
    // The customer's telephone talks on, with the colleague's.
    await expect
      .poll(() => world.practice.telephony.customers.active().filter(({ number }) => number === customer.number).length)
      .toBe(1);
    await expect.poll(() => at(customer.number)?.heard.toneDb(520) ?? -100, patient).toBeGreaterThan(-45);
    await expect.poll(() => at(practiceColleague.number)?.heard.toneDb(900) ?? -100, patient).toBeGreaterThan(-45);
    at(customer.number)?.hangUp();
    await wrapUp(desk);
    await expect
      .poll(
        async () => (await record())?.transfers?.map(({ kind, target, outcome }) => [kind, target, outcome]),
        patient,
      )
      .toEqual([
        ['conference', '1099', 'done'],
        ['attended', '1099', 'done'],
      ]);
    expect((await record())?.endCause).toBe('transferred');
    expect(desk.complaints).toEqual([]);
  });

  it('a colleague who is not there: the customer is back, and then goes to a queue', async () => {
    const desk = await open(locale, '07-end');
    const { words, page } = desk;
    const customer = await takeCall(desk);
    await choose(desk, '1003');
    await page.keyboard.press('Control+Enter');
    await shows(desk, words['transfer.customerBack'], 20_000);
    await desk.shot('06-failed');
    const before = customer.heard.frames();
    await expect.poll(() => customer.heard.frames(), patient).toBeGreaterThan(before + 20);
    await choose(desk, '6002');
    await page.keyboard.press('Control+Enter');
    await agentIs(desk, 'agent.wrapUp');
    await expect.poll(() => world.practice.telephony.exchange.standing().waiting, patient).toBe(1);
    for (const call of world.practice.telephony.customers.active()) call.hangUp();
    await wrapUp(desk);
    await expect
      .poll(
        async () =>
          (await record())?.transfers?.map(({ kind, target, outcome, status }) => [kind, target, outcome, status]),
        patient,
      )
      .toEqual([
        ['blind', '1003', 'failed', 480],
        ['blind', '6002', 'done', undefined],
      ]);
    expect(desk.complaints).toEqual([]);
  });
});

it('a customer goes to a colleague at another seat who was asked first: the colleague has them, with a contact of their own', async () => {
  const second = await startSecondSeat(world);
  onTestFinished(second.close);
  const desk = await open('zh-CN', '08-handed-to-a-seat');
  const colleague = await open('zh-CN', '09-took-the-customer', second.seat, '2');
  const customer = await takeCall(desk);
  // Only now: the queue would have offered the customer to whoever was Ready first.
  await becomeReady(colleague);
  await choose(desk, '1002');
  await desk.page.keyboard.press('Enter');
  await shows(desk, desk.words['line.held'], 20_000);
  await colleague.desk.getByText('1001').first().waitFor({ timeout: 15_000 });
  await colleague.page.keyboard.press('F2');
  await button(desk, desk.words['conference.join']).first().waitFor({ timeout: 15_000 });
  await desk.page.keyboard.press('F6');
  await agentIs(desk, 'agent.wrapUp');
  await shows(desk, desk.words['endCause.transferred']);
  await agentIs(colleague, 'agent.onCall');
  await colleague.desk.getByRole('region', { name: colleague.words['customer.region'], exact: true }).waitFor();
  // One call is left, and it is heard: the agent's telephone is out of it.
  await expect.poll(() => world.practice.telephony.customers.active().length, patient).toBe(1);
  const there = at(customer.number);
  const before = there?.heard.frames() ?? 0;
  await expect.poll(() => at(customer.number)?.heard.frames() ?? 0, patient).toBeGreaterThan(before + 20);
  there?.hangUp();
  await wrapUp(colleague);
  await wrapUp(desk);
  await expect
    .poll(async () => {
      const { customer: known } = world.practice.operator.customerAt(41, () => '');
      const contacts = await contactsAtCentral(world.practice.centralUrl, lead, known.id);
      return Object.fromEntries(contacts.map(({ agentId, endCause }) => [agentId.slice(-4), endCause]));
    }, patient)
    .toEqual({ 1001: 'transferred', 1002: 'customerHungUp' });
  expect([...desk.complaints, ...colleague.complaints]).toEqual([]);
});
