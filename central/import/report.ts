import { open } from 'node:fs/promises';
import { reportColumns } from './columns.ts';
import type { Plan } from './mapping.ts';
import type { RowFault } from './read-row.ts';
import type { SourceRow } from './source.ts';

/**
 * The rows that were not taken in, as a CSV of their own: why, then the row as it stood. Repaired, it can be imported as it is. Only its
 * owner may read it (it quotes customers), secrets are starred out, and nothing in it is a formula to a spreadsheet (OWASP: CSV injection).
 */
export type Report = {
  readonly add: (row: SourceRow, faults: readonly RowFault[]) => void;
  /** Resolves when what was added is on its way to the disk: the file is never far ahead of memory. */
  readonly flush: () => Promise<void>;
  readonly close: () => Promise<void>;
};

export const openReport = async (path: string, plan: Plan, secretFields: readonly string[]): Promise<Report> => {
  const file = await open(path, 'w', 0o600);
  const secretAt = new Set(secretFields.map((field) => plan.at.get(field)));
  let lines = `\ufeff${lineOf([...reportColumns, ...plan.header])}`;
  const flush = async (): Promise<void> => {
    const some = lines;
    lines = '';
    if (some !== '') await file.write(some);
  };
  return {
    add: ({ row, cells }, faults) => {
      const columns = [...new Set(faults.flatMap(({ column }) => column ?? []))].join('; ');
      const zh = faults.map(({ column, why }) => (column === null ? why.zh : `${column}：${why.zh}`)).join('；');
      const en = faults.map(({ column, why }) => (column === null ? why.en : `${column}: ${why.en}`)).join('; ');
      const shown = cells.map((cell, index) => (secretAt.has(index) && cell !== '' ? '****' : cell));
      lines += lineOf([String(row), columns, zh, en, ...shown]);
    },
    flush,
    close: async () => {
      await flush();
      await file.close();
    },
  };
};

const lineOf = (cells: readonly string[]): string => `${cells.map(escaped).join(',')}\r\n`;

/** A cell that begins like a formula gets an apostrophe before it, which `cleanCell` takes away again. */
const escaped = (cell: string): string => {
  const inert = /^\s*[=+\-@]|^[\t\r]/u.test(cell) ? `'${cell}` : cell;
  return /[",\r\n\t;]/u.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert;
};
