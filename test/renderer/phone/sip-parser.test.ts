import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSipLink, type SipLink } from '../../../renderer/phone/sip-link.ts';
import type { WireEvent } from '../../../renderer/phone/sip-transport.ts';
import { SeatId } from '../../../shared/ids.ts';
import { FakeSocket } from './lab/fake-socket.ts';
import { took } from './lab/took.ts';
import { createManualClock } from './lab/manual-clock.ts';
import { audioSdp, request, response } from './lab/sip-texts.ts';

/** SIP.js itself, in Node, behind our transport: what the guard lets through must not get out of the parser either. */
describe('SIP.js behind the guard', () => {
  let socket: FakeSocket;
  let link: SipLink;
  let wire: WireEvent[];
  let invited: string[];
  const sockets: FakeSocket[] = [];

  beforeEach(async () => {
    wire = [];
    invited = [];
    link = createSipLink(
      {
        seatId: SeatId.parse('0190a0b0-c0d0-7000-8000-0123456789ab'),
        credentials: {
          server: 'ws://lab',
          domain: 'lab.invalid',
          user: 'agent1',
          password: 'x',
          expiresAtMs: 0,
          iceServers: [],
        },
      },
      {
        clock: createManualClock(),
        onWire: (event) => wire.push(event),
        onSent: () => {},
        onHeard: () => {},
        openSocket: (url) => {
          socket = new FakeSocket(url);
          sockets.push(socket);
          return socket.asSocket;
        },
      },
      () => {
        throw new Error('no media here');
      },
      (invitation) => {
        invited.push(invitation.request.callId);
        void invitation.reject({ statusCode: 486 });
      },
    );
    const connecting = link.connect();
    socket.open();
    expect(await connecting).toBe(true);
  });
  afterEach(() => link.userAgent.stop());

  it('an INVITE gets through and is answered', () => {
    socket.say(request('INVITE', { 'Call-ID': 'real' }, audioSdp()));
    expect(invited).toEqual(['real']);
    expect(socket.sent.map((text) => text.split('\r\n')[0])).toEqual(['SIP/2.0 100 Trying', 'SIP/2.0 486 Busy Here']);
  });

  it('a binary frame is read as UTF-8; one that is none is dropped', () => {
    socket.say(new TextEncoder().encode(request('INVITE', { 'Call-ID': 'binary' }, audioSdp())).buffer);
    expect(invited).toEqual(['binary']);
    socket.say(new Uint8Array([0xff, 0xfe, 0xfd]).buffer);
    expect(wire).toEqual([{ kind: 'dropped', why: 'binary' }]);
  });

  it('says only what it takes: Allow is the short list', async () => {
    void link.register();
    expect(socket.sent.join('')).not.toMatch(/^Allow: .*(REFER|MESSAGE|NOTIFY|INFO)/m);
    socket.say(request('REFER', { 'Refer-To': '<sip:premium@evil.example>' }));
    expect(wire).toEqual([{ kind: 'refusedRequest', method: 'REFER' }]);
    expect(socket.sent.at(-1)).toMatch(/^SIP\/2\.0 405 /);
    expect(socket.sent.some((text) => text.startsWith('INVITE'))).toBe(false);
  });

  it('a silent socket is forgotten at once, its requests are answered by ourselves, a late word of it counts for nothing', async () => {
    const outcome = link.register();
    const ping = link.ping();
    const old = socket;
    link.drop();
    expect(await outcome).toEqual({ kind: 'failed', why: 'server' });
    expect(await ping).toBe(false);
    expect(old.closeAsked).toBe(1);
    old.say(request('INVITE', {}, audioSdp()));
    expect(invited).toEqual([]);
  });

  it('CR, LF and NUL never get into a message: the number of headers we send stays the same (security 71)', async () => {
    const headersOf = (text: string): number => (text.split('\r\n\r\n')[0] ?? '').split('\r\n').length;
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (name) => {
        const before = socket.sent.length;
        socket.say(request('OPTIONS', { From: `"${name.replace(/["\\]/g, '')}" <sip:1@b>;tag=1`, Subject: name }));
        for (const text of socket.sent.slice(before)) expect(headersOf(text)).toBe(11);
      }),
      { numRuns: 1_000 },
    );
  });

  it('mutants of real messages: nothing gets out of the parser, none takes 50 ms', () => {
    const seeds = [
      request('INVITE', { 'X-Queue': 'service' }, audioSdp()),
      request('BYE', { To: '<sip:agent1@lab.invalid>;tag=ours' }),
      request('CANCEL'),
      request('ACK'),
      request('OPTIONS'),
      response(200, { Via: 'SIP/2.0/WS 800000123456789ab.invalid;branch=z9hG4bK1', CSeq: '1 REGISTER' }),
      response(401, { 'WWW-Authenticate': 'Digest realm="a", nonce="b", qop="auth"', CSeq: '1 REGISTER' }),
      response(180, { 'Record-Route': '<sip:a@b;lr>', 'P-Asserted-Identity': '<sip:a@b>' }),
    ];
    const edit = fc.record({
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      cut: fc.nat(30),
      put: fc.oneof(
        fc.string({ unit: 'binary', maxLength: 12 }),
        fc.constantFrom(
          '\r\n',
          '\r\n\r\n',
          '"',
          '<',
          '>',
          ';',
          ',',
          ':',
          '@',
          '\\',
          ' ',
          '\t',
          '%',
          '[',
          ']',
          '=',
          '?',
        ),
      ),
    });
    let worstMs = 0;
    fc.assert(
      fc.property(fc.constantFrom(...seeds), fc.array(edit, { minLength: 1, maxLength: 6 }), (seed, edits) => {
        let text = seed;
        for (const { at, cut, put } of edits) {
          const from = Math.floor(at * text.length);
          text = text.slice(0, from) + put + text.slice(from + cut);
        }
        worstMs = Math.max(
          worstMs,
          took(() => socket.say(text)),
        );
      }),
      { numRuns: 5_000 },
    );
    expect(worstMs).toBeLessThan(50);
    // And it still works.
    const before = invited.length;
    socket.say(request('INVITE', { 'Call-ID': 'afterwards' }, audioSdp()));
    expect(invited.slice(before)).toEqual(['afterwards']);
  });
});
