import { EventEmitter } from 'node:events';
import { MessageChannel } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import { channels } from '../../main/shell/channels.ts';
import type { EngineChild } from '../../main/shell/engine-host.ts';
import { runEngineSide } from '../../main/shell/engine-side.ts';
import type { EngineStart } from '../../main/shell/engine-messages.ts';
import type { RunningEngine } from '../../main/shell/engine-side.ts';
import type { ElectronParts } from '../../main/shell/electron-parts.ts';
import type { MessagePortLike } from '../../main/shell/port.ts';
import type { SeatWindow } from '../../main/shell/seat-windows.ts';
import type { MenuLine } from '../../main/shell/tray.ts';

/** Electron's MessagePortMain over a port of Node's: the same queueing until `start`, the same events. */
export class FakePort extends EventEmitter implements MessagePortLike {
  readonly raw: MessagePort;
  constructor(raw: MessagePort) {
    super();
    this.raw = raw;
    raw.on('close', () => this.emit('close'));
  }
  postMessage(message: unknown): void {
    this.raw.postMessage(message);
  }
  start(): void {
    this.raw.on('message', (data: unknown) => this.emit('message', { data }));
  }
  close(): void {
    this.raw.close();
  }
}

export const newChannel = (): { port1: FakePort; port2: FakePort } => {
  const { port1, port2 } = new MessageChannel();
  return { port1: new FakePort(port1), port2: new FakePort(port2) };
};

/** The engine's process: engine-side.ts itself runs in it, over an engine the test gives. */
export class FakeEngineProcess extends EventEmitter implements EngineChild<FakePort> {
  isAlive = true;
  readonly env: Record<string, string>;
  readonly modulePath: string;
  readonly #inside = new EventEmitter();
  readonly #ports = new Set<FakePort>();
  constructor(modulePath: string, env: Record<string, string>, open: (start: EngineStart) => RunningEngine) {
    super();
    this.modulePath = modulePath;
    this.env = env;
    runEngineSide({
      parent: {
        on: (event, listener) => this.#inside.on(event, listener),
        postMessage: (message) => {
          if (this.isAlive) this.emit('message', structuredClone(message));
        },
      },
      open,
      exit: (code) => this.die(code),
    });
  }
  postMessage(message: unknown, transfer: FakePort[] = []): void {
    for (const port of transfer) this.#ports.add(port);
    if (this.isAlive) this.#inside.emit('message', { data: structuredClone(message), ports: transfer });
  }
  kill(): boolean {
    this.die(143);
    return true;
  }
  die(code: number): void {
    if (!this.isAlive) return;
    this.isAlive = false;
    for (const port of this.#ports) port.close();
    this.emit('exit', code);
  }
}

export type Handed = { readonly to: unknown; readonly port: FakePort };

/** A window with its contents. It loads at once; `settle` is what a preload does when the document is there. */
export class FakeWindow extends EventEmitter implements SeatWindow<FakePort> {
  readonly options: object;
  readonly calls: string[] = [];
  readonly handed: Handed[] = [];
  readonly told: unknown[] = [];
  url = '';
  isGone = false;
  readonly webContents: SeatWindow<FakePort>['webContents'] & EventEmitter;
  constructor(options: object) {
    super();
    this.options = options;
    const contents = new EventEmitter();
    this.webContents = Object.assign(contents, {
      setWindowOpenHandler: () => undefined,
      isDestroyed: () => this.isGone,
      postMessage: (channel: string, message: unknown, transfer: FakePort[] = []) => {
        const [port] = transfer;
        if (channel === channels.port && port !== undefined) this.handed.push({ to: message, port });
        else this.told.push(message);
      },
    });
  }
  loadURL(url: string): Promise<void> {
    this.url = url;
    this.webContents.emit('did-start-navigation', { isMainFrame: true, isSameDocument: false });
    this.emit('ready-to-show');
    return Promise.resolve();
  }
  show(): void {
    this.calls.push('show');
  }
  hide(): void {
    this.calls.push('hide');
  }
  focus(): void {
    this.calls.push('focus');
  }
  restore(): void {
    this.calls.push('restore');
  }
  isMinimized(): boolean {
    return false;
  }
  isDestroyed(): boolean {
    return this.isGone;
  }
  destroy(): void {
    this.isGone = true;
  }
  getNormalBounds(): { x: number; y: number; width: number; height: number } {
    return { x: 10, y: 20, width: 1_400, height: 900 };
  }
  setContentProtection(enable: boolean): void {
    this.calls.push(`protect ${enable}`);
  }
  /** Closes as the title bar does; true when nothing prevented it. */
  close(): boolean {
    let prevented = false;
    this.emit('close', { preventDefault: () => (prevented = true) });
    return !prevented;
  }
}

export type FakeSafeStorage = ElectronParts<FakePort, string, string, unknown>['safeStorage'];

/** A key store that wraps by writing backwards. */
export const workingSafeStorage = (): FakeSafeStorage => ({
  isAsyncEncryptionAvailable: () => Promise.resolve(true),
  encryptStringAsync: (plain) => Promise.resolve(Buffer.from(plain.split('').reverse().join(''))),
  decryptStringAsync: (wrapped) =>
    Promise.resolve({ result: wrapped.toString().split('').reverse().join(''), shouldReEncrypt: false }),
  getSelectedStorageBackend: () => 'gnome_libsecret',
});

/** Electron in Node: enough of it to run the whole shell, each of its doings left to look at. */
export const fakeElectron = (setup: {
  readonly appPath: string;
  readonly userData: string;
  readonly isPackaged?: boolean;
  readonly isFirst?: boolean;
  readonly safeStorage?: FakeSafeStorage;
  /** Index of the button pressed in each question, in order. */
  readonly answers?: number[];
  readonly openEngine: (start: EngineStart) => RunningEngine;
}) => {
  const app = new EventEmitter();
  const ipc = new EventEmitter();
  const power = new EventEmitter();
  const windows: FakeWindow[] = [];
  const engines: FakeEngineProcess[] = [];
  const seen = {
    exits: [] as number[],
    errors: [] as string[],
    questions: [] as string[],
    order: [] as string[],
    holds: 0,
    trayImage: '',
    toolTip: '',
    menu: [] as readonly MenuLine[],
    stored: {} as Record<string, unknown>,
    protocol: '',
    paths: { userData: setup.userData },
  };
  const answers = [...(setup.answers ?? [])];
  const tray = Object.assign(new EventEmitter(), {
    setImage: (image: string) => void (seen.trayImage = image),
    setToolTip: (text: string) => void (seen.toolTip = text),
    setContextMenu: () => undefined,
  });
  const parts: ElectronParts<FakePort, string, string, unknown> = {
    app: Object.assign(app, {
      isPackaged: setup.isPackaged ?? false,
      getAppPath: () => setup.appPath,
      getPath: () => seen.paths.userData,
      setPath: (_name: string, path: string) => void (seen.paths.userData = path),
      setAppUserModelId: () => undefined,
      setAsDefaultProtocolClient: () => true,
      requestSingleInstanceLock: () => {
        seen.order.push('lock');
        return setup.isFirst ?? true;
      },
      enableSandbox: () => void seen.order.push('sandbox'),
      whenReady: () => Promise.resolve(void seen.order.push('ready')),
      quit: () => {
        let prevented = false;
        app.emit('before-quit', { preventDefault: () => (prevented = true) });
        if (!prevented) seen.exits.push(0);
      },
      exit: (code: number) => void seen.exits.push(code),
      relaunch: () => void seen.order.push('relaunch'),
    }),
    registerScheme: () => void seen.order.push('scheme'),
    session: () => ({
      protocol: { handle: (scheme) => void (seen.protocol = scheme) },
      webRequest: { onBeforeRequest: () => void seen.order.push('requests') },
      setPermissionRequestHandler: () => void seen.order.push('permission request'),
      setPermissionCheckHandler: () => void seen.order.push('permission check'),
      setDevicePermissionHandler: () => void seen.order.push('device'),
      setDisplayMediaRequestHandler: () => void seen.order.push('display'),
    }),
    ipc,
    dialog: {
      showErrorBox: (_title, text) => void seen.errors.push(text),
      showMessageBox: ({ message }) => {
        seen.questions.push(message);
        return Promise.resolve({ response: answers.shift() ?? 0 });
      },
    },
    safeStorage: setup.safeStorage ?? workingSafeStorage(),
    power: {
      on: (event, listener) => void power.on(event, listener),
      hold: () => {
        seen.holds += 1;
        return () => void (seen.holds -= 1);
      },
    },
    openExternal: () => Promise.resolve(),
    microphone: () => Promise.resolve(true),
    displays: () => [{ x: 0, y: 0, width: 1_920, height: 1_080 }],
    newWindow: (options) => {
      const window = new FakeWindow(options);
      windows.push(window);
      seen.order.push('window');
      app.emit('web-contents-created', {}, window.webContents);
      return window;
    },
    newTray: () => tray,
    newImage: (png) => png(16).toString('base64'),
    newMenu: (lines) => {
      seen.menu = lines;
      return '';
    },
    newChannel,
    newSettings: () => ({
      get store() {
        return seen.stored;
      },
      set store(value) {
        seen.stored = value;
      },
    }),
    fork: (modulePath, env) => {
      const engine = new FakeEngineProcess(modulePath, env, setup.openEngine);
      engines.push(engine);
      return engine;
    },
  };
  const windowOf = (page: 'desk' | 'phone'): FakeWindow => {
    const window = windows.find((candidate) => candidate.url.includes(`/${page}/`));
    if (window === undefined) throw new Error(`no ${page} window`);
    return window;
  };
  return {
    parts,
    app,
    ipc,
    power,
    tray,
    windows,
    engines,
    seen,
    windowOf,
    /** What the preload sends, as Electron would deliver it. */
    fromPage: (page: 'desk' | 'phone', channel: string, ...args: unknown[]) => {
      const window = windowOf(page);
      ipc.emit(channel, { sender: window.webContents, senderFrame: { url: window.url, parent: null } }, ...args);
    },
  };
};
