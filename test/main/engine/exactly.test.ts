import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { exactly } from '../../../main/engine/exactly.ts';
import { generateOperator } from '../../../practice/operator/operator.ts';
import { Customer, PastContact } from '../../../shared/customer.ts';
import { drawer } from '../../fuzz/chance.ts';

const operator = generateOperator({ seed: 1, customers: 40, nowMs: 1_795_000_000_000 });
const drawn = Array.from({ length: 40 }, (_, index) => operator.customerAt(index, () => ''));
const fromJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
const customers = drawn.map(({ customer }) => fromJson(customer));
const lines = drawn.flatMap(({ history }) => history.map(fromJson));

it('rows as the contract has them are exactly that', () => {
  expect(customers.every(exactly(Customer))).toBe(true);
  expect(lines.every(exactly(PastContact))).toBe(true);
});

it('security 30 what the contract does not know is noticed, however deep it lies', () => {
  const row = drawn[0]?.customer;
  expect(exactly(Customer)({ ...row, idNumber: '110101199003078888' })).toBe(false);
  expect(exactly(Customer)({ ...row, usage: { ...row?.usage, bills: [1] } })).toBe(false);
  expect(exactly(Customer)(JSON.parse(JSON.stringify(row).replace('{', '{"__proto__":{"a":1},')))).toBe(false);
});

/** Values that stand for others by mistake. */
const odd: readonly unknown[] = [
  ...[null, undefined, true, '', 'x', 'x'.repeat(5_000), 0, -1, 1.5, 1e308, Number.MAX_SAFE_INTEGER + 2, -0],
  ...[
    [],
    {},
    [null],
    { zh: 'a' },
    { zh: 'a', en: 'b' },
    { zh: 'a', en: 'b', fr: 'c' },
    'certain',
    'zh-CN',
    '2026-11-28',
  ],
];

/** One thing about a value is another: exchanged, gone, added. */
const altered = (value: unknown, random: () => number): unknown => {
  const of = <T>(all: readonly T[]): T | undefined => all[Math.floor(random() * all.length)];
  if (typeof value !== 'object' || value === null || random() < 0.15) return of(odd);
  if (Array.isArray(value)) {
    const at = Math.floor(random() * (value.length + 1));
    return at === value.length ? [...value, of(odd)] : value.with(at, altered(value[at], random));
  }
  const keys = Object.keys(value);
  const key = of([...keys, 'more']) ?? 'more';
  if (random() < 0.15) return Object.fromEntries(Object.entries(value).filter(([one]) => one !== key));
  return { ...value, [key]: altered((value as Record<string, unknown>)[key], random) };
};

describe.each([
  ['customer', Customer, customers],
  ['line of a timeline', PastContact, lines],
] as const)('a %s', (_name, schema, rows) => {
  it('that is exactly as the schema says parses, to itself', () => {
    const random = drawer(7);
    const isExact = exactly(schema);
    const counts = { exact: 0, refused: 0, other: 0 };
    for (let n = 0; n < 6_000; n += 1) {
      const value = fromJson(altered(rows[n % rows.length], random) ?? null);
      const parsed = schema.safeParse(value);
      if (!isExact(value)) {
        counts[parsed.success ? 'other' : 'refused'] += 1;
        continue;
      }
      counts.exact += 1;
      expect(parsed.success && JSON.stringify(sorted(parsed.data))).toBe(JSON.stringify(sorted(value)));
    }
    for (const count of Object.values(counts)) expect(count).toBeGreaterThan(20);
  });
});

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, one]): [string, unknown] => [key, sorted(one)]);
  return Object.fromEntries(entries.sort(([one], [other]) => (one < other ? -1 : 1)));
};

it.each([
  ['a refinement', z.string().refine((text) => text.length > 2), 'abc'],
  ['a change', z.string().trim(), 'abc'],
  ['a default', z.object({ a: z.string().default('x') }), { a: 'y' }],
  ['a format', z.iso.date(), '2026-11-28'],
  ['a global pattern', z.string().regex(/a/g), 'abc'],
  ['a limit that does not count itself', z.number().lt(3), 2],
  [
    'objects of which the first that fits counts',
    z.union([z.object({ a: z.string() }), z.object({ b: z.string() })]),
    { b: 'x' },
  ],
  ['keys of any name', z.looseObject({ a: z.string() }), { a: 'x' }],
])('a schema with %s is left to a parse', (_what, schema, value) => {
  expect(schema.safeParse(value).success).toBe(true);
  expect(exactly(schema)(value)).toBe(false);
});
