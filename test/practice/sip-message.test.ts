import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCSeq, parseNameAddress, parseUri, splitOutsideQuotes } from '../../practice/exchange/sip-fields.ts';
import { headerOf, parseSip, serialiseSip, sipLimits, topVia } from '../../practice/exchange/sip-message.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const invite = [
  'INVITE sip:service@127.0.0.1 SIP/2.0',
  'v: SIP/2.0/WS x.invalid ;branch=z9hG4bKabc, SIP/2.0/WS y.invalid;branch=z9hG4bKdef',
  'f:   "王, \\"小\\" 明" <sip:138@127.0.0.1>;tag=1',
  'To: <sip:service@127.0.0.1>',
  'i: call-1',
  'CSeq: 7 INVITE',
  'X-Odd:  two',
  '\tlines ',
  'l: 4',
  '',
  'body',
].join('\r\n');

describe('SIP messages', () => {
  it('leave byte for byte as they came, compact names, folding and odd spaces included (RFC 3261 §7.3)', () => {
    const parsed = parseSip(bytes(invite));
    expect(parsed.kind).toBe('message');
    if (parsed.kind !== 'message') return;
    expect(headerOf(parsed.message, 'call-id')).toBe('call-1');
    expect(headerOf(parsed.message, 'x-odd')).toBe('two lines');
    expect(topVia(parsed.message)).toBe('SIP/2.0/WS x.invalid ;branch=z9hG4bKabc');
    expect(new TextDecoder().decode(serialiseSip(parsed.message))).toBe(invite);
  });

  it('keep bodies that are not text', () => {
    const head = bytes(invite.replace('body', ''));
    const whole = new Uint8Array([...head, 0xff, 0x00, 0xfe, 0x80]);
    const parsed = parseSip(whole);
    expect(parsed.kind === 'message' && [...parsed.message.body]).toEqual([0xff, 0x00, 0xfe, 0x80]);
  });

  it.each([
    ['wrong content-length', invite.replace('l: 4', 'l: 5')],
    ['two content-lengths', invite.replace('l: 4', 'l: 4\r\nContent-Length: 4')],
    ['two call-ids', invite.replace('i: call-1', 'i: call-1\r\nCall-ID: call-2')],
    ['a cseq of another method', invite.replace('7 INVITE', '7 BYE')],
    ['a cseq out of range', invite.replace('7 INVITE', '4294967296 INVITE')],
    ['no branch', invite.replaceAll(/;branch=\w+/g, '')],
  ])('with %s get a 400', (_name, text) => {
    const parsed = parseSip(bytes(text));
    expect(parsed.kind === 'refused' && parsed.answerable !== undefined).toBe(true);
  });

  it.each([
    ['too long', `${invite}${'x'.repeat(sipLimits.messageBytes)}`],
    ['without an end of header', 'INVITE sip:a@b SIP/2.0\r\nVia: x'],
    ['of another protocol', 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['with NUL in a header', invite.replace('two', 'tw\0o')],
    ['with a header over 8 KiB', invite.replace('two', 'x'.repeat(9_000))],
    ['with 201 headers', invite.replace('X-Odd', `${'X-A: b\r\n'.repeat(201)}X-Odd`)],
    ['with an ACK that needs no answer', invite.replaceAll('INVITE', 'ACK').replace('l: 4', 'l: 9')],
  ])('%s cannot be answered', (_name, text) => {
    const parsed = parseSip(bytes(text));
    expect(parsed.kind === 'refused' && parsed.answerable === undefined).toBe(true);
  });

  it('takes the keep-alives of RFC 7118 as such', () => {
    expect(parseSip(bytes('\r\n\r\n')).kind).toBe('keepAlive');
    expect(parseSip(bytes('\r\n')).kind).toBe('keepAlive');
  });

  it('never throws on damaged messages, and what it accepts survives a second reading', () => {
    const mutated = fc
      .array(
        fc.tuple(fc.nat(invite.length + 8), fc.constantFrom('', '\r\n', '\0', '"', '<', ';', ',', ':', ' ', '😀')),
        {
          maxLength: 6,
        },
      )
      .map((edits) => edits.reduce((text, [at, put]) => text.slice(0, at) + put + text.slice(at + 1), invite));
    const check = fc.check(
      fc.property(fc.oneof(mutated.map(bytes), fc.uint8Array({ maxLength: 400 })), (input) => {
        const first = parseSip(input);
        if (first.kind !== 'message') return true;
        return parseSip(serialiseSip(first.message)).kind === 'message';
      }),
      { numRuns: 3_000 },
    );
    expect(check.counterexample, `seed ${check.seed}`).toBeNull();
  });
});

describe('SIP fields', () => {
  it('reads name-addresses in all their forms', () => {
    expect(parseNameAddress('"Wang, \\"M\\"" <sip:1@h;x=y>;tag=a;q="b;c"')).toEqual({
      display: 'Wang, "M"',
      uri: 'sip:1@h;x=y',
      params: new Map([
        ['tag', 'a'],
        ['q', 'b;c'],
      ]),
    });
    expect(parseNameAddress('sip:1@h;tag=a')?.params.get('tag')).toBe('a');
    expect(parseNameAddress('<>')).toBeUndefined();
  });

  it('reads URIs and refuses nonsense', () => {
    expect(parseUri('SIP:%31%33;phone@Host:5060;transport=ws')).toEqual({ scheme: 'sip', user: '13', host: 'host' });
    expect(parseUri('sip:127.0.0.1')).toEqual({ scheme: 'sip', user: '', host: '127.0.0.1' });
    for (const text of ['tel:1', 'sip:', 'sip:a@b c', 'sip:%zz@h', 'sip:a@<b>']) expect(parseUri(text)).toBeUndefined();
  });

  it('splits lists outside quotes and brackets, without losing anything', () => {
    expect(splitOutsideQuotes('"a,b" <sip:c,d@e>;x=1, f', ',')).toEqual(['"a,b" <sip:c,d@e>;x=1', 'f']);
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-z0-9=]{1,8}$/), { minLength: 1, maxLength: 6 }), (parts) => {
        expect(splitOutsideQuotes(parts.join(' , '), ',')).toEqual(parts);
      }),
    );
    expect(parseCSeq('12 INVITE')).toEqual({ number: 12, method: 'INVITE' });
  });
});
