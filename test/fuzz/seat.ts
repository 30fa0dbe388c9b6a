import {
  type Core,
  type Invitation,
  Inviter,
  type Session,
  type SessionDescriptionHandler,
  SessionState,
} from 'sip.js';
import { createSipLink, type SipLink } from '../../renderer/phone/sip-link.ts';
import { sdpFault } from '../../renderer/phone/sip-sdp.ts';
import { contactIdText, presentedNumber, queueName } from '../../renderer/phone/sip-text.ts';
import type { WireEvent } from '../../renderer/phone/sip-transport.ts';
import { SeatId } from '../../shared/ids.ts';
import { printable } from '../../shared/phone-number.ts';
import { FakeSocket } from '../renderer/phone/lab/fake-socket.ts';
import { createManualClock } from '../renderer/phone/lab/manual-clock.ts';
import { audioSdp } from '../renderer/phone/lab/sip-texts.ts';

/**
 * A seat without a browser: the page's transport, guard, digest and SIP.js's whole user agent behind a socket that the caller
 * writes to. What a page does with an INVITE before it rings is done as well; media is a description that never changes.
 */
export type Seat = {
  /** One WebSocket frame: bytes as a binary frame, text as a text frame. */
  readonly receive: (frame: Uint8Array | string) => Outcome;
  readonly sent: readonly string[];
  readonly link: SipLink;
  readonly dial: (user: string) => Promise<unknown>;
  /** Answers what rings; resolves when said. */
  readonly answer: () => Promise<void>;
  readonly isTalking: () => boolean;
  readonly close: () => Promise<void>;
};

export type Finding =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'refused'; readonly why: string }
  /** Out of the parser, whether or not our own net below it caught it. */
  | { readonly kind: 'threw'; readonly what: string };
export type Outcome = Finding & { readonly ms: number };

/** What happened to the message that is being received. */
type Trail = {
  wire: WireEvent | undefined;
  threw: string | undefined;
  reachedCore: boolean;
  complaint: string;
  refusal: string | undefined;
};

const seatId = SeatId.parse('0190a0b0-c0d0-7000-8000-0123456789ab');

export const openSeat = async (): Promise<Seat> => {
  let socket = new FakeSocket('');
  let trail = emptyTrail();
  let session: Session | undefined;
  const link = createSipLink(
    {
      seatId,
      credentials: {
        server: 'wss://lab.invalid',
        domain: 'lab.invalid',
        user: 'agent1',
        password: 'lab-only-1',
        expiresAtMs: 0,
        iceServers: [],
      },
    },
    {
      clock: createManualClock(),
      onWire: (event) => (trail.wire = event),
      onSent: () => {},
      onHeard: () => {},
      openSocket: (url) => (socket = new FakeSocket(url)).asSocket,
    },
    fixedMedia,
    (invitation) => {
      const isBusy = session !== undefined && session.state !== SessionState.Terminated;
      const status = isBusy ? 486 : whyNotRing(invitation);
      if (status === undefined) {
        session = invitation;
        void invitation.progress({ statusCode: 180 }).catch(() => undefined);
      } else void invitation.reject({ statusCode: status }).catch(() => undefined);
    },
  );
  watch(link, () => trail);
  const opening = link.connect();
  socket.open();
  if (!(await opening)) throw new Error('the lab socket did not open');

  return {
    link,
    get sent() {
      return socket.sent;
    },
    receive: (frame) => {
      trail = emptyTrail();
      const data = typeof frame === 'string' ? frame : Uint8Array.from(frame).buffer;
      const before = socket.sent.length;
      const startMs = performance.now();
      socket.say(data);
      const ms = performance.now() - startMs;
      return { ...verdictOf(trail, socket.sent.slice(before)), ms };
    },
    dial: (user) => {
      const inviter = new Inviter(link.userAgent, link.target(user));
      session = inviter;
      return inviter.invite().catch(() => undefined);
    },
    answer: async () => {
      if (session?.state === SessionState.Initial && !(session instanceof Inviter))
        await (session as Invitation).accept().catch(() => undefined);
    },
    isTalking: () => session?.state === SessionState.Established,
    close: async () => {
      await link.userAgent.stop().catch(() => undefined);
      link.drop();
    },
  };
};

const emptyTrail = (): Trail => ({
  wire: undefined,
  threw: undefined,
  reachedCore: false,
  complaint: '',
  refusal: undefined,
});

/** As the switchboard does, without its store: what it reads of an INVITE must not throw either. */
const whyNotRing = (invitation: Invitation): number | undefined => {
  const offer = invitation.body ?? '';
  if (offer !== '' && sdpFault(offer) !== undefined) return 488;
  presentedNumber(invitation.remoteIdentity.uri.user);
  printable(invitation.remoteIdentity.displayName ?? '');
  queueName(invitation.request.getHeader('X-Queue'));
  contactIdText(invitation.request.getHeader('X-Contact-Id'));
  return undefined;
};

/** Listens between our transport, SIP.js's parser and SIP.js's core. */
const watch = (link: SipLink, trail: () => Trail): void => {
  const { userAgent } = link;
  const { transport, userAgentCore: core } = userAgent;
  const parse = transport.onMessage;
  transport.onMessage = (text) => {
    try {
      parse?.(text);
    } catch (fault) {
      trail().threw = fault instanceof Error ? `${fault.name}: ${fault.message}` : String(fault);
      throw fault;
    }
  };
  const parsed = (message: Core.IncomingMessage): void => {
    trail().reachedCore = true;
    const isSdp = /^application\/sdp\b/i.test(message.getHeader('content-type') ?? '');
    const fault = isSdp ? sdpFault(message.body) : undefined;
    if (fault !== undefined) trail().refusal = `description: ${fault}`;
  };
  const request = core.receiveIncomingRequestFromTransport.bind(core);
  core.receiveIncomingRequestFromTransport = (message) => {
    parsed(message);
    request(message);
  };
  const response = core.receiveIncomingResponseFromTransport.bind(core);
  core.receiveIncomingResponseFromTransport = (message) => {
    parsed(message);
    response(message);
  };
  const log = userAgent.getLoggerFactory();
  log.level = 1;
  log.connector = (_, __, ___, content: unknown) => {
    if (typeof content === 'string' && trail().complaint === '') trail().complaint = content;
  };
};

const verdictOf = (trail: Trail, sent: readonly string[]): Finding => {
  const { wire, threw, reachedCore, complaint, refusal } = trail;
  const status = sent.map((text) => /^SIP\/2\.0 ([4-6]\d\d)/.exec(text)?.[1]).find((found) => found !== undefined);
  if (threw !== undefined) return { kind: 'threw', what: threw };
  if (wire?.kind === 'dropped') return { kind: 'refused', why: `guard: ${wire.why}` };
  if (wire?.kind === 'refusedRequest') return { kind: 'refused', why: `guard: ${status} ${wire.method}` };
  if (!reachedCore) return { kind: 'refused', why: `parser: ${complaint.slice(0, 120) || 'no word'}` };
  if (refusal !== undefined) return { kind: 'refused', why: refusal };
  if (status !== undefined) return { kind: 'refused', why: `answered ${status}` };
  return { kind: 'accepted' };
};

const fixedMedia = (): SessionDescriptionHandler => ({
  close: () => {},
  hasDescription: (contentType) => /^application\/sdp\b/i.test(contentType),
  getDescription: async () => ({ body: audioSdp(), contentType: 'application/sdp' }),
  setDescription: async (sdp) => {
    const fault = sdpFault(sdp);
    if (fault !== undefined) throw new Error(`description refused: ${fault}`);
  },
  rollbackDescription: async () => {},
  sendDtmf: () => false,
});
