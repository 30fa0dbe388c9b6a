import type { PushResponse } from '../shared/central-api.ts';

/** What central counts since its start, as Prometheus reads it (text format 0.0.4). Routes, statuses and numbers; nobody's data. */
export type Metrics = {
  readonly request: (route: string, method: string, status: number, ms: number) => void;
  readonly ops: (results: PushResponse['results']) => void;
  readonly proofRefused: (why: string) => void;
  readonly text: (gauges: Readonly<Record<string, Gauge>>) => string;
};
export type Gauge = { readonly help: string; readonly value: number };

export const makeMetrics = (): Metrics => {
  const requests = new Map<string, number>();
  const durations = new Map<string, { seconds: number; count: number }>();
  const ops = new Map<string, number>([
    ['applied', 0],
    ['duplicate', 0],
    ['refused', 0],
  ]);
  const proofs = new Map<string, number>();
  const add = (counts: Map<string, number>, key: string): void => void counts.set(key, (counts.get(key) ?? 0) + 1);
  return {
    request: (route, method, status, ms) => {
      add(requests, `{route="${route}",method="${method}",status="${status}"}`);
      const labels = `{route="${route}"}`;
      const before = durations.get(labels) ?? { seconds: 0, count: 0 };
      durations.set(labels, { seconds: before.seconds + ms / 1_000, count: before.count + 1 });
    },
    ops: (results) => {
      for (const { outcome } of results) add(ops, outcome);
    },
    proofRefused: (why) => add(proofs, why),
    text: (gauges) =>
      [
        ...family('zuoxi_requests_total', 'counter', 'Requests answered', [...requests]),
        ...family('zuoxi_request_seconds', 'summary', 'Time to answer', [
          ...[...durations].map(([labels, { seconds }]) => [`_sum${labels}`, seconds] as const),
          ...[...durations].map(([labels, { count }]) => [`_count${labels}`, count] as const),
        ]),
        ...family(
          'zuoxi_ops_total',
          'counter',
          'Changes pushed by seats',
          [...ops].map(([outcome, count]) => [`{outcome="${outcome}"}`, count] as const),
        ),
        ...family(
          'zuoxi_seat_proofs_refused_total',
          'counter',
          'Requests not signed with the key of their seat',
          [...proofs].map(([why, count]) => [`{why="${why}"}`, count] as const),
        ),
        ...Object.entries(gauges).flatMap(([name, { help, value }]) => family(name, 'gauge', help, [['', value]])),
        '',
      ].join('\n'),
  };
};

const family = (
  name: string,
  type: 'counter' | 'gauge' | 'summary',
  help: string,
  samples: readonly (readonly [labels: string, value: number])[],
): readonly string[] => [
  `# HELP ${name} ${help}`,
  `# TYPE ${name} ${type}`,
  ...samples.map(([labels, value]) => `${name}${labels} ${value}`),
];
