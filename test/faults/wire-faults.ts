import { gzipSync } from 'node:zlib';
import type { Chance } from '../fuzz/chance.ts';

/**
 * What can happen to one request. The first group happens to what is under way: `lateRequest` is cut at the seat's side and reaches central
 * later, behind newer ones; `doubled` reaches two instances. The others are answered by something that is not central.
 */
export const underWay = [
  'lostRequest',
  'lostReply',
  'doubled',
  'lateRequest',
  'delayed',
  'truncated',
  'cutConnection',
] as const;
export const madeUp = [
  'tooMany429',
  'failed500',
  'badGateway502',
  'away503',
  'htmlError',
  'portal200',
  'otherShape',
  'otherOps',
  'gzipGarbage',
  'gzipBomb',
  'huge',
  'redirect',
  'tokenOver401',
] as const;
export type WireFault = (typeof underWay)[number] | (typeof madeUp)[number];

/** Costly or far-reaching ones are drawn seldom. */
const seldom: ReadonlySet<WireFault> = new Set(['huge', 'gzipBomb', 'tokenOver401']);

/** The fault of a seat's n-th request, or none. In a storm every third request has one. */
export const wireFault = (chance: Chance, isStorm: boolean): WireFault | undefined => {
  if (chance.below(100) >= (isStorm ? 33 : 6)) return undefined;
  const fault = chance.once(2) ? chance.oneOf(underWay) : chance.oneOf(madeUp);
  return seldom.has(fault) && !chance.once(6) ? 'lostReply' : fault;
};

export type MadeUpAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
};

const json = { 'content-type': 'application/json' };
const html = { 'content-type': 'text/html; charset=utf-8' };
const page = Buffer.from('<!doctype html><title>Sign in</title><form action="/login"><input name="room"></form>');
let bomb: Buffer | undefined;
let blank: Buffer | undefined;

export const madeUpAnswer = (fault: (typeof madeUp)[number], chance: Chance): MadeUpAnswer => {
  switch (fault) {
    case 'tooMany429':
      return { status: 429, headers: { ...html, 'retry-after': '1' }, body: page };
    case 'failed500':
      return { status: 500, headers: json, body: Buffer.from('{"error":{"kind":"internal"}}') };
    case 'badGateway502':
      return { status: 502, headers: html, body: Buffer.from('<h1>502 Bad Gateway</h1>') };
    case 'away503':
      return { status: 503, headers: json, body: Buffer.from('{"message":"upstream"}') };
    case 'htmlError':
      return { status: 500, headers: json, body: Buffer.from('<pre>Error: at /srv/app.js:1:1</pre>') };
    case 'portal200':
      return { status: 200, headers: html, body: page };
    case 'otherShape':
      return {
        status: 200,
        headers: json,
        body: Buffer.from(
          chance.oneOf(['{"results":"all","changes":7}', '[]', 'null', '{"results":[{"opId":1,"outcome":"applied"}]}']),
        ),
      };
    case 'otherOps':
      // The right shape, about something nobody asked.
      return {
        status: 200,
        headers: json,
        body: Buffer.from('{"results":[{"opId":"00000000-0000-7000-8000-000000000000","outcome":"applied"}]}'),
      };
    case 'gzipGarbage':
      return { status: 200, headers: { ...json, 'content-encoding': 'gzip' }, body: Buffer.from('\x1f\x8b\x08not') };
    case 'gzipBomb':
      bomb ??= gzipSync(Buffer.alloc(33 * 1024 * 1024, 0x20));
      return { status: 200, headers: { ...json, 'content-encoding': 'gzip' }, body: bomb };
    case 'huge':
      blank ??= Buffer.alloc(33 * 1024 * 1024, 0x20);
      return { status: 200, headers: json, body: blank };
    case 'redirect':
      return { status: 302, headers: { location: 'http://127.0.0.1:9/portal' }, body: Buffer.alloc(0) };
    case 'tokenOver401':
      return { status: 401, headers: json, body: Buffer.from('{"error":{"kind":"unauthorised"}}') };
  }
};

export const isMadeUp = (fault: WireFault): fault is (typeof madeUp)[number] =>
  (madeUp as readonly string[]).includes(fault);
