import type { Change } from '../../../shared/central-api.ts';
import type { Customer } from '../../../shared/customer.ts';
import { markCount } from '../../../shared/name-key.ts';
import { givenLength } from '../../../shared/search.ts';

/** What a customer is found by: numbers, and the surname with the given name's length and mark. */
export type CustomerKeys = {
  readonly numbers: readonly { readonly key: string; readonly confidence: 'certain' | 'low' }[];
  readonly family: string;
  readonly givens: readonly number[];
};
/** A customer as the store keeps it: the row's text and its keys. */
export type CustomerRow = CustomerKeys & { readonly doc: string };
/** A line of the timeline as the store keeps it. */
export type LineRow = { readonly customerId: string; readonly startedAtMs: number; readonly doc: string };

/**
 * One row of central's feed, ready to be written. Of a large page they are made away from the engine's thread (page-reader.ts): taking
 * a row apart and checking it costs more than storing it.
 */
export type Row =
  | { readonly entity: 'customer'; readonly id: string; readonly row: CustomerRow | null }
  | { readonly entity: 'history'; readonly id: string; readonly row: LineRow | null }
  | Exclude<Change, { entity: 'customer' | 'history' }>;

export const rowOf = (change: Change): Row => {
  if (change.entity === 'customer')
    return { entity: 'customer', id: change.id, row: change.row === null ? null : customerRow(change.row) };
  if (change.entity !== 'history') return change;
  const { id, row } = change;
  if (row === null) return { entity: 'history', id, row };
  const { customerId, past } = row;
  return { entity: 'history', id, row: { customerId, startedAtMs: past.startedAtMs, doc: JSON.stringify(past) } };
};

export const customerRow = (customer: Customer): CustomerRow => ({
  ...keysOf(customer),
  doc: JSON.stringify(customer),
});

export const keysOf = (customer: Customer): CustomerKeys => ({
  numbers: customer.numbers,
  family: customer.surname.normalize('NFKC').toLowerCase(),
  givens: givensOf(customer),
});

/** One number for length and mark; the mark after the last one: not known. */
export const unknownMark = markCount;
const perLength = 64;
export const given = (length: number, mark: number): number => Math.min(length, 30) * perLength + mark;

const givensOf = (customer: Customer): readonly number[] => {
  const length = givenLength(customer);
  const { nameMarks } = customer;
  return nameMarks === undefined || nameMarks.length === 0
    ? [given(length, unknownMark)]
    : nameMarks.map((mark) => given(length, mark));
};
/** All that a name of this length may have been kept as, with marks and from before they were known: first and last. */
export const givensAround = (one: number): readonly [number, number] => {
  const first = Math.floor(one / perLength) * perLength;
  return [first, first + unknownMark];
};
