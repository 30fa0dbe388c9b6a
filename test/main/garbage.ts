import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { deflateSync, gzipSync } from 'node:zlib';
import type { Chance } from '../fuzz/chance.ts';
import { chanceOf } from '../fuzz/chance.ts';

/** Something that is not an answer of central's contract, though it may look like one. */
export type Garbage = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** What a reader gets who goes by status and type; undefined when there is no JSON to be had. */
  readonly json: unknown;
};

const words = [
  ...[
    'changes',
    'cursor',
    'more',
    'total',
    'entity',
    'row',
    'id',
    'results',
    'opId',
    'outcome',
    'kind',
    'error',
    'token',
  ],
  ...['agent', 'policy', 'customers', 'history', 'matched', 'triesLeft', 'lockedUntilMs', 'level', 'fields', 'status'],
  ...['protocol', 'samples', 'calls', 'callers', 'answers', '__proto__', 'constructor', 'toString', 'length', ''],
] as const;
const leaves: readonly [unknown, ...unknown[]] = [
  ...([
    null,
    true,
    false,
    0,
    -1,
    1e308,
    0.1,
    '',
    'applied',
    'customer',
    '../../etc/passwd',
    '<script>1</script>',
  ] as const),
  ...(['\u0000', '\ud800', 'x'.repeat(70_000), '00000000-0000-7000-8000-000000000000', [], {}] as const),
];

const drawn = (chance: Chance, depth: number): unknown => {
  if (depth === 0 || chance.once(3)) return chance.oneOf(leaves);
  const size = chance.below(5);
  if (chance.once(3)) return Array.from({ length: size }, () => drawn(chance, depth - 1));
  return Object.fromEntries(Array.from({ length: size }, () => [chance.oneOf(words), drawn(chance, depth - 1)]));
};

/** Texts no parser of JSON should take, and some it does. */
const texts: readonly [string, ...string[]] = [
  ...([
    '',
    ' ',
    '{',
    '[',
    '{"changes":[',
    'null',
    'undefined',
    'NaN',
    '{"a":1,}',
    "{'a':1}",
    '\ufeff{}',
    '{}{}',
  ] as const),
  ...([
    '<!doctype html><form action="/login"></form>',
    '{"error":{"kind":"tooOld"}}',
    '{"error":"no"}',
    '"ok"',
    '1e999',
  ] as const),
  '{"changes":[],"changes":7,"cursor":"a","cursor":null,"more":false,"total":0}',
  '{"results":[{"opId":"00000000-0000-7000-8000-000000000000","outcome":"applied"}],"results":"all"}',
  `{"total":${'9'.repeat(400)}}`,
  `${'['.repeat(20_000)}${']'.repeat(20_000)}`,
  `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`,
];
const types = [
  'application/json',
  'application/json; charset=utf-16',
  'text/html',
  'text/plain',
  'application/jsonp',
  '',
] as const;
const statuses = [200, 200, 200, 200, 201, 204, 206, 302, 400, 404, 418, 429, 500, 502, 503, 599] as const;
let bomb: Buffer | undefined;

export const garbage = (seed: number, index: number): Garbage => {
  const chance = chanceOf(seed, index);
  const text = chance.once(3) ? chance.oneOf(texts) : JSON.stringify(drawn(chance, 5));
  const whole = Buffer.from(text);
  const isCut = chance.once(5);
  const plain = isCut ? whole.subarray(0, chance.below(whole.length + 1)) : whole;
  const status = chance.oneOf(statuses);
  const type = chance.once(2) ? 'application/json' : chance.oneOf(types);
  const headers: Record<string, string> = type === '' ? {} : { 'content-type': type };
  const json = /^application\/json\b/.test(type) ? parsed(plain) : undefined;
  switch (chance.below(12)) {
    case 0:
      return {
        status,
        headers: { ...headers, 'content-encoding': 'gzip' },
        body: Buffer.from('\x1f\x8b\x08no'),
        json: undefined,
      };
    case 1:
      return { status, headers: { ...headers, 'content-encoding': 'gzip' }, body: gzipSync(plain), json };
    case 2:
      return { status, headers: { ...headers, 'content-encoding': 'deflate' }, body: deflateSync(plain), json };
    case 3:
      if (!chance.once(6)) break;
      bomb ??= gzipSync(Buffer.alloc(40 * 1024 * 1024, 0x20));
      return { status, headers: { ...headers, 'content-encoding': 'gzip' }, body: bomb, json: undefined };
    default:
      break;
  }
  return { status, headers, body: plain, json };
};

const parsed = (body: Buffer): unknown => {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
};

/** Answers in central's place. */
export type Gate = {
  readonly url: string;
  now: Garbage | undefined;
  readonly close: () => Promise<void>;
};

export const startGate = async (): Promise<Gate> => {
  const state: { now: Garbage | undefined } = { now: undefined };
  const server = createServer((incoming, outgoing) => {
    const { now } = state;
    if (now === undefined) return void outgoing.destroy();
    incoming.resume();
    incoming.on('end', () => {
      const noBody = now.status === 204;
      outgoing.writeHead(now.status, noBody ? {} : now.headers).end(noBody ? undefined : now.body);
    });
  });
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get now() {
      return state.now;
    },
    set now(next) {
      state.now = next;
    },
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
};
