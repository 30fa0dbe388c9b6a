import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { shell } from '../../vite.config.ts';

/**
 * The built entry file, main.js, started in Node: `electron` is a module that writes down what is asked of it. It shows that the
 * bundle loads (packages meant for CommonJS included), that names imported from Electron are the ones it has, and the order of the
 * start; what Electron does with them is test/electron's business.
 */
const standIn = `
  import { EventEmitter } from 'node:events';
  const say = (what) => process.stdout.write(what + '\\n');
  const silent = () => undefined;
  const window = () => Object.assign(new EventEmitter(), {
    webContents: Object.assign(new EventEmitter(), { setWindowOpenHandler: silent, isDestroyed: () => false, postMessage: silent }),
    loadURL: async (url) => say('load ' + url),
    isDestroyed: () => false, destroy: silent, getNormalBounds: () => ({ x: 0, y: 0, width: 1400, height: 900 }), setContentProtection: silent,
  });
  export const app = Object.assign(new EventEmitter(), {
    isPackaged: false, getAppPath: () => process.env.TEST_APP, getPath: () => process.env.TEST_USER, getVersion: () => '1', getName: () => 'Zuoxi',
    setPath: (name, path) => say('profile ' + path), setAppUserModelId: silent, setAsDefaultProtocolClient: () => true,
    requestSingleInstanceLock: () => true, enableSandbox: () => say('sandbox'), whenReady: async () => say('ready'), quit: silent,
    exit: (code) => { say('exit ' + code); process.exit(code); },
  });
  export class BrowserWindow { constructor(options) { say('window ' + options.webPreferences.preload); return window(); } }
  export class Tray { constructor() { return Object.assign(new EventEmitter(), { setImage: silent, setToolTip: (text) => say('tray ' + text), setContextMenu: silent }); } }
  export class MessageChannelMain {}
  export const dialog = { showErrorBox: (title, text) => say('error ' + text), showMessageBox: async () => ({ response: 0 }) };
  export const ipcMain = new EventEmitter();
  export const ipcRenderer = undefined;
  export const Menu = { buildFromTemplate: () => ({}) };
  export const nativeImage = { createFromBuffer: () => ({ addRepresentation: silent, setTemplateImage: silent }) };
  export const powerMonitor = new EventEmitter();
  export const powerSaveBlocker = { start: () => 1, stop: silent };
  export const protocol = { registerSchemesAsPrivileged: (schemes) => say('scheme ' + schemes[0].scheme) };
  export const safeStorage = { isAsyncEncryptionAvailable: async () => false };
  export const screen = { getAllDisplays: () => [] };
  const guard = (name) => () => say('guard ' + name);
  export const session = { defaultSession: {
    protocol: { handle: guard('protocol') }, webRequest: { onBeforeRequest: guard('requests') }, setPermissionRequestHandler: guard('request'),
    setPermissionCheckHandler: guard('check'), setDevicePermissionHandler: guard('device'), setDisplayMediaRequestHandler: guard('display'),
  } };
  export const shell = { openExternal: async () => undefined };
  export const systemPreferences = { askForMediaAccess: async () => true };
  export const utilityProcess = { fork: (path) => {
    say('fork ' + path);
    setTimeout(() => process.exit(0), 200);
    return Object.assign(new EventEmitter(), { postMessage: (message) => say('engine ' + message.kind + ' ' + message.storeKey?.kept), kill: () => true });
  } };
  export default { app, ipcMain, ipcRenderer, shell };
`;

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'zuoxi-main-'));
  const [main] = shell;
  if (main === undefined) throw new Error('the main bundle has no configuration');
  await build({ ...main, build: { ...main.build, outDir: join(folder, 'dist/main') } });
  for (const page of ['desk', 'phone']) {
    mkdirSync(join(folder, 'dist/renderer', page), { recursive: true });
    writeFileSync(join(folder, 'dist/renderer', page, 'index.html'), '<!doctype html>');
  }
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  mkdirSync(join(folder, 'node_modules/electron'), { recursive: true });
  writeFileSync(
    join(folder, 'node_modules/electron/package.json'),
    '{"name":"electron","type":"module","main":"index.js"}',
  );
  writeFileSync(join(folder, 'node_modules/electron/index.js'), standIn);
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (env: Record<string, string>): Promise<{ code: number | null; lines: string[]; errors: string }> =>
  new Promise((done) => {
    const user = mkdtempSync(join(folder, 'user-'));
    const child = spawn(process.execPath, [join(folder, 'dist/main/main.js')], {
      env: { TEST_APP: folder, TEST_USER: user, LANG: 'zh_CN.UTF-8', ...env },
      timeout: 10_000,
    });
    let said = '';
    let errors = '';
    child.stdout.on('data', (text: Buffer) => (said += text.toString()));
    child.stderr.on('data', (text: Buffer) => (errors += text.toString()));
    child.on('close', (code) => done({ code, lines: said.trim().split('\n'), errors }));
  });

describe('the built main process', () => {
  it('starts in the agreed order: sandbox, scheme, ready, guards, engine, phone, desk', async () => {
    const { code, lines, errors } = await run({
      ZUOXI_CENTRAL_URL: 'http://127.0.0.1:1',
      ZUOXI_SIP_ORIGINS: 'ws://127.0.0.1:2',
    });
    expect(errors).toContain('"what":"shell running"');
    expect(errors).not.toMatch(/"level":"error"|Error:/);
    expect(lines.filter((line) => !line.startsWith('tray'))).toEqual([
      'sandbox',
      'scheme app',
      'ready',
      'guard protocol',
      'guard requests',
      'guard request',
      'guard check',
      'guard device',
      'guard display',
      `fork ${join(folder, 'dist/main/engine-process.js')}`,
      'engine start memory',
      `window ${join(folder, 'dist/preload/phone.cjs')}`,
      'load app://seat/phone/index.html',
      `window ${join(folder, 'dist/preload/desk.cjs')}`,
      'load app://seat/desk/index.html',
    ]);
    expect(lines.at(-1)).toMatch(/^tray 坐席|^tray Zuoxi/);
    expect(code).toBe(0);
  });

  it('without a configuration says so and ends', async () => {
    const { code, lines } = await run({});
    expect(lines.at(-2)).toContain('ZUOXI_CENTRAL_URL');
    expect(code).toBe(78);
  });

  it('imports from Electron only what its typings have', () => {
    const typings = readFileSync(new URL('../../node_modules/electron/electron.d.ts', import.meta.url), 'utf8');
    const code = readFileSync(join(folder, 'dist/main/main.js'), 'utf8');
    const names = (/^import [^{]*\{([^}]+)\} from "electron"/m.exec(code)?.[1] ?? '')
      .split(',')
      .map((name) => name.trim().split(' ')[0] ?? '');
    expect(names.length).toBeGreaterThan(10);
    for (const name of names)
      expect(typings, name).toMatch(new RegExp(`const ${name}: |class ${name} |type ${name} =`));
  });
});
