import { existsSync, mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContext, FrameLocator, Page } from 'playwright-core';
import { chromium } from 'playwright-core';
import en from '../../renderer/desk/locales/en.json' with { type: 'json' };
import zh from '../../renderer/desk/locales/zh-CN.json' with { type: 'json' };

export type Words = typeof zh;
export const languages = { 'zh-CN': zh, en } as const;
export type Locale = keyof typeof languages;

const candidates = [
  process.env['ZUOXI_BROWSER'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
];

/** The installed Chromium, Chrome or Edge. @throws when there is none: these tests have nothing to say without one */
export const chromiumPath = (): string => {
  const found = candidates.find((path) => path !== undefined && path !== '' && existsSync(path));
  if (found === undefined) throw new Error('No Chromium, Chrome or Edge was found; set ZUOXI_BROWSER to its path.');
  return found;
};

const quiet = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-quic',
  '--no-first-run',
  '--disable-gpu',
];
const asRoot = process.platform === 'linux' && process.getuid?.() === 0 ? ['--no-sandbox'] : [];
/** `fake`: a microphone that beeps, allowed; `refused`: the user said no; `absent`: no device. */
export type Microphone = 'fake' | 'refused' | 'absent';

const microphoneFlags: Readonly<Record<Microphone, readonly string[]>> = {
  fake: ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'],
  refused: ['--use-fake-device-for-media-stream', '--deny-permission-prompts'],
  absent: ['--use-fake-ui-for-media-stream'],
};

export const openBrowser = (microphone: Microphone = 'fake'): Promise<Browser> =>
  chromium.launch({
    executablePath: chromiumPath(),
    headless: true,
    args: [...asRoot, ...quiet, ...microphoneFlags[microphone], '--autoplay-policy=user-gesture-required'],
  });

export type DeskPage = {
  readonly context: BrowserContext;
  readonly page: Page;
  /** The desk inside the phone page. */
  readonly desk: FrameLocator;
  readonly words: Words;
  /** Errors of the page, content policy violations included; a journey leaves none. */
  readonly complaints: readonly string[];
  /** Saves a picture of this moment under screenshots/, which git ignores. */
  readonly shot: (name: string) => Promise<void>;
};

export type PageOptions = {
  readonly locale?: Locale;
  readonly folder?: string;
  readonly scheme?: 'light' | 'dark';
  /** The guided tour of practice mode begins by itself, as for somebody new. */
  readonly tour?: boolean;
  readonly viewport?: { readonly width: number; readonly height: number };
};

export const openDesk = async (browser: Browser, address: string, options: PageOptions = {}): Promise<DeskPage> => {
  const locale = options.locale ?? 'zh-CN';
  const context = await browser.newContext({
    viewport: options.viewport ?? { width: 1366, height: 768 },
    locale,
    timezoneId: 'Asia/Shanghai',
    colorScheme: options.scheme ?? 'light',
  });
  // A document of no origin (a blank page, a frame shut off) has no storage, and no tour.
  if (options.tour !== true)
    await context.addInitScript(() => {
      if (location.protocol.startsWith('http')) localStorage.setItem('zuoxi.tour', '*');
    });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (fault) => complaints.push(fault.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  await page.goto(address);
  const folder = fileURLToPath(new URL(`../../screenshots/${options.folder ?? 'journey'}/${locale}/`, import.meta.url));
  mkdirSync(folder, { recursive: true });
  return {
    context,
    page,
    desk: page.frameLocator('iframe'),
    words: languages[locale],
    complaints,
    shot: async (name) => void (await page.screenshot({ path: `${folder}${name}.png` })),
  };
};
