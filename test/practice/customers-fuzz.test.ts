import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import {
  headerOf,
  parseSip,
  replyTo,
  sipHeader,
  serialiseSip,
  type SipMessage,
} from '../../practice/exchange/sip-message.ts';
import { authorise } from './digest-client.ts';
import { agentPassword, openStage, until, type Stage } from './stage.ts';

/** What a broken phone may send to the customers through the exchange: nothing of it may end practice mode. */
describe('malformed calls to the customers', () => {
  let stage: Stage;
  let socket: WebSocket;
  const inbox: SipMessage[] = [];
  const faults: unknown[] = [];
  const note = (fault: unknown): void => {
    faults.push(fault);
  };
  const contact = '<sip:x@x.invalid;transport=ws>';
  let serial = 0;
  const message = (method: string, target: string, extra: readonly string[], body = ''): string =>
    [
      `${method} ${target} SIP/2.0`,
      `Via: SIP/2.0/WS x.invalid;branch=z9hG4bK${++serial}`,
      'From: <sip:agent1@127.0.0.1>;tag=f',
      `To: <${target}>`,
      `Call-ID: fuzz-${serial}`,
      `CSeq: 1 ${method}`,
      ...extra,
      `Content-Length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ].join('\r\n');

  const inDialog = (method: string, ok: SipMessage, cseq: number): Uint8Array => {
    const target = headerOf(ok, 'contact')?.replace(/[<>]/g, '') ?? '';
    const parsed = parseSip(new TextEncoder().encode(message(method, target, [])));
    if (parsed.kind !== 'message') throw new Error(`no ${method}`);
    const keep = parsed.message.headers.filter((h) => !['to', 'call-id', 'cseq'].includes(h.name));
    const own = ['to', 'call-id'].map((name) => sipHeader(name, headerOf(ok, name) ?? ''));
    return serialiseSip({ ...parsed.message, headers: [...keep, ...own, sipHeader('CSeq', `${cseq} ${method}`)] });
  };

  beforeAll(async () => {
    process.on('uncaughtException', note);
    process.on('unhandledRejection', note);
    stage = await openStage(() => 0);
    socket = new WebSocket(stage.exchange.url, 'sip');
    socket.on('message', (data: Buffer) => {
      const parsed = parseSip(data);
      if (parsed.kind !== 'message') return;
      inbox.push(parsed.message);
      // What any phone does: acknowledge an answer (RFC 3261 §13.2.2.4), take a BYE.
      if (parsed.message.kind === 'request') socket.send(serialiseSip(replyTo(parsed.message, 200, 'OK')));
      else if (parsed.message.status === 200 && headerOf(parsed.message, 'cseq') === '1 INVITE')
        socket.send(inDialog('ACK', parsed.message, 1));
    });
    await new Promise((resolve) => {
      socket.once('open', resolve);
    });
    const register = (headers: readonly string[]): void =>
      socket.send(
        message('REGISTER', 'sip:127.0.0.1', [`Contact: ${contact}`, ...headers]).replace(
          'To: <sip:127.0.0.1>',
          'To: <sip:agent1@127.0.0.1>',
        ),
      );
    register([]);
    await until('challenge', () => inbox.length === 1);
    const proof = authorise(inbox[0] as SipMessage, {
      user: 'agent1',
      password: agentPassword('agent1'),
      method: 'REGISTER',
      uri: 'sip:127.0.0.1',
      algorithm: 'MD5',
    });
    register([proof.line]);
    await until('registered', () => stage.exchange.isRegistered('agent1'));
  });
  afterAll(async () => {
    process.off('uncaughtException', note);
    process.off('unhandledRejection', note);
    socket.close();
    await stage.close();
  });

  const sdp = [
    'v=0',
    'o=- 1 1 IN IP4 127.0.0.1',
    's=-',
    't=0 0',
    'a=group:BUNDLE 0',
    'm=audio 9 UDP/TLS/RTP/SAVPF 0',
    'c=IN IP4 0.0.0.0',
    'a=candidate:1 1 udp 1 127.0.0.1 9 typ host',
    'a=ice-ufrag:abcd',
    'a=ice-pwd:abcdefghijklmnopqrstuvwx',
    `a=fingerprint:sha-256 ${Array.from({ length: 32 }, () => 'AA').join(':')}`,
    'a=setup:actpass',
    'a=mid:0',
    'a=sendrecv',
    'a=rtcp-mux',
    'a=rtpmap:0 PCMU/8000',
    '',
  ].join('\r\n');

  it('are refused or ignored, and the next good one is taken', async () => {
    const junk = fc.constantFrom(
      '',
      '\t',
      '<',
      '>',
      '"',
      ';',
      ':',
      '@',
      '=',
      '%',
      '-1',
      '99999999999',
      '中',
      'a=b',
      '\r\n',
    );
    const damaged = (text: string): fc.Arbitrary<string> =>
      fc
        .array(fc.tuple(fc.nat(text.length), fc.nat(12), junk), { minLength: 1, maxLength: 4 })
        .map((edits) => edits.reduce((now, [at, cut, put]) => now.slice(0, at) + put + now.slice(at + cut), text));
    const headers = [`Contact: ${contact}`, 'Content-Type: application/sdp', 'Allow: INVITE', 'Supported: outbound'];
    const cases = fc.sample(
      fc.oneof(
        damaged(sdp).map((body) => message('INVITE', 'sip:13912345678@127.0.0.1', headers, body)),
        fc
          .tuple(
            fc.constantFrom('INVITE', 'MESSAGE', 'REFER', 'NOTIFY', 'SUBSCRIBE', 'INFO', 'OPTIONS'),
            damaged([...headers, 'Event: x', 'Refer-To: <sip:1@h>', 'Require: 100rel', 'RSeq: 1'].join('\r\n')),
          )
          .map(([method, lines]) => message(method, 'sip:13912345678@127.0.0.1', lines.split('\r\n'), sdp)),
      ),
      { numRuns: 600, seed: 20_261_121 },
    );
    // What the exchange itself refuses never reaches a customer.
    const passed = cases.filter((text) => parseSip(new TextEncoder().encode(text)).kind === 'message');
    expect(passed.length).toBeGreaterThan(200);
    const lastCallId = /^Call-ID: (.*?)\r?$/m.exec(passed.at(-1) ?? '')?.[1];
    for (const [i, text] of passed.entries()) {
      socket.send(text);
      // The calls that were good enough would ring for a second; their number at one time is bounded.
      if (i % 40 === 39) {
        await new Promise((resolve) => {
          setTimeout(resolve, 30);
        });
        for (const call of stage.customers.active()) call.hangUp();
      }
      if (socket.readyState !== WebSocket.OPEN) break;
    }
    expect(socket.readyState).toBe(WebSocket.OPEN);
    await until('the last of them', () => inbox.some((m) => headerOf(m, 'call-id') === lastCallId));
    await until('all over', () => {
      for (const call of stage.customers.active()) call.hangUp();
      return stage.customers.active().length === 0;
    });
    inbox.length = 0;
    socket.send(message('INVITE', 'sip:13912345678@127.0.0.1', headers, sdp));
    await until('answer', () => inbox.some((m) => m.kind === 'response' && m.status === 200));
    const ok = inbox.find((m) => m.kind === 'response' && m.status === 200) as SipMessage;
    expect(new TextDecoder().decode(ok.body)).toContain('m=audio');
    socket.send(inDialog('BYE', ok, 2));
    await until('call over', () => stage.customers.active().length === 0);
    expect(faults.map(String)).toEqual([]);
  });
});
