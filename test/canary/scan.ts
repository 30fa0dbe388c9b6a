import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

export type Hit = { readonly file: string; readonly value: string; readonly form: string };

/** The ways in which a value may lie in a file: as text in either encoding, or written down by something that encodes bytes. */
export const formsOf = (value: string): readonly { readonly form: string; readonly bytes: Buffer }[] => {
  const utf8 = Buffer.from(value, 'utf8');
  const utf16 = Buffer.from(value, 'utf16le');
  return [
    { form: 'utf8', bytes: utf8 },
    { form: 'utf16le', bytes: utf16 },
    { form: 'utf16be', bytes: Buffer.from(utf16).swap16() },
    { form: 'hex', bytes: Buffer.from(utf8.toString('hex')) },
    { form: 'HEX', bytes: Buffer.from(utf8.toString('hex').toUpperCase()) },
    ...[0, 1, 2].map((at) => ({ form: `base64 at ${at}`, bytes: Buffer.from(base64Within(utf8, at)) })),
    { form: '\\u', bytes: Buffer.from(escaped(value)) },
  ].filter(({ form, bytes }) => form !== '\\u' || !bytes.equals(utf8));
};

/** The letters that are the same whatever stands before and behind the value, which begins at this place of a group of three. */
const base64Within = (bytes: Buffer, at: number): string => {
  const text = Buffer.concat([Buffer.alloc(at), bytes])
    .toString('base64')
    .replaceAll('=', '');
  const first = at === 0 ? 0 : at + 1;
  const spare = (at + bytes.length) % 3;
  return text.slice(first, spare === 0 ? undefined : -1);
};

const escaped = (value: string): string =>
  value.replaceAll(/[^\u0000-\u007f]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** Every byte of every file below these folders. */
export const scan = (
  folders: readonly string[],
  values: readonly string[],
): { readonly hits: readonly Hit[]; readonly files: number; readonly bytes: number } => {
  const forms = values.flatMap((value) => formsOf(value).map((form) => ({ value, ...form })));
  const hits: Hit[] = [];
  let files = 0;
  let bytes = 0;
  for (const folder of folders)
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      // A name of a file is told as well.
      const content = Buffer.concat([
        Buffer.from(`${relative(folder, path)}\n`),
        entry.isFile() ? readFileSync(path) : Buffer.alloc(0),
      ]);
      files += 1;
      bytes += content.length;
      for (const { value, form, bytes: wanted } of forms)
        if (content.includes(wanted)) hits.push({ file: relative(folder, path), value, form });
    }
  return { hits, files, bytes };
};
