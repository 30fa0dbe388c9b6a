import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type AmiSession, openAmi } from '../../central/ami.ts';
import { systemClock } from '../../central/pbx.ts';
import { startPbx, type RunningPbx } from '../../scripts/pbx-instance.mjs';
import { accountOf, type BrowserLab, openBrowserLab } from '../renderer/phone/lab/browser-lab.ts';
import { whyNoBrowser } from './agent-browser.ts';
import { whyNotHere } from './here.ts';

// RFC 3842 on a real Asterisk: the phone subscribes to its own mailbox, whoever counts the messages says how many wait.

const why = whyNotHere('exchange') ?? whyNoBrowser();

/** A wire that can be cut, for a while. */
const startWire = async (port: number) => {
  const ends = new Set<Socket>();
  let isCut = false;
  const server = createServer((near) => {
    if (isCut) return near.destroy();
    const far = connect(port, '127.0.0.1');
    for (const [end, other] of [
      [near, far],
      [far, near],
    ] as const) {
      ends.add(end);
      end.on('error', () => other.destroy());
      end.on('close', () => {
        ends.delete(end);
        other.destroy();
      });
      end.pipe(other);
    }
    return undefined;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = (next: boolean): void => {
    isCut = next;
    if (isCut) for (const end of ends) end.destroy();
  };
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/ws`,
    cut,
    close: () => {
      cut(true);
      server.close();
    },
  };
};

let pbx: RunningPbx;
let ami: AmiSession;
let wire: Awaited<ReturnType<typeof startWire>>;
let lab: BrowserLab;

beforeAll(async () => {
  if (why !== undefined) return;
  // Debian builds no res_mwi_external; app_minivm tells the same counts to the same listeners, from the dial plan.
  pbx = await startPbx({
    agents: 2,
    append: {
      'modules.conf': 'load = app_minivm.so\n',
      'extensions.conf': '\n[mailboxes]\nexten => count,1,Answer()\n same => n,Wait(5)\n',
    },
  });
  ami = await openAmi({ ...pbx.descriptor.ami, deadlineMs: 5_000, clock: systemClock });
  wire = await startWire(Number(new URL(pbx.descriptor.ws).port));
  lab = await openBrowserLab();
});
afterAll(async () => {
  if (why !== undefined) return;
  await lab.close();
  wire.close();
  ami.close();
  await pbx.stop();
});
beforeEach(({ skip }) => {
  if (why !== undefined) skip(why);
});

/** The counting system speaks. */
const wait = async (user: string, fresh: number, old: number): Promise<void> => {
  const answer = await ami.action('Originate', {
    Channel: 'Local/count@mailboxes/n',
    Application: 'MinivmMWI',
    Data: `${user}@agents,0,${fresh},${old}`,
    Async: 'true',
  });
  expect(answer.get('response')).toBe('Success');
};

const openPhone = async (index: number): Promise<Page> => {
  const page = await lab.openPhone({ isStarted: false });
  const { user = '', password = '' } = pbx.descriptor.agents[index] ?? {};
  const { seatId, credentials } = accountOf(lab.relay);
  const server = { server: wire.url, domain: pbx.descriptor.domain, user, password };
  await page.evaluate((account) => window.lab.phone.start(account), {
    seatId,
    credentials: { ...credentials, ...server },
  });
  return page;
};
const shown = (page: Page) => page.evaluate(() => window.lab.phone.state().voicemail);
const becomes = (page: Page, fresh: number, old: number): Promise<void> =>
  expect.poll(() => shown(page), { timeout: 20_000 }).toEqual({ new: fresh, old });

test('MWI: the agent sees what waits in the own mailbox, at once and after a lost line, and nobody else does', async () => {
  await wait('1001', 0, 0);
  const [page, other] = [await openPhone(0), await openPhone(1)];
  await becomes(page, 0, 0);
  await becomes(other, 0, 0);
  await wait('1001', 2, 1);
  await becomes(page, 2, 1);
  await wait('1001', 0, 1);
  await becomes(page, 0, 1);

  wire.cut(true);
  await lab.until(page, 'lost', ({ line }) => line.kind === 'lost', 20_000);
  await wait('1001', 3, 1);
  expect(await shown(page)).toEqual({ new: 0, old: 1 });
  wire.cut(false);
  await lab.until(page, 'registered again', ({ line }) => line.kind === 'registered', 30_000);
  await becomes(page, 3, 1);
  await wait('1001', 1, 3);
  await becomes(page, 1, 3);
  expect(await shown(other)).toEqual({ new: 0, old: 0 });

  await page.evaluate(() => window.lab.phone.stop());
  expect(await shown(page)).toBeUndefined();
  const kinds = await page.evaluate(() => window.lab.wire.map(({ kind }) => kind));
  // Debian's Asterisk asks for MD5; no NOTIFY was turned away.
  expect(kinds.filter((kind) => kind !== 'weakDigest')).toEqual([]);
  expect(lab.errors).toEqual([]);
});
