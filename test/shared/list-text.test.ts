import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { listLine, readList } from '../../shared/list-text.ts';

const reasons = (text: string) => readList(text).faults.map(({ line, reason }) => [line, reason]);
const people = (text: string) => readList(text).entries.map(({ key, name, note }) => [key, name, note]);

it('R20: a number a line, then a name and a note, however they are parted; blank lines are none', () => {
  const text = '\uFEFF13900139000,张三,老客户,很好\r\n\r\n139 0013 9001\t李四\r010-65543210；王五；座机\n  \n,,\n';
  expect(people(text)).toEqual([
    ['+8613900139000', '张三', '老客户 很好'],
    ['+8613900139001', '李四', ''],
    ['+861065543210', '王五', '座机'],
  ]);
  expect(readList(text)).toMatchObject({ lines: 3, faults: [] });
});

it('columns in any order under a line that names them; a row of another length is half a row', () => {
  const text = '姓名,手机号码,备注\n张三,13900139000,好\n李四\n王五,13900139001,"要, 逗号",多\n赵六,13900139002,';
  expect(people(text)).toEqual([
    ['+8613900139000', '张三', '好'],
    ['+8613900139002', '赵六', ''],
  ]);
  expect(reasons(text)).toEqual([
    [3, 'listHalfRow'],
    [4, 'listExtraCells'],
  ]);
  expect(people('Name;Phone number\nAnn;13900139000')).toEqual([['+8613900139000', 'Ann', '']]);
});

it('what cannot be called is named by its line and why, and takes nothing else with it', () => {
  const text = [
    '13900139000',
    '+44 20 7946 0000',
    'abc',
    '10086',
    '1.39E+10',
    '13900139000',
    '"张三,13900139001',
    '\uFFFD,13900139002',
  ];
  expect(reasons([...text, '13900139003'].join('\n'))).toEqual([
    [2, 'numberInternational'],
    [3, 'numberMalformed'],
    [4, 'listService'],
    [5, 'listRounded'],
    [6, 'taskDuplicate'],
    [7, 'listHalfRow'],
    [8, 'listGarbled'],
  ]);
  expect(readList([...text, '13900139003'].join('\n')).entries.map(({ line }) => line)).toEqual([1, 9]);
});

it('an entry written as a line is read back as it was, whatever its name says', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 30, unit: 'grapheme' }), fc.string({ maxLength: 30 }), (name, note) => {
      const plain = (text: string): string =>
        text
          .replaceAll(/[\r\n]+/gu, ' ')
          .trim()
          .replaceAll('\uFFFD', '');
      const one = { key: '+8613900139000', name: plain(name).slice(0, 40).trim(), note: plain(note) };
      expect(people(listLine(one))).toEqual([[one.key, one.name, one.note]]);
    }),
  );
});
