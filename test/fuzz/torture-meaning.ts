import { audioSdp } from '../renderer/phone/lab/sip-texts.ts';
import { ask, reply, type TortureRow, uri } from './torture-parts.ts';

/** Well written, hard to act on: RFC 4475 3.3 and 3.4. */
export const meaning: readonly TortureRow[] = [
  [
    'missing-headers',
    'RFC 4475 3.3.1',
    'no Call-ID, From or To',
    'refused: guard: missingHeader',
    ask('INVITE', { 'Call-ID': undefined, From: undefined, To: undefined }),
  ],
  [
    'unknown-scheme',
    'RFC 4475 3.3.2',
    'a request to a scheme nobody knows',
    'refused: guard: startLine',
    ask('OPTIONS', {}, '', uri('nobodyKnowsThisScheme:totallyopaque')),
  ],
  [
    'known-scheme',
    'RFC 4475 3.3.3',
    'a request to a scheme that is not SIP',
    'refused: guard: startLine',
    ask('OPTIONS', {}, '', uri('soap.beep://192.0.2.103:3002')),
  ],
  [
    'schemes-in-headers',
    'RFC 4475 3.3.4',
    'addresses of other schemes in From and To',
    'refused: guard: address',
    ask('REGISTER', { To: '<isbn:2983792873>', From: '<http://www.example.com>;tag=1', Contact: '<name:John_Smith>' }),
  ],
  [
    'unknown-require',
    'RFC 4475 3.3.5',
    'extensions nobody knows are required',
    'refused: guard: 420 OPTIONS',
    ask('OPTIONS', {
      Require: 'nothingSupportsThis, nothingSupportsThisEither',
      'Proxy-Require': 'noProxiesSupportThis',
    }),
  ],
  [
    'unknown-content',
    'RFC 4475 3.3.6',
    'a body of an unknown kind',
    'refused: answered 488',
    ask('INVITE', { 'Content-Type': 'application/unknownformat' }, '<audio><pcmu port="443"/></audio>'),
  ],
  [
    'unknown-authorization',
    'RFC 4475 3.3.7',
    'an authorization scheme nobody knows',
    'refused: guard: 405 REGISTER',
    ask('REGISTER', { Authorization: 'NoOneKnowsThisScheme opaque-data=here' }),
  ],
  [
    'repeated-single',
    'RFC 4475 3.3.8',
    'two of every header that may come once',
    'refused: guard: repeatedHeader',
    ask('INVITE', {
      CSeq: ['5 INVITE', '59 INVITE'],
      'Call-ID': ['a', 'b'],
      From: ['<sip:a@b>;tag=1', '<sip:c@d>;tag=2'],
      To: ['<sip:a@b>', '<sip:c@d>'],
      'Max-Forwards': ['70', '5'],
    }),
  ],
  [
    'repeated-length',
    'RFC 4475 3.3.9',
    'two Content-Lengths that differ',
    'refused: guard: repeatedHeader',
    ask('OPTIONS', { 'Content-Length': ['13', '5'] }, 'Is it 5 or 13'),
  ],
  [
    'broadcast-via',
    'RFC 4475 3.3.10',
    'an answer whose path leads to everyone',
    'refused: guard: via',
    reply(200, {
      Via: [
        'SIP/2.0/WSS 700080000123456789ab.invalid;branch=z9hG4bKb1',
        'SIP/2.0/UDP 255.255.255.255;branch=z9hG4bKb2',
      ],
    }),
  ],
  ['no-forwards', 'RFC 4475 3.3.11', 'Max-Forwards of zero', 'accepted', ask('OPTIONS', { 'Max-Forwards': '0' })],
  [
    'contact-parameter',
    'RFC 4475 3.3.12',
    'REGISTER with a contact header parameter',
    'refused: guard: 405 REGISTER',
    ask('REGISTER', { Contact: 'sip:+19725552222@pbx.lab.invalid;unknownparam' }),
  ],
  [
    'contact-uri-parameter',
    'RFC 4475 3.3.13',
    'REGISTER with a parameter inside the contact',
    'refused: guard: 405 REGISTER',
    ask('REGISTER', { Contact: '<sip:+19725552222@pbx.lab.invalid;unknownparam>' }),
  ],
  [
    'contact-headers',
    'RFC 4475 3.3.14',
    'REGISTER whose contact would add a header',
    'refused: guard: 405 REGISTER',
    ask('REGISTER', { Contact: '<sip:user@example.com?Route=%3Csip:sip.example.com%3E>' }),
  ],
  [
    'unknown-accept',
    'RFC 4475 3.3.15',
    'an INVITE that takes only unknown kinds of answer',
    'accepted',
    ask('INVITE', { Accept: 'text/nobodyKnowsThis' }, audioSdp()),
  ],
  [
    'rfc2543',
    'RFC 4475 3.4.1',
    'a caller of 1999: no branch, no tag',
    'refused: guard: via',
    ask(
      'INVITE',
      {
        Via: 'SIP/2.0/UDP iftgw.example.com',
        From: '<sip:+13035551111@ift.client.example;user=phone>',
        'Max-Forwards': undefined,
        'Record-Route': '<sip:UserB@example.com;maddr=ss1.example.com>',
      },
      audioSdp(),
    ),
  ],
];

/** RFC 5118. */
export const ipv6: readonly TortureRow[] = [
  [
    'v6-valid',
    'RFC 5118 4.1',
    'bracketed addresses everywhere',
    'accepted',
    ask(
      'INVITE',
      {
        Via: 'SIP/2.0/WS [2001:db8::9:1];branch=z9hG4bKv6',
        From: '<sip:user@[2001:db8::9:1]>;tag=1',
        Contact: '<sip:caller@[2001:db8::9:1]:5060>',
      },
      audioSdp(),
    ),
  ],
  [
    'v6-bare-target',
    'RFC 5118 4.2',
    'a request address without brackets',
    'refused: guard: startLine',
    ask('OPTIONS', {}, '', uri('sip:agent1@2001:db8::10')),
  ],
  [
    'v6-port-inside',
    'RFC 5118 4.3',
    'a port that became part of the address',
    'accepted',
    ask('OPTIONS', {}, '', uri('sip:agent1@[2001:db8::10:5070]')),
  ],
  [
    'v6-port-outside',
    'RFC 5118 4.4',
    'a port behind the brackets',
    'accepted',
    ask('OPTIONS', {}, '', uri('sip:agent1@[2001:db8::10]:5070')),
  ],
  [
    'v6-received-bare',
    'RFC 5118 4.5',
    'received= without brackets',
    'accepted',
    ask('OPTIONS', { Via: 'SIP/2.0/WS [2001:db8::9:1];received=2001:db8::9:255;branch=z9hG4bKv6r' }),
  ],
  [
    'v6-received',
    'RFC 5118 4.5',
    'received= in brackets',
    'accepted',
    ask('OPTIONS', { Via: 'SIP/2.0/WS [2001:db8::9:1];received=[2001:db8::9:255];branch=z9hG4bKv6s' }),
  ],
  [
    'v6-description',
    'RFC 5118 4.6',
    'IPv6 inside the description',
    'accepted',
    ask('INVITE', {}, audioSdp({ 'o=': 'o=- 1 1 IN IP6 2001:db8::20', 'c=': 'c=IN IP6 2001:db8::20' })),
  ],
  [
    'v6-and-v4-path',
    'RFC 5118 4.7',
    'both families in the path',
    'refused: answered 481',
    ask('BYE', {
      Via: [
        'SIP/2.0/WS [2001:db8::9:1]:6050;branch=z9hG4bKm1',
        'SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKm2;received=[2001:db8::9:255]',
      ],
    }),
  ],
  [
    'v6-and-v4-media',
    'RFC 5118 4.8',
    'both families in the description',
    'accepted',
    ask(
      'INVITE',
      {},
      audioSdp({ 'c=': 'c=IN IP6 2001:db8::1', 'a=mid:0': 'a=mid:0\r\na=candidate:1 1 udp 1 192.0.2.1 9 typ host' }),
    ),
  ],
  [
    'v6-mapped',
    'RFC 5118 4.9',
    'IPv4 mapped into IPv6',
    'accepted',
    ask('INVITE', { Contact: '<sip:caller@[::ffff:192.0.2.2]>' }, audioSdp()),
  ],
  [
    'v6-three-colons',
    'RFC 5118 4.10',
    'three colons, as the grammar of RFC 3261 allowed',
    "refused: parser: error parsing header 'From'",
    ask('OPTIONS', { From: '<sip:user@[2001:db8:::192.0.2.1]>;tag=1' }),
  ],
];
