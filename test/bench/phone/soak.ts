import { answerCall, endCall, idle, type Pace } from './calls.ts';
import { type Figure, figuresOf, growthPct } from './figures.ts';
import { sleep } from './journal.ts';
import type { Lab, Opened } from './lab.ts';
import { heapKb, objectsKb } from './load.ts';

/** What was standing after so many calls. */
type Standing = { readonly calls: number; readonly heapKb: number; readonly open: number };
/** At the two looks that count. */
type Counted = Standing & { readonly objectsKb: number };

const lookEvery = 50;
/** SIP keeps what it said for 64 × T1 after a call (RFC 3261 17), so that a lost answer can be said again. */
const transactionsMs = 34_000;
const pace: Pace = { answerLimitMs: 5_000, ringMs: 20 };

/** Many short calls in one session; the sides hang up in turn. Growth is counted from the first look, when all code has run. */
export const soak = async (
  lab: Lab,
  at: Opened,
  calls: number,
  say: (what: string) => void,
): Promise<{ readonly figures: Figure[]; readonly silent: number }> => {
  const every = Math.min(lookEvery, Math.max(1, Math.floor(calls / 2)));
  const counted: Counted[] = [];
  let silent = 0;
  for (let n = 1; n <= calls; n += 1) {
    const { call, sample } = await answerCall(lab, at, pace);
    if (sample.toMediaMs === undefined) silent += 1;
    await sleep(50);
    if (n % 2 === 0) await endCall(at);
    else {
      call.hangUp();
      await idle(at);
    }
    if (n % every !== 0 && n !== calls) continue;
    const isCounted = n === every || n === calls;
    // What every call leaves behind for a while is gone then.
    if (isCounted) await sleep(transactionsMs);
    const open = await at.page.evaluate(() => window.probe.open.size);
    const standing: Standing = { calls: n, heapKb: await heapKb(at.page), open };
    if (isCounted) counted.push({ ...standing, objectsKb: await objectsKb(at.page) });
    say(`${n} calls: heap ${Math.round(standing.heapKb)} kB, ${open} connections, ${silent} silent`);
  }
  const [first, last] = [counted[0], counted.at(-1)];
  if (first === undefined || last === undefined) throw new Error('a soak needs at least one call');
  const one = (metric: string, unit: string, value: number): Figure[] =>
    figuresOf({ metric, unit, samples: [value], contender: at.name }, ['max']);
  const figures = [
    ...one('soak_calls', 'calls', calls),
    ...one('heap_growth_pct', '%', growthPct(first.objectsKb, last.objectsKb)),
    ...one('heap_with_code_growth_pct', '%', growthPct(first.heapKb, last.heapKb)),
    ...one('heap_after_soak_mb', 'MB', last.heapKb / 1_024),
    ...one('connections_after_soak', 'connections', last.open),
    ...one('connections_growth', 'connections', last.open - first.open),
    ...one('soak_silent_calls', 'calls', silent),
  ];
  return { figures, silent };
};
