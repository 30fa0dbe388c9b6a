import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import type { Page } from 'playwright-core';
import { build } from 'vite';

/** Chromium with agent-page.ts in it; the microphone plays a wav file (48 kHz is best) over and over. */
export type AgentBrowser = { readonly page: Page; readonly stop: () => Promise<void> };

const browserPath = () =>
  [process.env['ZUOXI_BROWSER'], '/usr/bin/chromium', '/usr/bin/google-chrome'].find(
    (path) => path !== undefined && existsSync(path),
  );

export const whyNoBrowser = (): string | undefined =>
  browserPath() === undefined ? 'no Chromium found; name one in ZUOXI_BROWSER' : undefined;

export const openAgentBrowser = async (microphone: string): Promise<AgentBrowser> => {
  const script = await bundled();
  const server = createServer((request, response) => {
    const isScript = request.url === '/agent.js';
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
    response.end(
      isScript ? script : '<!doctype html><title>agent</title><script type="module" src="/agent.js"></script>',
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const browser = await chromium.launch({
    executablePath: browserPath() ?? '',
    args: [
      '--no-sandbox',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-quic',
      '--autoplay-policy=no-user-gesture-required',
      '--use-fake-ui-for-media-stream',
      '--use-fake-device-for-media-stream',
      `--use-file-for-fake-audio-capture=${microphone}`,
    ],
  });
  const page = await browser.newPage();
  page.on('pageerror', (error) => console.error('agent page:', error.message));
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  await page.waitForFunction(() => 'agent' in window);
  return {
    page,
    stop: async () => {
      await browser.close();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

const bundled = async (): Promise<string> => {
  const result = await build({
    configFile: false,
    logLevel: 'error',
    build: {
      write: false,
      minify: false,
      rolldownOptions: { input: fileURLToPath(new URL('agent-page.ts', import.meta.url)), output: { format: 'es' } },
    },
  });
  const first = Array.isArray(result) ? result[0] : result;
  const chunk = first !== undefined && 'output' in first ? first.output[0] : undefined;
  if (chunk === undefined) throw new Error('the agent page was not bundled');
  return chunk.code;
};
