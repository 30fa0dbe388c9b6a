import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { TextDecoder } from 'node:util';
import { reasons } from './reasons.ts';
import { SourceBroken } from './source.ts';

export const encodings = ['auto', 'utf-8', 'gb18030'] as const;
export type Encoding = (typeof encodings)[number];

export type Examined = {
  /** SHA-256 of the bytes: the same file again is known by it. */
  readonly sha256: string;
  readonly totalBytes: number;
  readonly format: 'csv' | 'xlsx';
  readonly encoding: 'utf-8' | 'gb18030' | 'utf-16le';
};

const headBytes = 65_536;
const chunkBytes = 262_144;

/**
 * Reads the whole file once: what kind it is, by its content and not its name, and how it is encoded. Valid UTF-8 to the last byte
 * is UTF-8; what is not is GB18030, unless its header is unmistakably UTF-8, and then single cells are garbled.
 * @yields bytes read so far
 * @throws SourceBroken
 */
export async function* examine(path: string, asked: Encoding): AsyncGenerator<number, Examined, void> {
  const totalBytes = (await stat(path)).size;
  if (totalBytes === 0) throw new SourceBroken(reasons.empty);
  const head = await readHead(path);
  const format = formatOf(head);
  const hash = createHash('sha256');
  let utf8: TextDecoder | undefined = new TextDecoder('utf-8', { fatal: true });
  let bytes = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: chunkBytes })) {
    const read = chunk as Buffer;
    hash.update(read);
    bytes += read.length;
    if (format === 'csv' && !decodes(utf8, read, bytes < totalBytes)) utf8 = undefined;
    if (bytes % (16 * chunkBytes) === 0) yield bytes;
  }
  const encoding = asked === 'auto' ? encodingOf(head, utf8 !== undefined) : asked;
  return { sha256: hash.digest('hex'), totalBytes, format, encoding };
}

const readHead = async (path: string): Promise<Buffer> => {
  const file = await open(path);
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(headBytes), 0, headBytes, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
};

const isUtf16 = (head: Buffer): boolean => head[0] === 0xff && head[1] === 0xfe;

const formatOf = (head: Buffer): 'csv' | 'xlsx' => {
  if (head.subarray(0, 4).equals(Buffer.from('PK\x03\x04', 'latin1'))) return 'xlsx';
  if (head.subarray(0, 4).equals(Buffer.from([0xd0, 0xcf, 0x11, 0xe0]))) throw new SourceBroken(reasons.oldExcel);
  // No text has NUL in it, and next to no control characters; UTF-16 says so in its first two bytes.
  const controls = head.filter((byte) => byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d).length;
  const isBinary = !isUtf16(head) && (head.includes(0) || controls > head.length / 200);
  if (isBinary || head.subarray(0, 5).toString('latin1') === '%PDF-') throw new SourceBroken(reasons.notText);
  return 'csv';
};

const encodingOf = (head: Buffer, isUtf8: boolean): Examined['encoding'] => {
  if (isUtf16(head)) return 'utf-16le';
  if (isUtf8) return 'utf-8';
  const hasBom = head.subarray(0, 3).equals(Buffer.from([0xef, 0xbb, 0xbf]));
  // The header decides: were it misread, no column would be known.
  const end = head.indexOf(0x0a);
  const first = end < 0 ? head : head.subarray(0, end);
  const beginsAsUtf8 =
    first.some((byte) => byte > 0x7f) && decodes(new TextDecoder('utf-8', { fatal: true }), first, true);
  return hasBom || beginsAsUtf8 ? 'utf-8' : 'gb18030';
};

const decodes = (decoder: TextDecoder | undefined, bytes: Uint8Array, stream: boolean): boolean => {
  try {
    decoder?.decode(bytes, { stream });
    return decoder !== undefined;
  } catch {
    return false;
  }
};
