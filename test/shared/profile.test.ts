import { describe, expect, it } from 'vitest';
import { editableFields, fieldRefusal, isEditable } from '../../shared/profile.ts';

const now = Date.UTC(2026, 10, 28);

describe('R7 what a field takes', () => {
  it.each([
    ['otherNumber', '138 0013 8000'],
    ['otherNumber', '010-6552 8899'],
    ['otherNumber', '+44 20 7946 0000'],
    ['email', 'zhiyuan.li@example.invalid'],
    ['birthday', '1988-02-29'],
    ['preferredTime', '晚上八点以后'],
    ['remark', 'x@y'],
  ] as const)('%s %s', (key, value) => expect(fieldRefusal(key, value, now)).toBeUndefined());

  it.each([
    ['otherNumber', '138', 'fieldNumber'],
    ['otherNumber', '110', 'fieldNumber'],
    ['otherNumber', '没有', 'fieldNumber'],
    ['email', 'zhiyuan', 'fieldEmail'],
    ['email', 'li zhi@example.invalid', 'fieldEmail'],
    ['email', 'a@b@example.invalid', 'fieldEmail'],
    ['email', 'li@example.', 'fieldEmail'],
    ['birthday', '1987-02-29', 'fieldBirthday'],
    ['birthday', '2026-11-29', 'fieldBirthday'],
    ['birthday', '1895-01-01', 'fieldBirthday'],
    ['birthday', '5 月 1 日', 'fieldBirthday'],
  ] as const)('%s %s is refused: %s', (key, value, reason) =>
    expect(fieldRefusal(key, value, now)).toEqual({ kind: 'invalid', reason }),
  );

  it('each can be taken back by leaving it empty', () => {
    for (const key of Object.keys(editableFields).filter(isEditable))
      expect(fieldRefusal(key, '', now)).toBeUndefined();
  });
});
