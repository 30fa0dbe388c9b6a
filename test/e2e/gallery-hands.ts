import type { Page } from 'playwright-core';
import type { Desk } from '../../renderer/desk/desk.ts';
import type { Stage } from '../renderer/desk/stage.ts';

/** The gallery page as its visitors hold it. */
export type Gallery = { readonly stage: Stage; readonly desk: Desk };
export type Run = (gallery: Gallery) => unknown;
/** `again`: asks anew, in the page, for what the screen was told when it was opened. */
export type Look = (name: string, again?: Run) => Promise<void>;

export type Hands = {
  readonly look: Look;
  readonly keys: (...pressed: readonly string[]) => Promise<void>;
  readonly typed: (text: string) => Promise<void>;
  readonly gallery: (run: Run) => Promise<void>;
  readonly until: (run: (gallery: Gallery) => boolean) => Promise<unknown>;
};

export const handsOn = (page: Page, look: Look): Hands => {
  const keys = async (...pressed: readonly string[]): Promise<void> => {
    for (const key of pressed) await page.keyboard.press(key, { delay: 20 });
    await page.waitForTimeout(120);
  };
  const typed = async (text: string): Promise<void> => {
    await page.keyboard.type(text);
    await page.waitForTimeout(250);
  };
  const gallery = async (run: Run): Promise<void> => void (await page.evaluate(`(${String(run)})(window)`));
  const until = (run: (gallery: Gallery) => boolean): Promise<unknown> =>
    page.waitForFunction(`(${String(run)})(window)`, undefined, { timeout: 10_000 });
  return { look, keys, typed, gallery, until };
};
