import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { payloads } from '../renderer/desk/payloads.ts';
import { openBrowser } from './browser.ts';
import { walk } from './desk-walk.ts';
import { walkFurther } from './further-walk.ts';
import type { Look } from './gallery-hands.ts';
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

type Seen = {
  readonly strange: readonly string[];
  readonly ran: boolean;
  /** Payloads put into the places of the screen, and in how many places at most one was seen at once. */
  readonly rounds: number;
  readonly places: number;
};

/** Runs in the page: payload after payload into every place of the screen, each drawn; what became of them. */
const show = async ([selector, from, by, rounds]: readonly [string, number, number, number]): Promise<Seen> => {
  const page = window as unknown as {
    readonly again: (n: number) => void;
    readonly __hit?: unknown;
    /** Of the screen: what it was told when it was opened, asked for anew. */
    readonly reopen?: ((gallery: unknown) => unknown) | null;
  };
  const hostile = /__hit|evil\.invalid|evil\u202c|constructor|__proto__|toString|\{unclosed|[<>]/iu;
  const found = new Set<string>();
  let places = 0;
  const frame = (): Promise<unknown> => new Promise((drawn) => requestAnimationFrame(drawn));
  /** React has written it into the page; whether it was painted as well is asked of every eighth alone. */
  const written = (): Promise<unknown> =>
    new Promise((done) => {
      const { port1, port2 } = new MessageChannel();
      port1.addEventListener('message', done);
      port1.start();
      port2.postMessage(0);
    });
  for (let round = 0; round < rounds; round += 1) {
    page.again(Math.floor(from + round * by));
    await page.reopen?.(window);
    for (let turn = 0; turn < 4; turn += 1) await written();
    if (round % 8 === 0 || round === rounds - 1) await frame();
    for (const element of document.querySelectorAll(selector)) {
      // The desk's own styles and chunks, when a screen is loaded that not everybody opens.
      if (element instanceof HTMLLinkElement && element.href.startsWith(`${location.origin}/assets/`)) continue;
      found.add(element.outerHTML.slice(0, 160));
    }
    let here = 0;
    for (const element of document.querySelectorAll('body *')) {
      for (const { name, value } of element.attributes) {
        if (name.startsWith('on')) found.add(element.outerHTML.slice(0, 160));
        if (name !== 'class' && hostile.test(value)) here += 1;
      }
      for (const child of element.childNodes)
        if (child.nodeType === Node.TEXT_NODE && hostile.test(child.nodeValue ?? '')) here += 1;
    }
    places = Math.max(places, here);
  }
  // The walk goes on with texts that have something to read in them: an order, say, needs a name.
  page.again(0);
  await page.reopen?.(window);
  for (let turn = 0; turn < 4; turn += 1) await written();
  return { strange: [...found], ran: page.__hit !== undefined, rounds, places };
};

/** Screens of numbers and fixed words alone: nobody's text is shown there. */
const wordless = new Set(['04-states', '06-help']);

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

const report = (seen: ReadonlyMap<string, Seen>): string => {
  const all = [...seen.values()];
  return JSON.stringify({
    ...{ part, parts, first, payloads: turns, screens: all.length },
    places: all.reduce((sum, { places }) => sum + places, 0),
    shown: all.reduce((sum, { places, rounds }) => sum + places * rounds, 0),
    ofScreens: Object.fromEntries([...seen].map(([name, { places }]) => [name, places])),
  });
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
      const faults: string[] = [];
      const seen = new Map<string, Seen>();
      const look: Look = async (name, again) => {
        await page.evaluate(`window.reopen = ${again === undefined ? 'null' : String(again)}`);
        const now = await page.evaluate(show, [strange, first, step, turns] as const);
        seen.set(name, now);
        if (isWhole) process.stdout.write(`${name} ${now.places}\n`);
        if (now.ran) faults.push(`${name}: something ran`);
        faults.push(...now.strange.map((html) => `${name}: ${html}`));
      };
      await walk(page, look);
      // With the other tests, twenty seconds are better spent elsewhere.
      if (isWhole) await walkFurther(page, look);
      if (isWhole) process.stdout.write(`${report(seen)}\n`);
      expect(faults).toEqual([]);
      expect(asked).toEqual([]);
      // Seen to be hostile: a poison that no longer reaches a screen would find nothing there for ever.
      const calm = [...seen].flatMap(([name, { places }]) => (places === 0 && !wordless.has(name) ? [name] : []));
      expect(calm).toEqual([]);
      await page.context().close();
    },
    isWhole ? 1_800_000 : 120_000,
  );
});
