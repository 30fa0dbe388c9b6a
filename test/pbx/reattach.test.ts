import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { DeskPage } from '../e2e/browser.ts';
import { openBrowser, openDesk } from '../e2e/browser.ts';
import { contactsAtCentral } from '../e2e/central-record.ts';
import { agentIs, answer, becomeReady, button, shows, signIn, wrapUp } from '../e2e/steps.ts';
import { startWorldWith } from '../e2e/world.ts';
import { asteriskTelephony } from './asterisk-telephony.ts';
import { startCustomer } from './customer.ts';
import type { Customer } from './customer.ts';
import { whyNotHere } from './here.ts';
import { beepsHeard, expectAudioBothWays } from './sound-checks.ts';
import { sayIntoFile } from './speech.ts';

// PHONE-10 on a real Asterisk: the phone page is killed in a call, another one takes the call over.

const why = whyNotHere('calls');
const colleague = { agentNumber: '1012', password: 'lanqiao-1012' };
const seatProgram = fileURLToPath(new URL('../../main/web/main.ts', import.meta.url));
const note = '客户要求寄送详单，未说完';

let browser: Browser;
let dir: string;
let speech: string;

beforeAll(async () => {
  if (why !== undefined) return;
  dir = mkdtempSync(join(tmpdir(), 'zuoxi-reattach-'));
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

const later = <T>(thing: T, stop: (thing: T) => unknown): T => {
  onTestFinished(async () => void (await stop(thing)));
  return thing;
};

/** The seat as a program of its own, as `npm run seat` starts it; `kill` is a crash. */
const startSeatProgram = async (centralUrl: string, pbxUrl: string, profile: string) => {
  const args = ['--central', centralUrl, '--pbx', pbxUrl, '--port', '0', '--profile', profile];
  const child = spawn(process.execPath, [seatProgram, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const address = await new Promise<string>((resolve, reject) => {
    let said = '';
    child.stdout.on('data', (text: Buffer) => {
      said += String(text);
      const url = /seat ready: (\S+)\n/.exec(said)?.[1];
      if (url !== undefined) resolve(url);
    });
    child.once('exit', () => reject(new Error(`the seat ended while starting: ${said}`)));
  });
  const kill = (): Promise<void> => {
    child.kill('SIGKILL');
    return exited;
  };
  return later({ address, kill }, () => kill());
};

const openAt = async (address: string): Promise<DeskPage> =>
  later(await openDesk(browser, address, { folder: 'reattach' }), ({ context }) => context.close());

/** By hand: a seat without practice mode has no sample accounts to press. */
const signInByHand = async (at: DeskPage): Promise<void> => {
  await at.desk.getByLabel(at.words['signIn.number']).fill('1001');
  await at.desk.getByLabel(at.words['signIn.password']).fill('lanqiao-1001');
  await at.page.keyboard.press('Enter');
  await shows(at, at.words['line.registered'], 15_000);
};

const heardAgain = async (customer: Customer, after: number): Promise<void> => {
  await expect
    .poll(async () => (await beepsHeard(customer)).length, { timeout: 20_000, interval: 100 })
    // Half of the next beep may have been on its way when the page died.
    .toBeGreaterThan(after + 1);
};

const talking = async () => {
  const world = later(await startWorldWith(asteriskTelephony()), (it) => it.close());
  const { operator, telephony } = world.practice;
  const pbx = telephony.asterisk.descriptor;
  const caller = operator.callers.find(({ customerId }) => customerId !== null);
  if (caller?.customerId == null) throw new Error('no sample customer who calls');
  const open = (): Promise<DeskPage> => openAt(world.seat.host.freshAddress());
  const at = await open();
  await signIn(at);
  await becomeReady(at);
  const customer = later(await startCustomer({ pbx, says: speech, number: caller.number }), (it) => it.stop());
  await customer.dial(pbx.queues.service);
  await button(at, at.words['call.answer']).first().waitFor({ timeout: 15_000 });
  await answer(at);
  await expectAudioBothWays(at, customer);
  const recordsOf = () => contactsAtCentral(world.practice.centralUrl, colleague, caller.customerId ?? '');
  return { world, at, customer, open, recordsOf, pbx };
};

const crash = async ({ page, context }: DeskPage): Promise<void> => {
  const session = await context.newCDPSession(page);
  const gone = new Promise<void>((resolve) => page.once('crash', () => resolve()));
  void session.send('Page.crash').catch(() => undefined);
  await gone;
};

describe('PHONE-10 a phone page that dies in a call', () => {
  test('the next page goes on with the call, its contact and its note; the customer hears a gap and no end', async () => {
    const { at, customer, open, recordsOf } = await talking();
    const earlier = (await recordsOf()).length;
    await at.desk.getByRole('textbox', { name: at.words['wrapUp.note'] }).fill(note);
    await at.desk.getByRole('textbox', { name: at.words['wrapUp.note'] }).blur();
    await expect.poll(async () => (await beepsHeard(customer)).length).toBeGreaterThan(4);

    const killedMs = Date.now();
    await crash(at);
    const soundless = (await beepsHeard(customer)).length;
    const next = await open();
    await heardAgain(customer, soundless);
    console.info(JSON.stringify({ what: 'page killed', heardAgainMs: Date.now() - killedMs }));
    await agentIs(next, 'agent.onCall');
    await expectAudioBothWays(next, customer);
    await next.shot('01-taken-up');
    expect(await next.desk.getByRole('textbox', { name: next.words['wrapUp.note'] }).inputValue()).toBe(note);

    await customer.hangUp();
    await agentIs(next, 'agent.wrapUp');
    await wrapUp(next);
    const records = await recordsOf();
    expect(records.length).toBeLessThanOrEqual(earlier + 1);
    await expect
      .poll(
        async () =>
          (await recordsOf()).filter((record) => record.endCause === 'customerHungUp' && record.note === note).length,
      )
      .toBe(1);
  });

  test('a reload of the whole page does the same', async () => {
    const { at, customer } = await talking();
    at.page.once('dialog', (dialog) => void dialog.accept());
    const soundless = (await beepsHeard(customer)).length;
    await at.page.reload();
    await heardAgain(customer, soundless + 1);
    await agentIs(at, 'agent.onCall');
    await expectAudioBothWays(at, customer);
    await button(at, at.words['call.hangUp']).first().click();
    expect(await customer.ended(10_000)).not.toBe('');
    await agentIs(at, 'agent.wrapUp');
  });

  test('the whole program killed in a call: the next one goes on with it', async () => {
    const world = later(await startWorldWith(asteriskTelephony()), (it) => it.close());
    const { operator, telephony, centralUrl } = world.practice;
    const pbx = telephony.asterisk.descriptor;
    const caller = operator.callers.find(({ customerId }) => customerId !== null);
    const profile = mkdtempSync(join(dir, 'profile-'));
    const seat = await startSeatProgram(centralUrl, pbx.ws, profile);
    const at = await openAt(seat.address);
    await signInByHand(at);
    await becomeReady(at);
    const customer = later(await startCustomer({ pbx, says: speech, number: caller?.number ?? '' }), (it) => it.stop());
    await customer.dial(pbx.queues.service);
    await button(at, at.words['call.answer']).first().waitFor({ timeout: 15_000 });
    await answer(at);
    await expectAudioBothWays(at, customer);
    await at.desk.getByRole('textbox', { name: at.words['wrapUp.note'] }).fill(note);
    await at.desk.getByRole('textbox', { name: at.words['wrapUp.note'] }).blur();
    await shows(at, new RegExp(at.words['draft.saved'].replace('{time}', '\\d')), 15_000);

    const killedMs = Date.now();
    await Promise.all([crash(at), seat.kill()]);
    const soundless = (await beepsHeard(customer)).length;
    const next = await openAt((await startSeatProgram(centralUrl, pbx.ws, profile)).address);
    await heardAgain(customer, soundless);
    console.info(JSON.stringify({ what: 'program and page killed', heardAgainMs: Date.now() - killedMs }));
    await agentIs(next, 'agent.onCall');
    await expectAudioBothWays(next, customer);
    expect(await next.desk.getByRole('textbox', { name: next.words['wrapUp.note'] }).inputValue()).toBe(note);
    await customer.hangUp();
    await agentIs(next, 'agent.wrapUp');
  });

  test('the customer hung up meanwhile: the next page says so and the wrap-up begins', async () => {
    const { at, customer, open } = await talking();
    await crash(at);
    await customer.hangUp();
    const next = await open();
    await agentIs(next, 'agent.wrapUp');
    expect(await next.desk.getByRole('region', { name: next.words['call.region'], exact: true }).innerText()).toContain(
      next.words['endCause.network'],
    );
  });
});
