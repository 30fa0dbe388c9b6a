import type { Page } from './app-scheme.ts';
import { pages, pageUrl } from './app-scheme.ts';
import type { Broker } from './broker.ts';
import { channels } from './channels.ts';
import type { Crashes } from './crash-guard.ts';
import { nextCrash, noCrashes } from './crash-guard.ts';
import type { Log } from '../engine/log.ts';
import { faultFields } from '../engine/log.ts';
import type { NavigatingContents } from './navigation.ts';
import type { Clock } from '../engine/clock.ts';
import type { Bounds } from './windows.ts';

/** The parts of Electron's BrowserWindow and WebContents used here. `P`: a port that can be transferred. */
export type SeatContents<P> = NavigatingContents & {
  on(event: 'render-process-gone', listener: (event: unknown, details: { readonly reason: string }) => void): unknown;
  on(
    event: 'did-start-navigation',
    listener: (details: { readonly isMainFrame: boolean; readonly isSameDocument: boolean }) => void,
  ): unknown;
  postMessage(channel: string, message: unknown, transfer?: P[]): void;
  isDestroyed(): boolean;
};
export type SeatWindow<P> = {
  readonly webContents: SeatContents<P>;
  loadURL(url: string): Promise<void>;
  on(event: 'ready-to-show', listener: () => void): unknown;
  on(event: 'close', listener: (event: { preventDefault(): void }) => void): unknown;
  show(): void;
  hide(): void;
  focus(): void;
  restore(): void;
  isMinimized(): boolean;
  isDestroyed(): boolean;
  destroy(): void;
  getNormalBounds(): Required<Bounds>;
  setContentProtection(enable: boolean): void;
};

export type SeatWindowsParts<P> = {
  readonly open: (page: Page) => SeatWindow<P>;
  readonly broker: Broker;
  readonly clock: Clock;
  readonly log: Log;
  readonly protectContent: boolean;
  /** Started hidden (login item): the desk waits in the tray. */
  readonly startHidden: boolean;
  readonly onDeskClose: (event: { preventDefault(): void }) => void;
  /** A page that will not stay up. Answers true to open it once more. */
  readonly onSafeMode: (page: Page) => Promise<boolean>;
};

export type SeatWindows<P> = {
  readonly openAll: () => void;
  readonly window: (page: Page) => SeatWindow<P> | undefined;
  readonly pageOf: (contents: unknown) => Page | undefined;
  /** To a page, if it is there; with a port when one is to be handed over. */
  readonly post: (page: Page, channel: string, message: unknown, port?: P) => void;
  readonly tell: (page: Page, message: object) => void;
  readonly showDesk: () => void;
  readonly destroyAll: () => void;
};

/** A crashed page is loaded again after this, so that one dying at once does not spin. */
const reloadAfterMs = 200;

/** The two windows: opened once, guarded, put back after a crash. A crash of one never touches the other (security 89). */
export const createSeatWindows = <P>(parts: SeatWindowsParts<P>): SeatWindows<P> => {
  const { log, clock } = parts;
  const windows = new Map<Page, SeatWindow<P>>();
  const crashes = new Map<Page, Crashes>();

  const load = (page: Page, window: SeatWindow<P>): void => {
    window
      .loadURL(pageUrl(page))
      .catch((fault: unknown) => log.error('page did not load', { page, ...faultFields(fault) }));
  };
  const gone = (page: Page, window: SeatWindow<P>, reason: string): void => {
    parts.broker.left(page);
    if (reason === 'clean-exit' || window.isDestroyed()) return;
    const now = nextCrash(crashes.get(page) ?? noCrashes, clock.nowMs());
    crashes.set(page, now);
    log.error('page crashed', { page, reason, next: now.next });
    const again = (): void => {
      if (!window.isDestroyed()) load(page, window);
    };
    if (now.next === 'reload') return void clock.after(reloadAfterMs, again);
    parts.onSafeMode(page).then(
      (open) => (open ? again() : undefined),
      (fault: unknown) => log.error('safe mode', faultFields(fault)),
    );
  };
  const open = (page: Page): void => {
    const window = parts.open(page);
    windows.set(page, window);
    if (parts.protectContent) window.setContentProtection(true);
    window.webContents.on('render-process-gone', (_event, { reason }) => gone(page, window, reason));
    window.webContents.on('did-start-navigation', (details) => {
      if (details.isMainFrame && !details.isSameDocument) parts.broker.left(page);
    });
    if (page === 'desk') {
      window.on('close', parts.onDeskClose);
      if (!parts.startHidden) window.on('ready-to-show', () => window.show());
    } else {
      // Nothing but the end of the product closes the phone; a page cannot close it by script either.
      window.on('close', (event) => event.preventDefault());
    }
    load(page, window);
  };
  const post = (page: Page, channel: string, message: unknown, port?: P): void => {
    const contents = windows.get(page)?.webContents;
    if (contents === undefined || contents.isDestroyed()) return;
    contents.postMessage(channel, message, port === undefined ? [] : [port]);
  };
  return {
    // The phone first: it registers while the desk is still painting.
    openAll: () => {
      for (const page of pages.toReversed()) open(page);
    },
    window: (page) => windows.get(page),
    pageOf: (contents) => pages.find((page) => windows.get(page)?.webContents === contents),
    post,
    tell: (page, message) => post(page, channels.tell, message),
    showDesk: () => {
      const desk = windows.get('desk');
      if (desk === undefined || desk.isDestroyed()) return;
      if (desk.isMinimized()) desk.restore();
      desk.show();
      desk.focus();
    },
    destroyAll: () => {
      for (const window of windows.values()) if (!window.isDestroyed()) window.destroy();
    },
  };
};
