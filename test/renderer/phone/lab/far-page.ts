import { Inviter, type Invitation, type Session, SessionState, UserAgent, Registerer, type Web } from 'sip.js';

/** The customer of the lab: SIP.js as it comes, in a page of its own with the browser's fake microphone (a beep a second). */
type FarEnd = {
  register: (server: string, user: string, password: string) => Promise<void>;
  call: (agent: string, headers: string[], display: string) => Promise<void>;
  /** Last final status our call got; 0 while there is none. */
  lastStatus: () => number;
  hangUp: () => Promise<void>;
  policy: (next: 'ring' | 'early' | 'answer' | number) => void;
  pickUp: () => Promise<void>;
  /** Another provisional answer (180), or a refusal after an announcement. */
  say: (status: number) => Promise<void>;
  state: () => string;
  /** Loudest level heard in the given time, dBFS; less than that when `enoughDb` was heard. */
  loudestDb: (ms: number, enoughDb?: number) => Promise<number>;
  packetsReceived: () => Promise<number>;
  /** Takes the microphone off the wire: no packets at all. */
  stopSending: (isStopped: boolean) => Promise<void>;
  /** Ends what is left of an earlier call and answers again. */
  reset: () => Promise<void>;
};

declare global {
  interface Window {
    far: FarEnd;
  }
}

let userAgent: UserAgent | undefined;
let session: Session | undefined;
let policy: 'ring' | 'early' | 'answer' | number = 'answer';
let status = 0;

/** Of several calls the newest is in hand; when it is over, the one before. */
const calls: Session[] = [];
const hold = (next: Session): void => {
  session = next;
  calls.push(next);
  next.delegate = { onBye: (bye) => void bye.accept() };
  next.stateChange.addListener((state) => {
    if (state === SessionState.Established) void listen(next);
    if (state === SessionState.Terminated && session === next)
      session = calls.findLast((call) => call.state !== SessionState.Terminated) ?? next;
  });
};
const connectionOf = (of: Session | undefined): RTCPeerConnection | undefined =>
  (of?.sessionDescriptionHandler as Web.SessionDescriptionHandler | undefined)?.peerConnection;

let analyser: AnalyserNode | undefined;
const listen = async (to: Session): Promise<void> => {
  const track = connectionOf(to)?.getReceivers()[0]?.track;
  if (track === undefined) return;
  const stream = new MediaStream([track]);
  const audio = document.createElement('audio');
  audio.srcObject = stream;
  void audio.play().catch(() => undefined);
  const context = new AudioContext();
  await context.resume();
  analyser = context.createAnalyser();
  analyser.fftSize = 2_048;
  context.createMediaStreamSource(stream).connect(analyser);
};

window.far = {
  register: async (server, user, password) => {
    userAgent = new UserAgent({
      uri: UserAgent.makeURI(`sip:${user}@lab.invalid`) as NonNullable<ReturnType<typeof UserAgent.makeURI>>,
      authorizationUsername: user,
      authorizationPassword: password,
      transportOptions: { server },
      logBuiltinEnabled: false,
      sessionDescriptionHandlerFactoryOptions: { iceGatheringTimeout: 500 },
      delegate: {
        onInvite: (invitation: Invitation) => {
          hold(invitation);
          if (typeof policy === 'number') void invitation.reject({ statusCode: policy });
          else if (policy === 'answer') void invitation.accept();
          else if (policy === 'early') void invitation.progress({ statusCode: 183 }).then(() => listen(invitation));
        },
      },
    });
    await userAgent.start();
    await new Registerer(userAgent).register();
  },
  call: async (agent, extraHeaders, display) => {
    if (userAgent === undefined) throw new Error('not registered');
    status = 0;
    const target = UserAgent.makeURI(`sip:${agent}@lab.invalid`);
    if (target === undefined) throw new Error('no target');
    const inviter = new Inviter(userAgent, target, { extraHeaders, params: { fromDisplayName: display } });
    hold(inviter);
    await inviter.invite({
      requestDelegate: {
        onAccept: () => (status = 200),
        onReject: ({ message }) => (status = message.statusCode ?? 0),
      },
    });
  },
  lastStatus: () => status,
  hangUp: async () => {
    if (session?.state === SessionState.Established) await session.bye();
    else if (session instanceof Inviter) await session.cancel();
    else if (session?.state === SessionState.Initial) await (session as Invitation).reject();
  },
  policy: (next) => {
    policy = next;
  },
  pickUp: async () => {
    await (session as Invitation).accept();
  },
  say: async (status) => {
    const invitation = session as Invitation;
    await (status < 200 ? invitation.progress({ statusCode: status }) : invitation.reject({ statusCode: status }));
  },
  state: () => session?.state ?? 'none',
  loudestDb: async (ms, enoughDb = Infinity) => {
    const untilMs = performance.now() + ms;
    let loudest = -100;
    const samples = new Float32Array(2_048);
    while (performance.now() < untilMs && loudest <= enoughDb) {
      analyser?.getFloatTimeDomainData(samples);
      const rms = Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);
      loudest = Math.max(loudest, rms < 1e-5 ? -100 : 20 * Math.log10(rms));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return loudest;
  },
  packetsReceived: async () => {
    let packets = 0;
    const report = await connectionOf(session)?.getStats();
    report?.forEach((stats: { type: string; packetsReceived?: number }) => {
      if (stats.type === 'inbound-rtp') packets += stats.packetsReceived ?? 0;
    });
    return packets;
  },
  stopSending: async (isStopped) => {
    const sender = connectionOf(session)?.getSenders()[0];
    const parameters = sender?.getParameters();
    if (sender === undefined || parameters === undefined) return;
    for (const encoding of parameters.encodings) encoding.active = !isStopped;
    await sender.setParameters(parameters);
  },
  reset: async () => {
    policy = 'answer';
    for (const call of calls.splice(0)) {
      session = call;
      await window.far.hangUp().catch(() => undefined);
    }
    session = undefined;
  },
};
