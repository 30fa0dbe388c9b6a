import { parseArgs } from 'node:util';
import type { Browser } from 'playwright-core';
import { openBrowser } from '../e2e/browser.ts';
import { bareKeys } from './desk/bare-page.ts';
import type { Timings } from './desk/expert.ts';
import { noTimings, workCall } from './desk/expert.ts';
import { firstJsKb } from './desk/first-js.ts';
import { deskFrame, readPaints, watchPaints } from './desk/paints.ts';
import { popHops, watchHops } from './desk/pop-hops.ts';
import { hopMs } from './journey/hop.ts';
import { heapsMb, keptIn } from './journey/memory.ts';
import { npmStart } from './journey/npm-start.ts';
import { openSeat, signInAndReady } from './journey/seat-page.ts';
import { metricsOf } from './measure/metric-line.ts';
import type { Bench } from './measure/run-bench.ts';
import { runBench } from './measure/run-bench.ts';

/**
 * `npm run bench -- desk [--calls N]`: the whole seat as `npm start` brings it up, worked by an expert at the keyboard in Chromium for
 * 200 calls in one page, without a reload. Times are the page's own: from a key's time stamp to the frame that shows what it did,
 * beside a page with one empty text field in the same browser; the pop beside one message to the engine and back.
 */
const { values: given } = parseArgs({ options: { calls: { type: 'string', default: '200' } } });
const calls = Math.max(1, Number(given.calls));
const limits = { wholeMs: 120_000 + calls * 6_000, startMs: 120_000, loadMs: 120_000 } as const;

/** Issue "The agent's desk", figures to reach. */
const targets = {
  'ring_to_pop_ms p95': 50,
  'key_to_paint_ms p95': 16,
  'wrapup_keys max': 6,
  'long_tasks_in_calls max': 0,
  'desk_heap_mb max': 120,
  'desk_first_js_kb max': 450,
  'phone_first_js_kb max': 120,
} as const;

type Print = Bench['print'];
const figure = (print: Print, metric: string, unit: string, value: number): void =>
  print(metricsOf('desk', { metric, unit, samples: [value] }, ['max']));

const run = async ({ dir, ends, print }: Bench): Promise<void> => {
  for (const page of ['desk', 'phone'] as const) figure(print, `${page}_first_js_kb`, 'kB', firstJsKb(page));
  const browser = await openBrowser();
  ends.push(() => browser.close());
  const running = await npmStart(dir, limits.startMs);
  ends.push(running.stop);
  await work(browser, running.address, print);
};

const work = async (browser: Browser, address: string, print: Print): Promise<void> => {
  const seat = await openSeat(browser, address, [], async (page) => {
    await watchPaints(page);
    await watchHops(page);
  });
  await signInAndReady(seat, limits.loadMs);
  const hops: number[] = [];
  for (let n = 0; n < 40; n += 1) hops.push(await hopMs(seat.page));
  const bare = await bareKeys(browser, 100);
  // What loading cost is no part of a call.
  await readPaints(deskFrame(seat.page));
  await readPaints(seat.page);
  const timings = noTimings();
  // A first call loads and keeps what every later one uses.
  await workCall(seat, timings);
  const before = await keptIn(seat.page);
  for (let n = 2; n <= calls; n += 1) {
    await workCall(seat, timings);
    if (n % 25 === 0) process.stderr.write(`${(performance.now() / 1_000).toFixed(0)} s: ${n} calls\n`);
  }
  printTimings(print, timings, hops, bare);
  const after = await keptIn(seat.page);
  for (const what of ['nodes', 'listeners'] as const) {
    figure(print, `page_${what}`, what, after[what]);
    figure(print, `page_${what}_grown`, what, after[what] - before[what]);
  }
  await seat.recorder.close();
  const heaps = await heapsMb(seat.page);
  figure(print, 'desk_heap_mb', 'MB', heaps.desk);
  figure(print, 'phone_heap_mb', 'MB', heaps.phone);
  await seat.context.close();
};

const printTimings = (print: Print, timings: Timings, hops: readonly number[], bare: readonly number[]): void => {
  const both = ['p50', 'p95'] as const;
  const ms = (metric: string, samples: readonly number[], baseline?: Parameters<typeof metricsOf>[3]): void =>
    print(metricsOf('desk', { metric, unit: 'ms', samples }, both, baseline));
  ms('ring_to_pop_ms', timings.ringToPop, { name: 'hops', samples: hops });
  for (const hop of popHops)
    ms(
      `pop_${hop}_ms`,
      timings.popHops.map((one) => one[hop]),
    );
  ms('ring_to_whole_ms', timings.ringToWhole);
  ms('key_to_paint_ms', timings.keyToPaint, { name: 'bare field', samples: bare });
  ms('script_step_ms', timings.stepToPaint, { name: 'hops', samples: hops });
  ms('wrapup_ms', timings.wrapUp);
  print(metricsOf('desk', { metric: 'wrapup_keys', unit: 'keys', samples: timings.wrapUpKeys }, ['p50', 'max']));
  figure(print, 'long_tasks_in_calls', 'tasks', timings.longTasks.length);
  figure(print, 'longest_task_ms', 'ms', Math.max(0, ...timings.longTasks));
};

runBench({ targets, wholeMs: limits.wholeMs }, run);
