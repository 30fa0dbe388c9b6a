import { parseCSeq, parseNameAddress, splitOutsideQuotes, viaBranch } from './sip-fields.ts';

/**
 * SIP messages as they travel in one WebSocket frame (RFC 3261 §7, RFC 7118 §5). The exchange routes and does not rewrite:
 * every header line that it does not touch leaves exactly as it came, bodies are bytes.
 */
export type SipHeader = {
  /** Canonical lower-case long name: `v` and `Via` are both `via`. */
  readonly name: string;
  readonly value: string;
  /** The line as received, without its CRLF. */
  readonly line: string;
};
export type SipRequest = {
  readonly kind: 'request';
  readonly method: string;
  readonly uri: string;
  readonly headers: readonly SipHeader[];
  readonly body: Uint8Array;
};
export type SipResponse = {
  readonly kind: 'response';
  readonly status: number;
  readonly reason: string;
  readonly headers: readonly SipHeader[];
  readonly body: Uint8Array;
};
export type SipMessage = SipRequest | SipResponse;

export type Parsed =
  | { readonly kind: 'message'; readonly message: SipMessage }
  /** RFC 7118 / RFC 5626 §3.5.1 double CRLF. */
  | { readonly kind: 'keepAlive' }
  /** Not SIP as it must be. `answerable` is there when a 400 can still find its way back. */
  | { readonly kind: 'refused'; readonly why: string; readonly answerable?: SipRequest };

export const sipLimits = { messageBytes: 65_536, headers: 200, headerBytes: 8_192 } as const;

const longNames: Readonly<Record<string, string>> = {
  a: 'accept-contact',
  b: 'referred-by',
  c: 'content-type',
  d: 'request-disposition',
  e: 'content-encoding',
  f: 'from',
  i: 'call-id',
  j: 'reject-contact',
  k: 'supported',
  l: 'content-length',
  m: 'contact',
  n: 'identity-info',
  o: 'event',
  r: 'refer-to',
  s: 'subject',
  t: 'to',
  u: 'allow-events',
  v: 'via',
  x: 'session-expires',
  y: 'identity',
};
const utf8 = new TextDecoder('utf-8', { fatal: true });
const noBody = new Uint8Array(0);
const refuse = (why: string, answerable?: SipRequest): Parsed =>
  answerable === undefined ? { kind: 'refused', why } : { kind: 'refused', why, answerable };

/** Never throws and never takes longer than a few passes over the bytes. */
export const parseSip = (bytes: Uint8Array): Parsed => {
  if (bytes.length > sipLimits.messageBytes) return refuse('too long');
  if (bytes.length <= 4 && bytes.every((b) => b === 13 || b === 10)) return { kind: 'keepAlive' };
  const end = endOfHead(bytes);
  if (end === undefined) return refuse('no end of header');
  const head = decodedHead(bytes.subarray(0, end));
  if (head === undefined) return refuse('not UTF-8 or holds NUL');
  const [startLine = '', ...rest] = head.split('\r\n');
  const headers = parseHeaders(rest);
  if (typeof headers === 'string') return refuse(headers);
  const message = withStartLine(startLine, headers, bytes.subarray(end + 4));
  if (message === undefined) return refuse('no start line');
  const wrong = shapeFault(message);
  if (wrong === undefined) return { kind: 'message', message };
  return refuse(wrong, message.kind === 'request' && isAnswerable(message) ? message : undefined);
};

const endOfHead = (bytes: Uint8Array): number | undefined => {
  for (let i = 0; i + 3 < bytes.length; i++)
    if (bytes[i] === 13 && bytes[i + 1] === 10 && bytes[i + 2] === 13 && bytes[i + 3] === 10) return i;
  return undefined;
};

const decodedHead = (bytes: Uint8Array): string | undefined => {
  try {
    const text = utf8.decode(bytes);
    return text.includes('\0') ? undefined : text;
  } catch {
    return undefined;
  }
};

const parseHeaders = (lines: readonly string[]): readonly SipHeader[] | string => {
  const whole: string[] = [];
  for (const line of lines) {
    // A line that begins with white space continues the one before it (RFC 3261 §7.3.1).
    if (/^[ \t]/.test(line) && whole.length > 0) whole[whole.length - 1] += `\r\n${line}`;
    else whole.push(line);
  }
  if (whole.length > sipLimits.headers) return 'too many headers';
  const headers: SipHeader[] = [];
  for (const line of whole) {
    if (line.length > sipLimits.headerBytes) return 'header too long';
    const match = /^([A-Za-z0-9\-.!%*_+`'~]+)[ \t]*:([\s\S]*)$/.exec(line);
    if (match?.[1] === undefined) return 'malformed header';
    const name = match[1].toLowerCase();
    headers.push({ name: longNames[name] ?? name, value: (match[2] ?? '').replace(/\r\n[ \t]+/g, ' ').trim(), line });
  }
  return headers;
};

const withStartLine = (line: string, headers: readonly SipHeader[], body: Uint8Array): SipMessage | undefined => {
  const request = /^([A-Za-z0-9\-.!%*_+`'~]+) (\S+) SIP\/2\.0$/.exec(line);
  if (request?.[1] !== undefined && request[2] !== undefined)
    return { kind: 'request', method: request[1], uri: request[2], headers, body };
  const response = /^SIP\/2\.0 ([1-6]\d\d) ?(.*)$/.exec(line);
  if (response?.[1] !== undefined)
    return { kind: 'response', status: Number(response[1]), reason: response[2] ?? '', headers, body };
  return undefined;
};

const isAnswerable = (request: SipRequest): boolean =>
  request.method !== 'ACK' &&
  ['via', 'from', 'to', 'call-id', 'cseq'].every((name) => headerOf(request, name) !== undefined);

/** What makes a parsed message unusable for routing, or `undefined` when it is sound. */
const shapeFault = (message: SipMessage): string | undefined => {
  for (const name of ['from', 'to', 'call-id', 'cseq'])
    if (message.headers.filter((h) => h.name === name).length !== 1) return `needs one ${name}`;
  const via = topVia(message);
  if (via === undefined || viaBranch(via) === undefined) return 'needs a via with a branch';
  const cseq = parseCSeq(headerOf(message, 'cseq') ?? '');
  if (cseq === undefined) return 'bad cseq';
  if (message.kind === 'request' && cseq.method !== message.method) return 'cseq of another method';
  for (const name of ['from', 'to'])
    if (parseNameAddress(headerOf(message, name) ?? '') === undefined) return `bad ${name}`;
  if (!/^\S{1,256}$/.test(headerOf(message, 'call-id') ?? '')) return 'bad call-id';
  const lengths = message.headers.filter((h) => h.name === 'content-length');
  if (lengths.length > 1 || lengths.some((h) => h.value !== String(message.body.length))) return 'wrong content-length';
  return undefined;
};

export const serialiseSip = (message: SipMessage): Uint8Array => {
  const start =
    message.kind === 'request'
      ? `${message.method} ${message.uri} SIP/2.0`
      : `SIP/2.0 ${message.status} ${message.reason}`;
  const head = new TextEncoder().encode([start, ...message.headers.map((h) => h.line), '', ''].join('\r\n'));
  const bytes = new Uint8Array(head.length + message.body.length);
  bytes.set(head);
  bytes.set(message.body, head.length);
  return bytes;
};

export const sipHeader = (name: string, value: string): SipHeader => ({
  name: name.toLowerCase(),
  value,
  line: `${name}: ${value}`,
});

/** The first header of that (lower-case) name. */
export const headerOf = (message: SipMessage, name: string): string | undefined =>
  message.headers.find((h) => h.name === name)?.value;

export const topVia = (message: SipMessage): string | undefined => {
  const first = headerOf(message, 'via');
  return first === undefined ? undefined : splitOutsideQuotes(first, ',')[0];
};

export const tagOf = (message: SipMessage, side: 'from' | 'to'): string | undefined =>
  parseNameAddress(headerOf(message, side) ?? '')?.params.get('tag');

export const withoutHeaders = (headers: readonly SipHeader[], ...names: readonly string[]): readonly SipHeader[] =>
  headers.filter((h) => !names.includes(h.name));

/** Takes the first value off a list header (the exchange's own Via or Route), keeping the rest as it is. */
export const withoutFirstValue = (headers: readonly SipHeader[], name: string): readonly SipHeader[] => {
  const at = headers.findIndex((h) => h.name === name);
  const header = headers[at];
  if (header === undefined) return headers;
  const rest = splitOutsideQuotes(header.value, ',').slice(1);
  return rest.length === 0 ? headers.toSpliced(at, 1) : headers.toSpliced(at, 1, sipHeader(name, rest.join(', ')));
};

/** An answer made by the exchange itself (RFC 3261 §8.2.6). `toTag` is added when the request came without one. */
export const replyTo = (
  request: SipRequest,
  status: number,
  reason: string,
  options: { readonly toTag?: string; readonly headers?: readonly SipHeader[] } = {},
): SipResponse => {
  const copied = request.headers.filter((h) => ['via', 'from', 'call-id', 'cseq'].includes(h.name));
  const to = headerOf(request, 'to') ?? '';
  const needsTag = status > 100 && options.toTag !== undefined && tagOf(request, 'to') === undefined;
  const ownTo = sipHeader('To', needsTag ? `${to};tag=${options.toTag}` : to);
  return {
    kind: 'response',
    status,
    reason,
    headers: [...copied, ownTo, ...(options.headers ?? []), sipHeader('Content-Length', '0')],
    body: noBody,
  };
};
