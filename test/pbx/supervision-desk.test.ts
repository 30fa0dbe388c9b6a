import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { silent, systemRandom } from '../../central/ambient.ts';
import { consoleLog } from '../../main/web/console-log.ts';
import type { BrowserSeat } from '../../main/web/seat.ts';
import { startBrowserSeat } from '../../main/web/seat.ts';
import { systemClock } from '../../practice/clock.ts';
import type { Practice } from '../../practice/practice.ts';
import { startPractice } from '../../practice/practice.ts';
import { defaultPolicy } from '../../shared/policy.ts';
import { inLanguage } from '../../shared/text.ts';
import type { DeskPage } from '../e2e/browser.ts';
import { contactsAtCentral } from '../e2e/central-record.ts';
import { agentIs, answer, becomeReady, button, chooseTopic, shows, wrapUp } from '../e2e/steps.ts';
import type { AsteriskTelephony } from './asterisk-telephony.ts';
import { asteriskTelephony } from './asterisk-telephony.ts';
import type { Customer } from './customer.ts';
import { startCustomer } from './customer.ts';
import { whyNotHere } from './here.ts';
import { levelDb, readWav, toneIntoFile } from './speech.ts';
import type { ToneDesk } from './tone-desk.ts';
import { openToneDesk } from './tone-desk.ts';
import { toneDb } from './tones.ts';

// Two seats as agents and leads have them, a real Asterisk between, and a customer with a telephone of their own: who hears whom is
// measured at each of the three (R35, security 75 and 79), and what is in the recording (R33, security 84).

const why = whyNotHere('calls');
const hz = { customer: 900, agent: 700, lead: 1_330 } as const;
type Heard = Readonly<Record<keyof typeof hz, number>>;
const tones = Object.values(hz);
const named = ([customer = -120, agent = -120, lead = -120]: readonly number[]): Heard => ({ customer, agent, lead });
/** dBFS: a tone that is there arrives at about -9; one that is not must be far below. */
const heard = -30;
const absent = -50;
const seconds = 1.5;

let dir: string;
let practice: Practice<AsteriskTelephony>;
let agent: ToneDesk;
let lead: ToneDesk;
let customer: Customer | undefined;
let says: string;
let isSignedIn = false;
const closings: (() => unknown)[] = [];

beforeAll(async () => {
  if (why !== undefined) return;
  dir = mkdtempSync(join(tmpdir(), 'zuoxi-supervision-'));
  closings.push(() => rmSync(dir, { recursive: true, force: true }));
  practice = await startPractice({
    ...{ dataDir: null, seed: 1, customers: 1_000, port: 0, clock: systemClock, random: systemRandom, log: silent },
    telephony: asteriskTelephony(),
    isAutomatic: false,
    policy: { ...defaultPolicy, showSupervision: true },
  });
  closings.push(practice.close);
  const seat = async (name: string): Promise<BrowserSeat> => {
    const started = await startBrowserSeat({
      centralUrl: practice.centralUrl,
      pbxUrl: practice.telephony.origin,
      profileDir: join(dir, name),
      rendererDir: fileURLToPath(new URL('../../dist/renderer', import.meta.url)),
      port: 0,
      log: consoleLog('error'),
    });
    closings.push(started.close);
    return started;
  };
  says = await toneIntoFile(dir, hz.customer, 300);
  const desk = async (party: 'agent' | 'lead'): Promise<ToneDesk> => {
    const microphone = await toneIntoFile(dir, hz[party], 30, 48_000);
    const opened = await openToneDesk((await seat(party)).host.freshAddress(), microphone, 'supervision');
    closings.push(opened.close);
    return opened;
  };
  agent = await desk('agent');
  lead = await desk('lead');
});
afterAll(async () => {
  await customer?.stop();
  for (const close of closings.splice(0).toReversed()) await close();
});
beforeEach(({ skip }) => {
  if (why !== undefined) skip(why);
});

/** A customer calls and the agent answers; what an earlier try left behind is tidied up first. */
const callRuns = async (): Promise<Customer> => {
  await customer?.stop();
  if (!isSignedIn) {
    await signInByHand(agent.at, '1001');
    await signInByHand(lead.at, '1012');
    isSignedIn = true;
  } else {
    await lead.at.page.keyboard.press('F4');
    await expect.poll(() => stateIs(agent.at, 'agent.onCall')).toBe(0);
    if ((await stateIs(agent.at, 'agent.wrapUp')) > 0) await wrapUp(agent.at);
  }
  if ((await stateIs(agent.at, 'agent.ready')) === 0) await becomeReady(agent.at);
  const { queues } = practice.telephony.asterisk.descriptor;
  const { number } = callerOf();
  const started = await startCustomer({ pbx: practice.telephony.asterisk.descriptor, number, says });
  customer = started;
  await started.dial(queues.service);
  await button(agent.at, agent.at.words['call.answer']).first().waitFor({ timeout: 20_000 });
  await answer(agent.at);
  await started.established();
  return started;
};
/** How many state buttons begin with this word: one or none. */
const stateIs = (at: DeskPage, word: keyof DeskPage['words']): Promise<number> =>
  at.desk.getByRole('button', { name: new RegExp(`^${at.words[word]}`) }).count();

const callerOf = () => {
  const caller = practice.operator.callers.find(({ customerId }) => customerId !== null);
  if (caller?.customerId == null) throw new Error('no sample customer who calls');
  return { number: caller.number, customerId: caller.customerId };
};

const signInByHand = async (at: DeskPage, number: string): Promise<void> => {
  await at.desk.getByLabel(at.words['signIn.number']).fill(number);
  await at.desk.getByLabel(at.words['signIn.password']).fill(`lanqiao-${number}`);
  await at.page.keyboard.press('Enter');
  await shows(at, at.words['sync.saved'], 60_000);
  await shows(at, at.words['line.registered'], 20_000);
};

const openBoard = async (): Promise<void> => {
  const { desk, words } = lead.at;
  const key = desk
    .getByRole('navigation', { name: words['rail.region'] })
    .getByRole('button', { name: words['rail.board'] });
  if ((await key.getAttribute('aria-pressed')) !== 'true') await key.click();
  await shows(lead.at, '林小禾，工号 1001');
};

const atCustomer = async (): Promise<Heard> => {
  if (customer === undefined) throw new Error('nobody calls');
  await new Promise((resolve) => setTimeout(resolve, 1_000 * seconds + 500));
  const { samples, rate } = await readWav(await customer.heard());
  const last = samples.subarray(-Math.round(seconds * rate));
  return named(tones.map((tone) => Math.round(toneDb(last, rate, tone))));
};
type Measured = { readonly customer: Heard; readonly agent: Heard; readonly lead: Heard };
const measure = async (mode: string): Promise<Measured> => {
  const [byCustomer, byAgent, byLead] = await Promise.all([
    atCustomer(),
    agent.hears(seconds, tones),
    lead.hears(seconds, tones),
  ]);
  const measured = { customer: byCustomer, agent: named(byAgent), lead: named(byLead) };
  console.info(JSON.stringify({ mode, dBFS: measured }));
  return measured;
};
/** Measured again until it is so: a telephone's buffer may refill when another voice begins. */
const soon = async (mode: string, check: (measured: Measured) => void): Promise<void> => {
  await expect.poll(async () => attempt(check, await measure(mode)), { timeout: 30_000 }).toBe('as it should be');
};
const attempt = (check: (measured: Measured) => void, measured: Measured): string => {
  try {
    check(measured);
    return 'as it should be';
  } catch (fault) {
    return fault instanceof Error ? fault.message : String(fault);
  }
};
const expectConversation = (measured: Measured): void => {
  expect(measured.customer.agent).toBeGreaterThan(heard);
  expect(measured.agent.customer).toBeGreaterThan(heard);
};

test('R35 a lead listens, coaches, joins and takes over from the desk; the customer never hears the coach', async () => {
  const { words } = lead.at;
  const there = await callRuns();
  await openBoard();
  await button(lead.at, words['supervision.listen']).first().click();
  await shows(lead.at, words['supervision.listen.on'].replace('{name}', '林小禾'), 30_000);
  await shows(agent.at, words['supervised.listen']);
  await lead.at.shot('01-listening');
  await agent.at.shot('02-listened-to');
  // The microphone of somebody who only listens is off at its own telephone too.
  await soon('listen', (measured) => {
    expectConversation(measured);
    expect(measured.lead.customer).toBeGreaterThan(heard);
    expect(measured.lead.agent).toBeGreaterThan(heard);
    expect(measured.agent.lead).toBeLessThan(absent);
    expect(measured.customer.lead).toBeLessThan(absent);
  });
  // No contact of the lead's own, and no second way in.
  expect(await lead.at.desk.getByRole('region', { name: words['customer.region'], exact: true }).count()).toBe(0);
  expect(await button(lead.at, words['supervision.listen']).first().isVisible()).toBe(true);

  await lead.at.page.keyboard.press('2');
  await shows(lead.at, words['supervision.whisper.on'].replace('{name}', '林小禾'));
  await shows(agent.at, words['supervised.whisper']);
  await soon('whisper', (measured) => {
    expectConversation(measured);
    expect(measured.agent.lead).toBeGreaterThan(heard);
    expect(measured.customer.lead).toBeLessThan(absent);
  });
  await agent.at.shot('03-coached');

  await lead.at.page.keyboard.press('3');
  await shows(lead.at, words['supervision.barge.on'].replace('{name}', '林小禾'));
  await soon('barge', (measured) => {
    expectConversation(measured);
    expect(measured.agent.lead).toBeGreaterThan(heard);
    expect(measured.customer.lead).toBeGreaterThan(heard);
  });

  await lead.at.page.keyboard.press('4');
  await shows(lead.at, words['supervision.takeOverSure']);
  await lead.at.page.waitForTimeout(200);
  await lead.at.page.keyboard.press('4');
  // The customer is the lead's now, with a contact of the lead's own.
  await agentIs(lead.at, 'agent.onCall');
  await lead.at.desk.getByRole('region', { name: words['customer.region'], exact: true }).waitFor();
  await lead.at.shot('05-took-over');
  await agentIs(agent.at, 'agent.wrapUp');
  await shows(agent.at, words['endCause.takenOver']);
  await agent.at.shot('04-taken-over');
  await expect
    .poll(
      async () => {
        const [byCustomer, [byLead = -120]] = await Promise.all([atCustomer(), lead.hears(seconds, [hz.customer])]);
        console.info(JSON.stringify({ mode: 'takeOver', dBFS: { customer: byCustomer, leadHearsCustomer: byLead } }));
        return byCustomer.lead > heard && byCustomer.agent < absent && byLead > heard;
      },
      { timeout: 30_000 },
    )
    .toBe(true);
  // A call like any other: held, taken back, hung up.
  await lead.at.page.keyboard.press('F3');
  await expect.poll(async () => (await atCustomer()).lead, { timeout: 20_000 }).toBeLessThan(absent);
  await lead.at.page.keyboard.press('F3');
  await expect.poll(async () => (await atCustomer()).lead, { timeout: 20_000 }).toBeGreaterThan(heard);
  await lead.at.page.keyboard.press('F4');
  await there.ended(15_000);
  await agentIs(lead.at, 'agent.wrapUp');
  await wrapUp(lead.at);
  const { customerId } = callerOf();
  const asker = { agentNumber: '1011', password: 'lanqiao-1011' };
  const ofCall = async () => {
    const contacts = await contactsAtCentral(practice.centralUrl, asker, customerId);
    const taken = contacts.find(({ endCause }) => endCause === 'takenOver');
    const own = contacts.find(({ agentId, wrappedUpAtMs }) => agentId !== taken?.agentId && wrappedUpAtMs !== null);
    return { taken: taken?.id, own: own?.exchangeId, queue: own?.queue === taken?.queue, endCause: own?.endCause };
  };
  await expect
    .poll(ofCall, { timeout: 15_000 })
    .toEqual({ taken: expect.any(String), own: expect.any(String), queue: true, endCause: 'agentHungUp' });
  // What the lead said to the customer is recorded under the name that both contacts have at the exchange.
  const { own = '' } = await ofCall();
  expect(
    readdirSync(practice.telephony.asterisk.descriptor.recordings).filter((file) => file.startsWith(own)).length,
  ).toBe(3);
  expect(lead.at.complaints).toEqual([]);
});

test('security 75: a telephone takes no such call that its seat did not ask for; the lead leaves with the customer', async () => {
  const { words } = lead.at;
  const there = await callRuns();
  const { supervision } = practice.telephony;
  // Made at the exchange, behind central's back: the lead's telephone, and an agent's, refuse it without a ring.
  // The desks hear of the call a moment before the exchange has it together.
  for (const leadSipUser of ['1012', '1001'])
    await expect
      .poll(() => supervision.start({ id: randomUUID(), leadSipUser, agentSipUser: '1001', mode: 'barge' }))
      .toEqual({ ok: false, error: leadSipUser === '1001' ? 'leadBusy' : 'leadUnreachable' });
  expect((await atCustomer()).lead).toBeLessThan(absent);
  await openBoard();
  await button(lead.at, words['supervision.whisper']).first().click();
  await shows(lead.at, words['supervision.whisper.on'].replace('{name}', '林小禾'), 30_000);
  await there.hangUp();
  const bar = lead.at.desk.getByRole('region', { name: words['supervision.region'] });
  await expect.poll(() => bar.count(), { timeout: 15_000 }).toBe(0);
  await expect.poll(() => supervision.sessions(), { timeout: 15_000 }).toEqual([]);
  await agentIs(agent.at, 'agent.wrapUp');
  await shows(agent.at, words['endCause.customerHungUp']);
});

test('R33 the file is silent while the agent is at the field for the password, and nowhere else', async () => {
  const { words, desk, page } = agent.at;
  const there = await callRuns();
  const { recordings } = practice.telephony.asterisk.descriptor;
  await shows(agent.at, words['recording.running'], 15_000);
  const topic = practice.operator.topics.find((each) => each.class === 3 && each.scriptId !== null);
  if (topic === undefined) throw new Error('no topic of class 3');
  await chooseTopic(agent.at, inLanguage(topic.name, 'zh-CN'));
  await page.waitForTimeout(2_200);
  const startedMs = Date.now();
  await button(agent.at, words['factor.servicePassword']).first().click();
  await shows(agent.at, words['recording.paused']);
  const pausedMs = Date.now();
  await shows(agent.at, words['secret.paused']);
  await agent.at.shot('05-recording-paused');
  await page.waitForTimeout(2_500);
  await desk.getByRole('textbox', { name: words['wrapUp.note'] }).click();
  await shows(agent.at, words['recording.running']);
  const resumedMs = Date.now();
  await page.waitForTimeout(2_000);
  await there.hangUp();
  const endedMs = Date.now();
  await agentIs(agent.at, 'agent.wrapUp');
  await page.waitForTimeout(500);
  const files = readdirSync(recordings).map((name) => join(recordings, name));
  const file = files.toSorted().at(-1) ?? '';
  const sound = await readWav(file);
  const lengthS = sound.samples.length / sound.rate;
  /** Seconds in the file of a moment: its end is the call's. */
  const at = (ms: number): number => lengthS - (endedMs - ms) / 1_000;
  const level = (fromS: number, toS: number): number =>
    levelDb({
      rate: sound.rate,
      samples: sound.samples.slice(Math.round(fromS * sound.rate), Math.round(toS * sound.rate)),
    });
  const levels = {
    before: level(at(startedMs) - 2, at(startedMs) - 0.5),
    during: level(at(pausedMs) + 0.5, at(resumedMs) - 1),
    after: level(at(resumedMs) + 1, lengthS - 0.5),
  };
  console.info(JSON.stringify({ acknowledgedMs: pausedMs - startedMs, lengthS, dBFS: levels }));
  expect(levels.before).toBeGreaterThan(-30);
  expect(levels.during).toBe(-100);
  expect(levels.after).toBeGreaterThan(-30);
});
