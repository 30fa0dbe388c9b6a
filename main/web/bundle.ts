import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import { gzipSync } from 'node:zlib';
import { refusal, SeatFault } from '../../shared/result.ts';

export type BundleFile = {
  readonly type: string;
  readonly body: Buffer;
  /** Undefined where it would not become smaller. */
  readonly gzip: Buffer | undefined;
  readonly etag: string;
  /** Built files carry their hash in the name: the browser may keep them for ever. */
  readonly isImmutable: boolean;
};

/** The built pages by address, all in memory: what is not in this map cannot be served, whatever the address looks like. */
export type Bundle = ReadonlyMap<string, BundleFile>;

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.wav': 'audio/wav',
  '.mp3': 'audio/mpeg',
  '.ogg': 'audio/ogg',
};

/** @throws SeatFault when the pages were not built */
export const readBundle = (rendererDir: string): Bundle => {
  const bundle = new Map<string, BundleFile>();
  for (const path of filesIn(rendererDir)) {
    const type = types[extname(path)];
    if (type === undefined) continue;
    const address = `/${relative(rendererDir, path).split(sep).join('/')}`;
    bundle.set(address, fileOf(readFileSync(path), type, address.startsWith('/assets/')));
  }
  // Two pages, two addresses: the phone is the top page, the desk a frame in it.
  const phone = bundle.get('/phone/index.html');
  const desk = bundle.get('/desk/index.html');
  if (phone === undefined || desk === undefined)
    throw new SeatFault(
      `the pages are not built: ${rendererDir} has no phone/index.html and desk/index.html`,
      refusal('internal', 'notBuilt'),
    );
  return bundle.set('/', phone).set('/desk/', desk);
};

const filesIn = (folder: string): string[] => {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
  } catch {
    return [];
  }
};

const fileOf = (body: Buffer, type: string, isImmutable: boolean): BundleFile => {
  // Not source maps, which are JSON: for developers only, and not worth the time at start.
  const isText = /^(text|image\/svg)/.test(type) && body.length > 1_000;
  const gzip = isText ? gzipSync(body) : undefined;
  return {
    type,
    body,
    gzip: gzip !== undefined && gzip.length < body.length ? gzip : undefined,
    etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`,
    isImmutable,
  };
};
