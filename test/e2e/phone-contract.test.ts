import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { agent, type BrowserLab, openBrowserLab } from '../renderer/phone/lab/browser-lab.ts';
import { describeLines } from '../renderer/phone/lines-contract.ts';
import { describePhone } from '../renderer/phone/phone-contract.ts';
import type { PhoneLab } from '../renderer/phone/phone-lab.ts';

let browser: BrowserLab;
let far: Page;
beforeAll(async () => {
  browser = await openBrowserLab();
  far = await browser.openFar();
});
afterAll(() => browser.close());
afterEach(() => expect(browser.errors).toEqual([]));

const faults = {
  ready: 'ready',
  refused: 'NotAllowedError',
  absent: 'NotFoundError',
  inUse: 'NotReadableError',
} as const;

/** The real phone in a page, a customer in another, a relay between them. */
const openSip = async (): Promise<PhoneLab> => {
  browser.relay.refuse(false);
  browser.relay.options.reinviteStatus = undefined;
  browser.relay.options.target = 'answer';
  const page = await browser.openPhone();
  await far.evaluate(() => window.far.reset());
  await page.evaluate(() => window.lab.phone.checkDevices());
  let lastCall = Promise.resolve();
  return {
    number: 'customer',
    until: (what, is) => browser.until(page, what, is),
    phone: {
      state: () => page.evaluate(() => window.lab.phone.state()),
      published: () => page.evaluate(() => window.lab.states),
      dial: (order) => page.evaluate((it) => window.lab.phone.dial(it), order),
      answer: (id) => page.evaluate((it) => window.lab.phone.answer(it), id),
      reject: (id) => page.evaluate((it) => window.lab.phone.reject(it), id),
      hangUp: (id) => page.evaluate((it) => window.lab.phone.hangUp(it), id),
      mute: (id, isMuted) => page.evaluate(([it, on]) => window.lab.phone.mute(it, on), [id, isMuted] as const),
      hold: (id, isHeld) => page.evaluate(([it, on]) => window.lab.phone.hold(it, on), [id, isHeld] as const),
      swap: () => page.evaluate(() => window.lab.phone.swap()),
      transfer: (id, dial) => page.evaluate(([it, to]) => window.lab.phone.transfer(it, to), [id, dial] as const),
      completeTransfer: (id, other) =>
        page.evaluate(([it, to]) => window.lab.phone.completeTransfer(it, to), [id, other] as const),
      merge: (id, other) => page.evaluate(([it, to]) => window.lab.phone.merge(it, to), [id, other] as const),
      part: () => page.evaluate(() => window.lab.phone.part()),
      divert: (id, dial) => page.evaluate(([it, to]) => window.lab.phone.divert(it, to), [id, dial] as const),
      expect: (supervisionId) => page.evaluate((it) => window.lab.phone.expect(it), supervisionId),
      expectDialled: (contactId) => page.evaluate((it) => window.lab.phone.expectDialled(it), contactId),
      sendDigits: (id, digits) =>
        page.evaluate(([it, text]) => window.lab.phone.sendDigits(it, text), [id, digits] as const),
      checkDevices: () => page.evaluate(() => window.lab.phone.checkDevices()),
      setAvailable: (isAvailable) => page.evaluate((it) => window.lab.phone.setAvailable(it), isAvailable),
      stop: () => page.evaluate(() => window.lab.phone.stop()),
      levels: () => page.evaluate(() => window.lab.levels),
    },
    far: {
      call: async ({ display = '', queue, contactId, colleague, supervision, dialled }) => {
        const headers = [
          ...(queue === undefined ? [] : [`X-Queue: ${queue}`]),
          ...(contactId === undefined ? [] : [`X-Contact-Id: ${contactId}`]),
          ...(colleague === undefined ? [] : [`X-Colleague: ${colleague}`]),
          ...(supervision === undefined ? [] : [`X-Supervision: ${supervision}`]),
          ...(dialled === undefined ? [] : [`X-Dialled: ${dialled}`]),
        ];
        lastCall = far.evaluate(([to, extra, name]) => window.far.call(to, extra, name), [
          agent.user,
          headers,
          display,
        ] as const);
        await lastCall;
      },
      refusedWith: async () => {
        await lastCall;
        const status = await far.evaluate(() => window.far.lastStatus());
        return status < 300 ? undefined : status;
      },
      hangUp: () => far.evaluate(() => window.far.hangUp()),
      policy: (next) => far.evaluate((it) => window.far.policy(it), next),
      pickUp: async () => {
        await expect.poll(() => far.evaluate(() => window.far.state())).toBe('Initial');
        await far.evaluate(() => window.far.pickUp());
      },
      target: async (next) => {
        browser.relay.options.target = next;
      },
      divertedTo: async () => {
        const redirect = browser.relay.log.findLast(({ from, line }) => from === agent.user && / 302 /.test(line));
        return /^Contact: <sip:(\d+)@lab\.invalid>/m.exec(redirect?.text ?? '')?.[1] ?? null;
      },
      takesHold: async (isTaking) => {
        browser.relay.options.reinviteStatus = isTaking ? undefined : 488;
      },
      cutLine: async () => {
        browser.relay.refuse(true);
        browser.relay.drop(agent.user);
      },
      restoreLine: async () => browser.relay.refuse(false),
      microphone: async (next) => {
        await page.evaluate((it) => window.lab.microphone(it), faults[next]);
        // As if unplugged: what was open is gone.
        if (next !== 'ready') await page.evaluate(() => window.lab.unplug());
      },
    },
    close: () => page.context().close(),
  };
};

describePhone('SIP.js in Chromium', openSip);
describeLines('SIP.js in Chromium', openSip);
