import { Inviter, Registerer, RegistererState, SessionState, UserAgent } from 'sip.js';
import type { Invitation, Session } from 'sip.js';
import { toneDb } from './tones.ts';

/**
 * The smallest agent's telephone: proves the exchange alone, before any of the product is in the way. Bundled by
 * agent-browser.ts and driven through `window.agent`.
 */
export type AgentPage = {
  /** Connects and registers; milliseconds it took. */
  register: (account: { ws: string; domain: string; user: string; password: string }) => Promise<number>;
  unregister: () => Promise<void>;
  /** Cuts the WebSocket without a word, as a network would. */
  cut: () => Promise<void>;
  /** Waits for an offered call. */
  offered: (withinMs: number) => Promise<Offered | undefined>;
  /** Answers the offered call; milliseconds until established, and until RTP was seen in both directions. */
  answer: () => Promise<{ establishedMs: number; mediaMs: number }>;
  reject: () => Promise<void>;
  /** Dials; the same measurements, from the call of this function. */
  dial: (number: string, headers?: readonly string[]) => Promise<{ establishedMs: number; mediaMs: number }>;
  hangUp: () => Promise<void>;
  /** Sends these keys as telephone events (RFC 4733). */
  press: (keys: string) => Promise<void>;
  state: () => string;
  /** Level of the far end over the next seconds, dBFS, and the share of power near a frequency (0 to 1). */
  hear: (seconds: number, hz?: number) => Promise<{ levelDb: number; toneShare: number }>;
  /** Level of each of these tones over the next seconds, dBFS. */
  tones: (seconds: number, hzs: readonly number[]) => Promise<readonly number[]>;
  codec: () => Promise<string>;
};

export type Offered = {
  readonly from: string;
  readonly display: string;
  readonly queue: string;
  readonly contactId: string;
};

declare global {
  interface Window {
    agent: AgentPage;
  }
}

let userAgent: UserAgent | undefined;
let registerer: Registerer | undefined;
let invitation: Invitation | undefined;
let session: Session | undefined;
let refusedWith = '';
const contexts = new AudioContext();

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

const until = async (isSo: () => boolean | Promise<boolean>, withinMs: number): Promise<boolean> => {
  for (const end = performance.now() + withinMs; performance.now() < end; await sleep(2)) if (await isSo()) return true;
  return false;
};

const connection = (): RTCPeerConnection => {
  const handler = session?.sessionDescriptionHandler as { peerConnection?: RTCPeerConnection } | undefined;
  if (handler?.peerConnection === undefined) throw new Error('no media session');
  return handler.peerConnection;
};

const flowsBothWays = async (): Promise<boolean> => {
  const reports = [...(await connection().getStats()).values()] as {
    type: string;
    packetsReceived?: number;
    packetsSent?: number;
  }[];
  const sum = (type: string, key: 'packetsReceived' | 'packetsSent') =>
    reports.filter((report) => report.type === type).reduce((total, report) => total + (report[key] ?? 0), 0);
  return sum('inbound-rtp', 'packetsReceived') > 0 && sum('outbound-rtp', 'packetsSent') > 0;
};

const measured = async (started: number) => {
  const isDecided = () => session?.state === SessionState.Established || session?.state === SessionState.Terminated;
  await until(isDecided, 10_000);
  if (session?.state !== SessionState.Established)
    throw new Error(`call is ${session?.state ?? 'gone'} ${refusedWith}`);
  const establishedMs = performance.now() - started;
  if (!(await until(flowsBothWays, 10_000))) throw new Error('no media');
  return { establishedMs, mediaMs: performance.now() - started };
};

const header = (name: string) => invitation?.request.getHeader(name) ?? '';

/** 100 ms after gathering began, host candidates are long there; the product's own phone does this better. */
const media = {
  // As it comes from the microphone: to a browser's noise suppression a steady tone is noise, and fades within seconds.
  constraints: { audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false }, video: false },
  iceGatheringTimeout: 100,
} as const;

window.agent = {
  register: async ({ ws, domain, user, password }) => {
    const started = performance.now();
    const uri = UserAgent.makeURI(`sip:${user}@${domain}`);
    if (uri === undefined) throw new Error('no address');
    userAgent = new UserAgent({
      uri,
      authorizationUsername: user,
      authorizationPassword: password,
      transportOptions: { server: ws },
      sessionDescriptionHandlerFactoryOptions: {
        iceGatheringTimeout: 100,
        peerConnectionConfiguration: { iceServers: [] },
      },
      logLevel: 'error',
      delegate: { onInvite: (incoming) => (invitation = incoming) },
    });
    await userAgent.start();
    registerer = new Registerer(userAgent, { expires: 120 });
    await registerer.register();
    if (!(await until(() => registerer?.state === RegistererState.Registered, 5_000)))
      throw new Error('not registered');
    return performance.now() - started;
  },
  unregister: async () => {
    await registerer?.unregister();
    await userAgent?.stop();
  },
  cut: async () => {
    await userAgent?.transport.disconnect();
  },
  offered: async (withinMs) => {
    const isNew = () => invitation?.state === SessionState.Initial;
    if (!(await until(isNew, withinMs)) || invitation === undefined) return undefined;
    const { uri, displayName } = invitation.remoteIdentity;
    return { from: uri.user ?? '', display: displayName, queue: header('X-Queue'), contactId: header('X-Contact-Id') };
  },
  answer: async () => {
    if (invitation === undefined) throw new Error('nothing to answer');
    session = invitation;
    const started = performance.now();
    await invitation.accept({ sessionDescriptionHandlerOptions: media });
    return measured(started);
  },
  reject: async () => {
    await invitation?.reject({ statusCode: 486 });
  },
  dial: async (number, headers = []) => {
    const target = UserAgent.makeURI(`sip:${number}@${userAgent?.configuration.uri.host ?? ''}`);
    if (userAgent === undefined || target === undefined) throw new Error('cannot dial');
    const inviter = new Inviter(userAgent, target, {
      extraHeaders: [...headers],
      sessionDescriptionHandlerOptions: media,
    });
    session = inviter;
    refusedWith = '';
    const started = performance.now();
    await inviter.invite({
      requestDelegate: { onReject: ({ message }) => (refusedWith = String(message.statusCode)) },
    });
    return measured(started);
  },
  hangUp: async () => {
    if (session?.state === SessionState.Established) await session.bye();
  },
  press: async (keys) => {
    const sender = connection()
      .getSenders()
      .find(({ dtmf }) => dtmf !== null);
    if (sender?.dtmf?.canInsertDTMF !== true) throw new Error('no telephone events on this call');
    sender.dtmf.insertDTMF(keys, 80, 60);
    await until(() => sender.dtmf?.toneBuffer === '', 10_000);
  },
  state: () => session?.state ?? 'none',
  hear: async (seconds, hz = 1_000) => {
    await contexts.resume();
    const tracks = connection()
      .getReceivers()
      .map(({ track }) => track);
    const stream = new MediaStream(tracks);
    // Chromium lets remote audio flow into WebAudio only while an element plays it.
    const player = new Audio();
    player.muted = true;
    player.srcObject = stream;
    await player.play();
    const analyser = new AnalyserNode(contexts, { fftSize: 4_096, smoothingTimeConstant: 0 });
    const source = contexts.createMediaStreamSource(stream);
    source.connect(analyser);
    await sleep(200);
    const samples = new Float32Array(analyser.fftSize);
    let [power, atTone, count] = [0, 0, 0];
    for (const end = performance.now() + 1_000 * seconds; performance.now() < end; await sleep(80)) {
      analyser.getFloatTimeDomainData(samples);
      const window = goertzel(samples, hz, contexts.sampleRate);
      power += window.power;
      atTone += window.atTone;
      count += samples.length;
    }
    source.disconnect();
    return {
      levelDb: Math.max(-100, 10 * Math.log10(power / count + 1e-12)),
      toneShare: power === 0 ? 0 : atTone / power,
    };
  },
  tones: async (seconds, hzs) => {
    await contexts.resume();
    const stream = new MediaStream(
      connection()
        .getReceivers()
        .map(({ track }) => track),
    );
    const player = new Audio();
    player.muted = true;
    player.srcObject = stream;
    await player.play();
    const analyser = new AnalyserNode(contexts, { fftSize: 8_192, smoothingTimeConstant: 0 });
    const source = contexts.createMediaStreamSource(stream);
    source.connect(analyser);
    await sleep(300);
    const window = new Float32Array(analyser.fftSize);
    const windows: number[][] = hzs.map(() => []);
    for (const end = performance.now() + 1_000 * seconds; performance.now() < end; await sleep(100)) {
      analyser.getFloatTimeDomainData(window);
      for (const [n, hz] of hzs.entries()) windows[n]?.push(toneDb(window, contexts.sampleRate, hz));
    }
    source.disconnect();
    return windows.map((levels) => levels.toSorted((a, b) => a - b)[Math.floor(levels.length / 2)] ?? -120);
  },
  codec: async () => {
    const reports = [...(await connection().getStats()).values()] as {
      type: string;
      codecId?: string;
      id: string;
      mimeType?: string;
    }[];
    const inbound = reports.find(({ type }) => type === 'inbound-rtp');
    return reports.find(({ id }) => id === inbound?.codecId)?.mimeType ?? '';
  },
};

const goertzel = (samples: Float32Array, hz: number, rate: number) => {
  const coefficient = 2 * Math.cos((2 * Math.PI * hz) / rate);
  let [one, two, power] = [0, 0, 0];
  for (const sample of samples) {
    [one, two] = [sample + coefficient * one - two, one];
    power += sample * sample;
  }
  return { power, atTone: (2 * (one * one + two * two - coefficient * one * two)) / samples.length };
};
