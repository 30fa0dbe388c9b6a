import { randomBytes } from 'node:crypto';
import {
  headerOf,
  replyTo,
  sipHeader,
  type SipHeader,
  type SipMessage,
  type SipRequest,
  type SipResponse,
} from '../../../practice/exchange/sip-message.ts';
import { createFarMedia, type FarMedia } from './far-media.ts';
import { nowMs } from './journal.ts';

/** What the far end saw of a contender. `user` is the path its sockets were opened with. */
export type FarRecord = { readonly atMs: number; readonly user: string; readonly sipCallId?: string } & (
  | { readonly kind: 'connected' | 'registered' | 'called' | 'bye' | 'renewed' }
  | { readonly kind: 'final'; readonly status: number }
);

/** One socket of a contender. */
export type Wire = { readonly send: (message: SipMessage) => void };

/** One call as the far end has it. Whichever socket a message of its dialog came by last is the one it answers on. */
export type FarCall = {
  readonly sipCallId: string;
  readonly media: FarMedia;
  wire: Wire;
  isOver: boolean;
  readonly inDialog: (request: SipRequest, wire: Wire) => void;
  readonly answered: (response: SipResponse, wire: Wire) => void;
  /** BYE, on the last socket the far end heard of. */
  readonly hangUp: () => void;
};

type Ends = { readonly local: string; readonly remote: () => string; readonly target: () => string };

const contact = sipHeader('Contact', '<sip:far@far.invalid;transport=ws>');
const sdpHeaders = [contact, sipHeader('Content-Type', 'application/sdp')];
const token = (): string => randomBytes(6).toString('hex');
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const withBody = (response: SipResponse, sdp: string): SipResponse => {
  const body = bytes(sdp);
  const headers = response.headers.filter(({ name }) => name !== 'content-length');
  return { ...response, headers: [...headers, sipHeader('Content-Length', String(body.length))], body };
};

const request = (
  method: string,
  target: string,
  dialog: { from: string; to: string; callId: string; cseq: number },
  headers: readonly SipHeader[] = [],
  sdp = '',
): SipRequest => {
  const body = bytes(sdp);
  return {
    kind: 'request',
    method,
    uri: target,
    headers: [
      sipHeader('Via', `SIP/2.0/WS far.invalid;branch=z9hG4bK${token()}`),
      sipHeader('Max-Forwards', '70'),
      sipHeader('From', dialog.from),
      sipHeader('To', dialog.to),
      sipHeader('Call-ID', dialog.callId),
      sipHeader('CSeq', `${dialog.cseq} ${method}`),
      ...headers,
      sipHeader('Content-Length', String(body.length)),
    ],
    body,
  };
};

const targetOf = (message: SipMessage): string => /<([^>]+)>/.exec(headerOf(message, 'contact') ?? '')?.[1] ?? '';
const sdpOf = (message: SipMessage): string => new TextDecoder().decode(message.body);

const farCall = (sipCallId: string, media: FarMedia, first: Wire, ends: Ends, ackOf: () => number): FarCall => {
  let cseq = 100;
  const dialog = (nth: number) => ({ from: ends.local, to: ends.remote(), callId: sipCallId, cseq: nth });
  const call: FarCall = {
    sipCallId,
    media,
    wire: first,
    isOver: false,
    inDialog: (asked, wire) => {
      call.wire = wire;
      if (asked.method === 'BYE') {
        call.isOver = true;
        media.close();
        wire.send(replyTo(asked, 200, 'OK'));
      } else if (call.isOver) {
        // It crossed our BYE, or that never arrived: the phone learns of it by this.
        if (asked.method !== 'ACK') wire.send(replyTo(asked, 481, 'Call/Transaction Does Not Exist'));
      } else if (asked.method === 'INVITE') void unlessOver(call, renew(asked, wire));
      else if (asked.method !== 'ACK') wire.send(replyTo(asked, 200, 'OK'));
    },
    answered: (response, wire) => {
      call.wire = wire;
      if (headerOf(response, 'cseq')?.endsWith('INVITE') === true && response.status >= 200)
        wire.send(request('ACK', ends.target(), dialog(ackOf())));
    },
    hangUp: () => {
      if (call.isOver) return;
      call.isOver = true;
      media.close();
      cseq += 1;
      call.wire.send(request('BYE', ends.target(), dialog(cseq)));
    },
  };
  const renew = async (asked: SipRequest, wire: Wire): Promise<void> => {
    await media.accept('offer', sdpOf(asked));
    wire.send(withBody(replyTo(asked, 200, 'OK', { headers: sdpHeaders }), await media.answer()));
  };
  return call;
};

/** Media that is closed meanwhile throws: no fault where the call ended meanwhile. */
const unlessOver = (call: FarCall, work: Promise<void>): Promise<void> =>
  work.catch((fault: unknown) => {
    if (!call.isOver) throw fault;
  });

/** The far end rings the seat. @returns the call and when its INVITE left, epoch ms */
export const ringSeat = async (
  wire: Wire,
  target: string,
  onFinal: (call: FarCall, status: number, atMs: number) => void,
): Promise<FarCall> => {
  // As the PBX's own leg.
  const media = createFarMedia('full');
  const sipCallId = `far-${token()}`;
  const local = `<sip:13800000000@far.invalid>;tag=${token()}`;
  let remote = `<${target}>`;
  let seat = target;
  const call = farCall(sipCallId, media, wire, { local, remote: () => remote, target: () => seat }, () => 1);
  const { answered } = call;
  let isAnswered = false;
  const ringing: FarCall = Object.assign(call, {
    answered: (response: SipResponse, by: Wire) => {
      const atMs = nowMs();
      if (response.status < 200 || headerOf(response, 'cseq') !== '1 INVITE') return;
      if (isAnswered) return answered(response, by);
      isAnswered = true;
      remote = headerOf(response, 'to') ?? remote;
      if (response.status < 300) seat = targetOf(response);
      answered(response, by);
      if (response.status < 300) void unlessOver(call, media.accept('answer', sdpOf(response)));
      else call.isOver = true;
      onFinal(call, response.status, atMs);
    },
  });
  const offer = await media.offer();
  const invite = { from: local, to: remote, callId: sipCallId, cseq: 1 };
  wire.send(request('INVITE', target, invite, sdpHeaders, offer));
  return ringing;
};

/** The seat rings the far end, which rings once and answers. */
export const answerSeat = (asked: SipRequest, wire: Wire): FarCall => {
  const media = createFarMedia('lite');
  const tag = token();
  const call = farCall(
    headerOf(asked, 'call-id') ?? '',
    media,
    wire,
    {
      local: `${headerOf(asked, 'to') ?? ''};tag=${tag}`,
      remote: () => headerOf(asked, 'from') ?? '',
      target: () => targetOf(asked),
    },
    () => 0,
  );
  const reply = (status: number, reason: string): SipResponse =>
    replyTo(asked, status, reason, { toTag: tag, headers: status === 200 ? sdpHeaders : [contact] });
  wire.send(replyTo(asked, 100, 'Trying'));
  wire.send(reply(180, 'Ringing'));
  const answer = async (): Promise<void> => {
    await media.accept('offer', sdpOf(asked));
    wire.send(withBody(reply(200, 'OK'), await media.answer()));
  };
  void unlessOver(call, answer());
  return call;
};
