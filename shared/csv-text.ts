/** A table as a file for a spreadsheet. Text is never a formula there, whoever wrote it (formula injection). */
export type SheetCell = string | number | null;
export type SheetRows = readonly (readonly SheetCell[])[];

/** RFC 4180, with a byte order mark, by which spreadsheets know UTF-8. A cell that would be a formula there, also by full-width signs, is made text. */
export const csvOf = (lines: SheetRows): string => {
  const text = (cell: string): string =>
    `"${(/^[=+\-@＝＋－＠\t\r\n]/u.test(cell) ? `'${cell}` : cell).replaceAll('"', '""')}"`;
  const shown = (cell: SheetCell): string => (typeof cell === 'string' ? text(cell) : (cell?.toString() ?? ''));
  return `\uFEFF${lines.map((line) => `${line.map(shown).join(',')}\r\n`).join('')}`;
};
