/** Runs inside Chromium, see browser-phone.ts. Gathering ends 20 ms after the last candidate (performance.md). */
import { Inviter, Registerer, SessionState, UserAgent } from './index.js';

const audio = document.querySelector('audio');
const context = new AudioContext();
const analyser = context.createAnalyser();
analyser.fftSize = 2048;
let agent;
let domain;
let session;
let calls = 0;
let headers = {};
const mediaMs = [];

const gathered = (pc) =>
  new Promise((resolve) => {
    let timer;
    const soon = () => {
      clearTimeout(timer);
      timer = setTimeout(resolve, 20);
    };
    if (pc.iceGatheringState === 'complete') resolve();
    pc.addEventListener('icecandidate', soon);
    setTimeout(resolve, 1_000);
  });

/** The smallest description handler that keeps the microphone open between calls. */
const microphone = navigator.mediaDevices.getUserMedia({ audio: true });
const media = () => {
  const pc = new RTCPeerConnection();
  const added = microphone.then((stream) => {
    for (const track of stream.getTracks()) pc.addTrack(track, stream);
  });
  pc.addEventListener('track', (event) => {
    const stream = event.streams[0] ?? new MediaStream([event.track]);
    audio.srcObject = stream;
    void audio.play();
    context.createMediaStreamSource(stream).connect(analyser);
  });
  return {
    pc,
    close: () => pc.close(),
    hasDescription: (type) => type === 'application/sdp',
    getDescription: async () => {
      await added;
      await pc.setLocalDescription();
      await gathered(pc);
      return { body: pc.localDescription.sdp, contentType: 'application/sdp' };
    },
    setDescription: async (sdp) => {
      await added;
      await pc.setRemoteDescription({ type: pc.signalingState === 'have-local-offer' ? 'answer' : 'offer', sdp });
    },
    sendDtmf: () => false,
  };
};

const firstMedia = async (pc, startMs) => {
  for (;;) {
    for (const stat of (await pc.getStats()).values())
      if (stat.type === 'inbound-rtp' && stat.packetsReceived > 0) return mediaMs.push(performance.now() - startMs);
    if (pc.connectionState === 'closed') return undefined;
    await new Promise((resolve) => setTimeout(resolve, 3));
  }
};

const follow = (next) => {
  session = next;
  calls++;
  next.stateChange.addListener((state) => {
    if (state === SessionState.Established)
      void firstMedia(next.sessionDescriptionHandler.pc, next.acceptedMs ?? performance.now());
  });
};

globalThis.phone = {
  register: async (options) => {
    domain = options.domain;
    await microphone;
    await context.resume();
    agent = new UserAgent({
      uri: UserAgent.makeURI(`sip:${options.user}@${domain}`),
      authorizationUsername: options.user,
      authorizationPassword: options.password,
      transportOptions: { server: options.url },
      logBuiltinEnabled: false,
      sessionDescriptionHandlerFactory: media,
      delegate: {
        onInvite: (invitation) => {
          headers = {
            queue: invitation.request.getHeader('X-Queue') ?? '',
            contactId: invitation.request.getHeader('X-Contact-Id') ?? '',
            from: invitation.request.getHeader('From') ?? '',
          };
          follow(invitation);
          void invitation.accept().then(() => {
            invitation.acceptedMs = performance.now();
          });
        },
      },
    });
    await agent.start();
    await new Promise((resolve, reject) => {
      void new Registerer(agent).register({
        requestDelegate: {
          onAccept: () => resolve(),
          onReject: (r) => reject(new Error(String(r.message.statusCode))),
        },
      });
    });
  },
  dial: async (target) => {
    const inviter = new Inviter(agent, UserAgent.makeURI(`sip:${target}@${domain}`));
    follow(inviter);
    await new Promise((resolve, reject) => {
      void inviter.invite({
        requestDelegate: {
          onAccept: () => {
            inviter.acceptedMs = performance.now();
            resolve();
          },
          onReject: (r) => reject(new Error(String(r.message.statusCode))),
        },
      });
    });
  },
  figures: async () => {
    const out = {
      state: session?.state ?? '',
      calls,
      received: 0,
      sent: 0,
      codec: '',
      heardDb: -100,
      heardHz: 0,
      mediaMs,
      headers,
    };
    const pc = session?.sessionDescriptionHandler?.pc;
    if (pc !== undefined)
      for (const stat of (await pc.getStats()).values()) {
        if (stat.type === 'inbound-rtp') out.received = stat.packetsReceived;
        if (stat.type === 'outbound-rtp') out.sent = stat.packetsSent;
        if (stat.type === 'codec') out.codec = stat.mimeType;
      }
    const wave = new Float32Array(analyser.fftSize);
    analyser.getFloatTimeDomainData(wave);
    const rms = Math.sqrt(wave.reduce((sum, x) => sum + x * x, 0) / wave.length);
    out.heardDb = rms < 1e-5 ? -100 : 20 * Math.log10(rms);
    const bins = new Float32Array(analyser.frequencyBinCount);
    analyser.getFloatFrequencyData(bins);
    out.heardHz = (bins.indexOf(Math.max(...bins)) * context.sampleRate) / analyser.fftSize;
    return out;
  },
  hangUp: async () => {
    if (session?.state === SessionState.Established) await session.bye();
  },
};
