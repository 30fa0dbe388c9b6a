/**
 * What stands between the wire and SIP.js's parser (security 68, 71, 75). Pure text in, verdict out. SIP.js 0.21.2 throws on
 * malformed messages, needs more than a second for some crafted headers, accepts MESSAGE and follows any REFER: so only the
 * methods a telephone needs, in a shape RFC 3261 allows and of a size that parses at once, get through.
 */
export type Verdict =
  | { readonly kind: 'pass'; readonly head: Head }
  /** Not answered: nothing trustworthy to answer to. */
  | { readonly kind: 'drop'; readonly why: DropCause }
  /** Answered by us with `reply`; SIP.js never sees it. */
  | { readonly kind: 'refuse'; readonly method: string; readonly status: Refusal; readonly reply: string };

type Refusal = 405 | 420 | 422 | 501;

export type DropCause =
  | 'tooLong'
  | 'notText'
  | 'startLine'
  | 'bareLineEnd'
  | 'tooManyHeaders'
  | 'headerTooLong'
  | 'headerShape'
  | 'missingHeader'
  | 'repeatedHeader'
  | 'cseq'
  | 'via'
  | 'address'
  | 'callId'
  | 'contentLength'
  | 'contentType';

/** The parts of a message the transport needs to know. */
export type Head = {
  /** Request method, or the method a response answers. */
  readonly method: string;
  /** Undefined for requests. */
  readonly status: number | undefined;
  readonly callId: string;
  readonly branch: string;
};

export const guardLimits = {
  messageBytes: 64 * 1024,
  headers: 200,
  headerBytes: 8 * 1024,
  /** What SIP.js's grammar parses; its time grows faster than the text. */
  parsedHeaderChars: 1_024,
  vias: 10,
  routes: 20,
  contacts: 10,
  callIdChars: 256,
  summaryBytes: 1_024,
} as const;

/** The methods that reach SIP.js. Everything else a peer asks for unasked is refused. */
const telephoneMethods = ['INVITE', 'ACK', 'BYE', 'CANCEL', 'OPTIONS'] as const;
export const allowedMethods: string = telephoneMethods.join(', ');
const knownElsewhere = /^(?:REFER|MESSAGE|SUBSCRIBE|NOTIFY|INFO|UPDATE|PRACK|PUBLISH|REGISTER)$/;

const compactNames: Readonly<Record<string, string>> = {
  v: 'via',
  f: 'from',
  t: 'to',
  i: 'call-id',
  m: 'contact',
  l: 'content-length',
  c: 'content-type',
  k: 'supported',
  s: 'subject',
  e: 'content-encoding',
  r: 'refer-to',
  o: 'event',
  b: 'referred-by',
  u: 'allow-events',
  x: 'session-expires',
};

type Headers = ReadonlyMap<string, readonly string[]>;

const drop = (why: DropCause): Verdict => ({ kind: 'drop', why });

/** Whether we asked in the dialog with this Call-ID to be told how a transfer goes (REFER, RFC 3515). */
export type IsReferring = (callId: string) => boolean;
/** Whether the subscription with this Call-ID is ours (SUBSCRIBE to our own mailbox, RFC 3842). */
export type IsSubscribed = (callId: string) => boolean;
/** What we asked to be told. */
type Asked = { readonly isReferring: IsReferring; readonly isSubscribed: IsSubscribed };
const nobody = (): boolean => false;

/** Judges one WebSocket message (RFC 7118: exactly one SIP message per frame). Never throws, linear in the text's length. */
export const judge = (
  text: string,
  isReferring: IsReferring = nobody,
  isSubscribed: IsSubscribed = nobody,
): Verdict => {
  if (isLongerThan(text, guardLimits.messageBytes)) return drop('tooLong');
  if (text.includes('\0') || !text.isWellFormed()) return drop('notText');
  const split = text.indexOf('\r\n\r\n');
  if (split < 0) return drop('startLine');
  const head = text.slice(0, split);
  if (/\r(?!\n)|(?<!\r)\n/.test(head)) return drop('bareLineEnd');
  const lines = unfold(head).split('\r\n');
  const start = readStart(lines[0] ?? '');
  if (start === undefined) return drop('startLine');
  const headers = readHeaders(lines.slice(1));
  if (typeof headers === 'string') return drop(headers);
  const body = text.slice(split + 4);
  const fault = shapeFault(headers, start, body);
  if (fault !== undefined) return drop(fault);
  if (start.status === undefined) {
    const refusal = refusalOf(start.method, headers, body, { isReferring, isSubscribed });
    if (refusal !== undefined) return refuse(start.method, refusal, headers);
  }
  return {
    kind: 'pass',
    head: {
      method: start.method ?? cseqOf(headers)?.method ?? '',
      status: start.status,
      callId: only(headers, 'call-id'),
      branch: branchOf(headers),
    },
  };
};

/** Unasked methods, and extensions we lack (RFC 3261 8.2.2.3): SIP.js would ring on 100rel for a PRACK that never gets in. */
const refusalOf = (method: string, headers: Headers, body: string, asked: Asked): Refusal | undefined => {
  const callId = only(headers, 'call-id');
  const isAnswer =
    method === 'NOTIFY' &&
    ((isTransferNews(headers) && asked.isReferring(callId)) ||
      (isMailboxNews(headers, body) && asked.isSubscribed(callId)));
  if (!isTelephoneMethod(method) && !isAnswer) return knownElsewhere.test(method) ? 405 : 501;
  if (method !== 'ACK' && method !== 'CANCEL' && lacking(headers).length > 0) return 420;
  return method === 'INVITE' && isTooBrief(headers) ? 422 : undefined;
};

/** RFC 4028 5 and 9: whoever can do better is told so; of who cannot, no time is taken. */
export const leastSessionS = 90;
const isTooBrief = (headers: Headers): boolean => {
  const asked = /^\d{1,6}/.exec(only(headers, 'session-expires'))?.[0];
  const isTold = (headers.get('supported') ?? []).some((value) => /\btimer\b/i.test(value));
  return asked !== undefined && Number(asked) < leastSessionS && isTold;
};

/** In a dialog, about a REFER, with a piece of SIP in it (RFC 3515 2.4.4). */
const isTransferNews = (headers: Headers): boolean =>
  headers.get('event')?.length === 1 &&
  /^refer\s{0,4}(?:;[^,]{0,64})?$/i.test(only(headers, 'event')) &&
  /^message\/sipfrag\b/i.test(only(headers, 'content-type')) &&
  (headers.get('subscription-state')?.length ?? 0) <= 1 &&
  /;\s*tag\s*=/i.test(only(headers, 'to'));

/** To the subscriber we are, about a mailbox, with a short summary in it (RFC 3842 5): of a shape SIP.js takes without a throw. */
const isMailboxNews = (headers: Headers, body: string): boolean =>
  headers.get('event')?.length === 1 &&
  /^message-summary$/i.test(only(headers, 'event')) &&
  /^application\/simple-message-summary\s{0,4}(?:;[^,]{0,64})?$/i.test(only(headers, 'content-type')) &&
  headers.get('subscription-state')?.length === 1 &&
  /^(?:active|pending|terminated)(?:\s?;\s?[\w-]{1,20}=[\w.-]{1,20}){0,4}$/i.test(
    only(headers, 'subscription-state'),
  ) &&
  headers.get('contact')?.length === 1 &&
  only(headers, 'contact') !== '*' &&
  !isLongerThan(body, guardLimits.summaryBytes) &&
  /;\s*tag\s*=/i.test(only(headers, 'from')) &&
  /;\s*tag\s*=/i.test(only(headers, 'to'));

const extensions = new Set(['timer', 'replaces', 'outbound']);
const required = (headers: Headers): readonly string[] =>
  (headers.get('require') ?? []).flatMap((value) => value.split(',')).map((tag) => tag.trim());
const lacking = (headers: Headers): readonly string[] =>
  required(headers)
    .filter((tag) => tag !== '' && !extensions.has(tag.toLowerCase()))
    .slice(0, 10);

type Start =
  | { readonly method: string; readonly status: undefined }
  | { readonly method: undefined; readonly status: number };

const readStart = (line: string): Start | undefined => {
  if (line.length > guardLimits.parsedHeaderChars) return undefined;
  const response = /^SIP\/2\.0 ([1-6]\d\d) ([^\r\n]{0,200})$/.exec(line);
  if (response?.[1] !== undefined) return { method: undefined, status: Number(response[1]) };
  const request = /^([A-Z][A-Z0-9.!%*_+`'~-]{0,30}) (sips?:[\x21-\x7e]{1,500}) SIP\/2\.0$/.exec(line);
  if (request?.[1] === undefined || !isSipUri(request[2] ?? '')) return undefined;
  return { method: request[1], status: undefined };
};

const sipUri =
  /^sips?:(?:[\w.!~*'()&=+$,;?/%-]+(?::[\w.!~*'()&=+$,%-]*)?@)?(?:(?:[A-Za-z0-9_][\w-]*\.)*[A-Za-z][\w-]*\.?|\d{1,3}(?:\.\d{1,3}){3}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?(?:;[\w.!~*'()[\]/:&+$%=;-]*)?(?:\?[\x21-\x7e]*)?$/;

/** RFC 3261 25.1, no looser than SIP.js's grammar: a request whose address that cannot read makes it throw. */
const isSipUri = (uri: string): boolean => sipUri.test(uri) && !/%(?![0-9A-Fa-f]{2})/.test(uri);

const unfold = (head: string): string => head.replace(/\r\n[ \t]+/g, ' ');

/** The message with every header on one line: SIP.js would send a folded one back as it came, one line more per fold (security 71). */
export const unfolded = (text: string): string => {
  const split = text.indexOf('\r\n\r\n');
  return split < 0 ? text : unfold(text.slice(0, split)) + text.slice(split);
};

const readHeaders = (lines: readonly string[]): Headers | DropCause => {
  if (lines.length > guardLimits.headers) return 'tooManyHeaders';
  const headers = new Map<string, string[]>();
  for (const line of lines) {
    if (isLongerThan(line, guardLimits.headerBytes)) return 'headerTooLong';
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).trimEnd().toLowerCase();
    if (colon < 1 || !/^[a-z0-9.!%*_+`'~-]{1,64}$/.test(name)) return 'headerShape';
    // Controls other than TAB have no place in a header (RFC 3261 25.1).
    const value = line.slice(colon + 1).trim();
    if (/[\x00-\x08\x0a-\x1f\x7f]/.test(value)) return 'headerShape';
    const full = compactNames[name] ?? name;
    const list = headers.get(full);
    if (list === undefined) headers.set(full, [value]);
    else list.push(value);
  }
  return headers;
};

const shapeFault = (headers: Headers, start: Start, body: string): DropCause | undefined => {
  for (const name of ['from', 'to', 'call-id', 'cseq', 'via'])
    if ((headers.get(name)?.length ?? 0) === 0) return 'missingHeader';
  for (const name of ['from', 'to', 'call-id', 'cseq', 'content-length', 'content-type', 'max-forwards', 'expires'])
    if ((headers.get(name)?.length ?? 0) > 1) return 'repeatedHeader';
  const cseq = cseqOf(headers);
  if (cseq === undefined || (start.method !== undefined && cseq.method !== start.method)) return 'cseq';
  // We ask for nothing unknown; and SIP.js throws on an answer to, say, INVITEX.
  if (start.status !== undefined && !isTelephoneMethod(cseq.method) && !knownElsewhere.test(cseq.method)) return 'cseq';
  if (!/^[\x21-\x7e]+$/.test(only(headers, 'call-id')) || only(headers, 'call-id').length > guardLimits.callIdChars)
    return 'callId';
  return viaFault(headers, start) ?? addressFault(headers) ?? numberFault(headers) ?? bodyFault(headers, body);
};

const viaShape =
  /^SIP\s{0,4}\/\s{0,4}2\.0\s{0,4}\/\s{0,4}[A-Za-z]{2,10}\s{1,4}[A-Za-z0-9.[\]:_-]{1,260}\s{0,4}(?:;[^,]*)?$/;

const viaFault = (headers: Headers, start: Start): DropCause | undefined => {
  const vias = (headers.get('via') ?? []).flatMap((value) => value.split(','));
  if (vias.length > guardLimits.vias || (start.status !== undefined && vias.length > 1)) return 'via';
  if (!vias.every((via) => via.length <= guardLimits.parsedHeaderChars && viaShape.test(via.trim()))) return 'via';
  // RFC 3261 branches only: transactions are told apart by nothing else here.
  return branchOf(headers) === '' ? 'via' : undefined;
};

/** name-addr or addr-spec with parameters, without the constructs that make the grammar backtrack. */
const nameAddress =
  /^(?:(?:"(?:[^"\\]|\\.)*"|[^<>"@:;,]*?)\s*<(?:sips?|tel):[^<>\s"]{1,500}>|(?:sips?|tel):[^<>\s",;?]{1,500})(?:\s*;\s*[^\s;=,<>"]{1,100}(?:\s*=\s*(?:"[^"\\]{0,200}"|[^\s;,<>"]{1,255}))?)*\s*$/;

const addressFault = (headers: Headers): DropCause | undefined => {
  for (const name of ['from', 'to']) if (!isAddress(only(headers, name))) return 'address';
  for (const [name, most] of [
    ['contact', guardLimits.contacts],
    ['record-route', guardLimits.routes],
  ] as const) {
    const values = (headers.get(name) ?? []).flatMap(splitAddresses);
    if (values.length > most) return 'address';
    if (!values.every((value) => value === '*' || isAddress(value))) return 'address';
  }
  for (const name of ['p-asserted-identity', 'refer-to'])
    if ((headers.get(name) ?? []).flatMap(splitAddresses).some((value) => !isAddress(value))) return 'address';
  return undefined;
};

const isAddress = (value: string): boolean =>
  value.length > 0 && value.length <= guardLimits.parsedHeaderChars && nameAddress.test(value);

/** Splits at commas outside quotes and angle brackets. */
const splitAddresses = (value: string): string[] => {
  const parts: string[] = [];
  let from = 0;
  let isQuoted = false;
  let isBracketed = false;
  for (let at = 0; at < value.length; at += 1) {
    const char = value[at];
    if (isQuoted && char === '\\') at += 1;
    else if (char === '"') isQuoted = !isQuoted;
    else if (!isQuoted && char === '<') isBracketed = true;
    else if (!isQuoted && char === '>') isBracketed = false;
    else if (char === ',' && !isQuoted && !isBracketed) {
      parts.push(value.slice(from, at).trim());
      from = at + 1;
    }
  }
  parts.push(value.slice(from).trim());
  return parts;
};

const numberFault = (headers: Headers): DropCause | undefined => {
  for (const name of ['max-forwards', 'expires', 'min-expires'])
    if (!/^\d{0,10}$/.test(headers.get(name)?.[0] ?? '')) return 'headerShape';
  if (!required(headers).every((tag) => /^[\w.!%*+`'~-]{0,64}$/.test(tag))) return 'headerShape';
  for (const name of ['www-authenticate', 'proxy-authenticate', 'content-type', 'content-disposition'])
    for (const value of headers.get(name) ?? [])
      if (value.length > guardLimits.parsedHeaderChars || value.length === 0) return 'headerTooLong';
  return undefined;
};

const bodyFault = (headers: Headers, body: string): DropCause | undefined => {
  // RFC 3261 20.15; SIP.js throws on a renewed offer without it.
  if (body !== '' && !headers.has('content-type')) return 'contentType';
  const stated = headers.get('content-length')?.[0];
  // RFC 7118 5.3 allows leaving it out; the frame is the length then.
  if (stated === undefined) return undefined;
  if (!/^\d{1,6}$/.test(stated)) return 'contentLength';
  return Number(stated) === utf8Length(body) ? undefined : 'contentLength';
};

const cseqOf = (headers: Headers): { readonly method: string } | undefined => {
  const match = /^(\d{1,10})[ \t]+([A-Z][A-Z0-9.!%*_+`'~-]{0,30})$/.exec(only(headers, 'cseq'));
  if (match?.[1] === undefined || match[2] === undefined || Number(match[1]) >= 2 ** 31) return undefined;
  return { method: match[2] };
};

const branchOf = (headers: Headers): string =>
  /;\s*branch\s*=\s*(z9hG4bK[\w.!%*+`'~-]{1,200})/i.exec(only(headers, 'via'))?.[1] ?? '';

const only = (headers: Headers, name: string): string => headers.get(name)?.[0] ?? '';

const isTelephoneMethod = (method: string): boolean => (telephoneMethods as readonly string[]).includes(method);

const refusalWords = {
  405: 'Method Not Allowed',
  420: 'Bad Extension',
  422: 'Session Interval Too Small',
  501: 'Not Implemented',
} as const;
const refusalHeader = (status: Refusal, headers: Headers): string => {
  if (status === 420) return `Unsupported: ${lacking(headers).join(', ')}`;
  return status === 422 ? `Min-SE: ${leastSessionS}` : `Allow: ${allowedMethods}`;
};

const refuse = (method: string, status: Refusal, headers: Headers): Verdict => {
  const to = only(headers, 'to');
  const reply = [
    `SIP/2.0 ${status} ${refusalWords[status]}`,
    ...(headers.get('via') ?? []).map((via) => `Via: ${via}`),
    `From: ${only(headers, 'from')}`,
    // A stateless answer needs the same tag for the same request (RFC 3261 8.2.7): the branch is one.
    `To: ${to}${/;\s*tag\s*=/i.test(to) ? '' : `;tag=${branchOf(headers).replace(/[^\w.-]/g, '')}`}`,
    `Call-ID: ${only(headers, 'call-id')}`,
    `CSeq: ${only(headers, 'cseq')}`,
    refusalHeader(status, headers),
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n');
  return { kind: 'refuse', method, status, reply };
};

/** True when the UTF-8 form is longer; looks at no more of it than needed. */
const isLongerThan = (text: string, bytes: number): boolean =>
  text.length > bytes || (text.length * 3 > bytes && utf8Length(text) > bytes);

const encoder = new TextEncoder();
const utf8Length = (text: string): number => encoder.encode(text).length;
