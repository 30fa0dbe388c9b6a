import { expect, it } from 'vitest';
import { textOfFile } from '../../../renderer/desk/tasks/list-file.ts';

const bytes = (...values: readonly number[]) => Uint8Array.from(values);
const utf8 = (text: string) => Uint8Array.from(new TextEncoder().encode(text));
const read = (file: Uint8Array<ArrayBuffer>): string => {
  const text = textOfFile(file);
  return text.ok ? text.value : (text.error.reason ?? text.error.kind);
};

it('R20: text as spreadsheets and mails save it, with and without a mark', () => {
  expect(read(utf8('张三,13900139000'))).toBe('张三,13900139000');
  expect(read(utf8('\uFEFF张三'))).toBe('张三');
  // 张三 in GB18030, and a letter that takes four bytes there.
  expect(read(bytes(0xd5, 0xc5, 0xc8, 0xfd, 0x81, 0x39, 0xee, 0x39))).toBe('张三㐀');
  expect(read(bytes(0xff, 0xfe, 0x20, 0x5f, 0x09, 0x4e))).toBe('张三');
  expect(read(bytes(0xfe, 0xff, 0x5f, 0x20, 0x4e, 0x09))).toBe('张三');
});

it('what is no text is refused with what to do instead', () => {
  expect(read(bytes(0x50, 0x4b, 0x03, 0x04, 0x00))).toBe('listWorkbook');
  expect(read(bytes(0xd0, 0xcf, 0x11, 0xe0, 0xa1))).toBe('listWorkbook');
  expect(read(bytes(0x31, 0x00, 0x32))).toBe('listNotText');
  expect(read(new Uint8Array(10_000_001))).toBe('listTooBig');
});
