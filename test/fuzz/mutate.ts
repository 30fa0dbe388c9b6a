import type { Chance } from './chance.ts';

/** Changes a message at random: some ways break its shape, some keep it so that the guard lets it through to SIP.js. */
export const mutant = (text: string, chance: Chance): Uint8Array => {
  let changed = text;
  for (let turns = 1 + chance.below(4); turns > 0; turns -= 1) changed = chance.oneOf(changes)(changed, chance);
  // Most get an honest length again, else the guard would stop them all for that.
  if (!chance.once(4)) changed = withLength(changed);
  const bytes = new TextEncoder().encode(changed.toWellFormed());
  if (chance.once(12)) flipBits(bytes, chance);
  return bytes;
};

type Change = (text: string, chance: Chance) => string;

const lineEnd = '\r\n';
const parts = (text: string): { start: string; headers: string[]; body: string } => {
  const split = text.indexOf('\r\n\r\n');
  const head = split < 0 ? text : text.slice(0, split);
  const [start = '', ...headers] = head.split(lineEnd);
  return { start, headers, body: split < 0 ? '' : text.slice(split + 4) };
};
const whole = (start: string, headers: readonly string[], body: string): string =>
  `${[start, ...headers].join(lineEnd)}\r\n\r\n${body}`;

const withLength = (text: string): string => {
  const { start, headers, body } = parts(text);
  const length = new TextEncoder().encode(body.toWellFormed()).length;
  return whole(
    start,
    [...headers.filter((line) => !/^(?:content-length|l)\s*:/i.test(line)), `Content-Length: ${length}`],
    body,
  );
};

const flipBits = (bytes: Uint8Array, chance: Chance): void => {
  for (let turns = 1 + chance.below(3); turns > 0; turns -= 1) {
    const at = chance.below(bytes.length);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << chance.below(8));
  }
};

const onHeaders =
  (change: (headers: string[], chance: Chance) => void): Change =>
  (text, chance) => {
    const { start, headers, body } = parts(text);
    if (headers.length > 0) change(headers, chance);
    return whole(start, headers, body);
  };

/** A header's value, or one of its parts, becomes something else. */
const onValue = (change: (value: string, chance: Chance) => string): Change =>
  onHeaders((headers, chance) => {
    const at = chance.below(headers.length);
    const line = headers[at] ?? '';
    const colon = line.indexOf(':');
    headers[at] = `${line.slice(0, colon + 1)} ${change(line.slice(colon + 1).trim(), chance)}`;
  });

/** Values that a parser may not have met. */
const odd = [
  '',
  '0',
  '-1',
  '4294967296',
  '99999999999999999999',
  '%00',
  '%0d%0aX-Evil:%201',
  '%',
  '\\',
  '"',
  '""',
  '<>',
  '<sip:>',
  '<sip:a@>',
  '<sip:@b>',
  'sip:a@[::1]:5060',
  '<sip:a@[2001:db8::1]>',
  'sip:%61gent1@lab.invalid;lr;transport=ws?Subject=x',
  '"王芳 \\" 坐席" <sip:1@b>;tag=x',
  '<tel:+8613800138000>',
  '*',
  ';',
  ',',
  ';;;',
  ';tag',
  ';tag=',
  '__proto__',
  'constructor',
  'toString',
  'z9hG4bK',
  '\u202e\u200b\ufeff',
  '🙂',
  'é'.repeat(50),
  ' '.repeat(60),
  'a'.repeat(900),
  '1 INVITE',
  'INVITE',
  'application/sdp',
  'multipart/mixed;boundary=x',
  'Digest realm="x", nonce="y", algorithm=SHA-256, qop="auth"',
  'Digest realm="x", nonce="y", stale=true',
  'a;to-tag=b;from-tag=c',
  '100rel, timer, replaces',
] as const;

const headerNames = [
  'Via',
  'From',
  'To',
  'Call-ID',
  'CSeq',
  'Contact',
  'Record-Route',
  'Route',
  'Max-Forwards',
  'Content-Type',
  'Content-Length',
  'Content-Disposition',
  'WWW-Authenticate',
  'Proxy-Authenticate',
  'Expires',
  'Min-Expires',
  'Replaces',
  'Refer-To',
  'Require',
  'Supported',
  'RSeq',
  'RAck',
  'P-Asserted-Identity',
  'Alert-Info',
  'Call-Info',
  'Session-Expires',
  'Min-SE',
  'Reason',
  'Event',
  'X-Queue',
  'X-Contact-Id',
  'Subject',
  'Date',
  'Retry-After',
  'Warning',
  '__proto__',
  'constructor',
  'hasOwnProperty',
  'toString',
  'v',
  'f',
  't',
  'i',
  'm',
  'c',
  'l',
  'k',
  'r',
] as const;

const token = (value: string, chance: Chance, by: (token: string) => string): string => {
  const tokens = value.split(/([\s;,:=@<>"?&/]+)/);
  const at = 2 * chance.below(Math.ceil(tokens.length / 2));
  tokens[at] = by(tokens[at] ?? '');
  return tokens.join('');
};

/** Parameters that leave an address or a Via in its shape. */
const parameter = (chance: Chance): string =>
  `;${chance.oneOf(['x', 'tag', 'branch', 'lr', 'rport', 'received', 'maddr', 'ttl', 'expires', 'q', '__proto__', 'transport', 'to-tag'])}` +
  chance.oneOf([
    '',
    '=',
    '=1',
    '="a b"',
    '=99999999999',
    '=%41',
    '=z9hG4bKx',
    '=-1',
    '=[::1]',
    '=王',
    '=__proto__',
    `=${'y'.repeat(200)}`,
  ]);

const changes: readonly [Change, ...Change[]] = [
  // Anything anywhere.
  (text, chance) => {
    const at = chance.below(text.length + 1);
    return text.slice(0, at) + chance.oneOf(odd) + text.slice(at + chance.below(20));
  },
  // A character becomes another.
  (text, chance) => {
    const at = chance.below(text.length + 1);
    const char = String.fromCodePoint(
      chance.oneOf([0, 9, 10, 13, 32, 34, 37, 39, 44, 58, 59, 60, 61, 62, 64, 92, 127, 133, 0x2028, 0xfffd]),
    );
    return text.slice(0, at) + char + text.slice(at + 1);
  },
  // Two tokens of the message change places.
  (text, chance) => {
    const tokens = text.split(/([\s;,:=@<>"]+)/);
    const [a, b] = [chance.below(tokens.length), chance.below(tokens.length)];
    [tokens[a], tokens[b]] = [tokens[b] ?? '', tokens[a] ?? ''];
    return tokens.join('');
  },
  (text, chance) => text.slice(0, chance.below(text.length + 1)),
  onHeaders((headers, chance) =>
    headers.splice(chance.below(headers.length), 0, headers[chance.below(headers.length)] ?? ''),
  ),
  onHeaders((headers, chance) => headers.splice(chance.below(headers.length), 1)),
  onHeaders((headers, chance) => headers.push(headers.splice(chance.below(headers.length), 1)[0] ?? '')),
  onHeaders((headers, chance) => headers.push(`${chance.oneOf(headerNames)}: ${chance.oneOf(odd)}`)),
  onHeaders((headers, chance) =>
    headers.push(`Content-Length: ${chance.oneOf(['-1', '0', '1', '999999', '1e3', '+5', '٣'])}`),
  ),
  onHeaders((headers, chance) => {
    const [a, b] = [chance.below(headers.length), chance.below(headers.length)];
    const value = (at: number): string => (headers[at] ?? '').replace(/^[^:]*:/, '');
    headers[a] = `${(headers[a] ?? '').split(':')[0]}:${value(b)}`;
  }),
  // From here on the shape mostly stays.
  onValue((value, chance) => value + parameter(chance)),
  onValue((value, chance) => value + parameter(chance)),
  onValue((value, chance) => token(value, chance, () => chance.oneOf(odd))),
  onValue((value, chance) => token(value, chance, (old) => old + old)),
  onValue((value, chance) => token(value, chance, (old) => old.slice(0, chance.below(old.length + 1)))),
  onValue((value, chance) =>
    token(value, chance, (old) =>
      chance.once(2) ? old.toUpperCase() : `%${old.charCodeAt(0).toString(16)}${old.slice(1)}`,
    ),
  ),
  onValue((value, chance) => value.replace(' ', chance.oneOf(['\r\n ', '\r\n\t', '\t', '   ']))),
  onValue((value, chance) =>
    value.replace(/^("[^"]*"|[^<"]*)</, () => `"${chance.oneOf(odd).replace(/["\\]/g, '')}" <`),
  ),
  onValue((value, chance) =>
    value.replace(/sips?:[^>;\s]+/, () =>
      chance.oneOf([
        'sip:a',
        'sips:agent1@lab.invalid',
        'sip:agent1@lab.invalid;lr?a=b',
        'sip:agent1:pw@[::1]:65536',
        'tel:+1',
        'sip:%00@b',
        'sip:a@b;maddr=c;ttl=999',
        'sip:;x@b',
        'sip:user;par=1@b',
      ]),
    ),
  ),
  // The method changes with its CSeq.
  (text, chance) => {
    const { start, headers, body } = parts(text);
    const method = chance.oneOf(['INVITE', 'ACK', 'BYE', 'CANCEL', 'OPTIONS', 'UPDATE', 'PRACK', 'REFER']);
    const sequenced = headers.map((line) => line.replace(/^(CSeq:\s*\d+\s+)\S+/i, `$1${method}`));
    return whole(start.replace(/^[A-Z]+(?= )/, method), sequenced, body);
  },
  (text, chance) =>
    text.replace(
      /^SIP\/2\.0 \d+ [^\r]*/,
      `SIP/2.0 ${chance.oneOf([100, 180, 183, 199, 200, 202, 300, 302, 380, 401, 407, 408, 422, 423, 481, 487, 491, 500, 503, 600, 699])} ${chance.oneOf(['', 'OK', '好', '%', 'x'.repeat(150)])}`,
    ),
  // The description.
  (text, chance) => {
    const { start, headers, body } = parts(text);
    return whole(start, headers, mutantSdp(body, chance));
  },
  (text, chance) => {
    const { start, headers, body } = parts(text);
    return whole(start, headers, mutantSdp(body, chance));
  },
];

/** A description with lines lost, doubled, moved, or a token of one changed. */
export const mutantSdp = (sdp: string, chance: Chance): string => {
  const lines = sdp.split(lineEnd);
  const at = chance.below(lines.length);
  const line = lines[at] ?? '';
  switch (chance.below(6)) {
    case 0:
      lines.splice(at, 1);
      break;
    case 1:
      lines.splice(at, 0, line);
      break;
    case 2:
      lines.splice(at, 1);
      lines.splice(chance.below(lines.length + 1), 0, line);
      break;
    case 3:
      lines.splice(
        at,
        0,
        chance.oneOf([
          'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:x',
          'k=clear:x',
          'm=audio 9 RTP/AVP 0',
          'm=video 9 UDP/TLS/RTP/SAVPF 96',
          'a=fingerprint:sha-1 00',
          'a=sendonly',
          'a=candidate:1 1 udp 1 999.1.1.1 1 typ host',
          'b=AS:99999999999',
        ]),
      );
      break;
    case 4:
      lines[at] = line.replace(/\d+/, chance.oneOf(['0', '65536', '-1', '99999999999', 'NaN']));
      break;
    default:
      lines[at] = token(line, chance, () => chance.oneOf(odd));
  }
  return lines.join(lineEnd);
};
