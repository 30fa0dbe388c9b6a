import { audioSdp, message, request, response, type Fields } from '../renderer/phone/lab/sip-texts.ts';
import { openSeat, type Seat } from './seat.ts';

/** A state of a seat, and the messages that mean something in it: what is mutated. */
export type Scene = {
  readonly name: string;
  readonly open: () => Promise<{ readonly seat: Seat; readonly seeds: readonly [string, ...string[]] }>;
};

const digest = (algorithm: string): string =>
  `Digest realm="lab", nonce="1795/abc", algorithm=${algorithm}, qop="auth", opaque="x"`;

const headerOf = (text: string, name: string): string =>
  new RegExp(`^${name}: *(.*)$`, 'm').exec(text.split('\r\n\r\n')[0] ?? '')?.[1]?.trim() ?? '';

/** The fields by which an answer finds its request. */
const sameAs = (asked: string, tag = ';tag=far'): Fields => ({
  Via: headerOf(asked, 'Via'),
  From: headerOf(asked, 'From'),
  To: headerOf(asked, 'To') + (headerOf(asked, 'To').includes(';tag=') ? '' : tag),
  'Call-ID': headerOf(asked, 'Call-ID'),
  CSeq: headerOf(asked, 'CSeq'),
});

const idle: Scene = {
  name: 'idle',
  open: async () => ({
    seat: await openSeat(),
    seeds: [
      request(
        'INVITE',
        { 'X-Queue': 'service', Supported: '100rel, timer, replaces', Allow: 'INVITE, ACK' },
        audioSdp(),
      ),
      request(
        'INVITE',
        { From: '"王芳" <sip:13800138000@127.0.0.1>;tag=a', 'Alert-Info': '<http://x>;info=auto' },
        audioSdp(),
      ),
      request('INVITE', { Replaces: 'a@b;to-tag=1;from-tag=2' }, audioSdp()),
      request('INVITE'),
      request('INVITE', { Require: '100rel' }, audioSdp()),
      request('BYE', { To: '<sip:agent1@lab.invalid>;tag=ours' }),
      request('CANCEL'),
      request('ACK'),
      request('OPTIONS'),
      request('REFER', { 'Refer-To': '<sip:1@b?Replaces=a%3Bto-tag%3Db>' }),
      request('NOTIFY', { Event: 'message-summary' }, 'Messages-Waiting: yes\r\n'),
      response(200, { Via: 'SIP/2.0/WSS 700080000123456789ab.invalid;branch=z9hG4bK1', CSeq: '1 REGISTER' }),
      response(180, {
        Via: 'SIP/2.0/WSS 700080000123456789ab.invalid;branch=z9hG4bK1',
        'Record-Route': '<sip:a@b;lr>',
      }),
    ],
  }),
};

const registering: Scene = {
  name: 'registering',
  open: async () => {
    const seat = await openSeat();
    void seat.link.register();
    const asked = sameAs(seat.sent.at(-1) ?? '');
    return {
      seat,
      seeds: [
        response(401, { ...asked, 'WWW-Authenticate': [digest('SHA-256'), digest('MD5')] }),
        response(401, { ...asked, 'WWW-Authenticate': `${digest('MD5')}, stale=true` }),
        response(407, { ...asked, 'Proxy-Authenticate': digest('SHA-256') }),
        response(423, { ...asked, 'Min-Expires': '600' }),
        response(100, asked),
        response(200, {
          ...asked,
          Contact: ['<sip:s0123456789ab@x.invalid;transport=ws>;expires=60', '<sip:a@b>;expires=9'],
        }),
        response(302, { ...asked, Contact: '<sip:other@b>' }),
        response(403, asked),
      ],
    };
  },
};

const dialling: Scene = {
  name: 'dialling',
  open: async () => {
    const seat = await openSeat();
    await seat.dial('13800138000');
    const asked = sameAs(seat.sent.at(-1) ?? '');
    const route = { 'Record-Route': ['<sip:127.0.0.1;transport=ws;lr>', '<sip:p2.invalid;lr>'] };
    return {
      seat,
      seeds: [
        response(180, { ...asked, ...route }),
        response(183, { ...asked, Require: '100rel', RSeq: '1' }, audioSdp()),
        response(200, { ...asked, ...route }, audioSdp()),
        response(200, { ...asked }, audioSdp({ 'a=fingerprint': undefined })),
        response(401, { ...asked, 'WWW-Authenticate': [digest('MD5'), digest('SHA-256')] }),
        response(302, { ...asked, Contact: '<sip:other@b>' }),
        response(486, asked),
        response(100, asked),
      ],
    };
  },
};

/** A caller's dialog with the seat. */
const caller: Fields = { 'Call-ID': 'scene@pbx', From: '"Wang" <sip:13800138000@127.0.0.1>;tag=far' };
const firstVia = { Via: 'SIP/2.0/WS 127.0.0.1:8088;rport;branch=z9hG4bKscene' };

const ringing: Scene = {
  name: 'ringing',
  open: async () => {
    const seat = await openSeat();
    const invite = request('INVITE', { ...caller, ...firstVia }, audioSdp());
    seat.receive(invite);
    return {
      seat,
      seeds: [
        request('CANCEL', { ...caller, ...firstVia, CSeq: '102 CANCEL' }),
        invite,
        request('ACK', { ...caller, ...firstVia, CSeq: '102 ACK' }),
        request('INVITE', caller, audioSdp()),
        request('OPTIONS', caller),
      ],
    };
  },
};

const talking: Scene = {
  name: 'talking',
  open: async () => {
    const seat = await openSeat();
    seat.receive(request('INVITE', { ...caller, ...firstVia }, audioSdp()));
    await seat.answer();
    const To = headerOf(seat.sent.at(-1) ?? '', 'To');
    const inDialog = { ...caller, To };
    const ask = (method: string, number: number, fields: Fields = {}, body = ''): string =>
      message(
        `${method} sip:s0123456789ab@700080000123456789ab.invalid;transport=ws SIP/2.0`,
        { ...inDialog, CSeq: `${number} ${method}`, ...fields },
        body,
      );
    seat.receive(ask('ACK', 102));
    if (!seat.isTalking()) throw new Error('the scene could not be set: no call');
    return {
      seat,
      seeds: [
        ask('INVITE', 103, {}, audioSdp()),
        ask('INVITE', 104, {}, audioSdp({ 'a=sendrecv': 'a=sendonly' })),
        ask('INVITE', 105, {}, audioSdp({ 'm=audio': 'm=audio 4000 RTP/AVP 0' })),
        ask('INVITE', 106),
        ask('ACK', 103),
        ask('ACK', 106, {}, audioSdp()),
        ask('BYE', 107),
        ask('OPTIONS', 108),
        ask('UPDATE', 109, {}, audioSdp()),
        ask('INFO', 110, { 'Content-Type': 'application/dtmf-relay' }, 'Signal=5\r\nDuration=100\r\n'),
        ask('REFER', 111, { 'Refer-To': '<sip:premium@b>' }),
        ask('CANCEL', 103),
        request('INVITE', { 'Call-ID': 'second' }, audioSdp()),
      ],
    };
  },
};

export const scenes = [idle, registering, dialling, ringing, talking] as const;
