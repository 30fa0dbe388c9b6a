import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { build } from 'vite';

const gallery = fileURLToPath(new URL('../renderer/desk/gallery', import.meta.url));
const types: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };

/** The desk on an engine and a phone in memory (test/renderer/desk/gallery), built and served on loopback, without the content policy of the real hosts. */
export type GallerySite = { readonly address: string; readonly close: () => void };

export const openGallery = async (): Promise<GallerySite> => {
  const folder = mkdtempSync(join(tmpdir(), 'zuoxi-gallery-'));
  // Vitest's own word for it is "test", and React would be the slow one of developers.
  const { NODE_ENV: before } = process.env;
  process.env['NODE_ENV'] = 'production';
  await build({
    ...{ configFile: false, logLevel: 'warn', envDir: false, publicDir: false, base: './', plugins: [react()] },
    root: gallery,
    build: { outDir: folder, emptyOutDir: true, target: 'chrome140', minify: false },
  }).finally(() => (process.env['NODE_ENV'] = before ?? 'test'));
  const server = createServer((request, response) => {
    const name = new URL(request.url ?? '/', 'http://gallery').pathname.slice(1);
    try {
      const body = readFileSync(join(folder, name === '' ? 'index.html' : name));
      response
        .writeHead(200, { 'content-type': types[extname(name) || '.html'] ?? 'application/octet-stream' })
        .end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: () => {
      server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
