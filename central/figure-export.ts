import { figureKeys, figureOf, figures, type Sums } from '../shared/figures.ts';
import { ok, refusal, refused } from '../shared/result.ts';
import { note } from './contacts-behind.ts';
import type { FigurePorts } from './figure-rates.ts';
import { figuresFor, mayExport, whyNotDays } from './figures.ts';
import type { Handlers } from './http.ts';
import { csvOf, type SheetCell, type SheetRows, xlsxOf } from './sheet-file.ts';

/** R36: the table that is on the screen as a file, for those allowed; sums only, never a customer. Each is in the audit chain. */
export const figureExportHandlers = (ports: FigurePorts): Partial<Handlers> => ({
  figureExport: async (asked, session) => {
    const { fromDay, toDay, by, format, language, heads, names } = asked;
    if (!mayExport(ports.policy, session)) return refused(refusal('forbidden', 'figureExport'));
    const fault = whyNotDays(asked);
    if (fault !== undefined) return fault;
    const told = await figuresFor(ports, session, { fromDay, toDay, by });
    const cells = (name: string, sums: Sums): readonly SheetCell[] => [
      name,
      ...figureKeys.map((key) => shown(key, figureOf(key, sums, told.total.counts.orders))),
    ];
    const lines: SheetRows = [
      heads,
      ...told.rows.map((row) => {
        const name = language === 'en' ? row.name?.en : row.name?.zh;
        return cells(name ?? names[row.key] ?? row.key, row);
      }),
      cells(names['*'] ?? 'Σ', told.total),
    ];
    const name = `${by}_${fromDay}_${toDay}.${format}`;
    const file = format === 'csv' ? Buffer.from(csvOf(lines)) : xlsxOf(by, lines);
    await note(ports, session, { kind: 'export', result: `figures ${name}, ${told.rows.length} rows` });
    return ok({ name, base64: file.toString('base64') });
  },
});

/** Rates to a hundredth of a percent, money in yuan: what a spreadsheet reckons on with. */
const shown = (key: keyof typeof figures, value: number | null): SheetCell => {
  if (value === null) return null;
  const { as } = figures[key];
  if (as === 'money') return Math.round(value) / 100;
  return as === 'count' ? value : Math.round(value * 10_000) / 10_000;
};
