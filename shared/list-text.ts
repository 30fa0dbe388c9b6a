import { headerKey, listNames } from './list-columns.ts';
import { numberKey, parseNumber } from './phone-number.ts';

/**
 * A contact list as text (R20): pasted from a sheet or a mail, or out of a file. A number a line, then a name and a note; or columns in any order
 * under a line that names them. What cannot be called is told by its line and why, and takes nothing else with it.
 */
export type ListEntry = { readonly line: number; readonly key: string; readonly name: string; readonly note: string };
/** `reason`: key of a sentence (`reason.<key>`); `source`: the line as it is, to be mended. */
export type ListFault = { readonly line: number; readonly reason: string; readonly source: string };
export type ListRead = {
  readonly entries: readonly ListEntry[];
  readonly faults: readonly ListFault[];
  /** Lines with something on them, the one with the names of the columns not among them. */
  readonly lines: number;
};

type Columns = { readonly number: number; readonly name: number; readonly note: number; readonly count: number };

export const readList = (text: string): ListRead => {
  const entries: ListEntry[] = [];
  const faults: ListFault[] = [];
  const seen = new Set<string>();
  let columns: Columns | undefined | null = null;
  let lines = 0;
  const whole = text.startsWith('\uFEFF') ? text.slice(1) : text;
  whole.split(/\r\n?|\n/u).forEach((source, n) => {
    if (source.trim() === '') return;
    const line = n + 1;
    const cells = cellsOf(source);
    if (cells !== undefined && cells.every((cell) => cell === '')) return;
    if (columns === null) {
      columns = cells === undefined ? undefined : namedIn(cells);
      if (columns !== undefined) return;
    }
    lines += 1;
    const read = cells === undefined ? 'listHalfRow' : rowOf(cells, columns);
    const reason = typeof read === 'string' ? read : seen.has(read.key) ? 'taskDuplicate' : undefined;
    if (reason !== undefined) faults.push({ line, reason, source: source.slice(0, 1_000) });
    else if (typeof read !== 'string') {
      seen.add(read.key);
      entries.push({ line, ...read });
    }
  });
  return { entries, faults, lines };
};

/** One entry as a line that `readList` reads back as it is. */
export const listLine = ({ key, name, note }: Pick<ListEntry, 'key' | 'name' | 'note'>): string =>
  [key, name, note].map((cell) => `"${cell.replaceAll('"', '""').replaceAll(/[\r\n]+/gu, ' ')}"`).join(',');

const separators = /[,\t，;；]/u;

/** @returns undefined where a quotation mark is never closed: half a row */
const cellsOf = (source: string): readonly string[] | undefined => {
  if (!source.includes('"')) return source.split(separators).map((cell) => cell.trim());
  const cells: string[] = [];
  let cell = '';
  let isQuoted = false;
  for (let n = 0; n < source.length; n += 1) {
    const letter = source[n] ?? '';
    if (isQuoted) {
      if (letter !== '"') cell += letter;
      else if (source[n + 1] === '"') {
        cell += '"';
        n += 1;
      } else isQuoted = false;
    } else if (letter === '"' && cell.trim() === '') {
      isQuoted = true;
      cell = '';
    } else if (separators.test(letter)) {
      cells.push(cell.trim());
      cell = '';
    } else cell += letter;
  }
  if (isQuoted) return undefined;
  return [...cells, cell.trim()];
};

const keysOf = (names: readonly string[]): ReadonlySet<string> => new Set(names.map(headerKey));
const numberKeys = keysOf(listNames.number);
const nameKeys = keysOf(listNames.name);
const noteKeys = keysOf(listNames.note);

/** A first line that names its columns, and has no number itself. */
const namedIn = (cells: readonly string[]): Columns | undefined => {
  if (cells.some((cell) => numberKey(cell) !== undefined)) return undefined;
  const names = cells.map(headerKey);
  const at = (known: ReadonlySet<string>): number => names.findIndex((name) => known.has(name));
  const number = at(numberKeys);
  const count = names.findLastIndex((name) => name !== '') + 1;
  return number === -1 ? undefined : { number, name: at(nameKeys), note: at(noteKeys), count };
};

const rowOf = (
  cells: readonly string[],
  columns: Columns | undefined | null,
): string | Pick<ListEntry, 'key' | 'name' | 'note'> => {
  // A row of another length has lost something, or has it in the wrong place: it is not guessed what.
  if (columns != null && cells.length < columns.count) return 'listHalfRow';
  if (columns != null && cells.slice(columns.count).some((cell) => cell !== '')) return 'listExtraCells';
  const cell = (n: number): string => cells[n] ?? '';
  const [number, name, note] =
    columns == null
      ? [cell(0), cell(1), cells.slice(2).join(' ').trim()]
      : [cell(columns.number), cell(columns.name), cell(columns.note)];
  if (cells.some((one) => one.includes('\uFFFD'))) return 'listGarbled';
  if (/^\d(?:\.\d+)?e\+?\d+$/iu.test(number)) return 'listRounded';
  const parsed = parseNumber(number);
  if (parsed.kind === 'international') return 'numberInternational';
  if (parsed.kind === 'short' || parsed.kind === 'emergency') return 'listService';
  if (!('key' in parsed)) return 'numberMalformed';
  return { key: parsed.key, name: name.slice(0, 40), note: note.slice(0, 1_000) };
};
