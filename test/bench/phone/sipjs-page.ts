import {
  Inviter,
  type Invitation,
  Registerer,
  RegistererState,
  type Session,
  SessionState,
  UserAgent,
  type UserAgentOptions,
} from 'sip.js';
import { type Contender, type ContenderAccount, dialled } from './contender.ts';

/**
 * SIP.js 0.21.2 as its guides use it, by the page's address:
 *
 * - `#defaults`: nothing set, so gathering waits up to 5 s, and a lost socket is left to the application
 *   (sip.js/lib/platform/web/session-description-handler/session-description-handler.js, user-agent.js)
 * - `#browser-phone`: the settings of Browser-Phone (github.com/InnovateAsterisk/Browser-Phone, Phone/phone.js: IceStunCheckTimeout 500,
 *   BundlePolicy "balanced", TransportConnectionTimeout 15, TransportReconnectionTimeout 3, TransportReconnectionAttempts 999,
 *   RegisterExpires 300; onTransportConnected registers half a second later)
 */
const isBrowserPhone = location.hash === '#browser-phone';
const browserPhone = {
  connectionTimeoutS: 15,
  reconnectMs: 3_000,
  registerAfterMs: 500,
  gatheringMs: 500,
  expiresS: 300,
};
const nowMs = (): number => performance.timeOrigin + performance.now();

let agent: UserAgent;
let registerer: Registerer;
let session: Session | undefined;
let rungMs = 0;

const optionsOf = ({ server, user, password, domain, iceServers }: ContenderAccount): UserAgentOptions => {
  const uri = UserAgent.makeURI(`sip:${user}@${domain}`);
  if (uri === undefined) throw new Error('no such address');
  // SIP.js's own default is a public STUN server: an account without one says so.
  const peerConnectionConfiguration: RTCConfiguration = { iceServers: [...iceServers] };
  return {
    uri,
    authorizationUsername: user,
    authorizationPassword: password,
    logBuiltinEnabled: false,
    transportOptions: { server, ...(isBrowserPhone ? { connectionTimeout: browserPhone.connectionTimeoutS } : {}) },
    sessionDescriptionHandlerFactoryOptions: isBrowserPhone
      ? {
          peerConnectionConfiguration: { ...peerConnectionConfiguration, bundlePolicy: 'balanced' },
          iceGatheringTimeout: browserPhone.gatheringMs,
        }
      : { peerConnectionConfiguration },
    ...(isBrowserPhone ? { noAnswerTimeout: 120 } : {}),
    delegate: {
      onInvite: (invitation: Invitation) => {
        follow(invitation);
        rungMs = nowMs();
      },
      ...(isBrowserPhone ? { onConnect: registerLater, onDisconnect: lost } : {}),
    },
  };
};

const registerLater = (): void =>
  void setTimeout(() => void registerer.register().catch(() => {}), browserPhone.registerAfterMs);
const lost = (fault?: Error): void => {
  if (fault !== undefined) reconnect();
};
const reconnect = (): void => {
  if (registerer.state === RegistererState.Registered) void registerer.unregister().catch(() => {});
  setTimeout(() => void agent.reconnect().catch(reconnect), browserPhone.reconnectMs);
};

const follow = (next: Session): void => {
  session = next;
  next.delegate = { onBye: (bye) => void bye.accept() };
  next.stateChange.addListener((state) => {
    if (state === SessionState.Established) play(next);
    if (state === SessionState.Terminated && session === next) session = undefined;
  });
};
const player = document.createElement('audio');
const play = (of: Session): void => {
  const handler = of.sessionDescriptionHandler;
  if (handler === undefined || !('remoteMediaStream' in handler)) return;
  player.srcObject = handler.remoteMediaStream as MediaStream;
  void player.play().catch(() => {});
};

const contender: Contender = {
  start: (account) => {
    agent = new UserAgent(optionsOf(account));
    registerer = new Registerer(agent, isBrowserPhone ? { expires: browserPhone.expiresS } : {});
    void agent.start().then(() => (isBrowserPhone ? undefined : registerer.register()));
  },
  answer: () => {
    const clickedMs = nowMs();
    void (session as Invitation).accept();
    return clickedMs;
  },
  dial: () => {
    const clickedMs = nowMs();
    const target = UserAgent.makeURI(`sip:${dialled}@${agent.configuration.uri.host}`);
    if (target === undefined) throw new Error('no such number');
    const inviter = new Inviter(agent, target);
    follow(inviter);
    void inviter.invite();
    return clickedMs;
  },
  hangUp: () => void session?.bye().catch(() => {}),
  rungMs: () => rungMs,
  isIdle: () => session === undefined,
};
window.contender = contender;
