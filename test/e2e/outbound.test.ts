import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Contact } from '../../shared/contact.ts';
import { parseNumber } from '../../shared/phone-number.ts';
import type { Shift } from './fault-desk.ts';
import { finish, lastContactOf, onBreak, openShift, readsWell, sentence, takeBreak, tidy } from './fault-desk.ts';
import { agentIs, button, shows } from './steps.ts';

/** Outbound calls by every path: typed number, customer search, click; and every way they can end. */
let shift: Shift;
beforeAll(async () => {
  shift = await openShift();
  await takeBreak(shift.at);
  await onBreak(shift.at);
});
afterAll(() => shift?.end());
afterEach(async () => {
  await readsWell(shift.at);
  await tidy(shift);
  expect(shift.at.complaints).toEqual([]);
});

const dialField = () => shift.at.desk.getByRole('textbox', { name: shift.at.words['dial.number'] });
const openDial = async (): Promise<void> => {
  if ((await dialField().count()) === 0) await button(shift.at, shift.at.words['rail.dial']).first().click();
  await dialField().waitFor();
};
const type = async (text: string): Promise<void> => {
  await openDial();
  await dialField().fill(text);
};
const callsHeardOf = (): readonly string[] =>
  shift.world.practice.telephony.customers.active().map((call) => call.number);
const answered = async (): Promise<void> => {
  const { at, world } = shift;
  await shows(at, at.words['call.state.talking']);
  const [call] = world.practice.telephony.customers.active();
  await expect.poll(() => call?.heard.frames() ?? 0, { timeout: 5_000 }).toBeGreaterThan(25);
};
/** A known customer whose number ends like nobody's special case, with the number as people write it. */
const known = () => {
  const { operator } = shift.world.practice;
  const { customer } = operator.customerAt(40, () => '');
  const number = parseNumber(customer.numbers[0]?.key ?? '');
  if (!('national' in number)) throw new Error('no number');
  return { customer, national: number.national };
};
const expectOutbound = (contact: Contact): void => {
  expect(contact).toMatchObject({ direction: 'outbound', queue: null, endCause: 'agentHungUp', forced: false });
  expect(contact.answeredAtMs).not.toBeNull();
};

describe('a typed number', () => {
  it.each([
    ['with spaces', (national: string) => `${national.slice(0, 3)} ${national.slice(3, 7)} ${national.slice(7)}`],
    ['with +86 and dashes', (national: string) => `+86 ${national.slice(0, 3)}-${national.slice(3)}`],
  ])('%s: known, dialled, talked to, wrapped up, in central’s record', async (_how, written) => {
    const { at, world } = shift;
    const { customer, national } = known();
    await type(written(national));
    await shows(at, sentence(at, 'dial.may', { kind: at.words['number.mobile'] }).split('{')[0] ?? '');
    await at.page.keyboard.press('Enter');
    await agentIs(at, 'agent.onCall');
    await answered();
    expect(callsHeardOf()).toEqual([national]);
    await shows(at, at.words['call.direction.outbound']);
    // The greeting of an outbound call asks whom one speaks with.
    expect(await at.desk.locator('.greeting').innerText()).toContain(customer.surname);
    await at.shot('outbound-talking');
    await finish(at);
    expectOutbound(await lastContactOf(world, customer.id));
  });

  it.each([
    ['13800000001', 'endCause.busy'],
    ['13800000002', 'endCause.noAnswer'],
    ['13800000000', 'endCause.notFound'],
    ['13800000003', 'endCause.declined'],
  ] as const)('%s: ends with %s in words, and a wrap-up', async (number, cause) => {
    const { at } = shift;
    await type(number);
    await at.page.keyboard.press('Enter');
    await at.desk.getByText(at.words[cause]).first().waitFor({ timeout: 25_000 });
    await agentIs(at, 'agent.wrapUp');
    expect(callsHeardOf()).toEqual([]);
    await at.shot(`outbound-${cause}`);
    await finish(at);
  });

  it('cancelled while it rings over there: nobody is left ringing', async () => {
    const { at } = shift;
    await type('13800000002');
    await at.page.keyboard.press('Enter');
    await shows(at, at.words['call.state.ringingOut']);
    await at.page.keyboard.press('F4');
    await agentIs(at, 'agent.wrapUp');
    await expect.poll(callsHeardOf).toEqual([]);
    await finish(at);
  });
});

describe('R21: a number that may not be dialled', () => {
  it.each([
    ['+44 20 7946 0018', 'reason.numberInternational'],
    ['00 1 202 555 0110', 'reason.numberInternational'],
    ['call me maybe', 'reason.numberMalformed'],
    ['138 0013', 'reason.numberMalformed'],
    ['sip:1000@evil.example;x=1', 'reason.numberMalformed'],
    ['13800138000%0d%0aBye', 'reason.numberMalformed'],
  ] as const)('%s: said why, and no INVITE leaves', async (text, reason) => {
    const { at, world } = shift;
    const before = world.practice.telephony.exchange.standing().calls;
    await type(text);
    await shows(at, at.words[reason]);
    await at.page.keyboard.press('Enter');
    await at.page.waitForTimeout(300);
    expect(world.practice.telephony.exchange.standing().calls).toBe(before);
    expect(callsHeardOf()).toEqual([]);
    expect(await at.desk.locator('.agentstate').getAttribute('data-state')).toBe('notReady');
    await dialField().fill('');
  });
});

describe('by click', () => {
  it('on a customer found by Ctrl+F, held by the seat', async () => {
    const { at, world } = shift;
    const { customer, national } = known();
    await search(national);
    await button(at, at.words['numbers.dial']).first().click();
    await agentIs(at, 'agent.onCall');
    await answered();
    expect(callsHeardOf()).toEqual([national]);
    await finish(at);
    expectOutbound(await lastContactOf(world, customer.id));
  });

  it('after a wrap-up, on the same customer still in the list; not during it, with the reason in words', async () => {
    const { at, world } = shift;
    const { customer } = known();
    await search(known().national);
    await button(at, at.words['numbers.dial']).first().click();
    await answered();
    await at.page.keyboard.press('F4');
    await agentIs(at, 'agent.wrapUp');
    const dial = button(at, at.words['numbers.dial']);
    for (const one of await dial.all()) expect(await one.isDisabled()).toBe(true);
    await finish(at);
    await search(known().national);
    await dial.first().click();
    await answered();
    await finish(at);
    expectOutbound(await lastContactOf(world, customer.id));
  });
});

const search = async (text: string): Promise<void> => {
  const { at } = shift;
  await at.page.keyboard.press('Control+f');
  const field = at.desk.getByLabel(at.words['find.text']);
  await field.fill(text);
  await at.page.keyboard.press('Enter');
  await button(at, at.words['numbers.dial']).first().waitFor();
};
