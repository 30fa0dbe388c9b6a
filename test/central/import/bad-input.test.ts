import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { clean } from '../fixture.ts';
import type { ImportRig } from './import-rig.ts';
import { openImportRig } from './import-rig.ts';
import { makeXlsx, makeZip } from './xlsx.ts';

let rig: ImportRig;
beforeAll(async () => {
  rig = await openImportRig();
  // The embedded database takes its time on a loaded machine.
}, 120_000);
beforeEach(() => clean(rig.database));
afterAll(() => rig.close());

const utf8 = '客户编号,姓名,手机号\nC1,欧阳试,13800130001\nC2,王试,13800130002\n';
/** 客户编号,姓名,手机号 / C1,欧阳试,13800130001 as GB18030. */
const gb18030 = Buffer.concat([
  Buffer.from('bfcdbba7b1e0bac52cd0d5c3fb2ccad6bbfabac50a', 'hex'),
  Buffer.from('43312cc5b7d1f4cad42c31333830303133303030310a', 'hex'),
]);
const refusal = async (content: string | Uint8Array, changes?: Parameters<ImportRig['take']>[1]): Promise<string> => {
  const before = await rig.everything();
  const { last } = await rig.take(content, changes);
  expect(await rig.everything()).toEqual(before);
  if (last.kind !== 'refused') throw new Error(`not refused but ${last.kind}`);
  expect(last.why.zh).not.toBe('');
  return last.why.en;
};
const counted = async (content: string | Uint8Array, changes?: Parameters<ImportRig['take']>[1]) => {
  const taken = await rig.take(content, changes);
  return { ...taken, counts: 'counts' in taken.last ? taken.last.counts : undefined };
};

describe('files that are read although they are odd', () => {
  it.each([
    ['UTF-8', utf8],
    ['UTF-8 with a byte order mark', `\ufeff${utf8}`],
    ['UTF-16 as Excel calls Unicode text', Buffer.from(`\ufeff${utf8.replaceAll(',', '\t')}`, 'utf16le')],
    ['GB18030', gb18030],
    ['CRLF', utf8.replaceAll('\n', '\r\n')],
    ['CR, as old Macs wrote', utf8.replaceAll('\n', '\r')],
    ['semicolons', utf8.replaceAll(',', ';')],
    ['tabs', utf8.replaceAll(',', '\t')],
    ['no line break at the end', utf8.trimEnd()],
    ['empty lines', `\n\n${utf8.replaceAll('\n', '\n\n')}`],
    ['quotes and a comma in the header', utf8.replace('手机号', '"手机号（必填,11位）"')],
  ])('%s', async (_name, content) => {
    const { last } = await rig.take(content);
    expect(last).toMatchObject({ kind: 'done', counts: { bad: 0 } });
    expect(await rig.customer('C1')).toMatchObject({ surname: '欧阳', numbers: [{ key: '+8613800130001' }] });
  });

  it('a workbook called .csv is read as what it is', async () => {
    const { last } = await rig.take(
      makeXlsx([
        {
          name: 'A',
          rows: [
            ['客户编号', '姓名', '手机号'],
            ['C1', '欧阳试', '13800130001'],
          ],
        },
      ]),
    );
    expect(last).toMatchObject({ kind: 'done', counts: { written: 1 } });
  });

  it('200 columns: what is not known is named, what is known is used', async () => {
    const more = Array.from({ length: 197 }, (_, n) => `列${n}`);
    const { states, counts } = await counted(
      `客户编号,姓名,手机号,${more.join(',')}\nC1,欧阳试,13800130001,${more.join(',')}\n`,
    );
    expect(counts).toMatchObject({ written: 1, bad: 0 });
    const planned = states.find(({ kind }) => kind === 'planned');
    const unused = planned?.kind === 'planned' ? planned.columns.filter(({ as }) => as.kind === 'unused') : [];
    expect(unused.map(({ column }) => column)).toEqual(more);
  });

  it('what looks like a formula is text, and inert in the report, which can be repaired and imported', async () => {
    const content =
      '客户编号,姓名,手机号,套餐\nC1,"=HYPERLINK(""http://x"")",13800130001,+1\nC2,@SUM(1),1380013000,-2\n';
    const { counts, report } = await counted(content);
    expect(counts).toMatchObject({ written: 1, bad: 1 });
    expect(await rig.customer('C1')).toMatchObject({ package: { name: { zh: '+1' } } });
    expect(report).toContain(`C2,'@SUM(1),1380013000,'-2`);
    const repaired = await counted(report.replace(',1380013000,', ',13800130002,'));
    expect(repaired.counts).toMatchObject({ written: 1, bad: 0 });
    expect(await rig.customer('C2')).toMatchObject({ package: { name: { zh: '-2' } } });
  });

  it('a service password is not repeated in the report', async () => {
    const { report } = await rig.take('客户编号,姓名,手机号,服务密码\nC1,欧阳试,1,246810\n');
    expect(report).toContain('****');
    expect(report).not.toContain('246810');
  });
});

describe('bad rows', () => {
  it.each([
    ['half a row at the end', `${utf8}C3,赵`, 4, 'Half a row: 2 columns of 3'],
    ['an open quotation mark in the last row', `${utf8}C3,"赵`, 4, 'ends inside quotation marks'],
    ['a row too long', `${utf8}C3,赵,13800130003,x\n`, 4, '4 instead of 3'],
    ['a foreign number', `${utf8}C3,赵,+12125550100\n`, 4, 'foreign number'],
    ['a short code', `${utf8}C3,赵,10086\n`, 4, 'service or emergency number'],
    ['a number cut short', `${utf8}C3,赵,1380013\n`, 4, 'not a telephone number'],
    ['a number Excel has rounded', `${utf8}C3,赵,1.38E+10\n`, 4, 'rounded number'],
    ['no number', `${utf8}C3,赵,\n`, 4, 'must not be empty'],
    ['an id that is none', `${utf8}C 3,赵,13800130003\n`, 4, 'no customer id'],
    ['a name too long', `${utf8}C3,${'赵'.repeat(41)},13800130003\n`, 4, 'longer than 40'],
  ])('%s', async (_name, content, row, why) => {
    const { counts, reasons } = await counted(content);
    expect(counts).toMatchObject({ written: 2, bad: 1 });
    expect(reasons.get(row)).toContain(why);
  });

  it.each([
    ['入网日期', '2026-02-30', 'possible date'],
    ['入网日期', '2027-01-01', 'future'],
    ['客户分层', '超高端', 'none of 高端, 中端, 普通'],
    ['红黑名单', '灰', 'none of'],
    ['客户级别', '铂金', 'none of'],
    ['上月账单', '-5', 'amount'],
    ['网龄', '3.5', 'whole number'],
    ['长途占比', '38', 'share'],
    ['漫游', '也许', 'yes nor no'],
    ['身份证号', '000101199003070017', 'check character'],
    ['服务密码', '12', 'service password'],
    ['队列', 'nosuch', 'no queue'],
  ])('%s: %s', async (column, cell, why) => {
    const { counts, reasons } = await counted(`客户编号,姓名,手机号,${column}\nC1,欧阳试,13800130001,${cell}\n`);
    expect(counts).toMatchObject({ written: 0, bad: 1 });
    expect(reasons.get(2)).toContain(column);
    expect(reasons.get(2)).toContain(why);
  });

  it('a cell in another encoding spoils its row and no other', async () => {
    const { counts, reasons } = await counted(Buffer.concat([Buffer.from(utf8), gb18030.subarray(21)]));
    expect(counts).toMatchObject({ written: 2, bad: 1 });
    expect(reasons.get(4)).toContain('--encoding');
  });

  it('all that is wrong with a row is said at once', async () => {
    const { reasons } = await rig.take('客户编号,姓名,手机号,漫游\nC1,,1,?\n');
    expect(reasons.get(2)).toMatch(/手机号: .*姓名: .*漫游: /u);
  });
});

describe('files that are refused before any row', () => {
  it.each([
    ['an empty file', '', 'is empty'],
    ['nothing but blank lines', '\n \n', 'is empty'],
    ['a picture renamed', Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'), 'neither CSV text nor'],
    ['an old workbook', Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.alloc(600)]), 'old Excel file'],
    ['a PDF', Buffer.from('%PDF-1.7\n1 0 obj'), 'neither CSV text nor'],
    ['a zip that is no workbook', makeZip({ 'readme.txt': 'x' }), 'xl/workbook.xml'],
    ['half a zip', makeZip({ 'readme.txt': 'x' }).subarray(0, 40), 'damaged'],
    [
      'a workbook that unpacks to more than it says',
      makeZip({ 'xl/workbook.xml': `<workbook>${' '.repeat(5_000)}</workbook>` }, 9),
      'damaged',
    ],
    ['a workbook too big', makeZip({ 'xl/workbook.xml': '<workbook/>' }, 4_294_967_294), 'damaged'],
    [
      'entities that multiply',
      makeZip({ 'xl/workbook.xml': '<!DOCTYPE w [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><workbook>&b;</workbook>' }),
      'damaged',
    ],
    ['required columns missing', '编号,名字\n1,2\n', '手机号 (number)'],
    ['a required column twice', '客户编号,姓名,手机号,手机号\n', 'there twice'],
    [
      'more than a thousand columns',
      `${utf8.split('\n')[0]},${Array.from({ length: 1_000 }, (_, n) => `c${n}`).join(',')}\n`,
      '1000 columns',
    ],
  ])('%s', async (_name, content, why) => {
    expect(await refusal(content)).toContain(why);
  });

  it('a sheet that is not there names those that are; the wrong sheet names its columns', async () => {
    const book = makeXlsx([
      { name: '说明', rows: [['请看第二页']] },
      {
        name: '客户',
        rows: [
          ['客户编号', '姓名', '手机号'],
          ['C1', '欧阳试', '13800130001'],
        ],
      },
    ]);
    expect(await refusal(book)).toContain('请看第二页');
    expect(await refusal(book, { map: { sheet: '客 户' } })).toContain('说明, 客户');
    expect((await rig.take(book, { map: { sheet: '客户' } })).last).toMatchObject({ counts: { written: 1 } });
  });

  it('a mapping that does not fit the file', async () => {
    expect(await refusal(utf8, { map: { columns: { 电话: 'number' } } })).toContain('"电话"');
    expect(await refusal(utf8, { map: { columns: { 手机号: 'phone' } } })).toContain('"phone"');
    expect(await refusal(utf8, { map: { columns: { 手机号: 'number', 姓名: 'number' } } })).toContain('two columns');
    expect(await refusal(utf8, { map: { columns: { 手机号: null } } })).toContain('number');
    expect(await refusal(utf8, { map: { defaults: { card: '铂金' } } })).toContain('"card"');
  });

  it('a mapping says what the header does not', async () => {
    const content = 'Nr;Wer;Tel;constructor\nC1;Ann Li;0015550100200;x\n';
    const map = { columns: { Nr: 'id', Wer: 'fullName', Tel: 'number', constructor: null }, foreignNumbers: true };
    const { last } = await rig.take(content, { map: { ...map, defaults: { queues: 'vip', language: '英文' } } });
    expect(last).toMatchObject({ kind: 'done', counts: { written: 1, bad: 0 } });
    expect(await rig.customer('C1')).toMatchObject({
      surname: 'Li',
      language: 'en',
      numbers: [{ key: '+15550100200' }],
    });
  });
});

describe('files that stop being readable', () => {
  it('a quotation mark that is never closed stops the import where it stands; what was written stays', async () => {
    const many = Array.from({ length: 1_500 }, (_, n) => `D${n},试,1390000${String(n).padStart(4, '0')}`).join('\n');
    const { last, counts } = await counted(`客户编号,姓名,手机号\n${many}\nC1,"开,13800130001\n${many}\n`);
    expect(last).toMatchObject({ kind: 'stopped', why: { en: expect.stringContaining('After row 1501') } });
    expect(counts).toMatchObject({ rows: 1_500, written: 1_500 });
  });

  it('a row without an end does not fill the memory', async () => {
    const { last } = await rig.take(`${utf8}C3,"${'x\n'.repeat(2_000_000)}`);
    expect(last).toMatchObject({ kind: 'stopped', counts: { written: 2 } });
  });
});
