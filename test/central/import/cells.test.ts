import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as cell from '../../../central/import/cells.ts';
import { columnsOf } from '../../../central/import/columns.ts';
import { nameOf } from '../../../central/import/customer-fields.ts';
import { Mapping, planColumns } from '../../../central/import/mapping.ts';
import { mergeCustomer } from '../../../central/import/merge-customer.ts';
import { customerReaders } from '../../../central/import/customer-fields.ts';
import { NumberOwners, ownerMark } from '../../../central/import/number-owners.ts';
import { readRow } from '../../../central/import/read-row.ts';
import { columnOfCell, dateOfSerial, isDateFormat, textOfNumber } from '../../../central/import/sheet-cells.ts';
import { SharedStrings } from '../../../central/import/shared-strings.ts';
import { Customer } from '../../../shared/customer.ts';
import { headerKey } from '../../../shared/list-columns.ts';

const nowMs = Date.UTC(2026, 10, 22);
const rules: cell.Rules = { foreignNumbers: false, utcOffset: '+08:00', nowMs };
const mark = (salt: string, value: string): string => `${salt} ${value}`;

describe('cells', () => {
  it('read every real day in every usual form, and no other', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('1900-01-02'), max: new Date('2099-12-30'), noInvalidDate: true }),
        (date) => {
          const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()];
          const two = (value: number) => String(value).padStart(2, '0');
          const wanted = Date.UTC(year, month - 1, day) - 8 * 3_600_000;
          for (const text of [
            `${year}-${two(month)}-${two(day)}`,
            `${year}/${month}/${day}`,
            `${year}年${month}月${day}日`,
            `${year}${two(month)}${two(day)}`,
            `${year}.${month}.${day} 0:00`,
            `${year}-${two(month)}-${two(day)}T00:00:00+08:00`,
          ])
            expect(cell.dateMs(text, rules), text).toEqual({ ok: true, value: wanted });
        },
      ),
    );
    for (const text of ['2026-02-30', '2026-13-01', '20260230', '2026-01-01 25:00', '26-1-1', '昨天', '2026-04-31'])
      expect(cell.dateMs(text, rules).ok, text).toBe(false);
  });

  it('a workbook’s serial days are the days Excel shows', () => {
    expect(dateOfSerial(43831, false)).toBe('2020-01-01');
    expect(dateOfSerial(42369, true)).toBe('2020-01-01');
    expect(dateOfSerial(43831.5, false)).toBe('2020-01-01 12:00:00');
    expect([14, 22, 57, 0, 2, 49].map((id) => isDateFormat(id, undefined))).toEqual([
      true,
      true,
      true,
      false,
      false,
      false,
    ]);
    expect(
      ['yyyy"年"m"月"', '[$-804]aaaa;@', '[Red]0.00', '"day" 0', 'h:mm'].map((code) => isDateFormat(200, code)),
    ).toEqual([...[true, false, false, false, true]]);
  });

  it('a number in a workbook keeps its digits or says that it lost some', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 99_999_999_999_999 }), (value) => {
        expect(textOfNumber(String(value))).toBe(String(value));
        expect(textOfNumber(value.toExponential())).toBe(String(value));
      }),
    );
    expect(textOfNumber('1.1010119900307E+17')).toBe('#ROUNDED!');
    expect(textOfNumber('99.900000000000006')).toBe('99.9');
    expect(['A1', 'Z9', 'AA1', 'XFD1', '1A'].map(columnOfCell)).toEqual([0, 25, 26, 16_383, undefined]);
  });

  it('a mobile number is one however it is written, and never becomes another', () => {
    const mobile = fc.tuple(fc.integer({ min: 3, max: 9 }), fc.integer({ min: 0, max: 999_999_999 }));
    fc.assert(
      fc.property(mobile, ([second, rest]) => {
        const digits = `1${second}${String(rest).padStart(9, '0')}`;
        for (const text of [
          digits,
          `+86 ${digits}`,
          `0086${digits}`,
          `${digits.slice(0, 3)}-${digits.slice(3, 7)}-${digits.slice(7)}`,
          `'+86${digits}`,
        ])
          expect(cell.phoneKey(cell.cleanCell(text), rules), text).toEqual({ ok: true, value: `+86${digits}` });
      }),
    );
  });

  it('whatever stands in a cell, it is read or refused with words in both languages', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        for (const [field, read] of Object.entries(customerReaders)) {
          const value = read(cell.cleanCell(text), rules);
          expect(value.ok || (value.error.zh !== '' && value.error.en !== ''), field).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('columns', () => {
  it('no name stands for two fields of one kind', () => {
    for (const [kind, fields] of Object.entries(columnsOf)) {
      const names = Object.values(fields).flatMap((some) => [...new Set(some.map(headerKey))]);
      expect(names.length, kind).toBe(new Set(names).size);
    }
  });

  it('every name is found, whatever its case, spaces and brackets', () => {
    const { columns, defaults } = Mapping.parse({ defaults: { fullName: '未知', number: '13800130001', id: 'C1' } });
    for (const [field, names] of Object.entries(columnsOf.customers))
      for (const name of names) {
        const plan = planColumns('customers', [` ${name.toUpperCase()}（必填） `], { columns, defaults });
        expect(plan.ok && plan.value.at.get(field), name).toBe(0);
      }
  });
});

describe('rows', () => {
  const header = [
    'id',
    'fullName',
    'number',
    'arpu',
    'lastBill',
    'previousBill',
    'list',
    'refusesMarketing',
    'packageName',
    'servicePassword',
    'memberSince',
    'idNumber',
  ];
  const plan = planColumns('customers', header, Mapping.parse({}));
  if (!plan.ok) throw new Error('no plan');
  const row = fc.record({
    fullName: fc.oneof(fc.constantFrom('欧阳修试', '王试', 'Ann Mary Li'), fc.string({ minLength: 1, maxLength: 40 })),
    arpu: fc.oneof(fc.constant(''), fc.nat(9_999).map(String)),
    lastBill: fc.oneof(
      fc.constant(''),
      fc.nat(99_999).map((cents) => (cents / 100).toFixed(2)),
    ),
    previousBill: fc.oneof(fc.constant(''), fc.nat(999).map(String)),
    list: fc.constantFrom('', '红', '黑名单', '普通'),
    refusesMarketing: fc.constantFrom('', '是', '否'),
    packageName: fc.oneof(fc.constant(''), fc.string({ maxLength: 100 })),
    servicePassword: fc.constantFrom('', '246810', '0000'),
    memberSince: fc.constantFrom('', '2020-02-29', '1999/12/31'),
    idNumber: fc.constantFrom('', '000101199003070016', 'E1234567'),
  });
  const valuesOf = (cells: object) => {
    const given: Record<string, string> = { id: 'C1', number: '13800130001', ...cells };
    const read = readRow(
      { row: 2, cells: header.map((field) => given[field] ?? '') },
      plan.value,
      customerReaders,
      ['id'],
      rules,
    );
    return read.kind === 'good' ? read.values : undefined;
  };

  it('a row that is taken gives a customer of the contract, and the same row again an equal one', () => {
    fc.assert(
      fc.property(row, row, (one, other) => {
        const [first, second] = [valuesOf(one), valuesOf(other)];
        fc.pre(first !== undefined && second !== undefined);
        const ports = { mark, nowMs };
        const once = mergeCustomer(undefined, 'C1', first, ports);
        expect(Customer.parse(once.customer)).toEqual(once.customer);
        const stored = JSON.parse(JSON.stringify(once)) as typeof once;
        expect(JSON.stringify(mergeCustomer(stored, 'C1', first, ports))).toBe(JSON.stringify(once));
        const twice = mergeCustomer(stored, 'C1', second, ports);
        expect(Customer.parse(twice.customer)).toEqual(twice.customer);
        // R22: a refusal stays.
        expect(twice.customer.refusesMarketing).toBe(
          once.customer.refusesMarketing || second.refusesMarketing === true,
        );
        expect(JSON.stringify(mergeCustomer(twice, 'C1', second, ports))).toBe(JSON.stringify(twice));
        // R11: what a seat holds has no private value in it.
        expect(JSON.stringify(twice.customer)).not.toMatch(/00010119900307|246810/u);
      }),
    );
  });

  it('names are masked but for the surname (R8)', () => {
    expect(['李雷', '欧阳修', '欧阳', '诸葛孔明', 'Ann Mary Li', 'Cher'].map(nameOf)).toEqual([
      { surname: '李', masked: '李*' },
      { surname: '欧阳', masked: '欧阳*' },
      { surname: '欧', masked: '欧*' },
      { surname: '诸葛', masked: '诸葛**' },
      { surname: 'Li', masked: 'Li **' },
      { surname: 'Cher', masked: 'Cher *' },
    ]);
  });
});

describe('tables outside the heap', () => {
  it('number owners answer as a map does', () => {
    const key = fc.oneof(
      fc.integer({ min: 0, max: 60_000 }).map((n) => `+86138000${String(n).padStart(5, '0')}`),
      fc.integer({ min: 100, max: 99_999 }).map(String),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(key, fc.integer({ min: 1, max: 5_000_000 })), { maxLength: 300 }), (given) => {
        const owners = new NumberOwners();
        const wanted = new Map<string, number>();
        for (const [number, row] of given) {
          owners.set(number, ownerMark(`C${row}`), row);
          wanted.set(number, row);
        }
        for (const [number, row] of wanted) expect(owners.get(number)).toEqual({ owner: ownerMark(`C${row}`), row });
        expect(owners.get('+8613999999999')).toBeUndefined();
      }),
    );
    const many = new NumberOwners();
    for (let n = 0; n < 50_000; n += 1) many.set(`+8613${String(n * 1_009).padStart(9, '0')}`, n, n + 1);
    for (let n = 0; n < 50_000; n += 997)
      expect(many.get(`+8613${String(n * 1_009).padStart(9, '0')}`)?.row).toBe(n + 1);
  });

  it('shared strings answer as an array does', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme', maxLength: 2_000 }), { maxLength: 80 }), (texts) => {
        const strings = new SharedStrings();
        for (const text of texts) strings.add(text);
        expect(texts.map((_, index) => strings.at(index))).toEqual(texts);
        expect(strings.at(texts.length)).toBeUndefined();
      }),
    );
  });
});
