import { dayOf, minuteOf } from '../shared/calendar.ts';
import { figureKeys, figureOf, figures, type Sums } from '../shared/figures.ts';
import { type FigureList, type FigureListAsk, mostListed } from '../shared/figures-api.ts';
import type { Result } from '../shared/result.ts';
import { ok, refusal, refused } from '../shared/result.ts';
import type { Text } from '../shared/text.ts';
import { note } from './contacts-behind.ts';
import type { FigurePorts } from './figure-rates.ts';
import { figuresFor, listBehind, mayExport, whyNotDays } from './figures.ts';
import type { Handlers } from './http.ts';
import type { Session } from './sessions.ts';
import { csvOf, type SheetCell, type SheetRows } from '../shared/csv-text.ts';
import { xlsxOf } from './sheet-file.ts';

/** R36: the table that is on the screen as a file, sums only; and the list behind a figure, masked as it is shown. For those allowed; each is in the audit chain. */
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
  figureListExport: async (asked, session) => {
    const { format, language, heads, words, ...list } = asked;
    if (!mayExport(ports.policy, session)) return refused(refusal('forbidden', 'figureExport'));
    const found = await wholeList(ports, session, list);
    if (!found.ok) return found;
    const said = (label: Text): string => (language === 'en' ? label.en : label.zh);
    const lines: SheetRows = [
      heads,
      ...found.value.map((one) => [
        ...[timeOf(one.startedAtMs), words[one.direction], one.who ?? words.nobody],
        // A masked number begins with digits, and stays text.
        ...[one.number === '' ? words.withheld : one.number, Math.round(one.talkMs / 1_000)],
        ...[one.order?.name ?? one.disposition.map(said).join(' › '), one.agentName],
      ]),
    ];
    const name = `${list.by}_${list.count}_${list.fromDay}_${list.toDay}.${format}`;
    const file = format === 'csv' ? Buffer.from(csvOf(lines)) : xlsxOf(list.count, lines);
    await note(ports, session, {
      kind: 'export',
      result: `list ${name} of ${list.row ?? 'all'}, ${found.value.length} rows`,
    });
    return ok({ name, base64: file.toString('base64') });
  },
});

/** Page after page, as the desk shows them: what is in the file is what is on the screen. */
const wholeList = async (
  ports: FigurePorts,
  session: Session,
  asked: FigureListAsk,
): Promise<Result<FigureList['rows']>> => {
  const fault = whyNotDays(asked);
  if (fault !== undefined) return fault;
  const found: FigureList['rows'] = [];
  let cursor: string | null | undefined;
  while (cursor !== null) {
    const page = await listBehind(ports, session, { ...asked, ...(cursor === undefined ? {} : { cursor }) });
    if (page.total > mostListed) return refused(refusal('policy', 'figureListLong', { most: mostListed }));
    found.push(...page.rows);
    ({ cursor } = page);
  }
  return ok(found);
};

/** At the centre's place, to the second, as spreadsheets read it. */
const timeOf = (atMs: number): string => {
  const minutes = minuteOf(atMs);
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${dayOf(atMs)} ${two(Math.floor(minutes / 60))}:${two(minutes % 60)}:${two(Math.floor(atMs / 1_000) % 60)}`;
};

/** Rates to a hundredth of a percent, money in yuan: what a spreadsheet reckons on with. */
const shown = (key: keyof typeof figures, value: number | null): SheetCell => {
  if (value === null) return null;
  const { as } = figures[key];
  if (as === 'money') return Math.round(value) / 100;
  return as === 'count' ? value : Math.round(value * 10_000) / 10_000;
};
