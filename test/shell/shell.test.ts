import { EventEmitter } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { PhoneState } from '../../shared/phone.ts';
import { phoneOff } from '../../shared/phone.ts';
import type { Port } from '../../shared/rpc.ts';
import { channels } from '../../main/shell/channels.ts';
import type { Page } from '../../main/shell/app-scheme.ts';
import { portOver } from '../../main/shell/port.ts';
import type { ShellProcess } from '../../main/shell/shell.ts';
import { runShell } from '../../main/shell/shell.ts';
import { fakeElectron } from './fake-electron.ts';
import type { FakePort } from './fake-electron.ts';
import { manualClock } from './manual-clock.ts';

/** An engine that answers what it is told, with its role, and can publish events to all who are connected. */
const echoEngine = () => {
  const peers = new Set<Port>();
  const connected: Page[] = [];
  return {
    connected,
    publish: (name: string, body: unknown) => {
      for (const peer of peers) peer.send({ t: 'event', name, body });
    },
    publishTogether: (events: readonly object[]) => {
      for (const peer of peers) peer.send({ t: 'events', events });
    },
    engine: {
      connect: (port: Port, role: Page) => {
        connected.push(role);
        peers.add(port);
        port.onClose(() => peers.delete(port));
        port.onMessage((message) => port.send({ echo: message, role }));
      },
      close: () => Promise.resolve(),
    },
  };
};

const calling = (kind: 'talking' | 'ended'): PhoneState =>
  ({
    ...phoneOff,
    calls: [
      {
        id: '018f0000-0000-7000-8000-000000000001',
        direction: 'inbound',
        number: '13900000000',
        display: '',
        contactId: '018f0000-0000-7000-8000-000000000002',
        state:
          kind === 'talking'
            ? { kind, sinceMs: 1, microphone: 'open', media: 'flowing', hold: { kind: 'none' } }
            : { kind, atMs: 2, cause: 'agentHungUp', talkMs: 1 },
        trace: { inviteMs: 1 },
      },
    ],
  }) as PhoneState;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'zuoxi-shell-'));
  mkdirSync(join(folder, 'dist/renderer/desk'), { recursive: true });
  writeFileSync(join(folder, 'dist/renderer/desk/index.html'), '<!doctype html>');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const practice = {
  ZUOXI_CENTRAL_URL: 'http://127.0.0.1:1',
  ZUOXI_SIP_ORIGINS: 'ws://127.0.0.1:2',
  PATH: '/bin',
  SECRET: 'x',
};

const start = async (
  setup: Partial<Parameters<typeof fakeElectron>[0]> = {},
  process: Partial<Pick<ShellProcess, 'args' | 'env' | 'platform'>> = {},
) => {
  const echo = echoEngine();
  const clock = manualClock();
  const electron = fakeElectron({
    appPath: folder,
    userData: join(folder, 'user'),
    openEngine: () => echo.engine,
    ...setup,
  });
  const handlers = new EventEmitter();
  runShell(
    electron.parts,
    {
      args: [],
      env: { ...practice },
      platform: 'linux',
      locale: 'zh-CN',
      debuggerUrl: undefined,
      on: (event: string, listener: (fault: unknown) => void) => handlers.on(event, listener),
      print: () => undefined,
      random: (bytes) => new Uint8Array(bytes).fill(7),
      ...process,
    },
    clock,
  );
  const running = async (): Promise<void> => {
    await vi.waitFor(() => expect(electron.windows).toHaveLength(2));
    await vi.waitFor(() => expect(logged()).toContain('engine running'));
  };
  const logged = (): string => {
    const file = join(electron.seen.paths.userData, 'logs/shell.log');
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  };
  return { ...electron, echo, clock, handlers, running, logged };
};

/** The newest port a page was given towards someone, with what came through it. */
const portTo = (seat: Awaited<ReturnType<typeof start>>, page: Page, to: string) => {
  const port = seat.windowOf(page).handed.findLast((handed) => handed.to === to)?.port;
  if (port === undefined) throw new Error(`${page} has no port to ${to}`);
  const received: unknown[] = [];
  const open = portOver(port);
  open.onMessage((message) => received.push(message));
  return { port: open, received };
};
const toOf = (handed: readonly { to: unknown; port: FakePort }[]): unknown[] => handed.map(({ to }) => to);

describe('starting', () => {
  it('sandbox and scheme come before ready, every guard before the first window (security 4, 5, 10)', async () => {
    const seat = await start();
    await seat.running();
    const at = (step: string): number => seat.seen.order.indexOf(step);
    expect(at('sandbox')).toBeLessThan(at('ready'));
    expect(at('scheme')).toBeLessThan(at('ready'));
    for (const guard of ['requests', 'permission request', 'permission check', 'device', 'display'])
      expect(at(guard), guard).toBeLessThan(at('window'));
    expect(seat.seen.protocol).toBe('app');
  });

  it('a second start shows the first and ends before it opens anything (security 20)', async () => {
    const second = await start({ isFirst: false });
    expect(second.seen.exits).toEqual([0]);
    expect(second.windows).toHaveLength(0);
    expect(second.engines).toHaveLength(0);
    const first = await start();
    await first.running();
    first.app.emit('second-instance', {}, ['/opt/zuoxi', '--whatever']);
    expect(first.windowOf('desk').calls.slice(-2)).toEqual(['show', 'focus']);
  });

  it('says what is missing when nothing is configured', async () => {
    const seat = await start({}, { env: {} });
    expect(seat.seen.exits).toEqual([78]);
    expect(seat.seen.errors[0]).toContain('ZUOXI_CENTRAL_URL');
  });

  it('a packaged product ignores the environment and refuses hostile switches (security 15)', async () => {
    const byEnv = await start({ isPackaged: true });
    expect(byEnv.seen.exits).toEqual([78]);
    const hostile = await start({ isPackaged: true }, { args: ['--remote-debugging-port=9222'] });
    expect(hostile.seen.exits).toEqual([64]);
    expect(hostile.seen.order).toEqual([]);
  });

  it('the test flavour of a package takes the debugger and the environment', async () => {
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ flavour: 'test' }));
    const seat = await start({ isPackaged: true }, { args: ['--inspect=0', '--remote-debugging-port=0'] });
    await seat.running();
    expect(seat.seen.exits).toEqual([]);
  });

  it('the key reaches the engine by message, never by argument or environment (security 27)', async () => {
    const seat = await start();
    await seat.running();
    const [engine] = seat.engines;
    expect(engine?.modulePath.endsWith('engine-process.js')).toBe(true);
    expect(engine?.env).toEqual({ PATH: '/bin' });
    expect(readdirSync(join(folder, 'user'))).toContain('store-key.json');
    expect(seat.logged()).not.toMatch(/07070707/);
  });
});

describe('ports', () => {
  it('join desk, phone and engine, each pair by a port of its own', async () => {
    const seat = await start();
    await seat.running();
    seat.fromPage('phone', channels.askPorts);
    seat.fromPage('desk', channels.askPorts);
    expect(toOf(seat.windowOf('phone').handed)).toEqual(['engine', 'desk']);
    expect(toOf(seat.windowOf('desk').handed)).toEqual(['engine', 'phone']);

    const engine = portTo(seat, 'desk', 'engine');
    engine.port.send({ hello: 1 });
    await vi.waitFor(() => expect(engine.received).toEqual([{ echo: { hello: 1 }, role: 'desk' }]));
    const phone = portTo(seat, 'phone', 'desk');
    portTo(seat, 'desk', 'phone').port.send('ring');
    await vi.waitFor(() => expect(phone.received).toEqual(['ring']));
  });

  it('an engine crash: it comes back, and both pages are given new ports to it and keep theirs to each other', async () => {
    const seat = await start();
    await seat.running();
    seat.fromPage('phone', channels.askPorts);
    seat.fromPage('desk', channels.askPorts);
    const old = portTo(seat, 'desk', 'engine');
    let isClosed = false;
    old.port.onClose(() => (isClosed = true));
    seat.engines[0]?.die(139);
    await vi.waitFor(() => expect(isClosed).toBe(true));
    seat.clock.pass(250);
    await vi.waitFor(() => expect(toOf(seat.windowOf('desk').handed)).toEqual(['engine', 'phone', 'engine']));
    expect(toOf(seat.windowOf('phone').handed)).toEqual(['engine', 'desk', 'engine']);
    const fresh = portTo(seat, 'desk', 'engine');
    fresh.port.send(2);
    await vi.waitFor(() => expect(fresh.received).toEqual([{ echo: 2, role: 'desk' }]));
  });

  it('a page that asks while the engine is away is served when it is back', async () => {
    const seat = await start();
    await seat.running();
    seat.engines[0]?.die(1);
    seat.fromPage('desk', channels.askPorts);
    expect(seat.windowOf('desk').handed).toEqual([]);
    seat.clock.pass(250);
    await vi.waitFor(() => expect(toOf(seat.windowOf('desk').handed)).toEqual(['engine']));
  });

  it('only the main frame of our own page is heard (security 11)', async () => {
    const seat = await start();
    await seat.running();
    const desk = seat.windowOf('desk');
    const { webContents } = desk;
    const url = desk.url;
    const forged = [
      { sender: {}, senderFrame: { url, parent: null } },
      { sender: webContents, senderFrame: null },
      { sender: webContents, senderFrame: { url, parent: {} } },
      { sender: webContents, senderFrame: { url: 'about:blank', parent: null } },
      { sender: webContents, senderFrame: { url: 'https://evil.example/', parent: null } },
      { sender: webContents, senderFrame: { url: seat.windowOf('phone').url, parent: null } },
    ];
    for (const event of forged) seat.ipc.emit(channels.askPorts, event);
    for (const junk of [null, 0, 'x', {}, [], { __proto__: { a: 1 } }, 'y'.repeat(1_000_000)])
      seat.fromPage('desk', channels.askPorts, junk);
    seat.fromPage('desk', channels.askPorts, undefined, undefined);
    expect(desk.handed).toEqual([]);
    seat.fromPage('desk', channels.askPorts);
    expect(desk.handed).toHaveLength(1);
  });
});

describe('crashes (security 25, 89)', () => {
  it('a desk crash in a call: the desk loads again, the phone is not touched', async () => {
    const seat = await start();
    await seat.running();
    seat.fromPage('phone', channels.askPorts);
    seat.fromPage('desk', channels.askPorts);
    const phone = seat.windowOf('phone');
    const before = phone.handed.length;
    const desk = seat.windowOf('desk');
    desk.url = 'crashed /desk/';
    desk.webContents.emit('render-process-gone', {}, { reason: 'crashed' });
    seat.clock.pass(200);
    expect(desk.url).toBe('app://seat/desk/index.html');
    expect(phone.url).toBe('app://seat/phone/index.html');
    expect(phone.handed).toHaveLength(before);
    seat.fromPage('desk', channels.askPorts);
    expect(toOf(phone.handed.slice(before))).toEqual(['desk']);
  });

  it('the third crash within five minutes asks; far apart ones do not', async () => {
    const seat = await start({ answers: [0] });
    await seat.running();
    const desk = seat.windowOf('desk');
    const crash = (): void => void desk.webContents.emit('render-process-gone', {}, { reason: 'oom' });
    crash();
    seat.clock.pass(5 * 60_000);
    crash();
    seat.clock.pass(1_000);
    crash();
    expect(seat.seen.questions).toEqual([]);
    desk.url = 'crashed /desk/';
    crash();
    expect(seat.seen.questions).toHaveLength(1);
    await vi.waitFor(() => expect(desk.url).toBe('app://seat/desk/index.html'));
  });

  it('an uncaught error is written down by kind, without its words, and the seat goes on', async () => {
    const seat = await start();
    await seat.running();
    seat.handlers.emit('uncaughtException', new TypeError('customer 13900001111'));
    seat.handlers.emit('unhandledRejection', 'customer 13900001111');
    expect(seat.logged()).toContain('TypeError');
    expect(seat.logged()).not.toContain('13900001111');
    expect(seat.seen.exits).toEqual([]);
  });
});

describe('tray, closing, quitting', () => {
  it('hears what the engine tells together', async () => {
    const seat = await start();
    await seat.running();
    seat.fromPage('desk', channels.askPorts);
    seat.echo.publishTogether([
      { t: 'event', name: 'sync', body: { kind: 'pushing', waiting: 3 } },
      { t: 'event', name: 'agent', body: { kind: 'ready', sinceMs: 1 } },
    ]);
    await vi.waitFor(() => expect(seat.seen.toolTip).toBe('坐席 · 示闲 · 3 项未同步'));
  });

  it('shows the state of the agent, in the language of the desk', async () => {
    const seat = await start();
    await seat.running();
    seat.fromPage('desk', channels.askPorts);
    const offline = seat.seen.trayImage;
    expect(seat.seen.toolTip).toBe('坐席 · 未登录');
    seat.echo.publish('agent', { kind: 'ready', sinceMs: 1 });
    seat.echo.publish('sync', { kind: 'pushing', waiting: 3 });
    await vi.waitFor(() => expect(seat.seen.toolTip).toBe('坐席 · 示闲 · 3 项未同步'));
    expect(seat.seen.trayImage).not.toBe(offline);
    seat.fromPage('desk', channels.language, 'en');
    expect(seat.seen.toolTip).toBe('Zuoxi · Ready · 3 not synced');
    expect(seat.seen.stored['language']).toBe('en');
    seat.fromPage('desk', channels.language, 'tlh');
    seat.fromPage('phone', channels.language, 'zh-CN');
    expect(seat.seen.toolTip).toContain('Ready');
  });

  it('in a call, closing hides, the machine stays awake, and quitting asks first', async () => {
    const seat = await start({ answers: [0, 1] });
    await seat.running();
    seat.fromPage('desk', channels.askPorts);
    seat.echo.publish('phone', calling('talking'));
    await vi.waitFor(() => expect(seat.seen.holds).toBe(1));
    expect(seat.windowOf('desk').close()).toBe(false);
    expect(seat.windowOf('desk').calls.at(-1)).toBe('hide');
    expect(seat.seen.questions).toEqual([]);
    expect(seat.seen.stored['bounds']).toEqual({ x: 10, y: 20, width: 1_400, height: 900 });

    seat.parts.app.quit();
    await vi.waitFor(() => expect(seat.seen.questions).toEqual(['正在通话，退出会挂断电话。']));
    await pause(10);
    expect(seat.seen.exits).toEqual([]);
    seat.parts.app.quit();
    await vi.waitFor(() => expect(seat.seen.exits).toEqual([0]));
    expect(seat.windows.every((window) => window.isGone)).toBe(true);
    expect(seat.engines[0]?.isAlive).toBe(false);
  });

  it('with unsynced work quitting asks, and says how much', async () => {
    const seat = await start({ answers: [0] });
    await seat.running();
    seat.fromPage('phone', channels.askPorts);
    seat.echo.publish('sync', { kind: 'signedOut', waiting: 12 });
    await vi.waitFor(() => expect(seat.seen.toolTip).toContain('12'));
    seat.parts.app.quit();
    await vi.waitFor(() => expect(seat.seen.questions[0]).toContain('12'));
    expect(seat.seen.exits).toEqual([]);
  });

  it('with nothing to lose, closing follows the setting and asks nothing', async () => {
    const seat = await start();
    await seat.running();
    expect(seat.windowOf('desk').close()).toBe(false);
    await vi.waitFor(() => expect(seat.seen.exits).toEqual([0]));
    expect(seat.seen.questions).toEqual([]);
  });

  it('after the call the machine may sleep again, and the phone window cannot be closed', async () => {
    const seat = await start();
    await seat.running();
    seat.fromPage('phone', channels.askPorts);
    seat.echo.publish('phone', calling('talking'));
    await vi.waitFor(() => expect(seat.seen.holds).toBe(1));
    seat.echo.publish('phone', calling('ended'));
    await vi.waitFor(() => expect(seat.seen.holds).toBe(0));
    expect(seat.windowOf('phone').close()).toBe(false);
    expect(seat.windowOf('phone').isGone).toBe(false);
  });

  it('a system shutdown is not held up by a question', async () => {
    const seat = await start();
    await seat.running();
    seat.fromPage('phone', channels.askPorts);
    seat.echo.publish('phone', calling('talking'));
    await vi.waitFor(() => expect(seat.seen.holds).toBe(1));
    seat.power.emit('shutdown');
    await vi.waitFor(() => expect(seat.seen.exits).toEqual([0]));
    expect(seat.seen.questions).toEqual([]);
  });
});

describe('from outside', () => {
  it('waking up tells the phone to register again at once (peers 44)', async () => {
    const seat = await start();
    await seat.running();
    seat.power.emit('resume');
    expect(seat.windowOf('phone').told).toEqual([{ zuoxi: 'resumed' }]);
    expect(seat.windowOf('desk').told).toEqual([]);
  });

  it('a link shows the window and at most offers a number (security 19)', async () => {
    const seat = await start();
    await seat.running();
    seat.app.emit('second-instance', {}, ['/opt/zuoxi', 'zuoxi://dial/10086']);
    expect(seat.windowOf('desk').told).toEqual([{ zuoxi: 'offerNumber', digits: '10086' }]);
    seat.app.emit('second-instance', {}, ['/opt/zuoxi', 'zuoxi://dial/10086', 'zuoxi://show']);
    let prevented = false;
    seat.app.emit('open-url', { preventDefault: () => (prevented = true) }, 'zuoxi://quit');
    expect(prevented).toBe(true);
    expect(seat.windowOf('desk').told).toHaveLength(1);
  });
});

describe('the key store (security 27, 29)', () => {
  it('security 28 on a machine where nothing may be kept, nothing is, whatever key store there is', async () => {
    const seat = await start({}, { env: { ...practice, ZUOXI_MEMORY_ONLY: 'yes' } });
    await seat.running();
    expect(seat.logged()).toContain('memory only');
    expect(seat.seen.questions).toEqual([]);
    expect(readdirSync(seat.seen.paths.userData)).not.toContain('store-key.json');
  });

  it('a key that cannot be opened is kept; the agent chooses between memory and a new store', async () => {
    const user = join(folder, 'user');
    mkdirSync(user);
    const old = JSON.stringify({ v: 1, id: '0123456789abcdef', wrapped: Buffer.from('garbage').toString('base64') });
    writeFileSync(join(user, 'store-key.json'), old);
    const memory = await start({ answers: [0] });
    await memory.running();
    expect(memory.seen.questions).toHaveLength(1);
    expect(readFileSync(join(user, 'store-key.json'), 'utf8')).toBe(old);
    expect(memory.logged()).toContain('memory only');

    const anew = await start({ answers: [1] });
    await anew.running();
    const aside = readdirSync(user).find((name) => name.includes('.aside-'));
    expect(readFileSync(join(user, aside ?? ''), 'utf8')).toBe(old);
  });
});
