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
    senders: RTCRtpSender[];
    /** How late a timer of the page came at worst, ms: what the machine owes us. */
    latestMs: number;
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
    window.latestMs = 0;
    let dueMs = performance.now() + 50;
    setInterval(() => {
      window.latestMs = Math.max(window.latestMs, performance.now() - dueMs);
      dueMs = performance.now() + 50;
    }, 50);
    window.senders = [];
    const addTrack: unknown = Reflect.get(RTCPeerConnection.prototype, 'addTrack');
    RTCPeerConnection.prototype.addTrack = function added(...args) {
      const sender: unknown = typeof addTrack === 'function' ? addTrack.apply(this, args) : undefined;
      if (!(sender instanceof RTCRtpSender)) throw new Error('no sender');
      window.senders.push(sender);
      return sender;
    };
    window.lab.phone.onTrouble((trouble) => window.seen.push({ atMs: Date.now(), trouble }));
    await window.lab.phone.checkDevices();
    window.lab.phone.setAvailable(true);
  });
});
afterEach(async () => {
  lab.relay.options.reinviteStatus = undefined;
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
/** Milliseconds from the fault to its name; a machine too busy to keep its timers is forgiven what they are late. */
const namedMs = async (leg: Trouble['leg'], fromMs: number): Promise<number> => {
  const find = () => page.evaluate((which) => window.seen.find(({ trouble }) => trouble?.leg === which)?.atMs, leg);
  await expect.poll(find, { timeout: 10_000 }).toBeDefined();
  const tookMs = ((await find()) ?? Number.POSITIVE_INFINITY) - fromMs;
  const latestMs = await page.evaluate(() => window.latestMs);
  process.stdout.write(`guardian: ${leg} named after ${tookMs} ms, timers up to ${Math.round(latestMs)} ms late\n`);
  return tookMs - (latestMs > 100 ? 10 * latestMs : 0);
};
const wearHeadset = (): Promise<void> =>
  page.evaluate(async () => {
    window.lab.wear('headset');
    window.lab.unplug();
    await window.lab.phone.checkDevices();
  });
const isWell = () => expect.poll(now, { timeout: 15_000 }).toBeNull();

describe('the audio guardian in a real browser', () => {
  it('names a customer whose packets stop, walks its steps, and is well when they come again', async () => {
    const callId = await talk();
    const fromMs = await far.evaluate(async () => {
      await window.far.stopSending(true);
      return Date.now();
    });
    expect(await namedMs('receiving', fromMs)).toBeLessThanOrEqual(2_000);
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
    expect(await namedMs('microphoneMuted', fromMs)).toBeLessThanOrEqual(2_000);
    await isWell();
    expect(await far.evaluate(() => window.far.loudestDb(1_500, -40))).toBeGreaterThan(-40);
  });

  it('names a microphone that was pulled out, and the customer hears the agent once there is one again', async () => {
    await talk();
    const fromMs = await page.evaluate(() => {
      window.lab.microphone('NotFoundError');
      for (const copy of window.copies) copy.stop();
      window.lab.unplug();
      return Date.now();
    });
    expect(await namedMs('microphoneGone', fromMs)).toBeLessThanOrEqual(2_000);
    await expect.poll(now).toMatchObject({ doing: 'checkHeadset' });
    await page.evaluate(() => {
      window.lab.microphone('ready');
      navigator.mediaDevices.dispatchEvent(new Event('devicechange'));
    });
    await isWell();
    expect(await far.evaluate(() => window.far.loudestDb(1_500, -40))).toBeGreaterThan(-40);
  });

  it('names a headset that was muted at the headset: a live track that gives nothing', async () => {
    await wearHeadset();
    await talk();
    const fromMs = await page.evaluate(() => {
      window.lab.headsetMute(true);
      return Date.now();
    });
    expect(await namedMs('microphoneSilent', fromMs)).toBeLessThanOrEqual(2_000);
    // A fresh copy of a silent microphone is silent: the agent has to look.
    await expect.poll(now).toMatchObject({ doing: 'checkHeadset' });
    await page.evaluate(() => window.lab.headsetMute(false));
    await isWell();
    expect(await far.evaluate(() => window.far.loudestDb(1_500, -40))).toBeGreaterThan(-40);
  });

  it('tells an agent who talks into a microphone they muted, and is quiet once it is open', async () => {
    const callId = await talk();
    const fromMs = await page.evaluate((it) => {
      window.lab.phone.mute(it, true);
      return Date.now();
    }, callId);
    // The fake microphone beeps once a second: three of them are half a second of speech.
    expect(await namedMs('mutedSpeech', fromMs)).toBeLessThanOrEqual(3_000);
    expect(await now()).toMatchObject({ callId, doing: 'unmute' });
    await page.evaluate((it) => window.lab.phone.mute(it, false), callId);
    await isWell();
  });

  it('tells when another microphone took over under the call', async () => {
    await talk();
    const fromMs = await page.evaluate(() => {
      window.lab.wear('headset');
      window.lab.unplug();
      return Date.now();
    });
    expect(await namedMs('microphoneChanged', fromMs)).toBeLessThanOrEqual(2_000);
    expect(await now()).toMatchObject({ doing: 'tryNewMicrophone' });
    await isWell();
    expect(await far.evaluate(() => window.far.loudestDb(1_500, -40))).toBeGreaterThan(-40);
  });

  it('names a voice that does not leave', async () => {
    await talk();
    const send = (isOn: boolean): Promise<number> =>
      page.evaluate(async (on) => {
        for (const sender of window.senders) {
          if (sender.track?.readyState !== 'live') continue;
          const parameters = sender.getParameters();
          for (const encoding of parameters.encodings) encoding.active = on;
          await sender.setParameters(parameters);
        }
        return Date.now();
      }, isOn);
    const fromMs = await send(false);
    expect(await namedMs('sending', fromMs)).toBeLessThanOrEqual(2_000);
    await send(true);
    await isWell();
  });

  it('names a hold nobody answers, asks again, and shows the refusal as a failed hold', async () => {
    const callId = await talk();
    lab.relay.options.reinviteStatus = 0;
    const fromMs = await page.evaluate((it) => {
      window.lab.phone.hold(it, true);
      return Date.now();
    }, callId);
    expect(await namedMs('hold', fromMs)).toBeLessThanOrEqual(2_000);
    expect(await now()).toMatchObject({ doing: 'renew' });
    await lab.until(
      page,
      'failed hold',
      ({ calls: [call] }) => call?.state.kind === 'talking' && call.state.hold.kind === 'holdFailed',
      20_000,
    );
    await isWell();
  });

  it('a customer who is silent and sends little is no false alarm, nor an agent who holds and listens', async () => {
    const callId = await talk();
    // Comfort noise: a few packets, then nothing for 400 ms.
    const untilMs = Date.now() + 5_000;
    while (Date.now() < untilMs) {
      await far.evaluate(async () => {
        await window.far.stopSending(true);
        await new Promise((resolve) => setTimeout(resolve, 400));
        await window.far.stopSending(false);
        await new Promise((resolve) => setTimeout(resolve, 60));
      });
    }
    expect(await page.evaluate(() => window.seen.filter(({ trouble }) => trouble !== null))).toEqual([]);
    await page.evaluate((it) => window.lab.phone.hold(it, true), callId);
    await lab.until(
      page,
      'held',
      ({ calls: [call] }) => call?.state.kind === 'talking' && call.state.hold.kind === 'held',
    );
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    expect(await page.evaluate(() => window.seen.filter(({ trouble }) => trouble !== null))).toEqual([]);
  });
});
