import { type Invitation, type SessionDescriptionHandlerFactory, URI, UserAgent, UserAgentState } from 'sip.js';
import type { SipCredentials } from '../../shared/sip-credentials.ts';
import type { PhoneAccount } from './phone.ts';
import { answerStrongly } from './sip-digest.ts';
import type { LineLink } from './sip-line.ts';
import { createRegistration } from './sip-registration.ts';
import { createSipTransport, type SipTransport, type TransportHooks } from './sip-transport.ts';

/** One SIP account: SIP.js's user agent on our transport, with our registration. */
export type SipLink = LineLink & {
  readonly userAgent: UserAgent;
  readonly isOpen: () => boolean;
  readonly unregister: () => Promise<void>;
  /** See the transport: before dialogs are renewed on a new socket. */
  readonly acknowledgeLost: () => void;
  /** The password of a renewed session, for the next challenge; calls and registration go on (security 66). */
  readonly renew: (credentials: SipCredentials) => void;
  /** A URI in the account's domain (security 72: built by us). */
  readonly target: (user: string) => URI;
};

/** SIP.js's own limit for ringing; the PBX's queue is expected to give up long before. */
const longestRingS = 120;
const product = 'Zuoxi';

export const createSipLink = (
  account: PhoneAccount,
  hooks: Omit<TransportHooks, 'onDown'>,
  media: SessionDescriptionHandlerFactory,
  onInvite: (invitation: Invitation) => void,
): SipLink => {
  const { credentials, seatId } = account;
  let onDown = (): void => {};
  const transport = createSipTransport(credentials.server, { ...hooks, onDown: () => onDown() });
  const isConnected = (): boolean => transport.isConnected();
  const userAgent = makeUserAgent(account, transport, media, onInvite);
  answerStrongly(userAgent, {
    server: credentials.server,
    onWeak: (isAnswered) => hooks.onWire({ kind: 'weakDigest', isAnswered }),
  });
  const registration = createRegistration({
    userAgent,
    registrar: new URI('sip', '', credentials.domain),
    seatId,
    nowMs: hooks.clock.nowMs(),
    isConnected,
  });
  return {
    ...registration,
    userAgent,
    isOpen: isConnected,
    connect: () => {
      // The user agent must be started to take requests; its own first connect is ours.
      const opening = userAgent.state === UserAgentState.Started ? transport.connect() : userAgent.start();
      return opening.then(
        () => true,
        () => false,
      );
    },
    unregister: async () => {
      if (transport.isConnected()) await registration.unregister();
    },
    drop: transport.drop,
    acknowledgeLost: transport.acknowledgeLost,
    onDown: (listener) => {
      onDown = listener;
    },
    renew: ({ password }) => {
      userAgent.configuration.authorizationPassword = password;
    },
    target: (user) => new URI('sip', user, credentials.domain),
  };
};

const makeUserAgent = (
  { credentials, seatId }: PhoneAccount,
  transport: SipTransport,
  media: SessionDescriptionHandlerFactory,
  onInvite: (invitation: Invitation) => void,
): UserAgent => {
  const stable = seatId.replaceAll('-', '');
  return new UserAgent({
    uri: new URI('sip', credentials.user, credentials.domain),
    authorizationUsername: credentials.user,
    authorizationPassword: credentials.password,
    // The same contact after every reload.
    contactName: `s${stable.slice(-12)}`,
    viaHost: `${stable.slice(-20)}.invalid`,
    instanceId: seatId,
    transportConstructor: constructorOf(transport),
    sessionDescriptionHandlerFactory: media,
    delegate: { onInvite },
    // Sent by us, once the call is taken on: a busy seat must not sound as if it rang.
    sendInitialProvisionalResponse: false,
    noAnswerTimeout: longestRingS,
    gracefulShutdown: false,
    userAgentString: product,
    displayName: '',
    logBuiltinEnabled: false,
    logConfiguration: false,
    logLevel: 'error',
  });
};

/** SIP.js wants to construct its transport; ours exists. A constructor that returns an object gives that object. */
const constructorOf = (transport: SipTransport): new () => SipTransport =>
  function given() {
    return transport;
  } as unknown as new () => SipTransport;
