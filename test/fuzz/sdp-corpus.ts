import type { SdpFault } from '../../renderer/phone/sip-sdp.ts';
import { chanceOf } from './chance.ts';

/**
 * Descriptions that must be taken, in the shapes Chromium, Asterisk, werift and others write, and hundreds that must not (security 70):
 * every fault planted into every one of them.
 */
const print = (hash = 'sha-256', bytes = 32): string =>
  `a=fingerprint:${hash} ${Array.from({ length: bytes }, (_, at) => ((at * 37 + 11) % 256).toString(16).padStart(2, '0').toUpperCase()).join(':')}`;

const ice = ['a=ice-ufrag:Zx9q', 'a=ice-pwd:k3J8vQz1mN5pR7tW2yB4cD6f'];
const codecs = [
  'a=rtpmap:111 opus/48000/2',
  'a=fmtp:111 minptime=10;useinbandfec=1',
  'a=rtpmap:0 PCMU/8000',
  'a=rtpmap:8 PCMA/8000',
  'a=rtpmap:101 telephone-event/8000',
];
const sdp = (lines: readonly string[]): string => [...lines, ''].join('\r\n');

const chromium = (setup: string, more: readonly string[] = []): string =>
  sdp([
    'v=0',
    'o=- 4611731400430051336 2 IN IP4 127.0.0.1',
    's=-',
    't=0 0',
    'a=group:BUNDLE 0',
    'a=extmap-allow-mixed',
    'a=msid-semantic: WMS s1',
    'm=audio 9 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126',
    'c=IN IP4 0.0.0.0',
    'a=rtcp:9 IN IP4 0.0.0.0',
    ...ice,
    'a=ice-options:trickle',
    print(),
    `a=setup:${setup}`,
    'a=mid:0',
    'a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level',
    'a=sendrecv',
    'a=msid:s1 t1',
    'a=rtcp-mux',
    'a=rtcp-rsize',
    ...codecs,
    'a=ssrc:3735928559 cname:c',
    ...more,
  ]);

const asterisk = (setup: string, more: readonly string[] = []): string =>
  sdp([
    'v=0',
    'o=- 1795000000 1795000000 IN IP4 198.51.100.7',
    's=Asterisk',
    'c=IN IP4 198.51.100.7',
    't=0 0',
    'a=msid-semantic:WMS *',
    'a=group:BUNDLE 0',
    'm=audio 15372 UDP/TLS/RTP/SAVPF 107 0 8 101',
    `a=connection:new`,
    `a=setup:${setup}`,
    print(),
    ...ice,
    'a=candidate:Hc6336407 1 UDP 2130706431 198.51.100.7 15372 typ host',
    'a=rtpmap:107 opus/48000/2',
    ...codecs.slice(2),
    'a=fmtp:101 0-16',
    'a=ptime:20',
    'a=maxptime:20',
    'a=sendrecv',
    'a=rtcp-mux',
    'a=ssrc:1 cname:a',
    'a=mid:0',
    ...more,
  ]);

const werift = (setup: string, more: readonly string[] = []): string =>
  sdp([
    'v=0',
    'o=- 12345678 0 IN IP4 0.0.0.0',
    's=-',
    't=0 0',
    'a=group:BUNDLE 0',
    'a=extmap-allow-mixed',
    'a=msid-semantic:WMS *',
    'm=audio 40123 UDP/TLS/RTP/SAVPF 96 0',
    'c=IN IP4 127.0.0.1',
    ...ice,
    'a=ice-options:trickle',
    'a=candidate:1 1 udp 2130706431 127.0.0.1 40123 typ host',
    'a=end-of-candidates',
    print(),
    `a=setup:${setup}`,
    'a=sendrecv',
    'a=mid:0',
    'a=rtcp:9 IN IP4 0.0.0.0',
    'a=rtcp-mux',
    'a=rtpmap:96 OPUS/48000/2',
    'a=rtpmap:0 PCMU/8000',
    ...more,
  ]);

/** Session level carries what others write per medium. */
const sessionLevel = sdp([
  'v=0',
  'o=FreeSWITCH 1 2 IN IP4 198.51.100.8',
  's=FreeSWITCH',
  'c=IN IP4 198.51.100.8',
  't=0 0',
  print(),
  'a=setup:actpass',
  ...ice,
  'm=audio 20000 UDP/TLS/RTP/SAVPF 0 8',
  'a=rtcp-mux',
  'a=mid:0',
]);

const shapes = { chromium, asterisk, werift } as const;
type Named = readonly [name: string, sdp: string];

const basics: readonly Named[] = Object.entries(shapes).flatMap(([name, make]) =>
  (['actpass', 'active', 'passive'] as const).map((setup): Named => [`${name}, ${setup}`, make(setup)]),
);

/** At least twenty. */
export const goodDescriptions: readonly Named[] = [
  ...basics,
  ['everything at session level', sessionLevel],
  ['LF line ends', chromium('actpass').replaceAll('\r\n', '\n')],
  ['on hold', asterisk('actpass').replace('a=sendrecv', 'a=sendonly')],
  ['inactive', asterisk('actpass').replace('a=sendrecv', 'a=inactive')],
  ['SHA-384', chromium('actpass').replace(print(), print('sha-384', 48))],
  ['SHA-512 in capitals', chromium('actpass').replace(print(), print('SHA-512', 64))],
  ['two strong fingerprints', chromium('actpass', [print('sha-512', 64)])],
  ['a fingerprint in small letters', werift('active').replace(print(), print().toLowerCase())],
  ['without F', werift('active').replace('SAVPF', 'SAVP')],
  ['media over TCP', werift('active').replace('UDP/TLS', 'TCP/TLS')],
  ['video switched off', chromium('actpass', ['m=video 0 UDP/TLS/RTP/SAVPF 96'])],
  ['plain video switched off', chromium('actpass', ['m=video 0 RTP/AVP 96'])],
  ['IPv6', chromium('actpass').replace('c=IN IP4 0.0.0.0', 'c=IN IP6 ::')],
  [
    'fifty candidates',
    chromium(
      'actpass',
      Array.from({ length: 50 }, (_, at) => `a=candidate:${at} 1 udp 1 10.0.0.${at} 9 typ host`),
    ),
  ],
  ['a connection kept', asterisk('active').replace('connection:new', 'connection:existing')],
  ['ICE lite', asterisk('passive').replace('t=0 0', 't=0 0\r\na=ice-lite')],
];

type Plant = readonly [name: string, why: SdpFault, change: (sdp: string) => string];

/** The first line that starts so becomes these; its line end stays. */
const line =
  (start: string, ...instead: readonly string[]) =>
  (text: string): string => {
    const lines = text.split('\r\n');
    const at = lines.findIndex((it) => it.startsWith(start));
    if (at < 0) throw new Error(`no ${start} in this description`);
    lines.splice(at, 1, ...instead);
    return lines.join('\r\n');
  };
const without =
  (start: string) =>
  (text: string): string =>
    text
      .split('\r\n')
      .filter((it) => !it.startsWith(start))
      .join('\r\n');
const withProtocol =
  (protocol: string) =>
  (text: string): string =>
    text.replace(/(?<=m=audio \d+ )\S+/, protocol);
const added =
  (...lines: readonly string[]) =>
  (text: string): string =>
    `${text}${lines.join('\r\n')}\r\n`;

const plants: readonly Plant[] = [
  ...[
    'RTP/AVP',
    'RTP/AVPF',
    'RTP/SAVP',
    'RTP/SAVPF',
    'udp',
    'UDP/TLS/RTP/AVP',
    'TCP/RTP/AVP',
    'UDP/DTLS/SCTP',
    'udp/tls/rtp/savpf',
    'UDP/TLS/RTP/SAVPFX',
  ].map((protocol): Plant => [`media as ${protocol}`, 'plainMedia', withProtocol(protocol)]),
  [
    'SDES keys besides',
    'sdesKeys',
    added('a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz'),
  ],
  ['SDES keys in capitals', 'sdesKeys', added('a=CRYPTO:1 AEAD_AES_256_GCM inline:x')],
  ['SDES keys of the session', 'sdesKeys', line('t=', 't=0 0', 'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:x')],
  ['a key line', 'sdesKeys', added('k=clear:secret')],
  ['no fingerprint', 'noFingerprint', without('a=fingerprint')],
  ...(
    [
      ['sha-1', 20],
      ['md5', 16],
      ['md2', 16],
      ['sha-224', 28],
      ['sha-256', 31],
      ['sha-256', 33],
      ['sha-256', 1],
      ['sha-512', 32],
      ['sha-384', 32],
      ['sha3-256', 32],
      ['', 32],
    ] as const
  ).map(([hash, bytes]): Plant => [
    `a fingerprint of ${hash} with ${bytes} bytes`,
    'weakFingerprint',
    line('a=fingerprint', print(hash, bytes)),
  ]),
  ['a fingerprint without value', 'weakFingerprint', line('a=fingerprint', 'a=fingerprint:sha-256')],
  ['a fingerprint that is no number', 'weakFingerprint', (text) => text.replace(/(?<=a=fingerprint:sha-256 )../, 'GG')],
  ['a fingerprint with spaces', 'weakFingerprint', (text) => text.replace(/(a=fingerprint:\S+ ..):/, '$1 ')],
  ['a weak fingerprint besides', 'weakFingerprint', added(print('sha-1', 20))],
  ['no ICE name', 'noIce', without('a=ice-ufrag')],
  ['no ICE password', 'noIce', without('a=ice-pwd')],
  ['no ICE at all', 'noIce', without('a=ice-')],
  ['an ICE name of two letters', 'noIce', line('a=ice-ufrag', 'a=ice-ufrag:ab')],
  ['an ICE password of ten letters', 'noIce', line('a=ice-pwd', 'a=ice-pwd:abcdefghij')],
  ['an ICE password with a blank', 'noIce', line('a=ice-pwd', 'a=ice-pwd:abcdefghijkl mnopqrstuvwx')],
  ['an ICE name without end', 'noIce', line('a=ice-ufrag', `a=ice-ufrag:${'a'.repeat(257)}`)],
  ['no setup', 'wrongSetup', without('a=setup')],
  ['setup that holds', 'wrongSetup', line('a=setup', 'a=setup:holdconn')],
  ['setup of another kind', 'wrongSetup', line('a=setup', 'a=setup:both')],
  ['two setups', 'wrongSetup', added('a=setup:active', 'a=setup:passive')],
  ['video only', 'noAudio', line('m=audio', 'm=video 9 UDP/TLS/RTP/SAVPF 96')],
  ['audio switched off', 'noAudio', (text) => text.replace(/m=audio \d+/, 'm=audio 0')],
  ['plain video besides', 'plainMedia', added('m=video 5000 RTP/AVP 96')],
  ['five media', 'shape', added(...Array.from({ length: 5 }, () => 'm=audio 9 UDP/TLS/RTP/SAVPF 0'))],
  ['another version', 'shape', line('v=0', 'v=1')],
  ['no version', 'shape', without('v=')],
  ['a line that is none', 'shape', added('hello')],
  ['a line in capitals', 'shape', added('A=sendrecv')],
  ['NUL', 'shape', added('a=x:\0')],
  ['a control character', 'shape', added('a=x:\u0007')],
  ['an endless line', 'shape', added(`a=x:${'y'.repeat(3_000)}`)],
  ['a port that is none', 'shape', (text) => text.replace(/m=audio \d+/, 'm=audio 123456')],
  ['a negative port', 'shape', (text) => text.replace(/m=audio \d+/, 'm=audio -1')],
  ['six hundred lines', 'shape', added(...Array.from({ length: 600 }, () => 'a=x'))],
  ['forty kilobytes', 'tooLong', added(...Array.from({ length: 30 }, () => `a=x:${'y'.repeat(1_400)}`))],
];

export type BadDescription = { readonly name: string; readonly why: SdpFault; readonly sdp: string };

/** At least two hundred: every fault in an offer and an answer of every shape; what two faults make the same counts once. */
export const badDescriptions: readonly BadDescription[] = basics
  .flatMap(([shape, text]) =>
    plants.map(([name, why, change]) => ({ name: `${name} (${shape})`, why, sdp: change(text) })),
  )
  .filter(({ sdp: text }, at, all) => all.findIndex((other) => other.sdp === text) === at);

/** The attributes of a description's one medium in another order. */
export const shuffledAttributes = (text: string, seed: number): string => {
  const chance = chanceOf(seed, 0);
  const lines = text.trimEnd().split('\r\n');
  const from = lines.findIndex((it) => it.startsWith('m=')) + 1;
  const rest = lines.slice(from).filter((it) => it.startsWith('a='));
  const mixed = rest.map((it) => [chance.below(1_000_000), it] as const).toSorted((a, b) => a[0] - b[0]);
  const kept = lines.slice(from).filter((it) => !it.startsWith('a='));
  return [...lines.slice(0, from), ...kept, ...mixed.map(([, it]) => it), ''].join('\r\n');
};
