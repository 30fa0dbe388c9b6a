import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { spoken } from '../../../main/engine/pinyin.ts';
import { searchHere } from '../../../main/engine/search.ts';
import type { Db } from '../../../main/engine/store/db.ts';
import { openDb } from '../../../main/engine/store/db.ts';
import { migrate, newestSchema } from '../../../main/engine/store/migrations.ts';
import { applyChange, clearWorkingSet, putCustomer } from '../../../main/engine/store/working-set.ts';
import type { Customer } from '../../../shared/customer.ts';
import { marksOf } from '../../../shared/name-key.ts';
import { defaultPolicy } from '../../../shared/policy.ts';
import { memoryLog } from '../harness.ts';
import { customer } from '../sample.ts';

const practice = { policy: defaultPolicy, role: 'agent', practice: true } as const;
const real = { ...practice, practice: false };

let folder: string;
let db: Db;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'zuoxi-search-'));
  db = openDb(folder, randomBytes(32), newestSchema, memoryLog());
  migrate(db);
});
afterEach(() => {
  db.close();
  rmSync(folder, { recursive: true, force: true });
});

const person = (id: string, full: string, surname: string, number: string): Customer =>
  customer(id, {
    surname,
    nameMasked: surname + '*'.repeat(full.length - surname.length),
    nameMarks: marksOf(full, surname, spoken),
    numbers: [{ key: `+86${number}`, confidence: 'certain' }],
  });
const hold = (...rows: Customer[]): void =>
  db.fill('rows', (write) => {
    for (const row of rows) putCustomer(write, row);
  });
const found = (text: string, asking: Parameters<typeof searchHere>[2] = practice): readonly string[] | string => {
  const answer = searchHere(db.read, text, asking);
  if (answer.kind !== 'found') return answer.kind === 'unclear' ? answer.why : answer.kind;
  return answer.rows.map((row) => `${row.customer.id}:${row.by}`);
};
const keys = (): number =>
  ['customer_tail', 'customer_name', 'customer_number']
    .map((table) => db.read.get<{ n: number }>('count', `SELECT count(*) AS n FROM ${table}`)?.n ?? 0)
    .reduce((sum, n) => sum + n, 0);

describe('customers this seat holds', () => {
  it('the surest comes first: number, account, name, part of a number, pinyin', () => {
    hold(
      person('1380', '李建国', '李', '13800138000'),
      person('C-2', '王芳', '王', '13900001380'),
      person('C-3', '单雄', '单', '13700137001'),
    );
    expect(found('13800138000')).toEqual(['1380:number']);
    expect(found('1380')).toEqual(['1380:account']);
    expect(found('李建国 8000')).toEqual(['1380:name']);
    expect(found('ljg8000')).toEqual(['1380:pinyin']);
    expect(found('shanxiong')).toEqual(['C-3:pinyin']);
    expect(found('7001')).toEqual(['C-3:numberPart']);
    expect(found('王')).toEqual(['C-2:surname']);
    expect(found('赵')).toEqual([]);
  });

  it('security 46: more than ten are none; with real customers a name alone is too little', () => {
    hold(...Array.from({ length: 11 }, (_, n) => person(`c${n}`, '李建国', '李', `1380013800${n % 10}`)));
    expect(found('李')).toBe('tooBroad');
    expect(found('李建国')).toBe('tooBroad');
    expect(found('李 8003')).toEqual(['c3:surname']);
    expect(found('李建国', real)).toBe('oneMore');
    expect(found('8003', real)).toBe('oneMore');
    expect(found('李建国 8003', real)).toEqual(['c3:name']);
    expect(found('13800138003', real)).toEqual(['c3:number']);
    expect(found('c10', real)).toEqual(['c10:account']);
  });

  it('R11: a given name is never compared with whoever a whole number found', () => {
    hold(person('c1', '李建国', '李', '13800138000'));
    expect(found('李小美 13800138000')).toEqual(['c1:number']);
    expect(found('王建国 13800138000')).toEqual([]);
  });

  it('keys follow the row: changed, dropped, cleared, none stays', () => {
    const before = person('c1', '李长乐', '李', '13800138000');
    hold(before, person('c2', '王芳', '王', '13900139000'));
    hold({ ...before, surname: '曾', nameMasked: '曾**', numbers: [{ key: '+8613700137000', confidence: 'certain' }] });
    expect(found('李')).toEqual([]);
    expect(found('8000')).toEqual([]);
    expect(found('zeng')).toEqual(['c1:pinyin']);
    expect(found('137000')).toEqual(['c1:numberPart']);
    db.fill('gone', (write) => applyChange(write, { entity: 'customer', id: 'c1', row: null }));
    expect(found('zeng')).toEqual([]);
    expect(keys()).toBe(3);
    db.fill('clear', clearWorkingSet);
    expect(keys()).toBe(0);
  });

  it('a customer of an older central, without marks, is found by name as well as it can be', () => {
    const { nameMarks: _, ...row } = person('c1', '李建国', '李', '13800138000');
    hold(row);
    expect(found('李建国')).toEqual(['c1:name']);
    expect(found('ljg')).toEqual(['c1:pinyin']);
    expect(found('李明')).toEqual([]);
  });

  it('found by each of its keys, and by nothing that belongs to another', () => {
    const surnames = ['王', '单', '仇', '曾', '解', '区', '欧阳', '尉迟'] as const;
    const given = Array.from('伟强磊军重长乐行建国海波子墨');
    const one = fc.record({
      surname: fc.constantFrom(...surnames),
      given: fc.array(fc.constantFrom(...given), { minLength: 1, maxLength: 2 }).map((all) => all.join('')),
      number: fc.integer({ min: 13_000_000_000, max: 19_999_999_999 }).map(String),
    });
    fc.assert(
      fc.property(fc.uniqueArray(one, { minLength: 2, maxLength: 6, selector: (each) => each.number }), (people) => {
        db.fill('clear', clearWorkingSet);
        const rows = people.map(({ surname, given: name, number }, n) =>
          person(`c-${n}`, surname + name, surname, number),
        );
        hold(...rows);
        for (const [n, { surname, given: name, number }] of people.entries()) {
          const initials = Array.from(name, (each) => spoken.of(each)[0] ?? '').join('');
          const typed = [
            [number, surname, number],
            [`+86 ${number}`, surname, number],
            [`c-${n}`, surname, number],
            [`${surname}${name}`, surname, null],
            [(spoken.surname(surname)[0] ?? []).join('') + initials, null, null],
            [`${surname} ${number.slice(-4)}`, surname, number.slice(-4)],
            [number.slice(0, 8), null, number.slice(0, 8)],
          ] as const;
          for (const [text, family, digits] of typed) {
            const answer = searchHere(db.read, text, practice);
            const ids = answer.kind === 'found' ? answer.rows.map((row) => row.customer) : [];
            expect(ids.map((row) => row.id)).toContain(`c-${n}`);
            for (const row of ids) {
              if (family !== null) expect(row.surname).toBe(text.startsWith('c-') ? surname : family);
              if (digits !== null && !text.startsWith('c-')) expect(row.numbers[0]?.key).toContain(digits);
            }
          }
        }
      }),
      { numRuns: 40 },
    );
  });
});
