import type { Page } from 'playwright-core';
import { chromium } from 'playwright-core';
import type { DeskPage } from '../e2e/browser.ts';
import { chromiumPath, openDesk } from '../e2e/browser.ts';
import { toneDb } from './tones.ts';

/** A real seat in a browser of its own, whose microphone is a tone, and whose ear can be measured. */
export type ToneDesk = {
  readonly at: DeskPage;
  /** dBFS of each of these tones in what the phone page receives over the next seconds. */
  readonly hears: (seconds: number, tones: readonly number[]) => Promise<readonly number[]>;
  readonly close: () => Promise<void>;
};

/** @param microphone wav, 48 kHz, played over and over */
export const openToneDesk = async (address: string, microphone: string, folder: string): Promise<ToneDesk> => {
  const browser = await chromium.launch({
    executablePath: chromiumPath(),
    args: [
      '--no-sandbox',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-quic',
      '--autoplay-policy=no-user-gesture-required',
      '--use-fake-ui-for-media-stream',
      '--use-fake-device-for-media-stream',
      `--use-file-for-fake-audio-capture=${microphone}`,
    ],
  });
  const at = await openDesk(browser, 'about:blank', { folder });
  await at.page.addInitScript(listenIn);
  await at.page.goto(address);
  return {
    at,
    hears: async (seconds, tones) => measured(at.page, seconds, tones),
    close: () => browser.close(),
  };
};

/**
 * In the page, before its own scripts: remembers its connections, and takes the microphone as it is — to a browser's noise suppression
 * a steady tone is noise, and fades within seconds.
 */
const listenIn = (): void => {
  const connections: RTCPeerConnection[] = [];
  const Plain = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Plain {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      connections.push(this);
    }
  };
  const devices = navigator.mediaDevices as MediaDevices | undefined;
  if (devices !== undefined) {
    const open = devices.getUserMedia.bind(devices);
    devices.getUserMedia = (asked) => {
      const audio = typeof asked?.audio === 'object' ? asked.audio : {};
      const raw = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
      return open({ ...asked, audio: { ...audio, ...raw } });
    };
  }
  Object.assign(window, { zuoxiConnections: connections });
};

type Take = { readonly rate: number; readonly windows: readonly (readonly number[])[] };

const measured = async (page: Page, seconds: number, tones: readonly number[]): Promise<readonly number[]> => {
  const { rate, windows }: Take = await page.evaluate(async (forMs) => {
    const { zuoxiConnections } = window as unknown as { readonly zuoxiConnections: RTCPeerConnection[] };
    const live = zuoxiConnections.findLast(({ connectionState }) => connectionState === 'connected');
    if (live === undefined) throw new Error('no call');
    const stream = new MediaStream(live.getReceivers().map(({ track }) => track));
    const context = new AudioContext();
    await context.resume();
    // Chromium lets remote audio flow into WebAudio only while an element plays it.
    const player = new Audio();
    player.muted = true;
    player.srcObject = stream;
    await player.play();
    const analyser = new AnalyserNode(context, { fftSize: 8_192, smoothingTimeConstant: 0 });
    context.createMediaStreamSource(stream).connect(analyser);
    const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
    await pause(300);
    const found: number[][] = [];
    const window_ = new Float32Array(analyser.fftSize);
    for (const end = performance.now() + forMs; performance.now() < end; await pause(180)) {
      analyser.getFloatTimeDomainData(window_);
      found.push([...window_]);
    }
    await context.close();
    return { rate: context.sampleRate, windows: found };
  }, 1_000 * seconds);
  return tones.map((hz) => {
    const levels = windows.map((window_) => toneDb(window_, rate, hz)).toSorted((a, b) => a - b);
    return Math.round(levels[Math.floor(levels.length / 2)] ?? -120);
  });
};
