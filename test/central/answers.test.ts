import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answerFits, idCheckCharacter, passwordMark } from '../../central/answers.ts';
import type { PrivateValues } from '../../central/customers.ts';
import { keyedHash } from '../../central/secrets.ts';
import type { Factor } from '../../shared/verification.ts';

const key = new Uint8Array(32).fill(1);
const mark = (salt: string, value: string) => keyedHash(key, `${salt}\n${value}`);
const first17 = '00010119900307001';
const idNumber = `${first17}${idCheckCharacter(first17).toUpperCase()}`;
const kept: PrivateValues = {
  fields: {
    fullName: { class: 2, value: '欧阳明哲' },
    idNumber: { class: 3, value: idNumber },
    address: { class: 3, value: '岚桥市云栖区枫林路18号望湖苑3栋1202室' },
    contactPhone: { class: 3, value: '13800020001' },
  },
  bill: 128.5,
  packageNames: ['畅享99', 'Plus 99', '99元套餐'],
  password: { salt: 's', mark: passwordMark(mark, 's', '246810') },
};
const fits = (factor: Exclude<Factor, 'smsCode'>, said: string): boolean => answerFits(factor, said, kept, mark);

describe('R11 what a caller says is brought to one form before it is compared', () => {
  it.each([
    ['fullName', '欧阳明哲'],
    ['fullName', ' 欧阳 明哲 '],
    ['idNumber', idNumber],
    ['idNumber', idNumber.toLowerCase()],
    [
      'idNumber',
      Array.from(idNumber, (digit) => (/\d/.test(digit) ? String.fromCodePoint(0xff10 + Number(digit)) : digit)).join(
        '',
      ),
    ],
    ['idNumber', `${idNumber.slice(0, 6)} ${idNumber.slice(6, 14)} ${idNumber.slice(14)}`],
    ['idNumber', `${idNumber.slice(0, 6)}${idNumber.slice(8, 17)}`],
    ['contactPhone', '138 0002 0001'],
    ['contactPhone', '+86 138-0002-0001'],
    ['package', '畅享 99'],
    ['package', 'plus 99'],
    ['package', '畅享99套餐'],
    ['package', '99元'],
    ['lastBillRange', '128.5'],
    ['lastBillRange', '约'.replace('约', '') + '120'],
    ['lastBillRange', '¥135'],
    ['lastBillRange', '100-150'],
    ['lastBillRange', '120 到 140 元'],
    ['lastBillRange', '１２８'],
    ['servicePassword', '246810'],
    ['servicePassword', '246 810'],
    ['servicePassword', '２４６８１０'],
    ['address', '岚桥市云栖区枫林路18号望湖苑3栋1202室'],
    ['address', '云栖区枫林路18号望湖苑3栋1202'],
    ['address', '云栖 枫林路 18 号 望湖苑 3 栋 1202 室'],
    ['address', '枫林路一八号望湖苑三栋一二零二'],
  ] as const)('%s: %s fits', (factor, said) => {
    expect(fits(factor, said)).toBe(true);
  });

  it.each([
    ['fullName', '欧阳'],
    ['fullName', '明哲'],
    ['fullName', '***'],
    ['idNumber', idNumber.slice(0, 17)],
    ['idNumber', `${idNumber.slice(0, -1)}${idNumber.endsWith('1') ? '2' : '1'}`],
    ['idNumber', ''],
    ['contactPhone', '13800020002'],
    ['contactPhone', '0001'],
    ['package', '99元套餐畅享'],
    ['package', '套餐'],
    ['package', '畅享'],
    ['lastBillRange', '150'],
    ['lastBillRange', '100'],
    ['lastBillRange', '0-10000'],
    ['lastBillRange', '150-100'],
    ['lastBillRange', 'NaN'],
    ['lastBillRange', '1e2'],
    ['servicePassword', '24681'],
    ['servicePassword', ''],
    ['address', '枫林路'],
    ['address', '岚桥市云栖区'],
    ['address', '望湖苑3栋1202'],
    ['address', '枫林路18号望湖苑3栋1203室'],
    ['address', '1202'],
    ['address', ''],
  ] as const)('%s: %s does not', (factor, said) => {
    expect(fits(factor, said)).toBe(false);
  });

  it('nothing a caller could say throws, and empty customers match nothing', () => {
    const empty: PrivateValues = { fields: {}, bill: null, packageNames: [], password: null };
    const all = [
      'fullName',
      'idNumber',
      'address',
      'contactPhone',
      'package',
      'lastBillRange',
      'servicePassword',
    ] as const;
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), fc.constantFrom(...all), (said, factor) => {
        expect(answerFits(factor, said, empty, mark)).toBe(false);
        expect(typeof fits(factor, said)).toBe('boolean');
      }),
      { numRuns: 500 },
    );
  });
});
