import type { Browser } from 'playwright-core';
import { readPaints, watchPaints } from './paints.ts';

/** Key → paint of a page with nothing but one empty text field, in the same browser: what no desk can beat. ms */
export const bareKeys = async (browser: Browser, keys: number): Promise<readonly number[]> => {
  const context = await browser.newContext({ viewport: { width: 1366, height: 768 } });
  try {
    const page = await context.newPage();
    await watchPaints(page);
    await page.route('http://bare.invalid/', (route) =>
      route.fulfill({ contentType: 'text/html', body: '<!doctype html><textarea rows=5></textarea>' }),
    );
    await page.goto('http://bare.invalid/');
    await page.locator('textarea').focus();
    await page.keyboard.type('k'.repeat(keys), { delay: 80 });
    await page.waitForTimeout(50);
    return (await readPaints(page)).keyMs;
  } finally {
    await context.close();
  }
};
