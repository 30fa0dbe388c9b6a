import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Call } from '../../shared/call.ts';
import type { PhoneState } from '../../shared/phone.ts';
import { agent, type BrowserLab, openBrowserLab } from '../renderer/phone/lab/browser-lab.ts';

/** The computer slept or came into another network, with the real phone in a real browser. */
let lab: BrowserLab;
let far: Page;
let page: Page;

beforeAll(async () => {
  lab = await openBrowserLab();
  far = await lab.openFar();
});
afterAll(() => lab.close());
beforeEach(async () => {
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

const first = (state: PhoneState): Call['state'] | undefined => state.calls[0]?.state;
const isFlowing = (state: PhoneState): boolean => {
  const call = first(state);
  return call?.kind === 'talking' && call.media === 'flowing';
};
const talk = async (): Promise<void> => {
  await far.evaluate((to) => window.far.call(to, [], ''), agent.user);
  const ringing = await lab.until(page, 'ringing', (state) => first(state)?.kind === 'ringing');
  expect(await page.evaluate((id) => window.lab.phone.answer(id), ringing.calls[0]?.id as Call['id'])).toMatchObject({
    ok: true,
  });
  await lab.until(page, 'sound both ways', isFlowing);
};
const registeredSince =
  (sinceMs: number) =>
  ({ line }: PhoneState): boolean =>
    line.kind === 'registered' && line.sinceMs >= sinceMs;
const packetsAtCustomer = (): Promise<number> => far.evaluate(() => window.far.packetsReceived());
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
/** ice-ufrag of every description the phone sent, oldest first, repeats left out. */
const ways = (): readonly string[] => {
  const sent = lab.relay.log.filter(({ from, text }) => from === agent.user && text.includes('a=ice-ufrag:'));
  const names = sent.map(({ text }) => /^a=ice-ufrag:(\S+)/m.exec(text)?.[1] ?? '');
  return names.filter((name, index) => name !== names[index - 1]);
};
const endsAsEver = async (): Promise<void> => {
  await far.evaluate(() => window.far.hangUp());
  expect(first(await lab.until(page, 'over', (state) => first(state)?.kind === 'ended'))).toMatchObject({
    cause: 'customerHungUp',
  });
};

describe('another network', () => {
  it('registers at once, looks for a new way for the sound and keeps the old one until it is there', async () => {
    await talk();
    expect(ways()).toHaveLength(1);
    const sinceMs = Date.now();
    const before = await packetsAtCustomer();
    await page.evaluate(() => window.lab.phone.reconnect());
    await lab.until(page, 'back', registeredSince(sinceMs));
    await expect.poll(() => ways().length).toBe(2);
    await pause(1_500);
    expect((await packetsAtCustomer()) - before).toBeGreaterThan(50);
    await lab.until(page, 'sound both ways', isFlowing);
    await endsAsEver();
  });

  it('several in a row are one call all the time', async () => {
    await talk();
    for (let turn = 0; turn < 3; turn += 1) {
      const sinceMs = Date.now();
      await page.evaluate(() => window.lab.phone.reconnect());
      await lab.until(page, 'back', registeredSince(sinceMs));
    }
    await expect.poll(() => ways().length).toBeGreaterThanOrEqual(2);
    const before = await packetsAtCustomer();
    await expect.poll(async () => (await packetsAtCustomer()) - before).toBeGreaterThan(50);
    expect((await page.evaluate(() => window.lab.phone.state())).calls).toHaveLength(1);
    await endsAsEver();
  });

  it('in no call: the next call goes over candidates of the new network', async () => {
    const sinceMs = Date.now();
    await page.evaluate(() => window.lab.phone.reconnect());
    await lab.until(page, 'back', registeredSince(sinceMs));
    await talk();
    expect(ways()).toHaveLength(1);
    await endsAsEver();
  });
});

describe('sleep', () => {
  it('the page stood still and the line went meanwhile: registered again, and the call is still that call', async () => {
    await talk();
    // Nothing of the page runs: every timer is late when it wakes, as after a lid was closed.
    const asleep = page.evaluate(() => {
      const wakeMs = Date.now() + 6_000;
      while (Date.now() < wakeMs);
      return Date.now();
    });
    await pause(500);
    lab.relay.drop(agent.user);
    const wokeMs = await asleep;
    const back = await lab.until(page, 'back', registeredSince(wokeMs));
    // Alone it is about 100 ms; the limit only tells a return from a retry that waited.
    expect(back.line.kind === 'registered' ? back.line.sinceMs - wokeMs : -1).toBeLessThan(3_000);
    await lab.until(page, 'sound both ways', isFlowing);
    await endsAsEver();
  });
});
