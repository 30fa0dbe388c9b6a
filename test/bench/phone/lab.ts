import { type Browser, chromium, type Frame, type Page } from 'playwright-core';
import { chromiumPath } from '../../e2e/browser.ts';
import type { ContenderAccount } from './contender.ts';
import { domain, type FarEnd, password, startFarEnd } from './far-end.ts';
import { type PageName, type Pages, servePages } from './pages.ts';
import { installProbe } from './probe.ts';
import { deskOf, openSeat } from './seat.ts';
import { openStunServers, type StunState } from './stun-states.ts';

/** The telephones of one run, each in a page of its own in one browser, all with one far end. */
export const contenderNames = ['zuoxi', 'sipjs-defaults', 'jssip', 'browser-phone', 'floor'] as const;
export type ContenderName = (typeof contenderNames)[number];

export type Opened = {
  readonly name: ContenderName;
  /** Its sockets' path at the far end. */
  readonly user: string;
  /** Where the probe is. */
  readonly page: Page;
  /** Where the agent clicks. */
  readonly frame: () => Frame;
  readonly close: () => Promise<void>;
  /** Ours only: another page of the same seat, as after a crash. */
  readonly reopen?: () => Promise<Omit<Opened, 'name' | 'user'>>;
};

export type Lab = {
  readonly far: FarEnd;
  readonly browser: Browser;
  /** Registered when this resolves (the floor: connected). */
  readonly open: (name: ContenderName, stun: StunState) => Promise<Opened>;
  readonly close: () => Promise<void>;
};

const pageOf: Readonly<Record<Exclude<ContenderName, 'zuoxi'>, readonly [page: PageName, hash: string]>> = {
  'sipjs-defaults': ['sipjs', ''],
  'browser-phone': ['sipjs', '#browser-phone'],
  jssip: ['jssip', ''],
  floor: ['floor', ''],
};
const registerLimitMs = 20_000;

export const openLab = async (): Promise<Lab> => {
  const far = await startFarEnd();
  const pages = await servePages();
  const servers = openStunServers();
  const browser = await chromium.launch({ executablePath: chromiumPath(), headless: true, args: [...flags] });
  let serial = 0;
  return {
    far,
    browser,
    open: async (name, stun) => {
      serial += 1;
      const user = `${10 + serial}${name === 'zuoxi' ? 'zx' : name.slice(0, 2)}`;
      const account: ContenderAccount = {
        server: `${far.url}/${user}`,
        user,
        password,
        domain,
        iceServers: await servers.of(stun),
      };
      const from = far.journal.mark();
      const opened = name === 'zuoxi' ? await openOwn(browser, account) : await openPage(browser, pages, name, account);
      const awaited = name === 'floor' ? 'connected' : 'registered';
      const isThere = await far.journal.next(
        from,
        (record) => (record.user === user && record.kind === awaited ? true : undefined),
        registerLimitMs,
      );
      if (isThere === undefined) throw new Error(`${name} is not ${awaited} after ${registerLimitMs / 1_000} s`);
      return { name, user, ...opened };
    },
    close: async () => {
      await browser.close();
      await far.close();
      await pages.close();
      await servers.close();
    },
  };
};

const flags = [
  ...(process.platform === 'linux' && process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream',
  '--autoplay-policy=no-user-gesture-required',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-quic',
  '--disable-gpu',
  '--no-first-run',
  // Each of them is in the foreground of its own window, as a telephone's page is.
  '--disable-background-timer-throttling',
  '--disable-renderer-backgrounding',
  '--disable-backgrounding-occluded-windows',
];

const openOwn = async (browser: Browser, account: ContenderAccount): Promise<Omit<Opened, 'name' | 'user'>> => {
  const { page, close, openAgain } = await openSeat(browser, account);
  const opened = (of: Page): Omit<Opened, 'name' | 'user'> => ({
    page: of,
    frame: () => deskOf(of),
    close,
    reopen: async () => opened(await openAgain()),
  });
  return opened(page);
};

const openPage = async (
  browser: Browser,
  { origin }: Pages,
  name: Exclude<ContenderName, 'zuoxi'>,
  account: ContenderAccount,
): Promise<Omit<Opened, 'name' | 'user'>> => {
  const context = await browser.newContext();
  await context.grantPermissions(['microphone'], { origin });
  const page = await context.newPage();
  await page.addInitScript(installProbe);
  const [path, hash] = pageOf[name];
  await page.goto(`${origin}/${path}${hash}`);
  await page.waitForFunction(() => 'contender' in globalThis);
  await page.evaluate((given) => window.contender.start(given), account);
  return { page, frame: () => page.mainFrame(), close: () => context.close() };
};
