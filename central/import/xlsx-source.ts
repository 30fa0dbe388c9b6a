import { columnOfCell, dateOfSerial, isDateFormat, textOfNumber } from './sheet-cells.ts';
import { SharedStrings } from './shared-strings.ts';
import { reasons } from './reasons.ts';
import type { Source, SourceRow } from './source.ts';
import { mostCellCharacters, mostColumns, SourceBroken } from './source.ts';
import type { Element, Workbook } from './workbook.ts';
import { openWorkbook } from './workbook.ts';

const mostSharedBytes = 512 * 1024 ** 2;
const batch = 1_000;

/** @throws SourceBroken, also from `rows` */
export const openXlsx = async (path: string, wanted: string | undefined): Promise<Source> => {
  const workbook = await openWorkbook(path);
  try {
    const book = await readBook(workbook);
    const sheet = wanted === undefined ? book.sheets[0] : book.sheets.find(({ name }) => name === wanted);
    if (sheet === undefined)
      throw new SourceBroken(
        reasons.noSheet(
          wanted ?? '',
          book.sheets.map(({ name }) => name),
        ),
      );
    const strings = await readStrings(workbook);
    const isDate = await readStyles(workbook);
    let share = 0;
    const read = (async function* () {
      const gathered: SourceRow[] = [];
      const events = sheetEvents({ strings, isDate, is1904: book.is1904 }, (row) => void gathered.push(row));
      for await (const part of workbook.parse(sheet.part, events)) {
        share = part;
        while (gathered.length >= batch) yield gathered.splice(0, batch);
      }
      yield gathered;
    })();
    let first = await read.next();
    while (first.done !== true && first.value.length === 0) first = await read.next();
    const [head, ...begun] = first.done === true ? [] : first.value;
    if (head === undefined) throw new SourceBroken(reasons.empty);
    const header = head.cells.map((cell) => cell.trim());
    return {
      format: 'xlsx',
      readAs: sheet.name,
      header,
      share: () => share,
      close: () => workbook.close(),
      rows: (async function* () {
        if (begun.length > 0) yield begun.map((row) => padded(row, header.length));
        for await (const some of read) yield some.map((row) => padded(row, header.length));
      })(),
    };
  } catch (fault) {
    workbook.close();
    throw fault;
  }
};

/** Cells at the end of a row that are empty are not in the file at all. */
const padded = ({ row, cells }: SourceRow, wanted: number): SourceRow => {
  if (cells.slice(wanted).some((cell) => cell.trim() !== ''))
    return { row, cells, fault: reasons.tooManyCells(cells.length, wanted) };
  return { row, cells: Array.from({ length: wanted }, (_, index) => cells[index] ?? '') };
};

type Book = { readonly sheets: readonly { readonly name: string; readonly part: string }[]; readonly is1904: boolean };

const readBook = async (workbook: Workbook): Promise<Book> => {
  const named: { name: string; target: string }[] = [];
  let is1904 = false;
  await all(workbook, 'xl/workbook.xml', ({ name, attributes }) => {
    if (name === 'workbookPr') is1904 = isTrue(attributes['date1904']);
    if (name !== 'sheet') return;
    // The prefix of the relationships' namespace is free: r:id in every file seen.
    const target = Object.entries(attributes).find(([key]) => key.endsWith(':id'))?.[1] ?? '';
    if (attributes['state'] === undefined || attributes['state'] === 'visible')
      named.push({ name: attributes['name'] ?? '', target });
  });
  const targets = new Map<string, string>();
  await all(workbook, 'xl/_rels/workbook.xml.rels', ({ name, attributes }) => {
    if (name === 'Relationship') targets.set(attributes['Id'] ?? '', attributes['Target'] ?? '');
  });
  const sheets = named.map(({ name, target }) => {
    const to = targets.get(target) ?? '';
    return { name, part: to.startsWith('/') ? to.slice(1) : `xl/${to}` };
  });
  return { sheets, is1904 };
};

const readStrings = async (workbook: Workbook): Promise<SharedStrings> => {
  const strings = new SharedStrings();
  const part = 'xl/sharedStrings.xml';
  if (!workbook.has(part)) return strings;
  const said = textOf();
  for await (const _share of workbook.parse(part, {
    open: said.open,
    text: said.text,
    close: (name) => {
      said.close(name);
      if (name !== 'si') return;
      if (strings.add(said.take()) > mostSharedBytes) throw new SourceBroken(reasons.tooBig(part, '512 MiB'));
    },
  }));
  return strings;
};

/** Whether the style with this number shows a date. */
const readStyles = async (workbook: Workbook): Promise<(style: number) => boolean> => {
  const part = 'xl/styles.xml';
  if (!workbook.has(part)) return () => false;
  const codes = new Map<number, string>();
  const dates: boolean[] = [];
  let isInCells = false;
  await all(
    workbook,
    part,
    ({ name, attributes }) => {
      if (name === 'numFmt') codes.set(Number(attributes['numFmtId']), attributes['formatCode'] ?? '');
      if (name === 'cellXfs') isInCells = true;
      if (name !== 'xf' || !isInCells) return;
      const format = Number(attributes['numFmtId'] ?? 0);
      dates.push(isDateFormat(format, codes.get(format)));
    },
    (name) => {
      if (name === 'cellXfs') isInCells = false;
    },
  );
  return (style) => dates[style] ?? false;
};

const all = async (
  workbook: Workbook,
  part: string,
  open: (element: Element) => void,
  close: (name: string) => void = () => {},
): Promise<void> => {
  for await (const _share of workbook.parse(part, { open, close }));
};

const isTrue = (value: string | undefined): boolean => value === '1' || value === 'true';

/** The text of `<t>` elements, but for how Chinese and Japanese words are pronounced (`<rPh>`). */
const textOf = () => {
  let text = '';
  let isText = false;
  let isSpoken = false;
  return {
    open: ({ name }: Element): void => {
      if (name === 'rPh') isSpoken = true;
      isText = (name === 't' || name === 'v') && !isSpoken;
    },
    text: (more: string): void => {
      if (isText && text.length <= mostCellCharacters) text += more;
    },
    close: (name: string): void => {
      if (name === 'rPh') isSpoken = false;
      isText = false;
    },
    take: (): string => {
      const taken = text;
      text = '';
      return taken;
    },
  };
};

type Reading = {
  readonly strings: SharedStrings;
  readonly isDate: (style: number) => boolean;
  readonly is1904: boolean;
};

/** `<row r="2"><c r="A2" t="s" s="1"><v>0</v></c>…`; rows and cells without a name follow the one before. */
const sheetEvents = (reading: Reading, row: (row: SourceRow) => void) => {
  const said = textOf();
  let number = 0;
  let cells: string[] = [];
  let column = -1;
  let cell: Readonly<Record<string, string>> = {};
  return {
    text: said.text,
    open: (element: Element): void => {
      const { name, attributes } = element;
      said.open(element);
      if (name === 'row') {
        number = Number(attributes['r'] ?? number + 1);
        cells = [];
        column = -1;
      } else if (name === 'c') {
        said.take();
        cell = attributes;
        column = columnOfCell(attributes['r'] ?? '') ?? column + 1;
        if (column >= mostColumns) throw new SourceBroken(reasons.tooManyColumns(mostColumns));
      }
    },
    close: (name: string): void => {
      said.close(name);
      // A formula's text is no value: only what it came to.
      if (name === 'f') said.take();
      if (name === 'c') {
        while (cells.length < column) cells.push('');
        cells[column] = valueOf(cell, said.take(), reading);
      }
      if (name === 'row' && cells.some((value) => value.trim() !== '')) row({ row: number, cells });
    },
  };
};

const valueOf = (cell: Readonly<Record<string, string>>, text: string, reading: Reading): string => {
  switch (cell['t']) {
    case 's':
      return text === '' ? '' : (reading.strings.at(Number(text)) ?? '');
    case 'b':
      return isTrue(text) ? '是' : text === '' ? '' : '否';
    case 'inlineStr':
    case 'str':
    case 'e':
    case 'd':
      return text;
    default:
      if (text === '') return '';
      return reading.isDate(Number(cell['s'] ?? 0)) ? dateOfSerial(Number(text), reading.is1904) : textOfNumber(text);
  }
};
