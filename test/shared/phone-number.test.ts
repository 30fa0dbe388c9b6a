import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { groupNumber, maskNumber, numberKey, parseNumber, printable } from '../../shared/phone-number.ts';

describe('phone numbers', () => {
  it.each([
    ['13800138000', 'mobile', '+8613800138000'],
    ['+86 138 0013 8000', 'mobile', '+8613800138000'],
    ['0086-138-0013-8000', 'mobile', '+8613800138000'],
    ['8613800138000', 'mobile', '+8613800138000'],
    ['013800138000', 'mobile', '+8613800138000'],
    ['13800138000', 'mobile', '+8613800138000'],
    ['138 0013 8000 转 12', 'mobile', '+8613800138000'],
    ['(010) 6554-3210', 'fixed', '+861065543210'],
    ['010-65543210 ext. 88', 'fixed', '+861065543210'],
    ['+861065543210', 'fixed', '+861065543210'],
    ['0571 8765 4321', 'fixed', '+8657187654321'],
    ['400-123-4567', 'tollFree', '+864001234567'],
    ['10086', 'short', '10086'],
    ['95588', 'short', '95588'],
    ['110', 'emergency', '110'],
    ['+44 20 7946 0000', 'international', '+442079460000'],
    ['0044 20 7946 0000', 'international', '+442079460000'],
  ])('reads %s as %s %s', (raw, kind, key) => {
    expect(parseNumber(raw)).toMatchObject({ kind, key });
  });

  it.each(['', '  ', 'anonymous', 'Anonymous', 'unavailable', 'private', 'restricted'])(
    'takes %j as withheld',
    (raw) => {
      expect(parseNumber(raw)).toEqual({ kind: 'withheld' });
    },
  );

  it.each([
    'abc',
    '12',
    '138001380',
    '99999999999999999999999',
    '+',
    'sip:x@y',
    '<script>',
    '1380013800０x',
    '6554321',
  ])('takes %j as malformed, without throwing', (raw) => expect(parseNumber(raw).kind).toBe('malformed'));

  it('finds the same key however a mobile is written', () => {
    const digit = fc.integer({ min: 0, max: 9 }).map(String);
    const mobile = fc.tuple(fc.constantFrom('3', '5', '7', '8', '9'), fc.array(digit, { minLength: 9, maxLength: 9 }));
    const prefix = fc.constantFrom('', '+86', '0086', '86', '0', '+86 ', '+86-');
    const gap = fc.constantFrom('', ' ', '-', '.', ' - ');
    fc.assert(
      fc.property(mobile, prefix, gap, gap, ([second, rest], start, one, two) => {
        const plain = `1${second}${rest.join('')}`;
        const written = `${start}${plain.slice(0, 3)}${one}${plain.slice(3, 7)}${two}${plain.slice(7)}`;
        expect(numberKey(written)).toBe(`+86${plain}`);
      }),
    );
  });

  it('never throws and never lets more than digits and + into a key', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (raw) => {
        const key = numberKey(raw);
        expect(key === undefined || /^\+?\d+$/.test(key)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  it('groups and masks for people', () => {
    expect(groupNumber('13800138000')).toBe('138 0013 8000');
    expect(groupNumber('01065543210')).toBe('010 6554 3210');
    expect(maskNumber('13800138000')).toBe('138****8000');
    expect(maskNumber('10086')).toBe('***86');
  });

  it('security 76: control, bidi and zero-width characters are removed from wire texts', () => {
    expect(printable('李\u202e先\u200b生\r\nX: y\u0000')).toBe('李先生X: y');
    expect(printable('x'.repeat(500))).toHaveLength(64);
  });
});
