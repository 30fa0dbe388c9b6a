import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { searchHere } from '../../main/engine/search.ts';
import { spoken } from '../../main/engine/pinyin.ts';
import { openDb } from '../../main/engine/store/db.ts';
import { migrate, newestSchema } from '../../main/engine/store/migrations.ts';
import { putCustomer } from '../../main/engine/store/working-set.ts';
import { generateOperator } from '../../practice/operator/operator.ts';
import type { Customer } from '../../shared/customer.ts';
import { marksOf } from '../../shared/name-key.ts';
import { defaultPolicy } from '../../shared/policy.ts';
import type { Metric } from './measure/metric-line.ts';
import { lineOf, metricsOf } from './measure/metric-line.ts';

/**
 * `npm run bench -- search [ROWS…]`: customers found on the seat while somebody types, in an encrypted store of 100,000 and 1,000,000
 * rows: whole numbers, their last four digits beside a name, initials, names that too many have. Full names are the sample operator's.
 */
const sizes = process.argv.slice(2).map(Number);
const rounds = 400;
const asking = { policy: defaultPolicy, role: 'agent', practice: true } as const;
const quiet = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} };

const print = (metrics: readonly Metric[]): void => {
  for (const metric of metrics) process.stdout.write(`${lineOf(metric)}\n`);
};

const measure = (count: number): void => {
  const folder = mkdtempSync(join(tmpdir(), 'zuoxi-search-bench-'));
  const db = openDb(folder, randomBytes(32), newestSchema, quiet);
  try {
    migrate(db);
    const operator = generateOperator({ seed: 1, nowMs: 1_795_000_000_000, customers: count });
    const kept: { readonly row: Customer; readonly full: string }[] = [];
    let spentMs = 0;
    for (let from = 0; from < count; from += 500) {
      const page = Array.from({ length: Math.min(500, count - from) }, (_, n) => {
        const { customer, private: values } = operator.customerAt(from + n, () => '');
        const full = values.fields['fullName']?.value ?? customer.surname;
        return { row: { ...customer, nameMarks: [...marksOf(full, customer.surname, spoken)] }, full };
      });
      const startMs = performance.now();
      db.fill('page', (write) => {
        for (const { row } of page) putCustomer(write, row);
      });
      spentMs += performance.now() - startMs;
      if (kept.length < rounds) kept.push(...page.slice(0, Math.ceil((rounds * 500) / count) + 1));
    }
    const samples = [(count / spentMs) * 1_000];
    print(metricsOf('search', { metric: `load ${count}`, unit: 'rows/s', samples }, ['p50']));
    const texts: Readonly<Record<string, (one: (typeof kept)[number]) => string>> = {
      number: ({ row }) => row.numbers[0]?.key ?? '',
      account: ({ row }) => row.id,
      name_and_digits: ({ row, full }) => `${full} ${row.numbers[0]?.key.slice(-4) ?? ''}`,
      initials_and_digits: ({ row, full }) =>
        `${Array.from(full, (each) => spoken.of(each)[0]?.slice(0, 1) ?? '').join('')} ${row.numbers[0]?.key.slice(-4) ?? ''}`,
      last_four: ({ row }) => row.numbers[0]?.key.slice(-4) ?? '',
      first_eight: ({ row }) => row.numbers[0]?.key.slice(3, 11) ?? '',
      name_alone: ({ full }) => full,
      pinyin_alone: ({ full }) => Array.from(full, (each) => spoken.of(each)[0] ?? '').join(''),
    };
    for (const [name, textOf] of Object.entries(texts)) {
      const times = kept.slice(0, rounds).map((one) => {
        const text = textOf(one);
        const startMs = performance.now();
        searchHere(db.read, text, asking);
        return performance.now() - startMs;
      });
      print(metricsOf('search', { metric: `${name} ${count}`, unit: 'ms', samples: times }, ['p50', 'p95', 'max']));
    }
  } finally {
    db.close();
    rmSync(folder, { recursive: true, force: true });
  }
};

for (const count of sizes.length > 0 ? sizes : [100_000, 1_000_000]) measure(count);
