import { createReadStream } from 'node:fs';
import { pipeline, Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import type { Examined } from './examine.ts';
import type { Mapping } from './mapping.ts';
import { reasons } from './reasons.ts';
import type { Source, SourceRow } from './source.ts';
import { mostColumns, SourceBroken } from './source.ts';

/** The door to csv-parse. */

const batch = 1_000;
/** A quotation mark that is never closed swallows what follows: give up before that fills the memory. */
const longestRowBytes = 1_048_576;
const sniffCharacters = 65_536;

/** @throws SourceBroken, also from `rows` */
export const openCsv = async (path: string, file: Examined, mapping: Pick<Mapping, 'delimiter'>): Promise<Source> => {
  const input = createReadStream(path, { highWaterMark: 262_144 });
  const text = decoded(input, file.encoding)[Symbol.asyncIterator]();
  // The delimiter has to be known before parsing begins.
  let head = '';
  while (head.length < sniffCharacters) {
    const next = await text.next();
    if (next.done === true) break;
    head += next.value;
  }
  const delimiter = mapping.delimiter ?? delimiterOf(head);
  const { records, fault } = parseRecords(head, text, delimiter);
  const lines = records[Symbol.asyncIterator]();

  let row = 0;
  let header: readonly string[] = [];
  while (header.length === 0) {
    const first = await broken(lines.next(), row);
    if (first.done === true) throw new SourceBroken(fault(row)?.why ?? reasons.empty);
    row += 1;
    if (!isBlank(first.value)) header = trimmed(first.value);
  }
  if (header.length > mostColumns) throw new SourceBroken(reasons.tooManyColumns(mostColumns));

  async function* rows(): AsyncGenerator<readonly SourceRow[]> {
    let gathered: SourceRow[] = [];
    for (;;) {
      const next = await broken(lines.next(), row);
      if (next.done === true) break;
      row += 1;
      if (isBlank(next.value)) continue;
      gathered.push(shaped(row, next.value, header.length));
      if (gathered.length < batch) continue;
      yield gathered;
      gathered = [];
    }
    const last = fault(row);
    if (last?.kind === 'halfRow') gathered.push({ row: row + 1, cells: [], fault: last.why });
    if (gathered.length > 0) yield gathered;
    if (last?.kind === 'broken') throw new SourceBroken(last.why);
  }
  const shownDelimiter = delimiter === '\t' ? 'TAB' : delimiter;
  return {
    format: 'csv',
    readAs: `${file.encoding}, ${shownDelimiter}`,
    header,
    rows: rows(),
    share: () => input.bytesRead / file.totalBytes,
    close: () => input.destroy(),
  };
};

async function* decoded(input: AsyncIterable<Uint8Array>, encoding: Examined['encoding']): AsyncGenerator<string> {
  // Takes a byte order mark away by itself. Not fatal: a cell that cannot be decoded spoils its row, not the file.
  const decoder = new TextDecoder(encoding);
  for await (const chunk of input) yield decoder.decode(chunk, { stream: true });
  yield decoder.decode();
}

type Records = {
  readonly records: AsyncIterable<string[]>;
  /** What ended the parsing before its time, once `records` has ended after this row. */
  readonly fault: (
    row: number,
  ) => { readonly kind: 'halfRow' | 'broken'; readonly why: SourceBroken['why'] } | undefined;
};

const parseRecords = (head: string, rest: AsyncIterator<string>, delimiter: string): Records => {
  let skipped: 'halfRow' | 'broken' | undefined;
  let lastLine = 1;
  const parser = parse({
    delimiter,
    relax_column_count: true,
    // 5" is five inches: a mark in the middle of a cell is just a character.
    relax_quotes: true,
    record_delimiter: ['\r\n', '\n', '\r'],
    max_record_size: longestRowBytes,
    skip_records_with_error: true,
    on_record: (record: string[], { lines }) => {
      lastLine = lines;
      return record;
    },
    on_skip: (fault) => {
      const lines: unknown = fault?.['lines'];
      // More than the last line swallowed by an open mark: that is not half a row, but rows that would go unread.
      const isLastLine = typeof lines === 'number' && lines <= lastLine + 1;
      skipped ??= fault?.code === 'CSV_QUOTE_NOT_CLOSED' && isLastLine ? 'halfRow' : 'broken';
      return undefined;
    },
  });
  async function* whole(): AsyncGenerator<string> {
    yield head;
    for (;;) {
      // After an overlong row the parser has lost its place: what it would make of the rest is not in the file.
      if (skipped !== undefined) return;
      const next = await rest.next();
      if (next.done === true) return;
      yield next.value;
    }
  }
  pipeline(Readable.from(whole()), parser, () => {
    // Whoever reads the parser hears of a fault there.
  });
  async function* records(): AsyncGenerator<string[]> {
    for await (const record of parser) {
      yield record as string[];
    }
  }
  return {
    records: records(),
    fault: (row) =>
      skipped === undefined
        ? undefined
        : skipped === 'halfRow'
          ? { kind: 'halfRow', why: reasons.openQuote }
          : { kind: 'broken', why: reasons.longRow(row) },
  };
};

const broken = async <T>(reading: Promise<T>, row: number): Promise<T> => {
  try {
    return await reading;
  } catch (fault) {
    if (fault instanceof CsvError) throw new SourceBroken(reasons.longRow(row), fault);
    throw fault;
  }
};

const isBlank = (cells: readonly string[]): boolean => cells.every((cell) => cell.trim() === '');

const trimmed = (cells: readonly string[]): readonly string[] => {
  const header = cells.map((cell) => cell.trim());
  while (header.at(-1) === '') header.pop();
  return header;
};

/** A row of another length has lost something or has it in the wrong place: it is not guessed what. */
const shaped = (row: number, cells: readonly string[], wanted: number): SourceRow => {
  if (cells.length === wanted) return { row, cells };
  if (cells.length < wanted) return { row, cells, fault: reasons.tooFewCells(cells.length, wanted) };
  const extra = cells.slice(wanted);
  return isBlank(extra)
    ? { row, cells: cells.slice(0, wanted) }
    : { row, cells, fault: reasons.tooManyCells(cells.length, wanted) };
};

/** The one that parts the header most often, outside quotation marks. */
const delimiterOf = (head: string): string => {
  const first =
    head
      .replace(/"(?:[^"]|"")*"/gu, '')
      .split(/\r\n|\r|\n/u)
      .find((line) => line.trim() !== '') ?? '';
  const counted = [',', '\t', ';', '|'].map((delimiter) => ({ delimiter, count: first.split(delimiter).length }));
  return counted.reduce((best, one) => (one.count > best.count ? one : best)).delimiter;
};
