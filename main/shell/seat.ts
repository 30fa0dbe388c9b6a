import { join } from 'node:path';
import type { Clock } from '../engine/clock.ts';
import type { Log } from '../engine/log.ts';
import { faultFields } from '../engine/log.ts';
import type { Language } from '../../shared/text.ts';
import type { Page } from './app-scheme.ts';
import { listBundle } from './app-scheme.ts';
import type { Broker } from './broker.ts';
import { createBroker } from './broker.ts';
import { channels } from './channels.ts';
import type { ShellConfig } from './config.ts';
import { originsOf } from './config.ts';
import type { DeepLink } from './deep-link.ts';
import type { ElectronParts } from './electron-parts.ts';
import type { EngineHost } from './engine-host.ts';
import { createEngineHost } from './engine-host.ts';
import { signInUrl } from './external-links.ts';
import type { Glance } from './glance.ts';
import { firstGlance, isInCall } from './glance.ts';
import { setGuards } from './guards.ts';
import { childEnvironment } from './launch.ts';
import { whenClosed } from './leaving.ts';
import type { Ask } from './quitting.ts';
import { guardQuitting, question } from './quitting.ts';
import type { SeatWindows } from './seat-windows.ts';
import { createSeatWindows } from './seat-windows.ts';
import type { StoreKey } from './secrets.ts';
import { keyFile, keyFileName, loadStoreKey, replaceStoreKey, storeFolder } from './secrets.ts';
import type { SettingsStore } from './settings.ts';
import { say } from './texts.ts';
import { createTray } from './tray.ts';
import { trayIcon } from './tray-icon.ts';
import { canProtectContent, visibleBounds, windowOptions } from './windows.ts';

export type SeatParts = {
  readonly config: ShellConfig;
  readonly settings: SettingsStore;
  readonly language: Language;
  readonly log: Log;
  readonly clock: Clock;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: string;
  readonly random: (bytes: number) => Uint8Array;
  readonly startHidden: boolean;
};

/** What changes while the seat runs, and is shown by the tray. */
type Shown = { glance: Glance; language: Language };

/** The running seat: guards set, engine and windows started, tray painted. */
export const openSeat = async <P, Image, Menu, Contents>(
  electron: ElectronParts<P, Image, Menu, Contents>,
  parts: SeatParts,
): Promise<{ readonly show: (link: DeepLink) => void }> => {
  const { app } = electron;
  const { log, settings } = parts;
  const dist = join(app.getAppPath(), 'dist');
  const shown: Shown = { glance: firstGlance, language: parts.language };
  const ask = question(electron.dialog, (key, values) => say(key, shown.language, values));
  const key = await chooseKey(electron, parts, ask);
  if (key.kept === 'memory') log.warn('no store key kept: memory only', { why: key.why });

  const broker: Broker = createBroker<P>({
    newChannel: electron.newChannel,
    toPage: (page, to, port) => windows.post(page, channels.port, to, port),
    toEngine: (role, port) => engine.give(role, port),
  });
  const windows = windowsOf(electron, parts, { dist, shown, ask, broker });
  const paintTray = trayOf(electron, parts.platform, windows.showDesk);
  const keepAwake = awakeDuringCalls(electron.power.hold);
  const paint = (): void => {
    paintTray(shown.glance, shown.language);
    keepAwake(isInCall(shown.glance));
  };
  const engine = engineOf(electron, parts, {
    dist,
    key,
    broker,
    onGlance: (glance) => {
      shown.glance = glance;
      paint();
    },
  });
  setGuards(electron, {
    bundle: listBundle(join(dist, 'renderer')),
    origins: originsOf(parts.config),
    pageOf: windows.pageOf,
    log,
    onAskPorts: broker.asked,
    onLanguage: (language) => {
      if (language === shown.language) return;
      shown.language = language;
      settings.change({ language });
      paint();
    },
  });
  guardQuitting(electron, {
    glance: () => shown.glance,
    ask,
    log,
    shutDown: async () => {
      keepBounds(windows, settings);
      await engine.stop();
      windows.destroyAll();
    },
  });
  app.on('activate', windows.showDesk);
  electron.power.on('resume', () => {
    // The sockets of before the sleep are dead, but nothing says so: have the phone register again at once.
    log.info('resumed');
    windows.tell('phone', { zuoxi: 'resumed' });
  });
  engine.start();
  windows.openAll();
  paint();
  log.info('shell running');
  return {
    show: (link) => {
      windows.showDesk();
      if (link.kind === 'offerNumber') windows.tell('desk', { zuoxi: 'offerNumber', digits: link.digits });
    },
  };
};

const windowsOf = <P, Image, Menu, Contents>(
  electron: ElectronParts<P, Image, Menu, Contents>,
  { log, clock, settings, platform, startHidden }: SeatParts,
  seat: { readonly dist: string; readonly shown: Shown; readonly ask: Ask; readonly broker: Broker },
): SeatWindows<P> => {
  const optionsOf = (page: Page): ReturnType<typeof windowOptions> =>
    windowOptions(page, {
      preload: join(seat.dist, `preload/${page}.cjs`),
      devTools: !electron.app.isPackaged,
      bounds: visibleBounds(settings.get().bounds, electron.displays()),
      title: say('product', seat.shown.language),
    });
  const windows: SeatWindows<P> = createSeatWindows<P>({
    open: (page) => electron.newWindow(optionsOf(page)),
    broker: seat.broker,
    clock,
    log,
    protectContent: canProtectContent(platform),
    startHidden,
    onDeskClose: (event) => {
      event.preventDefault();
      keepBounds(windows, settings);
      if (whenClosed(seat.shown.glance, settings.get().onClose) === 'hide') windows.window('desk')?.hide();
      else electron.app.quit();
    },
    onSafeMode: async () => {
      if ((await seat.ask('safeMode.text', ['safeMode.again', 'quit'])) === 0) return true;
      electron.app.quit();
      return false;
    },
  });
  return windows;
};

const engineOf = <P, Image, Menu, Contents>(
  electron: ElectronParts<P, Image, Menu, Contents>,
  { clock, log, env, config }: SeatParts,
  seat: {
    readonly dist: string;
    readonly key: StoreKey;
    readonly broker: Broker;
    readonly onGlance: (glance: Glance) => void;
  },
): EngineHost<P> => {
  const { key } = seat;
  const stateDir = electron.app.getPath('userData');
  return createEngineHost<P>({
    fork: () => electron.fork(join(seat.dist, 'main/engine-process.js'), childEnvironment(env)),
    start: {
      kind: 'start',
      profileDir: join(stateDir, storeFolder(key)),
      stateDir,
      storeKey: { key: key.key, kept: key.kept },
      centralUrl: config.centralUrl,
      signInOrigin: config.signInOrigin ?? null,
    },
    clock,
    log,
    onUp: seat.broker.engineUp,
    onDown: seat.broker.engineDown,
    onGlance: seat.onGlance,
    onSignInPage: (page) => {
      const url = config.signInOrigin === undefined ? undefined : signInUrl(page, config.signInOrigin);
      if (url === undefined) return log.warn('sign-in page not opened: it is elsewhere');
      electron.openExternal(url).catch((fault: unknown) => log.warn('sign-in page not opened', faultFields(fault)));
    },
    onWiped: () => {
      log.warn('wiped as ordered: starting anew');
      electron.app.relaunch();
      electron.app.exit(0);
    },
  });
};

const chooseKey = async <P, Image, Menu, Contents>(
  { app, safeStorage }: ElectronParts<P, Image, Menu, Contents>,
  { platform, random, clock, config }: SeatParts,
  ask: Ask,
): Promise<StoreKey> => {
  if (config.memoryOnly === true) return { kept: 'memory', why: 'wanted', key: random(32) };
  const file = keyFile(join(app.getPath('userData'), keyFileName), () => clock.nowMs());
  const secrets = { safeStorage, platform, file, random };
  const key = await loadStoreKey(secrets);
  if (key.kept === 'keyStore' || key.why !== 'unreadable') return key;
  const beginAnew = (await ask('store.unreadable', ['store.memoryOnce', 'store.newStore'])) === 1;
  return beginAnew ? replaceStoreKey(secrets) : key;
};

const trayOf = <P, Image, Menu, Contents>(
  { app, newTray, newImage, newMenu }: ElectronParts<P, Image, Menu, Contents>,
  platform: string,
  onShow: () => void,
): ((glance: Glance, language: Language) => void) => {
  const mono = platform === 'darwin';
  const icon = (agent: Glance['agent']): Image => newImage((size) => trayIcon(agent, size, mono), mono);
  return createTray({ tray: newTray(icon('offline')), icon, menu: newMenu, onShow, onQuit: () => app.quit() });
};

const awakeDuringCalls = (hold: () => () => void): ((inCall: boolean) => void) => {
  let release: (() => void) | undefined;
  return (inCall) => {
    if (inCall) release ??= hold();
    else {
      release?.();
      release = undefined;
    }
  };
};

const keepBounds = <P>(windows: SeatWindows<P>, settings: SettingsStore): void => {
  const desk = windows.window('desk');
  if (desk !== undefined && !desk.isDestroyed()) settings.change({ bounds: desk.getNormalBounds() });
};
