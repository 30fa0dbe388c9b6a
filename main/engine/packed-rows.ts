import type { CustomerRow, Row } from './store/rows.ts';

/**
 * Rows on their way from one thread to another. An object costs as much to take across as its text: so customers and lines of timelines
 * come as their parts, one after the other in one list.
 */
export type PackedRows = readonly (string | number | Row)[];

export const packRows = (rows: readonly Row[]): PackedRows => {
  const packed: (string | number | Row)[] = [];
  for (const row of rows)
    if (row.entity === 'customer' && row.row !== null) {
      const { doc, family, givens, numbers } = row.row;
      packed.push('customer', row.id, doc, family, givens.length, ...givens, numbers.length);
      for (const { key, confidence } of numbers) packed.push(key, confidence);
    } else if (row.entity === 'history' && row.row !== null) {
      const { customerId, startedAtMs, doc } = row.row;
      packed.push('history', row.id, customerId, startedAtMs, doc);
    } else packed.push(row);
  return packed;
};

/** What `packRows` made. */
export const unpackRows = (packed: PackedRows): readonly Row[] => {
  const rows: Row[] = [];
  let at = 0;
  const next = (): string | number | Row | undefined => packed[at++];
  const text = (): string => next() as string;
  const count = (): number => next() as number;
  while (at < packed.length) {
    const first = next();
    if (first === 'customer') {
      const [id, doc, family] = [text(), text(), text()];
      const givens = Array.from({ length: count() }, count);
      const numbers = Array.from({ length: count() }, () => ({
        key: text(),
        confidence: text() as CustomerRow['numbers'][number]['confidence'],
      }));
      rows.push({ entity: 'customer', id, row: { doc, family, givens, numbers } });
    } else if (first === 'history')
      rows.push({ entity: 'history', id: text(), row: { customerId: text(), startedAtMs: count(), doc: text() } });
    else rows.push(first as Row);
  }
  return rows;
};
