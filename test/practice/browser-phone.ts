import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join, normalize } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';

/** A bare SIP.js phone in a real Chromium: what an agent's browser does, without the product around it. */
export type BrowserPhone = {
  readonly page: Page;
  /** Registers; answers incoming calls by itself, at once. */
  readonly register: (options: { url: string; user: string; password: string; domain: string }) => Promise<void>;
  /** Places a call; resolves when established, rejects with the SIP status otherwise. */
  readonly dial: (target: string) => Promise<void>;
  readonly figures: () => Promise<PhoneFigures>;
  readonly hangUp: () => Promise<void>;
  readonly close: () => Promise<void>;
};
export type PhoneFigures = {
  readonly state: string;
  readonly calls: number;
  readonly received: number;
  readonly sent: number;
  readonly codec: string;
  /** RMS of what is heard, dBFS. */
  readonly heardDb: number;
  /** Strongest frequency heard, Hz. */
  readonly heardHz: number;
  /** From 200 sent (inbound) or received (outbound) to the first RTP received; ms. */
  readonly mediaMs: readonly number[];
  readonly headers: Readonly<Record<string, string>>;
};

export const chromiumPath = ['/usr/bin/chromium', '/usr/bin/google-chrome', '/usr/bin/chromium-browser'].find((path) =>
  existsSync(path),
);

const flags = [
  '--no-sandbox',
  '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream',
  '--disable-background-networking',
  '--disable-quic',
  '--no-first-run',
  '--autoplay-policy=no-user-gesture-required',
];

export const openBrowserPhone = async (executablePath: string): Promise<BrowserPhone> => {
  const library = join(import.meta.dirname, '../../node_modules/sip.js/lib');
  const server = createServer((request, response) => {
    const path = normalize(request.url ?? '/');
    if (path === '/') {
      response
        .writeHead(200, { 'content-type': 'text/html' })
        .end('<!doctype html><title>phone</title><audio></audio>');
      return;
    }
    readFile(path === '/phone.js' ? join(import.meta.dirname, 'browser-phone-page.js') : join(library, path)).then(
      (bytes) => response.writeHead(200, { 'content-type': 'text/javascript' }).end(bytes),
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const browser: Browser = await chromium.launch({ executablePath, args: flags, headless: true });
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  await page.addScriptTag({ url: '/phone.js', type: 'module' });
  await page.waitForFunction('globalThis.phone !== undefined');
  const run = async <T>(name: string, argument?: unknown): Promise<T> =>
    page.evaluate<T>(`globalThis.phone.${name}(${JSON.stringify(argument ?? null)})`);
  return {
    page,
    register: async (options) => run('register', options),
    dial: async (target) => run('dial', target),
    figures: async () => run('figures'),
    hangUp: async () => run('hangUp'),
    close: async () => {
      await browser.close();
      server.close();
    },
  };
};
