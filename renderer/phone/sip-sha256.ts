/**
 * SHA-256 (FIPS 180-4) of a text's UTF-8 form, as 64 hexadecimal digits. SIP.js wants its answer to a challenge at once, and the
 * browser's own `crypto.subtle` only promises one; a challenge is a few hundred bytes.
 */
export const sha256 = (text: string): string => {
  const bytes = padded(new TextEncoder().encode(text));
  const view = new DataView(bytes.buffer);
  const state = Uint32Array.from(start);
  const words = new Uint32Array(64);
  for (let block = 0; block < bytes.length; block += 64) {
    for (let at = 0; at < 16; at += 1) words[at] = view.getUint32(block + at * 4);
    mix(state, words);
  }
  return [...state].map((word) => word.toString(16).padStart(8, '0')).join('');
};

/** The first 32 fractional bits of the square (2) or cube (3) roots of the first primes: where the standard's constants come from. */
const roots = (root: 2 | 3, count: number): number[] => {
  const found: number[] = [];
  for (let n = 2n; found.length < count; n += 1n) {
    let isPrime = true;
    for (let by = 2n; by * by <= n; by += 1n) if (n % by === 0n) isPrime = false;
    if (isPrime) found.push(Number(floorRoot(n << (32n * BigInt(root)), BigInt(root)) & 0xffff_ffffn));
  }
  return found;
};

const floorRoot = (n: bigint, root: bigint): bigint => {
  let low = 0n;
  let high = 1n << 40n;
  while (high - low > 1n) {
    const middle = (low + high) / 2n;
    if (middle ** root <= n) low = middle;
    else high = middle;
  }
  return low;
};

const start: readonly number[] = roots(2, 8);
const constants = Uint32Array.from(roots(3, 64));

/** A one bit, zeros, and the length in bits, to whole blocks of 64 bytes. */
const padded = (message: Uint8Array): Uint8Array<ArrayBuffer> => {
  const bytes = new Uint8Array(Math.ceil((message.length + 9) / 64) * 64);
  bytes.set(message);
  bytes[message.length] = 0x80;
  new DataView(bytes.buffer).setBigUint64(bytes.length - 8, BigInt(message.length) * 8n);
  return bytes;
};

const turn = (word: number, by: number): number => (word >>> by) | (word << (32 - by));

const mix = (state: Uint32Array, words: Uint32Array): void => {
  const word = (at: number): number => words[at] ?? 0;
  for (let at = 16; at < 64; at += 1) {
    const [early, late] = [word(at - 15), word(at - 2)];
    const small = turn(early, 7) ^ turn(early, 18) ^ (early >>> 3);
    const large = turn(late, 17) ^ turn(late, 19) ^ (late >>> 10);
    words[at] = word(at - 16) + small + word(at - 7) + large;
  }
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state;
  for (let at = 0; at < 64; at += 1) {
    const chosen = (e & f) ^ (~e & g);
    const first = h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + chosen + (constants[at] ?? 0) + word(at);
    const second = (turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + first) | 0, c, b, a, (first + second) | 0];
  }
  for (const [at, value] of [a, b, c, d, e, f, g, h].entries()) state[at] = (state[at] ?? 0) + value;
};
