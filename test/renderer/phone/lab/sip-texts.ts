/** SIP messages as a PBX writes them, for trying the guard and the parser. */
export const audioSdp = (changes: { readonly [line: string]: string | undefined } = {}): string =>
  [
    'v=0',
    'o=- 1 1 IN IP4 127.0.0.1',
    's=-',
    't=0 0',
    'a=group:BUNDLE 0',
    'm=audio 9 UDP/TLS/RTP/SAVPF 111 0 101',
    'c=IN IP4 127.0.0.1',
    'a=mid:0',
    'a=ice-ufrag:abcd',
    'a=ice-pwd:abcdefghijklmnopqrstuvwx',
    `a=fingerprint:sha-256 ${Array.from({ length: 32 }, () => 'AB').join(':')}`,
    'a=setup:actpass',
    'a=rtpmap:111 opus/48000/2',
    'a=rtpmap:0 PCMU/8000',
    'a=rtpmap:101 telephone-event/8000',
    'a=rtcp-mux',
    'a=sendrecv',
  ]
    .map((line) => {
      const key = Object.keys(changes).find((start) => line.startsWith(start));
      return key === undefined ? line : changes[key];
    })
    .filter((line) => line !== undefined)
    .concat('')
    .join('\r\n');

export type Fields = { readonly [name: string]: string | readonly string[] | undefined };

/** A request to the seat; `fields` replace, add (a list repeats) or take away (undefined) headers. */
export const request = (method: string, fields: Fields = {}, body = ''): string =>
  message(`${method} sip:agent1@lab.invalid SIP/2.0`, { CSeq: `102 ${method}`, ...fields }, body);

export const response = (status: number, fields: Fields = {}, body = ''): string =>
  message(`SIP/2.0 ${status} Some Reason`, { CSeq: '1 OPTIONS', ...fields }, body);

let serial = 0;
export const message = (start: string, fields: Fields, body: string): string => {
  serial += 1;
  const headers: Fields = {
    Via: `SIP/2.0/WS 127.0.0.1:8088;rport;branch=z9hG4bKPj${serial}a-b.c`,
    From: '"Wang" <sip:13800138000@127.0.0.1>;tag=abc123',
    To: '<sip:agent1@lab.invalid>',
    'Call-ID': `call-${serial}@pbx`,
    Contact: '<sip:asterisk@127.0.0.1:8088;transport=ws>',
    'Max-Forwards': '70',
    ...(body === '' ? {} : { 'Content-Type': 'application/sdp' }),
    'Content-Length': String(new TextEncoder().encode(body).length),
    ...fields,
  };
  const lines = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : (typeof value === 'string' ? [value] : value).map((one) => `${name}: ${one}`),
  );
  return [start, ...lines, '', body].join('\r\n');
};
