import { pageClock } from '../../../renderer/phone/clock.ts';
import type { Phone } from '../../../renderer/phone/phone.ts';
import { createSipPhone } from '../../../renderer/phone/sip-phone.ts';
import { createSound, type SoundPage } from '../../../renderer/phone/sound.ts';
import type { WireEvent } from '../../../renderer/phone/sip-transport.ts';
import { uuidv7 } from '../../../shared/ids.ts';
import type { PhoneState } from '../../../shared/phone.ts';
import { type Tone, toneIn } from './ear.ts';

/** The product's telephone with a tone for a microphone and an ear at its loudspeaker. Bundled and opened by seat.ts. */
type SeatPage = {
  readonly phone: Phone;
  readonly wire: WireEvent[];
  /** Listens for this long to what the agent hears (voices and the phone's own tones), then looks for these frequencies. */
  readonly hear: (hzs: readonly number[], ms: number) => Promise<readonly Tone[]>;
  readonly newContactId: () => string;
  /** What the far end sends, as the browser decodes it: `audio/opus`. */
  readonly codec: () => Promise<string>;
  /** Every live connection as the browser sees it: streams, ways, DTLS. */
  readonly stats: () => Promise<string>;
};

declare global {
  interface Window {
    seat: SeatPage;
    /** Of seat.ts: every state, as it is published. */
    tellState: (state: PhoneState) => Promise<void>;
  }
}

const hz = Number(new URL(location.href).searchParams.get('hz'));
const clock = pageClock();
const newId = (): string => uuidv7(clock.nowMs(), crypto.getRandomValues(new Uint8Array(10)));

/** A steady tone as it is: a browser's noise suppression would take it for noise. */
const openMicrophone = (): (() => Promise<MediaStream>) => {
  const context = new AudioContext();
  const oscillator = new OscillatorNode(context, { frequency: hz });
  const gain = new GainNode(context, { gain: 0.35 });
  const out = new MediaStreamAudioDestinationNode(context);
  oscillator.connect(gain).connect(out);
  oscillator.start();
  // Browsers tell a page the computer's addresses only once its microphone is open: this one stays.
  const real = navigator.mediaDevices.getUserMedia({ audio: true });
  return async () => {
    await real;
    await context.resume();
    return out.stream.clone();
  };
};

/** Everything that reaches the loudspeaker: the phone's audio element and its tones. */
const listenAtSpeaker = (): { readonly sound: SoundPage; readonly hear: SeatPage['hear'] } => {
  const speaker = document.createElement('audio');
  const pretended = new Proxy(document, {
    get: (target, name) => {
      if (name === 'createElement') return () => speaker;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
  const sound = createSound(pretended, clock);
  const { context } = sound;
  const ear = new AnalyserNode(context, { fftSize: 32_768, smoothingTimeConstant: 0 });
  const tones = new GainNode(context);
  tones.connect(context.destination);
  tones.connect(ear);
  Object.defineProperty(context, 'destination', { value: tones });
  let played: MediaStreamAudioSourceNode | undefined;
  const own = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, 'srcObject');
  Object.defineProperty(speaker, 'srcObject', {
    get: () => own?.get?.call(speaker) as MediaStream | null,
    set: (stream: MediaStream | null) => {
      own?.set?.call(speaker, stream);
      played?.disconnect();
      // Without a track yet nothing is heard, here as at a loudspeaker.
      played =
        stream !== null && stream.getAudioTracks().length > 0 ? context.createMediaStreamSource(stream) : undefined;
      played?.connect(ear);
    },
  });
  return {
    sound,
    hear: async (hzs, ms) => {
      await context.resume();
      await new Promise((resolve) => setTimeout(resolve, ms));
      const samples = new Float32Array(ear.fftSize);
      ear.getFloatTimeDomainData(samples);
      const recent = samples.subarray(-Math.round((ms / 1_000) * context.sampleRate));
      return hzs.map((one) => toneIn(recent, context.sampleRate, one));
    },
  };
};

const connections: RTCPeerConnection[] = [];
const Plain = RTCPeerConnection;
window.RTCPeerConnection = class extends Plain {
  constructor(configuration?: RTCConfiguration) {
    super(configuration);
    connections.push(this);
  }
};

const codec = async (): Promise<string> => {
  for (const connection of connections.toReversed()) {
    if (connection.connectionState !== 'connected') continue;
    const reports = [...(await connection.getStats()).values()] as {
      readonly type: string;
      readonly id: string;
      readonly codecId?: string;
      readonly mimeType?: string;
    }[];
    const inbound = reports.find(({ type, codecId }) => type === 'inbound-rtp' && codecId !== undefined);
    return reports.find(({ id }) => id === inbound?.codecId)?.mimeType ?? '';
  }
  return '';
};

const told = [
  'inbound-rtp',
  'outbound-rtp',
  'remote-inbound-rtp',
  'candidate-pair',
  'transport',
  'local-candidate',
  'media-source',
];
const stats = async (): Promise<string> => {
  const all: object[] = [];
  for (const connection of connections) {
    if (connection.connectionState === 'closed') continue;
    const { connectionState, iceConnectionState, signalingState } = connection;
    const directions = connection
      .getTransceivers()
      .map(({ direction, currentDirection }) => [direction, currentDirection]);
    const tracks = connection
      .getReceivers()
      .map(({ track }) => [track.id, track.muted, track.enabled, track.readyState]);
    const reports = ([...(await connection.getStats()).values()] as { readonly type: string }[]).filter(({ type }) =>
      told.includes(type),
    );
    all.push({ connectionState, iceConnectionState, signalingState, directions, tracks, reports });
  }
  return JSON.stringify(all, undefined, 1);
};

const microphone = openMicrophone();
const devices = new Proxy(navigator.mediaDevices, {
  get: (target, name) => {
    if (name === 'getUserMedia') return microphone;
    const value: unknown = Reflect.get(target, name, target);
    return typeof value === 'function' ? (value.bind(target) as unknown) : value;
  },
});
const { sound, hear } = listenAtSpeaker();
const wire: WireEvent[] = [];
const phone = createSipPhone({
  clock,
  newId,
  random: () => Math.random(),
  devices,
  permissions: navigator.permissions,
  sound,
  onWire: (event) => wire.push(event),
});
phone.onState((state) => void window.tellState(state));
window.seat = { phone, wire, hear, newContactId: newId, codec, stats };
