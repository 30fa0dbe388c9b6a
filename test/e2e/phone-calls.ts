import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import type { Call } from '../../shared/call.ts';
import type { PhoneState } from '../../shared/phone.ts';
import { agent, type BrowserLab, openBrowserLab } from '../renderer/phone/lab/browser-lab.ts';

/**
 * A telephone in a page, a customer in another, a relay between them: what the tests of phone-faults, phone-hostile and phone-network begin with. The lab is
 * the file's, the telephone each test's own.
 */
export let lab: BrowserLab;
export let far: Page;
export let page: Page;

export const useLab = (): void => {
  beforeAll(async () => {
    lab = await openBrowserLab();
    far = await lab.openFar();
  });
  afterAll(() => lab.close());
  beforeEach(async () => {
    lab.relay.refuse(false);
    lab.relay.options.grantS = 120;
    lab.relay.options.registerStatus = undefined;
    lab.relay.options.reinviteStatus = undefined;
    lab.relay.log.length = 0;
    await far.evaluate(() => window.far.reset());
    page = await lab.openPhone();
    await page.evaluate(() => window.lab.phone.checkDevices());
    await page.evaluate(() => window.lab.phone.setAvailable(true));
  });
  afterEach(async () => {
    await page.context().close();
    expect(lab.errors).toEqual([]);
  });
};

export const first = (state: PhoneState): Call['state'] | undefined => state.calls[0]?.state;
export const isRegistered = (state: PhoneState): boolean => state.line.kind === 'registered';
export const isFlowing = (state: PhoneState): boolean => {
  const call = first(state);
  return call?.kind === 'talking' && call.media === 'flowing';
};
export const isEnded = (state: PhoneState): boolean => first(state)?.kind === 'ended';
export const idOf = (state: PhoneState): Call['id'] => {
  const call = state.calls[0];
  if (call === undefined) throw new Error('no call');
  return call.id;
};
export const ring = async (): Promise<Call['id']> => {
  await far.evaluate((to) => window.far.call(to, [], ''), agent.user);
  return idOf(await lab.until(page, 'ringing', (state) => first(state)?.kind === 'ringing'));
};
export const answer = (id: Call['id']) => page.evaluate((it) => window.lab.phone.answer(it), id);
export const talk = async (): Promise<Call['id']> => {
  const id = await ring();
  expect(await answer(id)).toMatchObject({ ok: true });
  await lab.until(page, 'sound both ways', isFlowing);
  return id;
};
export const packetsAtCustomer = (): Promise<number> => far.evaluate(() => window.far.packetsReceived());
export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
export const sentByPhone = (start: string): number =>
  lab.relay.log.filter((entry) => entry.from === agent.user && entry.line.startsWith(start)).length;
