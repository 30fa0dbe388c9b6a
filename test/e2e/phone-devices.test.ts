import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Device, DevicesView, DeviceUse } from '../../shared/devices.ts';
import type { CallId } from '../../shared/ids.ts';
import { accountOf, agent, type BrowserLab, openBrowserLab } from '../renderer/phone/lab/browser-lab.ts';

/** Devices chosen, pulled out and put back in a running call between two browsers, each microphone with a tone of its own. */
let lab: BrowserLab;
let far: Page;
let page: Page;

type Hands = {
  /** Labels of devices that are pulled out. */
  hidden: string[];
  /** Players and contexts by what they were sent to. */
  players: HTMLMediaElement[];
  contexts: { readonly sinkId: string; readonly state: string }[];
  /** Live tones by microphone. */
  tones: { readonly label: string; readonly track: MediaStreamTrack }[];
};
type Ear = { readonly longestSilenceMs: number; readonly hz: number };

declare global {
  interface Window {
    hands: Hands;
    ear: AnalyserNode;
    listenFor: (ms: number) => Promise<Ear>;
  }
}

beforeAll(async () => {
  lab = await openBrowserLab();
  far = await lab.openFar();
  await far.evaluate(giveEar);
});
afterAll(() => lab.close());
beforeEach(async () => {
  await far.evaluate(() => window.far.reset());
  page = await lab.openPhone({ isStarted: false });
  await page.evaluate(giveHands);
  await page.evaluate((account) => window.lab.phone.start(account), accountOf(lab.relay));
  await lab.until(page, 'registered', ({ line }) => line.kind === 'registered');
  await page.evaluate(() => window.lab.phone.checkDevices());
  await page.evaluate(() => window.lab.phone.setAvailable(true));
});
afterEach(async () => {
  await page.context().close();
  expect(lab.errors).toEqual([]);
});

const view = (): Promise<DevicesView> => page.evaluate(() => window.lab.phone.devices());
const deviceCalled = async (kind: 'microphones' | 'speakers', label: string): Promise<Device> => {
  const { list } = await view();
  const found = list[kind].find((device) => device.label === label);
  if (found === undefined) throw new Error(`no ${label} among ${JSON.stringify(list)}`);
  return found;
};
const choose = (use: DeviceUse, id: string | null) =>
  page.evaluate(([of, to]) => window.lab.phone.chooseDevice(of, to), [use, id] as const);
const listenFor = (ms: number): Promise<Ear> => far.evaluate((it) => window.listenFor(it), ms);
const ring = async (): Promise<CallId> => {
  await far.evaluate((to) => window.far.call(to, [], ''), agent.user);
  const { calls } = await lab.until(page, 'ringing', (state) => state.calls[0]?.state.kind === 'ringing');
  const [call] = calls;
  if (call === undefined) throw new Error('no call');
  return call.id;
};
const talk = async (): Promise<CallId> => {
  const id = await ring();
  await page.evaluate((it) => window.lab.phone.answer(it), id);
  await lab.until(
    page,
    'sound both ways',
    ({ calls: [call] }) => call?.state.kind === 'talking' && call.state.media === 'flowing',
  );
  return id;
};
/** Lets the far end listen while something is done, and until the tone of the microphone that should be heard then is. */
const whileHeard = async (act: () => Promise<unknown>, hz: number): Promise<void> => {
  await heard(hz === toneOf.other ? toneOf.standard : toneOf.other);
  const listening = listenFor(3_000);
  await act();
  const { longestSilenceMs } = await listening;
  process.stdout.write(`devices: longest silence ${longestSilenceMs} ms\n`);
  expect(longestSilenceMs).toBeLessThan(1_500);
  await heard(hz);
};
const heard = (hz: number) =>
  expect.poll(async () => Math.abs((await listenFor(400)).hz - hz), { timeout: 20_000 }).toBeLessThan(30);
const toneOf = { standard: 500, other: 1_000 } as const;
const pull = (labels: readonly string[]) =>
  page.evaluate((gone) => {
    window.hands.hidden = [...gone];
    for (const { label, track } of window.hands.tones) {
      if (!gone.includes(label) || track.readyState === 'ended') continue;
      track.stop();
      track.dispatchEvent(new Event('ended'));
    }
    // As browsers tell it: more than once.
    for (let time = 0; time < 3; time += 1) navigator.mediaDevices.dispatchEvent(new Event('devicechange'));
  }, labels);

describe('devices in a real browser', () => {
  it('the microphone is changed in a running call, there and back, without the customer losing the agent', async () => {
    const id = await talk();
    const other = await deviceCalled('microphones', 'Fake Audio Input 2');
    await whileHeard(() => choose('microphone', other.id), toneOf.other);
    expect((await view()).uses.microphone).toMatchObject({ kind: 'chosen', label: 'Fake Audio Input 2' });
    await whileHeard(() => choose('microphone', null), toneOf.standard);
    // The measure itself: silence is noticed.
    await page.evaluate((it) => window.lab.phone.mute(it, true), id);
    await expect.poll(async () => (await listenFor(600)).longestSilenceMs).toBeGreaterThan(300);
    expect(await page.evaluate(() => window.lab.phone.state().calls[0]?.state.kind)).toBe('talking');
  });

  it('DEVICE-1 the chosen microphone is pulled out and put back: the other one serves meanwhile', async () => {
    const other = await deviceCalled('microphones', 'Fake Audio Input 2');
    await choose('microphone', other.id);
    await talk();
    await whileHeard(() => pull(['Fake Audio Input 2']), toneOf.standard);
    await expect
      .poll(async () => (await view()).uses.microphone)
      .toMatchObject({
        kind: 'missing',
        chosen: 'Fake Audio Input 2',
      });
    await whileHeard(() => pull([]), toneOf.other);
    await expect.poll(async () => (await view()).uses.microphone.kind).toBe('chosen');
  });

  it('DEVICE-1 a chosen microphone that is gone never blocks the next call', async () => {
    const other = await deviceCalled('microphones', 'Fake Audio Input 2');
    await choose('microphone', other.id);
    await pull(['Fake Audio Input 2']);
    await talk();
    await heard(toneOf.standard);
    expect((await view()).uses.microphone.kind).toBe('missing');
  });

  it('the customer goes on sounding when the speaker is changed in a call, and when it is pulled out', async () => {
    await talk();
    const speaker = await deviceCalled('speakers', 'Fake Audio Output 1');
    await choose('speaker', speaker.id);
    const player = () =>
      page.evaluate(() => {
        const now = window.hands.players.find(({ srcObject }) => srcObject !== null);
        return { sinkId: now?.sinkId, isPaused: now?.paused, atS: now?.currentTime ?? 0 };
      });
    await expect.poll(player).toMatchObject({ sinkId: speaker.id, isPaused: false });
    const before = (await player()).atS;
    await expect.poll(async () => (await player()).atS).toBeGreaterThan(before);
    await pull(['Fake Audio Output 1']);
    await expect.poll(player).toMatchObject({ sinkId: '', isPaused: false });
    await pull([]);
    await expect.poll(player).toMatchObject({ sinkId: speaker.id, isPaused: false });
  });

  it('the ring has a device of its own', async () => {
    const speaker = await deviceCalled('speakers', 'Fake Audio Output 1');
    const loud = await deviceCalled('speakers', 'Fake Audio Output 2');
    await choose('speaker', speaker.id);
    await choose('ring', loud.id);
    await ring();
    const running = () =>
      page.evaluate(() => window.hands.contexts.filter(({ state }) => state === 'running').map(({ sinkId }) => sinkId));
    await expect.poll(running).toContain(loud.id);
    expect(await running()).toContain(speaker.id);
  });

  it('each device can be tried; not beside a call', async () => {
    const test = (what: DeviceUse | 'none') => page.evaluate((it) => window.lab.phone.testDevice(it), what);
    await page.evaluate(() => void window.lab.levels.splice(0));
    expect(await test('microphone')).toMatchObject({ ok: true });
    await expect
      .poll(() => page.evaluate(() => window.lab.levels.some(({ microphoneDb }) => microphoneDb > -40)))
      .toBe(true);
    expect(await test('speaker')).toMatchObject({ ok: true });
    expect(await test('ring')).toMatchObject({ ok: true });
    const count = () => page.evaluate(() => window.lab.levels.length);
    const before = await count();
    // The meter goes on beside the tones, until somebody stops it or a call comes.
    await expect.poll(count).toBeGreaterThan(before);
    await talk();
    await expect
      .poll(() => page.evaluate(() => window.lab.levels.slice(-5).every(({ callId }) => callId !== null)))
      .toBe(true);
    expect(await test('ring')).toMatchObject({ ok: false, error: { reason: 'callInProgress' } });
  });
});

/** In the phone page: microphones that hum, devices that can be pulled out, and a look at who plays what where. */
function giveHands(): void {
  const media = navigator.mediaDevices;
  const hands: Hands = { hidden: [], players: [], contexts: [], tones: [] };
  window.hands = hands;
  const real = {
    enumerate: media.enumerateDevices.bind(media),
    open: media.getUserMedia.bind(media),
    sink: Reflect.get(HTMLMediaElement.prototype, 'setSinkId'),
    contextSink: Reflect.get(AudioContext.prototype, 'setSinkId'),
  };
  media.enumerateDevices = async () => (await real.enumerate()).filter(({ label }) => !hands.hidden.includes(label));
  media.getUserMedia = async (constraints) => {
    const asked = constraints?.audio;
    const wish = typeof asked === 'object' && typeof asked.deviceId === 'object' ? asked.deviceId : undefined;
    const isGone =
      wish !== undefined &&
      !Array.isArray(wish) &&
      !(await media.enumerateDevices()).some(({ deviceId }) => deviceId === wish.exact);
    if (isGone) throw new DOMException('pulled out', 'OverconstrainedError');
    const stream = await real.open(constraints);
    const [track] = stream.getAudioTracks();
    if (track === undefined) return stream;
    const context = new AudioContext();
    await context.resume();
    const hum = context.createOscillator();
    hum.frequency.value = track.label === 'Fake Audio Input 2' ? 1_000 : 500;
    const wire = context.createMediaStreamDestination();
    const level = context.createGain();
    level.gain.value = 0.3;
    hum.connect(level).connect(wire);
    hum.start();
    const [tone] = wire.stream.getAudioTracks();
    if (tone === undefined) return stream;
    const settings = track.getSettings();
    tone.getSettings = () => settings;
    Object.defineProperty(tone, 'label', { get: () => track.label });
    keepTone(tone, track.label);
    return wire.stream;
  };
  /** Copies end with their device as the track itself does. */
  const keepTone = (track: MediaStreamTrack, label: string): void => {
    const clone = track.clone.bind(track);
    track.clone = () => {
      const copy = clone();
      keepTone(copy, label);
      return copy;
    };
    hands.tones.push({ label, track });
  };
  HTMLMediaElement.prototype.setSinkId = function routed(id) {
    if (!hands.players.includes(this)) hands.players.push(this);
    return real.sink.call(this, id);
  };
  Reflect.set(
    AudioContext.prototype,
    'setSinkId',
    function routed(this: AudioContext & { sinkId: string }, id: string) {
      if (!hands.contexts.includes(this)) hands.contexts.push(this);
      return real.contextSink.call(this, id);
    },
  );
}

/** In the far page: what is heard, in steps of a few milliseconds. */
function giveEar(): void {
  const make = Reflect.get(AudioContext.prototype, 'createAnalyser');
  AudioContext.prototype.createAnalyser = function made() {
    window.ear = make.call(this);
    return window.ear;
  };
  window.listenFor = async (ms) => {
    const { ear } = window;
    const samples = new Float32Array(ear.fftSize);
    const untilMs = performance.now() + ms;
    let silentSinceMs: number | undefined;
    let longestSilenceMs = 0;
    let crossings = 0;
    let seen = 0;
    while (performance.now() < untilMs) {
      ear.getFloatTimeDomainData(samples);
      const newest = samples.subarray(-480);
      const isSilent = Math.sqrt(newest.reduce((sum, one) => sum + one * one, 0) / newest.length) < 0.003;
      const nowMs = performance.now();
      silentSinceMs = isSilent ? (silentSinceMs ?? nowMs) : undefined;
      if (silentSinceMs !== undefined) longestSilenceMs = Math.max(longestSilenceMs, nowMs - silentSinceMs);
      for (let at = 1; at < samples.length; at += 1)
        if ((samples[at - 1] ?? 0) < 0 && (samples[at] ?? 0) >= 0) crossings += 1;
      seen += samples.length;
      await new Promise((resolve) => setTimeout(resolve, 4));
    }
    return { longestSilenceMs: Math.round(longestSilenceMs), hz: (crossings / seen) * ear.context.sampleRate };
  };
}
