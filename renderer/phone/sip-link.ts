import { type Invitation, URI, UserAgent } from 'sip.js';
import type { SipCredentials } from '../../shared/central-api.ts';
import type { SessionDescriptionHandlerFactory } from 'sip.js';
import type { LineLink, RegisterOutcome } from './sip-line.ts';
import type { PhoneAccount } from './phone.ts';
import { createSipTransport, type SipTransport, type TransportHooks } from './sip-transport.ts';

/**
 * One SIP account over one socket at a time: SIP.js's user agent with our transport, our REGISTER and our OPTIONS. The
 * registration is written here because SIP.js's own waits 32 s for an answer of a socket that is gone.
 */
export type SipLink = LineLink & {
  readonly userAgent: UserAgent;
  readonly transport: SipTransport;
  readonly isOpen: () => boolean;
  readonly unregister: () => Promise<void>;
  /** A URI in the account's domain; undefined when the text is no user part. */
  readonly target: (user: string) => URI | undefined;
};

/** What we ask for; the PBX may grant less. Short, so that a seat that vanished stops being rung. */
const askedExpiresS = 120;
/** SIP.js's own limit for ringing; the PBX's queue is expected to give up long before. */
const longestRingS = 120;
const name = 'Zuoxi';

export const createSipLink = (
  { credentials, seatId }: PhoneAccount,
  hooks: Omit<TransportHooks, 'onDown'>,
  media: SessionDescriptionHandlerFactory,
  onInvite: (invitation: Invitation) => void,
): SipLink => {
  let onDown = (): void => {};
  const transport = createSipTransport(credentials.server, { ...hooks, onDown: () => onDown() });
  // The same contact and instance after every reload: the registrar replaces the old binding instead of ringing a ghost.
  const stable = seatId.replaceAll('-', '');
  const userAgent = new UserAgent({
    uri: uriOf(credentials.user, credentials.domain),
    authorizationUsername: credentials.user,
    authorizationPassword: credentials.password,
    contactName: `s${stable.slice(-12)}`,
    viaHost: `${stable.slice(-20)}.invalid`,
    instanceId: seatId,
    transportConstructor: transportOf(transport),
    sessionDescriptionHandlerFactory: media,
    delegate: { onInvite },
    // Sent by us, once the call is taken on: a busy seat must not sound as if it rang.
    sendInitialProvisionalResponse: false,
    noAnswerTimeout: longestRingS,
    gracefulShutdown: false,
    userAgentString: name,
    displayName: '',
    logBuiltinEnabled: false,
    logConfiguration: false,
    logLevel: 'error',
  });
  const core = userAgent.userAgentCore;
  const self = userAgent.configuration.uri;
  const registrar = new URI('sip', '', credentials.domain);
  // A registrar may compare Call-ID and CSeq with those from before a reload: both go on.
  let cseq = Math.floor(hooks.clock.nowMs() / 1_000) % 2 ** 31;
  let leastExpiresS = askedExpiresS;

  const sendRegister = (expiresS: number): Promise<RegisterOutcome> =>
    new Promise((resolve) => {
      const contact = `${userAgent.contact.toString({ register: true })};reg-id=1;+sip.instance="<urn:uuid:${seatId}>";expires=${expiresS}`;
      const message = core.makeOutgoingRequestMessage(
        'REGISTER',
        registrar,
        self,
        self,
        { callId: `${stable}.registration`, cseq: (cseq += 1) },
        [`Contact: ${contact}`],
      );
      const settle = (outcome: RegisterOutcome): void => {
        // The digest round took a number as well.
        cseq = Math.max(cseq, message.cseq);
        resolve(outcome);
      };
      core.register(message, {
        onAccept: ({ message: answer }) =>
          settle({
            kind: 'registered',
            expiresS: grantedS(answer.getHeaders('contact'), contactUser(userAgent), expiresS),
          }),
        onReject: ({ message: answer }) => {
          const status = answer.statusCode ?? 500;
          const least = Number(answer.getHeader('min-expires'));
          if (status === 423 && least > leastExpiresS && least <= 3_600) {
            leastExpiresS = least;
            cseq = Math.max(cseq, message.cseq);
            return void sendRegister(least).then(resolve);
          }
          settle(outcomeOf(status));
        },
        onRedirect: () => settle({ kind: 'failed', why: 'server' }),
      });
    });

  return {
    userAgent,
    transport,
    isOpen: () => transport.isConnected(),
    connect: () => {
      // The user agent must be started to take requests; its own first connect is ours.
      const opening = userAgent.state === 'Started' ? transport.connect() : userAgent.start();
      return opening.then(
        () => true,
        () => false,
      );
    },
    register: () => sendRegister(leastExpiresS),
    ping: () =>
      new Promise((resolve) => {
        const message = core.makeOutgoingRequestMessage('OPTIONS', registrar, self, registrar, {});
        const alive = (): void => resolve(true);
        // Any answer will do, a refusal as well; a local 503 is the sound of a dropped socket.
        core.request(message, {
          onAccept: alive,
          onRedirect: alive,
          onProgress: alive,
          onReject: () => resolve(transport.isConnected()),
        });
      }),
    unregister: async () => {
      if (transport.isConnected()) await sendRegister(0);
    },
    drop: () => transport.drop(),
    onDown: (listener) => {
      onDown = listener;
    },
    target: (user) => uriOf(user, credentials.domain),
  };
};

/** The password of a renewed session, for the next challenge; calls and registration go on (security 66). */
export const renewPassword = (link: SipLink, credentials: SipCredentials): void => {
  link.userAgent.configuration.authorizationPassword = credentials.password;
};

const uriOf = (user: string, domain: string): URI => new URI('sip', user, domain);

const contactUser = (userAgent: UserAgent): string => userAgent.contact.uri.user ?? '';

/** SIP.js wants to construct its transport; ours exists. A constructor that returns an object gives that object. */
const transportOf = (transport: SipTransport): new () => SipTransport =>
  function given() {
    return transport;
  } as unknown as new () => SipTransport;

const outcomeOf = (status: number): RegisterOutcome => {
  if ([401, 403, 404, 407].includes(status)) return { kind: 'refused', status };
  if (status === 408) return { kind: 'failed', why: 'noAnswer' };
  return { kind: 'failed', why: 'server' };
};

/** The expiry of our own binding (RFC 3261 10.2.4), or what we asked for. */
const grantedS = (contacts: readonly string[], user: string, askedS: number): number => {
  const own =
    contacts.find((contact) => contact.includes(`:${user}@`)) ?? (contacts.length === 1 ? contacts[0] : undefined);
  const granted = Number(/;\s*expires\s*=\s*"?(\d{1,6})/i.exec(own ?? '')?.[1] ?? askedS);
  return granted > 0 ? granted : askedS;
};
