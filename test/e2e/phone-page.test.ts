import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BrowserContext, Frame, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { build } from 'vite';
import { systemClock } from '../../main/engine/clock.ts';
import type { Log } from '../../main/engine/log.ts';
import { createWebHost, type WebHost } from '../../main/web/host.ts';
import { texts } from '../../renderer/phone/texts.ts';
import type { PhoneState } from '../../shared/phone.ts';
import { ok } from '../../shared/result.ts';
import { renderer } from '../../vite.config.ts';
import { accountOf, agent, type BrowserLab, openBrowserLab } from '../renderer/phone/lab/browser-lab.ts';
import { createFakeEngine, type FakeEngine, signedIn } from '../renderer/phone/lab/fake-engine.ts';

/**
 * The built phone page in the real browser host, under its content policy: top page, desk in a frame, engine over a WebSocket.
 * The desk is a few lines that ask for a port and keep what comes.
 */
const deskScript = `
  const calls = new Map();
  window.desk = { states: [], ready: false };
  addEventListener('message', (event) => {
    if (event.data?.zuoxi !== 'phone-port') return;
    const [port] = event.ports;
    let last = 0;
    port.onmessage = ({ data }) => {
      if (data.t === 'event' && data.name === 'phone') window.desk.states.push(data.body);
      if (data.t === 'result') calls.get(data.id)?.(data);
    };
    window.desk.call = (name, args) => new Promise((resolve) => {
      last += 1;
      calls.set(last, resolve);
      port.postMessage({ t: 'call', id: last, name, args });
    });
    window.desk.ready = true;
  });
  parent.postMessage({ zuoxi: 'desk' }, location.origin);
`;
type Desk = {
  states: PhoneState[];
  ready: boolean;
  call: (name: string, args: object) => Promise<{ ok: boolean; body: unknown }>;
};
declare global {
  interface Window {
    desk: Desk;
  }
}

const quiet: Log = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} };
const folder = mkdtempSync(join(tmpdir(), 'zuoxi-phone-page-'));
let lab: BrowserLab;
let far: Page;
let engine: FakeEngine;
let host: WebHost;
let context: BrowserContext;
let complaints: string[];

beforeAll(async () => {
  await build({
    ...renderer,
    build: {
      ...renderer.build,
      outDir: folder,
      sourcemap: false,
      rolldownOptions: { input: { phone: fileURLToPath(new URL('../../renderer/phone/index.html', import.meta.url)) } },
    },
  });
  mkdirSync(join(folder, 'desk'));
  writeFileSync(
    join(folder, 'desk/index.html'),
    '<!doctype html><title>desk</title><script src="/desk/desk.js"></script>',
  );
  writeFileSync(join(folder, 'desk/desk.js'), deskScript);
  lab = await openBrowserLab();
  far = await lab.openFar();
});
afterAll(async () => {
  await lab.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  engine = createFakeEngine();
  engine.credentials = accountOf(lab.relay).credentials;
  host = await createWebHost({
    engine: { connect: (port, role) => void (role === 'phone' && engine.connect(port)) },
    rendererDir: folder,
    port: 0,
    host: '127.0.0.1',
    clock: systemClock,
    random: (bytes) => randomBytes(bytes),
    log: quiet,
    pbxUrl: lab.relay.url,
  });
  context = await lab.browser.newContext();
  complaints = [];
  await far.evaluate(() => window.far.reset());
});
afterEach(async () => {
  await context.close();
  await host.close();
});

const openSeat = async (): Promise<Page> => {
  const page = await context.newPage();
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  await context.grantPermissions(['microphone'], { origin: `http://127.0.0.1:${host.port}` });
  await page.goto(host.freshAddress());
  return page;
};
const deskOf = async (page: Page): Promise<Frame> => {
  const found = await page.waitForSelector('iframe.desk-frame');
  const frame = await found.contentFrame();
  if (frame === null) throw new Error('no desk');
  await frame.waitForFunction(() => window.desk.ready);
  return frame;
};
const latest = (): PhoneState | undefined => engine.reports.at(-1);
const call = () => latest()?.calls[0];
const isFlowing = (): boolean => {
  const state = call()?.state;
  return state?.kind === 'talking' && state.media === 'flowing';
};
const signInReady = async (): Promise<void> => {
  engine.setSession(signedIn());
  engine.setAgent({ kind: 'ready', sinceMs: 0 });
  await expect.poll(() => latest()?.line.kind, { timeout: 5_000 }).toBe('registered');
};
const talk = async (desk: Frame): Promise<string> => {
  await desk.evaluate(() => window.desk.call('checkDevices', {}));
  await far.evaluate((to) => window.far.call(to, ['X-Queue: vip'], 'Wang'), agent.user);
  await expect.poll(() => call()?.state.kind).toBe('ringing');
  const callId = call()?.id ?? '';
  const answered = await desk.evaluate((id) => window.desk.call('answer', { callId: id }), callId);
  expect(answered.ok).toBe(true);
  await expect.poll(isFlowing).toBe(true);
  return callId;
};

describe('the phone page in the browser host', () => {
  it('runs under the content policy, registers for the session and reports; the desk sees the same state', async () => {
    const page = await openSeat();
    const desk = await deskOf(page);
    await signInReady();
    await talk(desk);
    expect(call()).toMatchObject({ queue: 'vip', display: 'Wang' });
    await expect.poll(() => desk.evaluate(() => window.desk.states.at(-1)?.calls[0]?.state.kind)).toBe('talking');
    expect(await page.title()).toBe('坐席 Zuoxi');
    expect(complaints).toEqual([]);
  });

  it('a reload of the desk in mid-call leaves the sound alone and finds the call again', async () => {
    const page = await openSeat();
    let desk = await deskOf(page);
    await signInReady();
    const callId = await talk(desk);
    const packets = (): Promise<number> => far.evaluate(() => window.far.packetsReceived());
    const before = await packets();
    const startMs = Date.now();
    await desk.evaluate(() => location.reload());
    desk = await deskOf(page);
    await desk.waitForFunction(() => window.desk.states.length > 0);
    const tookMs = Date.now() - startMs;
    // 50 packets a second go on during the reload.
    expect((await packets()) - before).toBeGreaterThan((tookMs / 20) * 0.8 - 5);
    expect(await desk.evaluate(() => window.desk.states[0]?.calls[0]?.state.kind)).toBe('talking');
    const muted = await desk.evaluate((id) => window.desk.call('mute', { callId: id, muted: true }), callId);
    expect(muted.ok).toBe(true);
    await expect.poll(() => call()?.state).toMatchObject({ microphone: 'muted' });
  });

  it('dials what the engine permits, and the desk may hang up without the engine', async () => {
    const desk = await deskOf(await openSeat());
    await signInReady();
    await desk.evaluate(() => window.desk.call('checkDevices', {}));
    engine.authorises = ok({ contactId: '0190a0b0-c0d0-7000-8000-00000000c0de', dial: '13800138000', warnings: [] });
    expect((await desk.evaluate(() => window.desk.call('dial', { what: { text: '138 0013 8000' } }))).ok).toBe(true);
    await expect.poll(isFlowing).toBe(true);
    expect(lab.relay.log.some(({ text }) => text.includes('X-Contact-Id: 0190a0b0-c0d0-7000-8000-00000000c0de'))).toBe(
      true,
    );
    engine.setAway(true);
    const callId = call()?.id ?? '';
    expect((await desk.evaluate((id) => window.desk.call('hangUp', { callId: id }), callId)).ok).toBe(true);
    await expect.poll(() => far.evaluate(() => window.far.state())).toBe('Terminated');
    engine.setAway(false);
    await expect.poll(() => call()?.state, { timeout: 5_000 }).toMatchObject({ kind: 'ended', cause: 'agentHungUp' });
  });

  it('only its own desk frame gets a port', async () => {
    const page = await openSeat();
    await deskOf(page);
    const answers = await page.evaluate(async () => {
      const other = document.createElement('iframe');
      other.src = '/desk/';
      document.body.append(other);
      let answered = 0;
      addEventListener('message', (event) => {
        if ((event.data as { zuoxi?: string }).zuoxi === 'phone-port') answered += 1;
      });
      postMessage({ zuoxi: 'desk' }, location.origin);
      await new Promise((resolve) => setTimeout(resolve, 700));
      return answered + Number(other.contentWindow?.desk.ready ?? true);
    });
    expect(answers).toBe(0);
  });

  it('a seat open elsewhere is said in both languages, and taken over on request', async () => {
    engine.admits({ kind: 'conflict', reason: 'seatOpenElsewhere' });
    const page = await openSeat();
    await page.waitForSelector('.notice');
    expect(await page.textContent('.notice [lang="zh-CN"]')).toBe(texts.seatOpenElsewhere.zh);
    expect(await page.textContent('.notice p[lang="en"]')).toBe(texts.seatOpenElsewhere.en);
    expect(await page.locator('iframe').count()).toBe(0);
    engine.admits({ kind: 'conflict', reason: 'callRunningElsewhere' });
    await page.click('.notice button');
    await expect.poll(() => page.textContent('.notice p[lang="en"]')).toBe(texts.callRunningElsewhere.en);
    engine.admits(undefined);
    await page.click('.notice button');
    await deskOf(page);
    await signInReady();
    engine.displace();
    await expect.poll(() => page.textContent('.notice p[lang="en"]')).toBe(texts.displaced.en);
    await expect.poll(() => lab.relay.registered(agent.user)).toBe(false);
    expect(complaints).toEqual([]);
  });

  it('PHONE-10 leaving the page in a call is asked about; leaving all the same keeps the customer for the next page', async () => {
    const page = await openSeat();
    const desk = await deskOf(page);
    await signInReady();
    await talk(desk);
    // Browsers ask only on pages somebody touched.
    await page.mouse.click(200, 200);
    const asked = page.waitForEvent('dialog');
    const leaving = page.close({ runBeforeUnload: true });
    const dialog = await asked;
    expect(dialog.type()).toBe('beforeunload');
    await dialog.accept();
    await leaving;
    await expect.poll(() => page.isClosed()).toBe(true);
    // Longer than a BYE takes: nobody hung up on the customer, and the engine holds what the next page needs.
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(await far.evaluate(() => window.far.state())).toBe('Established');
    expect(engine.kept).toHaveLength(1);
    await far.evaluate(() => window.far.hangUp());
  });
});
