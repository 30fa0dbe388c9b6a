import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { consoleLog } from '../../main/web/console-log.ts';
import { startBrowserSeat } from '../../main/web/seat.ts';
import { startPbx } from '../../scripts/pbx-instance.mjs';
import type { PbxDescriptor } from '../../scripts/pbx-instance.mjs';
import type { SampleOperator } from '../../practice/operator/operator.ts';
import type { Call } from '../../shared/call.ts';
import type { Contact } from '../../shared/contact.ts';
import { numberKey } from '../../shared/phone-number.ts';
import { inLanguage } from '../../shared/text.ts';
import type { DeskPage } from '../e2e/browser.ts';
import { openBrowser, openDesk } from '../e2e/browser.ts';
import { contactsAtCentral } from '../e2e/central-record.ts';
import {
  agentIs,
  answer,
  becomeReady,
  button,
  chooseTopic,
  prove,
  runScript,
  shows,
  signIn,
  wrapUp,
} from '../e2e/steps.ts';
import { startWorldWith } from '../e2e/world.ts';
import { asteriskTelephony } from './asterisk-telephony.ts';
import { startCustomer } from './customer.ts';
import type { Customer, CustomerOptions } from './customer.ts';
import { whyNotHere } from './here.ts';
import { watchMembers } from './members.ts';
import { startOwnCentral } from './own-central.ts';
import { beep, beepsHeard, expectAudioBothWays, expectRecorded, longestGap } from './sound-checks.ts';
import { sayIntoFile } from './speech.ts';
import { tapWire } from './wire.ts';
import type { Wire } from './wire.ts';

// The journey of test/e2e on what operators have: Asterisk, central as a program of its own, and customers with telephones that
// nobody here wrote. The agent's microphone beeps (Chromium's fake one); the customer says recorded sentences.

const why = whyNotHere('calls');
const agent = { agentNumber: '1001', password: 'lanqiao-1001' };
const colleague = { agentNumber: '1012', password: 'lanqiao-1012' };
const uuidV7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** What the agent writes down while central is away. */
const note = '详单寄到登记地址';
/** The sync badge while central is away and something waits. */
const waitsOffline = /[1-9]\d* 未同步 · 离线/;
/** That central did not answer while it was dead is no complaint. */
const complaintsOf = (at: DeskPage): readonly string[] =>
  at.complaints.filter((text) => !text.includes('ERR_CONNECTION'));

let browser: Browser;
let dir: string;
let speech: string;

beforeAll(async () => {
  if (why !== undefined) return;
  dir = mkdtempSync(join(tmpdir(), 'zuoxi-journey-'));
  speech = await sayIntoFile(dir, 'customer', 'cmn', '您好，我想查一下这个月的通话详单，麻烦您了。', 180);
  browser = await openBrowser();
});
afterAll(async () => {
  if (why !== undefined) return;
  await browser.close();
  rmSync(dir, { recursive: true, force: true });
});
beforeEach(({ skip }) => {
  if (why !== undefined) skip(why);
});

/** Stops what the test started, last first, whether it passed or not. */
const later = <T>(thing: T, stop: (thing: T) => unknown): T => {
  onTestFinished(async () => void (await stop(thing)));
  return thing;
};
const aCustomer = async (pbx: PbxDescriptor, options: Pick<CustomerOptions, 'number' | 'answers'>): Promise<Customer> =>
  later(await startCustomer({ pbx, says: speech, ...options }), (customer) => customer.stop());

/** Opens the desk with its sockets listened to from the first. */
const openTapped = async (address: string): Promise<{ at: DeskPage; wire: Wire }> => {
  const at = later(await openDesk(browser, 'about:blank', { folder: 'asterisk' }), ({ context }) => context.close());
  const wire = tapWire(at.page);
  await at.page.goto(address);
  return { at, wire };
};
const regionText = (at: DeskPage, word: 'call.region' | 'customer.region'): Promise<string> =>
  at.desk.getByRole('region', { name: at.words[word], exact: true }).innerText();
const rings = (at: DeskPage): Promise<void> => button(at, at.words['call.answer']).first().waitFor({ timeout: 15_000 });
/** The hang-up button is there while the call is still being answered; mute only once it is up. */
const talks = (at: DeskPage): Promise<void> => button(at, at.words['call.mute']).first().waitFor({ timeout: 10_000 });
const ended = (at: DeskPage): Promise<void> => agentIs(at, 'agent.wrapUp');

const tell = (what: string, { trace }: Call, more: Readonly<Record<string, number>> = {}): void => {
  const since = (from: number | undefined, to: number | undefined) => Math.round((to ?? NaN) - (from ?? NaN));
  const begun = trace.answerClickedMs ?? trace.inviteMs;
  console.info(
    JSON.stringify({
      what,
      ...more,
      establishedMs: since(begun, trace.establishedMs),
      audioBothWaysMs: since(begun, trace.mediaBothMs),
    }),
  );
};

const signInByHand = async (at: DeskPage): Promise<void> => {
  await at.desk.getByLabel(at.words['signIn.number']).fill(agent.agentNumber);
  await at.desk.getByLabel(at.words['signIn.password']).fill(agent.password);
  await at.page.keyboard.press('Enter');
  await shows(at, at.words['sync.saved'], 30_000);
  await shows(at, at.words['line.registered'], 15_000);
};

/** Every step has its time, in order, and the outcome was chosen. */
const expectComplete = (record: Contact | undefined): void => {
  const times = [record?.openedAtMs, record?.answeredAtMs, record?.endedAtMs, record?.wrappedUpAtMs];
  for (const time of times) expect(time).toBeTypeOf('number');
  expect(times).toEqual(times.toSorted((a, b) => (a ?? 0) - (b ?? 0)));
  expect(record?.disposition?.length).toBeGreaterThan(0);
};

/** Script, note, hang-up and wrap-up with nobody there to send them to, and no hole in the sound. @returns script steps taken */
const servesWithoutCentral = async (at: DeskPage, customer: Customer): Promise<number> => {
  const { words, desk } = at;
  const steps = await runScript(at);
  expect(steps).toBeGreaterThan(0);
  await desk.getByRole('textbox', { name: words['wrapUp.note'] }).fill(note);
  await shows(at, waitsOffline);
  await expectAudioBothWays(at, customer);
  await at.shot('06-central-away');
  await desk.getByRole('textbox', { name: words['wrapUp.note'] }).blur();
  const beeps = await beepsHeard(customer);
  await customer.hangUp();
  await wrapUp(at);
  await agentIs(at, 'agent.ready');
  await shows(at, waitsOffline);
  await at.shot('07-wrapped-up-while-away');
  expect(longestGap(beeps)).toBeLessThan(3 * beep.everyS);
  return steps;
};

/** Types a customer's number; the customer's telephone answers by itself, and the customer hangs up in the end. */
const callsOut = async (from: {
  readonly at: DeskPage;
  readonly wire: Wire;
  readonly pbx: PbxDescriptor;
  readonly recordsOf: (customerId: string) => Promise<readonly Contact[]>;
  readonly operator: SampleOperator;
}): Promise<void> => {
  const { at, pbx, wire } = from;
  const { words, desk, page } = at;
  const called = from.operator.callers.find(({ request }) => request === 'details');
  if (called?.customerId == null) throw new Error('no sample customer to call');
  const earlier = (await from.recordsOf(called.customerId)).map(({ id }) => id);
  const customer = await aCustomer(pbx, { number: called.number, answers: true });
  await desk
    .getByRole('navigation', { name: words['rail.region'] })
    .getByRole('button', { name: words['rail.dial'] })
    .click();
  await desk.getByLabel(words['dial.number'], { exact: true }).fill(called.number);
  const typedMs = Date.now();
  await page.keyboard.press('Enter');
  await customer.established();
  await agentIs(at, 'agent.onCall');
  // R41: a service call presents the service number.
  expect(customer.peer()).toContain('4000000001');
  await expectAudioBothWays(at, customer);
  await at.shot('09-call-out');
  await customer.hangUp();
  await ended(at);
  await wrapUp(at);
  await agentIs(at, 'agent.ready');
  await shows(at, words['sync.saved'], 15_000);
  await at.shot('10-ready-again');
  const record = (await from.recordsOf(called.customerId)).find(({ id }) => !earlier.includes(id));
  expect(record).toMatchObject({
    direction: 'outbound',
    number: numberKey(called.number),
    endCause: 'customerHungUp',
    forced: false,
  });
  expectComplete(record);
  await expectRecorded(pbx, record);
  const call = wire.callOf(record?.id ?? '');
  if (call === undefined) throw new Error('the call was not measured');
  tell('call out', call, { typedToInviteMs: Math.round(call.trace.inviteMs - typedMs) });
};

/** A private Asterisk, central beside it on a database of its own, and a seat in the browser host. */
const startOwnWorld = async () => {
  const asterisk = later(await startPbx(), (it) => it.stop());
  const pbx = asterisk.descriptor;
  const own = mkdtempSync(join(dir, 'world-'));
  const central = later(
    await startOwnCentral({ dir: own, pbxDescriptor: join(asterisk.dir, 'pbx.json'), customers: 1_000 }),
    (it) => it.stop(),
  );
  const seat = later(
    await startBrowserSeat({
      centralUrl: central.url,
      pbxUrl: pbx.ws,
      profileDir: join(own, 'seat'),
      rendererDir: fileURLToPath(new URL('../../dist/renderer', import.meta.url)),
      port: 0,
      log: consoleLog('error'),
    }),
    (it) => it.close(),
  );
  const members = later(await watchMembers(pbx), (it) => it.close());
  const recordsOf = (customerId: string): Promise<readonly Contact[]> =>
    contactsAtCentral(central.url, colleague, customerId);
  return { pbx, central, seat, members, recordsOf };
};

describe('the journey through a queue of Asterisk', () => {
  test('a call in, central killed in the middle of it, and a call out; central has all of it, once', async () => {
    const { pbx, central, seat, members, recordsOf } = await startOwnWorld();
    const { operator } = central;
    const caller = operator.callers.find((each) => each.customerId !== null);
    const truth = operator.answersOf(caller?.customerId ?? '');
    if (caller?.customerId == null || truth === undefined) throw new Error('no sample customer who calls');
    const earlier = (await recordsOf(caller.customerId)).length;

    const { at, wire } = await openTapped(seat.host.freshAddress());
    const { words, desk } = at;
    await signInByHand(at);
    await shows(at, words['devices.ready']);
    await at.shot('01-signed-in');
    await expect.poll(() => members.pausedOf('1001'), { timeout: 5_000 }).toBe(true);
    await becomeReady(at);
    await expect.poll(() => members.pausedOf('1001'), { timeout: 5_000 }).toBe(false);
    await at.shot('02-ready');

    const customer = await aCustomer(pbx, { number: caller.number });
    await customer.dial(pbx.queues.service);
    await rings(at);
    await agentIs(at, 'agent.reserved');
    const [invite] = wire.invites();
    expect(invite).toMatchObject({ from: caller.number, queue: 'service' });
    expect(invite?.contactId).toMatch(uuidV7);
    const contactId = invite?.contactId ?? '';
    // R8: by surname as soon as it rings, masked (R11), and through which queue.
    const surname = truth.fullName.slice(0, 2);
    await shows(at, words['greeting.byName.sir'].replace('{surname}', surname));
    expect(await regionText(at, 'customer.region')).not.toContain(truth.fullName);
    expect(await regionText(at, 'call.region')).toContain(
      operator.queues.find(({ id }) => id === 'service')?.zh ?? 'no such queue',
    );
    await at.shot('03-ringing');

    await answer(at);
    await customer.established();
    await expectAudioBothWays(at, customer);
    await at.shot('04-talking');
    const [pop] = seat.engine().traces();
    const taken = wire.callOf(contactId);
    if (taken === undefined || pop === undefined) throw new Error('the call or its pop was not measured');
    tell('call in', taken, { inviteToPopMs: Math.round(pop.paintedMs - (pop.inviteMs ?? NaN)) });

    const topic = operator.topics.find((each) => each.class === 3 && each.scriptId !== null);
    const script = operator.scripts.find(({ id }) => id === topic?.scriptId);
    if (topic === undefined || script === undefined) throw new Error('no topic of class 3 with a script');
    await chooseTopic(at, inLanguage(topic.name, 'zh-CN'));
    await prove(at, 'servicePassword', truth.servicePassword);
    await desk.getByRole('region', { name: words['script.region'], exact: true }).first().waitFor();
    await at.shot('05-strict-check-done');

    await central.kill();
    const steps = await servesWithoutCentral(at, customer);
    // Nobody told Asterisk that the agent is free again.
    expect(await members.pausedOf('1001')).toBe(true);

    await central.startAgain();
    await shows(at, words['sync.saved'], 45_000);
    await expect.poll(() => members.pausedOf('1001'), { timeout: 15_000 }).toBe(false);
    await at.shot('08-delivered');
    const records = await recordsOf(caller.customerId);
    expect(records).toHaveLength(earlier + 1);
    const record = records.find(({ exchangeId }) => exchangeId === contactId);
    expect(record).toMatchObject({
      direction: 'inbound',
      queue: 'service',
      topicId: topic.id,
      script: { id: script.id, version: script.version },
      endCause: 'customerHungUp',
      forced: false,
      note,
    });
    expect(record?.answers).toHaveLength(steps);
    expect(record?.verifications.map(({ factor, matched, level }) => ({ factor, matched, level }))).toEqual([
      { factor: 'servicePassword', matched: true, level: 3 },
    ]);
    expectComplete(record);
    await expectRecorded(pbx, record);

    await callsOut({ at, wire, pbx, recordsOf, operator });
    expect(complaintsOf(at)).toEqual([]);
  });

  test('R38 an agent in wrap-up is not offered the next caller, and gets that caller after Ready', async () => {
    const world = later(await startWorldWith(asteriskTelephony()), (it) => it.close());
    const { operator, telephony } = world.practice;
    const pbx = telephony.asterisk.descriptor;
    const members = later(await watchMembers(pbx), (it) => it.close());
    const [first, second] = operator.callers.filter(({ customerId }) => customerId !== null);
    if (first === undefined || second === undefined) throw new Error('too few sample customers');
    const { at, wire } = await openTapped(world.seat.host.freshAddress());
    await signIn(at);
    await becomeReady(at);

    const one = await aCustomer(pbx, { number: first.number });
    await one.dial(pbx.queues.service);
    await rings(at);
    await answer(at);
    await talks(at);
    await one.hangUp();
    await ended(at);
    await expect.poll(() => members.pausedOf('1001'), { timeout: 5_000 }).toBe(true);

    const two = await aCustomer(pbx, { number: second.number });
    await two.dial(pbx.queues.vip);
    await two.established();
    // Longer than Asterisk takes to offer a caller to a free member, and to come back to one after `retry`.
    await at.page.waitForTimeout(3_000);
    expect(wire.invites().map(({ from }) => from)).toEqual([first.number]);
    expect(await members.waiting('vip')).toBe(1);
    await agentIs(at, 'agent.wrapUp');
    await at.shot('11-next-caller-waits');

    await wrapUp(at);
    await rings(at);
    expect(wire.invites().map(({ from, queue }) => [from, queue])).toEqual([
      [first.number, 'service'],
      [second.number, 'vip'],
    ]);
    await at.shot('12-next-caller');
    await answer(at);
    await talks(at);
    expect(await members.waiting('vip')).toBe(0);
    await at.page.keyboard.press('F4');
    await two.ended();
    await ended(at);
    expect(complaintsOf(at)).toEqual([]);
  });
});
