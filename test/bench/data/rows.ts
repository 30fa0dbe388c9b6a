import { generateOperator } from '../../../practice/operator/operator.ts';
import type { Change } from '../../../shared/central-api.ts';
import type { Customer, PastContact } from '../../../shared/customer.ts';
import type { ContactId, CustomerId } from '../../../shared/ids.ts';
import { coarseUsage } from '../../../shared/tier.ts';

export type RowChange = Exclude<Change, { entity: 'policy' }>;

/** Drawing a customer takes longer than storing one: so many are drawn, and the rest are these again with their own ids. */
export const pool = 2_000;
/** Of a customer whose number is looked up: as many as a pop shows. */
export const contactsOfCallers = 20;

/** Rows of any number of customers, the same on every run. */
export type Rows = {
  readonly customerAt: (index: number) => Customer;
  /** `contacts`: so many instead of as many as the sample operator gives it. */
  readonly historyAt: (index: number, contacts?: number) => readonly RowChange[];
  readonly reference: readonly RowChange[];
};

/** The modulus is prime: neighbours look unrelated and no two customers get the same. */
export const [keyFactor, keyModulus] = [7_919_317, 999_999_937];
export const keyAt = (index: number): string =>
  `+8613${String(((index + 1) * keyFactor) % keyModulus).padStart(9, '0')}`;

export const sampleRows = (nowMs: number): Rows => {
  const operator = generateOperator({ seed: 1, customers: pool, nowMs });
  const drawn = Array.from({ length: pool }, (_, index) => operator.customerAt(index, () => ''));
  const lines = drawn.flatMap(({ history }) => history);
  const of = (index: number) => {
    const found = drawn[index % pool];
    if (found === undefined) throw new Error('no customers were drawn');
    return found;
  };
  const idAt = (index: number): CustomerId => `C${String(index).padStart(8, '0')}` as CustomerId;
  return {
    customerAt: (index) => {
      const { customer } = of(index);
      const numbers: Customer['numbers'] = [{ key: keyAt(index), confidence: 'certain' }];
      return { ...customer, id: idAt(index), numbers, usage: coarseUsage(customer.usage) };
    },
    historyAt: (index, contacts) => {
      const { history } = of(index);
      const wanted = contacts === undefined ? history : lines.slice(index % 1_000, (index % 1_000) + contacts);
      return wanted.map((line, ordinal): RowChange => {
        const past: PastContact = { ...line, contactId: contactIdAt(line.startedAtMs, index, ordinal) };
        return { entity: 'history', id: past.contactId, row: { customerId: idAt(index), past } };
      });
    },
    reference: [
      ...operator.topics.map((row) => ({ entity: 'topic' as const, id: row.id as string, row })),
      ...operator.trees.map((row) => ({ entity: 'tree' as const, id: row.id, row })),
      ...operator.notices.map((row) => ({ entity: 'notice' as const, id: row.id, row })),
    ],
  };
};

/** A UUIDv7 (RFC 9562) of that moment. */
const contactIdAt = (atMs: number, index: number, ordinal: number): ContactId => {
  const time = Math.floor(atMs).toString(16).padStart(12, '0');
  const tail = index.toString(16).padStart(8, '0') + ordinal.toString(16).padStart(4, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${tail}` as ContactId;
};

/** Customers whose numbers are looked up, spread over all of them. */
export const callersOf = (size: number, most: number): readonly number[] => {
  const count = Math.min(size, most);
  return Array.from({ length: count }, (_, n) => Math.floor(((n + 0.5) * size) / count));
};

/** All rows of these customers (`to`: of the first so many), those of one beside each other; callers have the contacts of a whole pop. */
export function* rowsOf(
  rows: Rows,
  { from = 0, to }: { readonly from?: number; readonly to: number },
  callers: readonly number[],
): Generator<RowChange> {
  const called = new Set(callers);
  if (from === 0) yield* rows.reference;
  for (let index = from; index < to; index += 1) {
    const row = rows.customerAt(index);
    yield { entity: 'customer', id: row.id, row };
    yield* rows.historyAt(index, called.has(index) ? contactsOfCallers : undefined);
  }
}

/** The same numbers on every run (mulberry32), 0–1. */
export const chance = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = Math.trunc(state + 0x6d2b79f5);
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
};
