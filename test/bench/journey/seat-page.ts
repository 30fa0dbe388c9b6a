import type { Browser, BrowserContext, FrameLocator, Locator, Page } from 'playwright-core';
import words from '../../../renderer/desk/locales/zh-CN.json' with { type: 'json' };
import type { Recorder } from './recorder.ts';
import { recordIn } from './recorder.ts';

/** A seat as an agent has it open: the desk in the phone page. */
export type SeatPage = {
  readonly context: BrowserContext;
  readonly page: Page;
  readonly desk: FrameLocator;
  readonly recorder: Recorder;
};

export { words };
export const button = ({ desk }: Pick<SeatPage, 'desk'>, name: string): Locator => desk.getByRole('button', { name });

type Cookies = Awaited<ReturnType<BrowserContext['cookies']>>;

const freshContext = async (browser: Browser, cookies: Cookies): Promise<BrowserContext> => {
  const context = await browser.newContext({
    viewport: { width: 1366, height: 768 },
    locale: 'zh-CN',
    timezoneId: 'Asia/Shanghai',
  });
  await context.addCookies(cookies);
  return context;
};

/** Opens the address and is recorded from the first byte on; `watch`: what else is to look on. */
export const openSeat = async (
  browser: Browser,
  address: string,
  cookies: Cookies = [],
  watch: (page: Page) => Promise<void> = () => Promise.resolve(),
): Promise<SeatPage> => {
  const context = await freshContext(browser, cookies);
  const page = await context.newPage();
  await watch(page);
  const recorder = await recordIn(page);
  await page.goto(address);
  return { context, page, desk: page.frameLocator('iframe'), recorder };
};

/**
 * From the address opened in a context that never saw it (nothing cached) to a sign-in that can be used: the accounts of practice
 * mode are there to be chosen. ms. The one-time token in the address was spent by whoever got the cookies.
 */
export const usableMs = async (browser: Browser, address: string, cookies: Cookies): Promise<number> => {
  const context = await freshContext(browser, cookies);
  try {
    const page = await context.newPage();
    const startMs = performance.now();
    await page.goto(address, { waitUntil: 'commit' });
    await button({ desk: page.frameLocator('iframe') }, words['signIn.signIn'])
      .first()
      .waitFor();
    return performance.now() - startMs;
  } finally {
    await context.close();
  }
};

/** With the first account of practice mode, until the working set is there, and Ready. */
export const signInAndReady = async (seat: SeatPage, loadMs: number): Promise<void> => {
  const { page, desk } = seat;
  await button(seat, words['signIn.signIn']).first().waitFor();
  await page.keyboard.press('1');
  await desk.getByText(words['line.registered']).first().waitFor({ timeout: 15_000 });
  await desk.getByText(words['sync.saved']).first().waitFor({ timeout: loadMs });
  // The shift-start check; its microphone line ticks by itself when the fake one beeps first.
  await page.keyboard.press('1');
  await page.keyboard.press('3');
  await button(seat, words['idle.ready']).and(desk.locator(':enabled')).waitFor({ timeout: 10_000 });
  await page.keyboard.press('F8');
  await page.keyboard.press('1');
  await button(seat, words['practice.any']).and(desk.locator(':enabled')).waitFor({ timeout: 10_000 });
};
