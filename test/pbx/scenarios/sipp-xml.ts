/**
 * What SIPp does, as its scenario files. Two of them, for a caller and for who is called; both wait for the table's word at every step:
 * a command is a request with a method no telephone knows (XBYE, X486 …) and the Call-ID of the call, sent to SIPp's port and answered
 * by nothing on the wire but what it asks for.
 */
export type CallerText = {
  readonly id: string;
  /** The whole From without its tag, as `"Wang" <sip:13800138000@127.0.0.2>`. */
  readonly from: string;
  readonly user: string;
  readonly target: string;
  readonly headers: readonly string[];
  /** SDP with lines ended by \r\n; empty: the exchange makes the offer. */
  readonly offer: string;
  /** SDP of the ACK when the exchange made the offer. */
  readonly answer: string;
};

/** Refusals a customer may give and a caller may get. */
const refusals = [400, 401, 403, 404, 408, 420, 422, 480, 481, 484, 486, 487, 488, 491, 500, 503, 600, 603] as const;
export const finalStatuses = [...refusals, 302] as const;
const provisional = [180, 181, 182, 199] as const;

export const callerXml = (text: CallerText): string =>
  wrap(`
${send(`INVITE sip:${text.target}@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/UDP [local_ip]:[local_port];branch=z9hG4bK${text.id}a;rport
From: ${text.from};tag=${text.id}
To: <sip:${text.target}@[remote_ip]:[remote_port]>
Call-ID: [call_id]
CSeq: [cseq] INVITE
Contact: <sip:${text.user}@[local_ip]:[local_port]>
Max-Forwards: 70
${text.headers.map((line) => `${line}\n`).join('')}${body(text.offer)}`)}
<label id="ringing"/>
${[100, ...provisional, 183].map((status) => `<recv response="${status}" optional="true" next="ringing"/>`).join('\n')}
<recv response="200" optional="true" next="answered">${save({ To: 'far' })}</recv>
${refusals.map((status) => `<recv response="${status}" optional="true" next="refused">${save({ To: 'far' })}</recv>`).join('\n')}
<recv request="XCANCEL" optional="true" next="cancel"/>
<recv request="XNOTHING" next="ringing"/>
<label id="cancel"/>
${send(`CANCEL sip:${text.target}@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/UDP [local_ip]:[local_port];branch=z9hG4bK${text.id}a;rport
From: ${text.from};tag=${text.id}
To: <sip:${text.target}@[remote_ip]:[remote_port]>
Call-ID: [call_id]
CSeq: 1 CANCEL
Max-Forwards: 70
Content-Length: 0
`)}
<label id="cancelled"/>
<recv response="200" optional="true" next="crossed">${save({ To: 'far' }, '<ereg regexp="INVITE" search_in="hdr" header="CSeq:" assign_to="isAnswer"/>')}</recv>
<recv response="487" next="refused">${save({ To: 'far' })}</recv>
<label id="crossed"/>
<nop next="answered" test="isAnswer"/>
<nop next="cancelled"/>
<label id="refused"/>
${send(
  `ACK sip:${text.target}@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/UDP [local_ip]:[local_port];branch=z9hG4bK${text.id}a;rport
From: ${text.from};tag=${text.id}
To:[$far]
Call-ID: [call_id]
CSeq: 1 ACK
Max-Forwards: 70
Content-Length: 0
`,
  'over',
)}
<label id="answered"/>
${send(`ACK sip:${text.target}@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]
From: ${text.from};tag=${text.id}
To:[$far]
Call-ID: [call_id]
CSeq: 1 ACK
Contact: <sip:${text.user}@[local_ip]:[local_port]>
Max-Forwards: 70
${body(text.answer)}`)}
${talking({ near: `${text.from};tag=${text.id}`, far: '[$far]', target: `sip:${text.target}@[remote_ip]:[remote_port]`, user: text.user, sdp: text.offer })}`);

export const calledXml = (): string =>
  wrap(`
<recv request="INVITE">${save({ Via: 'via', From: 'far', To: 'near', CSeq: 'cseq' }, '<ereg regexp="sip:[^&gt;]*" search_in="hdr" header="Contact:" assign_to="target"/>')}</recv>
${reply('100 Trying', { hasTag: false })}
<label id="wait"/>
${provisional.map((status) => `<recv request="X${status}" optional="true" next="p${status}"/>`).join('\n')}
<recv request="X183" optional="true" next="p183">${saveBody}</recv>
<recv request="X200" optional="true" next="answer">${saveBody}</recv>
${finalStatuses.map((status) => `<recv request="X${status}" optional="true" next="f${status}"/>`).join('\n')}
<recv request="CANCEL" next="cancelled"/>
${provisional.map((status) => `<label id="p${status}"/>${reply(`${status} Later`, { next: 'wait' })}`).join('\n')}
<label id="p183"/>${reply('183 Session Progress', { sdp: '[$sdp]', next: 'wait' })}
${finalStatuses.map((status) => `<label id="f${status}"/>${reply(`${status} No`, { next: 'sorry', headers: status === 302 ? 'Contact: <sip:10000@192.0.2.1>\n' : '' })}`).join('\n')}
<label id="sorry"/>
<recv request="ACK" next="over"/>
<label id="cancelled"/>
${send(`SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:];tag=[call_number]s
[last_Call-ID:]
[last_CSeq:]
Content-Length: 0
`)}
${reply('487 Request Terminated', {})}
<recv request="ACK" next="over"/>
<label id="answer"/>
${reply('200 OK', { sdp: '[$sdp]' })}
<recv request="ACK"/>
${talking({ near: '[$near];tag=[call_number]s', far: '[$far]', target: '[$target]', user: 'customer', sdp: '[$sdp]' })}`);

type Dialog = {
  readonly near: string;
  readonly far: string;
  readonly target: string;
  readonly user: string;
  readonly sdp: string;
};

/** An established call: what the table orders, and what the exchange does. */
const talking = (dialog: Dialog): string => `
<label id="talking"/>
<recv request="XBYE" optional="true" next="bye"/>
<recv request="XINVITE" optional="true" next="invite">${saveBody}</recv>
<recv request="XLATE" optional="true" next="late">${saveBody}</recv>
<recv request="XUPDATE" optional="true" next="update"/>
<recv request="XINFO" optional="true" next="info"/>
<recv request="INVITE" optional="true" next="invited">${save({ Via: 'via', CSeq: 'cseq' })}</recv>
<recv request="UPDATE" optional="true" next="updated"/>
<recv request="ACK" optional="true" next="talking"/>
<recv request="BYE" next="byed"/>
<label id="bye"/>
${send(`${inDialog('BYE', dialog)}Content-Length: 0
`)}
<recv response="481" optional="true" next="over"/>
<recv request="BYE" optional="true" next="byed"/>
<recv response="200" next="over"/>
<label id="invite"/>
${send(`${inDialog('INVITE', dialog)}${body('[$sdp]')}`)}
<label id="inviting"/>
<recv response="100" optional="true" next="inviting"/>
<recv response="488" optional="true" next="acknowledge"/>
<recv response="491" optional="true" next="acknowledge"/>
<recv response="422" optional="true" next="acknowledge"/>
<recv response="200" next="acknowledge"/>
<label id="acknowledge"/>
${send(`${inDialog('ACK', dialog)}Content-Length: 0\n`, 'talking')}
<label id="late"/>
${send(`${inDialog('INVITE', dialog)}Content-Length: 0\n`)}
<label id="lating"/>
<recv response="100" optional="true" next="lating"/>
<recv response="200"/>
${send(`${inDialog('ACK', dialog)}${body('[$sdp]')}`, 'talking')}
<label id="update"/>
${send(`${inDialog('UPDATE', dialog)}Content-Length: 0\n`)}
<recv response="405" optional="true" next="talking"/>
<recv response="200" next="talking"/>
<label id="info"/>
${send(`${inDialog('INFO', dialog)}Content-Type: application/dtmf-relay
Content-Length: [len]

Signal=5
Duration=160
`)}
${[405, 415, 488].map((status) => `<recv response="${status}" optional="true" next="talking"/>`).join('\n')}
<recv response="200" next="talking"/>
<label id="invited"/>
${send(
  `SIP/2.0 200 OK
Via:[$via]
From: ${dialog.far}
To: ${dialog.near}
Call-ID: [call_id]
CSeq:[$cseq]
Contact: <sip:${dialog.user}@[local_ip]:[local_port]>
${body(dialog.sdp)}`,
  'talking',
)}
<label id="updated"/>
${send(echo, 'talking')}
<label id="byed"/>
${send(echo, 'over')}
<label id="over"/>
<timewait milliseconds="100"/>`;

/** The answer to what came last. */
const echo = `SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:]
[last_Call-ID:]
[last_CSeq:]
Content-Length: 0
`;

const inDialog = (method: string, { near, far, target, user }: Dialog): string => `${method} ${target} SIP/2.0
Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch];rport
From: ${near}
To: ${far}
Call-ID: [call_id]
CSeq: [cseq] ${method}
Contact: <sip:${user}@[local_ip]:[local_port]>
Max-Forwards: 70
Allow: INVITE, ACK, BYE, CANCEL, OPTIONS, INFO, UPDATE
`;

type Reply = { readonly sdp?: string; readonly next?: string; readonly headers?: string; readonly hasTag?: boolean };
const reply = (status: string, { sdp = '', next, headers = '', hasTag = true }: Reply): string =>
  send(
    `SIP/2.0 ${status}
Via:[$via]
From:[$far]
To:[$near]${hasTag ? ';tag=[call_number]s' : ''}
Call-ID: [call_id]
CSeq:[$cseq]
Contact: <sip:customer@[local_ip]:[local_port]>
Allow: INVITE, ACK, BYE, CANCEL, OPTIONS, INFO, UPDATE
${headers}${body(sdp)}`,
    next,
  );

const body = (sdp: string): string =>
  sdp === ''
    ? 'Content-Length: 0\n'
    : `Content-Type: application/sdp\nContent-Length: [len]\n\n${sdp.replaceAll('\r\n', '\n').trimEnd()}\n`;

const send = (message: string, next?: string): string =>
  `<send${next === undefined ? '' : ` next="${next}"`}><![CDATA[\n\n${message}\n]]></send>`;
const save = (names: Readonly<Record<string, string>>, more = ''): string => {
  const reads = Object.entries(names).map(
    ([header, name]) => `<ereg regexp=".*" search_in="hdr" header="${header}:" assign_to="${name}"/>`,
  );
  // SIPp takes the first action of a step alone.
  return `<action>${reads.join('')}${more}</action>`;
};
const saveBody = '<action><ereg regexp="v=0.*" search_in="body" assign_to="sdp"/></action>';
const wrap = (steps: string): string =>
  `<?xml version="1.0" encoding="UTF-8" ?>\n<scenario name="customer">${steps}\n</scenario>\n`;
