import type { ChangesResponse } from '../../shared/central-api.ts';
import type { Row } from './store/rows.ts';
import { rowOf } from './store/rows.ts';

/** A page of the change feed, its rows ready to be written. */
export type PageHead = Omit<ChangesResponse, 'changes'>;
export type Page = PageHead & { readonly rows: readonly Row[] };

export const pageOf = ({ changes, ...head }: ChangesResponse): Page => ({ ...head, rows: inOrder(changes.map(rowOf)) });

/** What changed since the last page has no neighbours. */
const fewRows = 500;

/**
 * Who leaves first, then what belongs to one customer beside each other: such rows lie on the same pages of the store, and a page is
 * written and encrypted once for all of them. No row is in a page twice, so their order says nothing.
 */
export const inOrder = (rows: readonly Row[]): readonly Row[] =>
  rows.length <= fewRows
    ? rows
    : rows
        .map((row) => ({ row, at: placeOf(row) }))
        .sort((one, other) => (one.at < other.at ? -1 : one.at > other.at ? 1 : 0))
        .map(({ row }) => row);

const placeOf = (row: Row): string => {
  if (row.row === null) return '';
  if (row.entity === 'customer') return `2${row.id} `;
  return row.entity === 'history' ? `2${row.row.customerId} ${row.row.startedAtMs}` : '1';
};
