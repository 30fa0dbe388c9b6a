import { crc32, deflateSync } from 'node:zlib';
import type { Glance } from './glance.ts';

/**
 * The tray's icon by agent state: a shape of its own each, because colour alone is lost on the colour-blind and on macOS, where
 * menu bar icons are black. Drawn here rather than stored: six states, two scales, two colourings.
 */
type Inside = (x: number, y: number) => boolean;
const disc =
  (radius: number): Inside =>
  (x, y) =>
    x * x + y * y <= radius * radius;

/** Coordinates run from -1 to 1, y downwards. */
const shapes: Readonly<
  Record<Glance['agent'], { readonly inside: Inside; readonly rgb: readonly [number, number, number] }>
> = {
  /** A ring. */
  offline: { inside: (x, y) => disc(0.85)(x, y) && !disc(0.55)(x, y), rgb: [128, 128, 128] },
  /** A disc with a bar cut out. */
  notReady: { inside: (x, y) => disc(0.9)(x, y) && !(Math.abs(y) < 0.18 && Math.abs(x) < 0.55), rgb: [217, 119, 6] },
  /** A full disc. */
  ready: { inside: disc(0.9), rgb: [22, 163, 74] },
  /** A bell: wide foot, round top, clapper. */
  reserved: {
    inside: (x, y) =>
      (y < -0.2 && disc(0.62)(x, y + 0.2)) ||
      (y >= -0.2 && y < 0.5 && Math.abs(x) < 0.62 + (y + 0.2) * 0.4) ||
      disc(0.2)(x, y - 0.72),
    rgb: [37, 99, 235],
  },
  /** A square. */
  onCall: { inside: (x, y) => Math.max(Math.abs(x), Math.abs(y)) < 0.8, rgb: [220, 38, 38] },
  /** The lower half of a disc under a line. */
  wrapUp: {
    inside: (x, y) => (disc(0.9)(x, y) && y > 0) || (y > -0.45 && y < -0.2 && Math.abs(x) < 0.9),
    rgb: [124, 58, 237],
  },
};

/** @param size edge in pixels. `mono`: black on transparent, for macOS to colour. Answers a PNG (RFC 2083). */
export const trayIcon = (agent: Glance['agent'], size: number, mono: boolean): Buffer => {
  const { inside, rgb } = shapes[agent];
  const [red, green, blue] = mono ? [0, 0, 0] : rgb;
  const rows = Buffer.alloc(size * (1 + size * 4));
  for (let row = 0; row < size; row += 1)
    for (let column = 0; column < size; column += 1)
      rows.set([red, green, blue, coverage(inside, column, row, size)], row * (1 + size * 4) + 1 + column * 4);
  return png(size, rows);
};

/** Share of a pixel inside the shape, 0–255, from 4 × 4 samples. */
const coverage = (inside: Inside, column: number, row: number, size: number): number => {
  let hits = 0;
  for (let i = 0; i < 16; i += 1) {
    const x = ((column + ((i % 4) + 0.5) / 4) / size) * 2 - 1;
    const y = ((row + (Math.floor(i / 4) + 0.5) / 4) / size) * 2 - 1;
    if (inside(x, y)) hits += 1;
  }
  return Math.round((hits / 16) * 255);
};

/** Rows of RGBA pixels, each led by its filter byte (0). */
const png = (size: number, rows: Buffer): Buffer => {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  header.set([8, 6, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
};

const chunk = (name: string, content: Buffer): Buffer => {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), content]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(content.length, 0);
  body.copy(framed, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
};
