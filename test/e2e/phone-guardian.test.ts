import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { CallId } from '../../shared/ids.ts';
import type { Trouble } from '../../shared/phone.ts';
import { agent, type BrowserLab, openBrowserLab } from '../renderer/phone/lab/browser-lab.ts';

/** The guardian on real calls between two browsers: what breaks is named within two seconds, and repaired when it can be. */
let lab: BrowserLab;
let far: Page;
let page: Page;

declare global {
  interface Window {
    seen: { atMs: number; trouble: Trouble | null }[];
    /** Copies of the microphone that went into calls. */
    copies: MediaStreamTrack[];
  }
}

beforeAll(async () => {
  lab = await openBrowserLab();
  far = await lab.openFar();
});
afterAll(() => lab.close());
beforeEach(async () => {
  await far.evaluate(() => window.far.reset());
  page = await lab.openPhone();
  await page.evaluate(async () => {
    window.seen = [];
    window.copies = [];
    const clone: unknown = Reflect.get(MediaStreamTrack.prototype, 'clone');
    MediaStreamTrack.prototype.clone = function copied() {
      const copy: unknown = typeof clone === 'function' ? clone.call(this) : undefined;
      if (!(copy instanceof MediaStreamTrack)) throw new Error('no copy');
      window.copies.push(copy);
      return copy;
    };
    window.lab.phone.onTrouble((trouble) => window.seen.push({ atMs: Date.now(), trouble }));
    await window.lab.phone.checkDevices();
    window.lab.phone.setAvailable(true);
  });
});
afterEach(async () => {
  await page.context().close();
  expect(lab.errors).toEqual([]);
});

const talk = async (): Promise<CallId> => {
  await far.evaluate((to) => window.far.call(to, [], ''), agent.user);
  const { calls } = await lab.until(page, 'ringing', (state) => state.calls[0]?.state.kind === 'ringing');
  const [call] = calls;
  if (call === undefined) throw new Error('no call');
  await page.evaluate((it) => window.lab.phone.answer(it), call.id);
  await lab.until(
    page,
    'flowing',
    ({ calls: [now] }) => now?.state.kind === 'talking' && now.state.media === 'flowing',
  );
  // Long enough for a false alarm to show.
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  expect(await now()).toBeNull();
  return call.id;
};
const now = (): Promise<Trouble | null> => page.evaluate(() => window.seen.at(-1)?.trouble ?? null);
/** Milliseconds from the fault to its name. */
const namedAfter = async (leg: Trouble['leg'], fromMs: number): Promise<number> => {
  const find = () => page.evaluate((which) => window.seen.find(({ trouble }) => trouble?.leg === which)?.atMs, leg);
  await expect.poll(find).toBeDefined();
  const tookMs = ((await find()) ?? Number.POSITIVE_INFINITY) - fromMs;
  process.stdout.write(`guardian: ${leg} named after ${tookMs} ms\n`);
  return tookMs;
};
const isWell = () => expect.poll(now, { timeout: 15_000 }).toBeNull();

describe('the audio guardian in a real browser', () => {
  it('names a customer whose packets stop, walks its steps, and is well when they come again', async () => {
    const callId = await talk();
    const fromMs = await far.evaluate(async () => {
      await window.far.stopSending(true);
      return Date.now();
    });
    expect(await namedAfter('receiving', fromMs)).toBeLessThanOrEqual(2_000);
    expect(await now()).toMatchObject({ callId, doing: 'restartIce' });
    await far.evaluate(() => window.far.stopSending(false));
    await isWell();
    await lab.until(page, 'still talking', ({ calls: [call] }) => call?.state.kind === 'talking');
  });

  it('names a microphone the system muted, and takes a fresh copy', async () => {
    await talk();
    const fromMs = await page.evaluate(() => {
      const copy = window.copies.at(-1);
      if (copy !== undefined) Object.defineProperty(copy, 'muted', { get: () => true });
      return Date.now();
    });
    expect(await namedAfter('microphoneMuted', fromMs)).toBeLessThanOrEqual(2_000);
    await isWell();
    expect(await far.evaluate(() => window.far.loudestDb(1_500))).toBeGreaterThan(-40);
  });

  it('names a microphone that was pulled out, and the customer hears the agent once there is one again', async () => {
    await talk();
    const fromMs = await page.evaluate(() => {
      window.lab.microphone('NotFoundError');
      for (const copy of window.copies) copy.stop();
      window.lab.unplug();
      return Date.now();
    });
    expect(await namedAfter('microphoneGone', fromMs)).toBeLessThanOrEqual(2_000);
    await expect.poll(now).toMatchObject({ doing: 'checkHeadset' });
    await page.evaluate(() => {
      window.lab.microphone('ready');
      navigator.mediaDevices.dispatchEvent(new Event('devicechange'));
    });
    await isWell();
    expect(await far.evaluate(() => window.far.loudestDb(1_500))).toBeGreaterThan(-40);
  });
});
