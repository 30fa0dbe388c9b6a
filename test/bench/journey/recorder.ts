import type { Page } from 'playwright-core';
import { within } from './npm-start.ts';

/** Something that happened in one of the seat's pages, with the page's own time (epoch ms, with fractions). */
export type Seen =
  | { readonly kind: 'key'; readonly key: string; readonly atMs: number }
  /** A message to or from the engine; of the SIP socket only `INVITE` as it is sent. */
  | { readonly kind: 'sent' | 'heard'; readonly text: string; readonly atMs: number };

declare global {
  interface Window {
    zuoxiBench: (seen: string) => void;
    zuoxiBenchDesk?: WebSocket;
  }
}

/** Everything the pages do, as it happens. Nothing is kept in the page: its heap is measured. */
export type Recorder = {
  /** Where the record stands now: look from here on. */
  readonly mark: () => number;
  /** The first record from a mark on that `pick` makes something of; waits for it. */
  readonly next: <T>(from: number, what: string, pick: (record: Seen) => T | undefined) => Promise<T>;
  /** The records between two marks. */
  readonly seen: (from: number, until: number) => readonly Seen[];
  /** Lets go of the page: what the binding holds on to would count as the page's memory. */
  readonly close: () => Promise<void>;
};

const limitMs = 20_000;

/**
 * Listens in the page and its frames, from the next document on. The product knows nothing of it. Told through a plain binding:
 * Playwright's own would keep frames alive that are gone.
 */
export const recordIn = async (page: Page): Promise<Recorder> => {
  const records: Seen[] = [];
  const waiting = new Set<() => void>();
  const session = await page.context().newCDPSession(page);
  session.on('Runtime.bindingCalled', ({ name, payload }) => {
    if (name !== 'zuoxiBench') return;
    records.push(JSON.parse(payload) as Seen);
    for (const look of waiting) look();
  });
  await session.send('Runtime.enable');
  await session.send('Runtime.addBinding', { name: 'zuoxiBench' });
  await page.addInitScript(listen);
  return {
    mark: () => records.length,
    next: async (from, what, pick) => {
      const found = Promise.withResolvers<NonNullable<ReturnType<typeof pick>>>();
      let at = from;
      const look = (): void => {
        for (; at < records.length; at += 1) {
          const record = records[at];
          const picked = record === undefined ? undefined : pick(record);
          if (picked !== undefined && picked !== null) return found.resolve(picked);
        }
      };
      waiting.add(look);
      look();
      try {
        return await within(found.promise, limitMs, `${what}: nothing was seen`);
      } catch (fault) {
        const keys = records.slice(from).flatMap((record) => (record.kind === 'key' ? record.key : []));
        throw new Error(`${String(fault)}; keys pressed meanwhile: ${keys.join(' ')}`, { cause: fault });
      } finally {
        waiting.delete(look);
      }
    },
    seen: (from, until) => records.slice(from, until),
    close: () => session.detach(),
  };
};

/** Runs in the page, before its own scripts. */
const listen = (): void => {
  const tell = (seen: Seen): void => window.zuoxiBench(JSON.stringify(seen));
  const longest = 1_000;
  const own = /phone\.report|trace\.popPainted|script\.answer/;
  const nowMs = (): number => performance.timeOrigin + performance.now();
  window.addEventListener(
    'keydown',
    ({ key, timeStamp }) => tell({ kind: 'key', key, atMs: performance.timeOrigin + timeStamp }),
    { capture: true },
  );
  const Plain = window.WebSocket;
  window.WebSocket = class extends Plain {
    readonly #isEngine: boolean;
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols);
      this.#isEngine = String(url).includes('/seat/');
      if (String(url).includes('/seat/desk')) window.zuoxiBenchDesk = this;
      if (this.#isEngine)
        this.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
          const atMs = nowMs();
          // Answers and small states; the contact in hand would cost time on its way to us.
          if (typeof data === 'string' && data.length < longest) tell({ kind: 'heard', text: data, atMs });
        });
    }
    override send(data: string | BufferSource | Blob): void {
      const atMs = nowMs();
      super.send(data);
      if (typeof data !== 'string') return;
      if (this.#isEngine ? own.test(data) : data.startsWith('INVITE '))
        tell({ kind: 'sent', text: this.#isEngine ? data : 'INVITE', atMs });
    }
  };
};
