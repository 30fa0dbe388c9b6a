import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { CDPSession, Page } from 'playwright-core';

const mb = 1_048_576;

/** Memory of a process that is in RAM, in MB; engine and practice services are one process. */
export const rssMb = (pid: number): number => {
  const kb =
    process.platform === 'linux'
      ? /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
      : execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' }).trim();
  return (Number(kb) * 1_024) / mb;
};

/**
 * JS heap in use after collection, MB. In the browser host phone and desk share one process and with it one heap: the phone's is
 * what is left when the desk's frame is taken out of the page, the desk's is the difference.
 */
export const heapsMb = async (page: Page): Promise<{ readonly desk: number; readonly phone: number }> => {
  const session = await page.context().newCDPSession(page);
  const both = await usedMb(session);
  await page.evaluate(() => document.querySelector('iframe')?.remove());
  // Chromium remembers what was clicked last, and with it the whole frame it was in.
  await page.mouse.click(1, 1);
  // The frame's documents are let go in tasks of their own.
  await page.waitForTimeout(1_000);
  const phone = await usedMb(session);
  await session.detach();
  return { desk: both - phone, phone };
};

/** What the page keeps after a collection, its frames and what nobody shows any more included: both grow when something is never let go. */
export type Kept = { readonly nodes: number; readonly listeners: number };

export const keptIn = async (page: Page): Promise<Kept> => {
  const session = await page.context().newCDPSession(page);
  for (let round = 0; round < 3; round += 1) await session.send('HeapProfiler.collectGarbage');
  const { nodes, jsEventListeners } = await session.send('Memory.getDOMCounters');
  await session.detach();
  return { nodes, listeners: jsEventListeners };
};

const usedMb = async (session: CDPSession): Promise<number> => {
  for (let round = 0; round < 3; round += 1) await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  return usedSize / mb;
};
