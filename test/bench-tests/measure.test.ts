import { expect, it } from 'vitest';
import { lineOf, metricsOf, tableOf } from '../bench/measure/metric-line.ts';
import { percentile } from '../bench/measure/statistics.ts';

const oneToTwenty = Array.from({ length: 20 }, (_, index) => 20 - index);

it.each([
  [0.5, 10],
  [0.95, 19],
  [1, 20],
  [0, 1],
])('percentile %f of 1–20 is the nearest rank %i, whatever the order', (share, expected) => {
  expect(percentile(oneToTwenty, share)).toBe(expected);
});

it('numbers are ordered as numbers, and one sample is every percentile', () => {
  expect(percentile([9, 100, 10], 0.5)).toBe(10);
  expect(percentile([7], 0.95)).toBe(7);
});

it('a bench that measured nothing has no figure', () => {
  expect(() => percentile([], 0.5)).toThrow('nothing was measured');
});

it('prints one JSON object on one line, in the words of the bench contract, with the ratio to the baseline', () => {
  const lines = metricsOf(
    'journey',
    { metric: 'ring_to_pop_ms', unit: 'ms', samples: [30.004, 40.006] },
    ['p50', 'p95'],
    { name: 'hops', samples: [10, 16] },
  ).map(lineOf);
  expect(lines).toEqual([
    '{"bench":"journey","metric":"ring_to_pop_ms","stat":"p50","value":30,"unit":"ms","n":2,"baseline":{"name":"hops","value":10},"ratio":3}',
    '{"bench":"journey","metric":"ring_to_pop_ms","stat":"p95","value":40.01,"unit":"ms","n":2,"baseline":{"name":"hops","value":16},"ratio":2.5}',
  ]);
});

it('without a baseline, or with one of nothing, there is no ratio', () => {
  const samples = { metric: 'ready_s', unit: 's', samples: [4] };
  expect(metricsOf('journey', samples, ['max'])).toEqual([
    { bench: 'journey', metric: 'ready_s', stat: 'max', value: 4, unit: 's', n: 1 },
  ]);
  expect(metricsOf('journey', samples, ['max'], { name: 'none', samples: [0] })[0]).not.toHaveProperty('ratio');
});

it('the table for people says which target was missed', () => {
  const figures = metricsOf('journey', { metric: 'dial_to_invite_ms', unit: 'ms', samples: [61] }, ['p50', 'p95']);
  const [, p50, p95] = tableOf(figures, { 'dial_to_invite_ms p95': 60 }).split('\n');
  expect(p95).toMatch(/61 .*≤ 60 +MISSED/);
  expect(p50).not.toContain('≤');
});
