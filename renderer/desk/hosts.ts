import type { Port } from '../../shared/rpc.ts';

/**
 * Where the desk runs. Both hosts give a port to the engine and one to the phone page; either may be asked for again after
 * its port closed. `engine` rejects when the engine cannot be reached now.
 */
export type Host = {
  /** `isTakeOver`: the agent wants the seat in this window although another one has it. */
  readonly engine: (isTakeOver: boolean) => Promise<Port>;
  readonly phone: () => Promise<Port>;
};

/** How long the phone page may take to hand over a port before we ask again. */
const phoneAnswerMs = 2_000;
const windowKey = 'zuoxi.window';

/**
 * Browser host: the desk is a frame under the phone page. The engine is a WebSocket of our own origin; the phone page answers
 * `{zuoxi:'desk'}` with `{zuoxi:'phone-port'}` and a MessagePort.
 */
export const browserHost = (page: Window): Host => ({
  engine: (isTakeOver) => {
    const scheme = page.location.protocol === 'https:' ? 'wss' : 'ws';
    const name = encodeURIComponent(windowName(page));
    const takeOver = isTakeOver ? '&takeOver=1' : '';
    return socketPort(new WebSocket(`${scheme}://${page.location.host}/seat/desk?window=${name}${takeOver}`));
  },
  phone: () =>
    new Promise((resolve, reject) => {
      const timer = page.setTimeout(() => finish(reject, new Error('the phone page did not answer')), phoneAnswerMs);
      const finish = <T>(settle: (value: T) => void, value: T): void => {
        page.clearTimeout(timer);
        page.removeEventListener('message', listen);
        settle(value);
      };
      const listen = (event: MessageEvent): void => {
        const [port] = event.ports;
        if (event.origin !== page.location.origin || event.source !== page.parent) return;
        if (said(event.data, 'phone-port') && port !== undefined) finish(resolve, messagePort(port));
      };
      page.addEventListener('message', listen);
      page.parent.postMessage({ zuoxi: 'desk' }, page.location.origin);
    }),
});

/** Electron: the preload passes ports on as `{zuoxi:'port', to}` messages of this window, also before we ask. */
export const electronHost = (page: Window): Host => {
  const waiting = { engine: [] as ((port: Port) => void)[], phone: [] as ((port: Port) => void)[] };
  const arrived = { engine: [] as Port[], phone: [] as Port[] };
  const newest: { engine?: Port; phone?: Port } = {};
  page.addEventListener('message', (event: MessageEvent) => {
    const [raw] = event.ports;
    if (event.source !== page || raw === undefined || !said(event.data, 'port')) return;
    const to = (event.data as { to?: unknown }).to;
    if (to !== 'engine' && to !== 'phone') return;
    const port = messagePort(raw);
    const older = newest[to];
    newest[to] = port;
    const take = waiting[to].shift();
    // An older port, used or not, belongs to a process that is gone: only the newest is worth keeping. Closing it makes its user
    // ask again, whether or not this Chromium tells of the far end's death (plain ones do not).
    if (take === undefined) arrived[to] = [port];
    else take(port);
    older?.close();
  });
  const next = (to: 'engine' | 'phone') => (): Promise<Port> =>
    new Promise((resolve) => {
      const port = arrived[to].shift();
      if (port === undefined) waiting[to].push(resolve);
      else resolve(port);
    });
  return { engine: next('engine'), phone: next('phone') };
};

export const hostOf = (page: Window): Host => ('zuoxi' in page ? electronHost(page) : browserHost(page));

const said = (data: unknown, word: string): boolean =>
  typeof data === 'object' && data !== null && (data as { zuoxi?: unknown }).zuoxi === word;

/** Tells this tab from another one of the same seat; lives as long as the tab, also over reloads. */
const windowName = (page: Window): string => {
  const kept = page.sessionStorage.getItem(windowKey);
  if (kept !== null) return kept;
  const made = page.crypto.randomUUID();
  page.sessionStorage.setItem(windowKey, made);
  return made;
};

/** JSON text frames. Resolves when open. */
export const socketPort = (socket: WebSocket): Promise<Port> =>
  new Promise((resolve, reject) => {
    const port: Port = {
      send: (message) => {
        if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
      },
      onMessage: (listener) =>
        socket.addEventListener('message', (event) => {
          const message = parsed(event.data);
          if (message !== undefined) listener(message);
        }),
      onClose: (listener) => socket.addEventListener('close', () => listener(), { once: true }),
      close: () => socket.close(),
    };
    socket.addEventListener('open', () => resolve(port), { once: true });
    socket.addEventListener('close', () => reject(new Error('the engine is not there')), { once: true });
  });

const parsed = (frame: unknown): unknown => {
  if (typeof frame !== 'string') return undefined;
  try {
    return JSON.parse(frame);
  } catch {
    return undefined;
  }
};

export const messagePort = (raw: MessagePort): Port => {
  let closed = false;
  const closers = new Set<() => void>();
  const close = (): void => {
    if (closed) return;
    closed = true;
    for (const closer of closers) closer();
  };
  raw.addEventListener('close', close);
  return {
    send: (message) => raw.postMessage(message),
    onMessage: (listener) => {
      raw.addEventListener('message', (event) => listener(event.data));
      raw.start();
    },
    onClose: (listener) => void closers.add(listener),
    // Closing our own end fires no event here (HTML, message ports): tell our side ourselves.
    close: () => {
      raw.close();
      close();
    },
  };
};
