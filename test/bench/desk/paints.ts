import type { Frame, Page } from 'playwright-core';

/** What the page's own observers saw since they were last read. Times in ms. */
export type Painted = {
  /** From a key's time stamp to the frame that shows what it did. */
  readonly keyMs: readonly number[];
  /** From a key's time stamp to the frame in which the watched region says something else. */
  readonly changeMs: readonly number[];
  /** Tasks of the page's thread that took over 50 ms (Long Tasks API). A frame of the same origin shares the thread and tells the same ones. */
  readonly longTasksMs: readonly number[];
  /** When a contact was on the screen with all that belongs to it, epoch ms. */
  readonly wholeAtMs: readonly number[];
};

declare global {
  interface Window {
    zuoxiPaints?: {
      read: () => Painted;
      /** From the next key on: the first change of text in what the selector finds. */
      watch: (selector: string) => void;
      /** The next contact that is drawn. */
      watchContact: () => void;
    };
  }
}

/** Watches keys, paints and long tasks in the page and its frames, from the next document on. The product knows nothing of it. */
export const watchPaints = async (page: Page): Promise<void> => {
  await page.addInitScript(observe);
};

/** Runs in the page, before its own scripts. */
const observe = (): void => {
  const seen = {
    keyMs: [] as number[],
    changeMs: [] as number[],
    longTasksMs: [] as number[],
    wholeAtMs: [] as number[],
  };
  let watched: string | null = null;
  // The animation frame callback runs before paint; a message posted from there is handled after it.
  const afterFrame = (run: () => void): void => {
    requestAnimationFrame(() => {
      const channel = new MessageChannel();
      channel.port1.addEventListener('message', run, { once: true });
      channel.port1.start();
      channel.port2.postMessage(null);
    });
  };
  const textOf = (selector: string): string => document.querySelector(selector)?.textContent ?? '';
  window.addEventListener(
    'keydown',
    ({ timeStamp }) => {
      afterFrame(() => void seen.keyMs.push(performance.now() - timeStamp));
      if (watched === null) return;
      const selector = watched;
      watched = null;
      const before = textOf(selector);
      const changes = new MutationObserver(() => {
        if (textOf(selector) === before) return;
        changes.disconnect();
        afterFrame(() => void seen.changeMs.push(performance.now() - timeStamp));
      });
      changes.observe(document.body, { subtree: true, childList: true, characterData: true });
    },
    { capture: true },
  );
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) seen.longTasksMs.push(duration);
  }).observe({ type: 'longtask' });
  window.zuoxiPaints = {
    read: () => {
      const now = { ...seen };
      Object.assign(seen, { keyMs: [], changeMs: [], longTasksMs: [], wholeAtMs: [] });
      return now;
    },
    watch: (selector) => {
      watched = selector;
    },
    watchContact: () => {
      const drawn = new MutationObserver(() => {
        if (document.querySelector('.contact .wrapup') === null) return;
        if (document.querySelector('.customer :is(.timeline, .nobody, .candidates)') === null) return;
        drawn.disconnect();
        afterFrame(() => void seen.wholeAtMs.push(performance.timeOrigin + performance.now()));
      });
      drawn.observe(document.body, { subtree: true, childList: true });
    },
  };
};

export const deskFrame = (page: Page): Frame => {
  const frame = page.frames().find((each) => each.url().endsWith('/desk/'));
  if (frame === undefined) throw new Error('the desk is not open');
  return frame;
};

/** What was seen since the last reading. */
export const readPaints = (at: Page | Frame): Promise<Painted> =>
  at.evaluate(() => {
    if (window.zuoxiPaints === undefined) throw new Error('nobody watches the paints of this page');
    return window.zuoxiPaints.read();
  });

export const watchText = (at: Frame, selector: string): Promise<void> =>
  at.evaluate((wanted) => window.zuoxiPaints?.watch(wanted), selector);

export const watchContact = (at: Frame): Promise<void> => at.evaluate(() => window.zuoxiPaints?.watchContact());
