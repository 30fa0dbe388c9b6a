import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { BrowserContext, Page as Tab } from 'playwright-core';
import { systemClock } from '../../main/engine/clock.ts';
import type { ElectronParts } from '../../main/shell/electron-parts.ts';
import type { SeatWindow } from '../../main/shell/seat-windows.ts';
import { runShell } from '../../main/shell/shell.ts';
import { fakeElectron } from '../shell/fake-electron.ts';
import type { FakePort } from '../shell/fake-electron.ts';
import { WorkerProcess } from '../shell/worker-process.ts';

/**
 * The whole shell over Chromium: runShell and the real engine in Node, the real pages with the real preload bundle in tabs, served
 * by the shell's own handler under its own content policy. Only Electron itself is missing.
 */
const root = fileURLToPath(new URL('../..', import.meta.url));
/** Loopback names are secure contexts, as `app://seat` is. */
const base = 'http://seat.localhost';

/** Runs before the page: what a sandboxed preload finds, and ports whose far ends are in Node. */
const preloadIn = (page: string): string => `(() => {
  const listeners = {};
  const contextBridge = { exposeInMainWorld: (name, api) => Object.defineProperty(window, name, { value: api, enumerable: true }) };
  const ipcRenderer = {
    on: (channel, listener) => { listeners[channel] = listener; },
    send: (channel, ...args) => window.nodeIpc({ channel, args }),
  };
  const far = {};
  Object.defineProperty(window, 'fromNode', { value: ({ kind, id, channel, message }) => {
    if (kind === 'data') return far[id]?.postMessage(message);
    if (kind === 'close') return far[id]?.close();
    const ports = [];
    if (id !== undefined) {
      const { port1, port2 } = new MessageChannel();
      far[id] = port1;
      port1.onmessage = (event) => window.nodePort({ id, message: event.data });
      ports.push(port2);
    }
    listeners[channel]?.({ ports }, message);
  } });
  const require = () => ({ contextBridge, ipcRenderer });
  const process = { platform: 'linux' };
  ${readFileSync(`${root}/dist/preload/${page}.cjs`, 'utf8').replace(/\/\/# sourceMappingURL.*/, '')}
})();`;

const random = (bytes: number): Uint8Array => crypto.getRandomValues(new Uint8Array(bytes));

export type Violation = { readonly page: string; readonly text: string };

export type ChromiumShell = Awaited<ReturnType<typeof openChromiumShell>>;

export const openChromiumShell = async (
  context: BrowserContext,
  setup: {
    readonly userData: string;
    readonly centralUrl: string;
    readonly sipOrigins: readonly string[];
    readonly answers?: number[];
  },
) => {
  const violations: Violation[] = [];
  const logged: string[] = [];
  const note = (what: string): void => void logged.push(what);
  const electron = fakeElectron({
    appPath: root,
    userData: setup.userData,
    ...(setup.answers === undefined ? {} : { answers: setup.answers }),
    openEngine: () => {
      throw new Error('the engine runs in a thread');
    },
  });
  const windows: ChromiumWindow[] = [];
  const engines: WorkerProcess[] = [];
  let serve = (_request: { url: string; method: string }): Promise<Response> => Promise.reject(new Error('not yet'));
  await context.route(`${base}/**`, async (route) => {
    const request = route.request();
    const response = await serve({ url: request.url().replace(base, 'app://seat'), method: request.method() });
    await route.fulfill({
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: Buffer.from(await response.arrayBuffer()),
    });
  });
  const parts: ElectronParts<FakePort, string, string, unknown> = {
    ...electron.parts,
    session: () => ({ ...electron.parts.session(), protocol: { handle: (_scheme, handler) => (serve = handler) } }),
    newWindow: () => {
      const window = new ChromiumWindow(context, electron.ipc, violations);
      windows.push(window);
      return window;
    },
    fork: () => {
      const engine = new WorkerProcess(new URL('../../main/shell/engine-process.ts', import.meta.url).href);
      engines.push(engine);
      return {
        postMessage: (message, transfer = []) =>
          engine.postMessage(
            message,
            transfer.map((port) => port.raw),
          ),
        on: (event: string, listener: (what: never) => void) => engine.on(event, (what) => listener(what as never)),
        kill: () => engine.kill(),
      };
    },
  };
  runShell(
    parts,
    {
      args: [],
      env: { ZUOXI_CENTRAL_URL: setup.centralUrl, ZUOXI_SIP_ORIGINS: setup.sipOrigins.join(',') },
      platform: 'linux',
      locale: 'zh-CN',
      debuggerUrl: undefined,
      on: () => undefined,
      print: note,
      random,
    },
    systemClock,
  );
  const windowOf = (page: 'desk' | 'phone'): ChromiumWindow => {
    const window = windows.find((one) => one.url.includes(`/${page}/`));
    if (window === undefined) throw new Error(`no ${page} window`);
    return window;
  };
  return {
    ...electron,
    engines,
    violations,
    logged,
    windowOf,
    tab: (page: 'desk' | 'phone'): Promise<Tab> => windowOf(page).shown(),
  };
};

/** A window of the shell: a tab, and a new one after a crash. */
class ChromiumWindow extends EventEmitter implements SeatWindow<FakePort> {
  url = '';
  isShown = false;
  readonly webContents: SeatWindow<FakePort>['webContents'] & EventEmitter;
  readonly #context: BrowserContext;
  readonly #ipc: EventEmitter;
  readonly #violations: Violation[];
  readonly #ports = new Map<number, FakePort>();
  #tab: Promise<Tab> | undefined;
  #lastPort = 0;
  #isGone = false;

  constructor(context: BrowserContext, ipc: EventEmitter, violations: Violation[]) {
    super();
    this.#context = context;
    this.#ipc = ipc;
    this.#violations = violations;
    this.webContents = Object.assign(new EventEmitter(), {
      setWindowOpenHandler: () => undefined,
      isDestroyed: () => this.#isGone,
      postMessage: (channel: string, message: unknown, [port]: FakePort[] = []) => this.#post(channel, message, port),
    });
  }

  /** The tab with its page loaded. */
  async shown(): Promise<Tab> {
    if (this.#tab === undefined) throw new Error('nothing was loaded');
    return this.#tab;
  }

  loadURL(url: string): Promise<void> {
    this.url = url;
    this.#tab = this.#load(url);
    return this.#tab.then(() => this.emit('ready-to-show')).then(() => undefined);
  }

  /** Ends the renderer as a crash does. */
  async crash(): Promise<void> {
    const tab = await this.shown();
    this.#dropPorts();
    await tab.close();
    this.webContents.emit('render-process-gone', {}, { reason: 'crashed' });
  }

  async #load(url: string): Promise<Tab> {
    const page = url.includes('/phone/') ? 'phone' : 'desk';
    const tab = await this.#context.newPage();
    tab.on('console', (message) => {
      if (/Content Security Policy|Trusted|violat/i.test(message.text()))
        this.#violations.push({ page, text: message.text() });
    });
    tab.on('pageerror', (fault) => this.#violations.push({ page, text: String(fault) }));
    tab.on('request', (request) => {
      if (!request.isNavigationRequest() || request.frame() !== tab.mainFrame()) return;
      this.#dropPorts();
      this.webContents.emit('did-start-navigation', { isMainFrame: true, isSameDocument: false });
    });
    await tab.exposeFunction('nodeIpc', ({ channel, args }: { channel: string; args: unknown[] }) => {
      this.#ipc.emit(channel, { sender: this.webContents, senderFrame: { url: this.url, parent: null } }, ...args);
    });
    await tab.exposeFunction('nodePort', ({ id, message }: { id: number; message: unknown }) => {
      this.#ports.get(id)?.postMessage(message);
    });
    await tab.addInitScript({ content: preloadIn(page) });
    await tab.goto(url.replace('app://seat', base));
    return tab;
  }

  #post(channel: string, message: unknown, port: FakePort | undefined): void {
    if (port === undefined) return this.#toPage({ kind: 'ipc', channel, message });
    this.#lastPort += 1;
    const id = this.#lastPort;
    this.#ports.set(id, port);
    port.on('message', ({ data }: { data: unknown }) => this.#toPage({ kind: 'data', id, message: data }));
    port.on('close', () => this.#toPage({ kind: 'close', id }));
    this.#toPage({ kind: 'ipc', channel, message, id });
    port.start();
  }

  /** Messages keep their order: Playwright sends them one after the other. A page that is going away needs none. */
  #toPage(envelope: object): void {
    void this.#tab
      ?.then((tab) =>
        tab.evaluate((given) => (window as unknown as { fromNode: (given: object) => void }).fromNode(given), envelope),
      )
      .catch(() => undefined);
  }

  #dropPorts(): void {
    for (const port of this.#ports.values()) port.close();
    this.#ports.clear();
  }

  show(): void {
    this.isShown = true;
  }
  hide(): void {
    this.isShown = false;
  }
  focus(): void {}
  restore(): void {}
  isMinimized(): boolean {
    return false;
  }
  isDestroyed(): boolean {
    return this.#isGone;
  }
  destroy(): void {
    this.#isGone = true;
  }
  getNormalBounds(): { x: number; y: number; width: number; height: number } {
    return { x: 0, y: 0, width: 1_400, height: 900 };
  }
  setContentProtection(): void {}
  /** As the title bar does it. */
  close(): void {
    this.emit('close', { preventDefault: () => undefined });
  }
}
