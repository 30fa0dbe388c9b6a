import { ok, refusal, refused, type Result } from '../../../shared/result.ts';

const mostBytes = 10_000_000;

/**
 * The text of a file somebody chose: UTF-8 with and without a mark, UTF-16 as spreadsheets save "Unicode text", and GB18030, which is what is not
 * UTF-8 here. What is no text is refused with what to do instead.
 */
export const textOfFile = (bytes: Uint8Array<ArrayBuffer>): Result<string> => {
  if (bytes.length > mostBytes) return refused(refusal('invalid', 'listTooBig'));
  if (begins(bytes, 0x50, 0x4b, 0x03, 0x04) || begins(bytes, 0xd0, 0xcf, 0x11, 0xe0))
    return refused(refusal('invalid', 'listWorkbook'));
  const text = decoded(bytes);
  return text.includes('\0') ? refused(refusal('invalid', 'listNotText')) : ok(text);
};

const begins = (bytes: Uint8Array, ...wanted: readonly number[]): boolean =>
  wanted.every((byte, n) => bytes[n] === byte);

const decoded = (bytes: Uint8Array<ArrayBuffer>): string => {
  if (begins(bytes, 0xff, 0xfe)) return new TextDecoder('utf-16le').decode(bytes);
  if (begins(bytes, 0xfe, 0xff)) return new TextDecoder('utf-16be').decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    // Not fatal: what cannot be read spoils its line, not the file.
    return new TextDecoder('gb18030').decode(bytes);
  }
};
