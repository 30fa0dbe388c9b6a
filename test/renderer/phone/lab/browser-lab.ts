import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { inject } from 'vitest';
import { SeatId } from '../../../../shared/ids.ts';
import type { PhoneState } from '../../../../shared/phone.ts';
import { askFor } from '../../../house/on-demand.ts';
import { type SipRelay, startSipRelay } from './sip-relay.ts';

export const agent = { user: 'agent1', password: 'lab-only-1' } as const;
const customer = { user: 'customer', password: 'lab-only-2' } as const;

/** A relay, a browser, and a server for the two pages of the lab. */
export type BrowserLab = {
  readonly relay: SipRelay;
  readonly browser: Browser;
  /** A registered customer. */
  readonly openFar: () => Promise<Page>;
  /** A telephone; started unless told otherwise, its microphone allowed unless told otherwise. */
  readonly openPhone: (options?: { isStarted?: boolean; permissions?: string[] }) => Promise<Page>;
  readonly until: (
    page: Page,
    what: string,
    is: (state: PhoneState) => boolean,
    limitMs?: number,
  ) => Promise<PhoneState>;
  /** Errors no one caught in any page of the lab. */
  readonly errors: string[];
  readonly close: () => Promise<void>;
};

export const openBrowserLab = async (
  flags: readonly string[] = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'],
): Promise<BrowserLab> => {
  const folder = await askFor(inject('madeOnce'), 'lab');
  const files = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://lab').pathname;
    const name = /^\/(phone|far)$/.exec(path)?.[1];
    if (name !== undefined)
      return response
        .writeHead(200, { 'content-type': 'text/html' })
        .end(`<!doctype html><title>${name}</title><script type="module" src="/${name}.js"></script>`);
    const file = join(folder, path);
    if (!path.endsWith('.js') || path.includes('..') || !existsSync(file)) return response.writeHead(404).end();
    return response.writeHead(200, { 'content-type': 'text/javascript' }).end(readFileSync(file));
  });
  await new Promise<void>((resolve) => files.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(files.address() as AddressInfo).port}`;
  const relay = await startSipRelay();
  relay.options.passwords.set(agent.user, agent.password).set(customer.user, customer.password);
  const browser = await chromium.launch({
    executablePath: process.env.ZUOXI_BROWSER ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-background-networking',
      '--disable-quic',
      '--no-first-run',
      '--autoplay-policy=user-gesture-required',
      '--disable-background-timer-throttling',
      '--disable-renderer-backgrounding',
      '--disable-backgrounding-occluded-windows',
      ...flags,
    ],
  });
  const errors: string[] = [];
  const contexts: BrowserContext[] = [];
  const open = async (name: 'phone' | 'far', permissions: string[]): Promise<Page> => {
    const context = await browser.newContext();
    contexts.push(context);
    if (permissions.length > 0) await context.grantPermissions(permissions, { origin });
    const page = await context.newPage();
    page.on('pageerror', (error) => errors.push(`${name}: ${error.message}`));
    await page.goto(`${origin}/${name}`);
    await page.waitForFunction((key) => key in globalThis, name === 'phone' ? 'lab' : 'far');
    return page;
  };

  return {
    relay,
    browser,
    errors,
    openFar: async () => {
      const page = await open('far', ['microphone']);
      await page.evaluate(([server, user, password]) => window.far.register(server, user, password), [
        relay.url,
        customer.user,
        customer.password,
      ] as const);
      await page.waitForFunction(() => true);
      return page;
    },
    openPhone: async (options = {}) => {
      const page = await open('phone', options.permissions ?? ['microphone']);
      if (options.isStarted !== false) {
        await page.evaluate(startPhone, accountOf(relay));
        await until(page, 'registered', (state) => state.line.kind === 'registered');
      }
      return page;
    },
    until,
    close: async () => {
      for (const context of contexts) await context.close();
      await browser.close();
      await relay.close();
      await new Promise((resolve) => files.close(resolve));
    },
  };
};

export const accountOf = (relay: SipRelay, password: string = agent.password) => ({
  seatId: SeatId.parse('0190a0b0-c0d0-7000-8000-0123456789ab'),
  credentials: {
    server: relay.url,
    domain: 'lab.invalid',
    user: agent.user,
    password,
    expiresAtMs: Date.now() + 3_600_000,
    iceServers: [],
  },
});
export const startPhone = (account: ReturnType<typeof accountOf>): void => window.lab.phone.start(account);

const until: BrowserLab['until'] = async (page, what, is, limitMs = 10_000) => {
  const endMs = Date.now() + limitMs;
  let state = await page.evaluate(() => window.lab.phone.state());
  while (!is(state)) {
    if (Date.now() > endMs) throw new Error(`not within ${limitMs} ms: ${what}; state ${JSON.stringify(state)}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
    state = await page.evaluate(() => window.lab.phone.state());
  }
  return state;
};
