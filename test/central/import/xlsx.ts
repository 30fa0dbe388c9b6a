import { crc32, deflateRawSync } from 'node:zlib';

/** A workbook as Excel writes it, made from its parts: no package of ours writes workbooks. */
export type SheetOf = { readonly name: string; readonly rows: readonly (readonly XlsxCell[])[] };
export type XlsxCell = string | { readonly xml: string } | null;

export const makeXlsx = (sheets: readonly SheetOf[], more: Readonly<Record<string, string>> = {}): Buffer => {
  const strings: string[] = [];
  const cellXml = (cell: XlsxCell, name: string): string => {
    if (cell === null) return '';
    if (typeof cell !== 'string') return cell.xml.replace('<c', `<c r="${name}"`);
    strings.push(cell);
    return `<c r="${name}" t="s"><v>${strings.length - 1}</v></c>`;
  };
  const sheetXml = ({ rows }: SheetOf): string =>
    `<?xml version="1.0"?><worksheet xmlns="m"><sheetData>${rows
      .map(
        (cells, row) =>
          `<row r="${row + 1}">${cells.map((cell, column) => cellXml(cell, `${letters(column)}${row + 1}`)).join('')}</row>`,
      )
      .join('')}</sheetData></worksheet>`;
  const pages = sheets.map((sheet, index) => [`xl/worksheets/sheet${index + 1}.xml`, sheetXml(sheet)] as const);
  return makeZip({
    'xl/workbook.xml': `<workbook xmlns="m" xmlns:r="r"><sheets>${sheets
      .map(({ name }, index) => `<sheet name="${name}" sheetId="${index + 1}" r:id="rId${index + 1}"/>`)
      .join('')}</sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': `<Relationships>${sheets
      .map((_, index) => `<Relationship Id="rId${index + 1}" Target="worksheets/sheet${index + 1}.xml"/>`)
      .join('')}</Relationships>`,
    // Style 1 is a date.
    'xl/styles.xml':
      '<styleSheet><cellStyleXfs><xf numFmtId="9"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>',
    ...Object.fromEntries(pages),
    'xl/sharedStrings.xml': `<sst>${strings.map((text) => `<si><r><t>${escapeXml(text)}</t></r><rPh><t>ignored</t></rPh></si>`).join('')}</sst>`,
    ...more,
  });
};

/** @param lie states another uncompressed size than the true one, as a zip bomb would */
export const makeZip = (parts: Readonly<Record<string, string>>, lie?: number): Buffer => {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, text] of Object.entries(parts)) {
    const body = Buffer.from(text);
    const packed = deflateRawSync(body);
    const sizes = Buffer.alloc(12);
    sizes.writeUInt32LE(crc32(body), 0);
    sizes.writeUInt32LE(packed.length, 4);
    sizes.writeUInt32LE(lie ?? body.length, 8);
    const local = Buffer.concat([
      Buffer.from('504b030414000000080000000000', 'hex'),
      sizes,
      u16(Buffer.byteLength(name)),
      u16(0),
      Buffer.from(name),
      packed,
    ]);
    directory.push(
      Buffer.concat([
        Buffer.from('504b0102140014000000080000000000', 'hex'),
        sizes,
        u16(Buffer.byteLength(name)),
        Buffer.alloc(12),
        u32(offset),
        Buffer.from(name),
      ]),
    );
    locals.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.concat([
    Buffer.from('504b050600000000', 'hex'),
    u16(directory.length),
    u16(directory.length),
    u32(central.length),
    u32(offset),
    u16(0),
  ]);
  return Buffer.concat([...locals, central, end]);
};

const u16 = (value: number): Buffer => {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
};
const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};
const letters = (column: number): string =>
  (column >= 26 ? String.fromCharCode(64 + Math.floor(column / 26)) : '') + String.fromCharCode(65 + (column % 26));
const escapeXml = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
