import type { Port } from '../../shared/rpc.ts';
import { messagePort, socketPort } from './ports.ts';
import { texts } from './texts.ts';

/** Where the phone page runs. Both hosts give ports; only the browser host shows something. */
export type Host = {
  /** A new connection to the engine; rejects when it cannot be reached now. */
  readonly engine: (isTakeOver: boolean) => Promise<Port>;
  /** A desk wants to telephone; each page load of the desk asks again. */
  readonly onDesk: (listener: (port: Port) => void) => void;
  /** The computer slept or the network changed: what looks connected may not be. */
  readonly onResumed: (listener: () => void) => void;
  /** Brings the desk into view, or takes it away. */
  readonly showDesk: (isShown: boolean) => void;
};

export const hostOf = (page: Window): Host => ('zuoxi' in page ? electronHost(page) : browserHost(page));

const windowKey = 'zuoxi.window';

/** Top page of a browser tab, with the desk in a frame: a reload of the desk leaves this page, and its call, alone. */
export const browserHost = (page: Window): Host => {
  const { document, location } = page;
  let frame: HTMLIFrameElement | undefined;

  const makeFrame = (): HTMLIFrameElement => {
    const made = document.createElement('iframe');
    made.src = '/desk/';
    made.title = `${texts.deskFrame.zh} ${texts.deskFrame.en}`;
    made.className = 'desk-frame';
    // A reload leaves the focus on this page, where no key of the desk works; so does coming back to the tab.
    made.addEventListener('load', () => made.contentWindow?.focus());
    return made;
  };
  page.addEventListener('focus', () => frame?.contentWindow?.focus());
  return {
    engine: (isTakeOver) => {
      const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
      const name = encodeURIComponent(windowName(page));
      const takeOver = isTakeOver ? '&takeOver=1' : '';
      return socketPort(new WebSocket(`${scheme}://${location.host}/seat/phone?window=${name}${takeOver}`));
    },
    onDesk: (listener) =>
      page.addEventListener('message', (event: MessageEvent<unknown>) => {
        // Only our own frame, and only while it shows a page of ours.
        const asker = frame?.contentWindow;
        if (event.origin !== location.origin || asker === null || asker === undefined || event.source !== asker) return;
        if (!said(event.data, 'desk')) return;
        const { port1, port2 } = new MessageChannel();
        listener(messagePort(port1));
        asker.postMessage({ zuoxi: 'phone-port' }, location.origin, [port2]);
      }),
    onResumed: (listener) => onNetworkChange(page, listener),
    showDesk: (isShown) => {
      if (isShown === (frame !== undefined)) return;
      frame = isShown ? makeFrame() : undefined;
      document.body.replaceChildren(...(frame === undefined ? [] : [frame]));
    },
  };
};

/** A hidden window: the preload passes ports on as `{zuoxi:'port', to}` messages of this window, also before we ask. */
export const electronHost = (page: Window): Host => {
  const waiting: ((port: Port) => void)[] = [];
  let arrived: Port | undefined;
  let newest: Port | undefined;
  let onDesk = (_port: Port): void => {};
  let early: Port | undefined;
  let onResumed = (): void => {};
  page.addEventListener('message', (event: MessageEvent<unknown>) => {
    if (event.source !== page) return;
    if (said(event.data, 'resumed')) return onResumed();
    const [raw] = event.ports;
    if (raw === undefined || !said(event.data, 'port')) return;
    const to = (event.data as { readonly to?: unknown }).to;
    const port = messagePort(raw);
    if (to === 'desk') {
      early = port;
      onDesk(port);
    }
    if (to !== 'engine') return;
    const older = newest;
    newest = port;
    const take = waiting.shift();
    // An older port, used or not, belongs to a process that is gone: only the newest is worth keeping. Closing it makes its user
    // ask again, whether or not this Chromium tells of the far end's death (plain ones do not).
    if (take === undefined) arrived = port;
    else take(port);
    older?.close();
  });
  return {
    engine: () =>
      new Promise((resolve) => {
        const port = arrived;
        arrived = undefined;
        if (port === undefined) waiting.push(resolve);
        else resolve(port);
      }),
    onDesk: (listener) => {
      onDesk = listener;
      if (early !== undefined) listener(early);
    },
    onResumed: (listener) => {
      onResumed = listener;
      onNetworkChange(page, listener);
    },
    showDesk: () => {},
  };
};

/** `online` comes after none; a change from cable to WLAN is told by NetworkInformation alone, where there is one. */
const onNetworkChange = (page: Window, listener: () => void): void => {
  page.addEventListener('online', () => listener());
  const { connection } = page.navigator as Navigator & { readonly connection?: EventTarget };
  connection?.addEventListener('change', () => listener());
};

const said = (message: unknown, word: string): boolean =>
  typeof message === 'object' && message !== null && (message as { readonly zuoxi?: unknown }).zuoxi === word;

/** Tells this tab from another one of the same seat; lives as long as the tab, also over reloads. */
const windowName = (page: Window): string => {
  const kept = page.sessionStorage.getItem(windowKey);
  if (kept !== null) return kept;
  const made = page.crypto.randomUUID();
  page.sessionStorage.setItem(windowKey, made);
  return made;
};
