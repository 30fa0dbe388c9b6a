import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ElectronApplication, Page } from 'playwright-core';
import { _electron } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { findElectron } from '../../scripts/electron.mjs';
import type { OperatorSide } from './journey.ts';
import { becomeReady, hangUpLabel, operatorSide, signIn, takeCall } from './journey.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** The test flavour of a package, when one is to be tested instead of the checkout. */
const packaged = process.env['ZUOXI_PACKAGE'];
const runtime = packaged === undefined ? await findElectron() : { path: packaged };
const asRoot = process.platform === 'linux' && process.getuid?.() === 0 ? ['--no-sandbox'] : [];

if (runtime.path === undefined)
  process.stderr.write(
    `\n*** test/electron was NOT RUN: ${runtime.why}. The shell is proven over its ports and over Chromium only. ***\n\n`,
  );

it('tells whether the real Electron was tested', () => {
  // Where the runtime is promised (GitHub's machines), its absence is a failure, not a skip.
  if (process.env['ZUOXI_NEEDS_ELECTRON'] !== undefined) expect(runtime.why).toBeUndefined();
  expect(runtime.path ?? runtime.why).not.toBe('');
});

describe.runIf(runtime.path !== undefined)('the seat in Electron', () => {
  let folder: string;
  let operator: OperatorSide;
  let app: ElectronApplication;
  let desk: Page;
  let phone: Page;
  const executablePath = runtime.path ?? '';
  const environment = (): Record<string, string> => ({
    ...(process.env as Record<string, string>),
    ZUOXI_CENTRAL_URL: operator.centralUrl,
    ZUOXI_SIP_ORIGINS: operator.sipOrigin,
    ZUOXI_PROFILE_DIR: folder,
  });
  const args = [
    ...asRoot,
    ...(packaged === undefined ? [root] : []),
    '--use-fake-device-for-media-stream',
    '--lang=zh-CN',
  ];

  const windowAt = async (page: 'desk' | 'phone'): Promise<Page> => {
    const find = (): Page | undefined => app.windows().find((window) => window.url().startsWith(`app://seat/${page}/`));
    await vi.waitFor(() => expect(find()).toBeDefined(), 20_000);
    const found = find();
    if (found === undefined) throw new Error(`no ${page} window`);
    return found;
  };
  /** Playwright's page dies with its renderer, so after a crash the window itself is asked. */
  const inDesk = (script: string): Promise<unknown> =>
    app.evaluate(
      ({ webContents }, code) =>
        webContents
          .getAllWebContents()
          .find((contents) => contents.getURL().includes('/desk/'))
          ?.executeJavaScript(code),
      script,
    );
  const callState = `document.querySelector('.callbar')?.dataset.state`;
  const heardDb = (): number => operator.onTheLine()[0]?.heard.levelDb() ?? -100;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'zuoxi-electron-'));
    operator = await operatorSide();
    app = await _electron.launch({ executablePath, args, env: environment(), locale: 'zh-CN' });
    desk = await windowAt('desk');
    phone = await windowAt('phone');
  });
  afterAll(async () => {
    // Not app.close(): quitting may rightly ask, and nobody is there to answer.
    await app?.evaluate(({ app: electron }) => electron.exit(0)).catch(() => undefined);
    await operator?.close();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  it('every webContents has the agreed web preferences (security 2)', async () => {
    const all = await app.evaluate(({ webContents }) =>
      webContents.getAllWebContents().map((contents) => ({
        url: contents.getURL(),
        preferences: (Reflect.get(contents, 'getLastWebPreferences') as (() => unknown) | undefined)?.call(contents),
      })),
    );
    const ours = all.filter(({ url }) => !url.startsWith('devtools:'));
    expect(ours).toHaveLength(2);
    // Electron has this for its own tests and does not promise it; what it would tell, the next cases show by its effects.
    for (const { preferences } of ours.filter((one) => one.preferences !== undefined))
      expect(preferences).toMatchObject({
        contextIsolation: true,
        sandbox: true,
        nodeIntegration: false,
        nodeIntegrationInWorker: false,
        nodeIntegrationInSubFrames: false,
        webSecurity: true,
        webviewTag: false,
        experimentalFeatures: false,
      });
  });

  it('the page sees two frozen words and no Node (security 3)', async () => {
    for (const page of [desk, phone])
      expect(
        await page.evaluate(() => ({
          bridge: JSON.stringify(Reflect.get(window, 'zuoxi')),
          frozen: Object.isFrozen(Reflect.get(window, 'zuoxi')),
          node: ['require', 'process', 'module', 'Buffer', 'global', 'ipcRenderer'].filter((name) => name in window),
        })),
      ).toEqual({ bridge: JSON.stringify({ host: 'electron', platform: process.platform }), frozen: true, node: [] });
  });

  it('nothing leads away, and no window opens (security 4, 6, 7, 8)', async () => {
    const before = desk.url();
    const answers = await desk.evaluate(async () => {
      const tried = async (what: () => unknown): Promise<string> => {
        try {
          const answer = await what();
          return answer === null ? 'null' : 'done';
        } catch {
          return 'refused';
        }
      };
      const click = (href: string, target: string): void => {
        const link = Object.assign(document.createElement('a'), { href, target });
        document.body.append(link);
        link.click();
        link.remove();
      };
      click('https://evil.example/', '');
      click('https://evil.example/', '_blank');
      click('app://seat/phone/index.html', '');
      return {
        open: await tried(() => window.open('https://evil.example/')),
        file: await tried(() => fetch('file:///etc/hosts')),
        elsewhere: await tried(() => fetch('https://evil.example/')),
        outside: (await fetch('app://seat/../package.json')).status,
        code: await tried(() => Reflect.construct(Function, ['return 1'])),
      };
    });
    expect(answers).toEqual({ open: 'null', file: 'refused', elsewhere: 'refused', outside: 404, code: 'refused' });
    expect(desk.url()).toBe(before);
    expect(app.windows()).toHaveLength(2);
  });

  it('the microphone is for the phone page, as sound only; everything else is denied (security 10)', async () => {
    const ask = (page: Page, wanted: MediaStreamConstraints): Promise<string> =>
      page.evaluate(
        (constraints) =>
          navigator.mediaDevices.getUserMedia(constraints).then(
            (stream) => {
              for (const track of stream.getTracks()) track.stop();
              return 'granted';
            },
            (fault: unknown) => (fault as DOMException).name,
          ),
        wanted,
      );
    expect(await ask(phone, { audio: true })).toBe('granted');
    expect(await ask(phone, { audio: true, video: true })).toBe('NotAllowedError');
    expect(await ask(desk, { audio: true })).toBe('NotAllowedError');
    for (const name of ['geolocation', 'clipboard-read', 'midi'])
      expect(
        await desk.evaluate(
          (permission) =>
            navigator.permissions.query({ name: permission as PermissionName }).then((status) => status.state),
          name,
        ),
      ).toBe('denied');
  });

  it('a second start shows the first and ends (security 20)', async () => {
    const code = await new Promise<number | null>((done) => {
      spawn(executablePath, args, { env: environment(), stdio: 'ignore' }).on('exit', done);
    });
    expect(code).toBe(0);
    expect(app.windows()).toHaveLength(2);
  });

  it('takes a call, with sound', async () => {
    await signIn(desk, operator.agent);
    await becomeReady(desk);
    await takeCall(desk);
    await vi.waitFor(() => expect(heardDb()).toBeGreaterThan(-60), 10_000);
  });

  it('closing the desk in a call hides it (close to tray)', async () => {
    const isVisible = await app.evaluate(({ BrowserWindow }) => {
      const window = BrowserWindow.getAllWindows().find((one) => one.webContents.getURL().includes('/desk/'));
      window?.close();
      const after = window?.isVisible();
      window?.show();
      return after;
    });
    expect(isVisible).toBe(false);
    expect(operator.onTheLine()).toHaveLength(1);
  });

  it('a desk crash in a call keeps the sound and brings the call back within 3 s (security 89)', async () => {
    const [customer] = operator.onTheLine();
    const crashed = Date.now();
    await app.evaluate(({ webContents }) =>
      webContents
        .getAllWebContents()
        .find((contents) => contents.getURL().includes('/desk/'))
        ?.forcefullyCrashRenderer(),
    );
    await vi.waitFor(async () => expect(await inDesk(callState)).toBe('talking'), { timeout: 10_000, interval: 100 });
    expect(Date.now() - crashed).toBeLessThan(3_000);
    expect(operator.onTheLine()).toEqual([customer]);
    await vi.waitFor(() => expect(heardDb()).toBeGreaterThan(-60), 10_000);
  });

  it('the engine killed in a call comes back, and the call with it', async () => {
    const kill = (): Promise<boolean> =>
      app.evaluate(({ app: electron }) => {
        const engine = electron
          .getAppMetrics()
          .find((one) => one.serviceName === 'Zuoxi engine' || one.name === 'Zuoxi engine');
        return engine !== undefined && process.kill(engine.pid, 'SIGKILL');
      });
    expect(await kill()).toBe(true);
    expect(operator.onTheLine()).toHaveLength(1);
    await vi.waitFor(async () => expect(await inDesk(callState)).toBe('talking'), 10_000);
    await inDesk(
      `[...document.querySelectorAll('.callbar button')].find((one) => one.textContent.includes('${hangUpLabel}')).click()`,
    );
    await vi.waitFor(
      async () => expect(await inDesk(`document.querySelector('.agentstate').dataset.state`)).toBe('wrapUp'),
      10_000,
    );
  });
});
