import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { payloads } from '../renderer/desk/payloads.ts';
import { openBrowser } from './browser.ts';
import { walk } from './desk-walk.ts';
import { type GallerySite, openGallery } from './gallery-site.ts';

/**
 * Security 21: every text the desk is told is hostile, on every screen, in a real browser and without the content policy that would
 * stop it in the product. Each payload is somewhere on each screen; `ZUOXI_HOSTILE=all` puts each of the 500 into each place, and
 * `ZUOXI_HOSTILE=2/8` the second eighth of them: all eight are the same as all.
 */
const [part = 1, parts = 1] =
  /^(\d+)\/(\d+)$/
    .exec(process.env['ZUOXI_HOSTILE'] ?? '')
    ?.slice(1)
    .map(Number) ?? [];
const isWhole = process.env['ZUOXI_HOSTILE'] !== undefined;
const turns = isWhole ? Math.ceil(payloads.length / parts) : 12;
/** The first payload of this part, and how far the next turn goes. */
const [first, step] = isWhole ? [(part - 1) * turns, 1] : [0, payloads.length / turns];

let site: GallerySite;
let browser: Browser;
beforeAll(async () => {
  site = await openGallery();
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
  site?.close();
});

/** Nothing the desk draws itself has one of these. */
const strange =
  'script:not([src]), img, iframe, object, embed, style, link, base, form[action], math, video, audio, template, ' +
  'marquee, meta:not([charset],[name]), a[href], [style*="fixed"], [srcdoc], portal, frameset, applet';

type Seen = { readonly strange: readonly string[]; readonly ran: boolean; readonly shown: boolean };

/** Runs in the page: payload after payload into every place of the screen, each drawn; what became of them. */
const show = async ([selector, from, by, rounds]: readonly [string, number, number, number]): Promise<Seen> => {
  const page = window as unknown as { readonly again: (n: number) => void; readonly __hit?: unknown };
  const found = new Set<string>();
  let shown = false;
  for (let round = 0; round < rounds; round += 1) {
    page.again(Math.floor(from + round * by));
    await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
    for (const element of document.querySelectorAll(selector)) {
      // The desk's own styles and chunks, when a screen is loaded that not everybody opens.
      if (element instanceof HTMLLinkElement && element.href.startsWith(`${location.origin}/assets/`)) continue;
      found.add(element.outerHTML.slice(0, 160));
    }
    for (const element of document.querySelectorAll('*'))
      for (const { name } of element.attributes) if (name.startsWith('on')) found.add(element.outerHTML.slice(0, 160));
    shown ||= /window\.__hit|evil\.invalid/.test(document.body.textContent ?? '');
  }
  return { strange: [...found], ran: page.__hit !== undefined, shown };
};

const openHostile = async (): Promise<{ readonly page: Page; readonly asked: string[] }> => {
  const context = await browser.newContext({ viewport: { width: 1366, height: 768 }, locale: 'zh-CN' });
  const page = await context.newPage();
  const asked: string[] = [];
  page.on('request', (request) => {
    if (!request.url().startsWith(site.address)) asked.push(request.url());
  });
  page.on('dialog', (dialog) => {
    asked.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  await page.goto(`${site.address}?hostile`);
  return { page, asked };
};

describe('security 21: hostile text stays text on every screen of the desk', () => {
  it('the check finds what does run', async () => {
    const { page, asked } = await openHostile();
    await page.evaluate(() =>
      document.body.insertAdjacentHTML('beforeend', '<img src=http://evil.invalid/x onerror=window.__hit=1>'),
    );
    await page.waitForFunction('window.__hit === 1');
    const seen = await page.evaluate(show, [strange, 0, 1, 1] as const);
    expect(seen).toMatchObject({ ran: true, strange: [expect.stringContaining('evil.invalid')] });
    expect(asked).toEqual(['http://evil.invalid/x']);
    await page.context().close();
  });

  it(
    `${payloads.length} payloads: none runs, none asks anybody for anything`,
    async () => {
      const { page, asked } = await openHostile();
      const screens: string[] = [];
      const faults: string[] = [];
      let hostileScreens = 0;
      await walk(page, async (name) => {
        const seen = await page.evaluate(show, [strange, first, step, turns] as const);
        screens.push(name);
        if (seen.shown) hostileScreens += 1;
        if (seen.ran) faults.push(`${name}: something ran`);
        faults.push(...seen.strange.map((html) => `${name}: ${html}`));
      });
      expect(faults).toEqual([]);
      expect(asked).toEqual([]);
      // Seen to be hostile: a poison that no longer reaches the screens would find nothing for ever.
      expect(hostileScreens).toBeGreaterThan(screens.length / 2);
      await page.context().close();
    },
    turns > 50 ? 1_800_000 : 120_000,
  );
});
