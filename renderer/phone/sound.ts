import type { Clock } from './clock.ts';
import { createMeters, type Meter } from './meters.ts';

/**
 * What the agent hears: the customer, the ring, the ring-back, the tone of the device check; and how loud both sides are.
 * Everything is made here (no sound files, nothing fetched): tones are the Chinese ones, 450 Hz.
 */
export type Sound = {
  /** Browsers keep sound back until a click: call this from one. */
  readonly unlock: () => void;
  readonly play: (customer: MediaStream) => void;
  readonly silence: () => void;
  /** Nothing will sound for a while; whatever sounds next wakes it. A context that runs costs a thread and keeps what it ever mixed. */
  readonly rest: () => void;
  /** Ring: 1 s on, 4 s off, until told otherwise; ring-back the same, softer; waiting 0.4 s on, 4 s off, softly. */
  readonly tone: (which: Tone) => void;
  /** One short tone on the speaker; resolves when it is over. */
  readonly testTone: () => Promise<void>;
  /** One ring on the ring's device; resolves when it is over. */
  readonly testRing: () => Promise<void>;
  /** Sends voices and tones, or the ring, to this output; '' is the system's default. A voice that sounds goes on there. */
  readonly route: (to: 'speaker' | 'ring', sinkId: string) => void;
  readonly close: () => void;
};

export type Tone = 'ring' | 'ringBack' | 'waiting' | 'none';

const toneHz = 450;
type Cadence = { readonly gain: number; readonly onS: number; readonly offS: number };
const cadences: Readonly<Record<Exclude<Tone, 'none'>, Cadence>> = {
  ring: { gain: 0.4, onS: 1, offS: 4 },
  ringBack: { gain: 0.1, onS: 1, offS: 4 },
  waiting: { gain: 0.05, onS: 0.4, offS: 4 },
};
const testToneMs = 400;

export type SoundPage = {
  readonly context: AudioContext;
  readonly sound: Sound;
  readonly meter: (stream: MediaStream) => Meter;
};

export const createSound = (page: Document, clock: Clock): SoundPage => {
  const context = new AudioContext({ latencyHint: 'interactive' });
  const meters = createMeters();
  const audio = page.createElement('audio');
  audio.autoplay = true;
  const sinks = { speaker: '', ring: '' };
  /** Only when the ring goes elsewhere: a context runs all the time. */
  let ringContext: AudioContext | undefined;
  let isResting = false;
  let stopTone = (): void => {};
  let sounding: OscillatorNode | undefined;
  let playing: Tone = 'none';

  const ringOn = (): AudioContext => {
    if (sinks.ring === sinks.speaker) return context;
    ringContext ??= new AudioContext({ latencyHint: 'interactive' });
    return ringContext;
  };
  const beep = (on: AudioContext, gainOf: number, seconds: number): void => {
    sounding = beepOn(on, gainOf, seconds);
  };
  const cycle = (which: Exclude<Tone, 'none'>): void => {
    const cadence = cadences[which];
    beep(which === 'ring' ? ringOn() : context, cadence.gain, cadence.onS);
    stopTone = clock.after((cadence.onS + cadence.offS) * 1_000, () => cycle(which));
  };
  const test = (on: AudioContext, loudness: number): Promise<void> =>
    new Promise((resolve) => {
      unlock();
      beep(on, loudness, testToneMs / 1_000);
      clock.after(testToneMs, resolve);
    });
  const unlock = (): void => {
    // Told to rest a moment ago, it may still say that it runs.
    for (const one of [context, ringContext])
      if (one?.state === 'suspended' || isResting) void one?.resume().catch(() => undefined);
    isResting = false;
    meters.unlock();
    if (audio.srcObject !== null) void audio.play().catch(() => undefined);
  };

  const sound: Sound = {
    unlock,
    play: (customer) => {
      // Set again, the same stream would start over.
      if (audio.srcObject !== customer) audio.srcObject = customer;
      unlock();
    },
    silence: () => {
      audio.srcObject = null;
    },
    rest: () => {
      isResting = true;
      // Whatever its state says: a short call ends while it is still waking.
      for (const one of [context, ringContext]) void one?.suspend().catch(() => undefined);
    },
    tone: (which) => {
      if (which === playing) return;
      playing = which;
      stopTone();
      stopTone = () => {};
      // Not a moment of ringing over the customer's first word.
      sounding?.stop();
      sounding = undefined;
      if (which === 'none') return;
      unlock();
      cycle(which);
    },
    testTone: () => test(context, 0.2),
    testRing: () => test(ringOn(), cadences.ring.gain),
    route: (to, sinkId) => {
      if (sinks[to] === sinkId) return;
      sinks[to] = sinkId;
      if (to === 'speaker') for (const one of [audio, context]) sink(one, sinkId);
      const ring = ringOn();
      if (ring !== context) sink(ring, sinks.ring);
    },
    close: () => {
      stopTone();
      audio.srcObject = null;
      meters.close();
      for (const one of [context, ringContext]) void one?.close().catch(() => undefined);
    },
  };

  return { context, sound, meter: meters.meter };
};

const beepOn = (on: AudioContext, gainOf: number, seconds: number): OscillatorNode => {
  const start = on.currentTime;
  const oscillator = on.createOscillator();
  const gain = on.createGain();
  oscillator.frequency.value = toneHz;
  gain.gain.setValueAtTime(0, start);
  // A few milliseconds of slope: a hard edge clicks.
  gain.gain.linearRampToValueAtTime(gainOf, start + 0.01);
  gain.gain.setValueAtTime(gainOf, start + seconds - 0.02);
  gain.gain.linearRampToValueAtTime(0, start + seconds);
  oscillator.connect(gain).connect(on.destination);
  oscillator.start(start);
  oscillator.stop(start + seconds);
  return oscillator;
};

/** Browsers without it play on the system's default. */
type Routable = { readonly setSinkId?: (sinkId: string) => Promise<void> };

/** Whether sound can be sent elsewhere than to the system's default. */
export const canRoute = (): boolean => 'setSinkId' in HTMLMediaElement.prototype;

/** An output that went away in this moment: the default is better heard than none, and the next look at the devices tells. */
const sink = (player: object, sinkId: string): void => {
  const routable: Routable = player;
  void routable.setSinkId?.(sinkId).catch(() => routable.setSinkId?.('').catch(() => undefined));
};
