import type { CDPSession, Page } from 'playwright-core';
import { answerCall, endCall } from './calls.ts';
import { sleep } from './journal.ts';
import type { Lab, Opened } from './lab.ts';

const kb = 1_024;
const settleMs = 700;
const lookMs = 3_000;

/** JS heap in use after collection, kB. */
export const heapKb = async (page: Page): Promise<number> => {
  const session = await page.context().newCDPSession(page);
  try {
    for (let round = 0; round < 3; round += 1) await session.send('HeapProfiler.collectGarbage');
    const { usedSize } = await session.send('Runtime.getHeapUsage');
    return usedSize / kb;
  } finally {
    await session.detach();
  }
};

/**
 * What the page's objects take after collection, its compiled code left out, kB: V8 compiles more of what ran more often, up to a
 * bound that some hundred calls do not reach. The browser's own objects (streams, elements) count.
 */
export const objectsKb = async (page: Page): Promise<number> => {
  const session = await page.context().newCDPSession(page);
  const chunks: string[] = [];
  session.on('HeapProfiler.addHeapSnapshotChunk', ({ chunk }) => chunks.push(chunk));
  try {
    for (let round = 0; round < 3; round += 1) await session.send('HeapProfiler.collectGarbage');
    await session.send('HeapProfiler.takeHeapSnapshot', { reportProgress: false });
  } finally {
    await session.detach();
  }
  return bytesWithoutCode(JSON.parse(chunks.join('')) as HeapSnapshot) / kb;
};

/** The parts of Chromium's heap snapshot that are looked at: nodes are rows of `node_fields` numbers, one after the other. */
export type HeapSnapshot = {
  readonly snapshot: {
    readonly meta: { readonly node_fields: readonly string[]; readonly node_types: readonly (readonly string[])[] };
  };
  readonly nodes: readonly number[];
};

export const bytesWithoutCode = ({ snapshot: { meta }, nodes }: HeapSnapshot): number => {
  const width = meta.node_fields.length;
  const [typeAt, sizeAt] = [meta.node_fields.indexOf('type'), meta.node_fields.indexOf('self_size')];
  const code = meta.node_types[typeAt]?.indexOf('code');
  let bytes = 0;
  for (let row = 0; row < nodes.length; row += width)
    if (nodes[row + typeAt] !== code) bytes += nodes[row + sizeAt] ?? 0;
  return bytes;
};

/** What one running call costs: share of one core in the page's own process, and heap. The other pages have no call meanwhile. */
export const callLoad = async (lab: Lab, at: Opened): Promise<{ readonly cpuPct: number; readonly heapKb: number }> => {
  const session = await lab.browser.newBrowserCDPSession();
  try {
    const before = await heapKb(at.page);
    await answerCall(lab, at);
    await sleep(settleMs);
    const first = await rendererSeconds(session);
    await sleep(lookMs);
    const last = await rendererSeconds(session);
    // The one that works is the one with the call.
    const busiest = Math.max(...[...last].map(([pid, seconds]) => seconds - (first.get(pid) ?? seconds)));
    const during = await heapKb(at.page);
    await endCall(at);
    return { cpuPct: (100 * busiest) / (lookMs / 1_000), heapKb: during - before };
  } finally {
    await session.detach();
  }
};

const rendererSeconds = async (session: CDPSession): Promise<ReadonlyMap<number, number>> => {
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  return new Map(processInfo.filter(({ type }) => type === 'renderer').map(({ id, cpuTime }) => [id, cpuTime]));
};
