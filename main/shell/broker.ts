import type { Page } from './app-scheme.ts';
import { pages } from './app-scheme.ts';

/**
 * Who talks to whom: a port between every two of desk, phone and engine.
 *
 *        desk ── phone      a page asks when it has loaded; each asking renews its ports,
 *           \    /          because those of the document before died with it
 *           engine          an engine that comes back is given ports to every page present
 */
export type BrokerParts<P> = {
  readonly newChannel: () => { readonly port1: P; readonly port2: P };
  /** Gives a page its end of the port towards `to`. */
  readonly toPage: (page: Page, to: Page | 'engine', port: P) => void;
  readonly toEngine: (role: Page, port: P) => void;
};

export type Broker = {
  readonly asked: (page: Page) => void;
  /** The page's document is gone (crash, reload, closed). */
  readonly left: (page: Page) => void;
  readonly engineUp: () => void;
  readonly engineDown: () => void;
};

export const createBroker = <P>(parts: BrokerParts<P>): Broker => {
  const present = new Set<Page>();
  let engineIsUp = false;

  const joinEngine = (page: Page): void => {
    const { port1, port2 } = parts.newChannel();
    // The engine first: it must be listening before the page's first call arrives.
    parts.toEngine(page, port2);
    parts.toPage(page, 'engine', port1);
  };
  const joinPages = (): void => {
    const { port1, port2 } = parts.newChannel();
    parts.toPage('phone', 'desk', port2);
    parts.toPage('desk', 'phone', port1);
  };
  return {
    asked: (page) => {
      present.add(page);
      if (engineIsUp) joinEngine(page);
      if (pages.every((other) => present.has(other))) joinPages();
    },
    left: (page) => void present.delete(page),
    engineUp: () => {
      engineIsUp = true;
      for (const page of present) joinEngine(page);
    },
    engineDown: () => {
      engineIsUp = false;
    },
  };
};
