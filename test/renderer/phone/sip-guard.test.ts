import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { guardLimits, judge, unfolded } from '../../../renderer/phone/sip-guard.ts';
import { took } from './lab/took.ts';
import { audioSdp, type Fields, request, response } from './lab/sip-texts.ts';

const long = (length: number): string => 'x'.repeat(length);

describe('guard in front of the SIP parser (security 68)', () => {
  it.each([
    ['an INVITE as Asterisk sends it', request('INVITE', { 'X-Queue': 'service', 'X-Contact-Id': 'x' }, audioSdp())],
    ['without Content-Length (RFC 7118)', request('BYE', { 'Content-Length': undefined })],
    ['a name in UTF-8', request('INVITE', { From: '"王芳" <sip:13800138000@127.0.0.1>;tag=a' }, audioSdp())],
    ['an unquoted name', request('INVITE', { From: 'Wang Fang <sip:1@127.0.0.1>;tag=a' })],
    ['no angle brackets', request('INVITE', { From: 'sip:1@127.0.0.1;tag=a' })],
    [
      'compact headers',
      request('BYE', { Via: undefined, v: 'SIP/2.0/WSS a;branch=z9hG4bK1', From: undefined, f: '<sip:a@b>;tag=1' }),
    ],
    ...['sip:lab.invalid', 'sips:a:b@[2001:db8::1]:5061;lr?x=y', 'sip:%61%20b;x=1@b-c.d_e.f.', 'sip:1.2.3.4'].map(
      (uri): [string, string] => [`a request to ${uri}`, request('INVITE').replace('sip:agent1@lab.invalid', uri)],
    ),
    ['a folded header', request('BYE', { Subject: 'I know\r\n you are there' })],
    ['several contacts', response(200, { Contact: ['<sip:a@b>;expires=60, "x, y" <sip:c@d>', '<sip:e@f>'] })],
    ['a digest challenge', response(401, { 'WWW-Authenticate': 'Digest realm="asterisk", nonce="1/2", qop="auth"' })],
    ['a withheld number', request('INVITE', { From: '"Anonymous" <sip:anonymous@anonymous.invalid>;tag=1' })],
  ])('lets %s through', (_, text) => expect(judge(text).kind).toBe('pass'));

  it('tells the transport what it needs: method, status, Call-ID, branch', () => {
    const verdict = judge(
      response(200, { CSeq: '7 INVITE', Via: 'SIP/2.0/WS x.invalid;branch=z9hG4bK77', 'Call-ID': 'abc' }),
    );
    expect(verdict).toEqual({
      kind: 'pass',
      head: { method: 'INVITE', status: 200, callId: 'abc', branch: 'z9hG4bK77' },
    });
  });

  it.each<[string, string, string]>([
    ['tooLong', 'longer than 64 KiB', request('INVITE', {}, long(guardLimits.messageBytes))],
    ['tooLong', '64 KiB in UTF-8, fewer characters', request('INVITE', { Subject: '' }, '好'.repeat(22_000))],
    ['notText', 'NUL', request('INVITE', { Subject: 'a\0b' })],
    ['notText', 'half a character', request('INVITE', { Subject: '\ud800' })],
    ['startLine', 'no SIP at all', '<html><body>502 Bad Gateway</body></html>'],
    ['startLine', 'another version', request('INVITE').replace('SIP/2.0\r\n', 'SIP/3.0\r\n')],
    ['startLine', 'a status that is none', response(200).replace('SIP/2.0 200', 'SIP/2.0 999')],
    ['startLine', 'not a SIP address', request('INVITE').replace('sip:agent1', 'http:agent1')],
    ['startLine', 'no end of headers', 'INVITE sip:a@b SIP/2.0\r\nVia: x'],
    ['bareLineEnd', 'LF alone inside a header', request('INVITE', { Subject: 'a\nX-Contact-Id: forged' })],
    ['bareLineEnd', 'CR alone inside a header', request('INVITE', { Subject: 'a\rb' })],
    ['tooManyHeaders', 'more than 200 headers', request('INVITE', { 'X-A': Array.from({ length: 201 }, () => 'a') })],
    ['headerTooLong', 'a header over 8 KiB', request('INVITE', { Subject: long(guardLimits.headerBytes) })],
    ['headerTooLong', 'an endless challenge', response(401, { 'WWW-Authenticate': `Digest realm="${long(2_000)}"` })],
    ['headerShape', 'a header without a name', request('INVITE', { '': 'x' })],
    ['headerShape', 'a header without a colon', request('INVITE').replace('Max-Forwards: 70', 'Max-Forwards 70')],
    ['headerShape', 'a control character', request('INVITE', { Subject: 'a\u0007b' })],
    ['headerShape', 'a number that is none', request('INVITE', { 'Max-Forwards': '-1' })],
    ...(['From', 'To', 'Call-ID', 'CSeq', 'Via'] as const).map((name): [string, string, string] => [
      'missingHeader',
      `no ${name}`,
      request('INVITE', { [name]: undefined }),
    ]),
    ...(['From', 'To', 'Call-ID', 'CSeq', 'Content-Length'] as const).map((name): [string, string, string] => {
      const given: Fields = {
        From: '<sip:a@b>;tag=1',
        To: '<sip:a@b>',
        'Call-ID': 'a',
        CSeq: '1 INVITE',
        'Content-Length': '0',
      };
      const value = given[name];
      return ['repeatedHeader', `two ${name}`, request('INVITE', { [name]: [String(value), String(value)] })];
    }),
    ['repeatedHeader', 'Content-Length twice, once short', request('BYE', { l: '0' })],
    ['cseq', 'CSeq of another method', request('INVITE', { CSeq: '1 BYE' })],
    ['cseq', 'CSeq beyond 2^31', request('INVITE', { CSeq: '2147483648 INVITE' })],
    ['cseq', 'CSeq without a number', request('INVITE', { CSeq: 'INVITE' })],
    ['via', 'a Via of another protocol', request('INVITE', { Via: 'HTTP/1.1/TCP a;branch=z9hG4bK1' })],
    ['via', 'no magic cookie in the branch', request('INVITE', { Via: 'SIP/2.0/WS a;branch=1' })],
    [
      'via',
      'a response through a second hop',
      response(200, { Via: ['SIP/2.0/WS a;branch=z9hG4bK1', 'SIP/2.0/WS b;branch=z9hG4bK2'] }),
    ],
    ['via', 'an endless Via', request('INVITE', { Via: `SIP/2.0/WS a;branch=z9hG4bK1;x=${long(2_000)}` })],
    ['callId', 'a Call-ID with a space', request('INVITE', { 'Call-ID': 'a b' })],
    ['callId', 'an endless Call-ID', request('INVITE', { 'Call-ID': long(300) })],
    ['address', 'From without an address', request('INVITE', { From: 'nobody' })],
    ['address', 'a quote never closed', request('INVITE', { From: '"Wang <sip:a@b>;tag=1' })],
    ['address', 'an address with a line of spaces', request('INVITE', { To: `${' '.repeat(900)}x` })],
    ['address', 'a script as address', request('INVITE', { Contact: '<javascript:alert(1)>' })],
    ['address', 'eleven contacts', response(200, { Contact: Array.from({ length: 11 }, () => '<sip:a@b>') })],
    ['contentLength', 'longer than the body', request('INVITE', { 'Content-Length': '5000' }, audioSdp())],
    ['contentLength', 'shorter than the body', request('INVITE', { 'Content-Length': '5' }, audioSdp())],
    ['contentLength', 'negative', request('BYE', { 'Content-Length': '-1' })],
    ['headerShape', 'a required extension that is no name', request('INVITE', { Require: '100rel;x=1' })],
    ['contentType', 'a body of no kind', request('INVITE', { 'Content-Type': undefined }, audioSdp())],
    ['cseq', 'an answer to what nobody asks', response(200, { CSeq: '1 INVITEX' })],
    ...[
      'sip:agent1@=',
      'sip:@lab',
      'sip:a@b@c',
      'sip:a%0@b',
      'sip:a@1.2.3',
      'sip:a@b:x',
      'sip:a@[::1',
      'sip:a@b;<>',
    ].map((uri): [string, string, string] => [
      'startLine',
      `a request to ${uri}`,
      request('INVITE').replace('sip:agent1@lab.invalid', uri),
    ]),
  ])('drops (%s): %s', (why, _, text) => expect(judge(text)).toEqual({ kind: 'drop', why }));

  it.each(['REFER', 'MESSAGE', 'SUBSCRIBE', 'NOTIFY', 'INFO', 'UPDATE', 'PRACK', 'PUBLISH', 'REGISTER'])(
    'answers an unasked %s with 405 by itself, in or out of a dialog (security 75)',
    (method) => {
      for (const to of ['<sip:agent1@lab.invalid>', '<sip:agent1@lab.invalid>;tag=ours']) {
        const text = request(method, { To: to, 'Refer-To': '<sip:premium@evil.example>', Event: 'x' });
        const verdict = judge(text);
        expect(verdict).toMatchObject({ kind: 'refuse', status: 405, method });
        const reply = verdict.kind === 'refuse' ? verdict.reply : '';
        expect(reply).toMatch(/^SIP\/2\.0 405 Method Not Allowed\r\n/);
        expect(reply).toContain('\r\nAllow: INVITE, ACK, BYE, CANCEL, OPTIONS\r\n');
        expect(reply.match(/^To: .*$/m)?.[0]).toMatch(/;tag=/);
        expect(judge(reply)).toMatchObject({ kind: 'pass', head: { method, status: 405 } });
      }
    },
  );

  it('a NOTIFY gets in only where a transfer of ours is under way, and only as news of it (security 75)', () => {
    const news = {
      To: '<sip:agent1@lab.invalid>;tag=ours',
      'Call-ID': 'handing-on',
      Event: 'refer',
      'Subscription-State': 'active;expires=60',
      'Content-Type': 'message/sipfrag;version=2.0',
    };
    const isReferring = (callId: string): boolean => callId === 'handing-on';
    const notify = (fields: Fields) =>
      judge(request('NOTIFY', { ...news, ...fields }, 'SIP/2.0 100 Trying'), isReferring);
    expect(notify({}).kind).toBe('pass');
    expect(notify({ Event: 'refer;id=2' }).kind).toBe('pass');
    expect(judge(request('NOTIFY', news, 'SIP/2.0 100 Trying'))).toMatchObject({ kind: 'refuse', status: 405 });
    for (const wrong of [
      { 'Call-ID': 'another' },
      { To: '<sip:agent1@lab.invalid>' },
      { Event: 'message-summary' },
      { Event: 'refer-x' },
      { Event: ['refer', 'refer'] },
      { Event: undefined },
      { 'Content-Type': 'application/simple-message-summary' },
      { 'Subscription-State': ['active', 'terminated'] },
    ])
      expect(notify(wrong)).toMatchObject({ kind: 'refuse', status: 405 });
    expect(judge(request('REFER', news, 'x'), isReferring)).toMatchObject({ kind: 'refuse', status: 405 });
  });

  it('a NOTIFY of a mailbox gets in only for a subscription of ours, short and as a summary of messages (MWI-1)', () => {
    const news = {
      To: '<sip:agent1@lab.invalid>;tag=ours',
      'Call-ID': 'mailbox',
      Event: 'message-summary',
      'Subscription-State': 'active;expires=3600',
      'Content-Type': 'application/simple-message-summary',
    };
    const summary = 'Messages-Waiting: yes\r\nVoice-Message: 2/1 (0/0)\r\n';
    const isOurs = (callId: string): boolean => callId === 'mailbox';
    const nobody = (): boolean => false;
    const notify = (fields: Fields, body = summary) =>
      judge(request('NOTIFY', { ...news, ...fields }, body), nobody, isOurs);
    expect(notify({}).kind).toBe('pass');
    expect(notify({ 'Subscription-State': 'terminated;reason=timeout' }).kind).toBe('pass');
    const refused = { kind: 'refuse', status: 405 };
    expect(judge(request('NOTIFY', news, summary))).toMatchObject(refused);
    // A transfer's NOTIFYs are not let in by a mailbox, nor the other way round.
    expect(judge(request('NOTIFY', news, summary), isOurs)).toMatchObject(refused);
    for (const wrong of [
      { 'Call-ID': 'another' },
      { To: '<sip:agent1@lab.invalid>' },
      { From: '<sip:agent1@lab.invalid>' },
      { Event: 'refer' },
      { Event: 'message-summary-x' },
      { Event: ['message-summary', 'message-summary'] },
      { Event: undefined },
      { 'Content-Type': 'message/sipfrag' },
      { 'Subscription-State': undefined },
      { 'Subscription-State': 'asleep' },
      { 'Subscription-State': 'active;expires="1' },
      { Contact: undefined },
      { Contact: '*' },
    ])
      expect(notify(wrong), JSON.stringify(wrong)).toMatchObject(refused);
    expect(notify({}, summary.padEnd(1_025))).toMatchObject(refused);
    expect(judge(request('SUBSCRIBE', news, summary), nobody, isOurs)).toMatchObject(refused);
  });

  it('refuses a session timer under 90 s with 422 and the least it takes, of those who can do better (RFC 4028 9)', () => {
    const asks = (fields: Fields) => judge(request('INVITE', fields, audioSdp()));
    const verdict = asks({ Supported: 'timer', 'Session-Expires': '30;refresher=uac' });
    expect(verdict).toMatchObject({ kind: 'refuse', status: 422 });
    expect(verdict.kind === 'refuse' ? verdict.reply : '').toContain('\r\nMin-SE: 90\r\n');
    expect(asks({ Supported: 'replaces, timer', x: '89' })).toMatchObject({ kind: 'refuse', status: 422 });
    expect(asks({ Supported: 'timer', 'Session-Expires': '90' }).kind).toBe('pass');
    expect(asks({ 'Session-Expires': '30' }).kind).toBe('pass');
  });

  it('refuses a required extension we lack with 420, naming it; never on ACK or CANCEL (RFC 3261 8.2.2.3)', () => {
    const verdict = judge(request('INVITE', { Require: 'timer, 100rel', require: 'tomorrow' }, audioSdp()));
    expect(verdict).toMatchObject({ kind: 'refuse', status: 420, method: 'INVITE' });
    const reply = verdict.kind === 'refuse' ? verdict.reply : '';
    expect(reply).toContain('\r\nUnsupported: 100rel, tomorrow\r\n');
    expect(judge(reply).kind).toBe('pass');
    for (const method of ['ACK', 'CANCEL']) expect(judge(request(method, { Require: '100rel' })).kind).toBe('pass');
    expect(judge(request('INVITE', { Require: 'timer' }, audioSdp())).kind).toBe('pass');
  });

  it('unfolds headers and leaves the body alone', () => {
    const body = 'a\r\n b\r\n\r\n c';
    const text = request('INVITE', { Subject: 'one\r\n two\r\n\tthree' }, body);
    expect(unfolded(text)).toBe(text.replace('one\r\n two\r\n\tthree', 'one two three'));
  });

  it('answers a method nobody knows with 501', () =>
    expect(judge(request('FETCH'))).toMatchObject({ kind: 'refuse', status: 501 }));

  it('never throws and never takes 50 ms, whatever the text', () => {
    const pieces = fc.oneof(
      fc.constantFrom(
        '\r\n',
        '\r\n\r\n',
        '"',
        '<',
        '>',
        '\\',
        ';',
        ',',
        ' ',
        '\t',
        'sip:',
        '@',
        ';tag=',
        'Via: ',
        'From: ',
        '\0',
        'a=',
        'm=audio ',
      ),
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.constantFrom(...request('INVITE', {}, audioSdp()).split('\r\n')),
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 300 }), (parts) => {
        const text = parts.join('');
        expect(['pass', 'drop', 'refuse']).toContain(judge(text).kind);
        expect(took(() => judge(text))).toBeLessThan(50);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ['quotes', `"${'\\"'.repeat(500)}`],
    ['spaces', ' '.repeat(1_000)],
    ['semicolons', `<sip:a@b>${';'.repeat(900)}`],
    ['parameters', `<sip:a@b>${';a=b'.repeat(240)} x`],
    ['spaced parameters', `<sip:a@b>${' ; a = b '.repeat(100)} x`],
    ['brackets', '<'.repeat(1_000)],
  ])('takes no time over a header full of %s', (_, value) => {
    const text = request('INVITE', { From: value, To: value, Contact: value });
    expect(took(() => judge(text))).toBeLessThan(50);
  });
});
