import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CallId } from '../../shared/ids.ts';
import { type EndedQuality, Quality } from '../../shared/phone.ts';
import { CallSummary } from '../../shared/quality.ts';
import { agent, type BrowserLab, openBrowserLab } from '../renderer/phone/lab/browser-lab.ts';

/** R40 on a real call between two browsers: what is measured is what happens. */
let lab: BrowserLab;
let far: Page;
let page: Page;

declare global {
  interface Window {
    heard: { qualities: Quality[]; ended: EndedQuality[] };
  }
}

beforeAll(async () => {
  lab = await openBrowserLab();
  far = await lab.openFar();
  page = await lab.openPhone();
  await page.evaluate(async () => {
    window.heard = { qualities: [], ended: [] };
    window.lab.phone.onQuality((quality) => window.heard.qualities.push(quality));
    window.lab.phone.onMeasured((ended) => window.heard.ended.push(ended));
    await window.lab.phone.checkDevices();
    window.lab.phone.setAvailable(true);
  });
});
afterAll(async () => {
  expect(lab.errors).toEqual([]);
  await lab.close();
});

const talk = async (): Promise<CallId> => {
  await far.evaluate((to) => window.far.call(to, [], ''), agent.user);
  const { calls } = await lab.until(page, 'ringing', (state) => state.calls[0]?.state.kind === 'ringing');
  const [call] = calls;
  if (call === undefined) throw new Error('no call');
  await page.evaluate((it) => window.lab.phone.answer(it), call.id);
  await lab.until(
    page,
    'sound both ways',
    ({ calls: [now] }) => now?.state.kind === 'talking' && now.state.media === 'flowing',
  );
  return call.id;
};
const qualities = (): Promise<Quality[]> => page.evaluate(() => window.heard.qualities);
const last = async (): Promise<Quality | undefined> => (await qualities()).at(-1);

describe('how a call sounds, measured in a real browser', () => {
  it('R40 a clear call is good, packets that stop make it poor, and the summary says both', async () => {
    const callId = await talk();
    await expect.poll(async () => (await qualities()).length).toBeGreaterThan(5);
    const clear = await last();
    expect(Quality.parse(clear)).toEqual(clear);
    expect(clear).toMatchObject({ callId, rating: 'good', why: null });
    expect(clear?.mos).toBeGreaterThan(4);
    // Both fake microphones beep; nothing here is an unknown codec.
    expect(clear?.codec).not.toBe('other');
    const { talkMs, listenMs, talkOverMs, silenceMs } = clear?.voice ?? CallSummary.shape.voice.parse({});
    expect(talkMs + listenMs + talkOverMs + silenceMs).toBeGreaterThan(3_000);
    expect(talkMs + talkOverMs).toBeGreaterThan(0);
    expect(listenMs + talkOverMs).toBeGreaterThan(0);

    await far.evaluate(() => window.far.stopSending(true));
    await expect.poll(async () => (await last())?.rating).toBe('poor');
    expect(await last()).toMatchObject({ why: 'loss', lossPct: 100 });
    await far.evaluate(() => window.far.hangUp());
    await expect.poll(() => page.evaluate(() => window.heard.ended.length)).toBe(1);
    const [ended] = await page.evaluate(() => window.heard.ended);
    expect(ended?.callId).toBe(callId);
    expect(CallSummary.parse(ended?.quality)).toEqual(ended?.quality);
    expect(ended?.quality.poorLooks).toBeGreaterThan(0);
    expect(ended?.quality.mosWorst).toBeLessThan(3.6);
    const count = (await qualities()).length;
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect((await qualities()).length).toBe(count);
  });
});
