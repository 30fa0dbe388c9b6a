import type { Page } from './app-scheme.ts';

/**
 * Security 2, the same for every window; test/shell holds a copy to compare with, and test/electron asks the running windows.
 * `spellcheck` is off because its dictionaries would be fetched from outside (security 23).
 */
export const webPreferences = Object.freeze({
  contextIsolation: true,
  sandbox: true,
  nodeIntegration: false,
  nodeIntegrationInWorker: false,
  nodeIntegrationInSubFrames: false,
  webSecurity: true,
  allowRunningInsecureContent: false,
  webviewTag: false,
  experimentalFeatures: false,
  enableBlinkFeatures: '',
  plugins: false,
  navigateOnDragDrop: false,
  safeDialogs: true,
  spellcheck: false,
  enableWebSQL: false,
});

/** The phone lives in a window that is never shown: it must run at full pace and play the ring without a click. */
const forPage = {
  desk: { backgroundThrottling: true, autoplayPolicy: 'document-user-activation-required' },
  phone: { backgroundThrottling: false, autoplayPolicy: 'no-user-gesture-required' },
} as const satisfies Record<Page, object>;

export type Bounds = { readonly x?: number; readonly y?: number; readonly width: number; readonly height: number };

export const smallestDesk = { width: 1_366, height: 768 } as const;

/** What BrowserWindow is constructed with. `devTools`: never in a packaged product. */
export const windowOptions = (
  page: Page,
  parts: { readonly preload: string; readonly devTools: boolean; readonly bounds: Bounds; readonly title: string },
) => ({
  title: parts.title,
  show: false,
  ...(page === 'desk'
    ? { ...parts.bounds, minWidth: smallestDesk.width, minHeight: smallestDesk.height }
    : { width: 320, height: 240, skipTaskbar: true, focusable: false, frame: false }),
  autoHideMenuBar: true,
  backgroundColor: '#ffffff',
  webPreferences: { ...webPreferences, ...forPage[page], preload: parts.preload, devTools: parts.devTools },
});

/** Windows and macOS can keep a window out of captures; elsewhere the call does nothing and the desk must not claim it. */
export const canProtectContent = (platform: string): boolean => platform === 'win32' || platform === 'darwin';

/** Saved bounds that no display shows any more would open a window nobody can see. */
export const visibleBounds = (saved: Bounds | undefined, displays: readonly Required<Bounds>[]): Bounds => {
  const size = {
    width: Math.max(saved?.width ?? 0, smallestDesk.width),
    height: Math.max(saved?.height ?? 0, smallestDesk.height),
  };
  if (saved?.x === undefined || saved.y === undefined) return size;
  const { x, y } = saved;
  // The title bar's middle must be on a display, or it cannot be dragged back.
  const grip = { x: x + size.width / 2, y: y + 16 };
  const seen = displays.some(
    (display) =>
      grip.x >= display.x &&
      grip.x < display.x + display.width &&
      grip.y >= display.y &&
      grip.y < display.y + display.height,
  );
  return seen ? { x, y, ...size } : size;
};
