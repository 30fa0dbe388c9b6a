import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { createExchange, type Exchange, type ExchangeOptions } from '../../../practice/exchange.ts';
import { pageClock } from '../../../renderer/phone/clock.ts';
import { isPrivateWay, withOneChallenge } from '../../../renderer/phone/sip-digest.ts';
import { createSipLink, type SipLink } from '../../../renderer/phone/sip-link.ts';
import { sha256 } from '../../../renderer/phone/sip-sha256.ts';
import type { WireEvent } from '../../../renderer/phone/sip-transport.ts';
import { SeatId } from '../../../shared/ids.ts';
import { FakeSocket } from './lab/fake-socket.ts';
import { response } from './lab/sip-texts.ts';

const account = { user: '8001', password: 'lab-only-口令' } as const;
const ends: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

const openLink = (server: string, openSocket: (url: string) => WebSocket, password: string = account.password) => {
  const wire: WireEvent[] = [];
  const link: SipLink = createSipLink(
    {
      seatId: SeatId.parse('0190a0b0-c0d0-7000-8000-0123456789ab'),
      credentials: { server, domain: 'lab.invalid', user: account.user, password, expiresAtMs: 0, iceServers: [] },
    },
    { clock: pageClock(), onWire: (event) => wire.push(event), onSent: () => {}, onHeard: () => {}, openSocket },
    () => {
      throw new Error('no media here');
    },
    () => {},
  );
  ends.push(() => link.userAgent.stop().then(link.drop));
  return { link, wire };
};

const openExchange = async (digests: ExchangeOptions['digests']): Promise<Exchange> => {
  const auth = (user: string) => (user === account.user ? account.password : undefined);
  const exchange = await createExchange({
    port: 0,
    auth,
    trunkUser: 'trunk',
    queues: [],
    ...(digests === undefined ? {} : { digests }),
  });
  ends.push(exchange.close);
  return exchange;
};

/** Registers at a real exchange; `sent` is what left the seat. */
const register = async (digests: ExchangeOptions['digests'], password?: string) => {
  const { url } = await openExchange(digests);
  const sent: string[] = [];
  const openSocket = (address: string): WebSocket => {
    const socket = new WebSocket(address, 'sip');
    const send = socket.send.bind(socket);
    socket.send = (text) => {
      if (typeof text === 'string') sent.push(text);
      send(text);
    };
    return socket;
  };
  const { link, wire } = openLink(url, openSocket, password);
  expect(await link.connect()).toBe(true);
  return { outcome: await link.register(), sent, wire };
};

describe('digest (security 67, RFC 8760)', () => {
  it('DIGEST-1 an exchange that takes SHA-256 only registers the seat', async () => {
    const { outcome, sent, wire } = await register(['SHA-256']);
    expect(outcome).toMatchObject({ kind: 'registered' });
    expect(sent.at(-1)).toMatch(/^Authorization: Digest algorithm=SHA-256, /m);
    expect(wire).toEqual([]);
  });

  it.each([[['SHA-256', 'MD5']], [['MD5', 'SHA-256']]] as const)(
    'DIGEST-1 offered %s it takes SHA-256',
    async (both) => {
      const { outcome, sent, wire } = await register(both);
      expect(outcome).toMatchObject({ kind: 'registered' });
      expect(sent.join('')).not.toContain('algorithm=MD5');
      expect(wire).toEqual([]);
    },
  );

  it('DIGEST-2 MD5 alone is answered on this computer, and flagged', async () => {
    const { outcome, wire } = await register(['MD5']);
    expect(outcome).toMatchObject({ kind: 'registered' });
    expect(wire).toEqual([{ kind: 'weakDigest', isAnswered: true }]);
  });

  it('a wrong password is refused in SHA-256 as well', async () => {
    const { outcome } = await register(['SHA-256'], 'wrong');
    expect(outcome).toMatchObject({ kind: 'refused' });
  });

  it('a renewed password answers the next challenge', async () => {
    const { url } = await openExchange(['SHA-256']);
    const { link } = openLink(url, (address) => new WebSocket(address, 'sip'), 'old');
    await link.connect();
    expect(await link.register()).toMatchObject({ kind: 'refused' });
    link.renew({ server: url, domain: 'x', ...account, expiresAtMs: 0, iceServers: [] });
    expect(await link.register()).toMatchObject({ kind: 'registered' });
  });
});

describe('challenges by hand', () => {
  /** What the seat answers to these challenges, or how the registration ended. */
  const answerTo = async (server: string, challenges: readonly string[], status = 401) => {
    let socket = new FakeSocket(server);
    const { link, wire } = openLink(server, (url) => (socket = new FakeSocket(url)).asSocket);
    const connecting = link.connect();
    socket.open();
    await connecting;
    const ended = link.register();
    const asked = socket.sent[0] ?? '';
    const header = (name: string): string => new RegExp(`^${name}: (.*)$`, 'm').exec(asked)?.[1]?.trim() ?? '';
    const name = status === 401 ? 'WWW-Authenticate' : 'Proxy-Authenticate';
    const same = ['Via', 'From', 'To', 'Call-ID', 'CSeq'].map((key) => [key, header(key)] as const);
    socket.say(response(status, { ...Object.fromEntries(same), Contact: undefined, [name]: challenges }));
    const answer = /^(?:Proxy-)?Authorization: (.*)$/m.exec(socket.sent[1] ?? '')?.[1]?.trim();
    return { answer, wire, outcome: answer === undefined ? await ended : undefined };
  };
  const sha = 'Digest realm="r", nonce="n", algorithm=SHA-256, qop="auth,auth-int", opaque="o"';
  const md5 = 'Digest realm="r", nonce="n", algorithm=MD5, qop="auth"';

  it('the answer is that of RFC 7616', async () => {
    const { answer = '' } = await answerTo('wss://pbx.example', [sha]);
    const field = (name: string): string => new RegExp(`[ ,]${name}="?([^",]*)`).exec(answer)?.[1] ?? '';
    const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
    const way = `n:${field('nc')}:${field('cnonce')}:auth`;
    const asked = hash('REGISTER:sip:lab.invalid');
    expect(field('response')).toBe(hash(`${hash(`8001:r:${account.password}`)}:${way}:${asked}`));
    expect([field('opaque'), field('nc'), field('uri')]).toEqual(['o', '00000001', 'sip:lab.invalid']);
  });

  it.each<[string, readonly string[], string]>([
    ['SHA-256 first', [sha, md5], 'SHA-256'],
    ['SHA-256 last', [md5, sha], 'SHA-256'],
    ['an algorithm of tomorrow on top', ['Digest realm="r", nonce="n", algorithm=SHA-512-256', sha, md5], 'SHA-256'],
    ['no algorithm named', ['Digest realm="r", nonce="n", qop="auth"'], 'MD5'],
    ['a realm that pretends', ['Digest realm="a, algorithm=SHA-256", nonce="n", algorithm=MD5', sha], 'SHA-256'],
    ['SHA-256 without qop', ['Digest realm="r", nonce="n", algorithm=SHA-256'], 'SHA-256'],
    ['a folded challenge', [sha.replace('nonce', '\r\n nonce')], 'SHA-256'],
  ])('DIGEST-1 %s', async (_, challenges, algorithm) => {
    for (const status of [401, 407]) {
      const { answer } = await answerTo('wss://pbx.example', challenges, status);
      expect(answer).toMatch(new RegExp(`^Digest algorithm=${algorithm},`));
    }
  });

  it.each([
    ['an unknown algorithm', ['Digest realm="r", nonce="n", algorithm=SHA-512-256']],
    ['a session variant', ['Digest realm="r", nonce="n", algorithm=SHA-256-sess, qop="auth"']],
    ['only auth-int', ['Digest realm="r", nonce="n", algorithm=SHA-256, qop="auth-int"']],
    ['the password in clear', ['Basic realm="r"']],
    ['no nonce', ['Digest realm="r", algorithm=SHA-256']],
    ['none', []],
  ])('%s: not answered, the line is refused', async (_, challenges) => {
    const { answer, outcome } = await answerTo('wss://pbx.example', challenges);
    expect(answer).toBeUndefined();
    expect(outcome?.kind).not.toBe('registered');
  });

  it('DIGEST-2 MD5 on an open way is never answered, SHA-256 is', async () => {
    const weak = await answerTo('ws://pbx.example', [md5]);
    expect(weak.answer).toBeUndefined();
    expect(weak.wire).toEqual([{ kind: 'weakDigest', isAnswered: false }]);
    expect((await answerTo('ws://pbx.example', [md5, sha])).answer).toMatch(/SHA-256/);
  });

  it.each([
    ['wss://pbx.example/ws', true],
    ['ws://127.0.0.1:8088', true],
    ['ws://[::1]:8088', true],
    ['ws://localhost:1', true],
    ['ws://10.0.0.1', false],
    ['ws://127.0.0.1.evil.example', false],
    ['ws://localhost@evil.example', false],
    ['nothing', false],
  ])('a private way: %s %s', (server, is) => expect(isPrivateWay(server)).toBe(is));

  it('only refusals that ask for a password are touched', () => {
    const other = response(200, { 'WWW-Authenticate': [md5, sha] });
    expect(withOneChallenge(other)).toBe(other);
  });
});

it('SHA-256 is that of FIPS 180-4, whatever the text', () => {
  const standard = (text: string): string => createHash('sha256').update(text).digest('hex');
  fc.assert(fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (text) => sha256(text) === standard(text)));
  for (const length of [0, 55, 56, 63, 64, 65, 1_000])
    expect(sha256('x'.repeat(length))).toBe(standard('x'.repeat(length)));
});
