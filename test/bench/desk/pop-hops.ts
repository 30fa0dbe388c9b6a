import type { Page } from 'playwright-core';

/** The stretches of a pop's way, in their order; they add up to `ring_to_pop_ms`. */
export const popHops = ['phone', 'engine', 'draw', 'wait', 'frame'] as const;
/**
 * ms each. `phone`: from the INVITE at the phone page to its report; `engine`: from there until the desk's page has the engine's word of the
 * contact, both sockets included; `draw`: until the greeting is in the document; `wait`: for the browser's next frame; `frame`: until that is
 * painted.
 */
export type PopHops = Readonly<Record<(typeof popHops)[number], number>>;

type Mark = 'invited' | 'reported' | 'told' | 'drawn' | 'framed';

declare global {
  interface Window {
    /** Of the top page, for it and its frames: epoch ms, the first of each since `forget`. */
    zuoxiHops?: {
      readonly marks: Partial<Record<Mark, number>>;
      readonly mark: (name: Mark) => void;
      readonly forget: () => void;
    };
  }
}

/** Watches the pop's way from the next document on. The product knows nothing of it. */
export const watchHops = async (page: Page): Promise<void> => {
  await page.addInitScript(observe);
};

/** Runs in the page, before its own scripts. */
const observe = (): void => {
  const nowMs = (): number => performance.timeOrigin + performance.now();
  if (window.top === window) {
    const marks: Partial<Record<Mark, number>> = {};
    window.zuoxiHops = {
      marks,
      mark: (name) => {
        if (marks[name] !== undefined) return;
        marks[name] = nowMs();
        // For whoever looks at a trace.
        performance.mark(`pop ${name}`);
      },
      forget: () => {
        performance.clearMarks();
        for (const name of Object.keys(marks)) delete marks[name as Mark];
      },
    };
  }
  const nobody: NonNullable<Window['zuoxiHops']> = { marks: {}, mark: () => {}, forget: () => {} };
  const hops = window.top?.zuoxiHops ?? nobody;
  const Plain = window.WebSocket;
  window.WebSocket = class extends Plain {
    readonly #isPhone: boolean;
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols);
      const to = String(url);
      this.#isPhone = to.includes('/seat/phone');
      const isDesk = to.includes('/seat/desk');
      if (this.#isPhone) return;
      // First of all listeners: before the page's own.
      this.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
        if (typeof data !== 'string') return;
        if (!isDesk && data.startsWith('INVITE ')) hops.mark('invited');
        if (!isDesk || hops.marks.invited === undefined || !data.includes('"name":"contact","body":{')) return;
        hops.mark('told');
      });
    }
    override send(data: string | BufferSource | Blob): void {
      super.send(data);
      if (this.#isPhone && typeof data === 'string' && data.includes('"phone.report"') && data.includes('"ringing"'))
        hops.mark('reported');
    }
  };
  const seen = new MutationObserver(() => {
    if (hops.marks.told === undefined || hops.marks.drawn !== undefined) return;
    if (document.querySelector('.customer .greeting') === null) return;
    hops.mark('drawn');
    requestAnimationFrame(() => hops.mark('framed'));
  });
  document.addEventListener('DOMContentLoaded', () => seen.observe(document.body, { subtree: true, childList: true }));
};

export const forgetHops = (page: Page): Promise<void> => page.evaluate(() => window.zuoxiHops?.forget());

/** Of the pop since `forgetHops`. @throws when a mark is missing: what was not seen has no figure */
export const readHops = async (page: Page, paintedAtMs: number): Promise<PopHops> => {
  const marks = await page.evaluate(() => ({ ...window.zuoxiHops?.marks }));
  const { invited, reported, told, drawn, framed } = marks;
  if (
    invited === undefined ||
    reported === undefined ||
    told === undefined ||
    drawn === undefined ||
    framed === undefined
  )
    throw new Error(`a pop was seen only as far as ${JSON.stringify(marks)}`);
  return {
    phone: reported - invited,
    engine: told - reported,
    draw: drawn - told,
    wait: framed - drawn,
    frame: paintedAtMs - framed,
  };
};
