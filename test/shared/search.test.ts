import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { spoken } from '../../main/engine/pinyin.ts';
import { initialsTyped, marksOf, markCount, markOf, nameKeys } from '../../shared/name-key.ts';
import { defaultPolicy } from '../../shared/policy.ts';
import type { Search } from '../../shared/search.ts';
import { detailsAsked, fitsName, numberWith, readSearch, whyUnspecific } from '../../shared/search.ts';

const searchOf = (text: string): Search => {
  const read = readSearch(text);
  if (read.kind === 'unclear') throw new Error(`unclear: ${read.why}`);
  return read.search;
};

describe('R8 a number is read however it is written', () => {
  const mobile = '+8613800138000';
  const fixed = '+861065543210';
  it.each<[string, string]>([
    ['13800138000', mobile],
    ['138 0013 8000', mobile],
    ['138-0013-8000', mobile],
    ['138.0013.8000', mobile],
    ['138–0013—8000', mobile],
    ['(138)00138000', mobile],
    ['+86 138 0013 8000', mobile],
    ['+8613800138000', mobile],
    ['+86-138-0013-8000', mobile],
    ['0086 138 0013 8000', mobile],
    ['008613800138000', mobile],
    ['8613800138000', mobile],
    ['86 138 0013 8000', mobile],
    ['013800138000', mobile],
    ['１３８００１３８０００', mobile],
    ['＋８６　１３８　００１３　８０００', mobile],
    ['  13800138000  ', mobile],
    ['138\u200b0013\u200b8000', mobile],
    ['138\u00a00013\u00a08000', mobile],
    ['\u202d13800138000\u202c', mobile],
    ['tel:+86-138-0013-8000', mobile],
    ['sip:13800138000@192.0.2.1', mobile],
    ['13800138000转801', mobile],
    ['13800138000 转 801', mobile],
    ['13800138000 ext 801', mobile],
    ['13800138000 ext.801', mobile],
    ['13800138000 extension 801', mobile],
    ['13800138000#801', mobile],
    ['13800138000p801', mobile],
    ['13800138000 x801', mobile],
    ['13800138000,801', mobile],
    ['13800138000分机801', mobile],
    ['010 6554 3210', fixed],
    ['010-65543210', fixed],
    ['(010)65543210', fixed],
    ['+86 10 6554 3210', fixed],
    ['0086-10-6554-3210', fixed],
    ['010-65543210-转 8', fixed],
    ['010-65543210 转8001', fixed],
    ['0755-8888 6666', '+8675588886666'],
    ['400-800-1234', '+864008001234'],
    ['+852 1234 5678', '+85212345678'],
    ['00852 1234 5678', '+85212345678'],
    ['王 13800138000', mobile],
    ['13800138000 wang', mobile],
  ])('%s', (text, key) => expect(searchOf(text).number).toBe(key));

  it.each<[string, string, boolean]>([
    ['8000', mobile, true],
    ['138000', mobile, true],
    ['1380013', mobile, true],
    ['+86138001', mobile, true],
    ['138****8000', mobile, true],
    ['138*8000', mobile, true],
    ['138****8001', mobile, false],
    ['8001', mobile, false],
    ['0013', mobile, false],
    ['65543210', fixed, true],
    ['1065543210', fixed, true],
    ['6554 3210', fixed, true],
    ['0106554', fixed, true],
    ['65543210转12', fixed, true],
  ])('part %s of %s: %s', (text, key, fits) => {
    const [part] = searchOf(text).parts;
    const found = part === undefined ? undefined : numberWith(part, { numbers: [{ key, confidence: 'certain' }] });
    expect(found).toBe(fits ? 0 : undefined);
  });
});

describe('R44 a name is read in characters, pinyin and initials', () => {
  const person = (full: string, surname: string) => ({
    surname,
    nameMasked: /^\p{Script=Han}/u.test(surname)
      ? surname + '*'.repeat(full.length - surname.length)
      : `${surname} ***`,
    nameMarks: [...marksOf(full, surname, spoken)],
  });
  it.each<[string, string, string]>([
    ['李建国', '李', '李建国'],
    ['李建国', '李', '李'],
    ['李建国', '李', '李先生'],
    ['李建国', '李', '李建'],
    ['李建国', '李', 'lijianguo'],
    ['李建国', '李', 'Li Jianguo'],
    ['李建国', '李', 'li jian guo'],
    ['李建国', '李', "li jian'guo"],
    ['李建国', '李', 'ljg'],
    ['李建国', '李', 'LJG'],
    ['李建国', '李', 'lijg'],
    ['李建国', '李', 'ｌｉｊｉａｎｇｕｏ'],
    ['单雄', '单', 'shan xiong'],
    ['单雄', '单', 'sx'],
    ['仇英', '仇', 'qiuying'],
    ['曾强', '曾', 'zengqiang'],
    ['解晓', '解', 'xiexiao'],
    ['区玉', '区', 'ouyu'],
    ['欧阳雪', '欧阳', 'ouyangxue'],
    ['欧阳雪', '欧阳', 'oyx'],
    ['尉迟重', '尉迟', 'yuchizhong'],
    ['尉迟重', '尉迟', 'yuchichong'],
    ['张长乐', '张', 'zhangchangle'],
    ['张长乐', '张', 'zhangzhangyue'],
    ['张长乐', '张', 'zcl'],
    ['吕红', '吕', 'lvhong'],
    ['吕红', '吕', 'lyuhong'],
    ['吕红', '吕', 'luhong'],
    ['吕红', '吕', 'lühong'],
    ['Oliver Ashworth', 'Ashworth', 'ashworth'],
    ['Oliver Ashworth', 'Ashworth', 'Oliver Ashworth'],
    ['Oliver Ashworth', 'Ashworth', 'Ashworth, Oliver'],
  ])('%s (%s) by %s', (full, surname, typed) => {
    const { name } = searchOf(typed);
    expect(name === null ? undefined : fitsName(name, person(full, surname), spoken)).toBeDefined();
  });

  it.each<[string, string, string]>([
    ['李建国', '李', '王建国'],
    ['李建国', '李', '李建国庆'],
    ['李建国', '李', '李明'.padEnd(4, '亮')],
    ['单雄', '单', 'danxiong'],
    ['仇英', '仇', 'chouying'],
    ['曾强', '曾', 'cengqiang'],
    ['Oliver Ashworth', 'Ashworth', 'Fenwick'],
  ])('%s (%s) not by %s', (full, surname, typed) => {
    const { name } = searchOf(typed);
    expect(name === null ? undefined : fitsName(name, person(full, surname), spoken)).toBeUndefined();
  });

  it('a mark confirms no name: every box holds many of the initials there are', () => {
    const letters = Array.from('abcdefghjklmnopqrstwxyz');
    const boxes = new Map<number, number>();
    for (const one of letters)
      for (const other of letters) boxes.set(markOf(one + other), (boxes.get(markOf(one + other)) ?? 0) + 1);
    expect(boxes.size).toBe(markCount);
    // Each stands for all the names that begin with these letters.
    expect(Math.min(...boxes.values())).toBeGreaterThanOrEqual(5);
  });

  it('letters are split in every way that is pinyin', () => {
    expect(initialsTyped('jianguo')).toEqual(expect.arrayContaining(['jg', 'jag']));
    expect(initialsTyped('jg')).toEqual(['jg']);
    expect(initialsTyped('xian')).toEqual(expect.arrayContaining(['x', 'xa']));
    expect(initialsTyped('q'.repeat(40))).toEqual([]);
  });

  it('central finds a name by its beginning in every reading', () => {
    expect(nameKeys('单长乐', '单', spoken)).toEqual(
      expect.arrayContaining(['n单长乐', 'pshanchangle', 'pshanzhangyue', 'iscl', 'iszy', 'ishancl']),
    );
    expect(nameKeys('Oliver Ashworth', 'Ashworth', spoken)).toEqual(['noliver ashworth', 'nashworth oliver']);
  });
});

describe('security 46 a search has to be specific', () => {
  const agent = { role: 'agent', practice: false } as const;
  it.each<[string, 'oneMore' | undefined]>([
    ['13800138000', undefined],
    ['C000123', undefined],
    ['65543210', undefined],
    ['138****8000', undefined],
    ['李建国 8000', undefined],
    ['8000 ljg', undefined],
    ['李建国', 'oneMore'],
    ['8000', 'oneMore'],
    ['李', 'oneMore'],
    ['ljg', 'oneMore'],
  ])('%s: %s', (text, why) => expect(whyUnspecific(searchOf(text), defaultPolicy, agent)).toBe(why));

  it('a policy may ask for more of those who lead, and for less of no agent', () => {
    expect(detailsAsked({ searchDetails: 1 }, agent)).toBe(2);
    expect(detailsAsked({ searchDetails: 1 }, { role: 'lead', practice: false })).toBe(1);
    expect(detailsAsked({}, { role: 'manager', practice: false })).toBe(2);
    expect(detailsAsked({}, { role: 'agent', practice: true })).toBe(1);
    expect(detailsAsked({ searchDetails: 2 }, { role: 'agent', practice: true })).toBe(2);
  });
});

describe('hostile input has a clear answer', () => {
  it.each<[string, string]>([
    ['', 'empty'],
    [' \t\n ', 'empty'],
    ['\u202e\u200f\u2066', 'empty'],
    ['1', 'tooShort'],
    ['12', 'tooShort'],
    ['l', 'tooShort'],
    ['😀👨‍👩‍👧🇨🇳', 'notUnderstood'],
    ['%', 'notUnderstood'],
    ['***', 'notUnderstood'],
    ['\'";--', 'notUnderstood'],
    ['李'.repeat(65), 'tooLong'],
    ['9'.repeat(10_000), 'tooLong'],
    ['NEAR('.repeat(2_000), 'tooLong'],
  ])('%j: %s', (text, why) => expect(readSearch(text)).toEqual({ kind: 'unclear', why }));

  it.each([
    "李' OR '1'='1",
    '李* OR 王*',
    'NEAR(li wang)',
    '"li" AND "wang"',
    '8000%',
    '_8000',
    '李\0建国',
    'li;DROP TABLE',
  ])('%j is words and digits, nothing more', (text) => {
    const read = readSearch(text);
    if (read.kind === 'unclear') return expect(read.why).toBe('tooShort');
    const { name, parts } = read.search;
    expect(name?.script === 'latin' ? name.words.join('') : (name?.text ?? '')).toMatch(/^[a-z\p{Script=Han}]*$/u);
    for (const { head, tail } of parts) expect(head + tail).toMatch(/^\d*$/);
  });

  it('whatever comes, reading it neither throws nor hangs', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        expect(['search', 'unclear']).toContain(readSearch(text).kind);
      }),
      { numRuns: 300 },
    );
  });
});
