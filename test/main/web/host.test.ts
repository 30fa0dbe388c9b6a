import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { createWebHost } from '../../../main/web/host.ts';
import type { WebHost, WebHostOptions } from '../../../main/web/host.ts';
import { profileKey } from '../../../main/web/profile-key.ts';
import { SeatFault } from '../../../shared/result.ts';
import type { Client, Port } from '../../../shared/rpc.ts';
import { connect } from '../../../shared/rpc.ts';
import type { SeatContract } from '../../../shared/seat.ts';
import { seatContract } from '../../../shared/seat.ts';
import type { FakeCentral } from '../fake-central.ts';
import { startFakeCentral } from '../fake-central.ts';
import type { SeatUnderTest } from '../harness.ts';
import { endSeats, memoryLog, refusalOf, startSeat, value } from '../harness.ts';
import type { ManualClock } from '../manual-clock.ts';
import { feedOf } from '../sample.ts';

let central: FakeCentral;
let seat: SeatUnderTest;
let folder: string;
let host: WebHost;
let clock: ManualClock;
const told = vi.fn<(address: string) => void>();

const start = (over: Partial<WebHostOptions> = {}) =>
  createWebHost({
    engine: seat.engine,
    rendererDir: join(folder, 'renderer'),
    port: 0,
    host: '127.0.0.1',
    clock,
    random: (bytes) => randomBytes(bytes),
    log: memoryLog(),
    pbxUrl: 'wss://pbx.example:8089/ws',
    onTokenRefused: told,
    ...over,
  });

beforeEach(async () => {
  told.mockReset();
  folder = mkdtempSync(join(tmpdir(), 'zuoxi-web-'));
  for (const page of ['phone', 'desk', 'assets']) mkdirSync(join(folder, 'renderer', page), { recursive: true });
  writeFileSync(join(folder, 'renderer/phone/index.html'), '<!doctype html><title>phone</title>');
  writeFileSync(join(folder, 'renderer/desk/index.html'), '<!doctype html><title>desk</title>');
  writeFileSync(join(folder, 'renderer/assets/app-1a2b3c.js'), 'console.log("seat");'.repeat(200));
  writeFileSync(join(folder, 'secret.txt'), 'CANARY');
  central = await startFakeCentral(feedOf([]));
  seat = startSeat(central.url);
  clock = seat.clock;
  // The windows under test come over the network.
  seat.desk.close();
  seat.phone.close();
  host = await start();
});
afterEach(async () => {
  await host.close();
  await endSeats();
  await central.close();
  rmSync(folder, { recursive: true, force: true });
});

type Reply = { readonly status: number; readonly headers: IncomingHttpHeaders; readonly text: string };

/** As it is written: no client tidies the path up on the way. */
const raw = (path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Reply> =>
  new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port: host.port, path, method, headers }, (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: Buffer.concat(pieces).toString('utf8'),
        }),
      );
    });
    sent.on('error', reject);
    sent.end();
  });

const pathOf = (address: string): string => address.slice(address.indexOf('/', 'http://'.length));

const cookie = async (): Promise<string> => {
  const reply = await raw(pathOf(host.freshAddress()));
  return String(reply.headers['set-cookie']?.[0]).split(';')[0] ?? '';
};

const socketTo = (path: string, headers: Record<string, string>): WebSocket =>
  new WebSocket(`ws://127.0.0.1:${host.port}${path}`, { headers });

const outcome = (socket: WebSocket): Promise<'open' | number> =>
  new Promise((resolve) => {
    socket.on('open', () => resolve('open'));
    socket.on('unexpected-response', (_, response) => resolve(response.statusCode ?? 0));
    socket.on('error', () => resolve(0));
  });

const portOf = (socket: WebSocket): Port => ({
  send: (message) => socket.send(JSON.stringify(message)),
  onMessage: (listener) => {
    socket.on('message', (bytes: Buffer) => listener(JSON.parse(bytes.toString('utf8'))));
  },
  onClose: (listener) => void socket.on('close', listener),
  close: () => socket.close(),
});

const own = async (): Promise<Record<string, string>> => ({
  cookie: await cookie(),
  origin: `http://127.0.0.1:${host.port}`,
});

const window = async (path: string): Promise<Client<SeatContract>> => {
  const socket = socketTo(path, await own());
  expect(await outcome(socket)).toBe('open');
  return connect(seatContract, portOf(socket));
};

describe('the way in', () => {
  it('a token works once, and buys a strict cookie', async () => {
    const first = await raw(pathOf(host.address));
    expect(first).toMatchObject({ status: 303, headers: { location: '/' } });
    const given = String(first.headers['set-cookie']?.[0]);
    expect(given).toMatch(/^zuoxi-\d+=[\w-]{43}; HttpOnly; SameSite=Strict; Path=\/$/);
    const second = await raw(pathOf(host.address));
    expect(second.status).toBe(403);
    expect(second.text).toContain('地址已失效');
    expect(second.text).toContain('no longer works');
    expect(second.headers['set-cookie']).toBeUndefined();
    expect(told).toHaveBeenCalledOnce();
    const fresh = told.mock.calls[0]?.[0] ?? '';
    expect((await raw(pathOf(fresh))).status).toBe(303);
    // The same browser may follow its old link again.
    const again = await raw(pathOf(host.address), { cookie: given.split(';')[0] ?? '' });
    expect(again.status).toBe(303);
  });

  it('without the cookie nothing is served, and wrong tokens do not flood the terminal', async () => {
    for (const path of ['/', '/desk/', '/assets/app-1a2b3c.js', '/phone/index.html'])
      expect((await raw(path)).status).toBe(403);
    for (let n = 0; n < 20; n += 1) expect((await raw(`/?token=${n}`)).status).toBe(403);
    expect(told).toHaveBeenCalledOnce();
    expect((await raw('/', { cookie: `zuoxi-${host.port}=${'A'.repeat(43)}` })).status).toBe(403);
  });

  it('a token is over after half an hour', async () => {
    clock.advance(30 * 60_000);
    expect((await raw(pathOf(host.address))).status).toBe(403);
  });

  it('answers to its own name only (DNS rebinding), and to reading only', async () => {
    const { cookie: mine } = await own();
    expect((await raw('/', { cookie: mine ?? '', host: 'evil.example' })).status).toBe(421);
    expect((await raw(pathOf(host.freshAddress()), { host: `evil.example:${host.port}` })).status).toBe(421);
    expect((await raw('/', { cookie: mine ?? '' }, 'POST')).status).toBe(405);
  });
});

describe('the pages', () => {
  it('the phone is the top page and the desk a frame in it; built files are kept by the browser', async () => {
    const mine = { cookie: await cookie() };
    expect((await raw('/', mine)).text).toContain('phone');
    expect((await raw('/desk/', mine)).text).toContain('desk');
    const asset = await raw('/assets/app-1a2b3c.js', { ...mine, 'accept-encoding': 'gzip' });
    expect(asset.headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'content-encoding': 'gzip',
      'cache-control': 'private, max-age=31536000, immutable',
    });
    const etag = (await raw('/', mine)).headers.etag ?? '';
    expect((await raw('/', { ...mine, 'if-none-match': etag })).status).toBe(304);
  });

  it('every answer carries the content policy', async () => {
    const mine = { cookie: await cookie() };
    for (const reply of [await raw('/', mine), await raw('/nothing', mine), await raw('/')]) {
      const policy = String(reply.headers['content-security-policy']);
      expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
      expect(policy).toContain(`connect-src 'self' ws://127.0.0.1:${host.port} wss://pbx.example:8089;`);
      expect(policy).toContain("require-trusted-types-for 'script'");
      expect(policy).not.toMatch(/unsafe|\*/);
      expect(reply.headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
      });
      expect(reply.headers['permissions-policy']).toContain('camera=()');
    }
  });

  it('the phone page alone may use microphone, headsets and the choice of speakers', async () => {
    const mine = { cookie: await cookie() };
    const policyOf = async (path: string): Promise<string> =>
      String((await raw(path, mine)).headers['permissions-policy']);
    expect(await policyOf('/')).toContain('microphone=(self), hid=(self), speaker-selection=(self)');
    for (const path of ['/desk/', '/nothing', '/assets/app-1a2b3c.js'])
      expect(await policyOf(path)).toContain('microphone=(), hid=(), speaker-selection=()');
  });

  it.each([
    '/../secret.txt',
    '/assets/../../secret.txt',
    '/assets/..%2f..%2fsecret.txt',
    '/%2e%2e/secret.txt',
    '/..\\secret.txt',
    '/assets/%00',
    '//etc/passwd',
    '/assets/app-1a2b3c.js/../../../secret.txt',
    'http://127.0.0.1/../secret.txt',
    '/C:/secret.txt',
    '/desk',
    '/constructor',
    '/__proto__',
  ])('%s cannot leave the bundle', async (path) => {
    const reply = await raw(path, { cookie: await cookie() });
    expect(reply.status).toBe(404);
    expect(reply.text).not.toContain('CANARY');
  });

  it('neither can any path made up', async () => {
    const mine = { cookie: await cookie() };
    const part = fc.constantFrom(
      '..',
      '.',
      '%2e%2e',
      '%2f',
      '\\',
      'assets',
      'secret.txt',
      '',
      '%00',
      '~',
      'etc',
      'passwd',
    );
    const property = fc.asyncProperty(fc.array(part, { minLength: 1, maxLength: 8 }), async (parts) => {
      const reply = await raw(`/x/${parts.join('/')}`, mine);
      expect(reply.status).toBe(404);
    });
    await fc.assert(property, { numRuns: 300 });
  });
});

describe('the lines of the windows', () => {
  it('only a page of this host with its cookie gets one', async () => {
    const mine = await own();
    const get = async (path: string, headers: Record<string, string>) => {
      const socket = socketTo(path, headers);
      const result = await outcome(socket);
      socket.terminate();
      return result;
    };
    const { cookie: onlyCookie = '', origin = '' } = mine;
    expect(await get('/seat/desk', { origin })).toBe(403);
    expect(await get('/seat/desk', { cookie: onlyCookie })).toBe(403);
    expect(await get('/seat/desk', { cookie: onlyCookie, origin: 'http://evil.example' })).toBe(403);
    expect(await get('/seat/desk', { ...mine, host: 'evil.example' })).toBe(421);
    expect(await get('/seat/lead', mine)).toBe(404);
    expect(await get('/seat/desk', mine)).toBe('open');
  });

  it('desk and phone speak the seat contract over it, each in its role', async () => {
    const desk = await window('/seat/desk?window=w1');
    const phone = await window('/seat/phone?window=w1');
    value(await desk.call('session.signIn', { agentNumber: '8001', password: 'sample-8001' }));
    expect(value(await phone.call('phone.credentials', {}))?.user).toBe('8001');
    expect(refusalOf(await desk.call('phone.credentials', {}))).toMatchObject({ kind: 'forbidden' });
  });

  it('a second tab is told that the seat is open elsewhere; it may take over', async () => {
    const first = await window('/seat/desk?window=w1');
    value(await first.call('seat.snapshot', {}));
    const displaced = new Promise<void>((resolve) => {
      first.on('displaced', () => resolve());
    });
    const second = await window('/seat/desk?window=w2');
    const asked = second.call('seat.snapshot', {});
    const ticking = setInterval(() => clock.advance(100), 5);
    expect(refusalOf(await asked)).toEqual({ kind: 'conflict', reason: 'seatOpenElsewhere' });
    clearInterval(ticking);
    const third = await window('/seat/desk?window=w2&takeOver=1');
    value(await third.call('seat.snapshot', {}));
    await displaced;
  });

  it('garbage and floods close the line, not the host', async () => {
    const closed = (socket: WebSocket): Promise<number> =>
      new Promise((resolve) => {
        socket.on('close', resolve);
      });
    const garbage = socketTo('/seat/desk?window=g', await own());
    await outcome(garbage);
    garbage.send('{"t":');
    expect(await closed(garbage)).toBe(1003);
    const flood = socketTo('/seat/desk?window=g', await own());
    await outcome(flood);
    flood.send(JSON.stringify({ t: 'call', id: 1, name: 'x'.repeat(1_100_000), args: {} }));
    expect(await closed(flood)).toBe(1009);
    const desk = await window('/seat/desk?window=g');
    expect(value(await desk.call('seat.snapshot', {})).session.kind).toBe('signedOut');
  });

  it('a page that answers no ping is gone', async () => {
    const socket = socketTo('/seat/desk?window=p', await own());
    await outcome(socket);
    const closed = new Promise((resolve) => {
      socket.on('close', resolve);
    });
    const seen = new Promise((resolve) => {
      socket.once('ping', resolve);
    });
    clock.advance(15_000);
    await seen;
    socket.pause();
    await new Promise((later) => setTimeout(later, 20));
    clock.advance(15_000);
    await new Promise((later) => setTimeout(later, 20));
    clock.advance(15_000);
    socket.resume();
    await closed;
    expect(socket.readyState).toBe(WebSocket.CLOSED);
  });
});

describe('starting', () => {
  it('a port in use is said in a sentence with a way out', async () => {
    const second = start({ port: host.port });
    await expect(second).rejects.toBeInstanceOf(SeatFault);
    await expect(second).rejects.toThrow(/port \d+ on 127.0.0.1 is in use.*--port/);
    await expect(second).rejects.toMatchObject({ refusal: { kind: 'conflict', reason: 'portInUse' } });
  });

  it('pages that were not built are said so', async () => {
    await expect(start({ rendererDir: join(folder, 'nowhere') })).rejects.toThrow(/not built/);
  });

  it('the key file is made once, for this user alone, and never replaced', () => {
    const profileDir = join(folder, 'profile');
    const random = (bytes: number) => randomBytes(bytes);
    const first = profileKey(profileDir, random);
    expect(first).toMatchObject({ kept: 'keyFile' });
    expect(statSync(join(profileDir, 'seat.key')).mode & 0o777).toBe(0o600);
    expect(profileKey(profileDir, random).key).toEqual(first.key);
    writeFileSync(join(profileDir, 'seat.key'), 'short');
    expect(() => profileKey(profileDir, random)).toThrow(SeatFault);
    expect(readFileSync(join(profileDir, 'seat.key'), 'utf8')).toBe('short');
  });
});
