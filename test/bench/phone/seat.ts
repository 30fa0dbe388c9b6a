import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Browser, Frame, Page } from 'playwright-core';
import { type ContenderAccount, dialled } from './contender.ts';
import { installProbe } from './probe.ts';
import { installSeatDesk } from './seat-desk.ts';

/** Our own pages as they are built, desk included, in the browser host; only the engine behind them is the tests' (no store, no rules). */
export type Seat = {
  readonly page: Page;
  /** Another page of the same seat. */
  readonly openAgain: () => Promise<Page>;
  readonly close: () => Promise<void>;
};

const program = fileURLToPath(new URL('seat-process.ts', import.meta.url));

/** Where the agent clicks. @throws when the desk is not open */
export const deskOf = (page: Page): Frame => {
  const frame = page.frames().find((each) => each.url().endsWith('/desk/'));
  if (frame === undefined) throw new Error('the desk is not open');
  return frame;
};

export const openSeat = async (browser: Browser, account: ContenderAccount): Promise<Seat> => {
  const child = fork(program, [JSON.stringify(account)]);
  const told = async (): Promise<string> => {
    const [address] = (await once(child, 'message')) as [string];
    return address;
  };
  const first = await told();
  const context = await browser.newContext({ viewport: { width: 1366, height: 768 }, locale: 'zh-CN' });
  await context.grantPermissions(['microphone'], { origin: new URL(first).origin });
  await context.addInitScript(installProbe);
  await context.addInitScript(installSeatDesk, dialled);
  const openAt = async (address: string): Promise<Page> => {
    const page = await context.newPage();
    await page.goto(address);
    return page;
  };
  return {
    page: await openAt(first),
    openAgain: async () => {
      const next = told();
      child.send('another');
      return openAt(await next);
    },
    close: async () => {
      await context.close();
      const over = once(child, 'exit');
      child.disconnect();
      await over;
    },
  };
};
