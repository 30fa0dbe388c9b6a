import { randomBytes } from 'node:crypto';
import inspector from 'node:inspector';
import {
  app,
  BrowserWindow,
  dialog,
  ipcMain,
  Menu,
  MessageChannelMain,
  nativeImage,
  powerMonitor,
  powerSaveBlocker,
  protocol,
  safeStorage,
  screen,
  session,
  shell,
  systemPreferences,
  Tray,
  utilityProcess,
} from 'electron';
import type { NativeImage } from 'electron';
import Store from 'electron-store';
import { runShell, schemes } from './shell.ts';
import { systemClock } from '../engine/clock.ts';

/** The only place where the shell meets the real Electron: wires it to the shell's ports and starts. */
runShell(
  {
    app,
    registerScheme: () => protocol.registerSchemesAsPrivileged(schemes),
    session: () => session.defaultSession,
    ipc: ipcMain,
    dialog,
    safeStorage,
    power: {
      on: (event, listener) => {
        if (event === 'resume') powerMonitor.on('resume', listener);
        else powerMonitor.on('shutdown', listener);
      },
      hold: () => {
        const id = powerSaveBlocker.start('prevent-app-suspension');
        return () => void powerSaveBlocker.stop(id);
      },
    },
    openExternal: (url) => shell.openExternal(url),
    microphone: () =>
      process.platform === 'darwin' ? systemPreferences.askForMediaAccess('microphone') : Promise.resolve(true),
    displays: () => screen.getAllDisplays().map((display) => display.workArea),
    newWindow: (options) => new BrowserWindow(options),
    newTray: (image: NativeImage) => new Tray(image),
    newImage: (png, template) => {
      const image = nativeImage.createFromBuffer(png(16), { width: 16, height: 16 });
      image.addRepresentation({ scaleFactor: 2, buffer: png(32), width: 32, height: 32 });
      image.setTemplateImage(template);
      return image;
    },
    newMenu: (lines) => Menu.buildFromTemplate([...lines]),
    newChannel: () => new MessageChannelMain(),
    newSettings: (folder) => new Store({ name: 'settings', cwd: folder, clearInvalidConfig: true }),
    fork: (modulePath, env) =>
      utilityProcess.fork(modulePath, [], {
        env,
        serviceName: 'Zuoxi engine',
        stdio: app.isPackaged ? 'ignore' : 'inherit',
      }),
  },
  {
    args: process.argv.slice(1),
    env: process.env,
    platform: process.platform,
    locale: Intl.DateTimeFormat().resolvedOptions().locale,
    debuggerUrl: inspector.url(),
    on: process.on.bind(process),
    print: (line) => void process.stderr.write(line),
    random: (bytes) => new Uint8Array(randomBytes(bytes)),
  },
  systemClock,
);
