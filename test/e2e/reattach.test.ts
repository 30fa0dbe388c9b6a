import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { CustomerCall } from '../../practice/customers/customer-call.ts';
import { tone } from '../../practice/customers/g711.ts';
import type { Contact } from '../../shared/contact.ts';
import type { DeskPage } from './browser.ts';
import { openBrowser, openDesk } from './browser.ts';
import { contactsOf, readsWell } from './fault-desk.ts';
import { agentIs, answer, becomeReady, button, shows, signIn, wrapUp } from './steps.ts';
import type { World } from './world.ts';
import { startWorld } from './world.ts';

/**
 * PHONE-10 in practice mode: the top page, with the telephone in it, is gone in a call, and the next one goes on with it. Measured at the
 * customer's ear and at the desk's meter, as test/pbx/reattach.test.ts does on a real exchange.
 */
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

const note = '客户要求寄送详单，未说完';
const patient = { timeout: 20_000, interval: 100 };

const open = async (): Promise<DeskPage> => {
  const at = await openDesk(browser, world.seat.host.freshAddress(), { folder: 'reattach' });
  onTestFinished(() => at.context.close());
  return at;
};
const noteField = ({ desk, words }: DeskPage) => desk.getByRole('textbox', { name: words['wrapUp.note'] });
const customerMeter = async ({ desk, words }: DeskPage): Promise<number> =>
  Number(await desk.getByRole('meter', { name: words['call.meter.customer'] }).getAttribute('aria-valuenow'));

/** The agent's microphone beeps once a second. */
const soundBothWays = async (at: DeskPage, call: CustomerCall): Promise<void> => {
  const before = call.heard.frames();
  await expect.poll(() => call.heard.frames() - before, patient).toBeGreaterThan(50);
  await expect.poll(() => call.heard.levelDb(), patient).toBeGreaterThan(-50);
  await expect.poll(() => customerMeter(at), { ...patient, interval: 50 }).toBeGreaterThan(0);
};

/** A customer whose voice is a tone, and a note begun about the call. */
const talking = async () => {
  const { customer } = world.practice.operator.customerAt(41, () => '');
  const customerId = customer.id;
  const earlier = new Set((await contactsOf(world, customerId)).map(({ id }) => id));
  const news = async (): Promise<readonly Contact[]> =>
    (await contactsOf(world, customerId)).filter(({ id }) => !earlier.has(id));
  const at = await open();
  await signIn(at);
  await becomeReady(at);
  const call = world.practice.telephony.customers.call({
    from: { number: (customer.numbers[0]?.key ?? '').replace('+86', '') },
    to: 'service',
    sound: tone(900, 1_000, -16),
    talkMs: 600_000,
  });
  await button(at, at.words['call.answer']).first().waitFor({ timeout: 15_000 });
  await answer(at);
  await soundBothWays(at, call);
  await noteField(at).fill(note);
  await noteField(at).blur();
  await shows(at, new RegExp(at.words['draft.saved'].replace('{time}', String.raw`\d`)));
  return { at, call, news };
};

/** The same customer on the same call, heard and hearing, with what was written about it. */
const wentOn = async (at: DeskPage, call: CustomerCall): Promise<void> => {
  await agentIs(at, 'agent.onCall');
  await soundBothWays(at, call);
  expect(await noteField(at).inputValue()).toBe(note);
  expect(call.state().kind).toBe('talking');
  expect(world.practice.telephony.customers.active()).toEqual([call]);
  // The dead page's leg is gone from the exchange.
  await expect.poll(() => world.practice.telephony.exchange.standing().calls, patient).toBe(1);
  await readsWell(at);
};

describe('PHONE-10 the top page is gone in a call', () => {
  it('reloaded: the same customer, contact and note, sound both ways; hang-up and wrap-up as ever', async () => {
    const { at, call, news } = await talking();
    at.page.once('dialog', (dialog) => void dialog.accept());
    const reloadedMs = Date.now();
    const before = call.heard.frames();
    await at.page.reload();
    await expect.poll(() => call.heard.frames(), patient).toBeGreaterThan(before + 50);
    console.info(JSON.stringify({ what: 'top page reloaded', heardASecondAfterMs: Date.now() - reloadedMs }));
    await wentOn(at, call);
    await at.shot('practice-1-reloaded');
    await button(at, at.words['call.hangUp']).first().click();
    expect(await call.done).toMatchObject({ kind: 'agentHungUp' });
    await wrapUp(at);
    await agentIs(at, 'agent.ready');
    await expect.poll(async () => (await news())[0]?.wrappedUpAtMs ?? null, patient).not.toBeNull();
    expect(await news()).toMatchObject([{ endCause: 'agentHungUp', note, forced: false }]);
    expect(at.complaints).toEqual([]);
  });

  it('reloaded twice in one call: the second time as the first', async () => {
    const { at, call } = await talking();
    at.page.on('dialog', (dialog) => void dialog.accept());
    await at.page.reload();
    await wentOn(at, call);
    await at.page.reload();
    await wentOn(at, call);
    call.hangUp();
    expect(await call.done).toMatchObject({ kind: 'customerHungUp' });
    await agentIs(at, 'agent.wrapUp');
  });

  it('crashed and opened again: the same; the customer hangs up and the contact has one record', async () => {
    const { at, call, news } = await talking();
    const session = await at.context.newCDPSession(at.page);
    const gone = new Promise<void>((resolve) => at.page.once('crash', () => resolve()));
    void session.send('Page.crash').catch(() => undefined);
    await gone;
    const next = await open();
    await wentOn(next, call);
    await next.shot('practice-2-after-crash');
    call.hangUp();
    expect(await call.done).toMatchObject({ kind: 'customerHungUp' });
    await wrapUp(next);
    await expect.poll(async () => (await news())[0]?.wrappedUpAtMs ?? null, patient).not.toBeNull();
    expect(await news()).toMatchObject([{ endCause: 'customerHungUp', note }]);
    expect(next.complaints).toEqual([]);
  });
});
