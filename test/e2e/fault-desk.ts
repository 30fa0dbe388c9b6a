import type { Browser } from 'playwright-core';
import { expect } from 'vitest';
import type { Contact } from '../../shared/contact.ts';
import type { CustomerCall } from '../../practice/customers/customer-call.ts';
import type { DeskPage, Microphone, PageOptions, Words } from './browser.ts';
import { openBrowser, openDesk } from './browser.ts';
import { openCentralRecord } from './central-record.ts';
import type { CentralProxy } from './central-proxy.ts';
import { startCentralProxy } from './central-proxy.ts';
import { agentIs, answer, becomeReady, button, shows, signIn, wrapUp } from './steps.ts';
import type { World } from './world.ts';
import { startWorld } from './world.ts';

/** One world, one browser and one signed-in agent for the tests of a file. Each test leaves the agent in a break, without a call. */
export type Shift = {
  readonly world: World;
  readonly browser: Browser;
  readonly at: DeskPage;
  /** Between seat and central. */
  readonly wire: CentralProxy;
  readonly end: () => Promise<void>;
};

export const openShift = async (
  options: { readonly microphone?: Microphone; readonly page?: PageOptions; readonly signIn?: boolean } = {},
): Promise<Shift> => {
  const ends: (() => Promise<unknown>)[] = [];
  const end = async (): Promise<void> => {
    for (const close of ends.splice(0).toReversed()) await close();
  };
  try {
    let wire: CentralProxy | undefined;
    const world = await startWorld({
      wire: async (centralUrl) => {
        const proxy = await startCentralProxy(centralUrl);
        wire = proxy;
        ends.push(() => proxy.close());
        return proxy.url;
      },
    });
    ends.push(world.close);
    const browser = await openBrowser(options.microphone);
    ends.push(() => browser.close());
    const at = await openDesk(browser, world.seat.host.freshAddress(), { folder: 'faults', ...options.page });
    if (options.signIn !== false) await signIn(at);
    if (wire === undefined) throw new Error('the seat did not ask for its way to central');
    return { world, browser, at, wire, end };
  } catch (fault) {
    await end();
    throw fault;
  }
};

/** A sentence of the locales with its values filled in. */
export const sentence = (at: DeskPage, key: keyof Words, values: Readonly<Record<string, string | number>> = {}) =>
  Object.entries(values).reduce((text, [name, value]) => text.replaceAll(`{${name}}`, String(value)), at.words[key]);

const settled =
  /\b(?:undefined|NaN|TypeError|RangeError|SyntaxError|Error:)|\[object |\n\s+at \S+ \(|\b(?:reason|refusal)\.[a-z]/;

/** Whatever happened, an agent never reads a stack trace, a key or a value that is none. */
export const readsWell = async (at: DeskPage): Promise<void> => {
  expect(await at.desk.locator('body').innerText()).not.toMatch(settled);
};

export const deskText = (at: DeskPage): Promise<string> => at.desk.locator('body').innerText();

/** The customer with this id rings, asked for behind the desk's back: it works with central away as well. */
export const ring = async ({ world, at }: Pick<Shift, 'world' | 'at'>, callerId: string): Promise<CustomerCall> => {
  const call = world.practice.callers.callNow({ callerId, toQueueOf: ['service', 'vip', 'marketing'] });
  if (call === undefined) throw new Error(`no caller ${callerId}`);
  await button(at, at.words['call.answer']).first().waitFor({ timeout: 15_000 });
  return call;
};

/** Ready, rung by this customer, answered, and heard over there. */
export const talk = async (shift: Pick<Shift, 'world' | 'at'>, callerId: string): Promise<CustomerCall> => {
  await becomeReady(shift.at);
  const call = await ring(shift, callerId);
  await answer(shift.at);
  await expect.poll(() => call.heard.frames(), { timeout: 5_000 }).toBeGreaterThan(10);
  return call;
};

/** A break after this call, or now. */
export const takeBreak = async (at: DeskPage): Promise<void> => {
  await at.page.keyboard.press('F8');
  await button(at, at.words['notReady.break']).last().click();
};

export const onBreak = async (at: DeskPage): Promise<void> =>
  shows(at, sentence(at, 'agent.notReadyBecause', { reason: at.words['notReady.break'] }));

/** Hangs up if need be, wraps up by the first choices, and goes on a break. */
export const finish = async (at: DeskPage): Promise<void> => {
  const hangUp = button(at, at.words['call.hangUp']).first();
  if ((await hangUp.count()) > 0) await at.page.keyboard.press('F4');
  await agentIs(at, 'agent.wrapUp');
  await takeBreak(at);
  // Away from the note, in which digits are text.
  await at.page.keyboard.press('F10');
  await wrapUp(at);
  await onBreak(at);
};

/** After a test that failed half-way: nobody on the line, nothing in hand, so that the next test tells of its own fault only. */
export const tidy = async ({ world, at, wire }: Shift): Promise<void> => {
  await wire.weather('passes');
  const agent = (): Promise<string | null> => at.desk.locator('.agentstate').getAttribute('data-state');
  // A sentence stays until it is closed; the next test counts its own.
  for (const told of await at.desk.locator('.statusline button').all()) await told.click();
  if ((await agent()) === 'notReady') return;
  for (const call of world.practice.telephony.customers.active()) call.hangUp();
  await at.page.waitForTimeout(1_000);
  await takeBreak(at);
  if ((await agent()) !== 'wrapUp') return onBreak(at);
  for (const key of ['F10', '1', '1', '1', 'Control+Enter']) await at.page.keyboard.press(key);
  await onBreak(at);
};

const colleague = { agentNumber: '1012', password: 'lanqiao-1012' };
/** One sign-in per world: central pauses who signs in too often. */
const readers = new WeakMap<World, ReturnType<typeof openCentralRecord>>();
export const contactsOf = async (world: World, customerId: string): Promise<readonly Contact[]> => {
  const reader = readers.get(world) ?? openCentralRecord(world.practice.centralUrl, colleague);
  readers.set(world, reader);
  return (await reader)(customerId);
};

/** The last one a customer had, once central has all of it. */
export const lastContactOf = async (world: World, customerId: string): Promise<Contact> => {
  const last = async (): Promise<Contact | undefined> =>
    (await contactsOf(world, customerId)).toSorted((one, other) => other.openedAtMs - one.openedAtMs)[0];
  await expect.poll(async () => (await last())?.wrappedUpAtMs ?? null, { timeout: 15_000 }).not.toBeNull();
  const found = await last();
  if (found === undefined) throw new Error('no contact');
  return found;
};

export const callerBy = (world: World, find: (label: string) => boolean) => {
  const found = world.practice.operator.callers.find((caller) => find(caller.label.zh));
  if (found?.customerId == null) throw new Error('no such caller');
  return { ...found, customerId: found.customerId };
};
