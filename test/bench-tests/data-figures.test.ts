import { expect, it } from 'vitest';
import { figuresOf, figureTable, seatsCarried } from '../bench/data/figures.ts';
import { callersOf, chance, keyAt, rowsOf, sampleRows } from '../bench/data/rows.ts';
import { lineOf } from '../bench/measure/metric-line.ts';

it('one line for each statistic and baseline, in the words of the bench contract, with what it was measured on', () => {
  const lines = figuresOf(
    { metric: 'lookup_us', unit: 'µs', samples: [300, 240] },
    ['p99'],
    [
      { name: 'plain', samples: [200] },
      { name: 'dexie', samples: [4_000] },
    ],
    { size: 100_000 },
  ).map(lineOf);
  expect(lines).toEqual([
    '{"bench":"data","metric":"lookup_us","stat":"p99","value":300,"unit":"µs","n":2,"baseline":{"name":"plain","value":200},"ratio":1.5,"size":100000,"target":"≤ 1.2","targetOf":"ratio","met":false}',
    '{"bench":"data","metric":"lookup_us","stat":"p99","value":300,"unit":"µs","n":2,"baseline":{"name":"dexie","value":4000},"ratio":0.08,"size":100000}',
  ]);
});

it.each([
  ['op_durable_ms', 'p50', [1.5], 'fsync', [1], true],
  ['op_durable_ms', 'p50', [1.7], 'fsync', [1], false],
  ['first_load_rows_s', 'p50', [60], 'raw', [100], true],
  ['first_load_rows_s', 'p50', [59], 'raw', [100], false],
  ['writer_block_ms', 'max', [3, 17], undefined, [], false],
  ['writer_block_ms', 'max', [3, 16], undefined, [], true],
  ['open_ms', 'p95', [20], undefined, [], true],
] as const)('%s %s of %j beside %s %j: reached %s', (metric, stat, samples, name, baseline, met) => {
  const beside = name === undefined ? [] : [{ name, samples: baseline }];
  expect(figuresOf({ metric, unit: '', samples }, [stat], beside)[0]?.met).toBe(met);
});

it('a figure nobody set a target for is not judged, and the table says what was missed', () => {
  const [free] = figuresOf({ metric: 'delta_rows_s', unit: 'rows/s', samples: [1] }, ['p50']);
  expect(free).not.toHaveProperty('met');
  const missed = figuresOf({ metric: 'open_ms', unit: 'ms', samples: [21] }, ['p95']);
  expect(figureTable(missed)).toMatch(/open_ms .*21 ms .*≤ 20 +MISSED/);
});

it('a seat makes an op every 12.5 s: a call of twelve every 150 s', () => {
  expect(seatsCarried(80)).toBe(1_000);
});

it('numbers and contacts of the bench’s customers are all different, and callers have a whole pop of contacts', () => {
  const size = 300;
  const callers = callersOf(size, 3);
  const made = [...rowsOf(sampleRows(1_700_000_000_000), { to: size }, callers)];
  const contacts = made.filter(({ entity }) => entity === 'history');
  expect(new Set(contacts.map(({ id }) => id)).size).toBe(contacts.length);
  expect(new Set(Array.from({ length: 10_000 }, (_, n) => keyAt(n))).size).toBe(10_000);
  const ofCaller = contacts.filter(({ row }) => row !== null && 'customerId' in row && row.customerId === 'C00000050');
  expect(callers).toEqual([50, 150, 250]);
  expect(ofCaller).toHaveLength(20);
});

it('chance is the same on every run, and within 0–1', () => {
  const [one, other] = [chance(5), chance(5)];
  const drawn = Array.from({ length: 100 }, () => one());
  expect(drawn).toEqual(Array.from({ length: 100 }, () => other()));
  expect(Math.min(...drawn)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...drawn)).toBeLessThan(1);
});
