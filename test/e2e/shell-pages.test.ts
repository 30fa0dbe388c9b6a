import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { OperatorSide } from '../electron/journey.ts';
import { becomeReady, hangUp, operatorSide, signIn, takeCall } from '../electron/journey.ts';
import { chromiumPath } from '../practice/browser-phone.ts';
import type { ChromiumShell } from './chromium-shell.ts';
import { openChromiumShell } from './chromium-shell.ts';

describe.runIf(chromiumPath !== undefined)('the desktop shell over Chromium', () => {
  let folder: string;
  let browser: Browser;
  let operator: OperatorSide;
  let seat: ChromiumShell;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'zuoxi-shell-pages-'));
    operator = await operatorSide();
    browser = await chromium.launch({
      executablePath: chromiumPath ?? '',
      args: [
        '--no-sandbox',
        '--use-fake-device-for-media-stream',
        '--use-fake-ui-for-media-stream',
        '--autoplay-policy=no-user-gesture-required',
        '--disable-background-networking',
        '--no-first-run',
      ],
    });
    const context = await browser.newContext({
      viewport: { width: 1_400, height: 900 },
      locale: 'zh-CN',
      permissions: ['microphone', 'local-network-access'],
    });
    seat = await openChromiumShell(context, {
      userData: folder,
      centralUrl: operator.centralUrl,
      sipOrigins: [operator.sipOrigin],
      answers: [0, 1],
    });
    await vi.waitFor(() => seat.windowOf('desk'), 10_000);
  });
  afterAll(async () => {
    await browser?.close();
    await operator?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const heardDb = (): number => operator.onTheLine()[0]?.heard.levelDb() ?? -100;

  it('signs in, becomes ready and takes a call over brokered ports, the tray following', async () => {
    const desk = await seat.tab('desk');
    await signIn(desk, operator.agent);
    await vi.waitFor(() => expect(seat.seen.toolTip).toContain('示忙'), 10_000);
    await becomeReady(desk);
    await vi.waitFor(() => expect(seat.seen.toolTip).toContain('示闲'), 10_000);
    await takeCall(desk);
    await vi.waitFor(() => expect(seat.seen.toolTip).toContain('通话中'), 10_000);
    await vi.waitFor(() => expect(heardDb()).toBeGreaterThan(-40), 10_000);
    expect(seat.seen.holds).toBe(1);
  });

  it('a desk reload and a desk crash leave the call and its sound alone, and find it again', async () => {
    const [customer] = operator.onTheLine();
    await (await seat.tab('desk')).reload();
    await (await seat.tab('desk')).locator('.callbar[data-state="talking"]').waitFor();
    await seat.windowOf('desk').crash();
    await vi.waitFor(
      async () => (await seat.tab('desk')).locator('.callbar[data-state="talking"]').waitFor({ timeout: 2_000 }),
      10_000,
    );
    expect(operator.onTheLine()).toEqual([customer]);
    await vi.waitFor(() => expect(heardDb()).toBeGreaterThan(-40), 10_000);
  });

  it('an engine crash leaves the call alone; hanging up works meanwhile, and the desk comes back to wrap-up', async () => {
    seat.engines.at(-1)?.kill();
    const desk = await seat.tab('desk');
    await vi.waitFor(() => expect(seat.engines).toHaveLength(2), 10_000);
    await desk.locator('.callbar[data-state="talking"]').waitFor();
    await vi.waitFor(() => expect(heardDb()).toBeGreaterThan(-40), 10_000);
    seat.windowOf('desk').close();
    expect(seat.windowOf('desk').isShown).toBe(false);
    seat.parts.app.quit();
    await vi.waitFor(() => expect(seat.seen.questions[0]).toContain('正在通话'), 10_000);
    expect(seat.seen.exits).toEqual([]);
    await hangUp(desk);
    await desk.locator('.agentstate[data-state="wrapUp"]').waitFor();
    await vi.waitFor(() => expect(seat.seen.holds).toBe(0), 10_000);
  });

  it('neither page broke its content policy or threw', () => {
    expect(seat.violations).toEqual([]);
  });
});
