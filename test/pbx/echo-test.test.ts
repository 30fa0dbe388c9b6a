import { randomUUID } from 'node:crypto';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { whyNoAsterisk } from '../../scripts/pbx-install.mjs';
import { type RunningPbx, startPbx } from '../../scripts/pbx-instance.mjs';
import { echoTest } from '../../shared/devices.ts';
import { CallId, ContactId } from '../../shared/ids.ts';
import type { PhoneState } from '../../shared/phone.ts';
import { accountOf, type BrowserLab, openBrowserLab } from '../renderer/phone/lab/browser-lab.ts';
import { whyNoBrowser } from './agent-browser.ts';

// The echo test on a real exchange: the agent's own voice comes back, also from a microphone chosen while it runs.

const why = whyNoAsterisk() ?? whyNoBrowser();
if (why !== undefined) console.warn(`NOT RUN with a real exchange: ${why}`);
let exchange: RunningPbx;
let lab: BrowserLab;
let page: Page;

beforeAll(async () => {
  if (why !== undefined) return;
  [exchange, lab] = await Promise.all([startPbx({ agents: 1 }), openBrowserLab()]);
});
afterAll(async () => {
  if (why !== undefined) return;
  await lab.close();
  await exchange.stop();
});
beforeEach(({ skip }) => {
  if (why !== undefined) skip(why);
});

const isFlowing = ({ calls: [call] }: PhoneState): boolean =>
  call?.state.kind === 'talking' && call.state.media === 'flowing';
/** The fake microphone beeps once a second. */
const hearsItself = async (): Promise<void> => {
  await page.evaluate(() => void window.lab.levels.splice(0));
  const loudest = () => page.evaluate(() => Math.max(-100, ...window.lab.levels.map(({ customerDb }) => customerDb)));
  await expect.poll(loudest, { timeout: 30_000 }).toBeGreaterThan(-40);
};

describe('the echo test on a real exchange', () => {
  test('is the number of the reference configuration, and gives the voice back, before and after a change of microphone', async () => {
    const { ws, domain, agents, echo } = exchange.descriptor;
    expect(echo).toBe(echoTest.number);
    const [account] = agents;
    if (account === undefined) throw new Error('no agent');
    const lent = accountOf(lab.relay);
    const credentials = { ...lent.credentials, server: ws, domain, ...account };
    page = await lab.openPhone({ isStarted: false });
    await page.evaluate((it) => window.lab.phone.start(it), { ...lent, credentials });
    await lab.until(page, 'registered', ({ line }) => line.kind === 'registered', 30_000);
    await page.evaluate(() => window.lab.phone.checkDevices());
    const dialled = await page.evaluate((order) => window.lab.phone.dial({ ...order, aside: { kind: 'check' } }), {
      callId: CallId.parse(randomUUID()),
      contactId: ContactId.parse(randomUUID()),
      dial: echoTest.number,
    });
    expect(dialled).toMatchObject({ ok: true });
    await lab.until(page, 'sound both ways', isFlowing, 30_000);
    await hearsItself();
    const other = (await page.evaluate(() => window.lab.phone.devices())).list.microphones.at(-1);
    await page.evaluate((id) => window.lab.phone.chooseDevice('microphone', id), other?.id ?? null);
    await lab.until(
      page,
      'the other one',
      ({ devices }) => devices.kind === 'ready' && devices.microphone === other?.label,
    );
    await hearsItself();
    expect(isFlowing(await page.evaluate(() => window.lab.phone.state()))).toBe(true);
    expect(lab.errors).toEqual([]);
  });
});
