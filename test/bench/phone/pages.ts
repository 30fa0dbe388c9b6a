import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

/** The contenders' pages, built as ours are (minified, same target) and served on loopback. */
export type Pages = { readonly origin: string; readonly close: () => Promise<void> };

const here = fileURLToPath(new URL('.', import.meta.url));
const names = ['sipjs', 'jssip', 'floor'] as const;
export type PageName = (typeof names)[number];

export const servePages = async (): Promise<Pages> => {
  const folder = mkdtempSync(join(tmpdir(), 'zuoxi-bench-pages-'));
  await build({
    configFile: false,
    logLevel: 'error',
    publicDir: false,
    build: {
      outDir: folder,
      emptyOutDir: true,
      target: 'chrome140',
      modulePreload: { polyfill: false },
      rolldownOptions: {
        input: Object.fromEntries(names.map((name) => [name, join(here, `${name}-page.ts`)])),
        output: { entryFileNames: '[name].js', chunkFileNames: 'parts/[name]-[hash].js' },
      },
    },
  });
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://bench');
    const name = names.find((each) => pathname === `/${each}`);
    if (name !== undefined)
      return response
        .writeHead(200, { 'content-type': 'text/html' })
        .end(`<!doctype html><title>${name}</title><script type="module" src="/${name}.js"></script>`);
    const file = join(folder, pathname);
    if (!pathname.endsWith('.js') || pathname.includes('..') || !existsSync(file)) return response.writeHead(404).end();
    return response.writeHead(200, { 'content-type': 'text/javascript' }).end(readFileSync(file));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      });
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
